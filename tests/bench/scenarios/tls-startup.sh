# shellcheck shell=sh disable=SC2034
about='from the start of a TLS client until its first byte has come'
goal='1.0 x best peer, 0.9 x limit'
tools='sockcat ncat socat openssl stunnel limit'
count=100 of='starts' trial=2
needs=tls
figure='per_s=starts/s'
columns='us=us cpu_us=CPU_us rss=RSS_KiB'

once() {
	tls_clients_of starts "$1" "$2" -p
}

verify() {
	once "$@"
}
