# shellcheck shell=sh disable=SC2034
about='pipe to TLS, as a client; the limit program receives'
goal='1.2 x best peer, 0.9 x limit'
tools='sockcat ncat socat socat-64k openssl stunnel limit'
bytes=536870912
needs=tls
figure='gbps=GB/s'
columns='tx_cpu=CPU_s/GB tx_rss=RSS_KiB'

once() {
	tls_one send "$1" "$2"
}

verify() {
	tls_one send "$1" "$2" -c
}
