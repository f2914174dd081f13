#!/bin/sh
# -z: does somebody listen?
. "$(dirname "$0")/lib.sh"

# Two open ports with a closed one before, between and behind: BASE is the
# first of five, the second and the fourth are open.
landscape()
{
	BASE=$("$TOOLS/freeport" -r 5)
	start o1 "$REAL/nc" -k -l 127.0.0.1 $((BASE + 1)) </dev/null
	start o2 "$REAL/nc" -k -l 127.0.0.1 $((BASE + 3)) </dev/null
	waitfor "tcp:$((BASE + 1))" "tcp:$((BASE + 3))"
}

# What -v says of a port.
words()	# closed|open PORT
{
	case $1 in
	closed)	echo "nc: connect to 127.0.0.1 port $2 (tcp) failed:\
 Connection refused" ;;
	open)	echo "Connection to 127.0.0.1 $2 port [tcp/*] succeeded!" ;;
	esac
}

need_real()
{
	[ -x "$REAL/nc" ] || { skip "no nc.openbsd to listen"; return 1; }
}

test_one_open_port_is_silent_success()
{
	over native nc real || return 0
	serve accept recv-end expect:
	run "$NC" -z 127.0.0.1 "$PORT" </dev/null
	same "exit status" 0 "$RC"
	same "stderr" "" "$ERR"
	same "stdout" "" "$OUT"
	peer_done
}

test_one_closed_port_is_failure()
{
	over native nc real || return 0
	run "$NC" -z 127.0.0.1 "$(closed_port)" </dev/null
	same "exit status" 1 "$RC"
	same "stdout" "" "$OUT"
	[ "$SUBJECT" = native ] || same "stderr" "" "$ERR"
}

test_stdin_is_left_alone()
{
	over native nc real || return 0
	serve accept recv-end expect:
	echo mine >"$T/in"
	run sh -c '"$1" -z 127.0.0.1 "$2"; cat' - "$NC" "$PORT" <"$T/in"
	same "what is left of stdin" mine "$OUT"
}

test_a_range_is_told_in_ascending_order()
{
	over nc real || return 0
	need_real || return 0
	landscape
	run "$NC" -z -v 127.0.0.1 "$BASE-$((BASE + 4))" </dev/null
	same "exit status" 0 "$RC"
	same "stderr" "$(words closed "$BASE"; words open $((BASE + 1))
	    words closed $((BASE + 2)); words open $((BASE + 3))
	    words closed $((BASE + 4)))" "$ERR"
	same "stdout" "" "$OUT"
}

test_a_range_from_high_to_low_is_turned_round()
{
	over nc real || return 0
	need_real || return 0
	landscape
	run "$NC" -z -v 127.0.0.1 "$((BASE + 1))-$BASE" </dev/null
	same "exit status" 0 "$RC"
	same "stderr" "$(words closed "$BASE"; words open $((BASE + 1)))" \
	    "$ERR"
}

test_a_list_is_told_in_its_order()
{
	over nc real || return 0
	need_real || return 0
	landscape
	run "$NC" -z -v 127.0.0.1 $((BASE + 3)) $((BASE + 2)) \
	    "$BASE-$((BASE + 1))" </dev/null
	same "exit status" 0 "$RC"
	same "stderr" "$(words open $((BASE + 3)); words closed $((BASE + 2))
	    words closed "$BASE"; words open $((BASE + 1)))" "$ERR"
}

test_any_open_port_is_success_and_none_is_failure()
{
	over native nc real || return 0
	need_real || return 0
	landscape
	run "$NC" -z 127.0.0.1 "$BASE-$((BASE + 4))" </dev/null
	same "exit status with open ones" 0 "$RC"
	run "$NC" -z 127.0.0.1 "$BASE" $((BASE + 2)) $((BASE + 4)) </dev/null
	same "exit status with none" 1 "$RC"
}

test_native_tells_of_open_ports_with_v_in_order()
{
	over native || return 0
	need_real || return 0
	landscape
	run "$NC" -z -v 127.0.0.1 "$BASE-$((BASE + 4))" </dev/null
	same "exit status" 0 "$RC"
	same "open ports" "$(echo $((BASE + 1)); echo $((BASE + 3)))" \
	    "$(echo "$ERR" | grep succeeded | grep -o ' [0-9]\{5\} ' |
	    tr -d ' ')"
}

test_service_names_are_ports()
{
	over nc real || return 0
	getent services discard/tcp >/dev/null ||
	    { skip "no service names"; return; }
	run "$NC" -z -v 127.0.0.1 discard daytime </dev/null
	same "exit status" 1 "$RC"
	same "stderr" "$(words closed 9; words closed 13)" "$ERR"
}

test_r_scans_the_same_ports_in_any_order()
{
	over nc real || return 0
	need_real || return 0
	landscape
	run "$NC" -r -z -v 127.0.0.1 "$BASE-$((BASE + 4))" </dev/null
	same "exit status" 0 "$RC"
	same "open ports" 2 "$(echo "$ERR" | grep -c succeeded)"
	same "closed ports" 3 "$(echo "$ERR" | grep -c refused)"
}

test_a_thousand_closed_ports_take_no_time()
{
	over native nc real || return 0
	timed "$NC" -z 127.0.0.1 1-1000 </dev/null
	lacks "exit status" "$RC" hang
	between "milliseconds" 0 2000 "$MS"
}

test_an_open_udp_port_is_success()
{
	over native nc real || return 0
	serve_udp "await:$T/over"
	run "$NC" -u -z 127.0.0.1 "$PORT" </dev/null
	same "exit status" 0 "$RC"
	same "stdout" "" "$OUT"
	touch "$T/over"
}

test_a_closed_udp_port_with_v_is_failure()
{
	over native nc real || return 0
	run "$NC" -u -z -v 127.0.0.1 "$(closed_port)" </dev/null
	same "exit status" 1 "$RC"
	lacks "stderr" "$ERR" "succeeded"
}

test_traditional_scans_from_high_to_low_and_shows_open_ports()
{
	over traditional real-traditional || return 0
	need_real || return 0
	landscape
	run "$NC" -n -z -v 127.0.0.1 "$BASE-$((BASE + 4))" </dev/null
	same "exit status" 0 "$RC"
	same "stderr" "$(printf '(UNKNOWN) [127.0.0.1] %s (?) open\n' \
	    $((BASE + 3)) $((BASE + 1)))" "$ERR"
}

run_tests "$@"
