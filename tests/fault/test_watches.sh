#!/bin/sh
# A kernel that watches no more descriptors for anybody (epoll_ctl(2): ENOSPC,
# ENOMEM): what is not watched is looked after now and then. Bytes arrive,
# and nobody spins.
. "$(dirname "$0")/lib.sh"


if ! preloads; then
	skip "the program is static"
	end
fi

# passes REASON OPTION...: 4 MiB each way, and an echo that waits.
passes() {
	reason=$1
	shift
	port=$(new_port)
	REFUSE="epoll_ctl:1:$reason" LD_PRELOAD=$REFUSE_SO timeout 60 \
	    "$SOCKCAT" "$@" -l 127.0.0.1 "$port" <"$work/in" >"$work/out" \
	    2>"$work/err" &
	pid=$!
	listens "$port" "$pid" ||
	    bad "it listens ($reason $*)" "$(cat "$work/err")"
	# timeout(1) is the parent of the one that is looked at.
	child=$(cat "/proc/$pid/task/$pid/children")
	busy=$("$TOOLS/wakeups" "${child% }")
	timeout "$FAULT_TIMEOUT" "$SOCKCAT" -N 127.0.0.1 "$port" \
	    <"$work/in" >"$work/back"
	wait "$pid"
	rc=$?
	[ $rc = 0 ] && cmp -s "$work/in" "$work/back" &&
	    { [ $# -gt 1 ] || cmp -s "$work/in" "$work/out"; }
	judge $? "all bytes arrive ($reason $*)" "status $rc" \
	    "$(cat "$work/err")"
	ticks=${busy#ticks } ticks=${ticks%% *} wakeups=${busy##* }
	[ "$ticks" -le 10 ] && [ "$wakeups" -le 200 ]
	judge $? "nobody spins meanwhile ($reason $*)" "$busy"
}

test_bytes_arrive_and_nobody_spins() {
	random_file "$work/in" 4194304
	for reason in ENOSPC ENOMEM; do
		passes "$reason"
		passes "$reason" --mover=copy
		passes "$reason" --echo --idle-timeout 1h
		# The pipe to a command is watched for its death alone, at first.
		passes "$reason" --session-timeout 1h -c "exec cat"
	done
}

run_tests "$@"
