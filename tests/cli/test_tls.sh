#!/bin/sh
# TLS as client and as server, with a scripted peer: bytes, ends, names,
# certificates and what is said of them.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_tls.sh"

need()
{
	need_tls "$@" && need_tls_peer
}

VERSIONS="1.2 1.3"

# --- bytes ----------------------------------------------------------------------

test_a_client_moves_equal_bytes_both_ways_at_once()
{
	need ca server || return 0
	two_files 8
	for version in $VERSIONS; do
		tls_serve cert:server "max:$version" deadline-ms:100000 accept \
		    hello "swap:$ONE:$T/there" facts
		run_to "$T/here" "$NC" --tls --tls-ca "$CERTS/ca.pem" \
		    127.0.0.1 "$PORT" <"$TWO"
		same "exit status" 0 "$RC"
		same "stderr" "" "$ERR"
		peer_done
		holds "facts" "$PEER" "version TLSv$version"
		same_file "what the client got" "$ONE" "$T/here"
		same_file "what the server got" "$TWO" "$T/there"
	done
}

test_a_server_moves_equal_bytes_both_ways_at_once()
{
	need ca server || return 0
	two_files 8
	for version in $VERSIONS; do
		free_port
		launch listener sh -c 'out=$1; shift; exec "$@" >"$out"' - \
		    "$T/here" "$NC" --tls --tls-cert "$CERTS/server.pem" \
		    --tls-key "$CERTS/server.key" -l 127.0.0.1 "$PORT" <"$TWO"
		tls_client ca:ca name:localhost "max:$version" \
		    deadline-ms:100000 hello "swap:$ONE:$T/there"
		exits listener 0
		same "stderr" "" "$ERR"
		same_file "what the server got" "$ONE" "$T/here"
		same_file "what the client got" "$TWO" "$T/there"
	done
}

test_each_copying_mover_serves_tls()
{
	need ca server || return 0
	bytes 300000 >/dev/null
	for mover in auto copy splice sendfile; do
		tls_serve cert:server accept hello recv-notify \
		    "expect-file:$work/bytes.300000" send:ok notify
		tls_run "--mover=$mover" <"$work/bytes.300000"
		same "stdout with $mover" ok "$OUT"
		same "exit status" 0 "$RC"
		peer_done
	done
}

test_a_record_of_16_kib_comes_whole_before_silence()
{
	need ca server || return 0
	for version in $VERSIONS; do
		hold
		rm -f "$T/over"
		tls_serve cert:server "max:$version" accept hello fill:16384 \
		    "await:$T/over" notify
		start run "$NC" --tls --tls-ca "$CERTS/ca.pem" 127.0.0.1 \
		    "$PORT" <"$T/idle"
		true_that "all 16384 bytes come" \
		    waitfor "size:$T/run.out:16384"
		touch "$T/over"
		release
		exits run 0
		peer_done
	done
}

test_small_pieces_with_pauses_come_at_once()
{
	need ca server || return 0
	tls_serve cert:server accept hello send:one until:1 send:two until:2 \
	    send:three notify recv-notify
	hold
	start run "$NC" --tls --tls-ca "$CERTS/ca.pem" 127.0.0.1 "$PORT" \
	    <"$T/idle"
	waitfor "text:$T/run.out:one"
	printf 1 >&9
	waitfor "text:$T/run.out:two"
	printf 2 >&9
	waitfor "text:$T/run.out:three"
	release
	exits run 0
	same "stdout" onetwothree "$OUT"
	peer_done
}

# --- ends ------------------------------------------------------------------------

test_the_client_ends_first_and_takes_a_late_answer()
{
	need ca server || return 0
	printf ping >"$T/in"
	for version in $VERSIONS; do
		rm -f "$T/go"
		tls_serve cert:server "max:$version" accept hello recv-notify \
		    expect:ping "await:$T/go" send:pong notify recv-raw
		start run "$NC" --tls --tls-ca "$CERTS/ca.pem" 127.0.0.1 \
		    "$PORT" <"$T/in"
		waits run
		touch "$T/go"
		finish run
		same "stdout" pong "$OUT"
		same "stderr" "" "$ERR"
		same "exit status" 0 "$RC"
		peer_done
	done
}

test_the_server_ends_first_and_gets_the_rest()
{
	need ca server || return 0
	file=$(bytes 1000003)
	for version in $VERSIONS; do
		tls_serve cert:server "max:$version" accept hello send:early \
		    notify recv-notify "expect-file:$file"
		tls_run <"$file"
		same "stdout" early "$OUT"
		same "stderr" "" "$ERR"
		same "exit status" 0 "$RC"
		peer_done
	done
}

test_a_listener_answers_after_the_client_s_end()
{
	need ca server || return 0
	for version in $VERSIONS; do
		rm -f "$T/go"
		tls_listener server -c "cat; $TOOLS/waitfor 'file:$T/go'
		    echo pong" </dev/null
		tls_guest peer "max:$version" hello send:ping notify \
		    until:ping "touch:$T/heard" recv-notify 'expect:pingpong\n'
		waitfor "file:$T/heard"
		waits listener
		touch "$T/go"
		finish listener
		same "stderr" "" "$ERR"
		same "exit status" 0 "$RC"
		peer_done
	done
}

test_a_listener_that_ends_first_gets_the_rest()
{
	need ca server || return 0
	file=$(bytes 1000003)
	printf early >"$T/in"
	for version in $VERSIONS; do
		tls_listener server <"$T/in"
		tls_client "max:$version" hello recv-notify expect:early \
		    "send-file:$file" notify
		finish listener
		same_file "what came" "$file" "$T/listener.out"
		same "stderr" "" "$ERR"
		same "exit status" 0 "$RC"
	done
}

# Both writes are made in one step: the second takes the reset's error, so that
# none is left for the wait for acknowledgements.
test_last_bytes_for_a_peer_that_has_left_are_a_loss_at_once()
{
	need server ca || return 0
	tls_serve cert:server accept hello send:hi "await:$T/go" notify close
	hold
	start run "$NC" --tls --tls-ca "$CERTS/ca.pem" 127.0.0.1 "$PORT" \
	    <"$T/idle"
	waitfor "text:$T/run.out:hi"
	kill_it run STOP
	touch "$T/go"
	peer_done
	printf 'too late\n' >&9
	release
	stop run CONT
	same "exit status" 1 "$RC"
	# Which error the kernel gives depends on when the reset comes.
	one_line "stderr" "$ERR"
	holds "stderr" "$ERR" "bytes lost)"
}

test_a_fin_without_close_notify_is_a_truncation()
{
	need ca server || return 0
	for version in $VERSIONS; do
		for end in fin rst; do
			hold
			rm -f "$T/go"
			tls_serve cert:server "max:$version" accept hello \
			    send:beginning "await:$T/go" "$end"
			start run "$NC" --tls --tls-ca "$CERTS/ca.pem" \
			    127.0.0.1 "$PORT" <"$T/idle"
			waitfor "text:$T/run.out:beginning"
			touch "$T/go"
			finish run
			same "$version, $end: stdout" beginning "$OUT"
			same "$version, $end: exit status" 1 "$RC"
			one_line "$version, $end: stderr" "$ERR"
			[ "$end" = rst ] ||
			    holds "$version: stderr" "$ERR" "without ending TLS"
			peer_done
		done
	done
}

test_half_a_record_is_a_truncation()
{
	need ca server || return 0
	tls_serve cert:server accept hello send:whole "half-record:cut off" fin
	tls_run </dev/null
	same "stdout" whole "$OUT"
	fails_with_one_line 1
	holds "stderr" "$ERR" "without ending TLS"
}

test_a_listener_tells_of_a_truncation()
{
	need ca server || return 0
	tls_listener server </dev/null
	tls_client hello send:beginning fin
	finish listener
	same "stdout" beginning "$OUT"
	fails_with_one_line 1
	holds "stderr" "$ERR" "without ending TLS"
}

test_a_lasting_listener_tells_of_a_truncation_and_goes_on()
{
	need ca server || return 0
	tls_listener server -k </dev/null
	tls_client hello send:one fin
	waitfor "text:$T/listener.err:without ending TLS"
	tls_client hello send:two notify
	waitfor "text:$T/listener.out:two"
	look_at listener
	same "stdout" onetwo "$OUT"
	one_line "stderr" "$ERR"
	waits listener
}

test_ncat_takes_a_bare_fin_for_an_end()
{
	over ncat || return 0
	need server || return 0
	tls_serve cert:server accept hello send:all fin
	run "$NC" --ssl 127.0.0.1 "$PORT" </dev/null
	same "stdout" all "$OUT"
	same "stderr" "" "$ERR"
	same "exit status" 0 "$RC"
	peer_done
}

# --- names ------------------------------------------------------------------------

test_the_name_goes_out_as_sni_and_is_verified()
{
	need ca named || return 0
	tls_serve cert:named accept hello facts notify
	tls_run --tls-name "$TLS_NAME" </dev/null
	same "exit status, with <$ERR>" 0 "$RC"
	peer_done
	holds "facts" "$PEER" "sni $TLS_NAME "
}

test_a_host_s_name_is_sent_and_an_address_is_not()
{
	need ca server || return 0
	for host in localhost 127.0.0.1; do
		tls_serve cert:server accept hello facts notify
		run "$NC" -4 --tls --tls-ca "$CERTS/ca.pem" "$host" "$PORT" \
		    </dev/null
		same "exit status of $host, with <$ERR>" 0 "$RC"
		peer_done
		[ "$host" = localhost ] || host=None
		holds "facts" "$PEER" "sni $host "
	done
}

test_an_ipv6_address_is_verified_as_one()
{
	need ca server || return 0
	need_ipv6 || return 0
	free_port
	launch listener "$NC" --tls --tls-cert "$CERTS/server.pem" --tls-key \
	    "$CERTS/server.key" -l ::1 "$PORT" </dev/null
	echo hello >"$T/in"
	run "$NC" --tls --tls-ca "$CERTS/ca.pem" ::1 "$PORT" <"$T/in"
	same "exit status, with <$ERR>" 0 "$RC"
	finish listener
	same "stdout" hello "$OUT"
}

test_both_sides_agree_on_a_protocol_by_alpn()
{
	need ca server || return 0
	tls_serve cert:server alpn:http/1.1,h2 accept hello facts notify
	tls_run -v --tls-alpn h2,http/1.1 </dev/null
	same "exit status" 0 "$RC"
	peer_done
	holds "facts" "$PEER" "alpn http/1.1 "
	holds "stderr" "$ERR" http/1.1
	tls_listener server -v --tls-alpn h2,http/1.1 </dev/null
	tls_client alpn:http/1.1,h2 hello facts notify
	finish listener
	holds "facts" "$PEER" "alpn h2 "
	holds "stderr" "$ERR" h2
}

test_a_server_without_alpn_serves_a_client_with_it()
{
	need ca server || return 0
	tls_listener server </dev/null
	tls_client alpn:h2 hello facts send:hi notify
	finish listener
	same "stdout" hi "$OUT"
	holds "facts" "$PEER" "alpn None "
}

# --- certificates -----------------------------------------------------------------

test_a_client_shows_its_certificate()
{
	need ca server client || return 0
	for version in $VERSIONS; do
		tls_serve cert:server ca:ca "max:$version" accept hello facts \
		    send:welcome notify
		tls_run --tls-cert "$CERTS/client.pem" --tls-key \
		    "$CERTS/client.key" </dev/null
		same "stdout, with <$ERR>" welcome "$OUT"
		same "exit status" 0 "$RC"
		peer_done
		holds "facts" "$PEER" "peer Client One"
	done
}

test_the_key_may_stand_in_the_file_of_the_certificate()
{
	need ca server client || return 0
	( umask 077
	  cat "$CERTS/client.pem" "$CERTS/client.key" >"$T/both.pem" )
	tls_serve cert:server ca:ca accept hello facts notify
	tls_run --tls-cert "$T/both.pem" </dev/null
	same "exit status, with <$ERR>" 0 "$RC"
	peer_done
	holds "facts" "$PEER" "peer Client One"
}

test_a_server_lets_in_clients_of_its_ca()
{
	need ca server client || return 0
	for version in $VERSIONS; do
		tls_listener server -v --tls-client-ca "$CERTS/ca.pem" \
		    </dev/null
		tls_client "max:$version" cert:client hello send:hi notify
		finish listener
		same "stdout" hi "$OUT"
		same "exit status" 0 "$RC"
		holds "stderr" "$ERR" "Client One"
	done
}

test_a_chain_is_sent_and_taken()
{
	need ca chain || return 0
	tls_listener chain </dev/null
	tls_client ca:ca name:localhost hello send:hi notify
	finish listener
	same "stdout" hi "$OUT"
	tls_serve cert:chain accept hello notify
	tls_run </dev/null
	same "exit status, with <$ERR>" 0 "$RC"
	peer_done
}

test_a_directory_of_cas_and_the_system_s_store()
{
	need ca server || return 0
	mkdir "$T/cas"
	cp "$CERTS/ca.pem" "$T/cas"
	openssl rehash "$T/cas" >"$T/log" 2>&1 ||
	    { skip "no openssl rehash"; return 0; }
	tls_serve cert:server accept hello notify
	run "$NC" --tls --tls-ca "$T/cas" 127.0.0.1 "$PORT" </dev/null
	same "exit status with a directory, with <$ERR>" 0 "$RC"
	peer_done
	tls_serve cert:server accept hello notify
	run env SSL_CERT_FILE="$CERTS/ca.pem" "$NC" --tls 127.0.0.1 "$PORT" \
	    </dev/null
	same "exit status with the system's, with <$ERR>" 0 "$RC"
	peer_done
}

test_insecure_connects_anyway_and_says_so()
{
	need self || return 0
	tls_serve cert:self accept hello send:welcome notify
	run "$NC" --tls --tls-insecure 127.0.0.1 "$PORT" </dev/null
	same "stdout" welcome "$OUT"
	fails_with_one_line 0
	holds "stderr" "$ERR" verif
	peer_done
}

test_a_key_for_the_run_is_told_and_can_be_pinned()
{
	need_tls || return 0
	echo hello >"$T/in"
	for _ in 1 2; do
		free_port
		start listener "$NC" --tls -l 127.0.0.1 "$PORT" </dev/null
		waitfor "tcp:$PORT" "text:$T/listener.err:SHA256:"
		look_at listener
		one_line "stderr of the server" "$ERR"
		pin=$(printf '%s\n' "$ERR" |
		    grep -o 'SHA256:[0-9A-Fa-f:]*')
		run "$NC" --tls --tls-pin "$pin" 127.0.0.1 "$PORT" <"$T/in"
		same "exit status, with <$ERR>" 0 "$RC"
		finish listener
		same "stdout" hello "$OUT"
		lacks "the pin before" "$pin" "${before:-none}"
		before=$pin
	done
}

# --- pins ------------------------------------------------------------------------

# The subject connects to a server with this certificate.
connects()	# WHAT CERTIFICATE OPTION...
{
	connects_what=$1 connects_cert=$2
	shift 2
	tls_serve "cert:$connects_cert" accept hello send:welcome notify
	run "$NC" --tls "$@" 127.0.0.1 "$PORT" </dev/null
	same "exit status with $connects_what, with <$ERR>" 0 "$RC"
	same "stdout with $connects_what" welcome "$OUT"
	peer_done
}

test_a_pin_has_several_spellings()
{
	need self || return 0
	for colons in "" colons; do
		pin=$(tls_pin self $colons)
		connects "a pin of capitals" self --tls-pin "SHA256:$pin"
		connects "a pin of small letters" self --tls-pin \
		    "SHA256:$(echo "$pin" | tr A-F a-f)"
	done
	connects "a small prefix" self --tls-pin "sha256:$pin"
}

test_one_of_several_pins_is_enough()
{
	need self expired || return 0
	pin=$(tls_pin self)
	other=$(tls_pin expired)
	connects "two pins" self --tls-pin "SHA256:$pin" --tls-pin \
	    "SHA256:$other"
	connects "two pins" self --tls-pin "SHA256:$other" --tls-pin \
	    "SHA256:$pin"
}

test_a_pin_alone_stands_for_chain_name_and_dates()
{
	need self expired early other strange || return 0
	for cert in self expired early other strange; do
		connects "a pin of $cert" "$cert" --tls-pin \
		    "SHA256:$(tls_pin "$cert")"
	done
}

test_a_pin_and_a_ca_are_both_fulfilled()
{
	need ca server || return 0
	connects "both" server --tls-ca "$CERTS/ca.pem" --tls-pin \
	    "SHA256:$(tls_pin server)"
}

test_a_server_takes_the_client_with_the_pin()
{
	need server stranger || return 0
	tls_listener server --tls-pin "SHA256:$(tls_pin stranger)" </dev/null
	tls_client cert:stranger hello send:hi notify
	finish listener
	same "stdout, with <$ERR>" hi "$OUT"
	same "exit status" 0 "$RC"
}

test_what_is_no_pin_is_refused()
{
	need_tls || return 0
	for pin in "" SHA256: SHA256:12 SHA1:00 xyz \
	    "SHA256:$(printf '%064d' 0)0" "SHA256:$(printf '%063d' 0)g"; do
		refuses pin --tls --tls-pin "$pin" 127.0.0.1 1
	done
}

# --- versions, ciphers, keys --------------------------------------------------------

test_the_lowest_version_is_obeyed()
{
	need ca server || return 0
	tls_serve cert:server accept max:1.2 refused
	tls_run --tls-min 1.3 </dev/null
	fails_with_one_line 1
	peer_done
	tls_serve cert:server accept max:1.3 hello facts notify
	tls_run --tls-min 1.3 </dev/null
	same "exit status" 0 "$RC"
	peer_done
	holds "facts" "$PEER" "version TLSv1.3"
	tls_listener server -k --tls-min 1.3 </dev/null
	tls_client max:1.2 refused
	tls_client hello facts notify
	holds "facts" "$PEER" "version TLSv1.3"
	refuses tls-min --tls --tls-min 1.1 127.0.0.1 1
	refuses tls-min --tls --tls-min new 127.0.0.1 1
}

test_one_list_has_the_ciphers_of_both_versions()
{
	need ca server || return 0
	list=TLS_CHACHA20_POLY1305_SHA256:ECDHE-ECDSA-CHACHA20-POLY1305
	for side in client server; do
		for version in $VERSIONS; do
			case $version in
			1.2)	cipher=ECDHE-ECDSA-CHACHA20-POLY1305 ;;
			1.3)	cipher=TLS_CHACHA20_POLY1305_SHA256 ;;
			esac
			talk_as "$side" "$version"
			holds "$side: facts" "$PEER" "cipher $cipher "
		done
	done
}

talk_as()	# client|server VERSION
{
	case $1 in
	client)
		tls_serve cert:server "max:$2" accept hello facts notify
		tls_run --tls-ciphers "$list" </dev/null
		same "exit status, with <$ERR>" 0 "$RC"
		peer_done ;;
	server)
		tls_listener server --tls-ciphers "$list" </dev/null
		tls_client "max:$2" hello facts notify
		finish listener
		same "exit status, with <$ERR>" 0 "$RC" ;;
	esac
}

test_a_list_without_a_cipher_is_refused()
{
	need_tls || return 0
	refuses cipher --tls --tls-ciphers NONSENSE 127.0.0.1 1
}

test_the_keys_of_the_session_are_logged()
{
	need ca server || return 0
	umask_was=$(umask)
	umask 0
	for version in 1.3 1.2 1.3; do
		tls_serve cert:server "max:$version" accept hello notify
		tls_run --tls-keylog "$T/keys" </dev/null
		same "exit status" 0 "$RC"
		peer_done
	done
	umask "$umask_was"
	same "mode" 600 "$(stat -c %a "$T/keys")"
	for label in CLIENT_HANDSHAKE_TRAFFIC_SECRET \
	    SERVER_HANDSHAKE_TRAFFIC_SECRET CLIENT_TRAFFIC_SECRET_0 \
	    SERVER_TRAFFIC_SECRET_0; do
		same "lines of $label" 2 "$(grep -Ec \
		    "^$label [0-9a-fA-F]{64} [0-9a-fA-F]{64,96}\$" "$T/keys")"
	done
	same "lines of TLS 1.2" 1 "$(grep -Ec \
	    '^CLIENT_RANDOM [0-9a-fA-F]{64} [0-9a-fA-F]{96}$' "$T/keys")"
}

test_a_server_logs_the_same_keys_as_its_client()
{
	need_tls ca server || return 0
	tls_listener server --tls-keylog "$T/theirs" </dev/null
	echo hi >"$T/in"
	tls_run --tls-keylog "$T/ours" <"$T/in"
	same "exit status, with <$ERR>" 0 "$RC"
	finish listener
	sort "$T/ours" | grep -v '^#' >"$T/a"
	sort "$T/theirs" | grep -v '^#' >"$T/b"
	true_that "there are keys" [ -s "$T/a" ]
	same_file "keys" "$T/a" "$T/b"
}

# --- what is said ------------------------------------------------------------------

test_v_tells_about_the_session_and_the_peer()
{
	need ca server || return 0
	tls_serve cert:server alpn:h2 accept hello facts notify
	tls_run -v --tls-alpn h2 </dev/null
	same "exit status" 0 "$RC"
	peer_done
	for part in TLSv1.3 "$(echo "$PEER" | sed 's/.*cipher \([^ ]*\).*/\1/')" \
	    h2 "$TLS_NAME" "Test CA" 2099-12-31; do
		holds "stderr" "$ERR" "$part"
	done
	holds "stderr in capitals" "$(printf %s "$ERR" | tr -d : |
	    tr a-f A-F)" "$(tls_pin server)"
}

test_without_v_a_good_session_is_silent()
{
	need ca server client || return 0
	tls_listener server --tls-client-ca "$CERTS/ca.pem" </dev/null
	tls_client cert:client hello send:hi notify
	finish listener
	same "stderr" "" "$ERR"
}

test_an_option_without_tls_says_what_to_add()
{
	need_tls ca || return 0
	for option in "--tls-ca $CERTS/ca.pem" "--tls-name x" --tls-insecure \
	    "--tls-alpn h2" "--tls-min 1.3" "--tls-ciphers ALL" \
	    "--tls-keylog $T/log" "--tls-cert $CERTS/ca.pem" \
	    "--tls-key $CERTS/ca.key" "--tls-crl $CERTS/ca.crl" \
	    "--tls-pin SHA256:$(tls_pin ca)"; do
		refuses "--tls" $option 127.0.0.1 1
	done
	refuses "--tls" --tls-client-ca "$CERTS/ca.pem" -l 127.0.0.1 0
}

test_a_key_that_does_not_fit_is_one_line_before_binding()
{
	need_tls server client || return 0
	free_port
	run "$NC" --tls --tls-cert "$CERTS/server.pem" --tls-key \
	    "$CERTS/client.key" -v -l 127.0.0.1 "$PORT" </dev/null
	fails_with_one_line 1
	holds "stderr" "$ERR" client.key
}

test_files_that_cannot_be_used_are_one_line()
{
	need_tls ca server || return 0
	echo nonsense >"$T/junk"
	chmod 600 "$T/junk"
	for file in "$T/none" "$T/junk"; do
		refuses "$file" --tls --tls-ca "$file" 127.0.0.1 1
		refuses "$file" --tls --tls-crl "$file" 127.0.0.1 1
		refuses "$file" --tls --tls-cert "$file" -l 127.0.0.1 0
		refuses "$file" --tls --tls-cert "$CERTS/server.pem" \
		    --tls-key "$file" -l 127.0.0.1 0
		refuses "$file" --tls --tls-client-ca "$file" -l 127.0.0.1 0
	done
	refuses "$T/none/log" --tls --tls-keylog "$T/none/log" 127.0.0.1 1
}

test_a_key_that_others_can_read_is_warned_about()
{
	need server || return 0
	cp "$CERTS/server.key" "$T/open.key"
	chmod 644 "$T/open.key"
	free_port
	launch listener "$NC" --tls --tls-cert "$CERTS/server.pem" --tls-key \
	    "$T/open.key" -l 127.0.0.1 "$PORT" </dev/null
	tls_client hello send:hi notify
	finish listener
	same "stdout" hi "$OUT"
	fails_with_one_line 0
	holds "stderr" "$ERR" open.key
}

test_a_unix_socket_needs_a_name_or_a_pin()
{
	need_tls ca server || return 0
	refuses "--tls-name" --tls --tls-ca "$CERTS/ca.pem" -U "$T/s"
	echo hi >"$T/in"
	for option in "--tls-ca $CERTS/ca.pem --tls-name $TLS_NAME" \
	    "--tls-pin SHA256:$(tls_pin server)"; do
		start listener "$NC" --tls --tls-cert "$CERTS/server.pem" \
		    --tls-key "$CERTS/server.key" -l -U "$T/s" </dev/null
		waitfor "unix:$T/s"
		run "$NC" --tls $option -U "$T/s" <"$T/in"
		same "exit status, with <$ERR>" 0 "$RC"
		finish listener
		same "stdout" hi "$OUT"
	done
}

test_explain_shows_the_layer_and_what_is_verified()
{
	need_tls ca || return 0
	run_gives 0 "$NC" --explain --tls --tls-ca "$CERTS/ca.pem" \
	    example.test 443 </dev/null
	for part in TLS example.test "$CERTS/ca.pem"; do
		holds "stdout" "$OUT" "$part"
	done
	run "$NC" --explain --tls --tls-insecure example.test 443 </dev/null
	holds "stdout" "$OUT" "not verified"
}

run_tests "$@"
