#!/bin/sh
# Datagrams to one peer, which never tells its end: after the end of the input
# answers are waited for until a second of silence.
# timeout: 600
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_end.sh"

# Asks the peer, whose words follow: it may answer.
ask()	# PEER-WORD...
{
	anew
	serve_udp "$@" </dev/null
	printf 'a:1|c\n' >"$T/in"
	: >"$T/began"
	run "$NC" -u ${OPTIONS:-} 127.0.0.1 "$PORT" <"$T/in"
}

# --- answers until a second of silence ------------------------------------------

nobody_answers()
{
	ask recv-dgram 'expect:a:1|c\n'
	since "$T/began"
	same "exit status" 0 "$RC"
	same "stderr" "" "$ERR"
	peer_done
}

test_a_counter_sent_to_statsd_is_done_after_a_second()
{
	takes 1s nobody_answers
}

one_answer()
{
	ask recv-dgram sleep-ms:300 "touch:$T/answer" send:ok
	same "exit status" 0 "$RC"
	same "stderr" "" "$ERR"
	if [ "$OUT" = ok ]; then
		since "$T/answer"
	else
		too_late
	fi
}

test_the_second_is_counted_from_the_last_answer()
{
	takes 1s one_answer
}

five_answers()
{
	ask recv-dgram sleep-ms:300 send:1 sleep-ms:300 send:2 sleep-ms:300 \
	    send:3 sleep-ms:300 send:4 sleep-ms:300 "touch:$T/answer" send:5
	same "exit status" 0 "$RC"
	same "stderr" "" "$ERR"
	if [ "$OUT" = 12345 ]; then
		since "$T/answer"
	else
		too_late
	fi
}

test_answers_are_taken_for_as_long_as_they_come()
{
	takes 1s five_answers
}

pipe_that_ends()
{
	anew
	hold
	serve_udp recv-dgram 'expect:a:1|c\n'
	start run "$NC" -u 127.0.0.1 "$PORT" <"$T/idle"
	printf 'a:1|c\n' >&9
	peer_done
	stays 2300
	: >"$T/ended"
	release
	finish run
	since "$T/ended"
	same "exit status" 0 "$RC"
	same "stderr" "" "$ERR"
}

test_while_the_input_is_open_no_silence_ends_it()
{
	takes 1s pipe_that_ends
}

test_an_empty_input_is_an_end_after_a_second_too()
{
	takes 1s empty_input
}

empty_input()
{
	anew
	serve_udp quiet-ms:100
	: >"$T/in"
	: >"$T/began"
	run "$NC" -u 127.0.0.1 "$PORT" <"$T/in"
	since "$T/began"
	same "exit status" 0 "$RC"
	same "stderr" "" "$ERR"
}

# Nobody has sent anything yet; the input may have been /dev/null all the time.
test_a_listener_s_end_of_input_is_not_its_end()
{
	free_port
	launch_udp run "$NC" -u -l 127.0.0.1 "$PORT" </dev/null
	stays 1500
	start peer "$TOOLS/peer" "udp-connect:$PORT" send:one "await:$T/go" \
	    send:two
	waitfor "text:$T/run.out:one"
	stays 1500
	touch "$T/go"
	waitfor "text:$T/run.out:onetwo"
	peer_done
}

test_a_shell_of_a_pipeline_ends_with_it()
{
	need_bash || return 0
	takes 1s echo_pipeline
}

echo_pipeline()
{
	anew
	serve_udp recv-dgram 'expect:a:1|c\n'
	: >"$T/began"
	run bash -c 'echo "a:1|c" | "$@"; echo "${PIPESTATUS[*]}"' - \
	    "$NC" -u 127.0.0.1 "$PORT"
	since "$T/began"
	same "statuses" "0 0" "$OUT"
	same "stderr" "" "$ERR"
	peer_done
}

test_ipv6_is_no_different()
{
	[ -s /proc/net/if_inet6 ] || { skip "no IPv6"; return; }
	takes 1s ipv6
}

ipv6()
{
	anew
	start peer "$TOOLS/peer" "udp6-bind:$T/port" recv-dgram send:ok
	waitfor "file:$T/port"
	PORT=$(cat "$T/port")
	echo x >"$T/in"
	: >"$T/began"
	run "$NC" -u ::1 "$PORT" <"$T/in"
	since "$T/began"
	same "exit status" 0 "$RC"
	same "stdout" ok "$OUT"
	peer_done
}

# --- limits of one's own ----------------------------------------------------------

limited()	# OPTIONS
{
	OPTIONS=$1
	nobody_answers
	OPTIONS=
}

test_q_changes_the_second()
{
	takes "at once" limited "-q 0"
	takes 500ms limited "-q 500ms"
	takes 3s limited "-q 3"
}

test_w_changes_the_second()
{
	takes 500ms limited "-w 500ms"
	takes 3s limited "-w 3"
}

test_W_ends_with_the_answer_at_once()
{
	takes "at once" one_of_one
}

one_of_one()
{
	OPTIONS="-W 1"
	ask recv-dgram "touch:$T/answer" send:ok
	OPTIONS=
	since "$T/answer"
	same "exit status" 0 "$RC"
	same "stdout" ok "$OUT"
	peer_done
}

test_a_deadline_cuts_the_second()
{
	OPTIONS="--deadline 800ms"
	for _ in $TRIES; do
		ask recv-dgram "touch:$T/got"
		[ ! -e "$T/got" ] || break
	done
	same "exit status" 1 "$RC"
	holds "stderr" "$ERR" "the deadline of 0.8 s has passed"
	OPTIONS=
	peer_done
}

# --- refusals -----------------------------------------------------------------

refused()
{
	anew
	PORT=$(closed_port)
	echo x >"$T/in"
	: >"$T/began"
	run "$NC" -u 127.0.0.1 "$PORT" <"$T/in"
	since "$T/began"
	fails_with_one_line 1
	holds "stderr" "$ERR" "send to "
	holds "stderr" "$ERR" "refused"
}

test_a_refusal_after_the_end_of_the_input_ends_it_at_once()
{
	takes "at once" refused
}

test_with_q_and_w_a_refusal_ends_it_at_once_too()
{
	for limit in "-q 5" "-w 5"; do
		takes "at once" refused_with "$limit"
	done
}

refused_with()	# OPTIONS
{
	anew
	PORT=$(closed_port)
	echo x >"$T/in"
	: >"$T/began"
	run "$NC" -u $1 127.0.0.1 "$PORT" <"$T/in"
	since "$T/began"
	same "$1: exit status" 1 "$RC"
	one_line "$1: stderr" "$ERR"
}

# Sends to a port that nobody serves, with an input that stays open.
to_nobody()
{
	anew
	hold
	PORT=$(closed_port)
	start run "$NC" -u 127.0.0.1 "$PORT" <"$T/idle"
	echo lost >&9
	waitfor "text:$T/run.err:refused"
}

statsd_starts()	# PEER-WORD...
{
	launch_udp peer "$TOOLS/peer" "udp-bind-at:$PORT" "$@"
}

test_a_refusal_is_told_once_while_the_input_is_open()
{
	to_nobody
	for word in 2 3 4 5; do
		echo "$word" >&9
		pause 100
	done
	stays 1200
	one_line "stderr" "$(cat "$T/run.err")"
	holds "stderr" "$(cat "$T/run.err")" "send to "
	release
	finish run
	fails_with_one_line 1
}

test_a_statsd_that_restarts_gets_what_is_sent_after_that()
{
	to_nobody
	statsd_starts recv-dgram 'expect:found\n'
	echo found >&9
	peer_done
	release
	finish run
	same "exit status, for nobody answered" 1 "$RC"
	one_line "stderr" "$ERR"
}

test_an_answer_after_the_last_refusal_makes_it_a_success()
{
	to_nobody
	statsd_starts recv-dgram 'expect:found\n' send:ok "await:$T/over"
	echo found >&9
	waitfor "text:$T/run.out:ok"
	release
	exits run 0
	same "stdout" ok "$OUT"
	one_line "stderr" "$ERR"
	touch "$T/over"
	peer_done
}

test_a_refusal_after_the_last_answer_makes_it_a_failure()
{
	hold
	serve_udp recv-dgram send:ok close
	start run "$NC" -u 127.0.0.1 "$PORT" <"$T/idle"
	echo found >&9
	waitfor "text:$T/run.out:ok"
	peer_done
	echo lost >&9
	waitfor "text:$T/run.err:refused"
	release
	finish run
	fails_with_one_line 1
	holds "stderr" "$ERR" "send to "
}

test_after_the_end_of_the_input_a_refusal_is_the_end_of_the_session()
{
	takes "at once" late_refusal
}

# It answers once, and has gone when the rest of the input comes.
late_refusal()
{
	anew
	hold
	serve_udp recv-dgram send:ok close
	start run "$NC" -u 127.0.0.1 "$PORT" <"$T/idle"
	echo found >&9
	waitfor "text:$T/run.out:ok"
	peer_done
	: >"$T/said"
	echo lost >&9
	release
	finish run
	since "$T/said"
	fails_with_one_line 1
}

run_tests "$@"
