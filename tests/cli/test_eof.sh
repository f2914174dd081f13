#!/bin/sh
# What the end of each side's data does: -N, -q, -d, -w, -W, --no-shutdown.
. "$(dirname "$0")/lib.sh"

# A server that answers after our question, whether or not we close.
answers()	# WORD...: what it does after it has got PING
{
	printf PING >"$T/in"
	serve accept recv:4 expect:PING "$@"
}

test_n_half_closes_and_takes_a_late_answer()
{
	over native nc real || return 0
	answers recv-eof "await:$T/go" send:PONG
	start run "$NC" -N 127.0.0.1 "$PORT" <"$T/in"
	waits run
	touch "$T/go"
	finish run
	same "stdout" PONG "$OUT"
	same "exit status" 0 "$RC"
	peer_done
}

test_nc_does_not_half_close_by_itself()
{
	over nc real || return 0
	answers quiet-ms:300 send:PONG
	run "$NC" 127.0.0.1 "$PORT" <"$T/in"
	same "stdout" PONG "$OUT"
	same "exit status" 0 "$RC"
	peer_done
}

test_native_half_closes_by_itself()
{
	answers recv-eof send:PONG
	run "$NC" 127.0.0.1 "$PORT" <"$T/in"
	same "stdout" PONG "$OUT"
	same "exit status" 0 "$RC"
	peer_done
}

test_no_shutdown_keeps_native_from_half_closing()
{
	answers quiet-ms:300 send:PONG
	run "$NC" --no-shutdown 127.0.0.1 "$PORT" <"$T/in"
	same "stdout" PONG "$OUT"
	same "exit status" 0 "$RC"
	peer_done
}

test_with_stdin_from_dev_null_native_does_not_half_close()
{
	serve accept quiet-ms:300 send:PONG fin recv-eof
	run "$NC" 127.0.0.1 "$PORT" </dev/null
	same "stdout" PONG "$OUT"
	same "exit status" 0 "$RC"
	peer_done
}

test_a_silent_server_is_waited_for()
{
	over native nc real || return 0
	answers "await:$T/over"
	start run "$NC" -N 127.0.0.1 "$PORT" <"$T/in"
	waits run
	touch "$T/over"
	exits run 0
}

test_q_0_half_closes_and_takes_the_answer()
{
	over native nc real || return 0
	answers recv-eof "sleep-ms:200" send:PONG
	run "$NC" -q 0 127.0.0.1 "$PORT" <"$T/in"
	same "stdout" PONG "$OUT"
	same "exit status" 0 "$RC"
	peer_done
}

test_q_0_waits_for_the_end_of_a_silent_peer()
{
	over native nc real || return 0
	answers recv-eof "await:$T/over"
	start run "$NC" -q 0 127.0.0.1 "$PORT" <"$T/in"
	waits run
	touch "$T/over"
	exits run 0
}

test_q_half_closes_and_ends_with_the_peer_or_when_it_is_over()
{
	over native nc || return 0
	answers recv-eof send:PONG fin
	run "$NC" -q 60 127.0.0.1 "$PORT" <"$T/in"
	same "stdout" PONG "$OUT"
	same "exit status with the peer's end" 0 "$RC"
	answers recv-eof "await:$T/over"
	timed "$NC" -q 1 127.0.0.1 "$PORT" <"$T/in"
	same "exit status" 0 "$RC"
	at_least "milliseconds until its own" 950 "$MS"
	touch "$T/over"
	peer_done
}

test_q_minus_1_waits_and_does_not_half_close()
{
	over native nc real || return 0
	answers quiet-ms:300 send:PONG
	run "$NC" -q -1 127.0.0.1 "$PORT" <"$T/in"
	same "stdout" PONG "$OUT"
	same "exit status" 0 "$RC"
	peer_done
}

test_w_3_ends_three_seconds_after_the_last_byte()
{
	over native nc real || return 0
	answers send:PONG "await:$T/over"
	timed "$NC" -w 3 127.0.0.1 "$PORT" <"$T/in"
	same "stdout" PONG "$OUT"
	same "exit status" 0 "$RC"
	at_least "milliseconds" 2950 "$MS"
	touch "$T/over"
	peer_done
}

test_d_sends_nothing_and_reads_nothing()
{
	over native nc real || return 0
	printf PING >"$T/in"
	serve accept quiet-ms:300 send:hello fin recv-eof
	start run sh -c '"$1" -d 127.0.0.1 "$2"; cat' - "$NC" "$PORT" <"$T/in"
	finish run
	same "stdout, with what is left of stdin" helloPING "$OUT"
	peer_done
}

test_the_peer_s_end_does_not_end_nc_while_stdin_is_open()
{
	over nc real || return 0
	hold
	serve accept send:bye fin "touch:$T/gone" recv-eof
	start run "$NC" -N 127.0.0.1 "$PORT" <"$T/idle"
	waitfor "file:$T/gone" "text:$T/run.out:bye"
	waits run
	release
	exits run 0
	peer_done
}

test_the_peer_s_end_ends_native_when_stdin_is_idle()
{
	hold
	serve accept send:bye fin recv-eof
	run_gives 0 "$NC" 127.0.0.1 "$PORT" <"$T/idle"
	same "stdout" bye "$OUT"
	peer_done
}

test_the_peer_s_end_does_not_end_native_when_stdin_has_given_data()
{
	hold
	serve accept recv:3 send:bye fin "touch:$T/gone" recv-eof \
	    expect:onetwo
	start run "$NC" 127.0.0.1 "$PORT" <"$T/idle"
	printf one >&9
	waitfor "file:$T/gone" "text:$T/run.out:bye"
	waits run
	printf two >&9
	release
	exits run 0
	peer_done
}

test_the_client_s_end_ends_a_listener_even_with_stdin_open()
{
	over native nc real || return 0
	free_port
	hold
	launch listener "$NC" -l "$PORT" <"$T/idle"
	start peer "$TOOLS/peer" "connect:$PORT" send:hi fin recv-eof
	exits listener 0
	same "stdout" hi "$OUT"
	peer_done
}

test_a_listener_waits_for_the_client_after_the_end_of_stdin()
{
	over native nc real || return 0
	free_port
	printf REPLY >"$T/in"
	launch listener "$NC" -l "$PORT" <"$T/in"
	start peer "$TOOLS/peer" "connect:$PORT" recv:5 expect:REPLY \
	    "touch:$T/got" "await:$T/go" send:request fin recv-eof
	waitfor "file:$T/got"
	waits listener
	touch "$T/go"
	peer_done
	exits listener 0
	same "stdout" request "$OUT"
}

test_N_half_closes_a_listener_s_client()
{
	over native nc real || return 0
	free_port
	printf REPLY >"$T/in"
	launch listener "$NC" -N -l "$PORT" <"$T/in"
	start peer "$TOOLS/peer" "connect:$PORT" recv-eof expect:REPLY \
	    "sleep-ms:200" send:request fin
	exits listener 0
	same "stdout" request "$OUT"
	peer_done
}

test_a_request_that_comes_after_the_reply_is_not_lost_with_q()
{
	# The real nc stops to listen at the end of its stdin.
	over native nc || return 0
	free_port
	printf REPLY >"$T/in"
	launch listener "$NC" -q 60 -l "$PORT" <"$T/in"
	start peer "$TOOLS/peer" "connect:$PORT" recv:5 "sleep-ms:200" \
	    send:request fin recv-eof
	finish listener
	same "stdout" request "$OUT"
	same "exit status" 0 "$RC"
	peer_done
}

test_W_ends_after_that_many_reads()
{
	over native nc real || return 0
	hold
	serve accept send:one "await:$T/go" send:two recv-end
	start run "$NC" -W 2 127.0.0.1 "$PORT" <"$T/idle"
	waitfor "text:$T/run.out:one"
	waits run
	touch "$T/go"
	exits run 0
	same "stdout" onetwo "$OUT"
	peer_done
}

test_a_terminal_as_stdin_ends_with_the_key_for_it()
{
	over native nc real || return 0
	serve accept recv-eof 'expect:typed\n' send:bye
	start run "$TOOLS/ptyrun" on=0 'type=typed\n' 'type=\d' -- \
	    "$NC" -N 127.0.0.1 "$PORT"
	peer_done
	exits run 0
	holds "what was shown" "$(cat "$T/run.out")" bye
}

test_the_peer_s_end_ends_native_on_a_terminal()
{
	serve accept recv-line send:bye fin recv-eof
	start run "$TOOLS/ptyrun" on=0 'type=typed\n' -- \
	    "$NC" 127.0.0.1 "$PORT"
	exits run 0
	peer_done
}

test_ncat_half_closes_at_the_end_of_stdin()
{
	over ncat real-ncat || return 0
	answers recv-eof send:PONG
	run "$NC" 127.0.0.1 "$PORT" <"$T/in"
	same "stdout" PONG "$OUT"
	same "exit status" 0 "$RC"
	peer_done
}

test_send_only_closes_at_the_end_of_stdin()
{
	over ncat real-ncat || return 0
	answers recv-end
	run_gives 0 "$NC" --send-only 127.0.0.1 "$PORT" <"$T/in"
	peer_done
}

# Who answers while it is sent to would else wait for us, and we for it.
test_send_only_discards_what_the_peer_says()
{
	over native nc ncat || return 0
	serve accept fill:16000000 recv-eof expect-size:16000000
	run_gives 0 "$NC" --send-only 127.0.0.1 "$PORT" <"$(bytes 16000000)"
	peer_done
}

# All of it is in our kernel then, and not in the peer's.
test_who_is_left_may_still_say_it_all()
{
	over traditional || return 0
	serve rcvbuf:4096 accept fill:16000000 recv-eof expect-size:1000000
	run_gives 0 "$NC" -q 0 127.0.0.1 "$PORT" <"$(bytes 1000000)"
	peer_done
}

test_a_send_only_listener_discards_too()
{
	over native nc ncat || return 0
	mkfifo "$T/in"
	listener --send-only <>"$T/in"
	guest one fill:16000000 fin
	guest_done one
	end_it "$(pid_of listener)"
}

test_traditional_q_1_half_closes_and_ends()
{
	over traditional real-traditional || return 0
	answers recv-eof "await:$T/over"
	timed "$NC" -q 1 127.0.0.1 "$PORT" <"$T/in"
	same "exit status" 0 "$RC"
	at_least "milliseconds" 900 "$MS"
	touch "$T/over"
}

test_traditional_w_1_is_two_seconds_of_silence()
{
	over traditional real-traditional || return 0
	serve accept recv:4 recv-end
	printf PING >"$T/in"
	timed "$NC" -w 1 127.0.0.1 "$PORT" <"$T/in"
	same "exit status" 0 "$RC"
	at_least "milliseconds" 1900 "$MS"
}

test_traditional_ends_with_the_peer_even_with_stdin_open()
{
	over traditional real-traditional || return 0
	hold
	serve accept send:bye fin recv-end
	run_gives 0 "$NC" 127.0.0.1 "$PORT" <"$T/idle"
	same "stdout" bye "$OUT"
}

run_tests "$@"
