# shellcheck shell=sh disable=SC2034
about='memory of idle connections to -k -e /bin/cat'
goal='1.0 x best peer, 1.0 x limit'
tools='sockcat ncat busybox toybox socat socat-nofork limit'
count=200 of='connections' trial=5
figure='per_mib=connections/MiB'
columns='kib=KiB/connection processes=processes/connection'

once() {
	clients_of exec_servers "$1" "$2" -k hold
}

verify() {
	once "$@"
}
