#!/bin/sh
# sockcat as a part of shell pipelines: what it was made for.
. "$(dirname "$0")/lib.sh"

test_a_listener_feeds_grep()
{
	over native nc real || return 0
	free_port
	start_pipeline '"$1" -l "$2" </dev/null | grep hello' \
	    "$NC" "$PORT"
	waitfor "tcp:$PORT"
	printf 'one\nhello world\ntwo\nhello again\n' >"$T/in"
	run "$NC" -N 127.0.0.1 "$PORT" <"$T/in"
	same "client's exit status" 0 "$RC"
	finish pipeline
	same "grep found" "$(printf 'hello world\nhello again')" "$OUT"
	same "exit status" 0 "$RC"
}

test_a_listener_counts_what_a_client_s_stdin_gives()
{
	over native nc real || return 0
	free_port
	start_pipeline '"$1" -l "$2" </dev/null | wc -c' "$NC" "$PORT"
	waitfor "tcp:$PORT"
	start sender sh -c 'head -c 20000000 /dev/zero | "$1" -N 127.0.0.1 $2' \
	    - "$NC" "$PORT"
	finish sender
	same "sender's exit status" 0 "$RC"
	finish pipeline
	same "bytes" 20000000 "$((OUT))"
}

# sockcat -l P < fifo | grep --line-buffered hello > fifo
answering_grep()
{
	free_port
	mkfifo "$T/fifo"
	start_pipeline '
	    "$1" -l "$2" <"$3" | grep --line-buffered hello >"$3"' \
	    "$NC" "$PORT" "$T/fifo"
	waitfor "tcp:$PORT"
}

test_grep_answers_over_the_same_socket()
{
	over native nc real || return 0
	answering_grep
	start peer "$TOOLS/peer" "connect:$PORT" 'send:one\nhello 1\n' \
	    recv-line 'expect:hello 1\n' 'send:hello 2\n' recv-line \
	    'expect:hello 2\n' 'send:three\nhello 4\n' recv-line \
	    'expect:hello 4\n' fin recv-eof expect:
	peer_done
	exits pipeline 0
}

test_grep_answers_a_client_that_half_closes_at_once()
{
	# The real nc ends a listener with its client, before the answer.
	answering_grep
	start peer "$TOOLS/peer" "connect:$PORT" \
	    'send:one\nhello 1\ntwo\nhello 2\n' fin \
	    recv-eof 'expect:hello 1\nhello 2\n'
	peer_done
	exits pipeline 0
}

test_a_shell_answers_through_a_fifo()
{
	over native nc real || return 0
	free_port
	mkfifo "$T/ff"
	start_pipeline 'cat "$3" | sh 2>&1 | "$1" -l "$2" >"$3"' \
	    "$NC" "$PORT" "$T/ff"
	waitfor "tcp:$PORT"
	start peer "$TOOLS/peer" "connect:$PORT" 'send:echo $((6 * 7))\n' \
	    recv-line 'expect:42\n' 'send:echo done\nexit\n' recv-line \
	    'expect:done\n' fin recv-end
	peer_done
	exits pipeline 0
}

test_a_tree_goes_through_tar()
{
	over native nc real || return 0
	mkdir -p "$T/from/sub" "$T/to"
	cp "$(bytes 500000)" "$T/from/sub/file"
	echo small >"$T/from/other"
	free_port
	start_pipeline '"$1" -l "$2" </dev/null | tar -C "$3" -xf -' \
	    "$NC" "$PORT" "$T/to"
	waitfor "tcp:$PORT"
	start sender sh -c 'tar -C "$3" -cf - . | "$1" -N 127.0.0.1 "$2"' - \
	    "$NC" "$PORT" "$T/from"
	finish sender
	same "sender's exit status" 0 "$RC"
	exits pipeline 0
	true_that "both trees are the same" diff -r "$T/from" "$T/to"
}

test_a_relay_of_two_passes_everything_on()
{
	over native nc real || return 0
	data=$(bytes 1000000)
	serve accept recv-eof "save:$T/got" fin
	far=$PORT
	free_port
	start_pipeline '"$1" -l "$2" </dev/null | "$1" -N 127.0.0.1 "$3"' \
	    "$NC" "$PORT" "$far"
	waitfor "tcp:$PORT"
	run_gives 0 "$NC" -N 127.0.0.1 "$PORT" <"$data"
	finish pipeline
	same "relay's exit status" 0 "$RC"
	peer_done
	same_file "data" "$data" "$T/got"
}

test_lines_come_out_as_they_come_in()
{
	over native nc real || return 0
	hold
	serve accept recv-line 'expect:typed\n' 'send:line\n' "await:$T/go" fin \
	    recv-eof
	start run "$NC" -N 127.0.0.1 "$PORT" <"$T/idle"
	echo typed >&9
	waitfor "text:$T/run.out:line"
	touch "$T/go"
	release
	exits run 0
	peer_done
}

run_tests "$@"
