# shellcheck shell=sh disable=SC2034
about='file of lines of 9 bytes to TCP to /dev/null; what filters and framings of the sender (-t: of the receiver) cost'
goal='-C 1.2 x best peer and 1.5 GB/s; -t 3, -o 0.5, framings 1.5 GB/s'
tools='sockcat sockcat-C sockcat-t sockcat-o sockcat-netstring sockcat-u32be ncat-C socat-C'
bytes=536870910 trial=9437184
figure='gbps=GB/s'
columns='cpu=CPU_s/GB tx_cpu=sender rx_cpu=receiver'

# Once for all: of a size in whole lines.
lines() {
	[ -e "$work/lines" ] && [ "$(wc -c <"$work/lines")" = "$1" ] ||
	    yes 12345678 | head -c "$1" >"$work/lines"
}

# The sender and the receiver of a tool: ends TOOL PLACE
ends() {
	lines_rx="$SOCKCAT $SOCKCAT_FLAGS -l 127.0.0.1 {port}"
	lines_tx="$SOCKCAT $SOCKCAT_FLAGS -N 127.0.0.1 {port}"
	case $1 in
	sockcat-t)	lines_rx="$SOCKCAT $SOCKCAT_FLAGS -t -l 127.0.0.1 {port}" ;;
	sockcat-o)	lines_tx="$SOCKCAT -o /dev/null -N 127.0.0.1 {port}" ;;
	sockcat-C)	lines_tx="$SOCKCAT -C -N 127.0.0.1 {port}" ;;
	sockcat-?*)	lines_tx="$SOCKCAT --framing=${1#*-} -N 127.0.0.1 {port}"
			lines_rx="$SOCKCAT --framing=${1#*-} -l 127.0.0.1 {port}" ;;
	ncat-C)		lines_tx="ncat -C --send-only 127.0.0.1 {port}" ;;
	socat-C)	lines_tx="socat -b 65536 -u - TCP:127.0.0.1:{port},crnl" ;;
	esac
}

# once TOOL BYTES [FILE]
once() {
	lines "$2"
	ends "$1"
	# shellcheck disable=SC2086
	"$BENCH_BIN/measure" -b "$2" -i "$work/lines" -o "${3:-/dev/null}" \
	    $lines_rx -- $lines_tx
}

verify() {
	ends "$1"
	once "$1" "$2" "$work/came" >"$work/told" || :
	case $1 in
	*-C)	sed 's/$/\r/' "$work/lines" | cmp - "$work/came" ;;
	*)	cmp "$work/lines" "$work/came" ;;
	esac
}
