#!/bin/sh
# DTLS: TLS over datagrams.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_tls.sh"

# Starts the subject as a listener with the certificate server, and waits.
dtls_listener()	# OPTION...
{
	free_port
	launch_udp listener "$NC" -u --tls --tls-cert "$CERTS/server.pem" \
	    --tls-key "$CERTS/server.key" "$@" -l "$PORT"
}

# Starts the subject as a client of PORT that trusts ca; its input is $T/idle.
dtls_client()	# NAME OPTION...
{
	dtls_name=$1
	shift
	start "$dtls_name" "$NC" -u --tls --tls-ca "$CERTS/ca.pem" "$@" \
	    127.0.0.1 "$PORT"
}

# Puts a network with losses before PORT, which is the relay's then.
relay()	# WORD...
{
	rm -f "$T/relay.port"
	start relay "$TOOLS/udp_relay" "$T/relay.port" "$PORT" "$@"
	waitfor "file:$T/relay.port"
	PORT=$(cat "$T/relay.port")
}

# Makes $T/in, which ends with `exec 5>&-`; write to it by >&5.
open_input()
{
	mkfifo "$T/in"
	exec 5<>"$T/in"
}

arrives()	# CONDITION...
{
	true_that "$*" waitfor "$@"
}

need_dtls()	# CERTIFICATE...
{
	need_tls server "$@"
}

descriptors_of()	# NAME
{
	find "/proc/$(pid_of "$1")/fd" -type l | wc -l
}

# --- our own on both sides --------------------------------------------------

test_bytes_go_both_ways_and_close_notify_ends_the_listener()
{
	need_dtls || return 0
	hold
	dtls_listener <"$T/idle"
	open_input
	dtls_client client <"$T/in" 5<&-
	printf PING >&5
	arrives "text:$T/listener.out:PING"
	printf PONG >&9
	arrives "text:$T/client.out:PONG"
	exec 5>&-
	finish client
	same "exit status of the client" 0 "$RC"
	same "stderr of the client" "" "$ERR"
	finish listener
	same "exit status of the listener" 0 "$RC"
	same "stderr of the listener" "" "$ERR"
	same "stdout" PING "$OUT"
}

test_answers_come_after_the_end_of_the_input()
{
	need_dtls || return 0
	dtls_listener -k -c 'read -r line; sleep 0.3; echo "got $line"'
	echo hello >"$T/in"
	start client "$NC" -u --tls --tls-ca "$CERTS/ca.pem" 127.0.0.1 \
	    "$PORT" <"$T/in"
	exits client 0
	same "stdout" "got hello" "$OUT"
}

test_IPv6()
{
	need_dtls || return 0
	need_ipv6 || return 0
	dtls_listener -6 -k --echo
	echo hello >"$T/in"
	run_gives 0 "$NC" -u --tls --tls-ca "$CERTS/ca.pem" ::1 "$PORT" <"$T/in"
	same "stdout" hello "$OUT"
}

# The relay shows each record as a datagram, which is 37 bytes longer.
test_records_keep_their_bounds_both_ways()
{
	need_dtls || return 0
	dtls_listener -k --echo
	relay
	file=$(bytes 16000)
	export file
	run "$NC" -u --tls --tls-ca "$CERTS/ca.pem" -c '
		for n in 1 1000 1400 16000; do
			dd if="$file" bs=$n count=1 2>/dev/null
			dd of=/dev/null bs=16384 count=1 2>/dev/null
		done' 127.0.0.1 "$PORT"
	same "exit status" 0 "$RC"
	sizes='>38 <38 >1037 <1037 >1437 <1437 >16037 <16037 '
	holds "datagrams" "$(tr -d ' ' <"$T/relay.out" | tr '\n' ' ')" "$sizes"
}

test_each_write_of_a_command_is_a_datagram()
{
	need_dtls || return 0
	dtls_listener -k -c 'read -r line; printf 1234; sleep 0.1;
	    printf 123456; sleep 0.1; printf 12345678'
	relay
	echo go >"$T/in"
	run "$NC" -u --tls --tls-ca "$CERTS/ca.pem" 127.0.0.1 "$PORT" \
	    <"$T/in"
	same "stdout" 123412345612345678 "$OUT"
	holds "datagrams" "$(grep '^<' "$T/relay.out" | tr '\n' ' ')" \
	    '< 41 < 43 < 45'
}

test_framing_over_DTLS()
{
	need_dtls || return 0
	dtls_listener --framing=u16be </dev/null
	printf 'one\ntwo\n' >"$T/in"
	start client "$NC" -u --tls --tls-ca "$CERTS/ca.pem" \
	    --framing=u16be 127.0.0.1 "$PORT" <"$T/in"
	exits client 0
	finish listener
	same "stdout" "one
two" "$OUT"
}

# --- several peers ----------------------------------------------------------

test_a_peer_that_stops_in_its_handshake_delays_nobody()
{
	need_dtls || return 0
	hold
	dtls_listener -k --echo
	port=$PORT
	relay stop:5
	dtls_client stuck <"$T/idle"
	arrives "size:$T/relay.out:40"
	PORT=$port
	echo hello >"$T/in"
	run_gives 0 "$NC" -u --tls --tls-ca "$CERTS/ca.pem" 127.0.0.1 "$PORT" \
	    <"$T/in"
	same "stdout" hello "$OUT"
	waits stuck
}

test_clients_at_once_have_a_session_each()
{
	need_dtls || return 0
	dtls_listener -k --echo
	for n in 1 2 3 4; do
		mkfifo "$T/in$n"
		eval "exec $((n + 2))<>\"\$T/in$n\""
		dtls_client "client$n" <"$T/in$n" 3<&- 4<&- 5<&- 6<&-
	done
	for n in 1 2 3 4; do
		eval "echo hello $n >&$((n + 2))"
		arrives "text:$T/client$n.out:hello $n"
	done
	exec 3>&- 4>&- 5>&- 6>&-
	for n in 1 2 3 4; do
		exits "client$n" 0
		same "stdout" "hello $n" "$OUT"
	done
}

test_a_room_of_DTLS()
{
	need_dtls || return 0
	hold
	dtls_listener --broker
	open_input
	dtls_client one <"$T/in" 5<&-
	dtls_client two <"$T/idle" 5<&-
	# A member hears what is said after it has come.
	for _ in $TRIES; do
		echo hello >&5
		waitfor -t 1000 "text:$T/two.out:hello" 2>/dev/null && break
	done
	arrives "text:$T/two.out:hello"
	echo there >&9
	arrives "text:$T/one.out:there"
	exec 5>&-
}

test_joined_clients()
{
	need_dtls || return 0
	hold
	dtls_listener -k --max-conns 3 </dev/null
	open_input
	dtls_client one <"$T/in" 5<&-
	dtls_client two <"$T/idle" 5<&-
	echo "from one" >&5
	echo "from two" >&9
	arrives "text:$T/listener.out:from one" "text:$T/listener.out:from two"
	exec 5>&-
}

test_clients_one_after_the_other()
{
	need_dtls || return 0
	dtls_listener -k </dev/null
	for n in 1 2 3; do
		echo "line $n" >"$T/in"
		run_gives 0 "$NC" -u --tls --tls-ca "$CERTS/ca.pem" -q 0 \
		    127.0.0.1 "$PORT" <"$T/in"
		arrives "text:$T/listener.out:line $n"
	done
}

test_a_silent_peer_ends_by_idle_timeout()
{
	need_dtls || return 0
	hold
	dtls_listener -k -v --echo --idle-timeout 1
	before=$(descriptors_of listener)
	dtls_client client <"$T/idle"
	echo hello >&9
	arrives "text:$T/client.out:hello"
	# close_notify tells the client.
	exits client 0
	waits listener
	same "descriptors" "$before" "$(descriptors_of listener)"
}

test_a_peer_that_lost_its_session_calls_again_from_its_port()
{
	need_dtls || return 0
	hold
	dtls_listener -k --echo
	port=$(new_port)
	for n in 1 2; do
		dtls_client "client$n" -p "$port" <"$T/idle"
		echo "hello $n" >&9
		arrives "text:$T/client$n.out:hello $n"
		stop "client$n" KILL
	done
}

# --- before the address is verified -----------------------------------------

test_a_forged_first_datagram_leaves_nothing()
{
	need_dtls || return 0
	hold
	serve_udp recv-dgram "save:$T/hello"
	dtls_client client <"$T/idle"
	peer_done
	true_that "there is a hello" [ -s "$T/hello" ]
	size=$(wc -c <"$T/hello")
	dtls_listener -k --echo
	before=$(descriptors_of listener)
	for _ in 1 2 3 4 5; do
		run "$TOOLS/peer" "udp-connect:$PORT" "send-file:$T/hello" \
		    recv-dgram "save:$T/answer" quiet-ms:50
		same "the peer, which said <$ERR>" 0 "$RC"
		true_that "the answer is shorter" \
		    [ "$(wc -c <"$T/answer")" -lt "$size" ]
	done
	same "descriptors" "$before" "$(descriptors_of listener)"
	run "$TOOLS/peer" "udp-connect:$PORT" "send:GET / HTTP/1.0" \
	    quiet-ms:200
	same "the peer, which said <$ERR>" 0 "$RC"
}

test_no_other_program_can_join_the_port()
{
	need_dtls || return 0
	hold
	dtls_listener -k --echo
	dtls_client client <"$T/idle"
	echo hello >&9
	arrives "text:$T/client.out:hello"
	run_gives 1 "$NC" -u -l 127.0.0.1 "$PORT" </dev/null
	holds "stderr" "$ERR" "in use"
}

# --- losses -----------------------------------------------------------------

test_a_lost_datagram_is_sent_again()
{
	need_dtls || return 0
	dtls_listener -k --echo
	port=$PORT
	echo hello >"$T/in"
	for n in 1 2 3 4 5 6 7 8; do
		PORT=$port
		relay "drop:$n"
		rm -f "$T/in"
		open_input
		dtls_client client <"$T/in" 5<&-
		# Once the handshake has ended, a lost datagram stays lost.
		for _ in $TRIES; do
			echo hello >&5
			waitfor -t 3000 "text:$T/client.out:hello" \
			    2>/dev/null && break
		done
		exec 5>&-
		finish client
		same "exit status without datagram $n" 0 "$RC"
		holds "stdout without datagram $n" "$OUT" hello
	done
}

# --- refusals ---------------------------------------------------------------

test_a_wrong_certificate_gets_no_byte()
{
	need_dtls ca2 || return 0
	dtls_listener -k -v </dev/null
	echo secret >"$T/in"
	run_gives 1 "$NC" -u --tls --tls-ca "$CERTS/ca2.pem" 127.0.0.1 "$PORT" \
	    <"$T/in"
	same "stdout" "" "$OUT"
	one_line "stderr" "$ERR"
	echo hello >"$T/in"
	run_gives 0 "$NC" -u --tls --tls-ca "$CERTS/ca.pem" 127.0.0.1 "$PORT" \
	    <"$T/in"
	arrives "text:$T/listener.out:hello"
	lacks "stdout of the listener" "$(cat "$T/listener.out")" secret
}

test_a_client_without_a_certificate_is_refused()
{
	need_dtls ca client || return 0
	dtls_listener --tls-client-ca "$CERTS/ca.pem" </dev/null
	echo secret >"$T/in"
	run_gives 1 "$NC" -u --tls --tls-ca "$CERTS/ca.pem" 127.0.0.1 "$PORT" \
	    <"$T/in"
	waits listener
	echo hello >"$T/in"
	run_gives 0 "$NC" -u --tls --tls-ca "$CERTS/ca.pem" \
	    --tls-cert "$CERTS/client.pem" --tls-key "$CERTS/client.key" \
	    127.0.0.1 "$PORT" <"$T/in"
	finish listener
	same "stdout of the listener" hello "$OUT"
	one_line "stderr of the listener" "$ERR"
}

test_nobody_listens()
{
	need_dtls || return 0
	PORT=$(closed_port)
	run "$NC" -u --tls --tls-ca "$CERTS/ca.pem" 127.0.0.1 "$PORT" \
	    </dev/null
	fails_with_one_line 1
	holds "stderr" "$ERR" refused
}

# --- other programs ---------------------------------------------------------

test_openssl_s_client()
{
	need_dtls || return 0
	hold
	dtls_listener -k -c 'read -r line; echo "got $line"'
	start client openssl s_client -dtls1_2 -connect "127.0.0.1:$PORT" \
	    -CAfile "$CERTS/ca.pem" -verify_return_error -quiet <"$T/idle"
	echo hello >&9
	arrives "text:$T/client.out:got hello"
}

test_openssl_s_server()
{
	need_dtls || return 0
	hold
	free_port
	launch_udp server openssl s_server -dtls1_2 -listen \
	    -accept "127.0.0.1:$PORT" -cert "$CERTS/server.pem" \
	    -key "$CERTS/server.key" -quiet <"$T/idle"
	open_input
	dtls_client client <"$T/in" 5<&-
	echo hello >&5
	arrives "text:$T/server.out:hello"
	echo there >&9
	arrives "text:$T/client.out:there"
	exec 5>&-
	exits client 0
}

test_ncat_as_client()
{
	need_dtls || return 0
	need_program "$REAL/ncat" || return 0
	hold
	dtls_listener -k --echo
	start client "$REAL/ncat" -u --ssl 127.0.0.1 "$PORT" <"$T/idle"
	echo hello >&9
	arrives "text:$T/client.out:hello"
}

need_socat()
{
	need_program socat || return 1
	socat -h 2>&1 | grep -qi openssl-dtls || { skip "no DTLS in socat"; return 1; }
}

test_socat_as_client()
{
	need_dtls || return 0
	need_socat || return 0
	hold
	dtls_listener -k --echo
	start client socat - "OPENSSL-DTLS-CLIENT:127.0.0.1:$PORT,cafile=$CERTS/ca.pem,commonname=$TLS_NAME" <"$T/idle"
	echo hello >&9
	arrives "text:$T/client.out:hello"
}

test_socat_as_server()
{
	need_dtls || return 0
	need_socat || return 0
	hold
	free_port
	launch_udp server socat "OPENSSL-DTLS-SERVER:$PORT,bind=127.0.0.1,cert=$CERTS/server.pem,key=$CERTS/server.key,verify=0" - <"$T/idle"
	open_input
	dtls_client client <"$T/in" 5<&-
	echo hello >&5
	arrives "text:$T/server.out:hello"
	echo there >&9
	arrives "text:$T/client.out:there"
	exec 5>&-
}

run_tests "$@"
