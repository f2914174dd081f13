#!/bin/sh
# A peer that is not the right one gets no byte of ours, and none of its bytes
# comes through: a counting peer and an input that stays unread show it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_tls.sh"

VERSIONS="1.2 1.3"

need()
{
	need_tls "$@" && need_tls_peer
}

# --- as client ----------------------------------------------------------------------

# The subject, whose input has a secret, meets a server with this certificate
# and ends with one line that names the host and holds one of the WORDS
# (extended regular expression).
refuses_server()	# CERTIFICATE WORDS OPTION...
{
	refused_cert=$1 refused_words=$2
	shift 2
	for version in $VERSIONS; do
		hold
		printf secret >&9
		tls_serve "cert:$refused_cert" "max:$version" accept \
		    refused:theirs recv-raw lacks-raw:secret count
		run "$NC" --tls "$@" 127.0.0.1 "$PORT" <"$T/idle"
		judge_refusal "$refused_cert, $version" "${NAMED:-127.0.0.1}"
		left_in_idle >"$T/left"
		same "input that is left" secret "$(cat "$T/left")"
		same "stdout" "" "$OUT"
		peer_done
		holds "the server" "$PEER" "count 0"
	done
}

judge_refusal()	# WHAT NAME
{
	same "$1: exit status" 1 "$RC"
	one_line "$1: stderr" "$ERR"
	holds "$1: stderr" "$ERR" "${2:-}"
	true_that "$1: <$ERR> tells of <$refused_words>" \
	    tells "$refused_words" "$ERR"
}

tells()	# WORDS TEXT
{
	printf '%s\n' "$2" | grep -Eqi "$1"
}

test_a_server_of_another_ca_is_refused()
{
	need ca strange || return 0
	refuses_server strange "issuer|authority|trust" --tls-ca \
	    "$CERTS/ca.pem"
}

test_a_server_of_no_known_ca_is_refused_by_default()
{
	need ca server || return 0
	refuses_server server "issuer|authority|trust"
}

test_a_server_of_another_name_is_refused()
{
	need ca other named || return 0
	NAMED=$TLS_NAME
	refuses_server other "is for other.test" --tls-ca "$CERTS/ca.pem" --tls-name \
	    "$TLS_NAME"
	NAMED=
	refuses_server named "is for $TLS_NAME" --tls-ca "$CERTS/ca.pem"
}

test_an_expired_server_is_refused()
{
	need ca expired || return 0
	refuses_server expired expired --tls-ca "$CERTS/ca.pem"
}

test_a_server_that_is_not_yet_valid_is_refused()
{
	need ca early || return 0
	refuses_server early "not (yet )?valid" --tls-ca "$CERTS/ca.pem"
}

test_a_server_with_another_pin_is_refused()
{
	need ca server named || return 0
	refuses_server server "pin" --tls-pin "SHA256:$(tls_pin named)"
}

test_a_pin_does_not_stand_in_for_a_ca_that_was_given()
{
	need ca server named strange other expired || return 0
	refuses_server server pin --tls-ca "$CERTS/ca.pem" --tls-pin \
	    "SHA256:$(tls_pin named)"
	for cert in strange other expired; do
		refuses_server "$cert" "issuer|authority|trust|is for|\
expired" --tls-ca "$CERTS/ca.pem" --tls-pin \
		    "SHA256:$(tls_pin "$cert")"
	done
}

test_no_verification_and_a_pin_exclude_each_other()
{
	need_tls named || return 0
	refuses tls-insecure --tls --tls-insecure --tls-pin \
	    "SHA256:$(tls_pin named)" 127.0.0.1 1
}

test_a_server_that_signed_itself_is_refused()
{
	need ca self || return 0
	refuses_server self "self-signed|signed by itself" --tls-ca \
	    "$CERTS/ca.pem"
}

test_a_revoked_server_is_refused()
{
	need ca revoked server || return 0
	refuses_server revoked revoked --tls-ca "$CERTS/ca.pem" --tls-crl \
	    "$CERTS/ca.crl"
	# The others of this CA, and this one without the list, are not.
	for case in "server --tls-crl $CERTS/ca.crl" revoked; do
		tls_serve "cert:${case%% *}" accept hello send:hi notify
		tls_run $(echo "$case" | cut -s -d ' ' -f 2-) </dev/null
		same "stdout of $case, with <$ERR>" hi "$OUT"
		peer_done
	done
}

test_a_server_of_tls_1_1_only_is_refused()
{
	need ca server || return 0
	VERSIONS=1.1 refused_words=
	refuses_server server "version|protocol" --tls-ca "$CERTS/ca.pem"
	VERSIONS="1.2 1.3"
}

test_a_server_without_tls_is_refused()
{
	need_tls || return 0
	for words in "send:HTTP/1.1 400 Bad Request\r\n\r\n" "send:220 hi\n" \
	    fin rst; do
		hold
		printf secret >&9
		serve accept "$words" recv-end save:"$T/got"
		run "$NC" --tls --tls-insecure 127.0.0.1 "$PORT" <"$T/idle"
		same "$words: exit status" 1 "$RC"
		same "$words: stdout" "" "$OUT"
		left_in_idle >"$T/left"
		same "input that is left" secret "$(cat "$T/left")"
		grep -v insecure "$T/run.err" >"$T/lines"
		true_that "a line of <$ERR>" [ -s "$T/lines" ]
		[ "$words" = rst ] || peer_done
	done
}

# --- with a client certificate ----------------------------------------------------------

# In TLS 1.3 the client learns that it is refused after its handshake.
test_a_client_that_a_server_refuses_says_so()
{
	need ca server stranger || return 0
	for options in "" "--tls-cert $CERTS/stranger.pem --tls-key\
 $CERTS/stranger.key"; do
		for version in $VERSIONS; do
			hold
			tls_serve cert:server ca:ca "max:$version" accept \
			    refused count
			start run "$NC" --tls --tls-ca "$CERTS/ca.pem" \
			    $options 127.0.0.1 "$PORT" <"$T/idle"
			finish run
			refused_words="certificate|unknown ca|alert"
			judge_refusal "$version, <$options>"
			release
			peer_done
			holds "the server" "$PEER" "count 0"
		done
	done
}

# --- as server ---------------------------------------------------------------------------

# The listener, whose input has a secret, refuses a client with these words,
# goes on and serves the next.
refuses_client()	# WORDS OPTION... -- WORD...
{
	refused_words=$1
	shift
	refused_options=
	while [ "$1" != -- ]; do
		refused_options="$refused_options $1"
		shift
	done
	shift
	for version in $VERSIONS; do
		hold
		printf secret >&9
		tls_listener server $refused_options <"$T/idle"
		tls_client "max:$version" "$@" refused:theirs recv-raw \
		    lacks-raw:secret count
		holds "the client's" "$PEER" "count 0"
		waitfor "size:$T/listener.err:10"
		true_that "<$(cat "$T/listener.err")> tells" tells \
		    "$refused_words" "$(cat "$T/listener.err")"
		same "stdout" "" "$(cat "$T/listener.out")"
		waits listener
		tls_guest peer "max:$version" cert:client hello recv:6 \
		    expect:secret send:good notify recv-end
		waitfor "text:$T/listener.out:good"
		release
		finish listener
		same "$version: exit status" 0 "$RC"
		same "$version: stdout" good "$OUT"
		one_line "$version: stderr" "$ERR"
		peer_done
	done
}

test_a_client_without_a_certificate_is_refused()
{
	need ca server client || return 0
	refuses_client certificate --tls-client-ca "$CERTS/ca.pem" --
}

test_a_client_of_another_ca_is_refused()
{
	need ca server client stranger || return 0
	refuses_client "issuer|authority|trust" --tls-client-ca \
	    "$CERTS/ca.pem" -- cert:stranger
}

test_an_expired_and_a_revoked_client_are_refused()
{
	need ca server client expired revoked || return 0
	refuses_client expired --tls-client-ca "$CERTS/ca.pem" -- cert:expired
	refuses_client revoked --tls-client-ca "$CERTS/ca.pem" --tls-crl \
	    "$CERTS/ca.crl" -- cert:revoked
}

test_a_client_with_another_pin_is_refused()
{
	need ca server client client2 || return 0
	refuses_client pin --tls-pin "SHA256:$(tls_pin client)" -- \
	    cert:client2
	refuses_client pin --tls-client-ca "$CERTS/ca.pem" --tls-pin \
	    "SHA256:$(tls_pin client)" -- cert:client2
	refuses_client "pin|certificate" --tls-pin \
	    "SHA256:$(tls_pin client)" --
}

test_a_client_of_tls_1_1_only_is_refused()
{
	need ca server client || return 0
	refuses_client "version|protocol" -- max:1.1
}

test_a_refused_client_starts_no_command()
{
	need ca server client stranger || return 0
	for keep in "" -k; do
		rm -f "$T/ran" "$T/got"
		tls_listener server $keep --tls-client-ca "$CERTS/ca.pem" \
		    -c "echo x >>'$T/ran'; cat >>'$T/got'; echo done" \
		    </dev/null
		tls_client cert:stranger refused:theirs count
		holds "the refused" "$PEER" "count 0"
		true_that "nothing ran" [ ! -e "$T/ran" ]
		tls_client cert:client hello send:good notify recv-notify \
		    'expect:done\n'
		same "runs" x "$(cat "$T/ran")"
		same "what came" good "$(cat "$T/got")"
		stop listener
	done
}

test_a_refused_client_is_told_of_in_one_line_each_time()
{
	need ca server client stranger || return 0
	tls_listener server -k --tls-client-ca "$CERTS/ca.pem" </dev/null
	for _ in 1 2 3; do
		tls_client cert:stranger refused:theirs
	done
	tls_client cert:client hello send:good notify recv-end
	waitfor "text:$T/listener.out:good"
	look_at listener
	same "stdout" good "$OUT"
	same "lines" 3 "$(grep -c . "$T/listener.err")"
	same "lines with the client's address" 3 \
	    "$(grep -c 127.0.0.1 "$T/listener.err")"
}

test_a_chat_waits_for_the_next_when_a_handshake_fails()
{
	need ca server client stranger || return 0
	hold
	launch listener "$NC" --chat --tls --tls-cert "$CERTS/server.pem" \
	    --tls-key "$CERTS/server.key" --tls-client-ca "$CERTS/ca.pem" \
	    -l 127.0.0.1 "${PORT:=$(new_port)}" <"$T/idle"
	tls_client cert:stranger 'refused:theirs\n'
	tls_guest peer cert:client hello 'send:good\n' 'until:answer\n' notify
	waitfor "text:$T/listener.out:good"
	echo answer >&9
	peer_done
	lacks "stdout" "$(cat "$T/listener.out")" theirs
}

run_tests "$@"
