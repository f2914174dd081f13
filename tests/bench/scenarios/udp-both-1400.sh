# shellcheck shell=sh disable=SC2034
about='blocks of 1400 bytes from a pipe to UDP to a pipe'
goal='1.8 x best peer, 0.9 x limit, no loss'
tools='sockcat nc.openbsd nc.traditional toybox ncat socat limit'
count=300000 of='datagrams' trial=500
figure='per_s=datagrams/s'
columns='loss=%_lost tx_us=sender_CPU_us rx_us=receiver_CPU_us'

once() {
	datagrams_by both "$1" "$2" 1400
}

verify() {
	datagrams_by both "$1" "$2" 1400 -c
}
