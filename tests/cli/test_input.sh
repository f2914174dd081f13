#!/bin/sh
# Further inputs beside standard input: --input.
. "$(dirname "$0")/lib.sh"

# It has come to the end of what it was sent, which was this.
arrived()	# WHAT TEXT
{
	finish run
	peer_done
	same "$1: exit status" 0 "$RC"
	same "$1: stderr" "" "$ERR"
	same "$1" "$2" "$PEER"
}

test_files_and_standard_input_go_to_one_connection()
{
	over native nc || return 0
	printf 'a1\na2\n' >"$T/a"
	printf 'b1\n' >"$T/b"
	serve accept recv-eof print
	printf 's1\n' >"$T/in"
	start run "$NC" -N --input "$T/a" --input "$T/b" 127.0.0.1 "$PORT" \
	    <"$T/in"
	finish run
	peer_done
	same "exit status" 0 "$RC"
	same "what arrived, sorted" "a1 a2 b1 s1" \
	    "$(printf '%s\n' "$PEER" | sort | tr '\n' ' ' | sed 's/ $//')"
}

test_a_tag_says_which_input_a_line_came_from()
{
	over native nc || return 0
	printf 'a1\na2\n' >"$T/a"
	printf 'b1\nb2' >"$T/b"
	printf 's1\n' >"$T/in"
	serve accept recv-eof print
	start run "$NC" -N --input "$T/a" --input "$T/b" --tag '%n %f%%: ' \
	    127.0.0.1 "$PORT" <"$T/in"
	finish run
	peer_done
	same "exit status" 0 "$RC"
	same "stderr" "" "$ERR"
	same "what arrived, sorted" "0 stdin%: s1
1 $T/a%: a1
1 $T/a%: a2
2 $T/b%: b1
2 $T/b%: b2" "$(printf '%s\n' "$PEER" | sort)"
}

test_a_tag_stands_before_the_lines_of_a_single_input()
{
	printf 'one\ntwo\n' >"$T/a"
	serve accept recv-eof print
	start run "$NC" -N -d --input "$T/a" --tag '%n ' 127.0.0.1 "$PORT"
	arrived "what arrived" "1 one
1 two"
}

test_a_keyboard_and_a_device_are_told_apart_by_a_listener()
{
	mkfifo "$T/device"
	free_port
	launch listener "$TOOLS/ptyrun" on=0 "await=$T/ready" 'type=typed\n' \
	    "await=$T/got" -- "$NC" -l --input "$T/device" --tag '%n:' "$PORT"
	start peer "$TOOLS/peer" "connect:$PORT" "touch:$T/ready" recv-line \
	    "touch:$T/got" recv-line expect:'0:typed\n1:read\n'
	waitfor "file:$T/got"
	echo read >"$T/device"
	peer_done
}

test_with_k_a_tag_with_f_is_about_inputs_and_another_about_clients()
{
	hold
	printf 'from a file\n' >"$T/a"
	for tag in '%f|' '%n|'; do
		free_port
		launch listener "$NC" -k --input "$T/a" --tag "$tag" -l \
		    "$PORT" <"$T/idle"
		client 'send:from a client\n' recv-line print
		waitfor "text:$T/listener.out:from a client"
		echo "$PEER $(cat "$T/listener.out")" >>"$T/all"
		stop listener
	done
	same "the lines" "$T/a|from a file from a client
from a file 1|from a client" "$(cat "$T/all")"
}

test_a_file_that_is_no_text_arrives_as_it_is()
{
	over native nc || return 0
	head -c 3000000 "$SOCKCAT" >"$T/file"
	serve accept recv-eof "save:$T/got"
	start run "$NC" -N --input "$T/file" 127.0.0.1 "$PORT" </dev/null
	finish run
	peer_done
	same "exit status" 0 "$RC"
	same_file "what arrived" "$T/file" "$T/got"
}

test_a_half_line_without_its_rest_is_sent()
{
	over native nc || return 0
	mkfifo "$T/f"
	hold
	serve accept recv:5 "touch:$T/one" recv:7 "touch:$T/two" recv-eof print
	start run "$NC" -N --input "$T/f" 127.0.0.1 "$PORT" <"$T/idle"
	exec 7>"$T/f"
	printf 'half ' >&9
	true_that "the half came" waitfor "file:$T/one"
	printf 'other\n' >&7
	true_that "the line of the other came" waitfor "file:$T/two"
	printf 'line\n' >&9
	exec 7>&-
	release
	arrived "what arrived" "half 
other
line"
}

test_the_packets_of_a_device_are_sent_as_they_come()
{
	serve accept recv:3 "touch:$T/one" recv:3 "touch:$T/two" close
	start run "$TOOLS/ptyrun" raw "type=abc" "await=$T/one" "type=def" \
	    "await=$T/two" hangup -- \
	    "$NC" -d --input /dev/tty 127.0.0.1 "$PORT"
	true_that "each packet came" waitfor "file:$T/two"
	finish run
	peer_done
}

test_a_last_line_without_an_end_is_kept_apart_from_the_next()
{
	over native nc || return 0
	printf 'unfinished' >"$T/a"
	hold
	serve accept recv:10 "touch:$T/first" recv-eof print
	start run "$NC" -N --input "$T/a" 127.0.0.1 "$PORT" <"$T/idle"
	waitfor "file:$T/first"
	echo next >&9
	release
	arrived "what arrived" "unfinished
next"
}

test_a_fifo_without_a_writer_has_not_ended()
{
	over native nc || return 0
	mkfifo "$T/f"
	serve accept recv-line print "touch:$T/one" recv-eof print
	printf 'stdin\n' >"$T/in"
	start run "$NC" -N --input "$T/f" 127.0.0.1 "$PORT" <"$T/in"
	true_that "it started" waitfor "file:$T/one"
	same "what it does" "ticks 0 wakeups 0" \
	    "$("$TOOLS/wakeups" "$(pid_of run)")"
	printf 'fifo\n' >"$T/f"
	arrived "what arrived" "stdin
fifo"
}

test_a_fifo_ends_when_its_last_writer_has_left()
{
	over native nc || return 0
	mkfifo "$T/f"
	serve accept recv-line "touch:$T/one" recv-eof print
	start run "$NC" -N --input "$T/f" 127.0.0.1 "$PORT" </dev/null
	exec 6>"$T/f" 7>"$T/f"
	echo one >&6
	exec 6>&-
	waitfor "file:$T/one"
	waits run
	echo two >&7
	exec 7>&-
	arrived "what arrived" "one
two"
}

test_d_silences_standard_input_alone()
{
	over native nc || return 0
	printf 'from the file\n' >"$T/a"
	serve accept recv-eof print
	printf 'from stdin\n' >"$T/in"
	start run "$NC" -N -d --input "$T/a" 127.0.0.1 "$PORT" <"$T/in"
	arrived "what arrived" "from the file"
}

test_a_listener_takes_further_inputs()
{
	over native nc || return 0
	mkfifo "$T/f"
	free_port
	launch listener "$NC" -N --input "$T/f" -l "$PORT" </dev/null
	start peer "$TOOLS/peer" "connect:$PORT" 'send:hello\n' recv-line \
	    print fin recv-eof
	echo answer >"$T/f"
	peer_done
	exits listener 0
	same "stdout" hello "$OUT"
	same "the answer" answer "$PEER"
}

test_an_input_is_given_time_by_a_peer_that_has_ended()
{
	mkfifo "$T/f"
	hold
	serve accept fin recv-eof print
	start run "$NC" -vvv -d --input "$T/f" 127.0.0.1 "$PORT" <"$T/idle"
	exec 7>"$T/f"
	waitfor "text:$T/run.err:flow down: SHUT -> DONE"
	echo late >&7
	exec 7>&-
	finish run
	peer_done
	same "exit status" 0 "$RC"
	same "what arrived" late "$PEER"
}

test_inputs_become_datagrams()
{
	over native nc || return 0
	printf 'from the file' >"$T/a"
	serve_udp recv-dgram print
	start run "$NC" -u -w 1 -d --input "$T/a" 127.0.0.1 "$PORT"
	peer_done
	same "the datagram" "from the file" "$PEER"
}

test_an_input_that_cannot_be_opened_ends_it_before_connecting()
{
	over native nc || return 0
	serve accept
	run "$NC" --input "$T/missing" 127.0.0.1 "$PORT" </dev/null
	fails_with_one_line 1
	holds "stderr" "$ERR" "$T/missing"
	holds "stderr" "$ERR" "No such file or directory"
	run "$NC" --input "$T" 127.0.0.1 "$PORT" </dev/null
	fails_with_one_line 1
	holds "stderr" "$ERR" "Is a directory"
	true_that "nobody connected" waitfor "asleep:$(pid_of peer)"
}

test_a_dash_is_a_file_like_any_other()
{
	over native nc || return 0
	serve accept recv-eof print
	(cd "$T" && echo dash >./- && echo stdin >in)
	start run sh -c 'cd "$1" && exec "$2" -N --input - 127.0.0.1 "$3" <in' \
	    - "$T" "$NC" "$PORT"
	finish run
	peer_done
	same "exit status" 0 "$RC"
	holds "what arrived" "$PEER" dash
	holds "what arrived" "$PEER" stdin
}

test_a_terminal_may_be_an_input_and_ends_when_it_is_hung_up()
{
	over native nc || return 0
	serve accept recv-line print "touch:$T/got" recv-eof
	start run "$TOOLS/ptyrun" on=2 'type=typed\n' "await=$T/got" hangup \
	    -- sh -c 'trap "" HUP; exec "$@"' - \
	    "$NC" -N -d --input /dev/tty 127.0.0.1 "$PORT" </dev/null
	finish run
	peer_done
	same "what arrived" typed "$PEER"
}

test_lines_stay_whole_however_much_there_is()
{
	serve accept recv-eof "save:$T/got" close
	seq -f 'A%g' 60000 >"$T/a"
	seq -f 'B%g' 60000 >"$T/b"
	run "$NC" -N --input "$T/a" --input "$T/b" 127.0.0.1 "$PORT" </dev/null
	same "exit status" 0 "$RC"
	peer_done
	grep '^A' "$T/got" >"$T/got.a"
	grep '^B' "$T/got" >"$T/got.b"
	same_file "the first" "$T/a" "$T/got.a"
	same_file "the second" "$T/b" "$T/got.b"
	same "lines of neither" 0 "$(grep -c -v '^[AB]' "$T/got")"
}

run_tests "$@"
