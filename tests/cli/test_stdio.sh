#!/bin/sh
# Standard output that is full, gone or limited; any of 0, 1 and 2 closed;
# many inherited descriptors; inherited flags stay as they are.
. "$(dirname "$0")/lib.sh"

# --- stdout that does not take it all ---------------------------------------

test_a_full_stdout_is_an_error()
{
	over native nc || return 0
	[ -c /dev/full ] || { skip "no /dev/full"; return; }
	serve accept fill:1000000 recv-end
	start run sh -c 'exec "$@" >/dev/full' - "$NC" -N 127.0.0.1 "$PORT" </dev/null
	finish run
	fails_with_one_line 1
	holds "stderr" "$ERR" "No space left on device"
}

test_texts_that_cannot_be_printed_are_an_error()
{
	for word in --version "--explain -l 5000" --help; do
		"$NC" $word >/dev/full 2>"$T/err"
		same "exit status of $word" 1 "$?"
		one_line "stderr of $word" "$(cat "$T/err")"
	done
}

test_a_listener_with_a_full_stdout_ends_with_an_error()
{
	over native nc || return 0
	[ -c /dev/full ] || { skip "no /dev/full"; return; }
	free_port
	hold
	launch listener sh -c 'exec "$@" >/dev/full' - "$NC" -l "$PORT" <"$T/idle"
	start peer "$TOOLS/peer" "connect:$PORT" send:data recv-end
	finish listener
	fails_with_one_line 1
	peer_done
}

test_a_disk_that_fills_up_keeps_what_it_holds()
{
	over native nc || return 0
	unshare -m true 2>/dev/null || { skip "no mounts here"; return; }
	serve accept fill:1000000 recv-end
	mkdir "$T/mnt"
	start run unshare -m sh -c '
	    mount -t tmpfs -o size=64k none "$1/mnt" || exit 99
	    where=$1; shift
	    "$@" >"$where/mnt/file"
	    rc=$?
	    wc -c <"$where/mnt/file"
	    exit $rc' - "$T" "$NC" -N 127.0.0.1 "$PORT" </dev/null
	finish run
	[ "$RC" != 99 ] || { skip "no mounts here"; return; }
	same "exit status" 1 "$RC"
	same "bytes in the file" 65536 "$OUT"
	holds "stderr" "$ERR" "No space left on device"
}

test_a_limit_on_file_sizes_is_an_error_and_no_death()
{
	over native nc || return 0
	serve accept fill:100000 recv-end
	start run "$TOOLS/fdctl" limit-file=8192 -- "$NC" -N 127.0.0.1 "$PORT" \
	    </dev/null
	exits run 1
	same "bytes kept" 8192 "$(wc -c <"$T/run.out")"
	holds "stderr" "$ERR" "File too large"
}

# sockcat | head: the server goes on for as long as somebody listens.
into_head()	# COMMAND...: its stdin is ours; RC is sockcat's
{
	mkfifo "$T/pipe"
	start head sh -c 'head -n 1 <"$1"' - "$T/pipe"
	start run sh -c 'exec "$@" >"$0"' "$T/pipe" "$@"
	finish run
	rc=$RC
	finish head
	RC=$rc ERR=$(cat "$T/run.err")
}

test_a_datagram_socket_as_stdout_gets_what_a_datagram_can_hold()
{
	over native nc traditional ncat || return 0
	serve accept fill:100000 send:end fin recv-end
	start udp "$TOOLS/peer" "udp-bind:$T/udp" until:end expect-size:100003
	waitfor "file:$T/udp"
	run_gives 0 "$TOOLS/given" "udp-to:$(cat "$T/udp")" onto:1 -- \
	    "$NC" 127.0.0.1 "$PORT" </dev/null
	same "stderr" "" "$ERR"
	finish udp
	same "the receiver's exit status" 0 "$RC"
	peer_done
}

test_head_leaves_and_the_server_is_fast()
{
	over native nc || return 0
	yes >"$T/y" &
	yes_pid=$!
	# More than all the buffers on the way could take.
	waitfor "size:$T/y:20000000"
	kill "$yes_pid"
	wait "$yes_pid" 2>/dev/null
	serve accept "send-file:$T/y" recv-end
	hold
	into_head "$NC" 127.0.0.1 "$PORT" <"$T/idle"
	same "head's line" y "$OUT"
	case $SUBJECT in
	native)	same "exit status" 1 "$RC"
		same "stderr" "" "$ERR" ;;
	*)	same "exit status" 0 "$RC"
		same "stderr" "" "$ERR" ;;
	esac
}

test_head_leaves_and_the_server_is_slow()
{
	over native nc || return 0
	serve accept 'send:one\n' "await:$T/go" 'send:two\n' "touch:$T/sent" \
	    recv-end
	hold
	mkfifo "$T/pipe"
	start head sh -c 'head -n 1 <"$1"' - "$T/pipe"
	start run sh -c 'exec "$@" >"$0"' "$T/pipe" "$NC" 127.0.0.1 "$PORT" \
	    <"$T/idle"
	finish head
	same "head's line" one "$OUT"
	touch "$T/go"
	finish run
	case $SUBJECT in
	native)	same "exit status" 1 "$RC" ;;
	*)	same "exit status" 0 "$RC"
		same "stderr" "" "$ERR" ;;
	esac
	peer_done
}

test_head_leaves_and_the_server_is_silent()
{
	over native nc || return 0
	serve accept 'send:one\n' recv-end
	hold
	mkfifo "$T/pipe"
	start head sh -c 'head -n 1 <"$1"' - "$T/pipe"
	start run sh -c 'exec "$@" >"$0"' "$T/pipe" "$NC" 127.0.0.1 "$PORT" \
	    <"$T/idle"
	finish head
	finish run
	lacks "exit status" "$RC" hang
	peer_done
}

test_head_leaves_a_listener_that_keeps_open()
{
	over native nc || return 0
	free_port
	hold
	mkfifo "$T/pipe"
	start head sh -c 'head -n 1 <"$1"' - "$T/pipe"
	launch run sh -c 'exec "$@" >"$0"' "$T/pipe" "$NC" -k -l "$PORT" <"$T/idle"
	start peer "$TOOLS/peer" "connect:$PORT" 'send:one\n' recv-end
	finish head
	finish run
	lacks "exit status" "$RC" hang
	peer_done
}

test_head_with_sigpipe_ignored_from_the_start()
{
	over native nc || return 0
	serve accept 'send:one\n' "await:$T/go" 'send:two\n' recv-end
	mkfifo "$T/pipe"
	hold
	start head sh -c 'head -n 1 <"$1"' - "$T/pipe"
	start run sh -c 'trap "" PIPE; exec "$@" >"$0"' "$T/pipe" \
	    "$NC" 127.0.0.1 "$PORT" <"$T/idle"
	finish head
	touch "$T/go"
	finish run
	lacks "exit status" "$RC" hang
}

# --- stdout that others write to, too ---------------------------------------

test_a_file_is_continued_where_the_last_program_stopped()
{
	over native nc || return 0
	serve accept fill:3000000 fin recv-eof
	start run sh -c '{ echo before; "$@"; echo after; } >"$0"' "$T/out" \
	    "$NC" -N 127.0.0.1 "$PORT" </dev/null
	finish run
	peer_done
	same "bytes" 3000013 "$(($(wc -c <"$T/out")))"
	same "first line" before "$(head -c 6 "$T/out")"
	same "last line" after "$(tail -c 6 "$T/out")"
}

test_programs_of_a_shell_share_a_file_and_overwrite_nothing()
{
	over native nc || return 0
	free_port
	one=$PORT
	free_port
	start run sh -c 'out=$1 one=$2 two=$3
	    shift 3
	    { "$@" -l 127.0.0.1 "$one" </dev/null &
	    "$@" -l 127.0.0.1 "$two" </dev/null & wait; } >"$out"' - \
	    "$T/out" "$one" "$PORT" "$NC"
	waitfor "tcp:$one" "tcp:$PORT"
	for port in "$one" "$PORT"; do
		start "peer$port" "$TOOLS/peer" "connect:$port" \
		    fill:20000000 fin recv-eof
	done
	finish run
	same "bytes" 40000000 "$(($(wc -c <"$T/out")))"
}

# --- stdin that cannot be read ----------------------------------------------

test_a_directory_as_stdin_is_an_error()
{
	serve accept recv-end
	start run "$NC" -N 127.0.0.1 "$PORT" </
	finish run
	fails_with_one_line 1
	holds "stderr" "$ERR" "directory"
}

test_stdin_that_is_only_for_writing_is_an_error_or_an_end()
{
	over native nc || return 0
	serve accept send:hello fin recv-end
	start run sh -c 'exec "$@" 0>"$0"' "$T/file" "$NC" 127.0.0.1 "$PORT"
	finish run
	case $RC in
	0)	same "stdout" hello "$OUT" ;;
	1)	one_line "stderr" "$ERR" ;;
	*)	same "exit status" "0 or 1" "$RC" ;;
	esac
}

test_a_terminal_that_hangs_up_is_an_end()
{
	over native nc || return 0
	serve accept send:hello "touch:$T/sent" recv-end
	start run "$TOOLS/ptyrun" on=0 "await=$T/sent" hangup -- \
	    "$TOOLS/fdctl" signals -- "$NC" -N 127.0.0.1 "$PORT"
	peer_done
	finish run
	lacks "exit status" "$RC" hang
}

# --- closed descriptors -----------------------------------------------------

SUBSETS="0 1 2 0,1 0,2 1,2 0,1,2"

test_a_client_with_closed_descriptors_returns_nothing_to_the_peer()
{
	over native nc || return 0
	for set in $SUBSETS; do
		rm -f "$T/run.out"
		case $SUBJECT,$set in
		native,*1*)
			# It must not even connect.
			serve quiet-ms:1
			finish peer
			PORT=$(closed_port)
			start run "$TOOLS/fdctl" "close=$set" -- "$NC" \
			    127.0.0.1 "$PORT" </dev/null
			finish run
			same "$set: exit status" 1 "$RC"
			case $set in
			*2*) ;;
			*)	one_line "$set: stderr" "$ERR"
				lacks "$set: stderr" "$ERR" "refused" ;;
			esac
			continue ;;
		esac
		serve accept fill:10000 quiet-ms:100 fin recv-end expect:
		start run "$TOOLS/fdctl" "close=$set" -- "$NC" 127.0.0.1 \
		    "$PORT" </dev/null
		peer_done
		finish run
		same "$set: exit status" 0 "$RC"
		case $set in
		*1*)	;;
		*)	same "$set: bytes on stdout" 10000 \
			    "$(wc -c <"$T/run.out")" ;;
		esac
	done
}

test_a_listener_with_closed_descriptors_returns_nothing_to_the_peer()
{
	over native nc || return 0
	for set in $SUBSETS; do
		free_port
		start run "$TOOLS/fdctl" "close=$set" -- "$NC" -l "$PORT" \
		    </dev/null
		case $SUBJECT,$set in
		native,*1*)
			finish run
			same "$set: exit status" 1 "$RC"
			continue ;;
		esac
		waitfor "tcp:$PORT"
		start peer "$TOOLS/peer" "connect:$PORT" fill:10000 \
		    quiet-ms:100 fin recv-end expect:
		peer_done
		finish run
		same "$set: exit status" 0 "$RC"
		case $set in
		*1*)	;;
		*)	same "$set: bytes on stdout" 10000 \
			    "$(wc -c <"$T/run.out")" ;;
		esac
	done
}

test_udp_with_closed_descriptors_returns_nothing_to_the_peer()
{
	over native nc || return 0
	for set in 0 2 0,2; do
		free_port
		launch_udp run "$TOOLS/fdctl" "close=$set" -- "$NC" -u -w 1 -l \
		    "$PORT" </dev/null
		start peer "$TOOLS/peer" "udp-connect:$PORT" send:datagram \
		    quiet-ms:200
		peer_done
		finish run
		same "$set: exit status" 0 "$RC"
		same "$set: stdout" datagram "$OUT"
	done
}

test_with_stderr_closed_messages_do_not_go_to_the_peer()
{
	over native nc || return 0
	serve accept send:hi fin recv-end expect:
	start run "$TOOLS/fdctl" close=2 -- "$NC" -vvv -N 127.0.0.1 "$PORT" \
	    </dev/null
	peer_done
	finish run
	same "stdout" hi "$OUT"
	same "exit status" 0 "$RC"
}

test_eleven_hundred_inherited_descriptors_do_no_harm()
{
	over native nc || return 0
	serve accept send:hello recv-eof expect:PING
	printf PING >"$T/in"
	start run "$TOOLS/fdctl" many=1100 -- "$NC" -N 127.0.0.1 "$PORT" \
	    <"$T/in"
	exits run 0
	same "stdout" hello "$OUT"
	same "stderr" "" "$ERR"
	peer_done
	free_port
	launch run "$TOOLS/fdctl" many=1100 -- "$NC" -l "$PORT" </dev/null
	start peer "$TOOLS/peer" "connect:$PORT" send:hello fin recv-eof
	peer_done
	finish run
	same "listener's exit status" 0 "$RC"
	same "listener's stdout" hello "$OUT"
}

run_tests "$@"
