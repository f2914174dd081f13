# shellcheck shell=sh disable=SC2034
about='one byte to -e /bin/cat and back, and again'
goal='1.0 x best peer, 1.7 x ncat, 0.95 x limit'
tools='sockcat nc.traditional busybox toybox ncat socat socat-nofork limit'
count=100000 of='round trips' trial=100
figure='per_s=round_trips/s'
columns='us=us cpu_us=CPU_us'

once() {
	clients_of exec_server "$1" "$2" -p rounds
}

verify() {
	once "$@"
}
