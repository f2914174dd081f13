# shellcheck shell=sh disable=SC2034
about='blocks of 65507 bytes from a pipe to UDP to a pipe'
goal='1.8 x best peer, 0.9 x limit, at most 3 % lost'
tools='sockcat nc.openbsd nc.traditional toybox ncat socat limit'
count=30000 of='datagrams' trial=200
figure='per_s=datagrams/s'
columns='loss=%_lost tx_us=sender_CPU_us rx_us=receiver_CPU_us'

once() {
	datagrams_by both "$1" "$2" 65507
}

verify() {
	datagrams_by both "$1" "$2" 65507 -c
}
