#!/bin/sh
# --reconnect: another connection when one has ended, for the same input.
. "$(dirname "$0")/lib.sh"

again()	# OPTION...: the subject, with a short pause, on what hold() holds
{
	start run "$NC" --reconnect --retry-delay 20ms "$@" 127.0.0.1 "$PORT" \
	    <"$T/idle"
}

test_the_next_connection_gets_what_comes_then()
{
	over native nc || return 0
	hold
	serve accept recv-line "expect:one\n" send:1 close \
	    accept "touch:$T/second" recv-line "expect:two\n" send:2 recv-eof
	again -N
	echo one >&9
	waitfor "file:$T/second"
	echo two >&9
	waitfor "text:$T/run.out:12"
	release
	exits run 0
	same "stdout" 12 "$OUT"
	same "stderr" "" "$ERR"
	peer_done
}

test_what_comes_in_between_waits_for_it()
{
	hold
	serve accept "touch:$T/first" close unlisten
	again -v --retry-delay 300ms
	waitfor "file:$T/first"
	waitfor "text:$T/run.err:trying again"
	echo between >&9
	peer_done
	start two "$NC" -l "$PORT" </dev/null
	waitfor "text:$T/two.out:between"
	release
	exits run 0
}

test_a_reset_is_told_and_made_good()
{
	hold
	serve accept recv-line rst accept "touch:$T/second" recv-eof
	again
	echo one >&9
	waitfor "file:$T/second"
	release
	finish run
	fails_with_one_line 0
	holds "stderr" "$ERR" "Connection reset by peer"
	peer_done
}

test_what_was_lost_is_told_and_never_made_good()
{
	over native nc || return 0
	serve rcvbuf:4096 accept "await:$T/go" rst accept recv-eof
	start run "$NC" -N --reconnect --retry-delay 20ms 127.0.0.1 "$PORT" \
	    <"$(bytes 9000000)"
	# All is full then.
	waitfor "linked:$PORT" "asleep:$(pid_of run)"
	touch "$T/go"
	finish run
	fails_with_one_line 1
	if [ "$SUBJECT" = native ]; then
		holds "stderr" "$ERR" "bytes lost)"
	else
		holds "stderr" "$ERR" "bytes of the input not sent"
	fi
	peer_done
}

test_an_end_of_the_input_is_the_end()
{
	serve accept recv-eof "expect:x" send:y
	printf x >"$T/in"
	run_gives 0 "$NC" --reconnect 127.0.0.1 "$PORT" <"$T/in"
	same "stdout" y "$OUT"
	peer_done
}

test_without_an_input_it_goes_on()
{
	over native nc || return 0
	serve accept send:1 close accept send:2 close accept send:3 recv-end
	start run "$NC" -d --reconnect --retry-delay 20ms 127.0.0.1 "$PORT" \
	    </dev/null
	waitfor "text:$T/run.out:123"
	stop run
	same "exit status" 143 "$RC"
	peer_done
}

test_the_first_connection_has_to_come_about()
{
	PORT=$(closed_port)
	run "$NC" --reconnect 127.0.0.1 "$PORT" </dev/null
	fails_with_one_line 1
}

test_retry_is_a_limit_of_coming_back()
{
	hold
	serve accept unlisten close
	again -v --retry 2
	exits run 1
	same "failures" 3 "$(grep -c refused "$T/run.err")"
	peer_done
}

test_a_command_is_run_for_each()
{
	over native nc || return 0
	serve accept recv-eof expect:hi close accept recv-eof expect:hi
	start run "$NC" --reconnect --retry-delay 20ms -c 'printf hi' \
	    127.0.0.1 "$PORT"
	peer_done
	stop run
	same "exit status" 143 "$RC"
}

test_an_output_that_has_gone_is_the_end()
{
	hold
	serve accept "await:$T/gone" send:x recv-end
	start run sh -c '"$@" | { exec <&-; : >"$0/gone"; }; exit 7' "$T" \
	    "$NC" --reconnect 127.0.0.1 "$PORT" <"$T/idle"
	exits run 7
}

test_a_unix_datagram_socket_makes_its_own_name_anew()
{
	hold
	start run "$NC" -v -u -U --retry 500 --retry-delay 20ms -s "$T/me" \
	    "$T/s" <"$T/idle"
	waitfor "text:$T/run.err:trying again"
	start two "$TOOLS/peer" "ud-bind:$T/s" recv-dgram expect:hi send:ho
	waitfor "unix:$T/s"
	# Until it is connected nothing is read.
	printf hi >&9
	waitfor "text:$T/run.out:ho"
	stop run
	same "stdout" ho "$OUT"
	true_that "our path is gone" [ ! -e "$T/me" ]
}

run_tests "$@"
