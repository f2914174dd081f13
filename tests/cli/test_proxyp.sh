#!/bin/sh
# The PROXY protocol: --accept-proxy and --send-proxy.
# timeout: 240
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_proxy.sh"
. "$(dirname "$0")/lib_tls.sh"

# A client at 192.0.2.7 port 5555, of 198.51.100.1 port 443, by each version.
LINE='PROXY TCP4 192.0.2.7 198.51.100.1 5555 443\r\n'
SIGNATURE='\r\n\r\n\0\r\nQUIT\n'
BINARY=$SIGNATURE'\x21\x11\0\x0c\xc0\0\x02\x07\xc6\x33\x64\x01\x15\xb3\x01\xbb'
LOCAL=$SIGNATURE'\x20\0\0\0'
TELL='echo $SOCKCAT_REMOTE_ADDR $SOCKCAT_REMOTE_PORT \
    $SOCKCAT_LOCAL_ADDR $SOCKCAT_LOCAL_PORT; cat'

# A client without a good header: nothing but the end of the connection.
dropped()	# WORD...
{
	run "$TOOLS/peer" "connect:$PORT" "$@" recv-end print
	same "exit status of the client, which said <$ERR>" 0 "$RC"
	same "what the client got" "" "$OUT"
}

# --- what is announced ------------------------------------------------------

test_the_announced_client_is_the_peer_of_a_command()
{
	listener --accept-proxy -k -c "$TELL"
	for header in "$LINE" "$BINARY"; do
		client "send:${header}hello\n" fin recv-eof print
		same "the answer" "192.0.2.7 5555 198.51.100.1 443
hello" "$PEER"
	done
	client 'send:PROXY TCP6 2001:db8::7 ::1 1 65535\r\nhello' fin recv-eof \
	    print
	same "of IPv6" "2001:db8::7 1 ::1 65535
hello" "$PEER"
	client 'send:PROXY TCP6 ::ffff:192.0.2.9 ::1 1 2\r\n' fin recv-eof print
	holds "of a mapped address" "$PEER" "192.0.2.9 1 "
}

test_a_command_that_gets_the_socket_misses_no_byte()
{
	listener --accept-proxy -k -e /bin/cat
	run "$NC" --explain --accept-proxy -l 1 -e /bin/cat
	holds "the plan" "$OUT" "gets the socket itself"
	client "send:${LINE}hello" fin recv-eof print
	same "the answer" hello "$PEER"
}

test_without_an_announcement_the_connection_counts()
{
	listener --accept-proxy -k -c "$TELL"
	for header in 'PROXY UNKNOWN\r\n' 'PROXY UNKNOWN ::1 ::1 1 2\r\n' \
	    "$LOCAL" "$SIGNATURE"'\x20\x11\0\x01z' \
	    "$SIGNATURE"'\x21\0\0\x02zz'; do
		client name "send:${header}hello" fin recv-eof print
		holds "the answer" "$PEER" "127.0.0.1 "
		holds "the answer" "$PEER" " 127.0.0.1 $PORT
hello"
	done
}

test_messages_and_metrics_name_the_announced_client()
{
	free_port
	launch listener "$NC" -v -n --stats --accept-proxy -l 127.0.0.1 "$PORT"
	client "send:${LINE}hello" fin recv-eof
	exits listener 0
	same "what came" hello "$OUT"
	holds "the message" "$(cat "$T/listener.err")" \
	    "Connection received on 192.0.2.7 5555"
	holds "the metrics" "$ERR" "192.0.2.7"
	lacks "no other address" "$ERR" "127.0.0.1 N"
}

test_access_lists_judge_the_announced_address()
{
	listener --accept-proxy --allow 192.0.2.0/24 --deny 192.0.2.8 -k --echo
	client "send:${LINE}hello" fin recv-eof print
	same "the client that is allowed" hello "$PEER"
	dropped 'send:PROXY TCP4 192.0.2.8 198.51.100.1 1 2\r\nhello'
	dropped 'send:PROXY TCP4 203.0.113.1 198.51.100.1 1 2\r\nhello'
	# The connection's own address, which is not in the list.
	dropped 'send:PROXY UNKNOWN\r\nhello'
}

test_a_unix_listener_judges_an_announced_address()
{
	start listener "$NC" --accept-proxy --deny 192.0.2.0/24 -k --echo -lU \
	    "$T/sock"
	waitfor "unix:$T/sock"
	run "$TOOLS/peer" "uconnect:$T/sock" "send:${LINE}hello" recv-end print
	same "the client that is denied" "" "$OUT"
	run "$TOOLS/peer" "uconnect:$T/sock" "send:PROXY UNKNOWN\r\nhello" fin \
	    recv-eof print
	same "a Unix client" hello "$OUT"
	run "$TOOLS/peer" "uconnect:$T/sock" \
	    "send:PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\nhello" fin recv-eof print
	same "another client" hello "$OUT"
}

test_announced_unix_sockets_pass_no_access_list()
{
	listener --accept-proxy --allow 192.0.2.0/24 -k --echo
	printf '\r\n\r\n\0\r\nQUIT\n\041\061\0\330' >"$T/head"
	head -c 216 /dev/zero >>"$T/head"
	dropped "send-file:$T/head" send:hello
}

test_many_clients_have_their_announced_names()
{
	listener --accept-proxy -k --tag '%a:%p ' </dev/null
	guest one "send:${LINE}hello\n" fin recv-eof
	guest two 'send:PROXY TCP4 203.0.113.1 1.2.3.4 7 8\r\nhi\n' fin recv-eof
	guest_done one
	guest_done two
	true_that "the first" waitfor \
	    "text:$T/listener.out:192.0.2.7:5555 hello"
	true_that "the second" waitfor "text:$T/listener.out:203.0.113.1:7 hi"
}

test_a_chat_and_a_room_see_the_announced_client()
{
	hold
	free_port
	launch listener "$NC" -v -n --chat --accept-proxy -l "$PORT" <"$T/idle"
	client "send:${LINE}hello\n" fin recv-end
	finish listener
	same "what the chat showed" hello "$OUT"
	holds "the chat's message" "$ERR" 192.0.2.7
	listener -v -n --talk --accept-proxy -k <"$T/idle"
	guest one "send:${LINE}" "until:you are" 'send::info\n' fin recv-end \
	    print
	guest_done one
	true_that "who came" waitfor "text:$T/listener.err:192.0.2.7"
}

# --- how it is taken --------------------------------------------------------

test_a_header_may_come_byte_by_byte()
{
	listener --accept-proxy -k --echo
	words=
	for byte in P R O X Y ' ' U N K N O W N '\r' '\n' h i; do
		words="$words send:$(printf %s "$byte" | sed 's/ /\\x20/')"
		words="$words sleep-ms:5"
	done
	client $words fin recv-eof print
	same "the answer" hi "$PEER"
}

test_a_listener_for_one_client_waits_for_a_good_header()
{
	free_port
	launch listener "$NC" -n --accept-proxy -l 127.0.0.1 "$PORT"
	dropped 'send:GET / HTTP/1.0\r\n\r\n'
	waits listener
	client "send:${LINE}hello" fin recv-eof
	exits listener 0
	same "what came" hello "$OUT"
	holds "the message" "$ERR" "read PROXY header from 127.0.0.1 port "
	holds "the reason" "$ERR" "(tcp) failed: there is no PROXY header"
}

test_a_wrong_header_costs_a_line()
{
	listener --accept-proxy -k --echo
	n=0
	for header in 'hello\r\n' 'PROXY TCP4 192.0.2.7 1.2.3.4 5555\r\n' \
	    'PROXY TCP4 192.0.2.7 1.2.3.4 5555 0443\r\n' \
	    'PROXY TCP4 ::1 ::1 1 2\r\n' 'PROXY  UNKNOWN\r\n' \
	    "$SIGNATURE"'\x11\x11\0\x0c' "$SIGNATURE"'\x21\x41\0\x0c' \
	    "$SIGNATURE"'\x21\x11\0\x04' "$SIGNATURE"'\x20\0\xff\xff'; do
		dropped "send:${header}"
		n=$((n + 1))
		waitfor "size:$T/listener.err:$((n * 60))"
	done
	# The end before the header's.
	dropped send:PROXY fin
	dropped fin
	true_that "the last is reported" waitfor \
	    "text:$T/listener.err:ended without"
	same "the lines" $((n + 2)) "$(grep -c 'read PROXY header from' \
	    "$T/listener.err")"
	same "all lines" $((n + 2)) "$(grep -c . "$T/listener.err")"
	client "send:${LINE}hello" fin recv-eof print
	same "the next client" hello "$PEER"
}

test_a_line_without_an_end_is_dropped()
{
	listener --accept-proxy -k --echo
	dropped "send:PROXY UNKNOWN $(head -c 200 /dev/zero | tr '\0' x)"
	true_that "the reason" waitfor \
	    "text:$T/listener.err:longer than 107 bytes"
}

test_clients_without_headers_keep_nobody_out()
{
	listener --accept-proxy -k --max-conns 1 --echo
	guest silent recv-end
	guest slow send:PROXY recv-end
	waits silent
	waits slow
	client "send:${LINE}hello" fin recv-eof print
	same "the answer" hello "$PEER"
	client "send:${BINARY}hello" fin recv-eof print
	same "the next answer" hello "$PEER"
}

test_a_header_that_does_not_come_is_given_up()
{
	listener --accept-proxy -k --echo
	began=$(waitfor ms)
	run "$TOOLS/peer" "connect:$PORT" send:PROXY recv-end
	at_least "the time until the end" 9000 $(($(waitfor ms) - began))
	same "the client's script" 0 "$RC"
	true_that "the reason" waitfor "text:$T/listener.err:in time"
}

test_a_given_socket_may_have_a_header()
{
	start server "$TOOLS/given" "accepted:$T/a" onto:0,1 -- "$NC" --inetd \
	    --accept-proxy -c "$TELL" </dev/null
	waitfor "file:$T/a"
	PORT=$(cat "$T/a")
	client "send:${LINE}hello" fin recv-eof print
	same "the answer" "192.0.2.7 5555 198.51.100.1 443
hello" "$PEER"
	exits server 0
	start server "$TOOLS/given" "accepted:$T/b" onto:0,1 -- "$NC" --inetd \
	    --accept-proxy -c "$TELL" </dev/null
	waitfor "file:$T/b"
	PORT=$(cat "$T/b")
	dropped send:hello
	exits server 1
}

test_a_listener_that_was_given_takes_headers()
{
	start listener "$TOOLS/given" "tcp:$T/a" pid:own -- "$NC" \
	    --accept-proxy -l -k -c "$TELL" </dev/null
	waitfor "file:$T/a"
	PORT=$(cat "$T/a")
	client "send:${LINE}hello" fin recv-eof print
	same "the answer" "192.0.2.7 5555 198.51.100.1 443
hello" "$PEER"
}

# --- what is sent -----------------------------------------------------------

test_the_connection_is_announced()
{
	for option in --send-proxy --send-proxy=1 --send-proxy=2; do
		listener -n --accept-proxy -k -c "$TELL"
		echo hello >"$T/in"
		free_local=$(new_port)
		run_gives 0 "$NC" "$option" -p "$free_local" -N 127.0.0.1 \
		    "$PORT" <"$T/in"
		same "the answer" "127.0.0.1 $free_local 127.0.0.1 $PORT
hello" "$OUT"
		stop listener
	done
}

test_the_header_is_what_the_specification_has()
{
	serve accept recv-eof "save:$T/got" close
	from=$(new_port)
	echo hello >"$T/in"
	run "$NC" --send-proxy -p "$from" 127.0.0.1 "$PORT" <"$T/in"
	peer_done
	printf 'PROXY TCP4 127.0.0.1 127.0.0.1 %d %d\r\nhello\n' "$from" \
	    "$PORT" >"$T/wanted"
	same_file "version 1" "$T/wanted" "$T/got"
	serve accept recv-eof "save:$T/got" close
	run "$NC" --send-proxy=2 127.0.0.1 "$PORT" <"$T/in"
	peer_done
	same "the size of version 2" $((16 + 12 + 6)) "$(wc -c <"$T/got")"
	# The beginning, with the two addresses.
	printf '\r\n\r\n\0\r\nQUIT\n\041\021\0\014\177\0\0\001\177\0\0\001' \
	    >"$T/wanted"
	head -c 24 "$T/got" >"$T/begin"
	same_file "version 2" "$T/wanted" "$T/begin"
}

test_a_unix_client_is_unknown_or_local()
{
	start peer "$TOOLS/peer" "ulisten:$T/one" accept recv-eof print
	waitfor "unix:$T/one"
	echo hello >"$T/in"
	run "$NC" --send-proxy -U "$T/one" <"$T/in"
	peer_done
	same "version 1" "$(printf 'PROXY UNKNOWN\r\nhello')" "$PEER"
	start peer "$TOOLS/peer" "ulisten:$T/two" accept recv-eof \
	    "save:$T/got" close
	waitfor "unix:$T/two"
	run "$NC" --send-proxy=2 -U "$T/two" <"$T/in"
	peer_done
	printf '\r\n\r\n\0\r\nQUIT\n\040\0\0\0hello\n' >"$T/wanted"
	same_file "version 2" "$T/wanted" "$T/got"
}

test_through_a_proxy_the_header_goes_to_the_target()
{
	for kind in socks5 http; do
		serve accept until:hello send:welcome fin recv-eof print
		proxy $kind
		echo hello >"$T/in"
		run "$NC" --send-proxy -X "$([ $kind = http ] && echo connect ||
		    echo 5)" -x "$PROXY" 127.0.0.1 "$PORT" <"$T/in"
		peer_done
		same "exit status" 0 "$RC"
		same "what came back" welcome "$OUT"
		same "the first word of the target by $kind" \
		    "PROXY TCP4 127.0.0.1 127.0.0.1" \
		    "$(printf '%s\n' "$PEER" | head -n 1 | cut -d ' ' -f 1-4)"
		holds "what followed" "$PEER" hello
	done
}

test_waiting_for_a_port_sends_the_header()
{
	serve accept recv-eof print
	run_gives 0 "$NC" --wait-for --send-proxy 127.0.0.1 "$PORT"
	peer_done
	holds "the header" "$PEER" "PROXY TCP4 127.0.0.1 127.0.0.1 "
}

test_each_connection_of_a_row_has_its_header()
{
	listener --accept-proxy -k --echo
	echo hello >"$T/in"
	for times in 1 2 3; do
		run "$NC" --send-proxy=2 -N 127.0.0.1 "$PORT" <"$T/in"
		same "answer $times" hello "$OUT"
	done
	run "$NC" --send-proxy=2 -c 'echo hi; head -n 1 >&2' 127.0.0.1 "$PORT"
	same "exit status" 0 "$RC"
	same "what the command got" hi "$ERR"
}

test_a_header_stands_before_tls()
{
	need_tls ca server || return 0
	echo hello >"$T/in"
	for option in --send-proxy --send-proxy=2; do
		free_port
		launch listener "$NC" -n -v --accept-proxy --tls --tls-cert \
		    "$CERTS/server.pem" --tls-key "$CERTS/server.key" -l \
		    127.0.0.1 "$PORT"
		# Silent clients, and those of TLS without a header.
		guest silent recv-end
		run "$NC" --tls --tls-ca "$CERTS/ca.pem" 127.0.0.1 "$PORT" \
		    <"$T/in"
		same "exit status without a header" 1 "$RC"
		from=$(new_port)
		run "$NC" "$option" -p "$from" --tls --tls-ca \
		    "$CERTS/ca.pem" 127.0.0.1 "$PORT" <"$T/in"
		same "exit status with $option, which said <$ERR>" 0 "$RC"
		finish listener
		same "what came" hello "$OUT"
		holds "the message" "$(cat "$T/listener.err")" \
		    "Connection received on 127.0.0.1 $from"
		holds "the client without a header" "$ERR" \
		    "there is no PROXY header"
	done
}

# --- handed on --------------------------------------------------------------

test_a_forwarder_announces_its_client()
{
	listener --accept-proxy -k -c "$TELL"
	last=$PORT
	for option in --send-proxy --send-proxy=2; do
		free_port
		launch middle "$NC" "$option" --accept-proxy -k -l 127.0.0.1 \
		    "$PORT" --forward "127.0.0.1:$last"
		middle=$PORT
		client "send:${LINE}hello" fin recv-eof print
		same "the client that was announced to it" \
		    "192.0.2.7 5555 198.51.100.1 443
hello" "$PEER"
		free_port
		launch first "$NC" --send-proxy -k -l 127.0.0.1 "$PORT" \
		    --forward "127.0.0.1:$middle"
		from=$(new_port)
		echo hello >"$T/in"
		run "$NC" -N -p "$from" 127.0.0.1 "$PORT" <"$T/in"
		same "the client of the first" "127.0.0.1 $from 127.0.0.1 $PORT
hello" "$OUT"
		kill_it first
		kill_it middle
		finish first
		finish middle
	done
}

test_a_forwarder_of_unix_clients_announces_nothing()
{
	serve accept until:hello print rst
	start middle "$NC" --send-proxy -lU "$T/sock" --forward \
	    "127.0.0.1:$PORT"
	waitfor "unix:$T/sock"
	run "$TOOLS/peer" "uconnect:$T/sock" send:hello recv-end
	peer_done
	same "the header" "$(printf 'PROXY UNKNOWN\r\nhello')" "$PEER"
}

test_a_proxy_server_announces_its_client()
{
	listener --accept-proxy -k -c "$TELL"
	last=$PORT
	free_port
	launch middle "$NC" --send-proxy --accept-proxy -k -l 127.0.0.1 \
	    "$PORT" --serve-proxy --allow-target 127.0.0.1
	client "send:${LINE}CONNECT 127.0.0.1:$last HTTP/1.0\r\n\r\n" \
	    'until:\r\n\r\n' send:hello fin recv-eof print
	holds "the client that was announced" "$PEER" \
	    "192.0.2.7 5555 198.51.100.1 443
hello"
}

# --- options ----------------------------------------------------------------

test_useless_options_are_refused()
{
	refuses "--send-proxy must be 1 or 2: 3" --send-proxy=3 localhost 1
	refuses "--send-proxy: value empty" --send-proxy= localhost 1
	refuses "cannot use --send-proxy and -z" --send-proxy -z localhost 1
	refuses "cannot use --send-proxy and -u" --send-proxy -u localhost 1
	refuses "cannot use --accept-proxy and -u" --accept-proxy -l -u 1
	refuses "--send-proxy with -l is for the targets of --forward" \
	    --send-proxy -l 1
	refuses "with --accept-proxy" --accept-proxy localhost 1
}

run_tests "$@"
