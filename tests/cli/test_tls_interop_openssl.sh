#!/bin/sh
# TLS with openssl s_client and s_server: bytes, half-close, client
# certificates, ALPN, names, tickets, new keys in the middle.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_tls.sh"

VERSIONS="tls1_2 tls1_3"

# --- sockcat is the client ------------------------------------------------------------

test_s_server_gets_and_gives_equal_bytes()
{
	need_tls ca server || return 0
	two_files 16
	for version in $VERSIONS; do
		free_port
		open_end other "$ONE" "$T/there" openssl s_server -accept \
		    "127.0.0.1:$PORT" -naccept 1 -quiet "-$version" -cert \
		    "$CERTS/server.pem" -key "$CERTS/server.key"
		waitfor "tcp:$PORT"
		open_end run "$TWO" "$T/here" "$NC" --tls --tls-ca \
		    "$CERTS/ca.pem" 127.0.0.1 "$PORT"
		have_come "$version"
		end_of run
		finish run
		end_of other
	done
}

have_come()	# WHAT
{
	waitfor -t 60000 "size:$T/here:$(wc -c <"$ONE")" \
	    "size:$T/there:$(wc -c <"$TWO")"
	same_file "$1: what sockcat got" "$ONE" "$T/here"
	same_file "$1: what openssl got" "$TWO" "$T/there"
}

test_s_server_answers_a_request_and_ends()
{
	need_tls ca server || return 0
	printf 'GET / HTTP/1.0\r\n\r\n' >"$T/in"
	for version in $VERSIONS; do
		openssl_server server -www "-$version" </dev/null
		tls_run <"$T/in"
		same "$version: exit status, with <$ERR>" 0 "$RC"
		holds "stdout" "$OUT" "HTTP/1.0 200"
		holds "stdout" "$OUT" "</HTML>"
		finish peer
	done
}

test_s_server_sees_certificate_and_protocols()
{
	need_tls ca server client || return 0
	for version in $VERSIONS; do
		hold
		openssl_server server "-$version" -Verify 1 -CAfile \
		    "$CERTS/ca.pem" -verify_return_error -alpn h2,x \
		    <"$T/idle"
		echo hello >"$T/in"
		start run "$NC" --tls --tls-ca "$CERTS/ca.pem" --tls-name \
		    "$TLS_NAME" --tls-alpn x,h2 --tls-cert \
		    "$CERTS/client.pem" --tls-key "$CERTS/client.key" \
		    127.0.0.1 "$PORT" <"$T/in"
		waitfor "text:$T/peer.out:hello"
		echo Q >&9
		finish run
		finish peer
		for part in "Client One" "ALPN protocols selected: h2"; do
			true_that "$version: $part" grep -qaF "$part" \
			    "$T/peer.out"
		done
		release
	done
}

test_s_server_sees_the_name()
{
	need_tls ca server || return 0
	hold
	openssl_server server -servername "$TLS_NAME" -cert2 \
	    "$CERTS/server.pem" -key2 "$CERTS/server.key" <"$T/idle"
	echo hello >"$T/in"
	tls_run --tls-name "$TLS_NAME" <"$T/in"
	same "exit status, with <$ERR>" 0 "$RC"
	finish peer
	holds "s_server" "$OUT" "Hostname in TLS extension: \"$TLS_NAME\""
}

# Types a line at openssl when so many bytes have come to the file, each in
# turn, "after" until that has come to the other file, and "Q" after the text.
# "K" sends a KeyUpdate and asks for another, "k" sends one, "Q" ends; of lines
# that openssl reads at once, only the first counts.
types()	# FILE TEXT OTHER-FILE
{
	mkfifo "$T/keys"
	start keys sh -c 'exec >"$1/keys"
	    for step in 100000:K 300000:k 500000:K; do
		"$2" "size:$3:${step%:*}"; echo "${step#*:}"
	    done
	    until grep -q after "$5"; do
		echo after; sleep 0.1
	    done
	    "$2" "text:$3:$4"; echo Q' - "$T" "$TOOLS/waitfor" "$1" "$2" "$3"
}

openssl_typed()	# COMMAND...: its input is what is typed
{
	start peer sh -c 'keys=$1; shift; exec "$@" <"$keys"' - "$T/keys" "$@"
}

test_s_server_changes_keys_in_the_middle()
{
	need_tls ca server || return 0
	file=$(bytes 900000)
	free_port
	: >"$T/run.out"
	types "$T/peer.out" "last words" "$T/run.out"
	openssl_typed openssl s_server -accept "127.0.0.1:$PORT" -naccept 1 \
	    -cert "$CERTS/server.pem" -key "$CERTS/server.key" -tls1_3
	waitfor "tcp:$PORT"
	hold
	start run "$NC" --tls --tls-ca "$CERTS/ca.pem" 127.0.0.1 "$PORT" \
	    <"$T/idle"
	cat "$file" >&9
	waitfor "text:$T/run.out:after"
	printf 'last words\n' >&9
	waitfor "text:$T/peer.out:last words"
	release
	finish run
	same "stdout" after "$(printf '%s\n' "$OUT" | head -n 1)"
	finish peer
	between "changes of keys" 1 3 "$(grep -ao 'SSL_do_handshake -> 1' \
	    "$T/peer.out" | grep -c .)"
	true_that "all bytes came" within "$file" "$T/peer.out"
}

# The lines of the first file stand in the second.
within()	# FILE FILE
{
	tr -d '\n' <"$1" | tail -c 100 >"$work/part"
	tr -d '\n' <"$2" | grep -aqF "$(cat "$work/part")"
}

# --- sockcat is the server ------------------------------------------------------------

test_s_client_gets_and_gives_equal_bytes()
{
	need_tls ca server || return 0
	two_files 16
	for version in $VERSIONS; do
		free_port
		open_end listener "$TWO" "$T/here" "$NC" --tls --tls-cert \
		    "$CERTS/server.pem" --tls-key "$CERTS/server.key" \
		    -l 127.0.0.1 "$PORT"
		waitfor "tcp:$PORT"
		open_end other "$ONE" "$T/there" openssl s_client -connect \
		    "127.0.0.1:$PORT" -quiet "-$version" -CAfile \
		    "$CERTS/ca.pem" -verify_return_error -verify_hostname \
		    localhost
		have_come "$version"
		end_of listener
		finish listener
		end_of other
	done
}

# At the end of its input s_client sends a close_notify.
test_s_client_ends_in_order()
{
	need_tls ca server || return 0
	for version in $VERSIONS; do
		tls_listener server </dev/null
		echo hello >"$T/in"
		openssl_client peer -no_ign_eof "-$version" <"$T/in"
		finish listener
		same "$version: exit status" 0 "$RC"
		same "$version: stdout" hello "$OUT"
		same "$version: stderr" "" "$ERR"
		finish peer
	done
}

test_s_client_shows_its_certificate()
{
	need_tls ca server client || return 0
	for version in $VERSIONS; do
		tls_listener server -v --tls-client-ca "$CERTS/ca.pem" \
		    </dev/null
		echo hello >"$T/in"
		openssl_client peer -no_ign_eof "-$version" -cert \
		    "$CERTS/client.pem" -key "$CERTS/client.key" <"$T/in"
		finish listener
		same "$version: exit status" 0 "$RC"
		same "$version: stdout" hello "$OUT"
		holds "$version: stderr" "$ERR" "Client One"
		finish peer
	done
}

test_s_client_comes_back_with_a_ticket()
{
	need_tls ca server || return 0
	tls_listener server -k -c 'cat >/dev/null' </dev/null
	openssl_client peer -tls1_2 -reconnect </dev/null
	finish peer
	same "exit status of s_client" 0 "$RC"
	same "sessions" "1 New, 5 Reused" "$(echo \
	    "$(grep -c '^New, ' "$T/peer.out") New," \
	    "$(grep -c '^Reused, ' "$T/peer.out") Reused")"
	# TLS 1.3: the tickets come after the handshake.
	hold
	openssl_client peer -tls1_3 -sess_out "$T/ticket" <"$T/idle"
	waitfor "file:$T/ticket"
	release
	finish peer
	openssl_client peer -tls1_3 -sess_in "$T/ticket" </dev/null
	finish peer
	holds "s_client" "$OUT" "Reused, TLSv1.3"
}

# A client that must show a certificate gets no ticket to replace it.
test_a_verified_client_is_verified_each_time()
{
	need_tls ca server client || return 0
	tls_listener server -k --tls-client-ca "$CERTS/ca.pem" \
	    -c 'cat >/dev/null' </dev/null
	openssl_client peer -tls1_2 -reconnect -cert "$CERTS/client.pem" -key \
	    "$CERTS/client.key" </dev/null
	finish peer
	same "sessions" "6 New" "$(grep -c '^New, ' "$T/peer.out") New"
	hold
	openssl_client peer -tls1_3 -sess_out "$T/ticket" -cert \
	    "$CERTS/client.pem" -key "$CERTS/client.key" <"$T/idle"
	waitfor "text:$T/peer.out:Verify return code"
	waits peer
	release
	finish peer
	true_that "there is no ticket" [ ! -e "$T/ticket" ]
}

test_s_client_changes_keys_in_the_middle()
{
	need_tls ca server || return 0
	file=$(bytes 900000)
	hold
	tls_listener server <"$T/idle"
	types "$T/peer.out" "last words" "$T/listener.out"
	openssl_typed openssl s_client -connect "127.0.0.1:$PORT" -tls1_3
	cat "$file" >&9
	waitfor "text:$T/listener.out:after"
	printf 'last words\n' >&9
	finish listener
	same "exit status, with <$ERR>" 0 "$RC"
	same "stdout" after "$(printf '%s\n' "$OUT" | head -n 1)"
	finish peer
	between "changes of keys" 1 3 "$(grep -c KEYUPDATE "$T/peer.err")"
	true_that "all bytes came" within "$file" "$T/peer.out"
	release
}

# Renegotiation, which TLS 1.2 still has, is refused without harm.
test_s_client_may_not_renegotiate()
{
	need_tls ca server || return 0
	tls_listener server -k </dev/null
	hold
	openssl_client peer -tls1_2 <"$T/idle"
	printf 'before\n' >&9
	waitfor "text:$T/listener.out:before"
	printf 'R\n' >&9
	finish peer
	release
	tls_listener_lives
}

tls_listener_lives()
{
	echo next >"$T/in"
	openssl_client next -no_ign_eof <"$T/in"
	waitfor "text:$T/listener.out:next"
	waits listener
}

run_tests "$@"
