# shellcheck shell=sh disable=SC2034
about='connections to a built-in echo, one at a time: connect, 16 bytes and back, close'
goal='6 x best peer, 0.95 x limit'
tools='sockcat socat limit'
count=10000 of='connections' trial=20
figure='per_s=connections/s'
columns='us=us cpu_us=CPU_us'

once() {
	clients_of echo_server "$1" "$2" -k -j 1 calls
}

verify() {
	once "$@"
}
