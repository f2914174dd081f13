# shellcheck shell=sh disable=SC2034
about='UDP datagrams of 1400 bytes to a pipe'
goal='5 x best peer, 0.85 x limit'
tools='sockcat nc.openbsd nc.traditional toybox ncat socat limit'
count=1000000 of='datagrams' trial=500
figure='per_s=datagrams/s'
columns='loss=%_lost tx_us=sender_CPU_us rx_us=receiver_CPU_us'

once() {
	datagrams_by receive "$1" "$2" 1400
}

verify() {
	datagrams_by receive "$1" "$2" 1400 -c
}
