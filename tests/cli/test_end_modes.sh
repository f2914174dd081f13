#!/bin/sh
# The end of the peer where there are many, a command, or a peer that was
# given to us: the same table, where it applies.
# timeout: 600
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_end.sh"

# --- joined clients --------------------------------------------------------------

# A listener that joins its clients, with an input of that kind.
joins()	# KIND
{
	anew
	free_port
	start_with "$1" "$NC" ${OPTIONS:-} -k --max-conns 5 -l 127.0.0.1 "$PORT"
	waitfor "tcp:$PORT"
}

one_uploads()
{
	joins "$KIND"
	guest one send:hello "touch:$T/fin" fin recv-eof expect: \
	    "touch:$T/ended"
	guest_done one
	since "$T/fin"
	waits run
	same "stdout" hello "$(cat "$T/run.out")"
}

test_a_joined_client_that_only_sends_is_closed_at_once()
{
	each_kind takes "at once" one_uploads
}

one_of_two_ends()
{
	joins fifo
	guest two recv:3 expect:one "touch:$T/here" "await:$T/go" recv-eof \
	    expect:two
	# Its own end is of no matter to the other.
	say one
	waitfor "file:$T/here"
	guest one send:hello fin recv-eof
	guest_done one
	say two
	touch "$T/go"
	release
	guest_done two
}

test_the_end_of_one_client_ends_no_other()
{
	one_of_two_ends
}

file_to_joined()
{
	FILE=$(bytes 3000000)
	joins file
	guest one fin sleep-ms:1300 recv-eof "save:$T/got"
	guest_done one
	same_file "what the client got" "$FILE" "$T/got"
}

test_a_joined_client_that_ends_first_gets_all_of_a_file()
{
	file_to_joined
}

# What the input goes on to say is still for the client that asked.
test_a_joined_client_that_asks_and_ends_gets_its_answer()
{
	joins fifo
	guest one recv:3 expect:one 'send:more?' fin "touch:$T/fin" recv-eof \
	    expect:two
	say one
	waitfor "file:$T/fin" "text:$T/run.out:more?"
	pause 300
	say two
	release
	guest_done one
}

# --- one peer after the other ------------------------------------------------------

# -k alone: the next peer is waited for, the input stays open for it.
test_with_k_a_peer_that_ends_makes_room_for_the_next_at_once()
{
	each_kind takes "at once" one_after_the_other
}

one_after_the_other()
{
	anew
	free_port
	start_with "$KIND" "$NC" -k -l 127.0.0.1 "$PORT"
	waitfor "tcp:$PORT"
	guest one send:hello "touch:$T/fin" fin recv-eof expect:
	guest_done one
	since "$T/fin"
	guest two recv:3 expect:two fin recv-eof
	say two
	guest_done two
}

# --- commands ------------------------------------------------------------------

# -o makes pipes of a command's streams.
behind_pipes()	# client|listener COMMAND PEER-WORD...
{
	way=$1 command=$2
	shift 2
	anew
	case $way in
	client)
		serve accept "$@" </dev/null
		start run "$NC" -o "$T/dump" -c "$command" 127.0.0.1 "$PORT" \
		    </dev/null ;;
	listener)
		free_port
		launch run "$NC" -o "$T/dump" -c "$command" -l 127.0.0.1 \
		    "$PORT" </dev/null
		guest peer "$@" </dev/null ;;
	esac
}

test_a_command_behind_pipes_sees_the_end_and_may_think_as_long_as_it_likes()
{
	for way in client listener; do
		behind_pipes "$way" "x=\$(sort)
		    $TOOLS/waitfor file:$T/go; echo \"\$x\"" 'send:b\na\n' \
		    fin quiet-ms:3300 "touch:$T/go" recv-eof 'expect:a\nb\n'
		finish run
		same "$way: exit status" 0 "$RC"
		same "$way: stderr" "" "$ERR"
		peer_done
	done
}

test_a_command_that_alone_sends_is_sent_to_its_end()
{
	for way in client listener; do
		behind_pipes "$way" "echo one; $TOOLS/waitfor file:$T/go
		    echo two" recv:4 fin sleep-ms:3300 "touch:$T/go" \
		    recv-eof 'expect:one\ntwo\n'
		finish run
		same "$way: exit status" 0 "$RC"
		peer_done
	done
}

command_that_ends()	# client|listener
{
	behind_pipes "$1" 'cat; exit 3' send:hello "touch:$T/fin" fin recv-eof \
	    expect:hello
	finish run
	since "$T/fin"
	same "$way: exit status" 3 "$RC"
	peer_done
}

test_the_end_of_a_command_behind_pipes_is_the_end_at_once()
{
	takes "at once" command_that_ends client
	takes "at once" command_that_ends listener
}

# --- a peer that was given -----------------------------------------------------------

# The peer's socket is descriptor 3, and our input a pipe.
given()	# PEER-WORD...: those of the client
{
	anew
	hold
	start run bash -c 'fifo=$1; shift; exec "$@" < <(exec cat "$fifo")' - \
	    "$T/idle" "$TOOLS/given" "accepted:$T/peer-port" onto:3 -- \
	    "$NC" ${OPTIONS:-} --peer-fd=3
	waitfor "file:$T/peer-port"
	PORT=$(cat "$T/peer-port")
	way="a given peer" kind=pipe
	start peer "$TOOLS/peer" "connect:$PORT" "$@" </dev/null
}

given_downloads()
{
	given send:bye "touch:$T/fin" fin recv-eof expect:
	ends 0 bye "$T/fin"
	peer_done
}

given_both()
{
	given recv:3 send:bye "touch:$T/fin" fin recv-eof expect:one
	say one
	ends 0 bye "$T/fin"
	peer_done
}

given_nothing()
{
	given "touch:$T/fin" fin recv-reset expect:
	ends 1 "" "$T/fin"
	peer_done
}

test_a_peer_that_was_given_has_the_same_ends()
{
	need_bash || return 0
	takes "a moment" given_downloads
	takes 2s given_both
	takes 1s given_nothing
}

# Where the peer is on 6 and 7, as a UCSPI client has it, 0 and 1 are ours.
test_a_peer_of_ucspi_has_the_same_ends()
{
	need_bash || return 0
	PROTO=TCP
	export PROTO
	takes "a moment" ucspi_downloads
	unset PROTO
}

ucspi_downloads()
{
	anew
	hold
	start run bash -c 'fifo=$1; shift; exec "$@" < <(exec cat "$fifo")' - \
	    "$T/idle" "$TOOLS/given" "accepted:$T/peer-port" onto:6,7 -- \
	    "$NC" --inetd
	waitfor "file:$T/peer-port"
	PORT=$(cat "$T/peer-port")
	way=ucspi kind=pipe
	start peer "$TOOLS/peer" "connect:$PORT" send:bye "touch:$T/fin" fin \
	    recv-eof expect: </dev/null
	ends 0 bye "$T/fin"
	peer_done
}

# inetd's peer is 0 and 1, and so is the command's only one.
test_a_command_for_inetd_may_think_as_long_as_it_likes()
{
	start run "$TOOLS/given" "accepted:$T/peer-port" onto:0,1 -- "$NC" \
	    --inetd -C -c "x=\$(sort); $TOOLS/waitfor file:$T/go
	    echo \"\$x\"" </dev/null
	waitfor "file:$T/peer-port"
	PORT=$(cat "$T/peer-port")
	start peer "$TOOLS/peer" "connect:$PORT" 'send:b\na\n' fin \
	    quiet-ms:3300 "touch:$T/go" recv-eof 'expect:a\r\nb\r\n' </dev/null
	exits run 0
	peer_done
}

# --- connecting anew ------------------------------------------------------------------

# The end of a connection is not that of the input, which goes on to the next.
comes_back()
{
	anew
	serve accept send:1 "touch:$T/fin" close accept "touch:$T/second" \
	    recv-eof expect:more </dev/null
	start_with "$KIND" "$NC" --reconnect --retry-delay 20ms 127.0.0.1 \
	    "$PORT"
	waitfor "file:$T/second"
	MS=$(($(stat -c %.3Y "$T/second" | tr -d .) -
	    $(stat -c %.3Y "$T/fin" | tr -d .)))
	say more
	release
	finish run
	same "a $KIND: exit status" 0 "$RC"
	same "a $KIND: stderr" "" "$ERR"
	peer_done
}

test_with_reconnect_a_silent_pipe_costs_no_second_between_two_peers()
{
	each_kind takes "at once" comes_back
}

# One that gave nothing has failed nobody: the next may take it.
test_with_reconnect_peers_that_exchange_nothing_are_no_failure()
{
	hold
	serve accept close accept close accept "touch:$T/third" recv-eof \
	    expect:more </dev/null
	start run "$NC" --reconnect --retry-delay 20ms 127.0.0.1 "$PORT" \
	    <"$T/idle"
	waitfor "file:$T/third"
	say more
	release
	exits run 0
	same "stderr" "" "$ERR"
	peer_done
}

# --- other streams -----------------------------------------------------------------

# STATUS and STDOUT are how the subject ends; the words are the peer's.
unix_ends()	# client|listener STATUS STDOUT WORD...
{
	way=$1 kind=FIFO status=$2 wanted=$3
	shift 3
	anew
	hold
	set -- "$@" "touch:$T/fin" fin recv-eof expect:
	case $way in
	client)
		start peer "$TOOLS/peer" "ulisten:$T/s" accept "$@" </dev/null
		waitfor "unix:$T/s"
		start run "$NC" -U "$T/s" <"$T/idle" ;;
	listener)
		start run "$NC" -U -l "$T/s" <"$T/idle"
		waitfor "unix:$T/s"
		start peer "$TOOLS/peer" "uconnect:$T/s" "$@" </dev/null ;;
	esac
	ends "$status" "$wanted" "$T/fin"
	peer_done
}

test_a_unix_socket_has_the_same_ends()
{
	for way in client listener; do
		takes "a moment" unix_ends "$way" 0 bye send:bye
		takes 1s unix_ends "$way" 1 ""
	done
}

run_tests "$@"
