#!/bin/sh
# A relay with many clients, bad clients and bad targets: each client has its
# own bytes and ends, nothing is left afterwards, and who waits costs nothing.
# timeout: 240
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_relay.sh"

# N rows of each kind that a crowd has. None can hold up another.
crowd()	# N
{
	for n in $(seq "$1"); do
		echo "$n trades | trade-fin:60000:50000 eof |" \
		    "trade-fin:50000:60000 eof"
		echo "$n asks | send:100 fin read:200000 eof |" \
		    "read:100 eof send:200000 fin"
		echo "$n is told | read:40000 eof fin | send:40000 fin eof"
		echo "$n resets | send:1000 hear:a rst | read:1000 tell:a reset"
		echo "$n is reset | read:1000 tell:a reset | send:1000 hear:a rst"
		echo "$n leaves | close | eof broken"
		echo "$n floods | flood | pending close"
		echo "$n is slow | slow:2 read:60000 eof close |" \
		    "send:60000 fin eof"
		echo "$n idles | quiet:300 tell:a eof | hear:a close"
		echo "$n hangs up on a flood | pending close | flood"
	done
}

idles()	# NAME
{
	same "what $1 does" "ticks 0 wakeups 0" \
	    "$("$TOOLS/wakeups" "$(pid_of "$1")")"
}

memory_of()	# NAME: its peak, in KiB
{
	sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' \
	    "/proc/$(pid_of "$1")/status"
}

test_two_hundred_of_all_kinds()
{
	relay --max-conns=300
	orders 1 1 >"$T/table"
	through
	# Of all that is there once, nothing is missing from now on.
	before=$(descriptors relay)
	crowd 20 >"$T/table"
	through -a -t 60
	descriptors_fall_to relay "$before"
	idles relay
	orders 1000 1000 >"$T/table"
	through
}

test_a_crowd_waits_for_its_turn()
{
	relay --max-conns=3
	crowd 2 >"$T/table"
	through -a -t 60
	same "stderr" "" "$(cat "$T/relay.err")"
}

# Two descriptors a client; who gets none waits in the kernel's queue.
test_few_descriptors_are_enough()
{
	BEHIND=$(new_port)
	free_port
	RELAY=$PORT
	launch relay sh -c 'ulimit -n 24; exec "$@"' - "$NC" -l -k \
	    --forward "127.0.0.1:$BEHIND" 127.0.0.1 "$PORT"
	for n in $(seq 60); do
		echo "$n | trade-fin:3000:5000 eof | trade-fin:5000:3000 eof"
	done >"$T/table"
	through -a -t 60
	waits relay
	orders 300000 300000 >"$T/table"
	through
}

test_who_waits_costs_nothing()
{
	relay
	{
		echo "idle | tell:A hear:Z rst | hear:Z end"
		echo "said something | trade:10:10 tell:B hear:Z rst |" \
		    "trade:10:10 hear:Z end"
		echo "ended | fin tell:C hear:Z rst | eof hear:Z rst"
		echo "was ended | eof tell:D hear:Z rst | fin hear:Z rst"
		echo "is not read | hear:Z rst | tell:E hear:Z rst"
		echo "seen | hear:A hear:B hear:C hear:D hear:E nap:6000 tell:Z" \
		    "close | eof"
	} >"$T/table"
	start ends sh -c 'exec "$1" -a -t 60 "$2" "$3" <"$4"' - \
	    "$TOOLS/relay_ends" "$RELAY" "$BEHIND" "$T/table"
	waitfor "linked:$BEHIND"
	idles relay
	finish ends
	same "the ends" "0 " "$RC $OUT"
}

test_a_target_that_never_reads_holds_up_no_one()
{
	relay
	{
		echo "stalls | send:40000000 fin eof |" \
		    "pending hear:Z read:40000000 eof fin"
		crowd 1
		echo "last | trade-fin:1000:1000 eof tell:Z |" \
		    "nap:500 trade-fin:1000:1000 eof"
	} >"$T/table"
	through -a -t 60
	between "KiB of memory" 1 40000 "$(memory_of relay)"
}

test_clients_that_reset_at_once_leave_nothing()
{
	relay
	orders 1 1 >"$T/table"
	through
	before=$(descriptors relay)
	serve accept recv-end accept recv-end "touch:$T/some" "await:$T/over"
	mv "$T/port" "$T/unused"
	for _ in 1 2 3 4 5 6 7 8; do
		"$TOOLS/peer" "connect:$RELAY" rst
	done
	descriptors_fall_to relay "$before"
	waits relay
	orders 1000 1000 >"$T/table"
	through
}

test_unreachable_targets_leave_nothing()
{
	relay
	"$TOOLS/peer" "connect:$RELAY" recv-end
	before=$(descriptors relay)
	for _ in 1 2 3 4 5 6 7 8; do
		"$TOOLS/peer" "connect:$RELAY" recv-end
	done
	same "lines" 9 "$(grep -c 'refused$' "$T/relay.err")"
	same "all lines" 9 "$(grep -c . "$T/relay.err")"
	descriptors_fall_to relay "$before"
	orders 1000 1000 >"$T/table"
	through
}

# --- one client, and what the program says in the end -------------------------

relay_one()	# [OPTION...]
{
	BEHIND=$(new_port)
	free_port
	RELAY=$PORT
	launch relay "$NC" -l "$@" --forward "127.0.0.1:$BEHIND" \
	    127.0.0.1 "$PORT"
}

test_the_exit_status_tells_how_it_went()
{
	either fine "send:70000 fin read:70000 eof" \
	    "read:70000 eof send:70000 fin" >"$T/all"
	either closes "trade:1000:1000 close" "trade:1000:1000 eof" >>"$T/all"
	while read -r row; do
		relay_one
		echo "$row" >"$T/table"
		through
		finish relay
		same "exit status of $row" "0 " "$RC $ERR"
	done <"$T/all"
	either resets "send:1000 hear:a rst" "read:1000 tell:a reset" >"$T/all"
	while read -r row; do
		relay_one
		echo "$row" >"$T/table"
		through
		finish relay
		same "exit status of $row" 1 "$RC"
		one_line "stderr of $row" "$ERR"
	done <"$T/all"
}

# --- what stood in its place ----------------------------------------------------

# mkfifo f; nc -l A <f | nc B >f: the same bytes, by one option, and all of them.
test_what_the_pipes_of_the_recipes_did()
{
	BEHIND=$(new_port)
	for way in recipe forward; do
		free_port
		RELAY=$PORT
		start behind "$TOOLS/peer" "listen-at:$BEHIND" accept \
		    recv-eof expect-fill:2000000 fill:3000000 close
		waitfor "tcp:$BEHIND"
		case $way in
		recipe)	rm -f "$T/f"
			mkfifo "$T/f"
			start relay sh -c '"$1" -N -l 127.0.0.1 "$2" <"$4" |
			    "$1" -N 127.0.0.1 "$3" >"$4"' - "$NC" "$PORT" \
			    "$BEHIND" "$T/f" ;;
		*)	start relay "$NC" -l --forward "127.0.0.1:$BEHIND" \
			    127.0.0.1 "$PORT" ;;
		esac
		waitfor "tcp:$PORT"
		run "$TOOLS/peer" "connect:$PORT" fill:2000000 fin recv-eof \
		    expect-fill:3000000 close
		same "client by $way, which said <$ERR>" 0 "$RC"
		finish behind
		same "target by $way, which said <$ERR>" 0 "$RC"
		finish relay
		same "exit status by $way" "0 " "$RC $ERR"
	done
}

run_tests "$@"
