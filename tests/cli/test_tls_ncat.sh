#!/bin/sh
# TLS between sockcat and Nmap's ncat, in both directions, and what sockcat
# tells about TLS under both names.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_tls.sh"

need_real_ncat()
{
	[ -x "$REAL/ncat" ] || { skip "no ncat"; return 1; }
}

# Starts ncat as a TLS server that shows the certificate "server"; the options
# come before the address. Its standard input stays open.
real_server()	# OPTION...
{
	free_port
	hold
	launch server "$REAL/ncat" -l --ssl --ssl-cert "$CERTS/server.pem" \
	    --ssl-key "$CERTS/server.key" "$@" 127.0.0.1 "$PORT" <"$T/idle"
}

test_ncat_serves_a_command_to_sockcat()
{
	over native ncat || return 0
	need_tls server && need_real_ncat || return 0
	real_server -c 'read a; echo "got $a"'
	case $SUBJECT in
	native)	set -- --tls --tls-ca "$CERTS/ca.pem" ;;
	ncat)	set -- --ssl-trustfile "$CERTS/ca.pem" ;;
	esac
	# The server takes the end of the input for the end of everything.
	echo ping >&9
	start us "$NC" "$@" 127.0.0.1 "$PORT" <"$T/idle"
	waitfor "text:$T/us.out:got ping"
	# As ncat, a client waits for the end of its input.
	[ "$SUBJECT" = native ] || release
	finish us
	same "exit status, with <$ERR>" 0 "$RC"
	same "stdout" "got ping" "$OUT"
}

# Ncat ends without close_notify, which sockcat under its own name reports.
test_the_end_of_an_ncat_is_a_truncation_natively()
{
	over native ncat || return 0
	need_tls server && need_real_ncat || return 0
	free_port
	case $SUBJECT in
	native)	set -- --tls --tls-cert "$CERTS/server.pem" \
		    --tls-key "$CERTS/server.key" ;;
	ncat)	set -- --ssl --ssl-cert "$CERTS/server.pem" \
		    --ssl-key "$CERTS/server.key" ;;
	esac
	hold
	launch us "$NC" -l "$@" 127.0.0.1 "$PORT" <"$T/idle"
	echo bytes >"$T/bytes"
	run "$REAL/ncat" --ssl 127.0.0.1 "$PORT" <"$T/bytes"
	same "exit status of ncat" 0 "$RC"
	finish us
	same "stdout" bytes "$OUT"
	case $SUBJECT in
	native)	same "exit status" 1 "$RC"
		one_line "stderr" "$ERR"
		holds "stderr" "$ERR" "without ending TLS" ;;
	ncat)	same "exit status, with <$ERR>" 0 "$RC"
		same "stderr" "" "$ERR" ;;
	esac
}

test_a_megabyte_goes_to_and_from_ncat()
{
	need_tls server && need_real_ncat || return 0
	head -c 1000000 /dev/urandom >"$T/data"
	real_server --recv-only
	run "$NC" --tls --tls-ca "$CERTS/ca.pem" --send-only 127.0.0.1 "$PORT" \
	    <"$T/data"
	same "exit status, with <$ERR>" 0 "$RC"
	finish server
	same_file "what ncat got" "$T/data" "$T/server.out"
	real_server -c "cat '$T/data'"
	run "$NC" --tls --tls-ca "$CERTS/ca.pem" --recv-only 127.0.0.1 "$PORT"
	same_file "what sockcat got" "$T/data" "$T/run.out"
}

test_the_fingerprint_that_is_printed_can_be_pinned()
{
	need_tls || return 0
	free_port
	start us "$NC" -l --tls --echo 127.0.0.1 "$PORT"
	waitfor "tcp:$PORT" "text:$T/us.err:SHA256:"
	pin=$(sed -n 's/.*\(SHA256:[0-9a-f]*\)$/\1/p' "$T/us.err")
	echo ping >"$T/ping"
	run "$NC" --tls --tls-pin "$pin" 127.0.0.1 "$PORT" <"$T/ping"
	same "exit status, with <$ERR>" 0 "$RC"
	same "stdout" ping "$OUT"
	same "stderr" "" "$ERR"
	finish us
	same "exit status of the server" 0 "$RC"
	one_line "stderr of the server" "$ERR"
}

test_v_tells_who_the_peer_is()
{
	need_tls server && need_tls_peer || return 0
	tls_serve cert:server accept hello notify recv-end
	tls_run -v </dev/null
	same "exit status, with <$ERR>" 0 "$RC"
	holds "stderr" "$ERR" "TLSv1.3 with 127.0.0.1 port"
	holds "stderr" "$ERR" "peer certificate: CN=$TLS_NAME, issued by CN="
	holds "stderr" "$ERR" "expires 2099-12-31 00:00:00 UTC"
	holds "stderr" "$ERR" "SHA256:$(tls_pin server |
	    tr A-F a-f) (verified)"
	finish peer
}

test_insecure_is_said_in_a_line()
{
	need_tls self && need_tls_peer || return 0
	tls_serve cert:self accept hello notify recv-end
	run "$NC" --tls --tls-insecure 127.0.0.1 "$PORT" </dev/null
	fails_with_one_line 0
	holds "stderr" "$ERR" "is not verified"
	finish peer
}

test_a_handshake_that_fails_is_told_and_does_not_count()
{
	need_tls server && need_tls_peer || return 0
	free_port
	launch us "$NC" -l --tls --tls-cert "$CERTS/server.pem" \
	    --tls-key "$CERTS/server.key" -c 'echo hi' 127.0.0.1 "$PORT"
	true_that "a client without TLS ends" \
	    "$TOOLS/peer" "connect:$PORT" 'send:GET / HTTP/1.0\r\n\r\n' recv-end close
	waitfor "text:$T/us.err:ailed"
	tls_client hello until:hi notify recv-end
	finish us
	fails_with_one_line 0
	holds "stderr" "$ERR" "TLS handshake with 127.0.0.1 port"
}

test_a_key_that_others_can_read_is_warned_of()
{
	over native ncat || return 0
	need_tls server || return 0
	cp "$CERTS/server.key" "$T/key"
	chmod 644 "$T/key"
	free_port
	case $SUBJECT in
	native)	set -- --tls --tls-cert "$CERTS/server.pem" --tls-key ;;
	ncat)	set -- --ssl-cert "$CERTS/server.pem" --ssl-key ;;
	esac
	run "$NC" "$@" "$T/key" 127.0.0.1 "$PORT"
	case $SUBJECT in
	native)	holds "stderr" "$ERR" "other users can read the key file" ;;
	ncat)	lacks "stderr" "$ERR" "other users" ;;
	esac
}

# After a handshake, the client would take its bytes for delivered.
test_a_client_too_many_is_turned_away_before_the_handshake()
{
	over ncat || return 0
	need_tls server || return 0
	free_port
	launch us "$NC" -l -k -m 1 -c cat -v --ssl --ssl-cert \
	    "$CERTS/server.pem" --ssl-key "$CERTS/server.key" 127.0.0.1 \
	    "$PORT" </dev/null
	hold
	start first "$NC" --ssl 127.0.0.1 "$PORT" <"$T/idle"
	echo served >&9
	waitfor "text:$T/first.out:served"
	echo hello >"$T/bytes"
	run_gives 1 "$NC" --ssl 127.0.0.1 "$PORT" <"$T/bytes"
	holds "stderr of the server" "$(cat "$T/us.err")" \
	    "New connection denied: connection limit reached (1)"
	stop us
}

test_ncat_verifies_only_when_asked()
{
	over ncat || return 0
	need_tls self strange && need_tls_peer || return 0
	tls_serve cert:self accept hello send:hi notify recv-end
	run "$NC" --ssl 127.0.0.1 "$PORT" </dev/null
	same "stdout" hi "$OUT"
	same "stderr" "" "$ERR"
	finish peer
	for trust in --ssl-verify "--ssl-trustfile=$CERTS/ca.pem"; do
		tls_serve cert:strange accept hello recv-end
		run "$NC" "$trust" 127.0.0.1 "$PORT" </dev/null
		same "exit status with $trust" 1 "$RC"
		same "stderr" "Ncat: Input/output error." "$ERR"
		finish peer
	done
	tls_serve cert:server accept hello recv-end
	run "$NC" --ssl-trustfile "$CERTS/ca.pem" --ssl-servername x.test \
	    127.0.0.1 "$PORT" </dev/null
	same "exit status at a wrong name" 2 "$RC"
	same "stderr" "Ncat: Certificate verification error. QUITTING." "$ERR"
	finish peer
}

run_tests "$@"
