#!/bin/sh
# The same bytes arrive, whatever carries them, and on systems that lack
# what carries them best.
#
# TORTURE=yes (make torture) adds transfers of TORTURE_BYTES (8 GiB).
. "$(dirname "$0")/movers.inc"

# long FROM TO MOVER SENTENCE LAUNCHER ...
long() {
	long_from=$1 long_to=$2 long_mover=$3 long_fault=$4
	shift 4
	long_source=make:$TORTURE_BYTES
	long_wanted=$long_sum
	if [ "$long_from" = file ]; then
		long_source=$work/sparse
		long_wanted=$sparse_sum
	fi
	transfer "$long_from" "$long_to" "$long_source" \
	    "--mover=$long_mover" "$@"
	same "$TORTURE_BYTES bytes, $long_from:$long_to, mover $long_mover, $long_fault: the same bytes" \
	    "$long_wanted"
	rm -f "$work/out"
}

has_room() {
	[ "$(df -Pk "$work" | awk 'NR == 2 { print $4 }')" -gt \
	    $((TORTURE_BYTES / 1024 + 1048576)) ]
}

# A stream, and a sparse file with something at its end: both longer than
# 2^32.
make_long_sources() {
	long_sum=$(feed "make:$TORTURE_BYTES" | digest)
	truncate -s "$((TORTURE_BYTES - 16777259))" "$work/sparse"
	cat "$source" >>"$work/sparse"
	sparse_sum=$(digest "$work/sparse")
}

test_more_than_4_GiB_arrive() {
	[ "${TORTURE:-}" = yes ] || return 0
	TORTURE_BYTES=${TORTURE_BYTES:-8589934592}
	FAULT_TIMEOUT=1800
	make_long_sources
	for mover in $movers; do
		for shape in pipe:pipe file:pipe pipe:file file:file; do
			if [ "${shape#*:}" = file ] && ! has_room; then
				skip "$shape: no room for $TORTURE_BYTES bytes"
				continue
			fi
			long "${shape%:*}" "${shape#*:}" "$mover" "no fault" env
			long "${shape%:*}" "${shape#*:}" "$mover" \
			    "splice fails midway" env \
			    LD_PRELOAD="$FAULTLINE_SO" \
			    FAULTLINE="splice_fail_at=1000"
		done
		long pipe pipe "$mover" "no splice" \
		    "$NOSCALL" splice=EINVAL,sendfile=EINVAL --
	done
}

# 16 MiB and an odd rest.
source_of 16777259

test_the_same_bytes_arrive() {
	every "no fault" env
	every "splice and sendfile give EINVAL" \
	    "$NOSCALL" splice=EINVAL,sendfile=EINVAL --
	every "no splice, sendfile, preadv2, pwritev2 in this system" \
	    "$NOSCALL" "splice=ENOSYS,sendfile=ENOSYS,preadv2=EOPNOTSUPP,pwritev2=EOPNOTSUPP" --
}

run_tests "$@"
