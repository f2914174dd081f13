# shellcheck shell=sh disable=SC2034
about='bulk through a relay, one way; feeding it and taking from it are free (vmsplice, MSG_TRUNC)'
goal='1.5 x socat, 1.0 x haproxy, 0.95 x limit'
tools='sockcat socat ncat haproxy proxyd limit'
bytes=1073741824
figure='gbps=GB/s'
columns='cpu_gb=CPU_s/GB rss=RSS_KiB'

once() {
	clients_of relay_one_server "$1" "$2" -k -t 60 through
}

verify() {
	clients_of relay_one_server "$1" "$2" -k -t 60 -c through
}
