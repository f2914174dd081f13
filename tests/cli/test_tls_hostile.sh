#!/bin/sh
# Peers that are silent, slow, or talk nonsense where a TLS handshake or a
# record is due: nobody else waits for them.
# timeout: 400
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_tls.sh"

need()
{
	need_tls "$@" && need_tls_peer
}

# A good client is served by the listener, whose command or mode is an echo.
served()
{
	tls_guest good hello send:good until:good notify recv-end
	guest_done good
}

timed_served()
{
	served_began=$(waitfor ms)
	served
	MS=$(($(waitfor ms) - served_began))
}

silent_clients()	# NUMBER
{
	rm -f "$T/in" "$T/over"
	start silent "$TOOLS/multi_client" "$PORT" "$1" connect \
	    "touch:$T/in" "await:$T/over"
	waitfor "file:$T/in"
}

test_two_hundred_silent_clients_keep_nobody_out()
{
	need server || return 0
	for how in --echo "-e cat" "--echo --max-conns 2"; do
		tls_listener server -k $how </dev/null
		silent_clients 200
		# A handshake may take 10 s; this must not wait for one.
		soon 5000 timed_served
		touch "$T/over"
		finish silent
		stop listener
	done
}

# A ClientHello in records of this size, with lists whose entries a server
# searches for in each other.
long_hello()	# BYTES
{
	python3 - "$1" <<'EOF'
import struct, sys
size = int(sys.argv[1])
def ext(kind, data):
    return struct.pack('>HH', kind, len(data)) + data
def listed(data):
    return struct.pack('>H', len(data)) + data
exts = (ext(43, b'\2\3\4') + ext(13, listed(b'\4\3')) +
    ext(10, listed(b'\x7a\x7a' * 14998 + b'\x7a\x7b\0\x17')) +
    ext(51, listed(b'\x7a\x7b\0\1\0' * 6900)))
body = (b'\3\3' + b'r' * 32 + b'\0' + listed(b'\x13\1' * 30000) + b'\1\0' +
    listed(exts))
hello = b'\1' + struct.pack('>I', len(body))[1:] + body
sys.stdout.buffer.write(b''.join(b'\x16\3\1' + listed(hello[i:i + size])
    for i in range(0, len(hello), size)))
EOF
}

test_a_long_hello_costs_little()
{
	need server || return 0
	tls_listener server -k --echo </dev/null
	for size in 16384 1; do
		long_hello $size >"$T/hello"
		run "$TOOLS/peer" "connect:$PORT" "send-file:$T/hello" fin \
		    recv-end
		served
	done
	ticks=$(sed 's/.*) //' "/proc/$(pid_of listener)/stat" |
	    awk '{ print $12 + $13 }')
	most=100
	[ "${SANITIZED:-no}" = no ] || most=400
	true_that "$ticks ticks of the processor are $most at most" \
	    [ "$ticks" -le "$most" ]
}

test_a_silent_client_does_not_take_the_one_place()
{
	need server || return 0
	tls_listener server </dev/null
	silent_clients 20
	tls_client hello send:good notify
	finish listener
	same "stdout" good "$OUT"
	same "exit status" 0 "$RC"
	touch "$T/over"
	finish silent
}

test_waiting_for_silent_clients_costs_nothing()
{
	need server || return 0
	tls_listener server -k --echo </dev/null
	silent_clients 20
	same "in a second" "ticks 0 wakeups 0" \
	    "$("$TOOLS/wakeups" "$(pid_of listener)")"
	touch "$T/over"
}

test_an_idle_session_costs_nothing()
{
	need ca server || return 0
	hold
	tls_serve cert:server accept hello send:welcome "await:$T/over" notify
	start run "$NC" --tls --tls-ca "$CERTS/ca.pem" 127.0.0.1 "$PORT" \
	    <"$T/idle"
	waitfor "text:$T/run.out:welcome"
	same "in a second" "ticks 0 wakeups 0" \
	    "$("$TOOLS/wakeups" "$(pid_of run)")"
	touch "$T/over"
	release
	finish run
}

test_a_peer_that_does_not_read_is_waited_for()
{
	need ca server || return 0
	tls_serve cert:server deadline-ms:60000 accept hello \
	    "await:$T/over" recv-notify count notify
	start run "$NC" --tls --tls-ca "$CERTS/ca.pem" 127.0.0.1 "$PORT" \
	    <"$(bytes 20000000)"
	same "in a second" "ticks 0 wakeups 0" \
	    "$("$TOOLS/wakeups" "$(pid_of run)")"
	touch "$T/over"
	finish run 60
	same "exit status" 0 "$RC"
	peer_done
	holds "the peer" "$PEER" "count 20000000"
}

# Other peers talk meanwhile, so the time of each byte is the machine's; the
# end is that of the listener's own limit.
test_a_dripping_hello_is_cut_after_ten_seconds()
{
	need server || return 0
	tls_listener server -k --echo </dev/null
	began=$(waitfor ms)
	tls_guest drip deadline-ms:60000 drip-hello:1000
	served
	finish drip 60
	MS=$(($(waitfor ms) - began))
	same "what the dripping client saw" cut "$OUT"
	at_least "milliseconds" 9500 "$MS"
	true_that "$MS ms are less than 40 seconds" [ "$MS" -lt 40000 ]
	waitfor "size:$T/listener.err:10"
	look_at listener
	one_line "stderr" "$ERR"
	served
}

test_a_server_that_is_silent_in_the_handshake()
{
	need_tls || return 0
	for limit in "--connect-timeout 5" "-w 5" "--deadline 5"; do
		serve accept "await:$T/over"
		timed "$NC" --tls $limit 127.0.0.1 "$PORT" </dev/null
		same "$limit: exit status" 1 "$RC"
		one_line "$limit: stderr" "$ERR"
		at_least "$limit: milliseconds" 4990 "$MS"
		touch "$T/over"
		peer_done
		rm "$T/over"
	done
}

test_a_server_that_drips_its_hello_is_cut_too()
{
	need_tls || return 0
	for limit in "--connect-timeout 5" "--deadline 5"; do
		serve accept $(for _ in $(seq 40); do
			echo 'send:\x16' sleep-ms:250
		    done) recv-end
		start run "$NC" --tls $limit 127.0.0.1 "$PORT" </dev/null
		finish run
		same "$limit: exit status" 1 "$RC"
		one_line "$limit: stderr" "$ERR"
		finish peer
	done
}

# --- nonsense -------------------------------------------------------------------------

# What a client says instead of a ClientHello.
NONSENSE='hello\n
GET\x20/\x20HTTP/1.0\r\n\r\n
\x00
\x16
\x16\x03\x01
\x16\x03\x01\x00\x00
\x16\x03\x01\xff\xff
\x16\x03\x01\x00\x04\x01\x00\x00\x00
\x16\x03\x01\x00\x04\x01\xff\xff\xff
\x16\x03\x01\x00\x04\x02\x00\x00\x00
\x15\x03\x01\x00\x02\x02\x28
\x15\x03\x01\x00\x02\x01\x00
\x17\x03\x03\x00\x05hello
\x14\x03\x03\x00\x01\x01
\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10
\xff\xff\xff\xff\xff\xff\xff\xff'

test_nonsense_instead_of_a_hello_is_refused()
{
	need server || return 0
	tls_listener server -k --echo </dev/null
	count=0
	for words in $NONSENSE; do
		client "send:$words" fin recv-end
		count=$((count + 1))
	done
	client rst
	served
	look_at listener
	between "lines of <$ERR>" "$count" $((count + 1)) \
	    "$(grep -c . "$T/listener.err")"
	waits listener
}

test_nonsense_does_not_take_the_one_place()
{
	need server || return 0
	tls_listener server </dev/null
	client 'send:GET / HTTP/1.0\r\n\r\n' recv-end
	tls_client hello send:good notify
	exits listener 0
	same "stdout" good "$OUT"
	one_line "stderr" "$ERR"
}

# A hello that is cut, has a byte changed or is doubled.
test_a_hello_that_was_cut_or_changed_harms_nobody()
{
	need server || return 0
	tls_listener server -k --echo </dev/null
	run "$PYTHON" "$TLS_PEER" name:localhost "save-hello:$T/hello"
	size=$(wc -c <"$T/hello")
	at=1
	while [ "$at" -lt "$size" ]; do
		head -c "$at" "$T/hello" >"$T/cut"
		{ cat "$T/cut"; printf '\377'
		  tail -c "+$((at + 2))" "$T/hello"; } >"$T/changed"
		client "send-file:$T/cut" fin recv-end
		start peer "$TOOLS/peer" "connect:$PORT" \
		    "send-file:$T/changed" fin recv-end
		finish peer
		at=$((at + 1 + size / 25))
	done
	cat "$T/hello" "$T/hello" >"$T/twice"
	client "send-file:$T/twice" fin recv-end
	served
	waits listener
}

test_resets_in_the_handshake_leave_nothing_behind()
{
	need server || return 0
	tls_listener server -k --echo </dev/null
	served
	run "$PYTHON" "$TLS_PEER" "save-hello:$T/hello"
	waits listener
	before=$(find "/proc/$(pid_of listener)/fd" -type l | wc -l)
	run "$TOOLS/multi_client" "$PORT" 200 connect rst
	for _ in 1 2 3; do
		client "send-file:$T/hello" recv:5 rst
	done
	served
	waits listener
	same "descriptors" "$before" \
	    "$(find "/proc/$(pid_of listener)/fd" -type l | wc -l)"
}

test_nonsense_after_the_handshake_is_one_line_and_no_data()
{
	need ca server || return 0
	for words in 'nonsense\r\n' '\x17\x03\x03\x00\x20aaaabbbbccccddddaaaabbbbccccdddd' \
	    '\x17\x03\x03\xff\xff' '\x15\x03\x03\x00\x02\x02\x28'; do
		hold
		rm -f "$T/go"
		tls_serve cert:server accept hello send:good "await:$T/go" \
		    "raw:$words" recv-raw
		start run "$NC" --tls --tls-ca "$CERTS/ca.pem" 127.0.0.1 \
		    "$PORT" <"$T/idle"
		waitfor "text:$T/run.out:good"
		touch "$T/go"
		finish run
		same "$words: stdout" good "$OUT"
		same "$words: exit status" 1 "$RC"
		one_line "$words: stderr" "$ERR"
		release
		peer_done
	done
}

test_many_tiny_and_empty_records_come_in_order()
{
	need ca server || return 0
	words=
	for i in 1 2 3 4 5 6 7 8 9; do
		words="$words send:$i send:$i"
	done
	tls_serve cert:server accept hello $words notify
	tls_run </dev/null
	same "stdout" 112233445566778899 "$OUT"
	same "exit status" 0 "$RC"
}

run_tests "$@"
