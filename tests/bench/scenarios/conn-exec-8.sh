# shellcheck shell=sh disable=SC2034
about='connections to -k -e /bin/cat, 8 at once: connect, 16 bytes and back, close'
goal='1.2 x best peer, 0.95 x limit'
tools='sockcat ncat busybox toybox socat socat-nofork limit'
count=1000 of='connections' trial=20
figure='per_s=connections/s'
columns='us=us cpu_us=CPU_us'

once() {
	clients_of exec_servers "$1" "$2" -k -j 8 calls
}

verify() {
	once "$@"
}
