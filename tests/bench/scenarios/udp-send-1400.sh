# shellcheck shell=sh disable=SC2034
about='blocks of 1400 bytes from a pipe to UDP'
goal='1.4 x best peer, 0.95 x limit'
tools='sockcat nc.openbsd nc.traditional toybox ncat socat limit'
count=300000 of='datagrams' trial=500
figure='per_s=datagrams/s'
columns='loss=%_lost tx_us=sender_CPU_us rx_us=receiver_CPU_us'

once() {
	datagrams_by send "$1" "$2" 1400
}

verify() {
	datagrams_by send "$1" "$2" 1400 -c
}
