# shellcheck shell=sh disable=SC2034
about='connections to a listener that writes to its stdout, 8 at once: connect, 16 bytes, their end, its end'
goal='2 x nc.openbsd, 0.95 x limit'
tools='sockcat sockcat-joined nc.openbsd ncat socat limit'
count=5000 of='connections' trial=20
figure='per_s=connections/s'
columns='us=us cpu_us=CPU_us'

once() {
	clients_of sink_server "$1" "$2" -k -j 8 sinks
}

verify() {
	once "$@"
}
