#!/bin/sh
# What a relay cuts, at a limit or a signal, looks like no end: each side that
# has not got the end of the other is reset.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_tls.sh"
. "$(dirname "$0")/lib_relay.sh"

cuts()	# OPTION...: of the relay, whose limit ends each pair
{
	relay "$@"
	{
		either "has sent, and waits" \
		    "trade:1000:500 reset" "trade:500:1000 reset"
		either "has said nothing" "reset" "reset"
		either "has ended" "send:1000 fin reset tell:a" \
		    "read:1000 eof hear:a broken"
		echo "the server reads late | send:20000 tell:a reset |" \
		    "hear:a nap:2700 read:20000 reset"
	} >"$T/table"
	through
	same "stderr" "" "$(cat "$T/relay.err")"
}

test_silence_ends_in_a_reset()
{
	cuts --idle-timeout 2
}

test_the_time_of_a_session_ends_in_a_reset()
{
	cuts --session-timeout 2
}

test_what_has_ended_in_both_directions_is_not_reset()
{
	relay --idle-timeout 2
	orders 1000 1000 | grep -v 'closes' >"$T/table"
	through
}

# A transfer in both directions through the relay, which is then told to end.
cut_in_the_middle()	# SIGNAL OPTION...
{
	signal=$1
	shift
	serve accept send:back recv:5 "touch:$T/there" recv-eof
	BEHIND=$PORT
	free_port
	launch relay "$NC" -l "$@" --forward "127.0.0.1:$BEHIND" \
	    127.0.0.1 "$PORT"
	start one "$TOOLS/peer" "connect:$PORT" send:there recv:4 \
	    "touch:$T/back" recv-eof
	waitfor "file:$T/there" "file:$T/back"
	[ "$signal" = none ] || kill "-$signal" "$(pid_of relay)"
	finish one
	holds "$*: the client" "$ERR" "reset"
	finish peer
	holds "$*: the server" "$ERR" "reset"
	finish relay
	rm -f "$T/there" "$T/back"
}

test_a_signal_and_a_deadline_end_in_a_reset()
{
	for keep in "" -k; do
		cut_in_the_middle TERM $keep
		cut_in_the_middle none $keep --deadline 8
	done
}

test_inside_tls_a_cut_is_no_end()
{
	need_tls server && need_tls_peer || return 0
	serve accept until:question recv-eof
	BEHIND=$PORT
	listener --tls --tls-cert "$CERTS/server.pem" --tls-key \
	    "$CERTS/server.key" -k --idle-timeout 3 \
	    --forward "127.0.0.1:$BEHIND"
	start one "$PYTHON" "$TLS_PEER" "connect:$PORT" hello send:question \
	    recv-notify
	finish one
	true_that "the client saw no close_notify" [ "$RC" != 0 ]
	finish peer
	holds "the server" "$ERR" "reset"
}

# Datagrams have no end: silence is, and the stream gets one.
test_the_silence_of_datagrams_is_an_end()
{
	serve accept recv:3 expect:one recv-eof
	server_as front -u -l -k --idle-timeout 300ms \
	    --forward "tcp:127.0.0.1:$PORT"
	run "$TOOLS/peer" "udp-connect:$front" send:one
	peer_done
	server_as echo -u -l -k --echo
	server_as back -l --idle-timeout 2 --forward "udp:127.0.0.1:$echo"
	run "$TOOLS/peer" "connect:$back" send:one recv-eof expect:one
	same "the client <$ERR>" 0 "$RC"
}

run_tests "$@"
