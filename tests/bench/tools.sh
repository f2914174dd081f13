# How each program is asked to do the same thing. Sourced by run.
# A tool is a word; the functions print its command line, with {port} and
# {path} for measure to fill in. Each gets its own best options for bulk.
# shellcheck shell=sh

# Is the loopback all the network there is? busybox listens on all of it.
alone() {
	! sed '1,2d' /proc/self/net/dev | grep -qv '^ *\(lo\|hole\|pit\):'
}

# An address of which nothing ever comes back, in a network of our own.
HOLE=203.0.113.2
dig_hole() {
	alone || return 1
	[ ! -e /proc/sys/net/ipv4/conf/hole ] || return 0
	ip link add hole type veth peer name pit &&
	    ip link set hole up && ip link set pit up &&
	    ip address add 203.0.113.1/24 dev hole &&
	    ip neighbour add "$HOLE" lladdr 02:00:00:00:00:02 dev hole
}

# TLS in this build, and a key of ECDSA P-256 with its certificate.
TLS_CERT=$work/tls.pem
have_tls() {
	[ -x "$BENCH_BIN/ref_tls" ] || return 1
	"$SOCKCAT" --version 2>&1 | grep -qi openssl || return 1
	[ ! -s "$TLS_CERT" ] || return 0
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -days 2 -subj /CN=localhost -keyout "$work/key" -out "$work/cert" \
	    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
	    2>/dev/null || return 1
	(umask 077 && cat "$work/key" "$work/cert" >"$TLS_CERT")
}

# A long link to this machine itself, for a command: over_link [-w BYTES]
# MILLISECONDS COMMAND ... The network is another one each time, for its settings stay.
NEAR=198.51.100.1 FAR=198.51.100.2
over_link() {
	"$BENCH_BIN/netns" "$BENCH_BIN/delay" "$@"
}

have_link() {
	alone && over_link 20 true
}

have_mptcp() {
	[ "$(cat /proc/sys/net/mptcp/enabled 2>/dev/null)" = 1 ]
}

# The smallest client once more, without a library to load.
have_static_limit() {
	for static_cc in musl-gcc "${CC:-cc}"; do
		[ ! -x "$work/ref_client" ] || return 0
		$static_cc -O2 -static -D_GNU_SOURCE -o "$work/ref_client" \
		    "$here/ref_client.c" 2>/dev/null || :
	done
	[ -x "$work/ref_client" ]
}

# What a scenario cannot do without.
have() {
	case $1 in
	delay)	have_link 2>/dev/null ;;
	mptcp)	have_mptcp ;;
	netns)	alone ;;
	hole)	dig_hole 2>/dev/null ;;
	tls)	have_tls ;;
	esac
}

# Is this tool here?
tool_here() {
	case $1 in
	sockcat-sha* | sockcat-blake2b)	"$SOCKCAT" --version | grep -qi openssl ;;
	sockcat-before)	[ -x "$before" ] ;;
	sockcat-static)	[ -x "${SOCKCAT%/*}/sockcat-static" ] ;;
	sockcat*)	[ -x "$SOCKCAT" ] ;;
	limit)		[ -x "$BENCH_BIN/ref_splice" ] ;;
	limit-static)	have_static_limit ;;
	ncat-* | socat-*)	command -v "${1%-*}" >/dev/null ;;
	busybox)	command -v busybox >/dev/null && alone ;;
	toybox)		toybox netcat --help >/dev/null 2>&1 ;;
	stunnel)	command -v stunnel4 >/dev/null ;;
	proxyd)	command -v systemd-socket-activate >/dev/null &&
		    [ -x /lib/systemd/systemd-socket-proxyd ] ;;
	*)		command -v "$1" >/dev/null ;;
	esac
}

tool_version() {
	case $1 in
	sockcat)	"$SOCKCAT" --version 2>&1 | head -n 1 ;;
	sockcat-before)	"$before" --version 2>&1 | head -n 1 ;;
	sockcat-static)	echo "make static" ;;
	sockcat-joined)	echo "--max-conns=100 --merge=chunk" ;;
	limit)		echo "ref_*.c" ;;
	limit-static)	echo "ref_client.c" ;;
	toybox)		toybox --version ;;
	nc.openbsd)	nc.openbsd -h 2>&1 | head -n 1 ;;
	ncat)		ncat --version 2>&1 | head -n 1 ;;
	socat)		socat -V 2>&1 | sed -n 's/^socat version \([^ ]*\).*/socat \1/p' ;;
	socat-64k)	echo "socat -b 65536" ;;
	socat-nofork)	echo "socat EXEC:...,nofork" ;;
	stunnel)	stunnel4 -version 2>&1 | sed -n 's/^.*\(stunnel [0-9.]*\) on .*/\1/p' ;;
	openssl)	openssl version ;;
	haproxy)	haproxy -v | sed -n 's/^HAProxy version \([^ ]*\).*/haproxy \1/p' ;;
	proxyd)	echo "systemd-socket-proxyd" ;;
	*)		echo "$1" ;;
	esac
}

# A TCP listener on the loopback: one client, network to stdout.
tcp_receiver() {
	case $1 in
	sockcat)	echo "$SOCKCAT $SOCKCAT_FLAGS -l 127.0.0.1 {port}" ;;
	limit)		echo "$BENCH_BIN/ref_splice -l 127.0.0.1:{port}" ;;
	nc.openbsd)	echo "nc.openbsd -l 127.0.0.1 {port}" ;;
	ncat)		echo "ncat -l --recv-only 127.0.0.1 {port}" ;;
	socat)		echo "socat -u TCP-LISTEN:{port},bind=127.0.0.1 -" ;;
	socat-64k)	echo "socat -b 65536 -u TCP-LISTEN:{port},bind=127.0.0.1 -" ;;
	nc.traditional)	echo "nc.traditional -l -s 127.0.0.1 -p {port}" ;;
	busybox)	echo "busybox nc -l -p {port}" ;;
	toybox)		echo "toybox netcat -l -s 127.0.0.1 -p {port}" ;;
	esac
}

# Stdin to that listener; ends when all is sent.
tcp_sender() {
	case $1 in
	sockcat)	echo "$SOCKCAT $SOCKCAT_FLAGS -N 127.0.0.1 {port}" ;;
	limit)		echo "$BENCH_BIN/ref_splice 127.0.0.1:{port}" ;;
	nc.openbsd)	echo "nc.openbsd -N 127.0.0.1 {port}" ;;
	ncat)		echo "ncat --send-only 127.0.0.1 {port}" ;;
	socat)		echo "socat -u - TCP:127.0.0.1:{port}" ;;
	socat-64k)	echo "socat -b 65536 -u - TCP:127.0.0.1:{port}" ;;
	nc.traditional)	echo "nc.traditional -q 0 127.0.0.1 {port}" ;;
	busybox)	echo "busybox nc 127.0.0.1 {port}" ;;
	toybox)		echo "toybox netcat 127.0.0.1 {port}" ;;
	esac
}

# The same over a Unix stream socket.
unix_receiver() {
	case $1 in
	sockcat)	echo "$SOCKCAT $SOCKCAT_FLAGS -l -U {path}" ;;
	limit)		echo "$BENCH_BIN/ref_splice -l {path}" ;;
	nc.openbsd)	echo "nc.openbsd -l -U {path}" ;;
	toybox)		echo "toybox netcat -U -l -s {path}" ;;
	ncat)		echo "ncat -l --recv-only -U {path}" ;;
	socat)		echo "socat -u UNIX-LISTEN:{path} -" ;;
	socat-64k)	echo "socat -b 65536 -u UNIX-LISTEN:{path} -" ;;
	esac
}

unix_sender() {
	case $1 in
	sockcat)	echo "$SOCKCAT $SOCKCAT_FLAGS -N -U {path}" ;;
	limit)		echo "$BENCH_BIN/ref_splice {path}" ;;
	nc.openbsd)	echo "nc.openbsd -N -U {path}" ;;
	toybox)		echo "toybox netcat -U {path}" ;;
	ncat)		echo "ncat --send-only -U {path}" ;;
	socat)		echo "socat -u - UNIX:{path}" ;;
	socat-64k)	echo "socat -b 65536 -u - UNIX:{path}" ;;
	esac
}

# How a receiver gets its stdin: these leave when it ends, with bytes on the way.
stdin_of() {
	case $1 in
	busybox | toybox)	echo -h ;;
	esac
}

# Measure one transfer: stream tcp|unix TOOL BYTES [option of measure ...]
# The command lines are split into words here.
stream() {
	stream_over=$1 stream_tool=$2 stream_bytes=$3
	shift 3
	"$BENCH_BIN/measure" -b "$stream_bytes" $(stdin_of "$stream_tool") "$@" \
	    $("${stream_over}_receiver" "$stream_tool") -- \
	    $("${stream_over}_sender" "$stream_tool")
}

# Measure one transfer from the sender's start to the receiver's end, while the
# receiver's stdin is a pipe that is silent and never ends: held TOOL BYTES
# [option of measure ...] No program is told that there will be no input; the
# limit looks for none.
held() {
	held_tool=$1 held_bytes=$2 held_by=duplex_listener
	# With -N, sockcat would wait for the pipe's first byte.
	case $1 in limit|sockcat*) held_by=tcp_receiver ;; esac
	shift 2
	"$BENCH_BIN/measure" -e -h -t 20 -b "$held_bytes" "$@" \
	    $("$held_by" "$held_tool") -- $(tcp_sender "$held_tool")
}

# Measure one transfer over the long link: far WIDTH TOOL BYTES [option of
# measure ...] WIDTH is the most that tcp_wmem and tcp_rmem allow; 0: as they are.
far() {
	far_width=$1 far_tool=$2 far_bytes=$3
	shift 3
	set -- 20 "$BENCH_BIN/measure" -b "$far_bytes" $(stdin_of "$far_tool") \
	    "$@"
	[ "$far_width" = 0 ] || set -- -w "$far_width" "$@"
	over_link "$@" \
	    $(tcp_receiver "$far_tool" | sed "s/127.0.0.1/$NEAR/") -- \
	    $(tcp_sender "$far_tool" | sed "s/127.0.0.1/$FAR/")
}

# Measure one transfer by multipath TCP: multipath TOOL BYTES [option ...]
multipath() {
	case $1 in
	limit)	set -- "$BENCH_BIN/ref_splice -m -l {port}" \
		    "$BENCH_BIN/ref_splice -m {port}" "$@" ;;
	*-*)	set -- "$SOCKCAT --mptcp --mover=${1#*-} -l 127.0.0.1 {port}" \
		    "$SOCKCAT --mptcp --mover=${1#*-} -N 127.0.0.1 {port}" "$@" ;;
	*)	set -- "$SOCKCAT $SOCKCAT_FLAGS --mptcp -l 127.0.0.1 {port}" \
		    "$SOCKCAT $SOCKCAT_FLAGS --mptcp -N 127.0.0.1 {port}" "$@" ;;
	esac
	multi_recv=$1 multi_send=$2 multi_bytes=$4
	shift 4
	"$BENCH_BIN/measure" -b "$multi_bytes" "$@" $multi_recv -- $multi_send
}

# A server that runs cat for its only client.
exec_server() {
	case $1 in
	sockcat)	echo "$SOCKCAT $SOCKCAT_FLAGS -l -e /bin/cat 127.0.0.1 {port}" ;;
	limit)		echo "$BENCH_BIN/ref_serve one {port} /bin/cat" ;;
	nc.traditional)	echo "nc.traditional -l -s 127.0.0.1 -p {port} -e /bin/cat" ;;
	ncat)		echo "ncat -l -e /bin/cat 127.0.0.1 {port}" ;;
	busybox)	echo "busybox nc -l -p {port} -e /bin/cat" ;;
	toybox)		echo "toybox netcat -l -s 127.0.0.1 -p {port} /bin/cat" ;;
	socat)		echo "socat TCP-LISTEN:{port},bind=127.0.0.1,nodelay EXEC:/bin/cat" ;;
	socat-64k)	echo "socat -b 65536 TCP-LISTEN:{port},bind=127.0.0.1 EXEC:/bin/cat" ;;
	socat-nofork)	echo "socat TCP-LISTEN:{port},bind=127.0.0.1,nodelay EXEC:/bin/cat,nofork" ;;
	esac
}

# ... and for all who come.
exec_servers() {
	case $1 in
	sockcat)	echo "$SOCKCAT $SOCKCAT_FLAGS -l -k -e /bin/cat 127.0.0.1 {port}" ;;
	limit)		echo "$BENCH_BIN/ref_serve exec {port} /bin/cat" ;;
	ncat)		echo "ncat -l -k -m 10000 -e /bin/cat 127.0.0.1 {port}" ;;
	busybox)	echo "busybox nc -ll -p {port} -e /bin/cat" ;;
	toybox)		echo "toybox netcat -L -s 127.0.0.1 -p {port} /bin/cat" ;;
	socat)		echo "socat TCP-LISTEN:{port},bind=127.0.0.1,nodelay,fork,backlog=128 EXEC:/bin/cat" ;;
	socat-nofork)	echo "socat TCP-LISTEN:{port},bind=127.0.0.1,nodelay,fork,backlog=128 EXEC:/bin/cat,nofork" ;;
	esac
}

# A server that echoes by itself.
echo_server() {
	case $1 in
	sockcat)	echo "$SOCKCAT $SOCKCAT_FLAGS -l -k --max-conns=10000 --echo 127.0.0.1 {port}" ;;
	limit)		echo "$BENCH_BIN/ref_serve echo {port}" ;;
	socat)		echo "socat TCP-LISTEN:{port},bind=127.0.0.1,nodelay,fork,backlog=128 PIPE" ;;
	esac
}

# One that gives what a client sends to all the others.
broker_server() {
	case $1 in
	sockcat)	echo "$SOCKCAT $SOCKCAT_FLAGS -l -k --broker 127.0.0.1 {port}" ;;
	ncat)		echo "ncat -l -k --broker 127.0.0.1 {port}" ;;
	esac
}

# A room of lines and names.
talk_server() {
	case $1 in
	sockcat)	echo "$SOCKCAT $SOCKCAT_FLAGS -l -k --max-conns=20000 --max-conns-per-host=20000 --talk 127.0.0.1 {port}" ;;
	limit)		echo "$BENCH_BIN/ref_room {port}" ;;
	esac
}

# How many members a room may have here: each takes a descriptor.
members() {
	members_most=$(($(ulimit -Hn) - 100))
	echo $(($1 < members_most ? $1 : members_most))
}

# Measure clients: clients_of SERVERS TOOL COUNT [option of clients ...] WORK
clients_of() {
	clients_servers=$1 clients_tool=$2 clients_count=$3
	shift 3
	"$BENCH_BIN/clients" -n "$clients_count" "$@" \
	    $("$clients_servers" "$clients_tool")
}

# Which of the ports from 1 to COUNT are open: scanner TOOL ADDRESS FROM TO
# SECONDS. Without a word of those that are not.
scanner() {
	case $1 in
	sockcat)	echo "$SOCKCAT $SOCKCAT_FLAGS -n -z -w $5 $2 $3-$4" ;;
	limit)		echo "$BENCH_BIN/ref_scan $2 $3 $4 $5000" ;;
	*)		echo "$1 -n -z -w $5 $2 $3-$4" ;;
	esac
}

# Measure it: scan_of TOOL ADDRESS COUNT SECONDS TIMES
scan_of() {
	"$BENCH_BIN/stopwatch" -n "$3" -r "$5" \
	    $(scanner "$1" "$2" 1 "$3" "$4")
}

# Does it find the one that is open? scan_finds TOOL COUNT
scan_finds() {
	"$BENCH_BIN/ref_serve" echo 47 &
	scan_server=$!
	until grep -q ':002F 00000000:0000 0A' /proc/net/tcp; do
		kill -0 "$scan_server" || return 1
	done
	set -- "$1" $(scanner "$1" 127.0.0.1 1 "$2" 5)
	scan_tool=$1
	shift
	[ "$scan_tool" = limit ] || set -- "$@" -v
	"$@" 2>&1 | grep -v -e refused -e ': sandbox: ' >"$work/found"
	kill "$scan_server"
	wait "$scan_server" || :
	[ "$(wc -l <"$work/found")" -eq 1 ] && grep -qw 47 "$work/found"
}

# A client that connects, and sends its stdin.
tcp_client() {
	case $1 in
	sockcat)	echo "$SOCKCAT $SOCKCAT_FLAGS 127.0.0.1 {port}" ;;
	sockcat-static)	echo "${SOCKCAT%/*}/sockcat-static $SOCKCAT_FLAGS 127.0.0.1 {port}" ;;
	limit)		echo "$BENCH_BIN/ref_client {port}" ;;
	limit-static)	echo "$work/ref_client {port}" ;;
	busybox)	echo "busybox nc 127.0.0.1 {port}" ;;
	toybox)		echo "toybox netcat 127.0.0.1 {port}" ;;
	socat)		echo "socat - TCP:127.0.0.1:{port},nodelay" ;;
	*)		echo "$1 127.0.0.1 {port}" ;;
	esac
}

# A listener that serves all who come, to its stdout.
sink_server() {
	case $1 in
	sockcat)	echo "$SOCKCAT $SOCKCAT_FLAGS -l -k 127.0.0.1 {port}" ;;
	sockcat-joined)	echo "$SOCKCAT $SOCKCAT_FLAGS -l -k --max-conns=100 --merge=chunk 127.0.0.1 {port}" ;;
	limit)		echo "$BENCH_BIN/ref_serve sink {port}" ;;
	nc.openbsd)	echo "nc.openbsd -l -k 127.0.0.1 {port}" ;;
	ncat)		echo "ncat -l -k -m 100 127.0.0.1 {port}" ;;
	socat)		echo "socat -u TCP-LISTEN:{port},bind=127.0.0.1,fork,backlog=128 -" ;;
	esac
}

# Both ends of a connection with data in both directions.
duplex_listener() {
	case $1 in
	sockcat)	echo "$SOCKCAT $SOCKCAT_FLAGS -N -l 127.0.0.1 {port}" ;;
	limit)		echo "$BENCH_BIN/ref_duplex -l {port}" ;;
	nc.openbsd)	echo "nc.openbsd -N -l 127.0.0.1 {port}" ;;
	ncat)		echo "ncat -l 127.0.0.1 {port}" ;;
	socat)		echo "socat TCP-LISTEN:{port},bind=127.0.0.1 -" ;;
	socat-64k)	echo "socat -b 65536 TCP-LISTEN:{port},bind=127.0.0.1 -" ;;
	nc.traditional)	echo "nc.traditional -l -s 127.0.0.1 -p {port}" ;;
	busybox)	echo "busybox nc -l -p {port}" ;;
	toybox)		echo "toybox netcat -l -s 127.0.0.1 -p {port}" ;;
	esac
}

duplex_client() {
	case $1 in
	sockcat)	echo "$SOCKCAT $SOCKCAT_FLAGS -N 127.0.0.1 {port}" ;;
	limit)		echo "$BENCH_BIN/ref_duplex {port}" ;;
	nc.openbsd)	echo "nc.openbsd -N 127.0.0.1 {port}" ;;
	ncat)		echo "ncat 127.0.0.1 {port}" ;;
	socat)		echo "socat - TCP:127.0.0.1:{port}" ;;
	socat-64k)	echo "socat -b 65536 - TCP:127.0.0.1:{port}" ;;
	nc.traditional)	echo "nc.traditional 127.0.0.1 {port}" ;;
	busybox)	echo "busybox nc 127.0.0.1 {port}" ;;
	toybox)		echo "toybox netcat 127.0.0.1 {port}" ;;
	esac
}

# Datagrams.
udp_receiver() {
	case $1 in
	sockcat)	echo "$SOCKCAT $SOCKCAT_FLAGS -u -l 127.0.0.1 {port}" ;;
	limit)		echo "$BENCH_BIN/ref_udp -l {port}" ;;
	nc.traditional)	echo "nc.traditional -u -l -s 127.0.0.1 -p {port}" ;;
	nc.openbsd)	echo "nc.openbsd -u -l 127.0.0.1 {port}" ;;
	toybox)		echo "toybox netcat -u -l -s 127.0.0.1 -p {port}" ;;
	ncat)		echo "ncat -u -l 127.0.0.1 {port}" ;;
	socat)		echo "socat -u UDP-RECV:{port},bind=127.0.0.1 -" ;;
	esac
}

udp_sender() {
	case $1 in
	sockcat)	echo "$SOCKCAT $SOCKCAT_FLAGS -u 127.0.0.1 {port}" ;;
	limit)		echo "$BENCH_BIN/ref_udp {port}" ;;
	toybox)		echo "toybox netcat -u 127.0.0.1 {port}" ;;
	socat)		echo "socat -u - UDP-SENDTO:127.0.0.1:{port}" ;;
	*)		echo "$1 -u 127.0.0.1 {port}" ;;
	esac
}

# Measure datagrams: datagrams_by send|receive|both TOOL COUNT SIZE [option ...]
datagrams_by() {
	dgram_way=$1 dgram_tool=$2 dgram_count=$3 dgram_size=$4
	shift 4
	case $dgram_way in
	send)		set -- "$@" send $(udp_sender "$dgram_tool") ;;
	receive)	set -- "$@" receive $(udp_receiver "$dgram_tool") ;;
	both)		set -- "$@" both $(udp_receiver "$dgram_tool") -- \
			    $(udp_sender "$dgram_tool") ;;
	esac
	"$BENCH_BIN/datagrams" -n "$dgram_count" -s "$dgram_size" "$@"
}

# TLS, client and server, as each program does it by itself: TLS 1.3, the cipher
# TLS_AES_256_GCM_SHA384, a certificate of ECDSA P-256, which clients verify.
tls_receiver() {
	case $1 in
	sockcat)	echo "$SOCKCAT $SOCKCAT_FLAGS -l --tls --tls-cert $TLS_CERT 127.0.0.1 {port}" ;;
	limit)		echo "$BENCH_BIN/ref_tls recv {port} $TLS_CERT" ;;
	ncat)		echo "ncat -l --recv-only --ssl --ssl-cert $TLS_CERT --ssl-key $TLS_CERT 127.0.0.1 {port}" ;;
	socat)		echo "socat -u OPENSSL-LISTEN:{port},bind=127.0.0.1,cert=$TLS_CERT,verify=0 -" ;;
	socat-64k)	echo "socat -b 65536 -u OPENSSL-LISTEN:{port},bind=127.0.0.1,cert=$TLS_CERT,verify=0 -" ;;
	openssl)	echo "$here/held openssl s_server -quiet -naccept 1 -accept 127.0.0.1:{port} -cert $TLS_CERT" ;;
	stunnel)	echo "$here/stunnel recv {port} $TLS_CERT" ;;
	esac
}

tls_sender() {
	case $1 in
	sockcat)	echo "$SOCKCAT $SOCKCAT_FLAGS -N --tls --tls-ca $TLS_CERT 127.0.0.1 {port}" ;;
	limit)		echo "$BENCH_BIN/ref_tls send {port} $TLS_CERT" ;;
	ncat)		echo "ncat --send-only --ssl --ssl-verify --ssl-trustfile $TLS_CERT --ssl-servername localhost 127.0.0.1 {port}" ;;
	socat)		echo "socat -u - OPENSSL:127.0.0.1:{port},cafile=$TLS_CERT,commonname=localhost" ;;
	socat-64k)	echo "socat -b 65536 -u - OPENSSL:127.0.0.1:{port},cafile=$TLS_CERT,commonname=localhost" ;;
	openssl)	echo "openssl s_client -quiet -nocommands -no_ign_eof -connect 127.0.0.1:{port} -noservername -CAfile $TLS_CERT -verify_return_error -verify_quiet" ;;
	stunnel)	echo "$here/stunnel send {port} $TLS_CERT" ;;
	esac
}

# One end is the tool, the other one the limit: tls_one recv|send TOOL BYTES
# [option of measure ...]
tls_one() {
	tls_way=$1 tls_tool=$2 tls_bytes=$3
	shift 3
	case $tls_way in
	recv)	tls_recv=$tls_tool tls_send=limit ;;
	send)	tls_recv=limit tls_send=$tls_tool ;;
	esac
	"$BENCH_BIN/measure" -b "$tls_bytes" "$@" \
	    $(tls_receiver "$tls_recv") -- $(tls_sender "$tls_send")
}

# A client that sends its stdin as soon as it can, and does not wait for more.
tls_client() {
	case $1 in
	sockcat)	echo "$SOCKCAT $SOCKCAT_FLAGS --tls --tls-ca $TLS_CERT 127.0.0.1 {port}" ;;
	ncat)		echo "ncat --ssl --ssl-verify --ssl-trustfile $TLS_CERT --ssl-servername localhost 127.0.0.1 {port}" ;;
	socat)		echo "socat - OPENSSL:127.0.0.1:{port},cafile=$TLS_CERT,commonname=localhost,nodelay" ;;
	*)		tls_sender "$1" ;;
	esac
}

# All who come, to stdout.
tls_sinks() {
	case $1 in
	sockcat)	echo "$SOCKCAT $SOCKCAT_FLAGS -l -k --tls --tls-cert $TLS_CERT 127.0.0.1 {port}" ;;
	sockcat-joined)	echo "$SOCKCAT $SOCKCAT_FLAGS -l -k --max-conns=100 --merge=chunk --tls --tls-cert $TLS_CERT 127.0.0.1 {port}" ;;
	limit)		echo "$BENCH_BIN/ref_tls sink {port} $TLS_CERT" ;;
	ncat)		echo "ncat -l -k -m 100 --ssl --ssl-cert $TLS_CERT --ssl-key $TLS_CERT 127.0.0.1 {port}" ;;
	socat)		echo "socat -u OPENSSL-LISTEN:{port},bind=127.0.0.1,fork,backlog=128,cert=$TLS_CERT,verify=0 -" ;;
	openssl)	echo "openssl s_server -quiet -accept 127.0.0.1:{port} -cert $TLS_CERT" ;;
	stunnel)	echo "$here/stunnel sink {port} $TLS_CERT" ;;
	esac
}

# All who come get back what they send, or at least the first byte.
tls_echoes() {
	case $1 in
	sockcat)	echo "$SOCKCAT $SOCKCAT_FLAGS -l -k --max-conns=10000 --echo --tls --tls-cert $TLS_CERT 127.0.0.1 {port}" ;;
	limit)		echo "$BENCH_BIN/ref_tls hold {port} $TLS_CERT" ;;
	ncat)		echo "ncat -l -k -m 10000 -e /bin/cat --ssl --ssl-cert $TLS_CERT --ssl-key $TLS_CERT 127.0.0.1 {port}" ;;
	socat)		echo "socat OPENSSL-LISTEN:{port},bind=127.0.0.1,fork,backlog=128,cert=$TLS_CERT,verify=0 PIPE" ;;
	stunnel)	echo "$here/stunnel echo {port} $TLS_CERT" ;;
	esac
}

# Measure TLS: tls_clients_of sinks|hold|starts TOOL COUNT [option ...]
tls_clients_of() {
	tls_work=$1 tls_tool=$2 tls_count=$3
	shift 3
	case $tls_work in
	sinks)	tls_words=$(tls_sinks "$tls_tool") ;;
	hold)	tls_words=$(tls_echoes "$tls_tool") ;;
	starts)	tls_words=$(tls_client "$tls_tool") ;;
	esac
	"$BENCH_BIN/tls_clients" -n "$tls_count" -c "$TLS_CERT" "$@" \
	    "$tls_work" $tls_words
}

# All who come are connected with the target, each by a connection of its own.
relay_server() {
	case $1 in
	sockcat)	echo "$SOCKCAT $SOCKCAT_FLAGS -l -k --max-conns=10000 --forward 127.0.0.1:{target} 127.0.0.1 {port}" ;;
	limit)		echo "$BENCH_BIN/ref_relay {port} {target}" ;;
	socat)		echo "socat -b 65536 TCP-LISTEN:{port},bind=127.0.0.1,nodelay,fork,backlog=1024 TCP:127.0.0.1:{target},nodelay" ;;
	*)		echo "$here/relay_by $1 {port} {target}" ;;
	esac
}

# The same for one client, where a peer would otherwise fork for each.
relay_one_server() {
	case $1 in
	socat)	echo "socat -b 65536 TCP-LISTEN:{port},bind=127.0.0.1,nodelay TCP:127.0.0.1:{target},nodelay" ;;
	*)	relay_server "$1" ;;
	esac
}

# The same with datagrams.
relay_dgram_server() {
	case $1 in
	sockcat)	echo "$SOCKCAT $SOCKCAT_FLAGS -u -l -k --forward udp:127.0.0.1:{target} 127.0.0.1 {port}" ;;
	limit)		echo "$BENCH_BIN/ref_relay -u {port} {target}" ;;
	socat)		echo "socat -b 65536 UDP4-LISTEN:{port},bind=127.0.0.1 UDP4:127.0.0.1:{target}" ;;
	esac
}

# How many clients a relay may have here: each takes two descriptors.
relay_room() {
	relay_most=$((($(ulimit -n) - 1000) / 2))
	echo $(($1 < relay_most ? $1 : relay_most))
}
