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
	run_gives 0 "$NC" -z 127.0.0.1 "$PORT" </dev/null
	same "stderr" "" "$ERR"
	same "stdout" "" "$OUT"
	peer_done
}

test_one_closed_port_is_failure()
{
	over native nc real || return 0
	run_gives 1 "$NC" -z 127.0.0.1 "$(closed_port)" </dev/null
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
	run_gives 0 "$NC" -z -v 127.0.0.1 "$BASE-$((BASE + 4))" </dev/null
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
	run_gives 0 "$NC" -z -v 127.0.0.1 "$((BASE + 1))-$BASE" </dev/null
	same "stderr" "$(words closed "$BASE"; words open $((BASE + 1)))" \
	    "$ERR"
}

test_a_list_is_told_in_its_order()
{
	over nc real || return 0
	need_real || return 0
	landscape
	run_gives 0 "$NC" -z -v 127.0.0.1 $((BASE + 3)) $((BASE + 2)) \
	    "$BASE-$((BASE + 1))" </dev/null
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
	need_real || return 0
	landscape
	run_gives 0 "$NC" -z -v 127.0.0.1 "$BASE-$((BASE + 4))" </dev/null
	same "open ports" "$(echo $((BASE + 1)); echo $((BASE + 3)))" \
	    "$(echo "$ERR" | grep succeeded | grep -o ' [0-9]\{5\} ' |
	    tr -d ' ')"
}

test_service_names_are_ports()
{
	over nc real || return 0
	getent services discard/tcp >/dev/null ||
	    { skip "no service names"; return; }
	run_gives 1 "$NC" -z -v 127.0.0.1 discard daytime </dev/null
	same "stderr" "$(words closed 9; words closed 13)" "$ERR"
}

test_r_scans_the_same_ports_in_any_order()
{
	over nc real || return 0
	need_real || return 0
	landscape
	run_gives 0 "$NC" -r -z -v 127.0.0.1 "$BASE-$((BASE + 4))" </dev/null
	same "open ports" 2 "$(echo "$ERR" | grep -c succeeded)"
	same "closed ports" 3 "$(echo "$ERR" | grep -c refused)"
}

test_a_thousand_closed_ports_take_no_time()
{
	over native nc real || return 0
	soon 2000 timed "$NC" -z 127.0.0.1 1-1000 </dev/null
	lacks "exit status" "$RC" hang
}

test_an_open_udp_port_is_success()
{
	over nc real || return 0
	serve_udp "await:$T/over"
	run_gives 0 "$NC" -u -z 127.0.0.1 "$PORT" </dev/null
	same "stdout" "" "$OUT"
	touch "$T/over"
}

test_a_udp_probe_ends_no_listening_netcat()
{
	over native nc || return 0
	command -v nc.openbsd >/dev/null || { skip "no nc.openbsd"; return; }
	free_port
	launch_udp listener nc.openbsd -u -l -w 20 127.0.0.1 "$PORT" </dev/null
	run "$NC" -u -z -v -w 1 127.0.0.1 "$PORT" </dev/null
	holds "what came of it" "$ERR" "127.0.0.1"
	lacks "what came of it" "$ERR" "refused"
	waits listener
}

test_a_closed_udp_port_with_v_is_failure()
{
	over native nc real || return 0
	run_gives 1 "$NC" -u -z -v 127.0.0.1 "$(closed_port)" </dev/null
	lacks "stderr" "$ERR" "succeeded"
}

test_traditional_scans_from_high_to_low_and_shows_open_ports()
{
	over traditional real-traditional || return 0
	need_real || return 0
	landscape
	run_gives 0 "$NC" -n -z -v 127.0.0.1 "$BASE-$((BASE + 4))" </dev/null
	same "stderr" "$(printf '(UNKNOWN) [127.0.0.1] %s (?) open\n' \
	    $((BASE + 3)) $((BASE + 1)))" "$ERR"
}


# A port that does not answer: its listener's backlog is full. DEAF is it.
deaf()	# NAME
{
	start "$1" "$TOOLS/peer" "listen:$T/$1.port" deadline-ms:60000 clog \
	    "touch:$T/$1.ready" "await:$T/$1.over"
	waitfor "file:$T/$1.ready" || { skip "no port is silent"; return 1; }
	DEAF=$(cat "$T/$1.port")
}

timed_out()	# PORT
{
	echo "nc: connect to 127.0.0.1 port $1 (tcp) timed out:\
 Operation now in progress"
}

test_silent_ports_cost_one_timeout_together_and_keep_their_place()
{
	over nc || return 0
	need_real || return 0
	landscape
	deaf d1 || return 0
	first=$DEAF
	deaf d2 || return 0
	timed "$NC" -z -v -w 4 127.0.0.1 "$BASE" "$first" $((BASE + 1)) \
	    "$DEAF" $((BASE + 2)) $((BASE + 3)) </dev/null
	same "exit status" 0 "$RC"
	same "stderr" "$(words closed "$BASE"; timed_out "$first"
	    words open $((BASE + 1)); timed_out "$DEAF"
	    words closed $((BASE + 2)); words open $((BASE + 3)))" "$ERR"
	between "milliseconds" 4000 7900 "$MS"
}

test_what_is_known_is_told_before_the_rest()
{
	deaf d1 || return 0
	closed=$(closed_port)
	start scan "$NC" -z -v 127.0.0.1 "$closed" "$DEAF" </dev/null
	true_that "the closed one is told" waitfor \
	    "text:$T/scan.err:port $closed (tcp) failed: Connection refused"
	waits scan
	lacks "stderr" "$(cat "$T/scan.err")" "$DEAF"
}

test_max_inflight_1_asks_one_after_the_other()
{
	need_real || return 0
	landscape
	deaf d1 || return 0
	first=$DEAF
	deaf d2 || return 0
	timed "$NC" -z -v -w 300ms --max-inflight=1 127.0.0.1 "$first" \
	    "$BASE-$((BASE + 4))" "$DEAF" </dev/null
	same "exit status" 0 "$RC"
	same "ports in their order" "$(echo "$first"
	    seq "$BASE" $((BASE + 4)); echo "$DEAF")" "$(ports_told)"
	at_least "milliseconds" 600 "$MS"
}

# The ports that were told of, in that order.
ports_told()
{
	echo "$ERR" | sed -n 's/.* port \([0-9]*\) (.*/\1/p
	    s/^Connection to [^ ]* \([0-9]*\) port .*/\1/p'
}

test_few_descriptors_make_it_wait_and_fail_no_port()
{
	over native nc real || return 0
	run sh -c 'ulimit -n 16; exec "$@"' - "$NC" -z -v 127.0.0.1 1-400 \
	    </dev/null
	lacks "exit status" "$RC" hang
	same "ports" "$(seq 1 400)" "$(ports_told)"
	# Somebody else may be there.
	same "other lines" 0 "$(echo "$ERR" |
	    grep -vc "Connection refused\|succeeded")"
}

test_native_is_silent_without_v()
{
	run "$NC" -z 127.0.0.1 "$(closed_port)" "$(closed_port)" </dev/null
	same "exit status" 1 "$RC"
	same "stderr" "" "$ERR"
	run "$NC" -z no-such-host.invalid 1-9 </dev/null
	same "exit status without a name" 1 "$RC"
	one_line "stderr without a name" "$ERR"
}

test_what_fails_at_our_end_is_told_once()
{
	over native nc real || return 0
	run "$NC" -z -s ::1 -4 127.0.0.1 1-99 </dev/null
	fails_with_one_line 1
	run "$NC" -z -s 127.0.0.1 -p 1-2 127.0.0.1 1-99 </dev/null
	same "exit status with a bad port" 1 "$RC"
	one_line "stderr with a bad port" "$ERR"
}

test_i_pauses_natively_but_not_as_nc()
{
	over native nc real || return 0
	closed=$("$TOOLS/freeport" -r 3)
	case $SUBJECT in
	native)	pause=1 ;;
	*)	pause=60 ;;
	esac
	timed "$NC" -z -i $pause 127.0.0.1 "$closed" $((closed + 1)) \
	    </dev/null
	same "exit status" 1 "$RC"
	[ $pause != 1 ] || at_least "milliseconds" 1000 "$MS"
}

test_traditional_pauses_with_i()
{
	over traditional real-traditional || return 0
	closed=$("$TOOLS/freeport" -r 3)
	timed "$NC" -n -z -i 1 127.0.0.1 "$closed-$((closed + 1))" </dev/null
	same "exit status" 0 "$RC"
	at_least "milliseconds" 1000 "$MS"
}

test_traditional_is_silent_without_v()
{
	over traditional real-traditional || return 0
	closed=$("$TOOLS/freeport" -r 3)
	run "$NC" -n -z 127.0.0.1 "$closed" </dev/null
	same "exit status of one" 1 "$RC"
	same "stderr of one" "" "$ERR"
	run "$NC" -n -z 127.0.0.1 "$closed" $((closed + 1)) </dev/null
	same "exit status of two" 0 "$RC"
	same "stderr of two" "" "$ERR"
	run "$NC" -n -z -vv 127.0.0.1 "$closed-$((closed + 1))" </dev/null
	same "stderr with -vv" "$(printf \
	    '(UNKNOWN) [127.0.0.1] %s (?) : Connection refused\n' \
	    $((closed + 1)) "$closed"; echo " sent 0, rcvd 0")" "$ERR"
}

test_ncat_asks_one_port_in_silence()
{
	over ncat real-ncat || return 0
	serve accept recv-end
	run "$NC" -z 127.0.0.1 "$PORT" </dev/null
	same "exit status of an open one" 0 "$RC"
	peer_done
	run "$NC" -z 127.0.0.1 "$(closed_port)" </dev/null
	same "exit status of a closed one" 1 "$RC"
	same "stderr of a closed one" "" "$ERR"
	run "$NC" -z 127.0.0.1 1-2 </dev/null
	same "exit status of a range" 2 "$RC"
	run "$NC" -u -z -v 127.0.0.1 "$(closed_port)" </dev/null
	same "exit status of a closed UDP port" 1 "$RC"
	holds "stderr of a closed UDP port" "$ERR" "Ncat: Connected to "
	holds "stderr of a closed UDP port" "$ERR" "Ncat: Connection refused."
}

test_a_udp_port_is_open_or_closed_or_silent()
{
	serve_udp recv-dgram send: "await:$T/over"
	run "$NC" -u -z -v 127.0.0.1 "$PORT" </dev/null
	same "exit status of an open one" 0 "$RC"
	same "stderr of an open one" "Connection to 127.0.0.1 P port \
[udp/*] succeeded!" "$ERR"
	run "$NC" -u -z -v -w 300ms 127.0.0.1 "$PORT" </dev/null
	same "exit status of a silent one" 2 "$RC"
	same "stderr of a silent one" \
	    "sockcat: no answer from 127.0.0.1 port P (udp)" "$ERR"
	touch "$T/over"
	peer_done
	run "$NC" -u -z -v 127.0.0.1 "$(closed_port)" </dev/null
	same "exit status of a closed one" 1 "$RC"
	holds "stderr of a closed one" "$ERR" "Connection refused"
}

test_nc_without_v_sends_no_datagram_and_is_content()
{
	over nc real || return 0
	serve_udp quiet-ms:300
	run_gives 0 "$NC" -u -z 127.0.0.1 "$PORT" "$(closed_port)" </dev/null
	same "stderr" "" "$ERR"
	peer_done
}

test_the_last_udp_port_decides_for_nc()
{
	over nc real || return 0
	serve_udp "await:$T/over"
	closed=$(closed_port)
	run "$NC" -u -z -v -w 1 127.0.0.1 "$closed" "$PORT" </dev/null
	same "exit status with a silent one behind" 0 "$RC"
	same "stderr" "Connection to 127.0.0.1 P port [udp/*] succeeded!" \
	    "$ERR"
	run "$NC" -u -z -v -w 1 127.0.0.1 "$PORT" "$closed" </dev/null
	same "exit status with a closed one behind" 1 "$RC"
	touch "$T/over"
}

test_silent_udp_ports_are_waited_for_together()
{
	over nc traditional || return 0
	free_port
	start udp "$TOOLS/peer" "udp-bind:$T/a" "await:$T/over"
	start udp2 "$TOOLS/peer" "udp-bind:$T/b" "await:$T/over"
	waitfor "file:$T/a" "file:$T/b"
	soon 1900 timed "$NC" -n -u -z -v -w 1 127.0.0.1 "$(cat "$T/a")" \
	    "$(cat "$T/b")" </dev/null
	same "exit status" 0 "$RC"
	same "open ports" 2 "$(echo "$ERR" | grep -c 'succeeded\|open')"
	touch "$T/over"
}

test_a_scan_ends_by_a_signal_at_once()
{
	over native nc || return 0
	deaf d1 || return 0
	start scan "$NC" -z -v 127.0.0.1 "$DEAF" </dev/null
	waits scan
	stop scan TERM
	same "exit status" 143 "$RC"
}

# A network of our own, in which 2001:db8::2 and all of 203.0.113.0/24 are
# silent, and no way leads to 198.51.100.1. "two" is 2001:db8::2 first, and
# then 127.0.0.1.
need_hole()
{
	[ -n "${HOLE:-}" ] || make_hole
	[ "$HOLE" = yes ] || { skip "no networks of our own here"; return 1; }
}

make_hole()
{
	HOLE=no
	printf '2001:db8::2 two\n127.0.0.1 two\n127.0.0.1 localhost\n' \
	    >"$work/hosts"
	cat >"$work/hole" <<-'EOF'
		set -e
		mount --bind "$1" /etc/hosts
		shift
		ip link set lo up
		ip link add hole type veth peer name bottom
		ip link set hole up
		ip link set bottom up
		ip address add 203.0.113.1/24 dev hole
		ip address add 2001:db8::1/64 dev hole nodad
		ip neighbour add 203.0.113.2 lladdr 02:00:00:00:00:02 \
		    dev hole
		ip neighbour add 2001:db8::2 lladdr 02:00:00:00:00:02 \
		    dev hole
		set +e
		"$@"
	EOF
	mine=-r
	[ "$(id -u)" != 0 ] || mine=
	unshare $mine -nm sh "$work/hole" "$work/hosts" true 2>/dev/null &&
	    HOLE=yes
}

in_hole()	# COMMAND...
{
	run unshare $mine -nm sh "$work/hole" "$work/hosts" "$@"
}

test_a_thousand_silent_ports_cost_one_timeout()
{
	over native nc || return 0
	need_hole || return 0
	in_hole sh -c 'began=$("$2" ms)
	    "$1" -z -v -w 4 203.0.113.2 1-1000
	    rc=$?; echo $(($("$2" ms) - began)); exit $rc' - "$NC" \
	    "$TOOLS/waitfor"
	same "exit status" 1 "$RC"
	same "ports" "$(seq 1 1000)" "$(ports_told)"
	between "milliseconds" 4000 7900 "$OUT"
}

test_few_descriptors_suffice_for_silent_ports()
{
	need_hole || return 0
	in_hole sh -c 'ulimit -n 16; exec "$@"' - "$NC" -z -v -w 100ms \
	    203.0.113.2 1-25 </dev/null
	same "exit status" 1 "$RC"
	same "ports" "$(seq 1 25)" "$(ports_told)"
	same "other lines" 0 "$(echo "$ERR" | grep -vc "timed out")"
}

test_a_dead_address_is_overtaken()
{
	need_hole || return 0
	need_real || return 0
	# By itself the dead one takes more than two minutes.
	for how in "-z -v two 7000" "-d two 7000"; do
		in_hole sh -c 'nc=$1 real=$2 waitfor=$3; shift 3
		    echo hello | "$real" -l -N 127.0.0.1 7000 >/dev/null &
		    "$waitfor" tcp:7000; exec "$nc" "$@"' - \
		    "$NC" "$REAL/nc" "$TOOLS/waitfor" $how
		same "exit status of $how" 0 "$RC"
	done
	same "what came" hello "$OUT"
}

test_natively_no_way_to_the_host_is_told_once()
{
	need_hole || return 0
	in_hole "$NC" -z 198.51.100.1 1-50
	same "exit status" 1 "$RC"
	same "stderr" "sockcat: connect to 198.51.100.1 port 1 (tcp) failed: \
Network is unreachable" "$ERR"
}

run_tests "$@"
