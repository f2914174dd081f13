#!/bin/sh
# Streams under strain: both ways at once, one way blocked, cut off; and
# without a copy where the kernel can do it.
. "$(dirname "$0")/lib.sh"

test_both_directions_at_once_are_whole()
{
	over native nc real || return 0
	one=$(bytes 8000000)
	two=$work/reversed
	[ -f "$two" ] || tr 0-9 9876543210 <"$one" >"$two"
	free_port
	launch listener "$NC" -N -l "$PORT" <"$two"
	run "$NC" -N 127.0.0.1 "$PORT" <"$one"
	same "client's exit status" 0 "$RC"
	same_file "what the client got" "$two" "$T/run.out"
	finish listener
	same "listener's exit status" 0 "$RC"
	same_file "what the listener got" "$one" "$T/listener.out"
}

test_a_blocked_stdout_does_not_hold_up_what_is_sent()
{
	over native nc real || return 0
	hold
	mkfifo "$T/out"
	start reader sh -c 'exec sleep 60 <"$1"' - "$T/out"
	serve accept fill:150000 "touch:$T/filled" recv:20000 "touch:$T/got" \
	    recv-end
	start run sh -c 'exec "$@" >"$0"' "$T/out" "$NC" 127.0.0.1 "$PORT" \
	    <"$T/idle"
	waitfor "file:$T/filled" "asleep:$(pid_of run)"
	cat "$(bytes 20000)" >&9
	true_that "what is sent arrives" waitfor "file:$T/got"
}

test_a_peer_that_does_not_read_does_not_hold_up_what_comes()
{
	over native nc real || return 0
	serve rcvbuf:4096 accept "await:$T/go" fill:200000 "await:$T/over"
	start run "$NC" 127.0.0.1 "$PORT" </dev/zero
	waitfor "linked:$PORT" "asleep:$(pid_of run)"
	touch "$T/go"
	true_that "what comes is printed" waitfor "size:$T/run.out:200000"
}

test_what_came_before_a_reset_is_delivered()
{
	over native nc || return 0
	hold
	serve accept fill:100000 "await:$T/go" rst
	start run "$NC" 127.0.0.1 "$PORT" <"$T/idle"
	waitfor "size:$T/run.out:100000"
	touch "$T/go"
	finish run
	case $SUBJECT in
	native)	same "exit status" 1 "$RC" ;;
	*)	same "exit status" 0 "$RC" ;;
	esac
	same "bytes" 100000 "$(wc -c <"$T/run.out")"
}

test_lost_bytes_are_counted()
{
	serve rcvbuf:4096 accept recv:1000 "await:$T/go" rst
	mkfifo "$T/data"
	start feeder dd if=/dev/zero "of=$T/data" bs=65536 count=1000
	start run "$NC" 127.0.0.1 "$PORT" <"$T/data"
	waitfor "linked:$PORT" "asleep:$(pid_of run)"
	touch "$T/go"
	finish run
	fails_with_one_line 1
}

test_descriptors_that_somebody_left_non_blocking_work()
{
	over native nc || return 0
	data=$(bytes 1000000)
	mkfifo "$T/in" "$T/out"
	serve accept fill:1000000 recv-eof "save:$T/got" fin
	start feeder sh -c '(sleep .1; cat "$1") >"$2"' - "$data" "$T/in"
	start reader sh -c '(sleep .2; wc -c) <"$1"' - "$T/out"
	start run sh -c 'exec "$@" <"$0/in" >"$0/out"' "$T" \
	    "$TOOLS/fdctl" nonblock=0,1 "flags=$T/flags" -- \
	    "$NC" -N 127.0.0.1 "$PORT"
	finish reader
	same "bytes received" 1000000 "$((OUT))"
	exits run 0
	peer_done
	same_file "bytes sent" "$data" "$T/got"
	waitfor "file:$T/flags"
	same "the flags" same "$(cat "$T/flags")"
}

# Send and receive with this mover, from a file to a file and
# from a pipe to a pipe.
crosses()	# OPTION...
{
	data=$(bytes 3000000)
	free_port
	launch listener "$NC" "$@" -l "$PORT" </dev/null
	run "$NC" "$@" -N 127.0.0.1 "$PORT" <"$data"
	same "$*: exit status" 0 "$RC"
	finish listener
	same "$*: listener's exit status" 0 "$RC"
	same_file "$*: from file to file" "$data" "$T/listener.out"
	free_port
	start_pipeline '"$@" </dev/null | cat' "$NC" "$@" -l "$PORT"
	waitfor "tcp:$PORT"
	start sender $SETSID sh -c 'cat "$1" | { shift; "$@"; }' - "$data" \
	    "$NC" "$@" -N 127.0.0.1 "$PORT"
	finish sender
	same "$*: exit status" 0 "$RC"
	finish pipeline
	same_file "$*: from pipe to pipe" "$data" "$T/pipeline.out"
}

test_every_mover_carries_the_same_bytes()
{
	over native nc || return 0
	for mover in auto copy splice sendfile; do
		crosses "--mover=$mover"
	done
}

# The bytes that the calls of this name moved.
moved()	# CALL
{
	sed -n "s/^$1(.* = \\([0-9]*\\)\$/\\1/p" "$T/trace" |
	    awk '{ n += $1 } END { print n + 0 }'
}


test_a_pipe_is_sent_without_a_copy()
{
	over native nc || return 0
	need_strace || return 0
	serve accept recv-eof expect-size:5000000
	mkfifo "$T/in"
	start feeder dd if=/dev/zero "of=$T/in" bs=65536 count=5000000 \
	    iflag=count_bytes
	start run strace -qq -e trace=splice,sendfile -o "$T/trace" \
	    "$NC" -N 127.0.0.1 "$PORT" <"$T/in"
	peer_done
	finish run
	true_that "most of it was spliced" [ "$(moved splice)" -gt 4000000 ]
}

test_a_file_is_sent_without_a_copy()
{
	over native nc || return 0
	need_strace || return 0
	data=$(bytes 5000000)
	serve accept recv-eof expect-size:5000000
	start run strace -qq -e trace=splice,sendfile -o "$T/trace" \
	    "$NC" -N 127.0.0.1 "$PORT" <"$data"
	peer_done
	finish run
	true_that "most of it was sent as a file or spliced" \
	    [ $(($(moved sendfile) + $(moved splice))) -gt 4000000 ]
}

test_a_pipe_gets_what_comes_without_a_copy()
{
	over native nc || return 0
	need_strace || return 0
	serve accept fill:5000000 fin recv-end
	start_pipeline 'strace -qq -e trace=splice -o "$1" \
	    "$2" -N 127.0.0.1 "$3" </dev/null | wc -c' \
	    "$T/trace" "$NC" "$PORT"
	finish pipeline
	same "bytes" 5000000 "$((OUT))"
	same "exit status" 0 "$RC"
	true_that "most of it was spliced" [ "$(moved splice)" -gt 4000000 ]
}

test_a_fifo_gets_what_comes_without_a_copy()
{
	over native nc || return 0
	need_strace || return 0
	serve accept fill:5000000 fin recv-end
	mkfifo "$T/out"
	start reader sh -c 'wc -c <"$1"' - "$T/out"
	start run sh -c 'exec strace -qq -e trace=splice -o "$0/trace" \
	    "$@" >"$0/out"' "$T" "$NC" -N 127.0.0.1 "$PORT" </dev/null
	finish reader
	same "bytes" 5000000 "$((OUT))"
	exits run 0
	true_that "most of it was spliced" [ "$(moved splice)" -gt 4000000 ]
}

run_tests "$@"
