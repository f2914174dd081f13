#!/bin/sh
# --forward of datagrams, and between datagrams and streams.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_relay.sh"

# An echo of datagrams, and the subject in front of it; sets echo and front.
front_of_echo()	# OPTION...
{
	server_as echo -u -l -k --echo
	server_as front -l -k --forward "udp:127.0.0.1:$echo" "$@"
}

asks()	# WORD...: a sender of datagrams to the front
{
	run "$TOOLS/peer" "udp-connect:$front" "$@"
	same "the sender's script, which said <$ERR>" 0 "$RC"
}

# --- datagrams to datagrams ---------------------------------------------------

test_datagrams_cross_whole_and_each_sender_has_a_session()
{
	front_of_echo -u
	start one "$TOOLS/peer" "udp-connect:$front" send:one recv-dgram \
	    expect:one "touch:$T/one" "await:$T/two" fill:60000 recv-dgram \
	    expect-fill:60000
	start two "$TOOLS/peer" "udp-connect:$front" "await:$T/one" send:two \
	    recv-dgram expect:two "touch:$T/two"
	finish one
	same "the first sender <$ERR>" 0 "$RC"
	finish two
	same "the second sender <$ERR>" 0 "$RC"
}

test_with_u_a_target_without_a_word_gets_datagrams()
{
	server_as echo -u -l -k --echo
	server_as front -u -l -k --forward "127.0.0.1:$echo"
	asks send:one recv-dgram expect:one
	run "$NC" -u -l --forward 127.0.0.1:9 --explain 1
	holds "explained" "$OUT" "connect (udp) 127.0.0.1 port 9"
	holds "explained" "$OUT" "a session for each sender of datagrams"
	run "$NC" -u -l --forward 127.0.0.1:9 --framing line --explain 1
	holds "explained with frames" "$OUT" "connect (tcp) 127.0.0.1 port 9"
}

test_without_k_one_sender_is_served()
{
	server_as echo -u -l -k --echo
	server_as front -u -l --forward "udp:127.0.0.1:$echo" \
	    --idle-timeout 2
	asks send:one recv-dgram expect:one
	exits front 0
	same "stderr" "" "$ERR"
}

test_a_silent_session_gives_its_place_to_another_sender()
{
	front_of_echo -u --max-conns 1 --idle-timeout 3 -vvv
	asks send:one recv-dgram expect:one
	# While the place is taken, datagrams of others are dropped.
	run "$TOOLS/peer" "udp-connect:$front" send:two quiet-ms:50
	waitfor "text:$T/front.err:closed (idle)"
	asks send:two recv-dgram expect:two
}

test_a_target_that_refuses_ends_no_session()
{
	closed=$(closed_port)
	server_as front -u -l -k --forward "udp:127.0.0.1:$closed"
	start asker "$TOOLS/peer" "udp-connect:$front" send:lost \
	    "touch:$T/sent" "await:$T/there" send:found recv-dgram \
	    expect:found
	waitfor "file:$T/sent"
	waits front
	start late "$NC" -v -u -l -k --echo 127.0.0.1 "$closed"
	waitfor "text:$T/late.err:ound on"
	touch "$T/there"
	finish asker
	same "the sender <$ERR>" 0 "$RC"
	same "stderr of the front" "" "$(cat "$T/front.err")"
}

test_answers_that_come_back_for_ever_are_stopped()
{
	command -v python3 >/dev/null || { skip "no python3"; return 0; }
	server_as echo -u -l -k -c cat
	server_as front -u -l -k --forward "udp:127.0.0.1:$echo"
	run python3 -c 'import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(("127.0.0.1", int(sys.argv[1])))
s.settimeout(1)
s.send(b"hello")
n = 0
try:
	while n < 5000:
		s.send(s.recv(100))
		n += 1
except socket.timeout:
	pass
print(n)' "$front"
	true_that "$OUT: it has ended" [ "$OUT" -lt 100 ]
}

test_a_relay_to_itself_makes_no_sessions()
{
	for at in 127.0.0.1 0.0.0.0; do
		free_port
		launch_udp front "$NC" -u -l -k --max-conns 20 -vvv \
		    --forward "udp:127.0.0.1:$PORT" "$at" "$PORT"
		run "$TOOLS/peer" "udp-connect:$PORT" send:one send:two
		true_that "a line" waitfor "text:$T/front.err:itself listens"
		waits front
		same "lines at $at" 1 \
		    "$(grep -c 'itself listens' "$T/front.err")"
		same "a third client of $at" 0 \
		    "$(grep -c 'client 3:' "$T/front.err")"
		stop front
	done
}

test_a_relay_of_streams_to_itself_refuses()
{
	free_port
	launch front "$NC" -l -k -vvv --forward "127.0.0.1:$PORT" 127.0.0.1 \
	    "$PORT"
	run "$TOOLS/peer" "connect:$PORT" recv-end
	waits front
	same "a second client" 0 "$(grep -c 'client 2:' "$T/front.err")"
	stop front
	free_port
	launch front "$NC" -l -k --forward "127.0.0.1:$PORT" 127.0.0.1 "$PORT"
	for _ in 1 2; do
		run "$TOOLS/peer" "connect:$PORT" recv-end
	done
	same "stderr" "sockcat: connect to 127.0.0.1 port $PORT (tcp) for \
127.0.0.1 failed: the relay itself listens there" \
	    "$(sed 's/ port [0-9]* (tcp) failed/ failed/' "$T/front.err")"
}

test_dnsmasq_answers_through_the_relay()
{
	command -v dnsmasq >/dev/null || { skip "no dnsmasq"; return 0; }
	dns=$(new_port)
	start dnsmasq dnsmasq -d -C /dev/null -p "$dns" --user= --no-resolv \
	    --no-hosts --listen-address=127.0.0.1 --bind-interfaces \
	    --address=/x.test/192.0.2.7
	waitfor "udp:$dns" || { skip "dnsmasq does not start"; return 0; }
	server_as front -u -l -k --forward "udp:127.0.0.1:$dns"
	asks 'send:\x01\x02\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01x\x04test\x00\x00\x01\x00\x01' \
	    recv-dgram "save:$T/answer"
	same "the end of the answer" "c0000207" \
	    "$(tail -c 4 "$T/answer" | od -An -tx1 | tr -d ' \n')"
}

# --- streams and datagrams ----------------------------------------------------

test_each_read_of_a_stream_is_a_datagram()
{
	front_of_echo
	run "$TOOLS/peer" "connect:$front" send:one recv:3 expect:one \
	    send:two recv:3 expect:two fin recv-eof
	same "the client <$ERR>" 0 "$RC"
}

test_after_the_end_of_a_stream_answers_may_still_come()
{
	serve_udp recv-dgram expect:ask sleep-ms:200 send:late "await:$T/over"
	server_as front -l -k --forward "udp:127.0.0.1:$PORT"
	run "$TOOLS/peer" "connect:$front" send:ask fin recv-eof expect:late
	same "the client <$ERR>" 0 "$RC"
	touch "$T/over"
	peer_done
}

test_frames_of_a_stream_are_datagrams()
{
	for how in len6 u16be u32be netstring line; do
		front_of_echo --framing "$how"
		printf 'one\n\nthree\n' >"$T/in"
		run "$NC" -N --framing "$how" 127.0.0.1 "$front" <"$T/in"
		same "$how: stdout" "$(cat "$T/in")" "$OUT"
		stop front
		stop echo
	done
}

test_a_datagram_of_a_framed_stream_is_bare()
{
	serve_udp recv-dgram print recv-dgram print send:answer
	server_as front -l -k --framing len6 --forward "udp:127.0.0.1:$PORT"
	run "$TOOLS/peer" "connect:$front" 'send:000003:one000002:' \
	    sleep-ms:50 send:22 recv:13 expect:000006:answer
	same "the client <$ERR>" 0 "$RC"
	peer_done
	same "what the target got" "one22" "$(echo "$PEER" | tr -d '\n')"
}

test_a_frame_that_is_none_ends_its_client_and_not_the_server()
{
	front_of_echo --framing len6
	run "$TOOLS/peer" "connect:$front" send:000001:xno-frame recv-end
	echo fine >"$T/in"
	run "$NC" -N --framing len6 127.0.0.1 "$front" <"$T/in"
	same "the next client" fine "$OUT"
}

test_datagrams_to_a_stream_are_bytes_or_frames()
{
	serve accept recv:6 print fin recv-eof
	server_as front -u -l -k --forward "tcp:127.0.0.1:$PORT"
	start asker "$TOOLS/peer" "udp-connect:$front" send:one send:two
	finish asker
	peer_done
	same "bytes" onetwo "$PEER"
	serve accept until:22 'expect:000003:one000002:22' \
	    send:000002:ok0000 sleep-ms:50 send:04:fine "await:$T/over"
	server_as front -u -l -k --framing len6 --forward "127.0.0.1:$PORT"
	asks send:one send:22 recv-dgram expect:ok recv-dgram expect:fine
	touch "$T/over"
	peer_done
}

test_the_end_of_a_stream_ends_its_session_of_datagrams()
{
	server_as target -l -k -c 'read -r x; echo "got $x"'
	server_as front -u -l -k --forward "tcp:127.0.0.1:$target" -vvv
	asks 'send:one\n' recv-dgram 'expect:got one\n'
	waitfor "text:$T/front.err:closed (end)"
	asks 'send:two\n' recv-dgram 'expect:got two\n'
}

test_framing_is_between_a_stream_and_datagrams()
{
	refuses "is between a stream and datagrams" -u -l --framing len6 \
	    --forward udp:127.0.0.1:9 0
	refuses "is between a stream and datagrams" -l --framing len6 \
	    --forward 127.0.0.1:9 0
}

run_tests "$@"
