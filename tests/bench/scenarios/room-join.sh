# shellcheck shell=sh disable=SC2034
about='clients that join a room (--talk), each of which gets a line about every one that comes later'
goal='10,000 in 2 s of CPU'
tools='sockcat limit'
count=10000 of='clients' trial=300
figure='per_cpu_s=joins/CPU_s'
columns='cpu_s=CPU_s seconds=seconds kib=KiB/member'

once() {
	clients_of talk_server "$1" "$(members "$2")" -k -t 100 room-join
}

verify() {
	once "$@"
}
