# shellcheck shell=sh disable=SC2034
about='from the start of a client until its first byte has come over TCP'
goal='2 x best peer, 0.85 x limit'
tools='sockcat sockcat-static nc.openbsd nc.traditional busybox ncat socat limit'
count=200 of='starts' trial=2
figure='per_s=starts/s'
columns='us=us cpu_us=CPU_us rss=RSS_KiB'

once() {
	# shellcheck disable=SC2046
	"$BENCH_BIN/latency" -p -n "$2" starts $(tcp_client "$1")
}

verify() {
	once "$@"
}
