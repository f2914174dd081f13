# shellcheck shell=sh disable=SC2034
about='connections to a listener that writes to its stdout, one at a time: connect, 16 bytes, their end, its end'
goal='1.0 x best peer, 0.95 x limit'
tools='sockcat sockcat-joined nc.openbsd ncat socat limit'
count=5000 of='connections' trial=20
figure='per_s=connections/s'
columns='us=us cpu_us=CPU_us'

once() {
	clients_of sink_server "$1" "$2" -k -j 1 sinks
}

verify() {
	once "$@"
}
