# shellcheck shell=sh disable=SC2034
about='-z of all ports of this machine; none is open'
goal='1.1 x best peer, 0.9 x limit'
tools='sockcat nc.openbsd nc.traditional limit'
count=65535 of='ports' trial=100 needs=netns
figure='per_s=ports/s'
columns='us=us/port cpu_us=CPU_us/port rss=RSS_KiB'

once() {
	scan_of "$1" 127.0.0.1 "$2" 60 1
}

verify() {
	scan_finds "$1" "$2"
}
