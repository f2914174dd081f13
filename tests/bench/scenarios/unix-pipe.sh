# shellcheck shell=sh disable=SC2034
about='pipe to Unix stream socket to pipe; the program that feeds the pipe copies (write)'
goal='5 x best peer, 0.95 x limit'
tools='sockcat nc.openbsd toybox ncat socat socat-64k limit'
bytes=1073741824
figure='gbps=GB/s'
columns='cpu=CPU_s/GB tx_cpu=sender rx_cpu=receiver tx_rss=RSS_KiB_sender rx_rss=RSS_KiB_receiver'

once() {
	stream unix "$1" "$2"
}

verify() {
	stream unix "$1" "$2" -c
}
