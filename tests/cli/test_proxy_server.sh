#!/bin/sh
# --serve-proxy: clients name their targets, by HTTP and SOCKS.
# timeout: 240
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_tls.sh"

# The proxy's port stays in FRONT, since serve sets PORT.
proxy()	# OPTION...
{
	listener -k --serve-proxy "$@"
	FRONT=$PORT
}

# A target that answers one request, and keeps what it was asked in $PEER.
web()
{
	serve accept 'until:\r\n\r\n' print \
	    'send:HTTP/1.1 200 Fine\r\nContent-Length: 2\r\n\r\nok' recv-eof \
	    close
}

# A client of the proxy that sends a text and prints the answer.
ask()	# TEXT
{
	run "$TOOLS/peer" "connect:$FRONT" "send:$1" recv-end print
}

run_from()	# FILE COMMAND...
{
	from=$1
	shift
	run sh -c 'in=$1; shift; exec "$@" <"$in"' - "$from" "$@"
}

# curl without a user's settings and proxies.
get()	# OPTION... URL
{
	run env -u http_proxy -u https_proxy -u all_proxy -u no_proxy \
	    -u HTTP_PROXY -u HTTPS_PROXY -u ALL_PROXY -u NO_PROXY \
	    curl -q -sS -m 20 --noproxy '' "$@"
}

# --- curl -------------------------------------------------------------------

test_curl_gets_through_by_each_protocol()
{
	need_program curl || return 0
	proxy
	for way in '-x http://' '-p -x http://' '--socks4 ' '--socks4a ' \
	    '--socks5 ' '--socks5-hostname '; do
		web
		get ${way}127.0.0.1:"$FRONT" "http://127.0.0.1:$PORT/x?y"
		same "$way: status" 0 "$RC"
		same "$way: answer" ok "$OUT"
		peer_done
		holds "$way: request" "$PEER" "GET /x?y HTTP/1.1"
		lacks "$way: request" "$PEER" "Proxy-"
	done
	waits listener
}

test_curl_knows_the_password_in_each_form()
{
	need_program curl || return 0
	proxy --proxy-auth joe:p:w --allow-target 127.0.0.1
	for way in '--proxy-basic -x http://' '--proxy-digest -x http://' \
	    '--proxy-digest -p -x http://' '--proxy-anyauth -x http://' \
	    '--socks5 ' '--socks5-hostname '; do
		web
		get ${way}127.0.0.1:"$FRONT" -U joe:p:w \
		    "http://127.0.0.1:$PORT/"
		same "$way: answer" "0 ok" "$RC $OUT"
		peer_done
		lacks "$way: request" "$PEER" "Proxy-"
	done
	for way in '--proxy-basic -x http://' '--proxy-digest -x http://'; do
		get ${way}127.0.0.1:"$FRONT" -U joe:wrong -w '%{http_code}' \
		    -o /dev/null http://127.0.0.1:9/
		same "$way: status" 407 "$OUT"
	done
	get --socks5 "127.0.0.1:$FRONT" -U joe:wrong http://127.0.0.1:9/
	same "wrong password" 97 "$RC"
	get --socks5 "127.0.0.1:$FRONT" http://127.0.0.1:9/
	same "no password" 97 "$RC"
	get --socks4 "127.0.0.1:$FRONT" -U joe:p:w http://127.0.0.1:9/
	same "SOCKS 4" 97 "$RC"
}

test_bodies_go_there_by_length_and_by_chunks()
{
	need_program curl || return 0
	proxy
	serve accept 'until:\r\n\r\nhello' print 'send:HTTP/1.0 200 x\r\n\r\n' \
	    close
	get -x "127.0.0.1:$FRONT" -d hello "http://127.0.0.1:$PORT/"
	same "status" 0 "$RC"
	peer_done
	holds "request" "$PEER" "Content-Length: 5"
	serve accept 'until:0\r\n\r\n' print 'send:HTTP/1.0 200 x\r\n\r\n' \
	    close
	get -x "127.0.0.1:$FRONT" -H 'Transfer-Encoding: chunked' -d hello \
	    "http://127.0.0.1:$PORT/"
	same "status" 0 "$RC"
	peer_done
	holds "request" "$PEER" "chunked"
}

test_a_real_web_server_is_behind()
{
	need_program curl python3 || return 0
	mkdir "$T/web"
	printf 'hello\n' >"$T/web/a"
	free_port
	launch web python3 -m http.server --bind 127.0.0.1 -d "$T/web" "$PORT"
	web=$PORT
	proxy
	get -x "127.0.0.1:$FRONT" "http://127.0.0.1:$web/a"
	same "answer" hello "$OUT"
	get -I -x "127.0.0.1:$FRONT" "http://127.0.0.1:$web/a"
	holds "answer to HEAD" "$OUT" "200 OK"
	get --socks5-hostname "127.0.0.1:$FRONT" \
	    "http://127.0.0.1:$web/[a-a]" -o /dev/null -w '%{http_code}'
	same "status" 200 "$OUT"
}

test_a_target_with_tls_is_reached_through_the_proxy()
{
	need_program curl || return 0
	need_tls ca server && need_tls_peer || return 0
	proxy
	for way in '-x http://' '--socks5 '; do
		tls_serve cert:server accept hello 'until:\r\n\r\n' \
		    'send:HTTP/1.0 200 x\r\n\r\nok' close
		get ${way}127.0.0.1:"$FRONT" -k "https://127.0.0.1:$PORT/"
		same "$way: answer" "0 ok" "$RC $OUT"
		peer_done
	done
}

# --- other clients ----------------------------------------------------------

test_other_netcats_get_through()
{
	proxy --proxy-auth joe:pw --allow-target 127.0.0.1
	for way in "$NC --proxy-type socks5" "$NC --proxy-type http" \
	    "ncat --proxy-type socks5" "ncat --proxy-type http"; do
		command -v "${way%% *}" >/dev/null || continue
		serve accept until:question 'send:answer\n' fin recv-eof
		printf question >"$T/in"
		run_from "$T/in" $way --proxy "127.0.0.1:$FRONT" \
		    --proxy-auth joe:pw 127.0.0.1 "$PORT"
		same "$way" answer "$OUT"
		peer_done
	done
	stop listener
	command -v nc.openbsd >/dev/null || return 0
	proxy
	for way in 4 5 connect; do
		serve accept until:question 'send:answer\n' fin recv-eof
		run_from "$T/in" nc.openbsd -N -X "$way" -x "127.0.0.1:$FRONT" \
		    127.0.0.1 "$PORT"
		same "nc.openbsd -X $way" answer "$OUT"
		peer_done
	done
}

test_bytes_that_come_with_the_request_go_to_the_target()
{
	proxy
	serve accept recv-eof 'expect:early' 'send:late' close
	run "$TOOLS/peer" "connect:$FRONT" \
	    "send:CONNECT 127.0.0.1:$PORT HTTP/1.0\r\n\r\nearly" fin recv-eof \
	    'expect:HTTP/1.0 200 OK\r\n\r\nlate'
	same "client, which said <$ERR>" 0 "$RC"
	peer_done
	serve accept recv-eof 'expect:early' 'send:late' close
	high=$(printf '%02x' $((PORT / 256))) low=$(printf '%02x' $((PORT % 256)))
	run "$TOOLS/peer" "connect:$FRONT" \
	    "send:\x05\x01\x00\x05\x01\x00\x01\x7f\x00\x00\x01\x$high\x${low}early" \
	    fin recv:12 save:"$T/answer" recv-eof expect:late
	same "client, which said <$ERR>" 0 "$RC"
	peer_done
}

# --- requests that are refused ----------------------------------------------

test_odd_requests_are_refused()
{
	proxy
	for request in 'GARBAGE\r\n\r\n' 'GET / HTTP/1.1\r\n\r\n' \
	    'GET https://h/ HTTP/1.1\r\n\r\n' \
	    'CONNECT h HTTP/1.1\r\n\r\n' \
	    'POST http://h/ HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n' \
	    'POST http://h/ HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n' \
	    'GET http://h/ HTTP/1.1\r\nA: b\rc\r\n\r\n' \
	    'GET http://h/ HTTP/1.1\r\nA: b\0c\r\n\r\n' \
	    'GET http://h/ HTTP/1.1\r\nA : b\r\n\r\n' \
	    'GET http://h/ HTTP/1.1\r\n A: b\r\n\r\n'; do
		ask "$request"
		holds "answer to $request" "$OUT" "HTTP/1.0 400 Bad Request"
	done
	waits listener
}

test_folded_lines_are_unfolded()
{
	proxy
	serve accept 'until:\r\n\r\n' print \
	    'send:HTTP/1.1 200 Fine\r\nX: 1\r\n\t2\r\nContent-Length:\r\n 2\r\n\r\nok' \
	    recv-eof
	ask "GET http://127.0.0.1:$PORT/ HTTP/1.1\r\nA: b\r\n c\n\td\r\nConnection:\r\n E\r\nE: e\r\n\r\n"
	same "answer" "$(printf 'HTTP/1.1 200 Fine\r\nX: 1   2\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok')" "$OUT"
	peer_done
	same "request" "$(printf 'A: b   c  d\r')" \
	    "$(printf '%s\n' "$PEER" | grep A:)"
	lacks "request" "$PEER" "E: e"
}

# "Connection:b", and then as many fields as fit.
many_fields()
{
	awk 'BEGIN { for (i = 0; i < 16000; i++) printf "a:\r\n" }'
}

test_a_header_of_many_fields_stops_nobody()
{
	proxy
	{
		printf 'GET http://127.0.0.1:9/ HTTP/1.1\r\nConnection:b\r\n'
		many_fields
		printf '\r\n'
	} >"$T/request"
	{
		printf 'HTTP/1.1 200 Fine\r\nConnection:b\r\n'
		many_fields
		printf '\r\n'
	} >"$T/answer"
	run "$TOOLS/peer" "connect:$FRONT" "send-file:$T/request" recv-end \
	    print
	holds "request" "$OUT" "HTTP/1.0 431 "
	serve accept 'until:\r\n\r\n' "send-file:$T/answer" close
	ask "GET http://127.0.0.1:$PORT/ HTTP/1.1\r\n\r\n"
	holds "answer" "$OUT" "HTTP/1.0 502 "
	ticks=$(sed 's/.*) //' "/proc/$(pid_of listener)/stat" |
	    awk '{ print $12 + $13 }')
	true_that "$ticks ticks of the processor are 100 at most" \
	    [ "$ticks" -le 100 ]
}

test_bad_chunks_are_reported_with_v_alone()
{
	for verbose in '' -v; do
		serve accept 'until:\r\n\r\n' recv-eof
		to=$PORT
		proxy $verbose
		run "$TOOLS/peer" "connect:$FRONT" "send:POST http://127.0.0.1:$to/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" \
		    recv-end
		finish peer
		stop listener
		case $verbose in
		-v)	holds "stderr with -v" "$ERR" "chunks" ;;
		*)	same "stderr" "" "$ERR" ;;
		esac
	done
}

test_an_answer_to_a_nonce_is_taken_once()
{
	need_program openssl || return 0
	proxy --proxy-auth joe:secret --allow-target 127.0.0.1
	web
	ask "GET http://127.0.0.1:$PORT/ HTTP/1.0\r\n\r\n"
	nonce=$(printf '%s\n' "$OUT" |
	    sed -n 's/.*algorithm=MD5.*//; s/.*nonce="\([^"]*\)".*/\1/p' |
	    head -n 1)
	md5()
	{
		printf '%s' "$1" | openssl md5 | sed 's/.* //'
	}
	uri=http://127.0.0.1:$PORT/
	response=$(md5 "$(md5 joe:sockcat:secret):$nonce:00000001:mine:auth:$(md5 "GET:$uri")")
	set -- "GET $uri HTTP/1.0\r\nProxy-Authorization: Digest username=\"joe\", realm=\"sockcat\", nonce=\"$nonce\", uri=\"$uri\", qop=auth, nc=00000001, cnonce=\"mine\", response=\"$response\"\r\n\r\n"
	ask "$1"
	holds "the first time" "$OUT" "200 Fine"
	peer_done
	ask "$1"
	holds "the second time" "$OUT" "HTTP/1.0 407 "
	holds "the second time" "$OUT" "stale=true"
}

# curl and browsers write the path of a request that is not CONNECT.
test_a_digest_is_for_one_target()
{
	need_program openssl || return 0
	proxy --proxy-auth joe:secret --allow-target 127.0.0.1
	md5()
	{
		printf '%s' "$1" | openssl md5 | sed 's/.* //'
	}
	digest()	# METHOD URI
	{
		ask "GET http://127.0.0.1:9/ HTTP/1.0\r\n\r\n"
		nonce=$(printf '%s\n' "$OUT" |
		    sed -n '/=MD5/s/.*nonce="\([^"]*\)".*/\1/p')
		response=$(md5 "$(md5 joe:sockcat:secret):$nonce:00000001:mine:auth:$(md5 "$1:$2")")
		printf 'Proxy-Authorization: Digest username="joe", realm="sockcat", nonce="%s", uri="%s", qop=auth, nc=00000001, cnonce="mine", response="%s"' \
		    "$nonce" "$2" "$response"
	}
	to=$(closed_port)
	for uri in "127.0.0.1:$to" "127.0.0.1:9" "/"; do
		ask "CONNECT 127.0.0.1:$to HTTP/1.0\r\n$(digest CONNECT "$uri")\r\n\r\n"
		case $uri in
		*":$to") holds "CONNECT for $uri" "$OUT" "HTTP/1.0 502 " ;;
		*)	holds "CONNECT for $uri" "$OUT" "HTTP/1.0 400 " ;;
		esac
	done
	for uri in "/a?b" "http://127.0.0.1:$to/a?b" "/a" \
	    "http://127.0.0.2:$to/a?b"; do
		ask "GET http://127.0.0.1:$to/a?b HTTP/1.0\r\n$(digest GET "$uri")\r\n\r\n"
		case $uri in
		/a|*.2:*) holds "GET for $uri" "$OUT" "HTTP/1.0 400 " ;;
		*)	holds "GET for $uri" "$OUT" "HTTP/1.0 502 " ;;
		esac
	done
}

test_a_second_request_does_not_reach_the_first_target()
{
	proxy
	serve accept 'until:\r\n\r\n' \
	    'send:HTTP/1.1 200 x\r\nContent-Length: 2\r\n\r\nok' recv-eof print
	run "$TOOLS/peer" "connect:$FRONT" "send:GET http://127.0.0.1:$PORT/1 HTTP/1.1\r\n\r\nGET http://127.0.0.1:$PORT/2 HTTP/1.1\r\n\r\n" \
	    recv-end print
	holds "answer" "$OUT" "Connection: close"
	peer_done
	lacks "request" "$PEER" "/2"
}

test_endless_headers_and_names_end()
{
	proxy
	awk 'BEGIN { printf "GET http://h/ HTTP/1.1\r\nA: ";
	    for (i = 0; i < 66000; i++) printf "a" }' >"$T/long"
	run "$TOOLS/peer" "connect:$FRONT" "send-file:$T/long" recv-end print
	holds "answer" "$OUT" "HTTP/1.0 431"
	# The client is gone before all is sent.
	awk 'BEGIN { printf "CONNECT ";
	    for (i = 0; i < 1048576; i++) printf "h"; printf ":80" }' >"$T/long"
	run "$TOOLS/peer" "connect:$FRONT" "send-file:$T/long" recv-end
	awk 'BEGIN { printf "\004\001\001\001\001\001\001\001";
	    for (i = 0; i < 1000; i++) printf "u" }' >"$T/long"
	run "$TOOLS/peer" "connect:$FRONT" "send-file:$T/long" recv-end
	waits listener
}

test_a_request_has_ten_seconds()
{
	proxy
	start one "$TOOLS/peer" "connect:$FRONT" 'send:GET http' \
	    deadline-ms:40000 recv-end print
	start two "$TOOLS/peer" "connect:$FRONT" 'send:\x05' \
	    deadline-ms:40000 recv-end
	finish one 40
	holds "answer" "$OUT" "HTTP/1.0 408"
	finish two 40
	same "status" 0 "$RC"
	waits listener
}

# --- where clients may go ---------------------------------------------------

test_denied_targets_have_an_answer_of_their_own()
{
	proxy --deny-target 192.0.2.0/24:80-90 --deny-target 127.0.0.9
	for host in 192.0.2.1:80 192.0.2.255:90 127.0.0.9:1; do
		ask "CONNECT $host HTTP/1.0\r\n\r\n"
		holds "$host" "$OUT" "HTTP/1.0 403 Forbidden"
	done
	run "$TOOLS/peer" "connect:$FRONT" \
	    'send:\x05\x01\x00' recv:2 \
	    'send:\x05\x01\x00\x01\x7f\x00\x00\x09\x00\x50' recv-end \
	    'expect:\x05\x00\x05\x02\x00\x01\x00\x00\x00\x00\x00\x00'
	same "SOCKS 5, which said <$ERR>" 0 "$RC"
	run "$TOOLS/peer" "connect:$FRONT" \
	    'send:\x04\x01\x00\x50\x7f\x00\x00\x09joe\x00' recv-end \
	    'expect:\x00\x5b\x00\x00\x00\x00\x00\x00'
	same "SOCKS 4, which said <$ERR>" 0 "$RC"
}

# In a network that has loopback alone, so that no try can leave the machine.
cat >"$work/cloud" <<'EOS'
	nc=$1 tools=$2 dir=$3
	shift 3
	ip link set lo up || exit 77
	"$nc" -l -k --serve-proxy --port-file "$dir/cloud" 127.0.0.1 0 &
	proxy=$!
	"$tools/waitfor" "file:$dir/cloud"
	for host; do
		"$tools/peer" "connect:$(cat "$dir/cloud")" \
		    "send:CONNECT $host:80 HTTP/1.0\r\n\r\n" recv-end print |
		    sed -n "1s/^HTTP.1.0 \([0-9]*\).*/\1 $host/p"
	done
	kill "$proxy"
EOS

test_addresses_that_hand_out_credentials_are_denied()
{
	mine=-r
	[ "$(id -u)" != 0 ] || mine=
	unshare $mine -n ip link set lo up 2>/dev/null ||
	    { skip "no network namespaces"; return 0; }
	set -- 169.254.169.254 '[::ffff:169.254.169.254]' 0xa9fea9fe \
	    2852039166 168.63.129.16 0xa83f8110 192.0.0.192 100.100.100.200 \
	    '[fe80::1]' '[fd00:ec2::254]' '[fd20:ce::254]' '[fd00:42::42]' \
	    '[::ffff:168.63.129.16]'
	run unshare $mine -n sh "$work/cloud" "$NC" "$TOOLS" "$T" "$@"
	same "answers" "$(printf '403 %s\n' "$@")" "$OUT"
}

test_the_proxy_does_not_connect_to_itself()
{
	proxy --allow-target 127.0.0.0/8,localhost
	for host in 127.0.0.1 0 0.0.0.0 2130706433 0x7f000001 \
	    127.1 '[::ffff:127.0.0.1]'; do
		ask "CONNECT $host:$FRONT HTTP/1.0\r\n\r\n"
		holds "$host" "$OUT" "HTTP/1.0 403 Forbidden"
	done
	# Where localhost is ::1, too, that address is tried, and refuses.
	ask "CONNECT localhost:$FRONT HTTP/1.0\r\n\r\n"
	holds "localhost" "$OUT" "HTTP/1.0 403 "
}

# Whether or not localhost has another address, which refuses.
test_a_rule_is_the_reason_if_no_other_address_connects()
{
	proxy --deny-target 127.0.0.1 -v
	to=$(closed_port)
	high=$(printf '\\x%02x' $((to / 256)))
	low=$(printf '\\x%02x' $((to % 256)))
	ask "CONNECT localhost:$to HTTP/1.0\r\n\r\n"
	holds "HTTP" "$OUT" "HTTP/1.0 403 Forbidden"
	run "$TOOLS/peer" "connect:$FRONT" 'send:\x05\x01\x00' recv:2 \
	    "send:\x05\x01\x00\x03\x09localhost$high$low" recv-end \
	    'expect:\x05\x00\x05\x02\x00\x01\x00\x00\x00\x00\x00\x00'
	same "SOCKS 5, which said <$ERR>" 0 "$RC"
	run "$TOOLS/peer" "connect:$FRONT" \
	    "send:\x04\x01$high$low\x00\x00\x00\x01joe\x00localhost\x00" \
	    recv-end 'expect:\x00\x5b\x00\x00\x00\x00\x00\x00'
	same "SOCKS 4, which said <$ERR>" 0 "$RC"
}

test_an_allow_list_lets_nothing_else_through()
{
	web
	to=$PORT
	proxy --allow-target "127.0.0.1:$to,192.0.2.7"
	ask "CONNECT 127.0.0.1:9 HTTP/1.0\r\n\r\n"
	holds "another port" "$OUT" "403"
	ask "CONNECT 127.0.0.2:$to HTTP/1.0\r\n\r\n"
	holds "another host" "$OUT" "403"
	ask "GET http://127.0.0.1:$to/ HTTP/1.0\r\n\r\n"
	holds "the host and port" "$OUT" "200 Fine"
	peer_done
}

test_a_proxy_beyond_loopback_denies_loopback()
{
	free_port
	FRONT=$PORT
	start listener "$NC" -4 -l -k --serve-proxy 0.0.0.0 "$FRONT"
	waitfor "tcp:$FRONT"
	for host in 127.0.0.1 127.0.0.5 localhost 0 '[::]' '[::1]' \
	    '[::ffff:127.0.0.1]'; do
		ask "CONNECT $host:9 HTTP/1.0\r\n\r\n"
		holds "$host" "$OUT" "HTTP/1.0 403 Forbidden"
	done
}

test_without_a_word_the_proxy_is_for_this_host_alone()
{
	run "$NC" --explain -l -k --serve-proxy 1080
	holds "explain" "$OUT" "127.0.0.1"
	for more in '--proxy-auth u:p' '--allow 10.0.0.0/8'; do
		run "$NC" --explain -l -k --serve-proxy $more 1080
		lacks "$more" "$(printf '%s\n' "$OUT" | grep '^listen')" \
		    127.0.0.1
	done
}

test_targets_that_cannot_be_reached_are_told()
{
	proxy -v
	ask "CONNECT 127.0.0.1:$(closed_port) HTTP/1.0\r\n\r\n"
	holds "HTTP" "$OUT" "502 Bad Gateway"
	look_at listener
	holds "stderr" "$ERR" "refused"
	run "$TOOLS/peer" "connect:$FRONT" \
	    'send:\x05\x01\x00\x05\x02\x00\x01\x7f\x00\x00\x01\x00\x09' \
	    recv-end 'expect:\x05\x00\x05\x07\x00\x01\x00\x00\x00\x00\x00\x00'
	same "BIND, which said <$ERR>" 0 "$RC"
	ask 'CONNECT no.such.name.invalid:80 HTTP/1.0\r\n\r\n'
	holds "a name that is none" "$OUT" "502"
}

test_a_target_that_never_answers_has_a_limit()
{
	serve_nobody
	to=$PORT
	proxy --connect-timeout 300ms
	ask "CONNECT 127.0.0.1:$to HTTP/1.0\r\n\r\n"
	holds "answer" "$OUT" "504 Gateway Timeout"
	: >"$T/over"
	peer_done
}

test_a_protocol_that_is_not_served_is_refused()
{
	listener -k --serve-proxy=socks5
	FRONT=$PORT
	ask 'GET http://127.0.0.1:9/ HTTP/1.0\r\n\r\n'
	same "answer" "" "$OUT"
	run "$TOOLS/peer" "connect:$FRONT" 'send:\x05\x01\x00' recv:2 \
	    'expect:\x05\x00'
	same "SOCKS 5, which said <$ERR>" 0 "$RC"
}

# --- datagrams --------------------------------------------------------------

test_datagrams_go_through_an_association()
{
	need_program python3 || return 0
	# On both families: the name may be ::1 or 127.0.0.1.
	start echo "$NC" -u -l -k --echo --port-file "$T/udp" 0
	waitfor "file:$T/udp"
	proxy
	run python3 - "$FRONT" "$(cat "$T/udp")" <<'EOF'
import socket, struct, sys
front, to = map(int, sys.argv[1:])
c = socket.create_connection(('127.0.0.1', front)); c.settimeout(15)
c.sendall(b'\5\1\0'); assert c.recv(2) == b'\5\0'
c.sendall(b'\5\3\0\1' + b'\0' * 6)
r = b''
while len(r) < 10: r += c.recv(10 - len(r))
assert r[:4] == b'\5\0\0\1' and r[4:8] == b'\x7f\0\0\1', r
relay = ('127.0.0.1', struct.unpack('>H', r[8:])[0])
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.settimeout(15)
head = b'\0\0\0\1\x7f\0\0\1' + struct.pack('>H', to)
u.sendto(head[:2] + b'\1' + head[3:] + b'fragment', relay)
u.sendto(b'short', relay)
u.sendto(b'\0\0\0\1\xa9\xfe\xa9\xfe' + struct.pack('>H', to) + b'x', relay)
u.sendto(head + b'one', relay)
d, a = u.recvfrom(2000)
assert a == relay and d == head + b'one', (d, a)
other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
other.settimeout(0.3); other.sendto(head + b'two', relay)
try:
    other.recv(99); sys.exit('another socket was served')
except socket.timeout:
    pass
u.sendto(b'\0\0\0\3\x09localhost' + struct.pack('>H', to) + b'name', relay)
d, a = u.recvfrom(2000)
assert d.endswith(b'name'), d
c.close()
u.settimeout(0.2)
for i in range(100):
    u.sendto(head + b'late', relay)
    try:
        u.recv(99)
    except (socket.timeout, OSError):
        break
else:
    sys.exit('the association goes on')
print('ok')
EOF
	same "client, which said <$ERR>" ok "$OUT"
	waits listener
}

# --- options ----------------------------------------------------------------

test_bad_options_are_refused()
{
	refuses "must use -l with --serve-proxy" --serve-proxy localhost 80
	refuses "not http, socks4 or socks5" -l --serve-proxy=ftp 80
	refuses "must use --serve-proxy with --allow-target" -l \
	    --allow-target h 80
	refuses "cannot use" -l --serve-proxy --echo 80
	refuses "cannot use" -l --serve-proxy -u 80
	refuses "cannot use" -l --serve-proxy --forward :1 80
	refuses "user:password" -l --serve-proxy --proxy-auth joe 80
	for word in '' :80 h:0 h:9-1 '[::1' h:x; do
		refuses "--deny-target" -l --serve-proxy --deny-target "$word" \
		    80
	done
	refuses "not a name, an address or a network" -l --serve-proxy \
	    --deny-target 10.0.0.0/40 127.0.0.1 0
}

# --- ncat -------------------------------------------------------------------

ncat_proxy()	# OPTION...
{
	free_port
	FRONT=$PORT
	start listener "$NC" -l --proxy-type http "$@" 127.0.0.1 "$FRONT"
	waitfor "tcp:$FRONT"
}

test_ncat_answers_as_ncat_does()
{
	over ncat real-ncat || return 0
	ncat_proxy
	ask 'CONNECT 127.0.0.1 HTTP/1.0\r\n\r\n'
	same "no port" "$(printf 'HTTP/1.0 400 Bad Request\r\n\r')" "$OUT"
	ask 'PUT http://127.0.0.1:9/ HTTP/1.0\r\n\r\n'
	holds "a method" "$OUT" "$(printf 'HTTP/1.0 405 Method Not Allowed\r\nAllow: CONNECT, GET, HEAD, POST\r')"
	ask 'POST http://127.0.0.1:9/ HTTP/1.0\r\n\r\n'
	same "no length" "HTTP/1.0 " "$(printf '%.9s' "$OUT")"
	ask "CONNECT 127.0.0.1:$(closed_port) HTTP/1.0\r\n\r\n"
	same "refused" "$(printf 'HTTP/1.0 504 Gateway Timeout\r\n\r')" "$OUT"
	serve accept 'until:\r\n\r\n' print \
	    'send:HTTP/1.1 200 Fine\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok' \
	    recv-eof
	ask "GET http://127.0.0.1:$PORT/a?b HTTP/1.1\r\nHost: x\r\nConnection: X\r\nX: 1\r\nA: b\r\n\r\n"
	same "answer" "$(printf 'HTTP/1.0 200 Fine\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok')" "$OUT"
	peer_done
	same "first line" "$(printf 'GET /a?b HTTP/1.0\r')" \
	    "$(printf '%s\n' "$PEER" | head -n 1)"
	holds "request" "$PEER" "A: b"
	holds "request" "$PEER" "Host: 127.0.0.1:$PORT"
	holds "request" "$PEER" "Connection: close"
	lacks "request" "$PEER" "X: 1"
	# Many are served without -k.
	ask 'GET / HTTP/1.0\r\n\r\n'
	same "path" "$(printf 'HTTP/1.0 400 Bad Request\r\n\r')" "$OUT"
}

test_ncat_makes_a_tunnel_to_itself_and_no_other_request()
{
	over ncat real-ncat || return 0
	ncat_proxy
	for method in GET HEAD POST; do
		ask "$method http://127.0.0.1:$FRONT/ HTTP/1.0\r\nContent-Length: 0\r\n\r\n"
		same "$method" "$(printf 'HTTP/1.0 403 Forbidden\r\n\r')" "$OUT"
	done
	serve accept send:hello close
	run "$TOOLS/peer" "connect:$FRONT" \
	    "send:CONNECT 127.0.0.1:$FRONT HTTP/1.0\r\n\r\n" recv:19 \
	    "send:CONNECT 127.0.0.1:$PORT HTTP/1.0\r\n\r\n" recv:19 \
	    recv-end print
	holds "CONNECT" "$OUT" hello
	peer_done
}

test_ncat_reaches_the_chosen_family_alone()
{
	over ncat real-ncat || return 0
	need_ipv6 || return 0
	for option in -4 -6; do
		case $option in
		-4)	host=127.0.0.1 connect=connect far='[::1]' listen=listen6 ;;
		-6)	host=::1 connect=connect6 far=127.0.0.1 listen=listen ;;
		esac
		free_port
		FRONT=$PORT
		start listener "$NC" -l "$option" --proxy-type http "$host" \
		    "$FRONT"
		waitfor "tcp:$FRONT"
		rm -f "$T/over"
		peer_at "$listen" "await:$T/over"
		for name in "$far" localhost; do
			run "$TOOLS/peer" "$connect:$FRONT" \
			    "send:CONNECT $name:$PORT HTTP/1.0\r\n\r\n" \
			    recv:12 print
			same "$option $name" "HTTP/1.0 504" "$OUT"
		done
		: >"$T/over"
		peer_done
		stop listener
	done
}

test_ncat_asks_for_the_password_as_ncat_does()
{
	over ncat real-ncat || return 0
	ncat_proxy --proxy-auth joe:pw
	ask 'CONNECT 127.0.0.1:9 HTTP/1.0\r\n\r\n'
	holds "challenge" "$OUT" 'HTTP/1.0 407 Proxy Authentication Required'
	holds "challenge" "$OUT" 'Proxy-Authenticate: Basic realm="Ncat"'
	holds "challenge" "$OUT" 'Proxy-Authenticate: Digest realm="Ncat", nonce="'
	ask 'CONNECT 127.0.0.1:9 HTTP/1.0\r\nProxy-Authorization: Basic am9lOng=\r\n\r\n'
	holds "wrong" "$OUT" "HTTP/1.0 407"
	ask "CONNECT 127.0.0.1:$(closed_port) HTTP/1.0\r\nProxy-Authorization: Basic am9lOnB3\r\n\r\n"
	holds "right" "$OUT" "HTTP/1.0 504"
	command -v curl >/dev/null || return 0
	web
	get --proxy-digest -x "127.0.0.1:$FRONT" -U joe:pw \
	    "http://127.0.0.1:$PORT/"
	same "answer" ok "$OUT"
	peer_done
}

test_ncat_knows_http_alone()
{
	over ncat real-ncat || return 0
	for kind in socks4 socks5 ftp; do
		run "$NC" -l --proxy-type "$kind" 127.0.0.1 "$(new_port)"
		same "status" 2 "$RC"
		holds "stderr" "$ERR" "Invalid proxy type \"$kind\"; Ncat proxy server only supports \"http\". QUITTING."
	done
}

run_tests "$@"
