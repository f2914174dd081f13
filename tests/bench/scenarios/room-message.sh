# shellcheck shell=sh disable=SC2034
about='a line of 64 bytes from one client to all others in a room (--talk), from its send(2) to the last byte'
goal='10,000 in 30 ms, 0.9 x limit'
tools='sockcat limit'
count=10000 of='listeners' trial=300
figure='per_s=listeners/s'
columns='ms=ms cpu_ms=CPU_ms'

once() {
	clients_of talk_server "$1" "$(members "$2")" -k -t 100 room-message
}

verify() {
	once "$@"
}
