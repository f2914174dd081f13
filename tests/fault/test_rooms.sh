#!/bin/sh
# Rooms with many in them, of whom some sleep and some come and go. TORTURE=yes
# (make torture) makes them as large as they may be.
. "$(dirname "$0")/lib.sh"

pid=
chat_load=$TOOLS/chat_load
if [ "${TORTURE:-no}" = yes ]; then
	stayers=990 passers=1000 sleepers=5
else
	stayers=100 passers=100 sleepers=2
fi
ulimit -n 4096 2>/dev/null || stayers=100

# room OPTION...: in the background; sets port and pid.
room() {
	port=$(new_port)
	"$SOCKCAT" -l --talk "$@" 127.0.0.1 "$port" </dev/null \
	    >"$work/shown" 2>"$work/err" &
	pid=$!
	listens "$port" $pid ||
	    bad "a room is opened" "$(cat "$work/err")"
}
tearDown() { [ -z "$pid" ] || kill -9 $pid 2>/dev/null; }

peak() {
	sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid/status"
}

test_a_room_has_many_members() {
	what="$stayers in a room, $passers that come and go"
	room --max-conns 1100
	before=$(peak)
	said=$(timeout "$FAULT_TIMEOUT" "$chat_load" "$port" "$stayers" 1 \
	    "$passers" "$sleepers" 2>&1)
	judge $? "$what: each stayer gets each line once" "$said"
	after=$(peak)
	[ "${SANITIZED:-no}" = yes ] ||
	    [ $((after - before)) -lt $((2048 + stayers * 8)) ]
	judge $? "$what: memory is the ring's, and little for each" \
	    "$before, then $after KiB"
	kill $pid
	wait $pid
	[ $? = 143 ] || bad "$what: it ends by the signal" "$(cat "$work/err")"
	pid=
}

run_tests "$@"
