# shellcheck shell=sh disable=SC2034
about='pipe to TCP to pipe; feeding the pipe is free (vmsplice), so that the tool alone costs'
goal='5 x best peer, 0.9 x limit'
tools='sockcat nc.openbsd nc.traditional busybox toybox ncat socat socat-64k limit'
bytes=1073741824
figure='gbps=GB/s'
columns='cpu=CPU_s/GB tx_cpu=sender rx_cpu=receiver tx_rss=RSS_KiB_sender rx_rss=RSS_KiB_receiver'

once() {
	stream tcp "$1" "$2" -f
}

verify() {
	stream tcp "$1" "$2" -c
}
