# shellcheck shell=sh disable=SC2034
about='-z -w 1 of ports that do not answer; peers, who ask one by one, are given 5 of them'
goal='100 x best peer, 0.9 x limit'
tools='sockcat nc.openbsd nc.traditional limit'
count=1000 of='ports' trial=100 needs=hole
figure='per_s=ports/s'
columns='us=us/port cpu_us=CPU_us/port rss=RSS_KiB'

once() {
	case $1 in
	sockcat | limit) scan_of "$1" "$HOLE" "$2" 1 1 ;;
	*)	scan_of "$1" "$HOLE" "$(($2 < 5 ? $2 : 5))" 1 1 ;;
	esac
}

verify() {
	scan_finds "$1" "$2"
}
