#!/bin/sh
# A sender that fails: what it has read arrives, and then a reset, for an end
# would tell the receiver that it has everything. An input that has ended, and
# one that has no end to miss, are followed by an end.
# timeout: 600
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_end.sh"
. "$(dirname "$0")/lib_tls.sh"

# --- an input that is cut ------------------------------------------------------

# Meets a peer that gets "one" of an input that stays open.
begins()	# client|listener OPTION...
{
	begins_way=$1
	shift
	OPTIONS=$*
	WRAP="$TOOLS/fdctl signals --"
	meet "$begins_way" fifo recv:3 "touch:$T/got" recv-reset expect:one
	say one
	waitfor "file:$T/got"
	OPTIONS= WRAP=
}

test_a_signal_in_the_midst_of_the_input_ends_in_a_reset()
{
	for way in client listener; do
		for sig in INT:130 TERM:143 HUP:129 QUIT:131; do
			begins "$way"
			stop run "${sig%:*}"
			same "$way, ${sig%:*}: exit status" "${sig#*:}" "$RC"
			peer_done
		done
	done
}

test_a_deadline_in_the_midst_of_the_input_ends_in_a_reset()
{
	for way in client listener; do
		for limit in --deadline --session-timeout; do
			begins "$way" "$limit" 2
			finish run
			same "$way, $limit: exit status" 1 "$RC"
			peer_done
		done
	done
}

test_a_rate_limit_that_a_deadline_cuts_ends_in_a_reset()
{
	FILE=$(bytes 3000000) OPTIONS="--rate-limit 100k --deadline 2"
	for way in client listener; do
		meet "$way" file recv-reset "save:$T/got"
		finish run
		same "$way: exit status" 1 "$RC"
		peer_done
		true_that "$way: the beginning of the file came" \
		    cmp -n "$(wc -c <"$T/got")" "$FILE" "$T/got"
	done
	OPTIONS=
}

# More is held than the peer takes at once; it reads when it is too late.
test_what_was_read_arrives_before_the_reset()
{
	for way in client listener; do
		WRAP="$TOOLS/fdctl signals --"
		meet "$way" fifo "await:$T/go" recv-slow:1 expect-size:200000
		WRAP=
		cat "$(bytes 200000)" >&9
		waitfor "asleep:$(pid_of run)"
		kill_it run
		touch "$T/go"
		finish run
		same "$way: exit status" 143 "$RC"
		finish peer
		holds "$way: the peer" "$ERR" "a reset came"
	done
}

# The receiver of the issue's user: it must not exit with 0.
test_a_receiver_of_a_sender_that_fails_fails_too()
{
	start_receiver "$NC"
	hold
	start run "$TOOLS/fdctl" signals -- "$NC" 127.0.0.1 "$PORT" <"$T/idle"
	say one
	waitfor "text:$T/receiver.out:one"
	stop run
	finish receiver
	same "the receiver's exit status" 1 "$RC"
	one_line "the receiver's stderr" "$ERR"
	same "what the receiver has" one "$OUT"
}

start_receiver()	# COMMAND...
{
	free_port
	launch receiver "$@" -l 127.0.0.1 "$PORT" </dev/null
}

# --- an output that fails --------------------------------------------------------

full_output()	# client|listener
{
	meet "$1" fifo recv:3 send:bye recv-reset expect:one
	say one
	finish run
	same "$1: exit status" 1 "$RC"
	peer_done
}

test_an_output_that_fails_in_the_midst_of_the_input_ends_in_a_reset()
{
	[ -c /dev/full ] || { skip "no /dev/full"; return; }
	cat >"$work/full" <<-'X'
		#!/bin/sh
		exec "$@" >/dev/full
	X
	WRAP="sh $work/full"
	full_output client
	full_output listener
	WRAP=
}

# --- an input that is not cut ------------------------------------------------------

test_a_signal_after_the_end_of_the_input_is_an_end()
{
	for way in client listener; do
		WRAP="$TOOLS/fdctl signals --"
		meet "$way" fifo recv-eof "touch:$T/fin" expect:one send:bye \
		    "await:$T/go"
		WRAP=
		say one
		release
		waitfor "text:$T/run.out:bye"
		stop run
		same "$way: exit status" 143 "$RC"
		touch "$T/go"
		peer_done
	done
}

# Who types has said all, and leaves.
test_ctrl_c_at_a_terminal_is_an_end()
{
	ctrl_c=$(printf '\003')
	for way in client listener; do
		anew
		set -- recv-line 'expect:typed\n' "touch:$T/got" recv-eof \
		    expect:
		case $way in
		client)
			serve accept "$@" </dev/null
			words="127.0.0.1 $PORT" ;;
		listener)
			free_port
			words="-l 127.0.0.1 $PORT" ;;
		esac
		start run "$TOOLS/ptyrun" on=0 'type=typed\n' "await=$T/got" \
		    "type=$ctrl_c" -- "$NC" $words
		[ "$way" = client ] || waitfor "tcp:$PORT"
		[ "$way" = client ] || guest peer "$@" </dev/null
		finish run
		lacks "$way: exit status" "$RC" hang
		peer_done
	done
}

# --- many clients on one input ---------------------------------------------------

# Two joined clients, each of which has got "one".
joins()	# END OPTION...
{
	joins_end=$1
	shift
	anew
	free_port
	hold
	launch run "$TOOLS/fdctl" signals -- "$NC" -k --max-conns 5 \
	    --stdin=all "$@" -l 127.0.0.1 "$PORT" <"$T/idle"
	for name in a b; do
		guest "$name" 'send:x\n' recv:3 "touch:$T/$name" "$joins_end" \
		    expect:one
	done
	waitfor "size:$T/run.out:4"
	say one
	waitfor "file:$T/a" "file:$T/b"
}

test_joined_clients_are_reset_when_the_input_is_cut()
{
	joins recv-reset
	stop run
	same "exit status" 143 "$RC"
	guest_done a
	guest_done b
	joins recv-reset --deadline 3
	finish run
	same "exit status with --deadline" 1 "$RC"
	guest_done a
	guest_done b
}

test_joined_clients_get_the_end_of_an_input_that_ends()
{
	joins recv-eof
	release
	guest_done a
	guest_done b
}

test_a_joined_client_that_is_too_slow_is_reset()
{
	free_port
	hold
	launch run "$NC" -k --max-conns 5 --stdin=all -l 127.0.0.1 "$PORT" \
	    <"$T/idle"
	guest slow 'send:x\n' "await:$T/go" recv-reset
	guest quick 'send:x\n' recv:9000000 "touch:$T/all"
	waitfor "size:$T/run.out:4"
	cat "$(bytes 9000000)" >&9
	waitfor "file:$T/all" "text:$T/run.err:dropped"
	touch "$T/go"
	guest_done slow
	release
}

# --- commands -----------------------------------------------------------------------

# A command that has written "one", and more later, has the socket or pipes.
commands()	# client|listener END OPTION...
{
	way=$1 commands_end=$2
	shift 2
	anew
	set -- "$@" -c "printf one; exec $TOOLS/waitfor -t 60000 file:$T/never"
	case $way in
	client)
		serve accept recv:3 "touch:$T/got" "$commands_end" \
		    expect:one </dev/null
		set -- "$@" 127.0.0.1 "$PORT" ;;
	listener)
		free_port
		set -- "$@" -l 127.0.0.1 "$PORT" ;;
	esac
	start run "$TOOLS/fdctl" signals -- "$NC" "$@" </dev/null
	if [ "$way" = listener ]; then
		waitfor "tcp:$PORT"
		guest peer recv:3 "touch:$T/got" "$commands_end" expect:one \
		    </dev/null
	fi
	waitfor "file:$T/got"
}

test_a_command_that_is_cut_ends_in_a_reset()
{
	for way in client listener; do
		for tie in -n "-o /dev/null"; do
			commands "$way" recv-reset $tie
			stop run
			same "$way, $tie: exit status" 143 "$RC"
			peer_done
			commands "$way" recv-reset $tie --deadline 3
			finish run
			same "$way, $tie: exit status" 1 "$RC"
			peer_done
		done
	done
}

# --- TLS ------------------------------------------------------------------------------

test_inside_tls_there_is_no_close_notify_and_a_reset()
{
	need_tls server && need_tls_peer || return 0
	for limit in none "--deadline 4"; do
		anew
		hold
		tls_serve cert:server accept hello until:one "touch:$T/got" \
		    recv-notify
		OPTIONS=
		[ "$limit" = none ] || OPTIONS=$limit
		start run "$TOOLS/fdctl" signals -- "$NC" --tls --tls-ca \
		    "$CERTS/ca.pem" $OPTIONS 127.0.0.1 "$PORT" <"$T/idle"
		say one
		waitfor "file:$T/got"
		[ "$limit" != none ] || kill_it run
		finish run
		finish peer
		true_that "$limit: no close_notify came" [ "$RC" != 0 ]
		holds "$limit: the server" "$ERR" "the end is by rst"
	done
	OPTIONS=
}

# A peer that only receives may say so by a FIN without close_notify.
uploads()	# STATUS OPTION...
{
	uploads_status=$1
	shift
	data=$(bytes 9000000)
	anew
	tls_serve cert:server accept hello fin sleep-ms:300 recv-notify \
	    "save:$T/got"
	run "$NC" --tls --tls-ca "$CERTS/ca.pem" "$@" 127.0.0.1 "$PORT" \
	    <"$data"
	same "exit status, $*" "$uploads_status" "$RC"
	peer_done
	same_file "what arrived, $*" "$data" "$T/got"
}

test_an_upload_inside_tls_goes_on_after_a_fin_and_that_is_told()
{
	need_tls server && need_tls_peer || return 0
	uploads 1
	holds "stderr" "$ERR" "without ending TLS"
	one_line "stderr" "$ERR"
	uploads 1 -N
	uploads 0 --send-only
	same "stderr with --send-only" "" "$ERR"
}

# --- Unix sockets -----------------------------------------------------------------------

# Without unread bytes there is no reset.
test_of_a_unix_socket_unread_bytes_make_a_reset()
{
	hold
	# More than a sender of that rate reads beforehand.
	start peer "$TOOLS/peer" "ulisten:$T/s" accept recv:3 \
	    fill:400000 "touch:$T/got" recv-reset expect:one
	waitfor "unix:$T/s"
	start run "$TOOLS/fdctl" signals -- "$NC" --rate-limit 1k -U "$T/s" \
	    <"$T/idle"
	say one
	waitfor "file:$T/got"
	stop run
	same "exit status" 143 "$RC"
	peer_done
}

run_tests "$@"
