#!/bin/sh
# The options of TLS: what is refused, before anything is read or connected,
# and the names that ncat has for them.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_tls.sh"

PIN=SHA256:$(printf '%064d' 0)

# --- what is refused ------------------------------------------------------------

test_an_option_of_tls_alone_sends_nothing_in_plain()
{
	over native nc || return 0
	port=$(closed_port)
	for option in --tls-cert=c --tls-key=k --tls-ca=c --tls-crl=c \
	    --tls-name=n "--tls-pin=$PIN" --tls-insecure --tls-alpn=h2 \
	    --tls-ciphers=x --tls-min=1.3 --tls-keylog="$T/log" \
	    --ssl-cert=c --ssl-verify --ssl-trustfile=c --ssl-alpn=h2; do
		refuses "must use --tls with " "$option" 127.0.0.1 "$port"
	done
	refuses "must use --tls with --tls-client-ca" --tls-client-ca=c \
	    -l 127.0.0.1 "$port"
	refuses "must use --tls with --expect" --chat --expect=bob 127.0.0.1 \
	    "$port"
	true_that "no file was made" [ ! -e "$T/log" ]
}

test_what_tls_does_not_go_with_is_refused()
{
	port=$(closed_port)
	for option in -z -F -b -Z --oob --send-oob=x; do
		refuses "cannot use --tls and ${option%=*}" --tls "$option" \
		    127.0.0.1 "$port"
	done
	refuses "cannot use --tls and -f" --tls -f "$T/file"
	refuses "cannot use --tls and --seqpacket" --tls --seqpacket -U "$T/s"
	refuses "cannot use --peer-fd and --tls" --tls --peer-fd 5
	refuses "DTLS needs UDP" --tls -u -U "$T/s"
	refuses "DTLS has one peer" --tls -u 239.1.2.3 "$port"
	refuses "DTLS has no version 1.3" --tls -u --tls-min 1.3 127.0.0.1 \
	    "$port"
}

test_options_that_contradict_each_other_are_refused()
{
	port=$(closed_port)
	for option in --tls-ca=c "--tls-pin=$PIN" --tls-crl=c --ssl-verify; do
		refuses "cannot use --tls-insecure and " --tls --tls-insecure \
		    "$option" 127.0.0.1 "$port"
	done
	refuses "cannot use --tls-name and -l" --tls --tls-name n -l 127.0.0.1 \
	    "$port"
	refuses "cannot use --tls-insecure and -l" --tls --tls-insecure -l \
	    127.0.0.1 "$port"
	refuses "--tls-client-ca" --tls --tls-ca c -l 127.0.0.1 "$port"
	refuses "must use --tls-cert with --tls-key" --tls --tls-key k \
	    127.0.0.1 "$port"
	refuses "add --tls-ca to --tls-crl" --tls --tls-crl c --tls-pin "$PIN" \
	    127.0.0.1 "$port"
	refuses "add --tls-client-ca to --tls-crl" --tls --tls-crl c -l \
	    127.0.0.1 "$port"
}

test_a_chat_by_datagrams_needs_more_than_words()
{
	refuses "words by TLS 1.3" --chat --tls -u 127.0.0.1
	refuses "words by TLS 1.3" --chat --tls -u -l
	run_gives 0 "$NC" --explain --chat --tls -u --tls-pin "$PIN" 127.0.0.1
	holds "stdout" "$OUT" "verified: the fingerprint"
}

test_a_refused_command_line_leaves_the_input()
{
	hold
	echo secret >"$T/idle"
	run_gives 1 "$NC" --tls-pin "$PIN" 127.0.0.1 "$(closed_port)" <"$T/idle"
	left_in_idle >"$T/left"
	same "what is left" secret "$(cat "$T/left")"
}

# --- as nc ----------------------------------------------------------------------

test_nc_says_what_sockcat_says_of_tls()
{
	over native nc || return 0
	need_tls ca server self && need_tls_peer || return 0
	listener --tls
	tls_client hello send:hi notify
	finish listener
	same "exit status, with <$ERR>" 0 "$RC"
	same "stdout" hi "$OUT"
	holds "stderr" "$ERR" "fingerprint SHA256:"
	tls_serve cert:self accept hello send:hi notify recv-end
	run "$NC" --tls --tls-insecure 127.0.0.1 "$PORT" </dev/null
	same "stdout" hi "$OUT"
	one_line "stderr" "$ERR"
	holds "stderr" "$ERR" "not verified"
	peer_done
	tls_serve cert:server accept hello send:hi fin recv-end
	tls_run </dev/null
	same "stdout of a truncation" hi "$OUT"
	same "exit status of a truncation, with <$ERR>" 1 "$RC"
	one_line "stderr of a truncation" "$ERR"
	peer_done
}

# --- a socket that is given -----------------------------------------------------

inetd()	# OPTION...
{
	start listener "$TOOLS/given" "accepted:$T/port" onto:0,1 -- "$NC" \
	    --inetd --tls --tls-cert "$CERTS/server.pem" --tls-key \
	    "$CERTS/server.key" "$@"
	waitfor "file:$T/port"
	PORT=$(cat "$T/port")
}

test_the_socket_of_inetd_is_a_server_s()
{
	need_tls server client && need_tls_peer || return 0
	for near in "-c cat" --echo; do
		rm -f "$T/port"
		inetd $near
		tls_client ca:ca name:localhost hello send:hello recv:5 notify \
		    recv-notify expect:hello
		finish listener
		same "exit status of $near, with <$ERR>" 0 "$RC"
	done
}

test_a_refused_client_of_inetd_starts_no_command()
{
	need_tls server stranger && need_tls_peer || return 0
	inetd --tls-client-ca "$CERTS/ca.pem" -c "touch $T/ran"
	tls_client cert:stranger refused:hello
	finish listener
	fails_with_one_line 1
	true_that "no command ran" [ ! -e "$T/ran" ]
}

test_two_pipes_of_inetd_have_no_tls()
{
	need_tls server || return 0
	mkfifo "$T/in" "$T/out"
	exec 5<>"$T/in" 6<>"$T/out"
	run "$NC" --inetd --tls -c cat <&5 3>&6
	exec 5>&- 6>&-
	same "exit status" 1 "$RC"
	holds "stderr" "$ERR" "TLS needs one socket for both directions"
}

# --- names of ncat --------------------------------------------------------------

# A server of plain TCP sees how a client begins: 0x16 is a handshake's record.
test_each_ssl_option_of_ncat_implies_ssl()
{
	over ncat real-ncat || return 0
	need_tls client || return 0
	for option in --ssl --ssl-verify "--ssl-trustfile $CERTS/ca.pem" \
	    "--ssl-ciphers HIGH" "--ssl-servername n" "--ssl-alpn h2" \
	    "--ssl-cert $CERTS/client.pem --ssl-key $CERTS/client.key"; do
		serve accept recv:1 expect:'\x16' close
		run "$NC" $option 127.0.0.1 "$PORT" </dev/null
		peer_done
	done
}

test_ncat_verifies_when_asked_alone()
{
	over ncat real-ncat || return 0
	need_tls self && need_tls_peer || return 0
	for option in --ssl --ssl-verify "--ssl-trustfile $CERTS/ca.pem"; do
		tls_make ca || return 0
		openssl_server self -quiet
		run "$NC" $option --send-only 127.0.0.1 "$PORT" </dev/null
		case $option in
		--ssl)	same "exit status of $option" 0 "$RC" ;;
		*)	true_that "$option: status $RC" [ "$RC" -ne 0 ] ;;
		esac
		stop peer
	done
}

test_ncat_s_z_with_ssl_is_a_handshake()
{
	over ncat real-ncat || return 0
	need_tls self && need_tls_peer || return 0
	tls_serve cert:self accept hello recv-end count
	run_gives 0 "$NC" -z --ssl 127.0.0.1 "$PORT"
	same "stdout" "" "$OUT"
	same "stderr" "" "$ERR"
	peer_done
	holds "the peer" "$PEER" "count 0"
	serve accept recv:1 close
	run "$NC" -z --ssl 127.0.0.1 "$PORT"
	same "exit status without TLS" 1 "$RC"
	peer_done
}

test_names_of_ncat_work_natively()
{
	over native nc || return 0
	need_tls server && need_tls_peer || return 0
	tls_serve cert:server alpn:h2 accept hello facts send:hi notify \
	    recv-end
	run "$NC" --ssl --ssl-verify --ssl-trustfile "$CERTS/ca.pem" \
	    --ssl-servername "$TLS_NAME" --ssl-alpn http/1.1,h2 127.0.0.1 \
	    "$PORT" </dev/null
	same "exit status, with <$ERR>" 0 "$RC"
	same "stdout" hi "$OUT"
	peer_done
	holds "facts" "$PEER" "alpn h2 sni $TLS_NAME"
}

run_tests "$@"
