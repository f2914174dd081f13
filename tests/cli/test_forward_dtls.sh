#!/bin/sh
# --forward for clients of DTLS: each record is a datagram towards UDP, and
# bytes or a framed message towards a stream; and back.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_tls.sh"
. "$(dirname "$0")/lib_relay.sh"

# The subject as a relay for clients of DTLS, on PORT.
dtls_front()	# OPTION...
{
	free_port
	launch_udp front "$NC" -u --tls --tls-cert "$CERTS/server.pem" \
	    --tls-key "$CERTS/server.key" -l "$@" 127.0.0.1 "$PORT"
}

# A client of ours: the command's writes are records, and so are its reads.
dtls_command()	# COMMAND
{
	run "$NC" -u --tls --tls-ca "$CERTS/ca.pem" -c "$1" 127.0.0.1 "$PORT"
	same "exit status of the client, which said <$ERR>" 0 "$RC"
}

test_records_and_datagrams_keep_their_bounds()
{
	need_tls server || return 0
	serve_udp recv-dgram expect:one send:first recv-dgram \
	    expect-size:9000 send:second
	dtls_front -k --forward "udp:127.0.0.1:$PORT"
	file=$(bytes 9000)
	export file T
	dtls_command 'printf one; dd of="$T/first" bs=16384 count=1
		dd if="$file" bs=9000 count=1; dd of="$T/second" bs=16384 count=1'
	peer_done
	same "the first answer" first "$(cat "$T/first")"
	same "the second answer" second "$(cat "$T/second")"
	same "stderr of the relay" "" "$(cat "$T/front.err")"
}

test_clients_come_one_after_the_other()
{
	need_tls server || return 0
	server_as echo -u -l -k --echo
	dtls_front -k --forward "udp:127.0.0.1:$echo"
	for word in one two; do
		echo "$word" >"$T/word"
		run_gives 0 "$NC" -u --tls --tls-ca "$CERTS/ca.pem" 127.0.0.1 \
		    "$PORT" <"$T/word"
		same "stdout" "$word" "$OUT"
	done
}

test_a_stream_gets_the_bytes_and_its_reads_are_records()
{
	need_tls server || return 0
	serve accept until:two expect:onetwo send:answer recv-end
	dtls_front --forward "tcp:127.0.0.1:$PORT"
	export T
	dtls_command 'printf one; printf two
		dd of="$T/answer" bs=16384 count=1'
	peer_done
	same "the answer" answer "$(cat "$T/answer")"
}

test_much_of_a_stream_fits_into_records()
{
	need_tls server || return 0
	serve accept until:go fill:60000 fin recv-end
	dtls_front --forward "tcp:127.0.0.1:$PORT"
	dtls_command 'printf go; wc -c >"$T/count"'
	peer_done
	same "the bytes" 60000 "$(tr -d ' ' <"$T/count")"
}

test_with_framing_each_record_is_a_message_of_the_stream()
{
	need_tls server || return 0
	serve accept until:22 'expect:000003:one000002:22' \
	    send:000002:ok000004:fine recv-end
	dtls_front --framing len6 --forward "127.0.0.1:$PORT"
	export T
	dtls_command 'printf one; sleep 0.1; printf 22
		dd of="$T/ok" bs=16384 count=1
		dd of="$T/fine" bs=16384 count=1'
	peer_done
	same "the first message" ok "$(cat "$T/ok")"
	same "the second message" fine "$(cat "$T/fine")"
}

test_openssl_s_client()
{
	need_tls server || return 0
	server_as echo -u -l -k --echo
	dtls_front -k --forward "udp:127.0.0.1:$echo"
	hold
	start client openssl s_client -dtls1_2 -connect "127.0.0.1:$PORT" \
	    -CAfile "$CERTS/ca.pem" -quiet <"$T/idle"
	echo hello >&9
	true_that "the echo comes" waitfor "text:$T/client.out:hello"
}

test_a_reset_of_the_target_ends_its_client()
{
	need_tls server || return 0
	serve accept until:one send:part "await:$T/got" rst
	dtls_front --forward "tcp:127.0.0.1:$PORT"
	hold
	start client "$NC" -u --tls --tls-ca "$CERTS/ca.pem" 127.0.0.1 \
	    "$PORT" <"$T/idle"
	printf one >&9
	true_that "a part comes" waitfor "text:$T/client.out:part"
	touch "$T/got"
	finish front
	same "exit status of the relay" 1 "$RC"
	holds "stderr of the relay" "$ERR" "reset"
	finish client
}

run_tests "$@"
