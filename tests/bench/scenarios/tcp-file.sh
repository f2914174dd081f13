# shellcheck shell=sh disable=SC2034
about='file to TCP to file, both in memory; from the start of the sender to the end of the receiver'
goal='1.2 x best peer, 0.95 x limit, sender 0.3 x its CPU'
tools='sockcat nc.openbsd nc.traditional busybox toybox ncat socat socat-64k limit'
bytes=268435456
figure='gbps=GB/s'
columns='cpu=CPU_s/GB tx_cpu=sender rx_cpu=receiver'

once() {
	file=/dev/shm/sockcat-bench.$$
	[ -f "$file.in" ] && [ "$(wc -c <"$file.in")" = "$2" ] ||
	    "$BENCH_BIN/produce" "$2" >"$file.in"
	stream tcp "$1" "$2" -i "$file.in" -o "$file.out"
	came=$?
	cmp -s "$file.in" "$file.out" || came=1
	rm -f "$file.out"
	return $came
}

verify() {
	trap 'rm -f /dev/shm/sockcat-bench.$$.*' EXIT
	once "$@"
}
