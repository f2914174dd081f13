#!/bin/sh
# A filter that answers through a named FIFO: sockcat -l P <f | sort >f. It
# answers when its own input has ended, if it can see that.
# timeout: 600
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_end.sh"

# --- the filter sees our end ---------------------------------------------------

sort_answers()	# client|listener
{
	script "$1" '"$@" <$T/f | sort >$T/f' \
	    'send:c\na\nb\n' "touch:$T/fin" fin recv-eof 'expect:a\nb\nc\n'
	statuses "0 0" ""
	since "$T/fin"
	peer_done
}

test_sort_answers_a_server_over_the_same_connection()
{
	need_bash || return 0
	takes "at once" sort_answers client
}

test_sort_answers_a_client_over_the_same_connection()
{
	need_bash || return 0
	takes "at once" sort_answers listener
}

# Longer than any limit of the table; the peer is told no end meanwhile.
slow_answer()	# client|listener FILTER ANSWER PEER-WORD...
{
	script "$1" "\"\$@\" <\$T/f | { $2; } >\$T/f" "$4" fin \
	    quiet-ms:3300 "touch:$T/go" recv-eof "expect:$3"
	statuses "0 0" ""
	peer_done
}

test_a_filter_is_waited_for_however_long_it_thinks()
{
	need_bash || return 0
	for way in client listener; do
		slow_answer "$way" \
		    'x=$(sort); $WAITFOR file:$T/go; echo "$x"' 'a\nb\n' \
		    'send:b\na\n'
	done
}

test_a_filter_that_was_given_nothing_is_waited_for_too()
{
	need_bash || return 0
	for way in client listener; do
		slow_answer "$way" \
		    'x=$(wc -c); $WAITFOR file:$T/go; echo $x' '0\n' send:
	done
}

test_a_filter_may_pause_in_the_middle_of_its_answer()
{
	need_bash || return 0
	for way in client listener; do
		script "$way" '"$@" <$T/f | {
		    cat; $WAITFOR file:$T/go; echo end; } >$T/f' \
		    'send:x\n' fin recv-line 'expect:x\n' quiet-ms:3300 \
		    "touch:$T/go" recv-eof 'expect:end\n'
		statuses "0 0" ""
		peer_done
	done
}

test_xz_packs_what_a_client_sends_and_the_client_gets_it_back()
{
	need_bash && need xz || return 0
	data=$(bytes 3000000)
	script listener '"$@" <$T/f | xz -1 >$T/f' "send-file:$data" fin \
	    recv-eof "save:$T/got"
	statuses "0 0" ""
	peer_done
	xz -dc <"$T/got" >"$T/plain"
	same_file "unpacked" "$data" "$T/plain"
}

# Two commands of a shell, neither of which holds our output.
test_a_chain_of_filters_answers()
{
	need_bash || return 0
	for way in client listener; do
		script "$way" '"$@" <$T/f | tr a-z A-Z | sort -r | head -n 2 \
		    >$T/f' 'send:a\nb\nc\n' fin recv-eof 'expect:C\nB\n'
		statuses "0 0 0 0" ""
		peer_done
	done
}

# A socket as standard output has an end of its own.
socket_filter()	# FILE
{
	cat >"$1" <<-'X'
		import socket, subprocess, sys, time
		fifo, argv = sys.argv[1], sys.argv[2:]
		ours, theirs = socket.socketpair()
		p = subprocess.Popen(["sh", "-c", 'exec "$@" <"$0"', fifo]
		    + argv, stdout=theirs)
		theirs.close()
		answer = open(fifo, "w")
		got = b""
		while some := ours.recv(65536):
		    got += some
		time.sleep(2.6)
		answer.write(got.decode().upper())
		answer.close()
		sys.exit(p.wait())
	X
}

test_a_filter_behind_a_socket_is_waited_for()
{
	need_bash && need python3 || return 0
	socket_filter "$work/filter.py"
	for way in client listener; do
		script "$way" "python3 $work/filter.py \$T/f \"\$@\"" \
		    'send:abc' fin recv-eof expect:ABC
		statuses 0 ""
		peer_done
	done
}

# The filter ends without an answer to the last.
test_the_end_of_the_fifo_is_the_end_at_once()
{
	need_bash || return 0
	takes "at once" leaving_filter client
	takes "at once" leaving_filter listener
}

leaving_filter()	# client|listener
{
	script "$1" '"$@" <$T/f | { cat >$T/got; echo thanks; } >$T/f' \
	    send:x "touch:$T/fin" fin recv-eof 'expect:thanks\n'
	statuses "0 0" ""
	since "$T/fin"
	peer_done
}

# --- another process holds our output --------------------------------------------

# WRAPPER starts the subject and keeps the output open meanwhile.
held()	# client|listener WRAPPER
{
	script "$1" "$2"' "$@" <$T/f | grep --line-buffered o >$T/f' \
	    'send:one\nelf\ntwo\n' "touch:$T/fin" fin recv-eof \
	    'expect:one\ntwo\n'
	statuses "0 0" ""
	since "$T/fin"
	peer_done
}

a_script="sh -c '\"\$@\"; exit \$?' -"

test_a_client_in_a_script_leaves_a_second_after_its_filter_s_last_word()
{
	need_bash || return 0
	takes 1s held client "$a_script"
}

test_a_listener_in_a_script_leaves_a_second_after_its_filter_s_last_word()
{
	need_bash || return 0
	takes 1s held listener "$a_script"
}

test_under_timeout_it_leaves_a_second_after_its_filter_s_last_word()
{
	need_bash && need timeout || return 0
	takes 1s held client "timeout 30"
	takes 1s held listener "timeout 30"
}

test_under_python_it_leaves_a_second_after_its_filter_s_last_word()
{
	need_bash && need python3 || return 0
	python="python3 -c 'import subprocess, sys
sys.exit(subprocess.call(sys.argv[1:]))'"
	takes 1s held client "$python"
	takes 1s held listener "$python"
}

# It waits for an end that it cannot see, and answers nobody: its status tells.
test_sort_within_a_script_is_not_waited_for_longer_than_a_second()
{
	need_bash || return 0
	takes 1s held_sort client
	takes 1s held_sort listener
}

held_sort()	# client|listener
{
	script "$1" '{ "$@" <$T/f; echo $? >$T/status; : >$T/left
	    $WAITFOR file:$T/seen; } | { sort >$T/sorted; } >$T/f' \
	    'send:b\na\n' "touch:$T/fin" fin recv-eof expect:
	waitfor "file:$T/left"
	since "$T/fin"
	: >"$T/seen"
	statuses "0 0" ""
	same "$1: exit status" 0 "$(cat "$T/status")"
	same "$1: sort's output" "$(printf 'a\nb')" "$(cat "$T/sorted")"
	peer_done
}

# More than the limit altogether, but never that of silence.
test_what_a_held_filter_goes_on_writing_arrives()
{
	need_bash || return 0
	OPTIONS="-w 3"
	takes 3s writing_filter client
	takes 3s writing_filter listener
	OPTIONS=
}

writing_filter()	# client|listener
{
	script "$1" "$a_script"' "$@" <$T/f | {
	    read x; for i in 1 2 3 4 5; do
	    $WAITFOR -t 700 file:$T/never 2>$T/noise
	    : >$T/said; echo $i; done; cat >$T/rest; } >$T/f' \
	    'send:x\n' fin recv-eof 'expect:1\n2\n3\n4\n5\n'
	statuses "0 0" ""
	since "$T/said"
	peer_done
}

# --- the same with its own limits ------------------------------------------------

test_w_stands_in_the_place_of_the_second()
{
	need_bash || return 0
	OPTIONS="-w 500ms"
	takes 500ms held client "$a_script"
	OPTIONS="-w 3"
	takes 3s held listener "$a_script"
	OPTIONS=
}

test_q_is_no_limit_of_a_filter()
{
	need_bash || return 0
	OPTIONS="-q 300ms"
	takes 1s held client "$a_script"
	slow_answer listener 'x=$(sort); $WAITFOR file:$T/go; echo "$x"' \
	    'a\nb\n' 'send:b\na\n'
	OPTIONS=
}

test_a_deadline_cuts_a_filter_that_thinks()
{
	need_bash || return 0
	OPTIONS="--deadline 5"
	for way in client listener; do
		script "$way" '"$@" <$T/f | { cat >$T/got
		    $WAITFOR file:$T/go; } >$T/f' send:x fin recv-end \
		    "touch:$T/go"
		statuses "1 0"
		holds "stderr" "$ERR" "the deadline of 5 s has passed"
		peer_done
	done
	OPTIONS=
}

run_tests "$@"
