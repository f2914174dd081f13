# shellcheck shell=sh disable=SC2034
about='TLS connections to a listener that writes to its stdout, one at a time: full handshake, 16 bytes, the end'
goal='1.0 x best peer, 0.9 x limit'
tools='sockcat ncat socat openssl stunnel limit'
count=1000 of='connections' trial=20
needs=tls
figure='per_s=connections/s'
columns='us=us cpu_us=CPU_us rss=RSS_KiB'

once() {
	tls_clients_of sinks "$1" "$2"
}

verify() {
	once "$@"
}
