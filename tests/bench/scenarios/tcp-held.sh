# shellcheck shell=sh disable=SC2034
about='pipe to TCP to pipe, the receiver'\''s stdin a silent pipe; from the start of the sender to the end of the receiver'
goal='1.0 x best peer, 0.95 x limit'
tools='sockcat nc.openbsd nc.traditional busybox toybox ncat socat limit'
bytes=268435456
figure='gbps=GB/s'
columns='seconds=seconds cpu=CPU_s/GB'

once() {
	held "$@"
}

verify() {
	held "$@" -c
}
