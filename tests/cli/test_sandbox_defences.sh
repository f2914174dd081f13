#!/bin/sh
# Each defence of a server works alike without a sandbox, with the parts that
# the system has, and with all of them.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_sandbox.sh"

# in_each FUNCTION ARG...: HOW is the sandbox.
in_each()
{
	need_sandbox || return 0
	for HOW in off auto require; do
		"$@"
		rm -f "$T/in" "$T/go" "$T/over" "$T/saw"
	done
}

# serves NAME OPTION...: PORT is its port.
serves()
{
	serves_name=$1
	shift
	free_port
	start "$serves_name" "$NC" --sandbox="$HOW" -v "$@" -k -l -p "$PORT" \
	    </dev/null
	waitfor "tcp:$PORT"
}

stop_serving()	# NAME
{
	stop "$1" TERM
	same "exit status of $1" 143 "$RC"
}

# --- silent clients ---------------------------------------------------------

# Kinds of servers, each of which leaves another set of system calls.
silent_kinds()	# FUNCTION
{
	"$1" echo --echo
	"$1" relay --forward "127.0.0.1:$ELSEWHERE"
	"$1" room --broker
	"$1" many --max-conns 9
	"$1" command -c cat
}

silent_begin()	# KIND OPTION...
{
	kind=$1_$HOW
	shift
	serves "server_$kind" --max-conns-per-host 2 "$@"
	echo "$PORT" >"$T/port.$kind"
	start "silent_$kind" "$TOOLS/peer" deadline-ms:90000 \
	    "connect:$PORT" "touch:$T/in.$kind" recv-eof
	waitfor "file:$T/in.$kind" \
	    "text:$T/server_$kind.err:onnection"
	start "second_$kind" "$TOOLS/peer" deadline-ms:90000 \
	    "connect:$PORT" "touch:$T/in2.$kind" "await:$T/over"
	waitfor "file:$T/in2.$kind"
}

silent_check()	# KIND OPTION...
{
	kind=$1_$HOW
	start "next_$kind" "$TOOLS/peer" deadline-ms:90000 "connect:$(cat "$T/port.$kind")" \
	    "await:$T/over"
	finish "silent_$kind"
	true_that "$kind: the silent client saw a failure" [ "$RC" != 0 ]
	holds "$kind: the silent client" "$ERR" "reset"
	waitfor "text:$T/server_$kind.err:gives way"
	same "$kind: messages for one reset" 1 \
	    "$(grep -c 'gives way' "$T/server_$kind.err")"
}

silent_end()	# KIND OPTION...
{
	for who in second next; do
		finish "${who}_$1_$HOW"
		same "$1, $HOW: $who, which said <$ERR>" 0 "$RC"
	done
	stop_serving "server_$1_$HOW"
}

test_a_silent_client_is_reset_for_the_next_of_its_host()
{
	need_sandbox || return 0
	free_port
	ELSEWHERE=$PORT
	start elsewhere "$NC" -k --echo -l 127.0.0.1 "$ELSEWHERE" </dev/null
	waitfor "tcp:$ELSEWHERE"
	in_each silent_kinds silent_begin
	sleep 10.5
	in_each silent_kinds silent_check
	touch "$T/over"
	for HOW in off auto require; do
		silent_kinds silent_end
	done
	kill_it elsewhere
}

# --- limits and resets ------------------------------------------------------

is_full()	# OPTION...
{
	serves server --max-conns-per-host 2 "$@"
	start two "$TOOLS/multi_client" "$PORT" 2 connect 'send:x;' \
	    "touch:$T/in" "await:$T/go" rst
	waitfor "file:$T/in"
	run "$TOOLS/peer" "connect:$PORT" recv-end 'expect:'
	same "$HOW $1: the third, which said <$ERR>" 0 "$RC"
	holds "$HOW $1" "$(cat "$T/server.err")" "refused one more"
	touch "$T/go"
	finish two
	stop_serving server
}

is_full_of_all()
{
	is_full --echo
	rm -f "$T/in" "$T/go"
	is_full --broker
	rm -f "$T/in" "$T/go"
	is_full -c cat
}

test_a_host_has_no_more_clients_than_it_may_have()
{
	in_each is_full_of_all
}

drops_idle()
{
	for how in --echo --broker "--max-conns 3" "-c cat"; do
		serves server --idle-timeout 300ms $how
		run "$TOOLS/peer" "connect:$PORT" recv-end
		same "$HOW $how: the idle client, which said <$ERR>" 0 "$RC"
		stop_serving server
	done
}

test_an_idle_client_is_dropped()
{
	in_each drops_idle
}

resets_after()	# WORD OPTION...: the client does WORD first
{
	does=$1
	shift
	serves server --reset-after 1000 "$@"
	rm -f "$T/saw"
	run "$TOOLS/peer" "connect:$PORT" "$does" recv:1000 \
	    expect-size:1000 "touch:$T/saw" recv-eof
	holds "$HOW, $1: the client" "$ERR" reset
	true_that "$HOW, $1: it saw 1000 bytes" [ -e "$T/saw" ]
	stop_serving server
}

resets_each_after()
{
	resets_after fill:5000 --echo
	resets_after sleep-ms:0 -c 'head -c 5000 /dev/zero; sleep 9'
}

test_a_reset_that_is_asked_for_comes()
{
	in_each resets_each_after
}

passes_reset_on()
{
	rm -f "$T/target.port"
	start target "$TOOLS/peer" "listen:$T/target.port" accept recv:3 \
	    send:abc "await:$T/saw" rst
	waitfor "file:$T/target.port"
	serves server --forward "127.0.0.1:$(cat "$T/target.port")"
	run "$TOOLS/peer" "connect:$PORT" send:abc recv:3 "touch:$T/saw" \
	    recv-eof
	holds "$HOW: the client of a target that has failed" "$ERR" reset
	finish target
	stop_serving server
}

test_the_reset_of_a_target_is_passed_on()
{
	in_each passes_reset_on
}

# --- datagrams --------------------------------------------------------------

withholds()
{
	free_port
	launch_udp server "$NC" --sandbox="$HOW" -k -u -l -c \
	    'printf "%0400d" 1; cat' 127.0.0.1 "$PORT" </dev/null
	run "$TOOLS/peer" "udp-connect:$PORT" send:x quiet-ms:300 send:y \
	    until:1xy
	same "$HOW: the sender, which said <$ERR>" 0 "$RC"
	stop_serving server
}

test_a_long_answer_waits_until_the_peer_sends_again()
{
	in_each withholds
}

# --- rooms and commands -----------------------------------------------------

pauses_guesses()
{
	serves server --talk --password-file "$T/pw"
	run "$TOOLS/peer" "connect:$PORT" 'until:password: ' \
	    'send:a\nb\nc\nsecret\n' recv-eof print
	same "$HOW: tries" 3 "$(printf %s "$OUT" | grep -c 'wrong password')"
	lacks "$HOW: what the guesser got" "$OUT" welcome
	rm -f "$T/sent" "$T/told"
	start guesses "$TOOLS/multi_client" "$PORT" 200 connect 'send:guess%;' \
	    "touch:$T/sent" "await:$T/told" rst
	waitfor "file:$T/sent"
	run "$TOOLS/peer" "connect:$PORT" 'until:password: ' 'send:secret\n' \
	    'until:too many wrong passwords' recv-eof
	same "$HOW: after many guesses, which said <$ERR>" 0 "$RC"
	touch "$T/told"
	finish guesses
	stop_serving server
}

test_guesses_of_a_password_are_few()
{
	echo secret >"$T/pw"
	chmod 600 "$T/pw"
	in_each pauses_guesses
}

kills_command()
{
	rm -f "$T/pid"
	serves server --session-timeout 99 -c "trap '' TERM HUP PIPE
	    echo \$\$ >$T/pid; echo up; while :; do sleep 60; done"
	run "$TOOLS/peer" "connect:$PORT" recv:3 rst
	waitfor "file:$T/pid"
	true_that "$HOW: the command is gone" waitfor "gone:$(cat "$T/pid")"
	stop_serving server
}

test_a_command_that_ignores_its_end_is_killed()
{
	in_each kills_command
}

run_tests "$@"
