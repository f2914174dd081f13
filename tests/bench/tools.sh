# How each program is asked to do the same thing. Sourced by run.
# A tool is a word; the functions print its command line, with {port} and
# {path} for measure to fill in. Each gets its own best options for bulk.
# shellcheck shell=sh

# Is this tool here?
tool_here() {
	case $1 in
	sockcat)	[ -x "$SOCKCAT" ] ;;
	limit)		[ -x "$BENCH_BIN/ref_splice" ] ;;
	socat-64k)	command -v socat >/dev/null ;;
	*)		command -v "$1" >/dev/null ;;
	esac
}

tool_version() {
	case $1 in
	sockcat)	"$SOCKCAT" --version 2>&1 | head -n 1 ;;
	limit)		echo "ref_splice.c" ;;
	nc.openbsd)	nc.openbsd -h 2>&1 | head -n 1 ;;
	ncat)		ncat --version 2>&1 | head -n 1 ;;
	socat)		socat -V 2>&1 | sed -n 's/^socat version \([^ ]*\).*/socat \1/p' ;;
	socat-64k)	echo "socat -b 65536" ;;
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
