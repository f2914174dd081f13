#!/bin/sh
# -i: a pause between the lines that are sent, and between ports.
. "$(dirname "$0")/lib.sh"

test_lines_go_out_one_an_interval()
{
	over native nc real || return 0
	printf 'one\ntwo\nthree' >"$T/in"
	serve accept recv-line 'expect:one\n' quiet-ms:500 \
	    recv-line 'expect:two\n' quiet-ms:500 recv-eof expect:three
	timed "$NC" -i 2 -N 127.0.0.1 "$PORT" <"$T/in"
	peer_done
	same "exit status" 0 "$RC"
	at_least "milliseconds" 3900 "$MS"
}

test_traditional_pauses_before_each_line()
{
	over traditional || return 0
	printf 'one\ntwo\n' >"$T/in"
	serve accept quiet-ms:500 recv-line 'expect:one\n' quiet-ms:500 \
	    recv-line 'expect:two\n'
	timed "$NC" -i 2 127.0.0.1 "$PORT" <"$T/in"
	peer_done
	same "exit status" 0 "$RC"
	at_least "milliseconds" 3900 "$MS"
}

test_an_interval_of_0_is_none()
{
	over native nc real || return 0
	seq 1000 >"$T/in"
	serve accept recv-eof "save:$T/got"
	run "$NC" -i 0 -N 127.0.0.1 "$PORT" <"$T/in"
	peer_done
	same "exit status" 0 "$RC"
	same_file "what came" "$T/in" "$T/got"
}

test_native_takes_milliseconds()
{
	printf 'one\ntwo\nthree\n' >"$T/in"
	serve accept recv-line recv-line recv-line recv-eof \
	    'expect:one\ntwo\nthree\n'
	timed "$NC" -i 200ms -N 127.0.0.1 "$PORT" <"$T/in"
	peer_done
	same "exit status" 0 "$RC"
	at_least "milliseconds" 390 "$MS"
}

test_what_comes_in_is_not_delayed()
{
	over native nc real || return 0
	printf 'one\ntwo\n' >"$T/in"
	serve accept recv-line 'expect:one\n' "send:answer" recv-end
	# The real nc takes nothing before the pause is over.
	pause=60
	[ "$SUBJECT" != real ] || pause=1
	start run "$NC" -i $pause -N 127.0.0.1 "$PORT" <"$T/in"
	true_that "it is shown" waitfor "text:$T/run.out:answer"
	stop run
	peer_done
}

# Its scripts know it so.
test_the_first_netcat_pauses_before_each_line()
{
	over traditional real-traditional || return 0
	printf 'one\ntwo\n' >"$T/in"
	serve accept quiet-ms:500 recv-line 'expect:one\n' quiet-ms:500 \
	    recv-line 'expect:two\n' close
	start run "$NC" -i 2 127.0.0.1 "$PORT" <"$T/in"
	peer_done
}

test_a_delay_is_before_all_that_was_read_at_once()
{
	over native ncat real-ncat || return 0
	printf 'one\ntwo\n' >"$T/in"
	serve accept quiet-ms:300 recv-line recv-line 'expect:one\ntwo\n' close
	timed "$NC" --delay 2 127.0.0.1 "$PORT" <"$T/in"
	peer_done
	at_least "milliseconds" 1950 "$MS"
}

test_a_delay_holds_back_what_comes_as_well()
{
	over native ncat real-ncat || return 0
	serve accept send:answer close
	timed "$NC" --delay 400ms 127.0.0.1 "$PORT" </dev/null
	peer_done
	same "stdout" answer "$OUT"
	at_least "milliseconds" 380 "$MS"
}

test_a_delay_is_no_idleness()
{
	serve accept send:answer close
	run "$NC" --delay 4 -w 3 127.0.0.1 "$PORT" </dev/null
	peer_done
	same "stdout" answer "$OUT"
	same "exit status" 0 "$RC"
}

test_a_negative_interval_is_an_error()
{
	over nc real || return 0
	run_gives 1 "$NC" -i -1 127.0.0.1 1 </dev/null
	same "stderr" "nc: interval too small: -1" "$ERR"
}

run_tests "$@"
