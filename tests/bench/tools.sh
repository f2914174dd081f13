# How each program is asked to do the same thing. Sourced by run.
# A tool is a word; the functions print its command line, with {port} and
# {path} for measure to fill in. Each gets its own best options for bulk.
# shellcheck shell=sh

# Is the loopback all the network there is? busybox listens on all of it.
alone() {
	! sed '1,2d' /proc/self/net/dev | grep -qv '^ *lo:'
}

# Is this tool here?
tool_here() {
	case $1 in
	sockcat | sockcat-joined)	[ -x "$SOCKCAT" ] ;;
	sockcat-static)	[ -x "${SOCKCAT%/*}/sockcat-static" ] ;;
	limit)		[ -x "$BENCH_BIN/ref_splice" ] ;;
	socat-*)	command -v socat >/dev/null ;;
	busybox)	command -v busybox >/dev/null && alone ;;
	*)		command -v "$1" >/dev/null ;;
	esac
}

tool_version() {
	case $1 in
	sockcat)	"$SOCKCAT" --version 2>&1 | head -n 1 ;;
	sockcat-static)	echo "make static" ;;
	sockcat-joined)	echo "--max-conns=100 --merge=chunk" ;;
	limit)		echo "ref_*.c" ;;
	nc.openbsd)	nc.openbsd -h 2>&1 | head -n 1 ;;
	ncat)		ncat --version 2>&1 | head -n 1 ;;
	socat)		socat -V 2>&1 | sed -n 's/^socat version \([^ ]*\).*/socat \1/p' ;;
	socat-64k)	echo "socat -b 65536" ;;
	socat-nofork)	echo "socat EXEC:...,nofork" ;;
	*)		echo "$1" ;;
	esac
}

# A TCP listener on the loopback: one client, network to stdout.
tcp_receiver() {
	case $1 in
	sockcat)	echo "$SOCKCAT $SOCKCAT_FLAGS -l 127.0.0.1 {port}" ;;
	limit)		echo "$BENCH_BIN/ref_splice -l {port}" ;;
	nc.openbsd)	echo "nc.openbsd -l 127.0.0.1 {port}" ;;
	ncat)		echo "ncat -l --recv-only 127.0.0.1 {port}" ;;
	socat)		echo "socat -u TCP-LISTEN:{port},bind=127.0.0.1 -" ;;
	socat-64k)	echo "socat -b 65536 -u TCP-LISTEN:{port},bind=127.0.0.1 -" ;;
	esac
}

# Stdin to that listener; ends when all is sent.
tcp_sender() {
	case $1 in
	sockcat)	echo "$SOCKCAT $SOCKCAT_FLAGS -N 127.0.0.1 {port}" ;;
	limit)		echo "$BENCH_BIN/ref_splice {port}" ;;
	nc.openbsd)	echo "nc.openbsd -N 127.0.0.1 {port}" ;;
	ncat)		echo "ncat --send-only 127.0.0.1 {port}" ;;
	socat)		echo "socat -u - TCP:127.0.0.1:{port}" ;;
	socat-64k)	echo "socat -b 65536 -u - TCP:127.0.0.1:{port}" ;;
	esac
}

# The same over a Unix stream socket.
unix_receiver() {
	case $1 in
	sockcat)	echo "$SOCKCAT $SOCKCAT_FLAGS -l -U {path}" ;;
	limit)		echo "$BENCH_BIN/ref_splice -l {path}" ;;
	nc.openbsd)	echo "nc.openbsd -l -U {path}" ;;
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
	ncat)		echo "ncat --send-only -U {path}" ;;
	socat)		echo "socat -u - UNIX:{path}" ;;
	socat-64k)	echo "socat -b 65536 -u - UNIX:{path}" ;;
	esac
}

# Measure one transfer: stream tcp|unix TOOL BYTES [option of measure ...]
# The command lines are split into words here.
stream() {
	stream_over=$1 stream_tool=$2 stream_bytes=$3
	shift 3
	# shellcheck disable=SC2046
	"$BENCH_BIN/measure" -b "$stream_bytes" "$@" \
	    $("${stream_over}_receiver" "$stream_tool") -- \
	    $("${stream_over}_sender" "$stream_tool")
}

# A server that runs cat for its only client.
exec_server() {
	case $1 in
	sockcat)	echo "$SOCKCAT $SOCKCAT_FLAGS -l -e /bin/cat 127.0.0.1 {port}" ;;
	limit)		echo "$BENCH_BIN/ref_serve one {port} /bin/cat" ;;
	nc.traditional)	echo "nc.traditional -l -s 127.0.0.1 -p {port} -e /bin/cat" ;;
	ncat)		echo "ncat -l -e /bin/cat 127.0.0.1 {port}" ;;
	busybox)	echo "busybox nc -l -p {port} -e /bin/cat" ;;
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
	limit)		echo "$BENCH_BIN/ref_serve broker {port}" ;;
	ncat)		echo "ncat -l -k --broker 127.0.0.1 {port}" ;;
	esac
}

# Measure clients: clients_of SERVERS TOOL COUNT [option of clients ...] WORK
clients_of() {
	clients_servers=$1 clients_tool=$2 clients_count=$3
	shift 3
	# shellcheck disable=SC2046
	"$BENCH_BIN/clients" -n "$clients_count" "$@" \
	    $("$clients_servers" "$clients_tool")
}

# A client that connects, and sends its stdin.
tcp_client() {
	case $1 in
	sockcat)	echo "$SOCKCAT $SOCKCAT_FLAGS 127.0.0.1 {port}" ;;
	sockcat-static)	echo "${SOCKCAT%/*}/sockcat-static $SOCKCAT_FLAGS 127.0.0.1 {port}" ;;
	limit)		echo "$BENCH_BIN/ref_client {port}" ;;
	busybox)	echo "busybox nc 127.0.0.1 {port}" ;;
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
	esac
}

# Datagrams.
udp_receiver() {
	case $1 in
	sockcat)	echo "$SOCKCAT $SOCKCAT_FLAGS -u -l 127.0.0.1 {port}" ;;
	limit)		echo "$BENCH_BIN/ref_udp -l {port}" ;;
	nc.traditional)	echo "nc.traditional -u -l -s 127.0.0.1 -p {port}" ;;
	nc.openbsd)	echo "nc.openbsd -u -l 127.0.0.1 {port}" ;;
	ncat)		echo "ncat -u -l 127.0.0.1 {port}" ;;
	socat)		echo "socat -u UDP-RECV:{port},bind=127.0.0.1 -" ;;
	esac
}

udp_sender() {
	case $1 in
	sockcat)	echo "$SOCKCAT $SOCKCAT_FLAGS -u 127.0.0.1 {port}" ;;
	limit)		echo "$BENCH_BIN/ref_udp {port}" ;;
	socat)		echo "socat -u - UDP-SENDTO:127.0.0.1:{port}" ;;
	*)		echo "$1 -u 127.0.0.1 {port}" ;;
	esac
}

# Measure datagrams: datagrams_by send|receive|both TOOL COUNT SIZE [option ...]
datagrams_by() {
	way=$1 by=$2 n=$3 size=$4
	shift 4
	case $way in
	send)		set -- "$@" send $(udp_sender "$by") ;;
	receive)	set -- "$@" receive $(udp_receiver "$by") ;;
	both)		set -- "$@" both $(udp_receiver "$by") -- \
			    $(udp_sender "$by") ;;
	esac
	"$BENCH_BIN/datagrams" -n "$n" -s "$size" "$@"
}
