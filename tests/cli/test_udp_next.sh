#!/bin/sh
# UDP to a name with several addresses, of which the first refuses.
. "$(dirname "$0")/lib.sh"

# The name "twin" is what $T/hosts says, where we may mount it. The system's
# order (RFC 6724) is ::1, 127.0.0.1, 127.0.0.2.
twin()	# ADDRESS...
{
	unshare -m true 2>/dev/null || { skip "no mounts here"; return 1; }
	[ -n "$PORT" ] || free_port
	printf '127.0.0.1 localhost\n' >"$T/hosts"
	for address do
		printf '%s twin\n' "$address" >>"$T/hosts"
	done
}

with_twin()	# NAME COMMAND...: as start does
{
	with_name=$1
	shift
	start "$with_name" unshare -m sh -c 'mount --bind "$0" /etc/hosts &&
	    exec "$@"' "$T/hosts" "$@"
}

need_ipv6()
{
	grep -q '^0*1 ' /proc/net/if_inet6 2>/dev/null ||
	    { skip "no IPv6 on the loopback"; return 1; }
}

answering()	# ADDRESS
{
	[ -n "$PORT" ] || free_port
	launch_udp server "$BIN/sockcat" -v -u -l -k --dgram=line \
	    -c 'sed -u "s/^/got: /"' "$1" "$PORT" </dev/null
}

test_the_next_address_gets_what_the_first_one_refused()
{
	need_ipv6 || return 0
	twin ::1 127.0.0.1 || return 0
	answering 127.0.0.1
	printf 'hello\n' >"$T/in"
	with_twin run "$NC" -u twin "$PORT" <"$T/in"
	exits run 0
	same "stdout" "got: hello" "$OUT"
	same "stderr" "" "$ERR"
}

test_of_two_ipv4_addresses_the_second_serves()
{
	for serving in 127.0.0.1 127.0.0.2; do
		PORT=
		twin 127.0.0.1 127.0.0.2 || return 0
		answering "$serving"
		printf 'hello\n' >"$T/in"
		with_twin run "$NC" -u twin "$PORT" <"$T/in"
		exits run 0
		same "stdout" "got: hello" "$OUT"
		same "stderr" "" "$ERR"
	done
}

test_while_the_input_is_open_it_talks_with_the_next_address()
{
	twin 127.0.0.1 127.0.0.2 || return 0
	answering 127.0.0.2
	hold
	with_twin run "$NC" -u -v twin "$PORT" <"$T/idle"
	echo one >&9
	true_that "the first line" waitfor "text:$T/run.out:got: one"
	echo two >&9
	true_that "the second line" waitfor "text:$T/run.out:got: two"
	release
	exits run 0
	same "stdout" "got: one
got: two" "$OUT"
	same "stderr" "Connection to twin (127.0.0.1) P port [udp/*] succeeded!
sockcat: connect to twin (127.0.0.1) port P (udp) failed: Connection refused
Connection to twin (127.0.0.2) P port [udp/*] succeeded!" "$ERR"
}

test_many_datagrams_arrive_there_once_each_and_in_order()
{
	twin 127.0.0.1 127.0.0.2 || return 0
	seq -f 'line %05g' 1 20000 >"$T/in"
	launch_udp server "$BIN/sockcat" -u -l -w 5 127.0.0.2 "$PORT" </dev/null
	with_twin run "$NC" -u twin "$PORT" <"$T/in"
	exits run 0
	finish server
	same_file "what came" "$T/in" "$T/server.out"
}

test_where_all_refuse_it_is_told_once()
{
	twin 127.0.0.1 127.0.0.2 || return 0
	printf 'hello\n' >"$T/in"
	with_twin run "$NC" -u twin "$PORT" <"$T/in"
	exits run 1
	same "stderr" "sockcat: send to twin port P (udp) failed: Connection\
 refused" "$ERR"
}

# A server that has answered is the right one, also while it restarts.
test_an_address_that_has_answered_is_kept()
{
	twin 127.0.0.1 127.0.0.2 || return 0
	start other "$BIN/sockcat" -v -u -l 127.0.0.2 "$PORT" </dev/null
	waitfor "text:$T/other.err:Bound"
	start server "$BIN/sockcat" -v -u -l -k --echo 127.0.0.1 "$PORT"
	waitfor "text:$T/server.err:Bound"
	hold
	with_twin run "$NC" -u twin "$PORT" <"$T/idle"
	echo one >&9
	true_that "it is answered" waitfor "text:$T/run.out:one"
	stop server
	echo two >&9
	true_that "the refusal is told" waitfor "text:$T/run.err:refused"
	release
	finish run
	waits other
	same "what the other address got" "" "$(cat "$T/other.out")"
}

# Theirs stay at the first address.
test_the_others_do_not_look_for_another_address()
{
	over nc real || return 0
	twin 127.0.0.1 127.0.0.2 || return 0
	launch_udp other "$BIN/sockcat" -u -l 127.0.0.2 "$PORT" </dev/null
	printf 'hello\n' >"$T/in"
	with_twin run "$NC" -u -w 1 twin "$PORT" <"$T/in"
	finish run
	waits other
	same "what the other address got" "" "$(cat "$T/other.out")"
}


# --- behind a relay -----------------------------------------------------------

# Starts the subject on a port of the system's choice, FRONT, which knows twin.
front()	# OPTION...
{
	with_twin front "$NC" "$@" --port-file "$T/front" 127.0.0.1 0
	waitfor "file:$T/front"
	FRONT=$(cat "$T/front")
}

test_a_relay_sends_to_the_next_address_of_its_target()
{
	twin 127.0.0.1 127.0.0.2 || return 0
	answering 127.0.0.2
	front -u -l -k --forward "udp:twin:$PORT"
	for question in one two; do
		run "$TOOLS/peer" "udp-connect:$FRONT" "send:$question" \
		    recv-dgram "expect:got: $question\\n"
		same "the sender <$ERR>" 0 "$RC"
	done
	same "stderr" "" "$(cat "$T/front.err")"
}

test_copies_go_to_the_next_address_of_their_target()
{
	twin 127.0.0.1 127.0.0.2 || return 0
	answering 127.0.0.2
	start heard "$NC" -u -l -k --port-file "$T/heard" 127.0.0.2 0
	waitfor "file:$T/heard"
	front -u -l -k --forward "udp:twin:$PORT" \
	    --forward "udp:twin:$(cat "$T/heard")" --forward-all
	run "$TOOLS/peer" "udp-connect:$FRONT" send:one recv-dgram \
	    "expect:got: one\\n"
	same "the sender <$ERR>" 0 "$RC"
	true_that "the copy arrives" waitfor "text:$T/heard.out:one"
}

test_a_proxy_server_sends_to_the_next_address_of_a_name()
{
	command -v python3 >/dev/null || { skip "no python3"; return 0; }
	twin 127.0.0.1 127.0.0.2 || return 0
	answering 127.0.0.2
	front -l -k --serve-proxy --allow-target 127.0.0.0/8
	run python3 -c 'import socket, struct, sys
front, to = map(int, sys.argv[1:])
c = socket.create_connection(("127.0.0.1", front)); c.settimeout(15)
c.sendall(b"\5\1\0"); assert c.recv(2) == b"\5\0"
c.sendall(b"\5\3\0\1" + b"\0" * 6)
r = b""
while len(r) < 10: r += c.recv(10 - len(r))
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.settimeout(15)
u.connect(("127.0.0.1", struct.unpack(">H", r[8:])[0]))
head = b"\0\0\0\3\4twin" + struct.pack(">H", to)
for word in (b"one", b"two"):
	u.send(head + word)
	print(u.recv(99)[10:].decode(), end="")' "$FRONT" "$PORT"
	same "the client <$ERR>" "got: one got: two" "$(echo $OUT)"
}

run_tests "$@"
