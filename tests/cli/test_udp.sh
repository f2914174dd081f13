#!/bin/sh
# UDP: datagrams keep their boundaries, answers find their way.
. "$(dirname "$0")/lib.sh"

udp_listener()	# OPTION...
{
	free_port
	launch_udp listener "$NC" -u "$@" -l "$PORT" <"$T/idle"
}

test_a_datagram_and_its_answer_go_there_and_back()
{
	over native nc real || return 0
	hold
	serve_udp recv-dgram expect:PING send:PONG
	start run "$NC" -u 127.0.0.1 "$PORT" <"$T/idle"
	printf PING >&9
	peer_done
	waitfor "text:$T/run.out:PONG"
	waits run
}

test_a_client_waits_for_answers_after_the_end_of_stdin()
{
	over native nc real || return 0
	serve_udp recv-dgram expect:PING "await:$T/go" send:PONG send:PANG
	printf PING >"$T/in"
	start run "$NC" -u 127.0.0.1 "$PORT" <"$T/in"
	waits run
	touch "$T/go"
	waitfor "text:$T/run.out:PONGPANG"
	waits run
	peer_done
}

test_W_1_is_one_question_and_one_answer()
{
	over native nc real || return 0
	serve_udp recv-dgram expect:PING send:PONG
	printf PING >"$T/in"
	run_gives 0 "$NC" -u -W 1 127.0.0.1 "$PORT" <"$T/in"
	same "stdout" PONG "$OUT"
	same "stderr" "" "$ERR"
	peer_done
}

test_w_3_ends_after_three_silent_seconds()
{
	over native nc real || return 0
	serve_udp recv-dgram expect:PING send:PONG
	printf PING >"$T/in"
	timed "$NC" -u -w 3 127.0.0.1 "$PORT" <"$T/in"
	same "exit status" 0 "$RC"
	same "stdout" PONG "$OUT"
	at_least "milliseconds" 2950 "$MS"
}

says_one_word()
{
	serve_udp recv-dgram expect:PING
	printf PING >"$T/in"
	timed "$NC" -u -q 0 127.0.0.1 "$PORT" <"$T/in"
	same "exit status" 0 "$RC"
	peer_done
}

test_q_0_ends_at_once()
{
	over native nc real || return 0
	soon 700 says_one_word
}

test_q_3_still_shows_an_answer_that_comes_within_that_time()
{
	# The real nc throws it away.
	over native nc || return 0
	serve_udp recv-dgram expect:PING send:PONG
	printf PING >"$T/in"
	timed "$NC" -u -q 3 127.0.0.1 "$PORT" <"$T/in"
	same "exit status" 0 "$RC"
	same "stdout" PONG "$OUT"
	at_least "milliseconds" 2950 "$MS"
}

test_ncat_gives_the_answer_a_second_and_ends()
{
	# The real ncat ends before the answer comes.
	over ncat || return 0
	printf PING >"$T/in"
	# On a busy machine a second may not be enough once.
	for _ in 1 2 3 4 5; do
		serve_udp recv-dgram expect:PING send:PONG
		timed "$NC" -u 127.0.0.1 "$PORT" <"$T/in"
		same "exit status" 0 "$RC"
		at_least "milliseconds" 950 "$MS"
		[ "$OUT" != PONG ] || break
		finish peer
	done
	same "stdout" PONG "$(cat "$T/run.out")"
}

test_a_listener_locks_to_its_first_peer()
{
	over native nc real || return 0
	hold
	udp_listener
	start one "$TOOLS/peer" "udp-connect:$PORT" send:first recv-dgram \
	    expect:answer "touch:$T/answered" "await:$T/more" send:again
	waitfor "text:$T/listener.out:first"
	printf answer >&9
	waitfor "file:$T/answered"
	run "$TOOLS/peer" "udp-connect:$PORT" send:stranger recv-dgram
	holds "a second sender" "$ERR" "refused"
	touch "$T/more"
	waitfor "text:$T/listener.out:again"
	same "stdout" firstagain "$(cat "$T/listener.out")"
	finish one
	same "first sender, which said <$ERR>" 0 "$RC"
	waits listener
}

test_keep_open_hears_everybody()
{
	over native nc real || return 0
	hold
	udp_listener -k
	for n in 1 2 3; do
		start peer "$TOOLS/peer" "udp-connect:$PORT" "send:from$n"
		peer_done
		waitfor "text:$T/listener.out:from$n"
	done
	same "stdout" from1from2from3 "$(cat "$T/listener.out")"
	waits listener
}

# One datagram, or a silent second, and then another datagram.
test_with_keep_open_a_limit_ends_a_session_alone()
{
	over native nc real || return 0
	for limit in -W -w; do
		free_port
		launch_udp listener "$NC" -u -l -k "$limit" 1 127.0.0.1 "$PORT" \
		    </dev/null
		for n in one two three; do
			start peer "$TOOLS/peer" "udp-connect:$PORT" "send:$n\n"
			peer_done
			true_that "$n" waitfor "text:$T/listener.out:$n"
			[ "$limit" = -W ] || run "$TOOLS/wakeups" "$(
			    pid_of listener)" 1200
		done
		stop listener
		same "stdout" "one two three" "$(echo $OUT)"
	done
}

test_with_keep_open_and_tags_too()
{
	free_port
	launch_udp listener "$NC" -u -l -k -W 1 --tag '> ' 127.0.0.1 "$PORT" \
	    </dev/null
	for n in one two; do
		start peer "$TOOLS/peer" "udp-connect:$PORT" "send:$n\n"
		peer_done
		true_that "$n" waitfor "text:$T/listener.out:> $n"
	done
	waits listener
}

test_an_empty_datagram_is_not_the_end()
{
	# The real nc takes it for one.
	over native nc || return 0
	hold
	udp_listener
	start one "$TOOLS/peer" "udp-connect:$PORT" send:one send: send:two
	waitfor "text:$T/listener.out:two"
	same "stdout" onetwo "$(cat "$T/listener.out")"
	waits listener
	finish one
}

test_an_empty_datagram_ends_no_client_either()
{
	over native nc || return 0
	serve_udp recv-dgram send: send:more
	printf PING >"$T/in"
	start run "$NC" -u 127.0.0.1 "$PORT" <"$T/in"
	waitfor "text:$T/run.out:more"
	waits run
	peer_done
}

test_the_largest_datagram_arrives_whole()
{
	# The real nc cuts it to 16384 bytes.
	over native nc || return 0
	hold
	udp_listener
	start peer "$TOOLS/peer" "udp-connect:$PORT" fill:65507
	peer_done
	waitfor "size:$T/listener.out:65507"
	start check "$TOOLS/peer" "listen:$T/port2" accept recv-eof \
	    expect-fill:65507
	waitfor "file:$T/port2"
	"$TOOLS/peer" "connect:$(cat "$T/port2")" "send-file:$T/listener.out"
	finish check
	same "the bytes, of which the checker said <$ERR>" 0 "$RC"
}

test_datagrams_into_a_listener_keep_their_order_and_sum()
{
	over native nc real || return 0
	hold
	udp_listener
	start peer "$TOOLS/peer" "udp-connect:$PORT" send:1 send:22 send:333 \
	    fill:9000 send:4444
	peer_done
	waitfor "size:$T/listener.out:9010"
	same "stdout" 122333 "$(head -c 6 "$T/listener.out")"
	same "stdout" 4444 "$(tail -c 4 "$T/listener.out")"
}

test_a_line_typed_is_a_datagram_of_its_own()
{
	over native nc real || return 0
	hold
	serve_udp recv-dgram 'expect:one\n' "touch:$T/got" recv-dgram \
	    'expect:two\n'
	start run "$NC" -u 127.0.0.1 "$PORT" <"$T/idle"
	echo one >&9
	waitfor "file:$T/got"
	echo two >&9
	peer_done
}

test_a_block_of_stdin_is_a_datagram_of_16384_bytes()
{
	over nc real || return 0
	bytes 40000 >/dev/null
	serve_udp recv-dgram expect-size:16384 recv-dgram expect-size:16384 \
	    recv-dgram expect-size:7232
	start run "$NC" -u 127.0.0.1 "$PORT" <"$(bytes 40000)"
	peer_done
}

test_a_closed_port_is_success_and_silence_for_nc()
{
	over nc real || return 0
	printf 'PING\n' >"$T/in"
	run_gives 0 "$NC" -u -w 1 127.0.0.1 "$(closed_port)" <"$T/in"
	same "stderr" "" "$ERR"
}

test_a_closed_port_is_a_warning_and_no_hang()
{
	printf 'PING\n' >"$T/in"
	PORT=$(closed_port)
	run "$NC" -u -w 1 127.0.0.1 "$PORT" <"$T/in"
	lacks "exit status" "$RC" hang
	holds "stderr" "$ERR" "refused"
	one_line "stderr" "$ERR"
}

test_a_listener_ends_one_second_after_the_last_packet_with_w()
{
	over native nc real || return 0
	hold
	udp_listener -w 1
	start peer "$TOOLS/peer" "udp-connect:$PORT" send:hi
	exits listener 0
	same "stdout" hi "$OUT"
	peer_done
}

test_ipv6_datagrams_go_both_ways()
{
	over native nc real || return 0
	need_ipv6 || return 0
	hold
	free_port
	launch_udp listener "$NC" -6 -u -l "$PORT" <"$T/idle"
	start peer "$TOOLS/peer" "udp6-connect:$PORT" send:six recv-dgram \
	    expect:zes
	waitfor "text:$T/listener.out:six"
	printf zes >&9
	peer_done
}

test_a_listener_of_both_families_answers_ipv4_and_ipv6()
{
	need_ipv6 || return 0
	for family in udp-connect udp6-connect; do
		hold
		udp_listener
		start peer "$TOOLS/peer" "$family:$PORT" send:ask \
		    recv-dgram expect:answer
		waitfor "text:$T/listener.out:ask"
		printf answer >&9
		peer_done
		stop listener
	done
}

test_called_as_nc_the_udp_wildcard_is_ipv4()
{
	over nc real || return 0
	need_ipv6 || return 0
	hold
	udp_listener
	run "$TOOLS/peer" "udp6-connect:$PORT" send:six recv-dgram
	holds "an IPv6 sender" "$ERR" "refused"
}

test_ncat_hears_both_families()
{
	over ncat real-ncat || return 0
	need_ipv6 || return 0
	for family in udp udp6; do
		free_port
		hold
		launch_udp listener "$NC" -u -l "$PORT" <"$T/idle"
		"$TOOLS/peer" sleep-ms:50
		"$TOOLS/peer" "$family-connect:$PORT" send:hello
		true_that "$family is heard" \
		    waitfor "text:$T/listener.out:hello"
		end_it "$(pid_of listener)"
	done
}

test_a_socket_that_fails_is_a_failure_with_tags_too()
{
	need_strace || return 0
	free_port
	launch_udp listener strace -qq -o /dev/null \
	    -e inject=recvfrom:error=ENOTCONN "$NC" -u -l -k --tag '%a ' \
	    127.0.0.1 "$PORT" </dev/null
	"$TOOLS/peer" "udp-connect:$PORT" send:hello
	exits listener 1
	holds "stderr" "$ERR" "is not connected"
}

test_what_can_never_be_sent_is_lost()
{
	free_port
	echo words >"$T/in"
	run_gives 1 "$NC" -u -l -k --send-only "$PORT" <"$T/in"
	one_line "what was lost" "$ERR"
}

run_tests "$@"
