#!/bin/sh
# -i: a pause between the lines that are sent, and between ports.
. "$(dirname "$0")/lib.sh"

test_lines_go_out_one_an_interval()
{
	over native nc real || return 0
	printf 'one\ntwo\nthree' >"$T/in"
	serve accept recv-line 'expect:one\n' quiet-ms:600 \
	    recv-line 'expect:two\n' quiet-ms:600 recv-eof expect:three
	timed "$NC" -i 1 -N 127.0.0.1 "$PORT" <"$T/in"
	peer_done
	same "exit status" 0 "$RC"
	between "milliseconds" 1900 4000 "$MS"
}

test_traditional_pauses_before_each_line()
{
	over traditional || return 0
	printf 'one\ntwo\n' >"$T/in"
	serve accept quiet-ms:600 recv-line 'expect:one\n' quiet-ms:600 \
	    recv-line 'expect:two\n'
	timed "$NC" -i 1 127.0.0.1 "$PORT" <"$T/in"
	peer_done
	same "exit status" 0 "$RC"
	between "milliseconds" 1900 4000 "$MS"
}

test_an_interval_of_0_is_none()
{
	over native nc real || return 0
	printf 'one\ntwo\nthree\n' >"$T/in"
	serve accept recv-eof 'expect:one\ntwo\nthree\n'
	timed "$NC" -i 0 -N 127.0.0.1 "$PORT" <"$T/in"
	peer_done
	same "exit status" 0 "$RC"
	between "milliseconds" 0 800 "$MS"
}

test_native_takes_milliseconds()
{
	over native || return 0
	printf 'one\ntwo\nthree\n' >"$T/in"
	serve accept recv-line recv-line recv-line recv-eof \
	    'expect:one\ntwo\nthree\n'
	timed "$NC" -i 200ms -N 127.0.0.1 "$PORT" <"$T/in"
	peer_done
	same "exit status" 0 "$RC"
	between "milliseconds" 390 1500 "$MS"
}

test_what_comes_in_is_not_delayed()
{
	over native nc real || return 0
	printf 'one\ntwo\n' >"$T/in"
	serve accept recv-line "send:answer" "await:$T/go" recv-eof
	start run "$NC" -i 1 -N 127.0.0.1 "$PORT" <"$T/in"
	waitfor -t 2500 "text:$T/run.out:answer"
	touch "$T/go"
	finish run
	same "exit status" 0 "$RC"
	same "stdout" answer "$OUT"
	peer_done
}

# Its scripts know it so.
test_the_first_netcat_pauses_before_each_line()
{
	over traditional real-traditional || return 0
	printf 'one\ntwo\n' >"$T/in"
	serve accept quiet-ms:600 recv-line 'expect:one\n' quiet-ms:600 \
	    recv-line 'expect:two\n' close
	start run "$NC" -i 1 127.0.0.1 "$PORT" <"$T/in"
	peer_done
}

test_a_delay_is_before_all_that_was_read_at_once()
{
	over native ncat real-ncat || return 0
	printf 'one\ntwo\n' >"$T/in"
	serve accept quiet-ms:300 recv-line recv-line 'expect:one\ntwo\n' close
	timed "$NC" --delay 500ms 127.0.0.1 "$PORT" <"$T/in"
	peer_done
	between "milliseconds" 450 2000 "$MS"
}

test_a_delay_holds_back_what_comes_as_well()
{
	over native ncat real-ncat || return 0
	serve accept send:answer close
	timed "$NC" --delay 400ms 127.0.0.1 "$PORT" </dev/null
	peer_done
	same "stdout" answer "$OUT"
	between "milliseconds" 380 2000 "$MS"
}

test_a_delay_is_no_idleness()
{
	over native || return 0
	serve accept send:answer close
	run "$NC" --delay 1500ms -w 1 127.0.0.1 "$PORT" </dev/null
	peer_done
	same "stdout" answer "$OUT"
	same "exit status" 0 "$RC"
}

test_a_negative_interval_is_an_error()
{
	over nc real || return 0
	run "$NC" -i -1 127.0.0.1 1 </dev/null
	same "exit status" 1 "$RC"
	same "stderr" "nc: interval too small: -1" "$ERR"
}

run_tests "$@"
