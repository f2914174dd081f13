# shellcheck shell=sh disable=SC2034
about='pipe to TCP to pipe; the program that feeds the pipe writes 64 bytes at a time'
goal='1.1 x best peer, 0.95 x limit'
tools='sockcat nc.openbsd nc.traditional busybox toybox ncat socat socat-64k limit'
bytes=134217728 trial=4194311
figure='gbps=GB/s'
columns='cpu=CPU_s/GB tx_cpu=sender rx_cpu=receiver'

once() {
	stream tcp "$1" "$2" -w 64
}

verify() {
	stream tcp "$1" "$2" -w 64 -c
}
