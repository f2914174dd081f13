#!/bin/sh
# Handshakes that do not come about: which side waits for how long, what it
# says, and what the other side sees.
# timeout: 400
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_tls.sh"

# A listener that speaks no TLS, and says nothing.
silent_server()
{
	serve accept deadline-ms:90000 recv-end
}

test_the_connection_is_told_before_the_handshake()
{
	need_tls || return 0
	silent_server
	hold
	start caller "$NC" --tls -v 127.0.0.1 "$PORT" <"$T/idle"
	waitfor "text:$T/caller.err:succeeded!"
	holds "stderr" "$(cat "$T/caller.err")" "$PORT port [tcp"
	lacks "stderr" "$(cat "$T/caller.err")" "failed"
	stop caller
	same "lines of a connection that is told once" 1 \
	    "$(grep -c succeeded "$T/caller.err")"
}

test_a_connection_with_tls_is_told_once()
{
	need_tls server && need_tls_peer || return 0
	tls_serve cert:server accept hello send:hi notify recv-end
	run "$NC" --tls --tls-ca "$CERTS/ca.pem" -v 127.0.0.1 "$PORT" </dev/null
	same "exit status, with <$ERR>" 0 "$RC"
	same "lines that tell it" 1 "$(echo "$ERR" | grep -c succeeded)"
	peer_done
}

test_w_and_connect_timeout_cover_the_handshake()
{
	over native nc ncat || return 0
	need_tls || return 0
	on=--tls
	[ "$SUBJECT" != ncat ] || on=--ssl
	for limit in "-w 1" "--connect-timeout=1s"; do
		case $SUBJECT$limit in ncat--connect*) continue ;; esac
		silent_server
		timed "$NC" $on $limit 127.0.0.1 "$PORT" </dev/null
		same "exit status, $limit" 1 "$RC"
		# nc is silent without -v.
		[ "$SUBJECT" = nc ] || one_line "stderr, $limit" "$ERR"
		at_least "milliseconds, $limit" 1000 "$MS"
		finish peer
	done
}

test_a_silent_server_is_given_up_after_thirty_seconds()
{
	need_tls || return 0
	silent_server
	began=$(waitfor ms)
	start caller "$NC" --tls 127.0.0.1 "$PORT" </dev/null
	finish caller 90
	at_least "milliseconds" 30000 $(($(waitfor ms) - began))
	same "exit status" 1 "$RC"
	same "stderr" "sockcat: TLS handshake with 127.0.0.1 port P (tcp) \
failed: Connection timed out (is the peer a TLS server?)" "$ERR"
	finish peer
	run "$NC" --explain --tls h 1
	holds "what --explain says" "$OUT" "limit: the TLS handshake 30s"
	run "$NC" --explain --tls -w 5 h 1
	lacks "what --explain says" "$OUT" "handshake 30s"
}

test_a_chat_says_what_it_waits_for()
{
	need_tls || return 0
	silent_server
	mkdir "$T/home"
	began=$(waitfor ms)
	start caller env "HOME=$T/home" "$TOOLS/ptyrun" on=0,1,2 \
	    'see=waiting for the TLS handshake: no answer yet; :q gives up' \
	    'type=:q\n' -- "$NC" --chat --tls 127.0.0.1 "$PORT"
	finish caller 20
	at_least "milliseconds" 2000 $(($(waitfor ms) - began))
	finish peer
}

# With TLS, a peer is here when the handshake is over.
test_a_chat_greets_no_client_without_tls()
{
	need_tls || return 0
	mkdir "$T/home"
	free_port
	hold
	launch listener env "HOME=$T/home" "$NC" -v --chat --tls -l \
	    127.0.0.1 "$PORT" <"$T/idle"
	start peer "$TOOLS/peer" "connect:$PORT" 'send:hello\n' recv-end
	peer_done
	waitfor "text:$T/listener.err:TLS handshake with"
	lacks "stderr" "$(cat "$T/listener.err")" "is here"
	start bob env "HOME=$T/home" "$NC" --chat --tls --tls-insecure \
	    127.0.0.1 "$PORT" </dev/null
	waitfor "text:$T/listener.err:is here"
	kill_it bob
	kill_it listener
	finish bob
	finish listener
}

# What a client without TLS sees of a server with TLS.
plain_client()	# PRODUCER...
{
	"$@" >"$T/said"
	listener --tls -k 127.0.0.1
	run_gives 1 "$BIN/sockcat" 127.0.0.1 "$PORT" <"$T/said"
	same "stdout" "" "$OUT"
	one_line "stderr" "$ERR"
	holds "stderr" "$ERR" "Connection reset by peer"
	stop listener
	holds "stderr of the server" "$ERR" "TLS handshake with"
}

test_a_client_without_tls_is_no_success()
{
	over native nc || return 0
	need_tls || return 0
	plain_client printf x
	plain_client echo hello
	plain_client seq 1 3000
	plain_client printf 'GET / HTTP/1.0\r\n\r\n'
}

test_a_silent_client_without_tls_is_no_success_either()
{
	need_tls || return 0
	hold
	listener --tls -k 127.0.0.1
	start caller "$NC" 127.0.0.1 "$PORT" <"$T/idle"
	finish caller 40
	fails_with_one_line 1
	holds "stderr" "$ERR" "Connection reset by peer"
}

# The alert says more than a reset, and is not lost by one.
test_a_client_with_tls_gets_the_alert()
{
	need_tls server ca || return 0
	listener -k --tls-cert "$CERTS/server.pem" \
	    --tls-key "$CERTS/server.key" --tls-client-ca "$CERTS/ca.pem" \
	    --tls 127.0.0.1
	run "$NC" --tls --tls-ca "$CERTS/ca.pem" 127.0.0.1 "$PORT" </dev/null
	fails_with_one_line 1
	holds "stderr" "$ERR" "certificate"
}

run_tests "$@"
