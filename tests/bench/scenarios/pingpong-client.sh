# shellcheck shell=sh disable=SC2034
about='one byte into the stdin of a client, over TCP, back, and out of its stdout'
goal='1.0 x best peer, 0.93 x limit'
tools='sockcat sockcat-static nc.openbsd nc.traditional busybox toybox ncat socat limit'
count=50000 of='round trips' trial=100
figure='per_s=round_trips/s'
columns='us=us cpu_us=CPU_us'

once() {
	# shellcheck disable=SC2046
	"$BENCH_BIN/latency" -p -n "$2" rounds $(tcp_client "$1")
}

verify() {
	once "$@"
}
