# shellcheck shell=sh disable=SC2034
about='datagrams of 64 bytes through a relay to an echo and back, 64 under way at once'
goal='1.5 x socat, 0.8 x limit, no loss'
tools='sockcat socat limit'
count=500000 of='datagrams' trial=500
figure='per_s=datagrams/s'
columns='loss=%_lost cpu_us=CPU_us'

once() {
	clients_of relay_dgram_server "$1" "$2" -k udp
}

verify() {
	once "$@"
}
