#!/bin/sh
# The same bytes arrive when every call does only what it must.
# timeout: 600
. "$(dirname "$0")/movers.inc"

test_movers_are_used() {
	for mover in copy splice sendfile; do
		one_faulty file pipe "--mover=$mover" seed=1
		splices=$(census splice 2) sendfiles=$(census sendfile 2)
		case $mover:$((splices > 0)):$((sendfiles > 0)) in
		copy:0:0 | splice:1:0 | sendfile:?:1)
			ok "mover $mover is the one that is used" ;;
		*)	bad "mover $mover is the one that is used" \
			    "splice $splices, sendfile $sendfiles calls" ;;
		esac
	done
	one_faulty pipe pipe '' seed=1
	[ "$(census splice 2)" -gt 0 ]
	judge $? "pipes are spliced if nothing else is asked for" \
	    "$(cat "$work/census")"
}

test_faults_bite() {
	one_faulty pipe pipe --mover=splice splice_fail_at=3
	[ "$(census splice 3)" -ge 1 ]
	judge $? "splice is made to fail midway" "$(cat "$work/census")"
}

test_the_same_bytes_arrive() {
	for k in 1 2 3 7; do
		faulty "splice fails at call $k" "splice_fail_at=$k"
	done
	faulty "splice fails midway for good" splice_fail_from=5,errno=ENOSYS
	for seed in 1 2 3; do
		faulty "short counts, EINTR, EAGAIN, seed $seed" \
		    "seed=$seed,short=30,eintr=5,eagain=5"
	done
	source_of 16411
	faulty "one byte at a time" one=1
	faulty "one byte at a time, EINTR, EAGAIN" one=1,eintr=20,eagain=20
}

# 4 MiB and an odd rest.
source_of 4194321
one_faulty pipe pipe '' seed=1
if [ ! -s "$work/census" ]; then
	skip "faults in front of the C library: the program is static"
	end
fi
run_tests "$@"
