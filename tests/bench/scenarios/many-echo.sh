# shellcheck shell=sh disable=SC2034
about='memory of idle connections to a built-in echo'
goal='100 x best peer'
tools='sockcat socat limit'
count=2000 of='connections' trial=5
figure='per_mib=connections/MiB'
columns='kib=KiB/connection processes=processes/connection'

once() {
	clients_of echo_server "$1" "$2" -k hold
}

verify() {
	once "$@"
}
