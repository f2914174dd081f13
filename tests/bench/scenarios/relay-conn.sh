# shellcheck shell=sh disable=SC2034
about='connections through a relay to an echo, one at a time: connect, 16 bytes and back, close'
goal='5 x socat, 1.0 x haproxy, 0.95 x limit'
tools='sockcat socat ncat haproxy proxyd limit'
count=5000 of='connections' trial=20
figure='per_s=connections/s'
columns='us=us cpu_us=CPU_us'

once() {
	# At 10 to 100 ms each, fewer of ncat tell as much.
	case $1 in
	ncat)	clients_of relay_server "$1" $(($2 / 50)) -k -j 1 calls ;;
	*)	clients_of relay_server "$1" "$2" -k -j 1 calls ;;
	esac
}

verify() {
	clients_of relay_server "$1" "$2" -k -j 1 calls
}
