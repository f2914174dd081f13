#!/bin/sh
# Many clients at once, each served by a command of its own.
. "$(dirname "$0")/lib.sh"

clients()	# N WORD...: OUT, ERR and RC are theirs
{
	clients_n=$1
	shift
	start clients "$TOOLS/multi_client" "$PORT" "$clients_n" "$@"
	finish clients 20
	same "the clients, $clients_n, which said <$ERR>" 0 "$RC"
}

# The server, with what makes it pump, or TIE empty.
serves()	# OPTION...
{
	free_port
	launch server "$NC" $TIE "$@" -k -l -p "$PORT" </dev/null
}

stop_serving()
{
	stop server
	same "the server's exit status" 143 "$RC"
}

both_ties()	# FUNCTION ARG...
{
	TIE=
	"$@"
	case $SUBJECT in
	native)	TIE="--session-timeout 99" ;;
	*ncat)	TIE="-i 99" ;;
	*)	TIE="-w 99" ;;
	esac
	"$@"
}

children_of()	# NAME
{
	cat "/proc/$(pid_of "$1")/task/$(pid_of "$1")/children"
}

have_children()
{
	children_of server >/dev/null 2>&1 || { skip "no list of children"
	    return 1; }
}

serves_two_hundred()
{
	serves -c 'grep --line-buffered pat'
	clients 200 connect 'send:no;pat%;' recv-line 'expect:pat%;' \
	    'send:pat-%;no;' recv-line 'expect:pat-%;' \
	    'send:pattern %' fin recv-eof 'expect:pattern %;'
	stop_serving
	same "stderr ($TIE)" "" "$ERR"
}

test_two_hundred_clients_are_served_at_once()
{
	over native nc || return 0
	both_ties serves_two_hundred
}

test_commands_work_side_by_side()
{
	over native nc ncat real-ncat || return 0
	TIE=
	serves -c 'sleep 2; echo done'
	began=$(waitfor ms)
	clients 8 connect recv-eof 'expect:done;'
	between "milliseconds for all" 2000 12000 $(($(waitfor ms) - began))
	stop server
}

test_without_k_there_is_one_client()
{
	over native nc || return 0
	free_port
	launch server "$NC" -c cat -l -p "$PORT" </dev/null
	start peer "$TOOLS/peer" "connect:$PORT" send:hi recv:2 \
	    "touch:$T/in" "await:$T/over" fin recv-eof
	waitfor "file:$T/in"
	run "$TOOLS/peer" "connect:$PORT"
	holds "a second client" "$ERR" "Connection refused"
	touch "$T/over"
	peer_done
	exits server 0
}

# The command writes a line for each start. All resets have come before the
# server looks.
skips_who_has_reset()
{
	: >"$T/starts"
	serves -c "echo >>$T/starts; cat"
	kill_it server STOP
	clients 100 connect rst
	start last "$TOOLS/multi_client" "$PORT" 1 connect 'send:said;' rst
	finish last
	start client "$TOOLS/multi_client" "$PORT" 1 connect 'send:x;' fin \
	    recv-eof 'expect:x;'
	kill_it server CONT
	finish client
	same "the client behind, which said <$ERR>" 0 "$RC"
	waitfor "size:$T/starts:2"
	stop_serving
	same "starts ($TIE)" 2 "$(($(wc -l <"$T/starts")))"
}

test_no_command_is_started_for_who_has_reset_and_said_nothing()
{
	over native nc ncat || return 0
	both_ties skips_who_has_reset
}

# --- how many of a host -----------------------------------------------------

test_a_host_has_no_more_than_it_may_have()
{
	for how in --echo "-c cat"; do
		TIE= serves --max-conns-per-host 2 $how
		start two "$TOOLS/multi_client" "$PORT" 2 connect 'send:x;' \
		    recv-line 'expect:x;' "touch:$T/in" "await:$T/go" fin \
		    recv-eof
		waitfor "file:$T/in"
		run "$TOOLS/peer" "connect:$PORT" recv-end
		same "the third of the host, which said <$ERR>" 0 "$RC"
		run "$TOOLS/peer" from:127.0.0.2 "connect:$PORT" 'send:y\n' \
		    recv-line 'expect:y\n'
		same "another host, which said <$ERR>" 0 "$RC"
		touch "$T/go"
		finish two
		same "the first two, who said <$ERR>" 0 "$RC"
		clients 1 connect 'send:z;' recv-line 'expect:z;'
		rm -f "$T/in" "$T/go"
		stop_serving
	done
}

test_the_silent_of_a_host_give_way_to_its_next()
{
	TIE= serves --max-conns-per-host 2 -c cat
	start silent "$TOOLS/multi_client" "$PORT" 2 connect \
	    "touch:$T/in" recv-end
	waitfor "file:$T/in"
	sleep 10.5
	clients 2 connect 'send:z;' recv-line 'expect:z;'
	finish silent
	stop_serving
}

test_the_silent_in_a_full_house_give_way_to_other_hosts()
{
	TIE= serves --max-conns 8 -c cat
	start silent "$TOOLS/multi_client" "$PORT" 8 connect "touch:$T/in" \
	    recv-end
	waitfor "file:$T/in"
	start other "$TOOLS/peer" deadline-ms:60000 from:127.0.0.2 \
	    "connect:$PORT" 'send:y\n' recv-line 'expect:y\n'
	finish other 60
	same "another host, which said <$ERR>" 0 "$RC"
	stop silent
	stop_serving
}

# --- how many ---------------------------------------------------------------

lets_the_next_wait()
{
	serves --max-conns 2 -c 'echo in; cat'
	start first "$TOOLS/multi_client" "$PORT" 2 connect recv-line 'expect:in;' \
	    "touch:$T/in" "await:$T/go" fin recv-eof
	waitfor "file:$T/in"
	start next "$TOOLS/multi_client" "$PORT" 3 connect 'send:early;' \
	    "touch:$T/asked" fin recv-eof 'expect:in;early;'
	waitfor "file:$T/asked" "asleep:$(pid_of server)" \
	    "asleep:$(pid_of next)"
	touch "$T/go"
	finish first
	same "the first two, who said <$ERR>" 0 "$RC"
	finish next
	same "the next three, who said <$ERR>" 0 "$RC"
	rm -f "$T/in" "$T/go" "$T/asked"
	stop_serving
}

test_a_full_house_lets_the_next_wait()
{
	both_ties lets_the_next_wait
}

test_a_full_house_is_asleep()
{
	TIE=
	serves --max-conns 1 -c 'echo in; cat'
	start first "$TOOLS/multi_client" "$PORT" 5 connect "touch:$T/in" \
	    "await:$T/go"
	waitfor "file:$T/in" "asleep:$(pid_of server)"
	run "$TOOLS/wakeups" "$(pid_of server)" 500
	same "what it does" "ticks 0 wakeups 0" "$OUT"
	touch "$T/go"
	finish first
	stop_serving
}

test_silent_clients_cost_nothing()
{
	for tie in '' -C; do
		TIE=$tie
		serves -c 'echo in; exec cat'
		start silent "$TOOLS/multi_client" "$PORT" 20 connect recv-line \
		    "touch:$T/in" recv-end
		waitfor "file:$T/in" "asleep:$(pid_of server)"
		run "$TOOLS/wakeups" "$(pid_of server)" 500
		same "what it does ($TIE)" "ticks 0 wakeups 0" "$OUT"
		stop_serving
		finish silent
		rm -f "$T/in"
	done
}

test_ncat_turns_the_next_away()
{
	over ncat real-ncat || return 0
	TIE=
	serves -v -m 2 -c 'echo in; cat'
	start first "$TOOLS/multi_client" "$PORT" 2 connect recv-line 'expect:in;' \
	    "touch:$T/in" "await:$T/go" fin recv-eof
	waitfor "file:$T/in"
	start peer "$TOOLS/peer" "connect:$PORT" recv-end expect:
	peer_done
	waitfor "text:$T/server.err:denied"
	look_at server
	same "what is said of those three" \
	    "$(sed -n '/Connection from/,$p' <<-END
	Ncat: Connection from 127.0.0.1.
	Ncat: Connection from 127.0.0.1:N.
	Ncat: Connection from 127.0.0.1.
	Ncat: Connection from 127.0.0.1:N.
	Ncat: Connection from 127.0.0.1.
	Ncat: Connection from 127.0.0.1:N.
	Ncat: New connection denied: connection limit reached (2)
	END
	)" "$(echo "$ERR" | sed -n '/Connection from/,$p')"
	touch "$T/go"
	finish first
	same "the first two, who said <$ERR>" 0 "$RC"
	client recv:3 fin recv-eof 'expect:in\n'
	stop server
}

# With one place only, each of these must give it back.
frees_its_place()
{
	serves --max-conns 1 -c 'read what; case $what in fail) exit 9 ;;
	    killed) kill -9 $$ ;; half) exec >&- ;; esac; echo $what; cat'
	for _ in 1 2 3; do
		client 'send:fin\n' recv-line fin recv-eof 'expect:fin\n'
		client 'send:reset\n' recv-line rst
		client 'send:close\n' recv-line close
		client close
		client rst
		client 'send:fail\n' recv-eof expect:
		client 'send:killed\n' recv-eof expect:
		client 'send:x\n' fin recv-eof 'expect:x\n'
		clients 5 connect 'send:%;' fin recv-eof 'expect:%;'
	done
	client 'send:last\n' fin recv-eof 'expect:last\n'
	have_children || return 0
	true_that "no child is left" [ -z "$(children_of server)" ]
	stop_serving
	# What a command says of a reset is its own affair.
	lacks "stderr ($TIE)" "$ERR" sockcat:
}

test_every_way_to_end_frees_the_place()
{
	both_ties frees_its_place
}

test_that_nobody_can_be_accepted_is_told_once()
{
	free_port
	# Landlock needs one more: with a sandbox that is required, no start.
	[ "$TEST_SANDBOX" != require ] || SOCKCAT_SANDBOX=auto
	launch listener sh -c 'ulimit -n 6; exec "$@"' - "$NC" -k -l "$PORT" \
	    </dev/null
	start one "$TOOLS/peer" "connect:$PORT" quiet-ms:400
	true_that "it is told" waitfor \
	    "text:$T/listener.err:accept connections failed: Too many open files"
	finish one
	waits listener
	one_line "stderr" "$(cat "$T/listener.err")"
}

test_a_program_that_is_not_there_is_told_before_it_listens()
{
	for e in no-such-program ./nothing /nothing; do
		run_gives 1 "$NC" -k -l -e "$e now" 0 </dev/null
		same "stderr" \
		    "sockcat: run $e failed: No such file or directory" "$ERR"
	done
	listener -e 'cat -u'
	client send:x fin recv-eof expect:x
	exits listener 0
}

fails_to_run()
{
	cp /bin/true "$T/program"
	serves --max-conns 1 -e "$T/program"
	rm "$T/program"
	clients 5 connect recv-end expect:
	waits server
	stop_serving
	same "stderr ($TIE)" 5 "$(echo "$ERR" | grep -c \
	    "sockcat: run $T/program failed: No such file")"
}

test_a_command_that_cannot_be_run_frees_it_too()
{
	both_ties fails_to_run
}

# --- how long ---------------------------------------------------------------

test_idle_timeout_drops_only_the_silent()
{
	TIE=
	serves --idle-timeout 4 -c cat
	start silent "$TOOLS/multi_client" "$PORT" 3 connect recv-end expect: \
	    "touch:$T/dropped"
	start busy "$TOOLS/peer" "connect:$PORT" send:1 sleep-ms:1500 send:2 \
	    sleep-ms:1500 send:3 sleep-ms:1500 send:4 \
	    "await:$T/dropped" send:5 fin recv-eof expect:12345
	finish busy
	same "the busy one, which said <$ERR>" 0 "$RC"
	finish silent
	same "the silent ones, who said <$ERR>" 0 "$RC"
	client send:x fin recv-eof expect:x
	stop_serving
}

test_session_timeout_drops_the_busy_too()
{
	TIE=
	serves --session-timeout 2 -c 'while :; do echo x; sleep 0.1
	    done'
	began=$(waitfor ms)
	client recv-end
	at_least "milliseconds" 1950 $(($(waitfor ms) - began))
	client recv-line 'expect:x\n'
	stop_serving
}

# Hang up after the first reply, and on whoever is silent; take the next.
test_a_server_of_one_reply_hangs_up_on_the_silent()
{
	TIE=
	serves --idle-timeout 3 -c 'head -n 1'
	client 'send:one\ntwo\n' recv-eof 'expect:one\n'
	began=$(waitfor ms)
	client recv-end expect:
	at_least "milliseconds of silence" 2900 $(($(waitfor ms) - began))
	client 'send:three\n' recv-eof 'expect:three\n'
	clients 20 connect 'send:%;%;' recv-eof 'expect:%;'
	stop_serving
	same "stderr" "" "$ERR"
}

# --- the end ----------------------------------------------------------------

ends_all()
{
	serves -c 'echo in; trap "" HUP; cat; sleep 60'
	start clients "$TOOLS/multi_client" "$PORT" 20 connect recv-line \
	    "touch:$T/in" recv-end
	waitfor "file:$T/in"
	have_children || return 0
	children=$(children_of server)
	same "children" 20 "$(echo "$children" | wc -w)"
	stop_serving
	for child in $children; do
		true_that "command $child has ended" waitfor "gone:$child"
	done
	finish clients
	same "the clients, who said <$ERR>" 0 "$RC"
	rm -f "$T/in"
}

test_a_signal_ends_all_of_them()
{
	over native nc || return 0
	both_ties ends_all
}

test_one_client_s_trouble_is_told_with_v_only()
{
	for v in '' -v; do
		TIE="--session-timeout 99 $v"
		serves -c 'yes | head -c 5000000'
		client recv:1000 rst
		client recv:1000 recv-eof expect-size:5000000
		stop_serving
		same "lines about a reset ($v)" $((${#v} / 2)) "$(echo "$ERR" |
		    grep -c 'reset by peer\|Broken pipe')"
	done
}

stays_as_it_was()
{
	serves -c 'read x; echo $x'
	clients 40 connect 'send:%;' recv-eof 'expect:%;'
	waitfor "asleep:$(pid_of server)"
	before=$(ls "/proc/$(pid_of server)/fd" | wc -l)
	for _ in 1 2 3; do
		clients 40 connect 'send:%;' recv-eof 'expect:%;'
		clients 20 connect rst
		clients 20 connect close
	done
	waitfor "asleep:$(pid_of server)"
	same "descriptors ($TIE)" "$before" \
	    "$(ls "/proc/$(pid_of server)/fd" | wc -l)"
	have_children || return 0
	same "children" "" "$(children_of server)"
	stop_serving
}

test_nothing_is_left_of_those_who_were_served()
{
	both_ties stays_as_it_was
}

serves_locally()
{
	start server "$NC" $TIE -U -k -c 'read x; echo "$x"; cat' \
	    -l "$T/s" </dev/null
	waitfor "unix:$T/s"
	for n in 1 2 3; do
		start "c$n" "$TOOLS/peer" "uconnect:$T/s" "send:$n\n" \
		    recv-line "touch:$T/in$n" "await:$T/go" fin recv-eof \
		    "expect:$n\n"
		waitfor "file:$T/in$n"
	done
	touch "$T/go"
	for n in 1 2 3; do
		finish "c$n"
		same "client $n, which said <$ERR>" 0 "$RC"
	done
	rm -f "$T/go" "$T"/in?
	stop_serving
	socket_file_at_the_end "$T/s"
}

test_local_clients_are_served_at_once_too()
{
	both_ties serves_locally
}

run_tests "$@"
