# shellcheck shell=sh disable=SC2034
about='lines of 64 bytes, each sent alone, through a broker, from one client to 9 others'
goal='1.0 x best peer, 0.8 x its CPU'
tools='sockcat ncat'
count=300000 of='lines' trial=50000
figure='per_s=lines_delivered/s'
columns='seconds=seconds cpu_us=CPU_us/line_sent rss=RSS_KiB'

once() {
	clients_of broker_server "$1" "$2" -k -t 20 -j 9 fanout-small
}

verify() {
	once "$@"
}
