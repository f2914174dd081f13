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
	sockcat)	[ -x "$SOCKCAT" ] ;;
	limit)		[ -x "$BENCH_BIN/ref_splice" ] ;;
	socat-*)	command -v socat >/dev/null ;;
	busybox)	command -v busybox >/dev/null && alone ;;
	*)		command -v "$1" >/dev/null ;;
	esac
}

tool_version() {
	case $1 in
	sockcat)	"$SOCKCAT" --version 2>&1 | head -n 1 ;;
	limit)		echo "ref_splice.c, ref_serve.c" ;;
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
