#!/bin/sh
# --echo: what comes goes back, to one client and to many.
# timeout: 240
. "$(dirname "$0")/lib.sh"

MUCH=268435456

much()	# what no two places of which are alike
{
	seq 1 40000000 | head -c "$MUCH"
}

echo_server()	# OPTION...
{
	listener -k --echo "$@"
}

udp_echo()	# OPTION...
{
	free_port
	launch_udp listener "$NC" -u --echo "$@" -l "$PORT"
}

unix_echo()	# OPTION...
{
	start listener "$NC" -U --echo "$@" -l "$T/sock"
	waitfor "unix:$T/sock"
}

memory()	# NAME: what it has in use, in KiB
{
	sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$(pid_of "$1")/status"
}

# --- streams ----------------------------------------------------------------

test_a_client_gets_back_what_it_said_and_the_end()
{
	over native nc || return 0
	echo_server
	printf 'hello\n' >"$T/in"
	run_gives 0 "$NC" -N 127.0.0.1 "$PORT" <"$T/in"
	same "stdout" hello "$OUT"
	same "stderr" "" "$ERR"
}

test_it_hangs_up_after_a_reply_or_on_a_silent_client_and_takes_the_next()
{
	over native nc || return 0
	echo_server -W 1 --idle-timeout 1
	client 'send:one\n' recv-eof 'expect:one\n'
	guest silent recv-eof 'expect:'
	client 'send:two\n' recv-eof 'expect:two\n'
	guest_done silent
	client 'send:three\n' recv-eof 'expect:three\n'
	waits listener
	stop listener
	same "stderr" "" "$ERR"
}

test_the_server_goes_on_waiting_for_clients()
{
	over native nc || return 0
	echo_server
	for n in 1 2 3; do
		client "send:$n" fin recv-eof "expect:$n"
	done
	waits listener
	stop listener
	same "exit status" 143 "$RC"
	same "stderr" "" "$ERR"
}

test_without_k_one_client_is_all()
{
	over native nc || return 0
	listener --echo
	client send:once fin recv-eof expect:once
	exits listener 0
	same "stdout" "" "$OUT"
	same "stderr" "" "$ERR"
}

test_a_connecting_echo_answers_the_server()
{
	over native nc || return 0
	serve accept send:ping recv:4 expect:ping send:pong fin recv-eof \
	    expect:pong
	run_gives 0 "$NC" --echo 127.0.0.1 "$PORT"
	same "stdout" "" "$OUT"
	peer_done
}

test_a_reset_is_a_failure_where_it_is_all_there_is()
{
	serve accept send:ping recv:4 rst
	run "$NC" --echo 127.0.0.1 "$PORT"
	fails_with_one_line 1
	peer_done
}

test_resets_are_no_reason_to_speak_nor_to_end()
{
	echo_server
	for n in 1 2 3; do
		client send:x recv:1 rst
	done
	client send:alive fin recv-eof expect:alive
	waits listener
	same "stderr" "" "$(cat "$T/listener.err")"
}

test_a_reset_is_told_with_v()
{
	echo_server -v
	client send:x recv:1 rst
	waitfor "text:$T/listener.err:reset"
	client send:alive fin recv-eof expect:alive
	waits listener
}

# What clients say, three ways; the last is 64 KiB in one go.
say_things()	# SERVER-OPTION...
{
	echo_server "$@"
	client 'send:one\r\ntwo\n\n\x1b[2Jx\x00y\nGr\xc3\xbcn\nrest' fin \
	    recv-eof 'expect:one\r\ntwo\n\n\x1b[2Jx\x00y\nGr\xc3\xbcn\nrest'
	client 'send:three\n' fin recv-eof 'expect:three\n'
	client fill:100000 fin recv-eof expect-fill:100000
	waits listener
	kill_it listener
	finish listener
}

test_a_tag_shows_what_clients_say_and_nothing_of_it_goes_back()
{
	over native || return 0
	say_things --tag '<%n> '
	printf '%s\n' '<1> one' '<1> two' '<1> ' '<1> \033[2Jx\000y' \
	    '<1> Grün' '<1> rest' '<2> three' >"$T/want"
	head -n 7 "$T/listener.err" >"$T/got"
	same "shown" "$(cat "$T/want")" "$(cat "$T/got")"
	same "lines of others" "" "$(sed 1,7d "$T/listener.err" |
	    grep -v '^<3> ')"
}

test_v_shows_what_clients_say_but_no_bulk()
{
	over native || return 0
	say_things -v
	grep -c '^127\.0\.0\.1 [0-9]*: one$' "$T/listener.err" >"$T/got"
	same "the first line" 1 "$(cat "$T/got")"
	grep -c '^127\.0\.0\.1 [0-9]*: three$' "$T/listener.err" >"$T/got"
	same "another client" 1 "$(cat "$T/got")"
	holds "bulk" "$(tail -n 3 "$T/listener.err")" \
	    "(the rest is not shown; --tag shows all)"
}

test_datagrams_are_shown_too()
{
	over native || return 0
	udp_echo -k --tag '%a says: '
	printf 'hello\nyou' >"$T/in"
	run "$NC" -u -W 1 127.0.0.1 "$PORT" <"$T/in"
	same "answer" "hello
you" "$OUT"
	same "shown" "127.0.0.1 says: hello
127.0.0.1 says: you" "$(cat "$T/listener.err")"
	kill_it listener USR1
	waitfor "text:$T/listener.err:sent 9 bytes, received 9"
	holds "who" "$(cat "$T/listener.err")" "127.0.0.1 port "
	kill_it listener
	finish listener
}

test_much_comes_back_exactly()
{
	echo_server
	WANT=$(much | cksum)
	start run sh -c 'seq 1 40000000 | head -c "$3" |
	    "$1" -N 127.0.0.1 "$2" | cksum' - "$NC" "$PORT" "$MUCH"
	finish run 100
	same "the sum" "$WANT" "$OUT"
}

test_much_comes_back_over_a_unix_socket()
{
	unix_echo -k
	WANT=$(much | cksum)
	start run sh -c 'seq 1 40000000 | head -c "$3" |
	    "$1" -N -U "$2" | cksum' - "$NC" "$T/sock" "$MUCH"
	finish run 100
	same "the sum" "$WANT" "$OUT"
}

test_a_reader_that_is_late_gets_all()
{
	echo_server
	start peer "$TOOLS/peer" "connect:$PORT" fill:100000 fin \
	    sleep-ms:300 recv-eof expect-fill:100000
	peer_done
}

test_both_families_are_served()
{
	need_ipv6 || return 0
	echo_server
	client send:four fin recv-eof expect:four
	start peer "$TOOLS/peer" "connect6:$PORT" send:six fin recv-eof \
	    expect:six
	peer_done
}

test_a_unix_socket_is_served()
{
	over native nc || return 0
	unix_echo -k
	for n in 1 2; do
		start peer "$TOOLS/peer" "uconnect:$T/sock" "send:$n" fin \
		    recv-eof "expect:$n"
		peer_done
	done
	stop listener
	socket_file_at_the_end "$T/sock"
}

test_line_ends_and_pauses_apply()
{
	echo_server -C -i 1
	start peer "$TOOLS/peer" "connect:$PORT" 'send:a\nb\n' fin recv-eof \
	    'expect:a\r\nb\r\n'
	began=$(waitfor ms)
	peer_done
	at_least "milliseconds" 900 $(($(waitfor ms) - began))
}

# --- many at once -----------------------------------------------------------

test_one_place_is_one_client_after_another()
{
	echo_server --max-conns 1
	start first "$TOOLS/peer" "connect:$PORT" send:one recv:3 \
	    expect:one "touch:$T/in" "await:$T/go" fin recv-eof
	waitfor "file:$T/in"
	# It waits in the backlog, with what it has said.
	start second "$TOOLS/peer" "connect:$PORT" send:two quiet-ms:300 \
	    "touch:$T/waited" recv:3 expect:two fin recv-eof
	waitfor "file:$T/waited"
	touch "$T/go"
	finish first
	same "the first, which said <$ERR>" 0 "$RC"
	finish second
	same "the second, which said <$ERR>" 0 "$RC"
	waits listener
}

test_many_are_served_beside_an_idle_one()
{
	echo_server
	start idle "$TOOLS/peer" "connect:$PORT" send:x recv:1 \
	    "touch:$T/in" deadline-ms:60000 "await:$T/never"
	waitfor "file:$T/in"
	for n in 1 2 3; do
		client "send:$n" fin recv-eof "expect:$n"
	done
}

test_ten_thousand_are_served_at_once_and_cost_little()
{
	echo_server --max-conns 20000
	before=$(memory listener)
	start clients "$TOOLS/echo_load" "$PORT" 10000 1 "$T/ready" "$T/go"
	if ! waitfor -t 60000 "file:$T/ready"; then
		finish clients
		[ "$RC" = 77 ] || same "the clients, who said <$ERR>" 0 "$RC"
		skip "$OUT"
		return
	fi
	waits listener
	if [ "${SANITIZED:-no}" = no ]; then
		each=$((($(memory listener) - before) * 1024 / 10000))
		echo "an idle connection costs $each bytes"
		between "bytes for an idle connection" 0 1023 "$each"
	fi
	touch "$T/go"
	finish clients 60
	same "the clients, who said <$ERR>" 0 "$RC"
	same "what they say" "answered 10000" "$OUT"
}

test_a_hundred_are_served_while_one_floods()
{
	echo_server
	start_pipeline 'yes | "$1" 127.0.0.1 "$2" |
	    { head -c 50000000; touch "$3"; exec cat; } >/dev/null' \
	    "$NC" "$PORT" "$T/flows"
	waitfor -t 20000 "file:$T/flows"
	start clients "$TOOLS/echo_load" "$PORT" 100 50
	finish clients 30
	same "the clients, who said <$ERR>" 0 "$RC"
	same "what they say" "answered 100" "$OUT"
	true_that "the flood goes on" kill -0 "$(pid_of pipeline)"
}

test_an_idle_server_of_many_uses_no_time()
{
	echo_server --idle-timeout 60
	start clients "$TOOLS/echo_load" "$PORT" 200 1 "$T/ready" "$T/go"
	waitfor "file:$T/ready"
	same "its doings" "ticks 0 wakeups 0" \
	    "$("$TOOLS/wakeups" "$(pid_of listener)")"
	touch "$T/go"
	finish clients 20
	same "the clients, who said <$ERR>" 0 "$RC"
}

test_only_the_silent_are_dropped()
{
	over native nc || return 0
	echo_server --idle-timeout 4
	began=$(waitfor ms)
	start silent "$TOOLS/peer" "connect:$PORT" send:x recv:1 recv-eof
	set --
	for n in 1 2 3 4; do
		set -- "$@" sleep-ms:1500 "send:$n" recv:1 "expect:$n"
	done
	start active "$TOOLS/peer" "connect:$PORT" "$@" fin recv-eof
	finish silent
	same "the silent one, which said <$ERR>" 0 "$RC"
	at_least "milliseconds" 3950 $(($(waitfor ms) - began))
	finish active
	same "the active one, which said <$ERR>" 0 "$RC"
	waits listener
}

test_a_session_has_its_time()
{
	echo_server --session-timeout 6
	began=$(waitfor ms)
	start peer "$TOOLS/peer" "connect:$PORT" send:a recv:1 sleep-ms:3500 \
	    send:b recv:1 recv-end
	peer_done
	at_least "milliseconds" 5950 $(($(waitfor ms) - began))
	client send:next fin recv-eof expect:next
}

test_a_signal_delivers_what_is_held_and_ends_it()
{
	echo_server
	start peer "$TOOLS/peer" "connect:$PORT" send:x recv:1 \
	    "touch:$T/in" recv-reset
	waitfor "file:$T/in"
	stop listener
	same "exit status" 143 "$RC"
	peer_done
}

# --- datagrams --------------------------------------------------------------

test_datagrams_come_back_to_each_sender()
{
	over native nc || return 0
	udp_echo -k
	for n in 1 2 3; do
		start peer "$TOOLS/peer" "udp-connect:$PORT" "send:$n" \
		    recv-dgram "expect:$n" send:more recv-dgram expect:more
		peer_done
	done
	waits listener
}

test_our_own_client_has_its_answer()
{
	udp_echo -k
	printf ping >"$T/in"
	run_gives 0 "$NC" -u -W 1 -w 60 127.0.0.1 "$PORT" <"$T/in"
	same "stdout" ping "$OUT"
}

test_datagrams_come_back_over_both_families()
{
	need_ipv6 || return 0
	udp_echo -k
	for family in udp-connect udp6-connect; do
		start peer "$TOOLS/peer" "$family:$PORT" send:ask recv-dgram \
		    expect:ask
		peer_done
	done
}

test_the_largest_and_the_empty_datagram_come_back()
{
	udp_echo -k
	start peer "$TOOLS/peer" "udp-connect:$PORT" fill:65507 recv-dgram \
	    expect-fill:65507 send: recv-dgram expect-size:0 send:end \
	    recv-dgram expect:end
	peer_done
}

test_without_k_the_first_sender_is_the_one()
{
	over native nc || return 0
	udp_echo -w 4
	start one "$TOOLS/peer" "udp-connect:$PORT" send:first recv-dgram \
	    expect:first "touch:$T/answered" "await:$T/more" send:again \
	    recv-dgram expect:again
	waitfor "file:$T/answered"
	run "$TOOLS/peer" "udp-connect:$PORT" send:stranger recv-dgram
	holds "a second sender" "$ERR" "refused"
	touch "$T/more"
	finish one
	same "the first sender, which said <$ERR>" 0 "$RC"
	exits listener 0
}

test_a_connecting_echo_of_datagrams_answers()
{
	here=$(closed_port)
	there=$(closed_port)
	start echo "$NC" -u --echo -w 5 -s 127.0.0.1 -p "$here" \
	    127.0.0.1 "$there"
	waits echo
	printf ping >"$T/in"
	run_gives 0 "$NC" -u -W 1 -w 60 -s 127.0.0.1 -p "$there" \
	    127.0.0.1 "$here" <"$T/in"
	same "stdout" ping "$OUT"
	finish echo
	same "the echo's exit status" 0 "$RC"
}

test_unix_datagrams_come_back_to_who_has_a_name()
{
	unix_echo -u -k
	"$TOOLS/peer" "ud-connect:$T/sock" send:nobody
	for n in 1 2; do
		printf '%s' "$n" >"$T/in"
		run_gives 0 "$NC" -u -U -W 1 -w 60 "$T/sock" <"$T/in"
		same "stdout" "$n" "$OUT"
	done
	waits listener
}

test_a_loop_of_echoes_is_broken_within_64_datagrams()
{
	over native nc || return 0
	udp_echo -k
	set -- send:x
	n=0
	while [ "$n" -lt 30 ]; do
		set -- "$@" recv-dgram expect:x send:x
		n=$((n + 1))
	done
	# 31 went there and 30 came back: there is no 62nd. On a busy machine
	# one may come so late that it is no loop's.
	for _ in 1 2 3 4; do
		run "$TOOLS/peer" "udp-connect:$PORT" "$@" quiet-ms:300 \
		    send:y recv-dgram expect:y
		[ "$RC" != 0 ] || break
	done
	same "the peer's script, which said <$ERR>" 0 "$RC"
}

# Datagrams with the sender of one server make two servers answer each other.
falls_silent_after()	# N OPTION...
{
	flying=$1
	shift
	free_port
	first=$PORT
	start listener "$NC" -u -k "$@" -l "$first"
	free_port
	# Its port is shared, as nc shares ports, so that datagrams can be forged.
	shared=
	[ "$SUBJECT" = nc ] || shared=--sockopt=SO_REUSEPORT=1
	start second "$NC" -u -k $shared "$@" -l "$PORT"
	waitfor "udp:$first" "udp:$PORT"
	kill_it listener STOP
	true_that "datagrams are forged" \
	    "$TOOLS/spoof" "$PORT" "$first" "$flying"
	kill_it listener CONT
	waitfor "asleep:$(pid_of listener)" "asleep:$(pid_of second)"
	for who in listener second; do
		same "what $who does after $flying ($*)" "ticks 0 wakeups 0" \
		    "$("$TOOLS/wakeups" "$(pid_of "$who")")"
	done
	start peer "$TOOLS/peer" "udp-connect:$first" 'send:ask\n' recv-dgram \
	    "expect:${MORE:-}ask\n"
	peer_done
	kill_it listener
	kill_it second
	finish listener
	finish second
}

test_two_servers_do_not_answer_each_other_for_ever()
{
	over native nc || return 0
	for n in 1 2 20 100; do
		falls_silent_after "$n" --echo
	done
}

test_two_servers_with_commands_do_not_answer_each_other_for_ever()
{
	for n in 2 20 100; do
		falls_silent_after "$n" -c cat
	done
	MORE=more-
	falls_silent_after 20 -c 'sed -u s/^/more-/'
	MORE=
}

test_what_has_to_see_each_datagram_has_a_session_for_each_sender()
{
	free_port
	launch_udp listener "$NC" -u -l -k --echo -C --output "$T/copy" "$PORT"
	start one "$TOOLS/peer" "udp-connect:$PORT" 'send:one\n' recv-dgram \
	    'expect:one\r\n' "await:$T/go" 'send:again\n' recv-dgram \
	    'expect:again\r\n'
	start two "$TOOLS/peer" "udp-connect:$PORT" 'send:two\n' recv-dgram \
	    'expect:two\r\n'
	finish two
	same "the second sender, who said <$ERR>" 0 "$RC"
	touch "$T/go"
	finish one
	same "the first sender, who said <$ERR>" 0 "$RC"
	stop listener
	true_that "the copy has all" [ "$(grep -c one "$T/copy")" -ge 1 ]
}

run_tests "$@"
