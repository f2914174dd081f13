#!/bin/sh
# Listening over TCP: where, for whom, how often.
. "$(dirname "$0")/lib.sh"

# The listener is up: talk to it, and both end well.
greets()	# CONNECT-WORD [PORT]
{
	waitfor "tcp:${2:-$PORT}" ||
	    { finish listener; same "listener" "up" "down: $ERR"; return; }
	start peer "$TOOLS/peer" "$1:${2:-$PORT}" 'send:hello\n' fin recv-eof
	peer_done
	exits listener 0
	same "stdout" hello "$OUT"
}

test_l_takes_the_port_as_an_operand()
{
	over native nc real || return 0
	free_port
	start listener "$NC" -l "$PORT" </dev/null
	greets connect
}

test_l_takes_the_port_from_p()
{
	over native nc real || return 0
	free_port
	start listener "$NC" -l -p "$PORT" </dev/null
	greets connect
	free_port
	start listener "$NC" -lp "$PORT" </dev/null
	greets connect
}

test_l_takes_an_address_and_a_port()
{
	over native nc real || return 0
	free_port
	start listener "$NC" -l 127.0.0.1 "$PORT" </dev/null
	greets connect
}

test_l_takes_the_address_from_s_and_the_port_from_p()
{
	over native nc real || return 0
	free_port
	start listener "$NC" -l -s 127.0.0.1 -p "$PORT" </dev/null
	greets connect
}

test_l_with_a_host_and_p_is_a_usage_error()
{
	over nc real || return 0
	run_gives 1 "$NC" -l -p "$(closed_port)" 127.0.0.1 </dev/null
	holds "stderr" "$ERR" "usage: nc "
	same "stdout" "" "$OUT"
}

test_without_options_both_families_reach_one_port()
{
	need_ipv6 || return 0
	free_port
	start listener "$NC" -l "$PORT" </dev/null
	greets connect
	start listener "$NC" -l "$PORT" </dev/null
	greets connect6
}

test_4_and_6_narrow_a_listener_to_one_family()
{
	need_ipv6 || return 0
	free_port
	launch listener "$NC" -4 -l "$PORT" </dev/null
	run "$TOOLS/peer" "connect6:$PORT"
	holds "with -4 an IPv6 client" "$ERR" "Connection refused"
	greets connect
	free_port
	launch listener "$NC" -6 -l "$PORT" </dev/null
	run "$TOOLS/peer" "connect:$PORT"
	holds "with -6 an IPv4 client" "$ERR" "Connection refused"
	greets connect6
}

test_called_as_nc_the_wildcard_is_ipv4()
{
	over nc real || return 0
	need_ipv6 || return 0
	free_port
	launch listener "$NC" -l "$PORT" </dev/null
	run "$TOOLS/peer" "connect6:$PORT"
	holds "an IPv6 client" "$ERR" "Connection refused"
	greets connect
}

test_an_ipv6_listener_of_nc_takes_ipv4_clients_too()
{
	over nc real || return 0
	need_ipv6 || return 0
	free_port
	start listener "$NC" -6 -l "$PORT" </dev/null
	greets connect
	start listener "$NC" -6 -l "$PORT" </dev/null
	greets connect6
}

test_an_ipv4_client_of_both_families_is_shown_as_ipv4()
{
	free_port
	start listener "$NC" -v -n -l "$PORT" </dev/null
	greets connect
	holds "stderr" "$ERR" "127.0.0.1"
	lacks "stderr" "$ERR" "::ffff:"
}

test_port_zero_is_a_free_port_that_verbose_shows()
{
	over native nc real || return 0
	start listener "$NC" -v -n -l 0 </dev/null
	waitfor "text:$T/listener.err:istening on"
	PORT=$(sed -n 's/.*istening on.* \([0-9]*\)$/\1/p' "$T/listener.err")
	true_that "there is a port in the line" [ "${PORT:-0}" -gt 0 ]
	greets connect
}

test_a_second_client_waits_for_nobody_once_the_listener_is_closed()
{
	free_port
	hold
	launch listener "$NC" -l "$PORT" <"$T/idle"
	start peer "$TOOLS/peer" "connect:$PORT" "await:$T/over" recv-end
	waitfor "linked:$PORT" "asleep:$(pid_of listener)"
	run "$TOOLS/peer" "connect:$PORT"
	holds "a second client" "$ERR" "Connection refused"
	touch "$T/over"
	release
	finish listener
	peer_done
}

test_keep_open_serves_one_after_the_other_and_loses_nothing()
{
	over native nc real || return 0
	free_port
	hold
	launch listener "$NC" -k -l "$PORT" <"$T/idle"
	start first "$TOOLS/peer" "connect:$PORT" 'send:one\n' "await:$T/go" \
	    'send:three\n' fin recv-eof
	waitfor "text:$T/listener.out:one"
	start second "$TOOLS/peer" "connect:$PORT" 'send:two\n' \
	    "touch:$T/sent" fin recv-eof
	waitfor "file:$T/sent" "asleep:$(pid_of listener)"
	same "stdout while the first is there" one "$(cat "$T/listener.out")"
	touch "$T/go"
	finish first
	same "first client" 0 "$RC"
	finish second
	same "second client, which said <$ERR>" 0 "$RC"
	waitfor "text:$T/listener.out:two"
	same "stdout" "$(printf 'one\nthree\ntwo')" "$(cat "$T/listener.out")"
	waits listener
}

# What was said before somebody listened, and what comes later.
test_who_had_to_wait_is_heard_to_the_end()
{
	over native nc || return 0
	free_port
	launch listener "$NC" -k -l "$PORT" </dev/null
	guest first send:1 "touch:$T/first.in" "await:$T/go" fin recv-eof
	waitfor "file:$T/first.in" "size:$T/listener.out:1"
	guest goes_on send:2 "touch:$T/2.in" "await:$T/goes_on" send:3 \
	    "await:$T/ends" fin recv-eof
	waitfor "file:$T/2.in"
	guest nothing fin "touch:$T/nothing.in" recv-eof
	waitfor "file:$T/nothing.in"
	guest breaks send:4 rst
	guest_done breaks
	guest silent "touch:$T/silent.in" "await:$T/speaks" send:5 fin recv-eof
	waitfor "file:$T/silent.in" "asleep:$(pid_of listener)"
	for step in go:12 goes_on:123 ends:123 speaks:1235; do
		touch "$T/${step%:*}"
		heard=${step#*:}
		waitfor "size:$T/listener.out:${#heard}"
	done
	for name in first goes_on nothing silent; do
		guest_done "$name"
	done
	# Of one that breaks off the system may have kept something.
	same "stdout" 1235 "$(tr -d 4 <"$T/listener.out")"
	waits listener
}

test_keep_open_goes_on_after_the_end_of_stdin()
{
	over native nc real || return 0
	free_port
	launch listener "$NC" -k -l "$PORT" </dev/null
	for n in 1 2 3; do
		client "send:client$n" fin recv-eof
		waitfor "text:$T/listener.out:client$n"
	done
	same "stdout" client1client2client3 "$(cat "$T/listener.out")"
	waits listener
}

test_the_first_client_gets_all_of_a_finite_stdin()
{
	over native nc real || return 0
	free_port
	printf once >"$T/in"
	launch listener "$NC" -k -l "$PORT" <"$T/in"
	client recv:4 expect:once fin
	client fin recv-eof expect:
	waits listener
}

test_many_short_clients_are_all_served()
{
	# The real nc loses one now and then.
	over native nc || return 0
	free_port
	launch listener "$NC" -k -l "$PORT" </dev/null
	for n in 1 2 3 4 5 6 7 8 9; do
		start "c$n" "$TOOLS/peer" "connect:$PORT" "send:x$n" fin \
		    recv-eof
	done
	for n in 1 2 3 4 5 6 7 8 9; do
		finish "c$n"
		same "client $n, which said <$ERR>" 0 "$RC"
	done
	waitfor "size:$T/listener.out:18"
	for n in 1 2 3 4 5 6 7 8 9; do
		holds "stdout" "$(cat "$T/listener.out")" "x$n"
	done
}

test_w_does_not_limit_the_wait_for_a_client_but_its_silence()
{
	over nc real || return 0
	free_port
	hold
	launch listener "$NC" -w 2 -l "$PORT" <"$T/idle"
	"$TOOLS/peer" sleep-ms:2200
	waits listener
	start peer "$TOOLS/peer" "connect:$PORT" send:hi recv-end
	exits listener 0
	same "stdout" hi "$OUT"
	peer_done
}

test_a_port_can_be_listened_on_again_at_once()
{
	over native nc real || return 0
	free_port
	for n in 1 2; do
		launch listener "$NC" -l "$PORT" </dev/null
		# We close first, so that TIME_WAIT is on the listener's side.
		start peer "$TOOLS/peer" "connect:$PORT" fin recv-eof
		peer_done
		exits listener 0
	done
}

run_tests "$@"
