# shellcheck shell=sh disable=SC2034
about='pipe to TCP to /dev/null, both copying; the sender draws its progress, or makes digests'
goal='0.85 x the first row'
tools='sockcat sockcat-progress sockcat-crc32c sockcat-sha1 sockcat-sha256 sockcat-md5 sockcat-blake2b'
bytes=1073741824
figure='gbps=GB/s'
columns='cpu=CPU_s/GB tx_cpu=sender rx_cpu=receiver'

once() {
	copier="$SOCKCAT $SOCKCAT_FLAGS --mover copy"
	case $1 in
	sockcat)	how= ;;
	*-progress)	how=--progress=force ;;
	*)	how=--sum=${1#sockcat-} ;;
	esac
	shift
	# shellcheck disable=SC2086
	"$BENCH_BIN/measure" -b "$1" -o /dev/null \
	    $copier -l 127.0.0.1 '{port}' -- \
	    $copier $how -N 127.0.0.1 '{port}' 2>/dev/null
}

verify() {
	once "$@"
}
