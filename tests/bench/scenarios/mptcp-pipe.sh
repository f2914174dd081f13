# shellcheck shell=sh disable=SC2034
about='pipe to multipath TCP to pipe'
goal='1.0 x the better mover, 0.95 x limit'
tools='sockcat sockcat-copy sockcat-splice limit'
bytes=1073741824 needs=mptcp
figure='gbps=GB/s'
columns='cpu=CPU_s/GB tx_cpu=sender rx_cpu=receiver'

once() {
	multipath "$@"
}

verify() {
	multipath "$@" -c
}
