# shellcheck shell=sh disable=SC2034
about='pipe to TCP to pipe over a link of 20 ms, buffers of TCP as the system has them'
goal='1.0 x best peer, 0.95 x limit'
tools='sockcat nc.openbsd nc.traditional busybox toybox ncat socat socat-64k limit'
bytes=268435456 needs=delay
figure='gbps=GB/s'
columns='seconds=seconds cpu=CPU_s/GB tx_cpu=sender rx_cpu=receiver'

once() {
	far 0 "$@"
}

verify() {
	far 0 "$@" -c
}
