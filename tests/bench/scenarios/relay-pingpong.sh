# shellcheck shell=sh disable=SC2034
about='one byte through a relay to an echo and back, and again'
goal='1.0 x haproxy, 0.95 x limit'
tools='sockcat socat ncat haproxy proxyd limit'
count=50000 of='round trips' trial=100
figure='per_s=round_trips/s'
columns='us=us cpu_us=CPU_us'

once() {
	clients_of relay_one_server "$1" "$2" -k -p rounds
}

verify() {
	once "$@"
}
