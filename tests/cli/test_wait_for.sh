#!/bin/sh
# --wait-for: until ports are open.
. "$(dirname "$0")/lib.sh"

test_an_open_port_is_silent_success_at_once()
{
	over native nc || return 0
	hold
	serve accept recv-end
	run "$NC" --wait-for --retry-delay 60 127.0.0.1 "$PORT" <"$T/idle"
	same "exit status" 0 "$RC"
	same "stdout" "" "$OUT"
	same "stderr" "" "$ERR"
	peer_done
}

test_a_port_that_stays_closed_ends_with_the_deadline()
{
	over native nc || return 0
	PORT=$(closed_port)
	timed "$NC" --wait-for --deadline 2 127.0.0.1 "$PORT"
	same "exit status" 1 "$RC"
	same "stderr" "${NC##*/}: the deadline of 2 s has passed (connect to\
 127.0.0.1 port P (tcp) failed: Connection refused)" "$ERR"
	at_least "milliseconds" 1995 "$MS"
}

test_the_count_of_tries_is_an_end_too()
{
	PORT=$(closed_port)
	timed "$NC" --wait-for --retry 2 127.0.0.1 "$PORT"
	same "exit status" 1 "$RC"
	same "stderr" "sockcat: connect to 127.0.0.1 port P (tcp) failed:\
 Connection refused" "$ERR"
	# 100 and 200 ms
	at_least "milliseconds" 295 "$MS"
}

test_all_ports_have_to_be_open()
{
	over native nc || return 0
	serve accept accept recv-end
	one=$PORT
	free_port
	start run "$NC" -v --wait-for --retry-delay 20ms 127.0.0.1 \
	    "$one" "$PORT"
	waitfor "text:$T/run.err:trying again"
	start two "$NC" -l "$PORT" </dev/null
	exits run 0
	same "open ports" 2 "$(grep -c succeeded "$T/run.err")"
}

test_a_unix_socket_of_ones_own_is_no_hindrance()
{
	start run "$NC" -v --wait-for --retry-delay 20ms -U -s "$T/own" "$T/s"
	waitfor "text:$T/run.err:trying again"
	start listener "$NC" -l -U "$T/s" </dev/null
	exits run 0
	true_that "its own path is gone" [ ! -e "$T/own" ]
}

test_a_unix_socket_that_is_made_later()
{
	over native nc || return 0
	start run "$NC" -v --wait-for --retry-delay 20ms -U "$T/s"
	waitfor "text:$T/run.err:trying again"
	start two "$NC" -l -U "$T/s" </dev/null
	exits run 0
}

test_a_udp_port_that_refuses_is_waited_for()
{
	over native nc || return 0
	free_port
	start run "$NC" -v -u --wait-for --retry-delay 20ms 127.0.0.1 "$PORT"
	waitfor "text:$T/run.err:Connection refused"
	start two "$NC" -u -l -k -c 'echo yes' 127.0.0.1 "$PORT"
	exits run 0
}

test_a_listening_netcat_is_found_over_udp_and_goes_on()
{
	over native nc || return 0
	command -v nc.openbsd >/dev/null || { skip "no nc.openbsd"; return; }
	free_port
	launch_udp listener nc.openbsd -u -l -w 20 127.0.0.1 "$PORT" </dev/null
	run_gives 0 "$NC" -u --wait-for 127.0.0.1 "$PORT" </dev/null
	waits listener
}

test_a_port_that_does_not_answer_is_tried_again()
{
	over native nc || return 0
	serve_nobody
	# A later one of nc's own has whole seconds.
	run_gives 1 "$NC" -v --wait-for --connect-timeout 100ms --retry 1 \
	    --retry-delay 10ms 127.0.0.1 "$PORT"
	same "tries" 2 "$(grep -c "timed out" "$T/run.err")"
}

test_a_name_that_is_made_later()
{
	unshare -m true 2>/dev/null || { skip "no mounts here"; return; }
	cp /etc/hosts "$T/hosts"
	echo 'hosts: files' >"$T/nsswitch"
	serve accept recv-end
	start run unshare -m sh -c 'mount --bind "$0/hosts" /etc/hosts &&
	    mount --bind "$0/nsswitch" /etc/nsswitch.conf || exit 99
	    exec "$@"' "$T" \
	    "$NC" -v --wait-for --retry-delay 20ms later.test "$PORT"
	waitfor "text:$T/run.err:trying again" || {
		finish run
		[ "$RC" != 99 ] || skip "no mounts here"
		return
	}
	echo "127.0.0.1 later.test" >>"$T/hosts"
	exits run 0
	holds "stderr" "$ERR" "look up later.test failed"
	holds "stderr" "$ERR" "to later.test (127.0.0.1) P port"
	peer_done
}

test_nothing_else_can_be_asked_of_it()
{
	over native nc || return 0
	run "$NC" --wait-for -c true 127.0.0.1 1
	fails_with_one_line 1
	run "$NC" --wait-for -l 1
	fails_with_one_line 1
}

run_tests "$@"
