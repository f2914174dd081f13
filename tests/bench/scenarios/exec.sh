# shellcheck shell=sh disable=SC2034
about='bulk through -e /bin/cat and back; feeding it is free (vmsplice)'
goal='1.0 x best peer, 0.95 x limit'
tools='sockcat nc.traditional busybox toybox socat-64k socat-nofork limit'
bytes=268435456
figure='gbps=GB/s'
columns='cpu_gb=CPU_s/GB rss=RSS_KiB'

once() {
	clients_of exec_server "$1" "$2" -t 20 bulk
}

verify() {
	clients_of exec_server "$1" "$2" -t 20 -c bulk
}
