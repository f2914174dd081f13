# shellcheck shell=sh disable=SC2034
about='TLS to pipe, as a server; the limit program sends'
goal='1.2 x best peer, 0.9 x limit'
tools='sockcat ncat socat socat-64k openssl stunnel limit'
bytes=536870912
needs=tls
figure='gbps=GB/s'
columns='rx_cpu=CPU_s/GB rx_rss=RSS_KiB'

once() {
	tls_one recv "$1" "$2"
}

verify() {
	tls_one recv "$1" "$2" -c
}
