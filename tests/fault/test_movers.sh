[ "${TORTURE:-}" != yes ] || TORTURE_BYTES=${TORTURE_BYTES:-8589934592}
[ -z "${TORTURE_BYTES:-}" ] || torture#!/bin/sh
# The same bytes arrive, whatever carries them and however it fails.
#
# TORTURE=yes (make torture) adds transfers of TORTURE_BYTES (8 GiB).
# shellcheck source=tests/fault/lib.sh disable=SC1091
. "$(dirname "$0")/lib.sh"

PORT=$(tool port)
PRODUCE=$(tool produce)
NOSCALL=$(tool noscall)
FAULTLINE_SO=$(tool faultline.so)

BIG=16777259		# 16 MiB and an odd rest
SMALL=65539		# for the world where one byte moves at a time

random_file "$work/big" "$BIG"
random_file "$work/small" "$SMALL"
big_sum=$(digest "$work/big")
small_sum=$(digest "$work/small")

movers='auto copy splice sendfile'
pollers='epoll poll'

# every SENTENCE SIZE LAUNCHER ...: all shapes, movers and pollers.
every() {
	every_fault=$1 every_size=$2
	shift 2
	eval "every_sum=\$${every_size}_sum"
	for shape in pipe:pipe file:file pipe:file file:pipe pipe:append; do
		for mover in $movers; do
			for poller in $pollers; do
				transfer "${shape%:*}" "${shape#*:}" \
				    "$work/$every_size" \
				    "--mover=$mover --poller=$poller" "$@"
				same "$shape, mover $mover, $poller, $every_fault: the same bytes" \
				    "$every_sum"
			done
		done
	done
}

# faulty SENTENCE SIZE FAULTS: the same, with faultline in front.
faulty() {
	every "$1" "$2" env LD_PRELOAD="$FAULTLINE_SO" \
	    FAULTLINE="$3,census=$work/census"
}

# How often NAME was called (field 2) or disturbed (field 3) so far.
census() {
	awk -v name="$1" -v field="$2" \
	    '$1 == name { n += $field } END { print n + 0 }' "$work/census"
}

# The faults below prove nothing if they do not come through.
can_preload() {
	: >"$work/census"
	transfer pipe pipe "$work/small" '' env LD_PRELOAD="$FAULTLINE_SO" \
	    FAULTLINE="one=1,census=$work/census"
	[ -s "$work/census" ]
}

test_movers_are_used() {
	for mover in copy splice sendfile; do
		: >"$work/census"
		transfer file pipe "$work/big" "--mover=$mover" \
		    env LD_PRELOAD="$FAULTLINE_SO" \
		    FAULTLINE="census=$work/census"
		splices=$(census splice 2) sendfiles=$(census sendfile 2)
		case $mover:$((splices > 0)):$((sendfiles > 0)) in
		copy:0:0 | splice:1:0 | sendfile:?:1)
			ok "mover $mover is the one that is used" ;;
		*)	bad "mover $mover is the one that is used" \
			    "splice $splices, sendfile $sendfiles calls" ;;
		esac
	done
}

test_faults_bite() {
	: >"$work/census"
	transfer pipe pipe "$work/big" '--mover=splice' \
	    env LD_PRELOAD="$FAULTLINE_SO" \
	    FAULTLINE="splice_fail_at=3,census=$work/census"
	if [ "$(census splice 3)" -ge 1 ]; then
		ok "splice is made to fail midway"
	else
		bad "splice is made to fail midway" "$(cat "$work/census")"
	fi
}

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

# A sparse file that is longer than 2^32, with something at its end.
make_long_sources() {
	long_sum=$(feed "make:$TORTURE_BYTES" | digest)
	truncate -s "$((TORTURE_BYTES - BIG))" "$work/sparse"
	cat "$work/big" >>"$work/sparse"
	sparse_sum=$(digest "$work/sparse")
}

torture() {
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

every "no fault" big env
every "splice and sendfile give EINVAL" big \
    "$NOSCALL" splice=EINVAL,sendfile=EINVAL --
every "no splice, sendfile, preadv2, pwritev2, epoll in this system" big \
    "$NOSCALL" "splice=ENOSYS,sendfile=ENOSYS,preadv2=EOPNOTSUPP,pwritev2=EOPNOTSUPP,epoll_create1=ENOSYS" --

if can_preload; then
	test_movers_are_used
	test_faults_bite
	faulty "splice fails at the first call" big splice_fail_at=1
	faulty "splice fails at the 2nd call" big splice_fail_at=2
	faulty "splice fails midway, once" big splice_fail_at=7
	faulty "splice fails midway, for good" big splice_fail_from=12,errno=ENOSYS
	faulty "one byte at a time" small one=1
	for seed in 1 2 3; do
		faulty "short counts, EINTR, EAGAIN, seed $seed" big \
		    "seed=$seed,short=30,eintr=5,eagain=5"
	done
else
	skip "faults in front of the C library: the program is static"
fi

[ -z "${TORTURE_BYTES:-}" ] || torture
end
