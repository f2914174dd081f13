#!/bin/sh
# Many clients at once on the standard streams: --max-conns, --merge, --tag,
# --stdin; and ncat's -l -k, which is the same by other values.
. "$(dirname "$0")/lib.sh"

# Start a listener for many; what it shows is in $T/listener.out.
server()	# OPTION...
{
	case $SUBJECT in
	*ncat) listener -k "$@" ;;
	*) listener -k --max-conns 70 "$@" ;;
	esac
}

# Start a client under a name; its words are done in order.
talker()	# NAME WORD...
{
	talker=$1
	shift
	start "$talker" "$TOOLS/peer" "connect:$PORT" "$@"
}

# A client's script came to its end; what it printed is in PEER.
talked()	# NAME
{
	PID_peer=$(pid_of "$1")
	for ext in out err; do
		ln -sf "$1.$ext" "$T/peer.$ext"
	done
	peer_done
}

shows()	# TEXT: it comes to standard output
{
	true_that "<$1> is shown" waitfor "text:$T/listener.out:$1"
}

test_the_lines_of_many_stay_whole_and_none_is_lost()
{
	over native nc ncat || return 0
	clients=$(seq 50)
	server </dev/null
	for i in $clients; do
		seq -f "client $i says %g and no more" 1000 >"$T/said.$i"
		talker "c$i" "send-file:$T/said.$i" fin recv-end
	done
	for i in $clients; do
		talked "c$i"
	done
	true_that "all of it is shown" waitfor "size:$T/listener.out:$(
	    cat "$T"/said.* | wc -c)"
	stop listener
	sort "$T"/said.* >"$T/wanted"
	[ "$SUBJECT" = ncat ] ||
	    sort "$T/listener.out" | cmp -s - "$T/wanted" ||
	    same "the lines" "as they were said" "different"
	same "the bytes" "$(wc -c <"$T/wanted")" "$(wc -c <"$T/listener.out")"
}

test_a_half_line_waits_for_its_rest_and_holds_up_nobody()
{
	over native nc || return 0
	server </dev/null
	talker slow 'send:half ' "touch:$T/begun" "await:$T/go" \
	    'send:a line\n' fin recv-end
	waitfor "file:$T/begun" "linked:$PORT"
	talker quick 'send:quick\n' fin recv-end
	talked quick
	shows quick
	touch "$T/go"
	talked slow
	shows "a line"
	same "what is shown" "quick
half a line" "$(cat "$T/listener.out")"
}

test_by_chunk_a_half_line_is_shown_at_once()
{
	over native nc ncat real-ncat || return 0
	case $SUBJECT in
	*ncat) server </dev/null ;;
	*) server --merge chunk </dev/null ;;
	esac
	talker slow 'send:name? ' "await:$T/go" fin recv-end
	shows "name? "
	touch "$T/go"
	talked slow
}

test_a_last_line_without_an_end_is_shown_with_its_clients_end()
{
	over native nc || return 0
	server </dev/null
	talker one 'send:unfinished' fin recv-end
	talked one
	shows unfinished
	talker two 'send:next\n' fin recv-end
	talked two
	shows next
	same "what is shown" "unfinished
next" "$(cat "$T/listener.out")"
}

test_tags_tell_who_said_a_line()
{
	over native nc || return 0
	server --tag '%n|%a|%p|%%> ' </dev/null
	talker one 'send:a\nb\n' fin recv-end
	talked one
	shows b
	talker two 'send:c\n' fin recv-end
	talked two
	shows c
	OUT=$(cat "$T/listener.out")
	holds "stdout" "$OUT" "1|127.0.0.1|"
	same "lines of the first" 2 "$(echo "$OUT" | grep -c '^1|.*|%> [ab]$')"
	same "lines of the second" 1 "$(echo "$OUT" | grep -c '^2|.*|%> c$')"
	same "the first line's port is a number" 1 \
	    "$(echo "$OUT" | grep -c '^1|127.0.0.1|[0-9][0-9]*|%> a$')"
}

test_a_tag_of_a_unix_client_has_no_control_characters()
{
	start listener "$NC" -k --tag '<%a> ' -U -l "$T/s" </dev/null
	waitfor "unix:$T/s"
	start peer "$TOOLS/peer" "uconnect:$T/s" 'send:x\n' fin recv-end
	peer_done
	shows "> x"
	same "stdout" "<unnamed> x" "$(cat "$T/listener.out")"
}

# Three are in, in this order; then something is said.
three_hear()
{
	for i in 1 2 3; do
		talker "c$i" "send:in $i\\n" "await:$T/go" fin recv-eof print
		shows "in $i"
	done
	echo said >&9
}

hears()	# NAME TEXT
{
	touch "$T/go"
	talked "$1"
	same "$1" "$2" "$PEER"
}

test_stdin_goes_to_the_first_by_default()
{
	over native nc || return 0
	hold
	server <"$T/idle"
	three_hear
	hears c1 said
	hears c2 ""
	hears c3 ""
}

test_stdin_goes_to_the_next_when_the_first_has_left()
{
	over native nc || return 0
	hold
	server --stdin first <"$T/idle"
	talker c1 'send:in 1\n' recv-line "touch:$T/one" fin recv-eof
	shows "in 1"
	talker c2 'send:in 2\n' recv-line print fin recv-eof
	shows "in 2"
	echo first >&9
	talked c1
	echo second >&9
	talked c2
	same "the second" second "$PEER"
}

test_stdin_last_goes_to_the_newest()
{
	over native nc || return 0
	hold
	server --stdin last <"$T/idle"
	three_hear
	hears c1 ""
	hears c2 ""
	hears c3 said
}

test_stdin_all_goes_to_everybody()
{
	over native nc ncat real-ncat || return 0
	hold
	case $SUBJECT in
	*ncat) server <"$T/idle" ;;
	*) server --stdin all <"$T/idle" ;;
	esac
	three_hear
	hears c1 said
	hears c2 said
	hears c3 said
}

test_stdin_none_is_not_read()
{
	over native nc || return 0
	hold
	server --stdin none <"$T/idle"
	three_hear
	hears c1 ""
	hears c2 ""
	hears c3 ""
	stop listener
	same "what is left of the input" said "$(head -n 1 <"$T/idle")"
}

test_what_is_said_before_anybody_came_waits()
{
	over native nc ncat real-ncat || return 0
	hold
	server <"$T/idle"
	echo early >&9
	waits listener
	talker c1 recv-line print fin recv-eof
	talked c1
	same "the first client" early "$PEER"
}

test_the_end_of_the_input_is_told_to_all()
{
	over native ncat || return 0
	hold
	server <"$T/idle"
	for i in 1 2; do
		talker "c$i" "send:in $i\\n" recv-eof 'send:still here\n' \
		    fin recv-end
		shows "in $i"
	done
	release
	talked c1
	talked c2
	talker late recv-eof 'send:late\n' fin recv-end
	talked late
	shows late
	same "lines" 2 "$(grep -c 'still here' "$T/listener.out")"
	same "what it does" "ticks 0 wakeups 0" \
	    "$("$TOOLS/wakeups" "$(pid_of listener)")"
}

test_as_nc_the_end_of_the_input_is_not_told()
{
	over nc || return 0
	server </dev/null
	talker c1 quiet-ms:300 'send:x\n' fin recv-eof
	talked c1
	shows x
}

test_one_that_ends_does_not_end_the_others()
{
	over native nc ncat real-ncat || return 0
	hold
	server <"$T/idle"
	talker stays 'send:one\n' "await:$T/go" 'send:two\n' fin recv-end
	shows one
	talker leaves fin recv-eof
	talked leaves
	talker resets 'send:bye\n' "await:$T/bye" rst
	shows bye
	touch "$T/bye"
	talked resets
	touch "$T/go"
	talked stays
	shows two
	waits listener
}

test_beyond_max_conns_the_next_one_waits()
{
	over native nc || return 0
	hold
	listener -k --max-conns 2 <"$T/idle"
	talker c1 'send:one\n' "await:$T/go" fin recv-end
	shows one
	talker c2 'send:two\n' "await:$T/gone" fin recv-end
	shows two
	talker c3 'send:three\n' fin recv-end
	waits listener
	lacks "stdout" "$(cat "$T/listener.out")" three
	touch "$T/go"
	talked c1
	talked c3
	shows three
	touch "$T/gone"
	talked c2
}

test_beyond_max_conns_ncat_turns_the_next_one_away()
{
	over ncat real-ncat || return 0
	hold
	listener -k -m 2 -v <"$T/idle"
	talker c1 'send:one\n' "await:$T/go" fin recv-end
	shows one
	talker c2 'send:two\n' "await:$T/go" fin recv-end
	shows two
	talker c3 recv-end
	talked c3
	true_that "it says so" waitfor \
	    "text:$T/listener.err:Ncat: New connection denied: connection limit reached (2)"
	touch "$T/go"
	talked c1
	talked c2
	talker c4 'send:four\n' fin recv-end
	talked c4
	shows four
}

test_one_that_does_not_read_is_dropped_and_the_others_get_all()
{
	over native nc ncat || return 0
	big=$(bytes 16000000)
	hold
	case $SUBJECT in
	ncat) server <"$T/idle" ;;
	*) server --stdin all <"$T/idle" ;;
	esac
	start stuck "$TOOLS/peer" rcvbuf:4096 "connect:$PORT" 'send:stuck\n' \
	    "await:$T/over"
	shows stuck
	talker quick 'send:quick\n' recv:16000000 "save:$T/got" fin \
	    recv-eof
	shows quick
	timeout 20 cat "$big" >&9
	talked quick
	same_file "what the quick one got" "$big" "$T/got"
	true_that "it says so" waitfor "text:$T/listener.err:too slow"
	touch "$T/over"
	look_at listener
	one_line "stderr" "$ERR"
	holds "stderr" "$ERR" "127.0.0.1"
	holds "stderr" "$ERR" "bytes lost"
	waits listener
}

test_a_silent_client_is_dropped_alone()
{
	hold
	server --idle-timeout 4 <"$T/idle"
	talker silent 'send:half' recv-eof
	talker lively 'send:a\n' sleep-ms:1500 'send:b\n' sleep-ms:1500 \
	    'send:c\n' sleep-ms:1500 'send:d\n' fin recv-eof
	talked silent
	talked lively
	shows half
	shows d
	same "all of it" "a b c d half" \
	    "$(sort "$T/listener.out" | tr '\n' ' ' | sed 's/ $//')"
	waits listener
}

test_it_ends_when_its_output_has_gone()
{
	free_port
	hold
	start_pipeline '"$1" -k --max-conns 5 -l "$2" <"$3" | head -n 1' \
	    "$NC" "$PORT" "$T/idle"
	waitfor "tcp:$PORT"
	talker c2 "touch:$T/there" recv-end
	waitfor "file:$T/there"
	talker c1 'send:one\n' "await:$T/go" recv-end
	finish pipeline
	same "the pipeline" 0 "$RC"
	touch "$T/go"
	talked c2
	talked c1
}

test_one_that_is_stuck_does_not_keep_it_from_ending()
{
	free_port
	start_pipeline '"$1" -k --max-conns 5 -l "$2" </dev/zero | head -n 1' \
	    "$NC" "$PORT"
	waitfor "tcp:$PORT"
	start stuck "$TOOLS/peer" rcvbuf:4096 "connect:$PORT" 'send:one\n' \
	    "await:$T/go"
	finish pipeline
	same "the pipeline" 0 "$RC"
	touch "$T/go"
	talked stuck
	launch listener "$NC" -k --max-conns 5 -l "$PORT" </dev/zero
	rm "$T/go"
	start stuck "$TOOLS/peer" rcvbuf:4096 "connect:$PORT" 'send:one\n' \
	    "await:$T/go"
	shows one
	waits listener
	stop listener
	same "exit status after a signal" 143 "$RC"
	touch "$T/go"
	talked stuck
}

test_at_a_signal_what_was_read_is_shown()
{
	over native nc || return 0
	hold
	server <"$T/idle"
	talker c1 'send:whole\nhalf' "touch:$T/sent" recv-end
	shows whole
	waitfor "file:$T/sent"
	stop listener
	same "exit status" 143 "$RC"
	same "stdout" "whole
half" "$OUT"
	talked c1
}

test_send_only_ends_when_all_have_everything()
{
	hold
	server --stdin all --send-only <"$T/idle"
	for i in 1 2; do
		talker "c$i" "send:discarded\\n" recv-line "touch:$T/in$i" \
		    recv-eof print
	done
	while ! [ -f "$T/in1" ] || ! [ -f "$T/in2" ]; do
		echo knock >&9
		waitfor -t 100 "file:$T/in1" "file:$T/in2"
	done 2>/dev/null
	echo last >&9
	release
	exits listener 0
	same "stdout" "" "$OUT"
	for i in 1 2; do
		talked "c$i"
		holds "client $i" "$PEER" last
	done
}

test_further_inputs_go_to_the_clients()
{
	over native nc || return 0
	mkfifo "$T/f"
	hold
	server --stdin all --input "$T/f" <"$T/idle"
	talker c1 'send:in\n' recv-line recv-line print fin recv-eof
	shows in
	echo from stdin >&9
	echo from the fifo >"$T/f"
	talked c1
	same "what came, sorted" "from stdin
from the fifo" "$(printf '%s\n' "$PEER" | sort)"
}

test_one_at_a_time_may_be_tagged_too()
{
	over native nc || return 0
	listener -k --tag '%n ' </dev/null
	talker c1 'send:a\n' "await:$T/go" fin recv-end
	shows "1 a"
	talker c2 'send:b\n' fin recv-end
	waits listener
	lacks "stdout" "$(cat "$T/listener.out")" b
	touch "$T/go"
	talked c1
	talked c2
	shows "2 b"
}

test_datagrams_are_tagged_line_by_line()
{
	over native nc || return 0
	free_port
	launch_udp listener "$NC" -u -k --tag '%a %p> ' -l 127.0.0.1 "$PORT" \
	    </dev/null
	start peer "$TOOLS/peer" "udp-connect:$PORT" 'send:one\ntwo\n' \
	    send:half
	peer_done
	shows half
	start peer "$TOOLS/peer" "udp-connect:$PORT" 'send:next\n'
	peer_done
	shows next
	OUT=$(cat "$T/listener.out")
	first=$(echo "$OUT" | sed -n '1s/.* \([0-9]*\)>.*/\1/p')
	second=$(echo "$OUT" | sed -n '4s/.* \([0-9]*\)>.*/\1/p')
	true_that "they are two" [ "$first" != "$second" ]
	same "stdout" "127.0.0.1 $first> one
127.0.0.1 $first> two
127.0.0.1 $first> half
127.0.0.1 $second> next" "$OUT"
}

test_tagged_datagrams_are_answered_too()
{
	hold
	free_port
	launch_udp listener "$NC" -u -k --tag '> ' -l 127.0.0.1 "$PORT" <"$T/idle"
	start peer "$TOOLS/peer" "udp-connect:$PORT" 'send:ping\n' \
	    recv-dgram print
	shows "> ping"
	echo pong >&9
	peer_done
	same "the answer" pong "$PEER"
	same "what it does" "ticks 0 wakeups 0" \
	    "$("$TOOLS/wakeups" "$(pid_of listener)")"
	stop listener
	same "exit status" 143 "$RC"
}

test_datagrams_have_no_number()
{
	over native nc || return 0
	run_gives 1 "$NC" -u -k --tag '%%%n' -l "$(closed_port)" </dev/null
	holds "stderr" "$ERR" "--tag has no %n with -u"
}

# Clock ticks that the listener takes from now to its end.
ticks_to_the_end()
{
	ticks=0
	while now=$(awk '$3 == "Z" { exit 1 } { print $14 + $15 }' \
	    "/proc/$PID_listener/stat" 2>"$T/gone"); do
		ticks=$now
	done
	echo "$ticks"
}

test_what_cannot_be_shown_costs_no_turns_at_the_end()
{
	hold
	free_port
	launch listener sh -c 'exec "$@" >"$0"' "$T/idle" "$NC" -k \
	    --max-conns 3 --session-timeout 200ms -l "$PORT" </dev/null
	start peer "$TOOLS/peer" "connect:$PORT" fill:9999999 recv-end
	# Then the time of the session is over.
	run "$TOOLS/wakeups" "$PID_listener" 400
	same "what it does" "ticks 0 wakeups 0" \
	    "$("$TOOLS/wakeups" "$PID_listener" 200)"
	kill_it listener
	between "ticks of the last second" 0 30 "$(ticks_to_the_end)"
	exits listener 143
}

test_the_totals_do_not_count_tags()
{
	for times in "" --timestamps; do
		server -vv --tag '%n says ' $times </dev/null
		talker one 'send:hello\n' fin recv-end
		shows 'says hello'
		talker two 'send:you\n' fin recv-end
		shows 'says you'
		talked one
		talked two
		stop listener
		holds "the total ($times)" "$ERR" "received 10 bytes"
	done
}

run_tests "$@"
