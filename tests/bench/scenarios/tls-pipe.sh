# shellcheck shell=sh disable=SC2034
about='pipe to TLS to pipe, the same program at both ends'
goal='1.2 x best peer, 0.9 x limit'
tools='sockcat ncat socat socat-64k openssl stunnel limit'
bytes=536870912
needs=tls
figure='gbps=GB/s'
columns='cpu=CPU_s/GB tx_cpu=sender rx_cpu=receiver tx_rss=RSS_KiB_sender rx_rss=RSS_KiB_receiver'

once() {
	stream tls "$1" "$2"
}

verify() {
	stream tls "$1" "$2" -c
}
