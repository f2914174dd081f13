# shellcheck shell=sh disable=SC2034
about='from the start of a client until its first byte has come over TCP'
goal='dynamic 1.0 x best peer, 0.9 x limit; static 3 x best peer'
tools='sockcat sockcat-static nc.openbsd nc.traditional busybox toybox ncat socat limit limit-static'
count=200 of='starts' trial=2
figure='per_s=starts/s'
columns='us=us cpu_us=CPU_us rss=RSS_KiB faults=page_faults'

once() {
	# shellcheck disable=SC2046
	"$BENCH_BIN/latency" -p -n "$2" starts $(tcp_client "$1")
}

verify() {
	once "$@"
}
