# shellcheck shell=sh disable=SC2034
about='memory of idle TLS connections to an echo'
goal='2 x socat'
tools='sockcat ncat socat stunnel limit'
count=1000 of='connections' trial=5
needs=tls
figure='per_mib=connections/MiB'
columns='kib=KiB/connection processes=processes/connection'

once() {
	tls_clients_of hold "$1" "$2"
}

verify() {
	once "$@"
}
