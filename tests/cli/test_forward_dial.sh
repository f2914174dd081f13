#!/bin/sh
# --forward: how the target is dialled: several targets, TLS, proxies, tries.
# timeout: 240
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_tls.sh"
. "$(dirname "$0")/lib_proxy.sh"

ANSWERS="accept recv-eof expect:question send:answer close"
ASKS="send:question fin recv-eof expect:answer"
TLS_ANSWERS="accept hello recv-notify expect:question send:answer notify"

# The listener's port stays in FRONT, since serve sets PORT.
forward()	# OPTION...: the target is among these
{
	listener "$@"
	FRONT=$PORT
}

visitor()	# WORD...: a client of the listener
{
	run "$TOOLS/peer" "connect:$FRONT" "$@"
	same "the client's script, which said <$ERR>" 0 "$RC"
}

# --- several targets, and tries ---------------------------------------------

test_the_next_target_is_tried_when_one_does_not_connect()
{
	serve $ANSWERS
	forward --forward "127.0.0.1:$(closed_port)" \
	    --forward "unix:$T/none" --forward "127.0.0.1:$PORT"
	visitor $ASKS
	peer_done
	exits listener 0
	same "stderr" "" "$ERR"
}

test_of_several_targets_only_the_last_is_reported()
{
	forward --forward "unix:$T/none" --forward "127.0.0.1:$(closed_port)"
	run "$TOOLS/peer" "connect:$FRONT" recv-end
	finish listener
	fails_with_one_line 1
	holds "stderr" "$ERR" "connect to 127.0.0.1 port"
}

test_a_target_is_tried_again()
{
	forward --retry 100 --retry-delay 50ms -v --forward "unix:$T/late"
	guest one $ASKS
	waitfor "text:$T/listener.err:again"
	start peer "$TOOLS/peer" "ulisten:$T/late" $ANSWERS
	finish one
	same "the client's script, which said <$ERR>" 0 "$RC"
	peer_done
	exits listener 0
}

test_a_client_that_resets_its_connection_is_not_tried_for()
{
	forward --retry forever --retry-delay 100ms -v --forward "unix:$T/none"
	guest one "await:$T/tried" rst
	waitfor "text:$T/listener.err:again"
	: >"$T/tried"
	exits listener 1
}

test_a_target_that_does_not_answer_costs_the_time_of_connecting()
{
	serve_nobody
	forward --connect-timeout 200ms --forward "127.0.0.1:$PORT"
	run "$TOOLS/peer" "connect:$FRONT" recv-end
	exits listener 1
	holds "stderr" "$ERR" "timed out"
	: >"$T/over"
}

test_a_local_address_is_that_of_the_dial()
{
	free_port
	to=$PORT
	start target "$NC" -v -l 127.0.0.1 "$to"
	waitfor "tcp:$to"
	forward --forward-source 127.0.0.3 --forward "127.0.0.1:$to" -k
	visitor fin recv-eof
	finish target
	holds "the target" "$ERR" "127.0.0.3"
}

# --- proxies ----------------------------------------------------------------

test_a_target_is_reached_through_a_proxy()
{
	for kind in socks4 socks5 http; do
		proxy $kind
		serve $ANSWERS
		forward --proxy-type $kind --proxy "$PROXY" \
		    --forward "some.name:$PORT"
		visitor $ASKS
		peer_done
		exits listener 0
		same "stderr" "" "$ERR"
		holds "the proxy" "$(cat "$T/proxy.out")" "some.name"
		stop proxy
	done
}

test_a_proxy_that_refuses_costs_the_client_a_line()
{
	proxy socks5 refuse:5
	forward -x "$PROXY" --forward "some.name:80" -k
	run "$TOOLS/peer" "connect:$FRONT" recv-end
	waits listener
	look_at listener
	one_line "stderr" "$ERR"
	holds "stderr" "$ERR" "some.name port 80"
	holds "stderr" "$ERR" "refused"
}

# --- TLS --------------------------------------------------------------------

test_a_target_may_have_tls()
{
	need_tls server && need_tls_peer || return 0
	tls_serve cert:server $TLS_ANSWERS
	forward --tls-ca "$CERTS/ca.pem" --forward "tls:127.0.0.1:$PORT"
	visitor $ASKS
	peer_done
	exits listener 0
	same "stderr" "" "$ERR"
}

test_a_target_with_a_wrong_certificate_is_passed_over()
{
	need_tls server strange && need_tls_peer || return 0
	tls_serve cert:strange accept refused:
	wrong=$PORT PID_wrong=$PID_peer
	tls_serve cert:server $TLS_ANSWERS
	forward --tls-ca "$CERTS/ca.pem" --forward "tls:127.0.0.1:$wrong" \
	    --forward "tls:127.0.0.1:$PORT"
	visitor $ASKS
	peer_done
	exits listener 0
	same "stderr" "" "$ERR"
	tls_serve cert:strange accept refused:
	forward --tls-ca "$CERTS/ca.pem" --forward "tls:127.0.0.1:$PORT"
	run "$TOOLS/peer" "connect:$FRONT" recv-end
	finish listener
	fails_with_one_line 1
	holds "stderr" "$ERR" "TLS handshake with 127.0.0.1 port"
}

test_both_sides_may_have_tls_with_rules_of_their_own()
{
	need_tls server client && need_tls_peer || return 0
	tls_serve cert:server ca:ca $TLS_ANSWERS
	forward --tls --listen-tls-cert "$CERTS/server.pem" \
	    --listen-tls-key "$CERTS/server.key" --tls-ca "$CERTS/ca.pem" \
	    --tls-cert "$CERTS/client.pem" --tls-key "$CERTS/client.key" \
	    --forward "tls:127.0.0.1:$PORT"
	to=$PORT PORT=$FRONT
	start one "$PYTHON" "$TLS_PEER" "connect:$FRONT" ca:ca \
	    "name:localhost" hello send:question notify recv-notify \
	    expect:answer
	finish one
	same "the client's script, which said <$ERR>" 0 "$RC"
	peer_done
	exits listener 0
	same "stderr" "" "$ERR"
}

test_tls_is_the_listeners_with_a_plain_target()
{
	need_tls server && need_tls_peer || return 0
	for way in --tls --listen-tls; do
		serve $ANSWERS
		forward --tls "$way-cert" "$CERTS/server.pem" \
		    "$way-key" "$CERTS/server.key" --forward "127.0.0.1:$PORT"
		start one "$PYTHON" "$TLS_PEER" "connect:$FRONT" hello \
		    send:question notify recv-notify expect:answer
		finish one
		same "the client's script, which said <$ERR>" 0 "$RC"
		peer_done
		exits listener 0
	done
}

test_a_client_whose_tls_is_cut_makes_a_reset()
{
	need_tls server && need_tls_peer || return 0
	serve accept until:question "touch:$T/read" recv-eof
	forward --tls --tls-cert "$CERTS/server.pem" \
	    --tls-key "$CERTS/server.key" --forward "127.0.0.1:$PORT"
	start one "$PYTHON" "$TLS_PEER" "connect:$FRONT" hello \
	    send:question "await:$T/read" fin recv-end
	finish peer
	true_that "the target saw a failure" [ "$RC" != 0 ]
	holds "the target" "$ERR" "reset"
	exits listener 1
	holds "stderr" "$ERR" "read from"
}

test_a_target_whose_tls_is_cut_makes_a_reset()
{
	need_tls server && need_tls_peer || return 0
	tls_serve cert:server accept hello send:answer "await:$T/read" fin \
	    recv-end
	forward --tls-ca "$CERTS/ca.pem" --forward "tls:127.0.0.1:$PORT"
	run "$TOOLS/peer" "connect:$FRONT" until:answer "touch:$T/read" recv-eof
	true_that "the client saw a failure" [ "$RC" != 0 ]
	holds "the client" "$ERR" "reset"
	exits listener 1
}

test_a_reset_of_one_side_is_no_close_notify_on_the_other()
{
	need_tls server && need_tls_peer || return 0
	tls_serve cert:server accept hello until:question "touch:$T/read" \
	    recv-fin
	forward --tls-ca "$CERTS/ca.pem" --forward "tls:127.0.0.1:$PORT"
	visitor send:question "await:$T/read" rst
	peer_done
	serve accept send:answer "await:$T/came" rst
	forward --tls --tls-cert "$CERTS/server.pem" \
	    --tls-key "$CERTS/server.key" --forward "127.0.0.1:$PORT"
	start one "$PYTHON" "$TLS_PEER" "connect:$FRONT" hello \
	    until:answer "touch:$T/came" recv-fin
	finish one
	same "the client's script, which said <$ERR>" 0 "$RC"
}

test_options_of_tls_belong_to_one_side()
{
	refuses "cannot use --tls-name and -l" -l --tls --forward h:1 \
	    --tls-name x 80
	refuses "--listen-tls-cert is for TLS with clients: add --tls" -l \
	    --listen-tls-cert x --forward tls:h:1 80
	refuses "must use --tls with --listen-tls-min" -l \
	    --listen-tls-min 1.3 --forward h:1 80
	refuses "use --listen-tls-client-ca" -l --forward tls:h:1 \
	    --tls-client-ca x 80
	refuses "must use --tls with --tls-ca" -l --forward h:1 --tls-ca x 80
	refuses "a proxy carries only TCP" -l --forward unix:x -x p:1 80
	refuses "must use --forward with --forward-source" -l \
	    --forward-source ::1 80
}

run_tests "$@"
