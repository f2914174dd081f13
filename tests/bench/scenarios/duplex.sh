# shellcheck shell=sh disable=SC2034
about='pipe to TCP to pipe, both ways at once; the sum of both'
goal='3 x best peer, 0.95 x limit, none lost'
tools='sockcat nc.openbsd busybox toybox ncat socat socat-64k limit'
bytes=268435456
figure='gbps=GB/s'
columns='cpu=CPU_s/GB'

once() {
	duplex_tool=$1 duplex_bytes=$2
	shift 2
	# shellcheck disable=SC2046
	"$BENCH_BIN/measure" -d -b "$duplex_bytes" "$@" \
	    $(duplex_listener "$duplex_tool") -- $(duplex_client "$duplex_tool")
}

verify() {
	once "$@" -c
}
