#!/bin/sh
# TLS with ncat --ssl, socat OPENSSL and curl, both ways.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_tls.sh"

# Two files went, one each way, at the same time.

both_ways()	# NAME
{
	two_files 16
	same_file "$1: what sockcat got" "$ONE" "$T/here"
	same_file "$1: what it got" "$TWO" "$T/there"
}

# Starts the other program with standard output to $T/there.
other_program()	# COMMAND...
{
	start other sh -c 'out=$1; shift; exec "$@" >"$out"' - "$T/there" "$@"
}

has_come()	# FILE SOURCE: a file, whole
{
	waitfor -t 60000 "size:$1:$(wc -c <"$2")"
}

# --- ncat ------------------------------------------------------------------------------

# ncat leaves at the end of its input or of the peer; the last bytes of a record
# stay in ncat until something else comes, such as the end.
test_ncat_as_server()
{
	need_tls ca server || return 0
	need_program ncat || return 0
	two_files 16
	free_port
	open_end other "$ONE" "$T/there" ncat --ssl --ssl-cert \
	    "$CERTS/server.pem" --ssl-key "$CERTS/server.key" -l 127.0.0.1 \
	    "$PORT"
	waitfor "tcp:$PORT"
	open_end run "$TWO" "$T/here" "$NC" --tls --tls-ca "$CERTS/ca.pem" \
	    127.0.0.1 "$PORT"
	has_come "$T/here" "$ONE"
	end_of run
	has_come "$T/there" "$TWO"
	end_of other
	finish run
	finish other
	both_ways ncat
}

test_ncat_as_client()
{
	need_tls ca server || return 0
	need_program ncat || return 0
	two_files 16
	free_port
	open_end listener "$TWO" "$T/here" "$NC" --tls --tls-cert \
	    "$CERTS/server.pem" --tls-key "$CERTS/server.key" -l 127.0.0.1 \
	    "$PORT"
	waitfor "tcp:$PORT"
	open_end other "$ONE" "$T/there" ncat --ssl --ssl-verify \
	    --ssl-trustfile "$CERTS/ca.pem" --ssl-servername localhost \
	    127.0.0.1 "$PORT"
	has_come "$T/here" "$ONE"
	end_of listener
	has_come "$T/there" "$TWO"
	end_of other
	finish listener
	finish other
	both_ways ncat
}

# ncat 7.93 closes without a close_notify, which is told of.
test_ncat_s_end_is_a_truncation_or_an_end()
{
	need_tls ca server || return 0
	need_program ncat || return 0
	tls_listener server </dev/null
	echo hello >"$T/in"
	run ncat --ssl --send-only 127.0.0.1 "$PORT" <"$T/in"
	finish listener
	same "stdout" hello "$OUT"
	case $RC in
	0)	same "stderr" "" "$ERR" ;;
	*)	holds "stderr" "$ERR" "without ending TLS" ;;
	esac
}

# --- socat ------------------------------------------------------------------------------

need_socat()
{
	need_program socat || return 1
	socat -V 2>/dev/null | grep -q '#define WITH_OPENSSL 1' ||
	    { skip "socat without OPENSSL"; return 1; }
}

test_socat_as_server()
{
	need_tls ca server client || return 0
	need_socat || return 0
	two_files 16
	free_port
	other_program socat -t 15 "OPENSSL-LISTEN:$PORT,bind=127.0.0.1,\
cert=$CERTS/server.pem,key=$CERTS/server.key,cafile=$CERTS/ca.pem,verify=1" \
	    - <"$ONE"
	waitfor "tcp:$PORT"
	run_to "$T/here" "$NC" --tls --tls-ca "$CERTS/ca.pem" --tls-cert \
	    "$CERTS/client.pem" --tls-key "$CERTS/client.key" 127.0.0.1 \
	    "$PORT" <"$TWO"
	same "exit status, with <$ERR>" 0 "$RC"
	finish other
	both_ways socat
}

test_socat_as_client()
{
	need_tls ca server client || return 0
	need_socat || return 0
	two_files 16
	free_port
	launch listener sh -c 'out=$1; shift; exec "$@" >"$out"' - "$T/here" \
	    "$NC" --tls --tls-cert "$CERTS/server.pem" --tls-key \
	    "$CERTS/server.key" --tls-client-ca "$CERTS/ca.pem" \
	    -l 127.0.0.1 "$PORT" <"$TWO"
	other_program socat -t 15 - "OPENSSL:127.0.0.1:$PORT,\
cafile=$CERTS/ca.pem,cert=$CERTS/client.pem,key=$CERTS/client.key,\
commonname=$TLS_NAME" <"$ONE"
	finish listener
	same "exit status, with <$ERR>" 0 "$RC"
	finish other
	both_ways socat
}

# --- curl -------------------------------------------------------------------------------

test_curl_gets_a_page_from_a_command()
{
	need_tls ca server || return 0
	need_program curl || return 0
	file=$(bytes 300000)
	tls_listener server -k -c "printf 'HTTP/1.0 200 OK\r\n\r\n'
	    cat '$file'" </dev/null
	for version in --tlsv1.2 --tlsv1.3; do
		run curl -sS --noproxy '*' $version --cacert "$CERTS/ca.pem" \
		    -o "$T/page" "https://127.0.0.1:$PORT/"
		same "exit status of curl, with <$ERR>" 0 "$RC"
		same_file "page" "$file" "$T/page"
	done
	run curl -sS --noproxy '*' -o "$T/page" "https://127.0.0.1:$PORT/"
	same "exit status of a curl that does not trust us" 60 "$RC"
}

run_tests "$@"
