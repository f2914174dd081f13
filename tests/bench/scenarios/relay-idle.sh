# shellcheck shell=sh disable=SC2034
about='memory of idle connections through a relay; fewer of those that need a process or six descriptors each'
goal='4 x socat'
tools='sockcat socat ncat haproxy proxyd limit'
count=10000 of='connections' trial=5
figure='per_mib=connections/MiB'
columns='kib=KiB/connection processes=processes/connection'

once() {
	idle=$(relay_room "$2")
	case $1 in
	socat | ncat)	idle=$((idle < 200 ? idle : 200)) ;;
	proxyd)		idle=$((idle / 4)) ;;
	esac
	clients_of relay_server "$1" "$idle" -k hold
}

verify() {
	once "$@"
}
