# shellcheck shell=sh disable=SC2034
about='pipe to TCP to /dev/null; from the start of the sender to the end of the receiver'
goal='1.6 x best peer, 0.95 x limit'
tools='sockcat nc.openbsd nc.traditional busybox toybox ncat socat socat-64k limit'
bytes=1073741824
figure='gbps=GB/s'
columns='cpu=CPU_s/GB tx_cpu=sender rx_cpu=receiver'

once() {
	stream tcp "$1" "$2" -o /dev/null
}

verify() {
	stream tcp "$1" "$2" -c
}
