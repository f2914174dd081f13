#!/bin/sh
# Telling scripts and service managers that we listen, and where.
. "$(dirname "$0")/lib.sh"

# $T/word becomes a socket that a service manager would listen on.
manager()
{
	start manager "$TOOLS/peer" "ud-bind:$T/word" recv-dgram print
	waitfor "unix:$T/word"
}

test_the_port_file_holds_the_port_and_goes_at_the_end()
{
	over native nc || return 0
	start listener "$NC" -l 0 --port-file "$T/port" </dev/null
	waitfor "file:$T/port"
	PORT=$(cat "$T/port")
	same "lines" 1 "$(wc -l <"$T/port")"
	client send:hello fin recv-eof
	exits listener 0
	same "stdout" hello "$OUT"
	true_that "the file is gone" [ ! -e "$T/port" ]
	same "what is left" "" "$(ls "$T" | grep '^port')"
}

test_one_port_is_that_of_both_families()
{
	start listener "$NC" -k -l 0 --port-file "$T/port" </dev/null
	waitfor "file:$T/port"
	PORT=$(cat "$T/port")
	client send:four fin recv-eof
	if "$TOOLS/has" ipv6; then
		start peer "$TOOLS/peer" "connect6:$PORT" send:six fin recv-eof
		peer_done
		waitfor "text:$T/listener.out:six"
	fi
}

test_the_port_file_goes_at_a_signal_too()
{
	for sig in TERM HUP QUIT; do
		start listener "$TOOLS/fdctl" signals -- "$NC" -l 0 \
		    --port-file "$T/port" </dev/null
		waitfor "file:$T/port"
		stop listener "$sig"
		true_that "$sig: the file is gone" [ ! -e "$T/port" ]
	done
}

test_a_port_file_replaces_a_file_and_nothing_else()
{
	echo old >"$T/port"
	umask 027
	start listener "$NC" -l 0 --port-file "$T/port" </dev/null
	waitfor "text:$T/port:
"
	while [ "$(cat "$T/port")" = old ]; do "$TOOLS/peer" sleep-ms:10; done
	same "its mode" 640 "$(stat -c %a "$T/port")"
	umask 022
	mv "$T/port" "$T/kept"
	echo other >"$T/port"
	stop listener
	same "somebody else's file" other "$(cat "$T/port")"
	rm "$T/port"
	mkfifo "$T/fifo"
	ln -s "$T/kept" "$T/link"
	for f in "$T/fifo" "$T/link" "$T" /dev/null "$T/none/port"; do
		run "$NC" -l 0 --port-file "$f" </dev/null
		same "$f: exit status" 1 "$RC"
		case $f in
		*/port) why="No such file or directory" ;;
		*) why="not a regular file" ;;
		esac
		same "$f: stderr" "sockcat: write the port to $f failed: $why" \
		    "$ERR"
		one_line "$f: stderr" "$ERR"
	done
	true_that "the fifo is there" [ -p "$T/fifo" ]
	true_that "the link is there" [ -L "$T/link" ]
	same "what is left" "" "$(ls "$T" | grep '\.......$')"
}

# On many file systems it even has the number of the one before.
test_a_port_file_that_somebody_else_has_written_since_stays()
{
	start listener "$NC" -l 0 --port-file "$T/port" </dev/null
	waitfor "file:$T/port"
	echo other >"$T/port"
	touch -d '1 hour ago' "$T/port"
	stop listener
	same "somebody else's file" other "$(cat "$T/port")"
}

test_a_descriptor_is_told_the_port_and_closed()
{
	over native nc || return 0
	mkfifo "$T/ready"
	start_pipeline 'exec "$1" -l 0 --ready-fd 7 7>"$2" >"$3" </dev/null' \
	    "$NC" "$T/ready" "$T/got"
	# It ends, although the program goes on.
	run cat "$T/ready"
	same "end" 0 "$RC"
	PORT=$OUT
	client send:hello fin recv-eof
	exits pipeline 0
	same "stdout" hello "$(cat "$T/got")"
}

test_a_command_does_not_get_that_descriptor()
{
	start listener "$NC" -l 0 --ready-fd 7 -c 'ls /proc/self/fd' \
	    7>"$T/ready" </dev/null
	waitfor "text:$T/ready:
"
	PORT=$(cat "$T/ready")
	start peer "$TOOLS/peer" "connect:$PORT" fin recv-eof print
	peer_done
	finish listener
	lacks "its descriptors" " $(echo $PEER) " " 7 "
}

test_a_descriptor_that_cannot_be_told_is_an_error()
{
	run "$NC" -l 0 --ready-fd 9 </dev/null
	same "closed: exit status" 1 "$RC"
	holds "closed: stderr" "$ERR" "descriptor 9 failed: Bad file"
	run "$NC" -l 0 --ready-fd 7 7</dev/null </dev/null
	same "read only: exit status" 1 "$RC"
	holds "read only: stderr" "$ERR" "descriptor 7 failed: Bad file"
	# Numbers that would soon be our own.
	for n in 3 4 5; do
		run "$NC" -l 0 --ready-fd $n 3<&- 4<&- 5<&- </dev/null
		same "$n: exit status" 1 "$RC"
		holds "$n: stderr" "$ERR" "descriptor $n failed: Bad file"
	done
	for n in 0 1 2 -1 x; do
		run "$NC" -l 0 --ready-fd "$n" </dev/null
		same "$n: exit status" 1 "$RC"
		holds "$n: stderr" "$ERR" "--ready-fd: descriptor"
		one_line "$n: stderr" "$ERR"
	done
	run "$NC" --ready-fd 7 127.0.0.1 1 7>/dev/null </dev/null
	same "connecting: stderr" "sockcat: must use -l with --ready-fd" "$ERR"
}

test_a_unix_socket_is_told_by_its_path()
{
	start listener "$NC" -U -l "$T/s" --port-file "$T/port" </dev/null
	waitfor "file:$T/port"
	same "the file" "$T/s" "$(cat "$T/port")"
}

test_nothing_is_told_of_a_port_that_is_taken()
{
	listener -k </dev/null
	run_gives 1 "$NC" -l "$PORT" --port-file "$T/port" --ready-fd 7 \
	    7>"$T/ready" </dev/null
	true_that "there is no file" [ ! -e "$T/port" ]
	true_that "nothing was told" [ ! -s "$T/ready" ]
}

test_a_service_manager_is_told_once()
{
	manager
	free_port
	start listener env NOTIFY_SOCKET="$T/word" "$NC" -l "$PORT" </dev/null
	peer_done_of_manager
	same "the word" "READY=1" "$PEER"
	waitfor "tcp:$PORT"
}

peer_done_of_manager()
{
	PID_peer=$(pid_of manager)
	for ext in out err; do
		ln -sf "manager.$ext" "$T/peer.$ext"
	done
	peer_done
}

test_a_command_does_not_speak_to_the_service_manager()
{
	manager
	start listener env NOTIFY_SOCKET="$T/word" "$NC" -l 0 \
	    --port-file "$T/port" -c 'echo "<$NOTIFY_SOCKET>"' </dev/null
	peer_done_of_manager
	PORT=$(cat "$T/port")
	start peer "$TOOLS/peer" "connect:$PORT" fin recv-eof print
	peer_done
	same "its variable" "<>" "$PEER"
}

test_nc_in_a_script_is_not_the_service_that_is_ready()
{
	over nc traditional ncat || return 0
	manager
	free_port
	case $SUBJECT in
	traditional) set -- -l -p "$PORT" ;;
	*) set -- -l "$PORT" ;;
	esac
	launch listener env NOTIFY_SOCKET="$T/word" "$NC" "$@" \
	    -c 'echo "<$NOTIFY_SOCKET>"' </dev/null
	start peer "$TOOLS/peer" "connect:$PORT" fin recv-eof print
	peer_done
	same "the variable" "<$T/word>" "$PEER"
	"$TOOLS/peer" "ud-connect:$T/word" send:mine
	peer_done_of_manager
	same "the first word to the manager" mine "$PEER"
}

test_a_service_manager_that_is_not_there_is_told_of_and_no_more()
{
	over native nc || return 0
	start listener env NOTIFY_SOCKET="$T/none" "$NC" -l 0 \
	    --port-file "$T/port" </dev/null
	waitfor "file:$T/port"
	PORT=$(cat "$T/port")
	client send:hello fin recv-eof
	exits listener 0
	same "stdout" hello "$OUT"
	if [ "$SUBJECT" = nc ]; then
		same "stderr" "" "$ERR"
	else
		holds "stderr" "$ERR" "notify $T/none failed: No such file"
		one_line "stderr" "$ERR"
	fi
}

test_the_command_of_a_client_is_not_told_of_the_manager_either()
{
	serve accept recv-eof print
	run env NOTIFY_SOCKET="$T/word" "$NC" -c 'echo "<$NOTIFY_SOCKET>"' \
	    127.0.0.1 "$PORT"
	peer_done
	same "the variable" "<>" "$PEER"
}

run_tests "$@"
