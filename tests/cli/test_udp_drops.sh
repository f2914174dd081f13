#!/bin/sh
# Datagrams that the kernel drops, because a receiver is slow, are counted: as
# many are told as are missing.
. "$(dirname "$0")/lib.sh"

# A small receive buffer, and more datagrams than that, but fewer than the
# backlog of a loopback device has room for.
small=20000 many=300

# Starts a listener, which is stopped while all datagrams come.
flooded()	# HOW OPTION...: burst's mode; -u -l and the port are added
{
	flood_how=$1
	shift
	free_port
	start listener "$NC" -n -u -l -I "$small" "$@" 127.0.0.1 "$PORT" \
	    </dev/null
	waitfor "udp:$PORT" "asleep:$(pid_of listener)"
	kill_it listener STOP
	start burst "$TOOLS/burst" "$flood_how" "$PORT" "$many"
	[ "$flood_how" = echo ] || finish burst
	waitfor "asleep:$(pid_of burst)" 2>/dev/null || :
	kill_it listener CONT
	[ "$flood_how" != echo ] || finish burst 30
	waits listener
}

# The same to the end.
flood()
{
	flooded "$@"
	stop listener
}

# The number of the line about drops: of one such line.
dropped()	# FILE
{
	grep -c 'dropped by the kernel before' "$1" | grep -qx 1 ||
	    { echo "not once"; return; }
	sed -n 's/^sockcat: \(at least \)\{0,1\}\([0-9]*\) datagrams were dropped by the kernel before they could be read.*/\2/p' "$1"
}

# What came and what was told as dropped are all that was sent.
adds_up()	# WHAT CAME FILE
{
	told=$(dropped "$3")
	case $told in
	*[!0-9]* | '') same "$1: the drops are told" once "$told"; return ;;
	esac
	true_that "$1: some came: $2" [ "$2" -gt 0 ]
	true_that "$1: some were dropped: $told" [ "$told" -gt 0 ]
	same "$1: came, and told as dropped" "$many" "$(($2 + told))"
}

test_a_listener_tells_what_the_kernel_has_dropped()
{
	for how in "" -k "-k --tag %a " "--mover copy"; do
		flood pour $how
		adds_up "listener $how" "$(wc -l <"$T/listener.out")" \
		    "$T/listener.err"
		one_line "stderr of $how" "$(cat "$T/listener.err")"
	done
}

test_the_statistics_have_the_same_number()
{
	for how in "" -k --echo "-k --echo"; do
		flood pour --stats $how
		told=$(dropped "$T/listener.err")
		same "in --stats $how" "$told" "$(sed -n \
		    's/^stats .* kernel_drops=\([0-9]*\) .*/\1/p' \
		    "$T/listener.err")"
	done
}

test_the_statistics_in_JSON_have_it_too()
{
	flood pour --stats=json
	same "in JSON" "$(dropped "$T/listener.err")" "$(sed -n \
	    's/^{.*"kernel_drops":\([0-9]*\),.*/\1/p' "$T/listener.err")"
}

test_it_is_told_while_the_program_runs()
{
	flooded pour -k
	kill_it listener USR1
	waitfor "text:$T/listener.err:datagrams were dropped by the kernel"
	stop listener
	adds_up "listener" "$(wc -l <"$T/listener.out")" "$T/listener.err"
}

test_an_echo_tells_it()
{
	for how in "" -k "-k -C"; do
		flood echo --echo $how
		adds_up "echo $how" "$(sed -n 's/.* heard //p' \
		    "$T/burst.out")" "$T/listener.err"
	done
}

test_a_server_of_commands_tells_it()
{
	: >"$T/got"
	flood pour -k -c "cat >>'$T/got'"
	adds_up "command" "$(wc -l <"$T/got")" "$T/listener.err"
}

test_a_relay_tells_it()
{
	free_port
	target=$PORT
	start target "$BIN/sockcat" -u -l 127.0.0.1 "$target" </dev/null
	waitfor "udp:$target"
	flooded pour -k --forward "udp:127.0.0.1:$target"
	waits target
	stop listener
	adds_up "relay" "$(wc -l <"$T/target.out")" "$T/listener.err"
}

# The answers come faster than they are read.
test_a_client_tells_it()
{
	hold
	free_port
	launch_udp server "$TOOLS/burst" answer "$PORT" "$many" <"$T/idle"
	echo hello >"$T/in"
	start run "$NC" -u -q 20 -I "$small" 127.0.0.1 "$PORT" <"$T/in"
	waitfor "text:$T/server.out:asked" "asleep:$(pid_of run)"
	kill_it run STOP
	echo >&9
	finish server
	kill_it run CONT
	waits run
	stop run
	adds_up "client" "$(wc -l <"$T/run.out")" "$T/run.err"
}

test_the_peers_tell_nothing_of_it()
{
	over nc ncat || return 0
	free_port
	start listener "$NC" -n -u -l 127.0.0.1 "$PORT" </dev/null
	waitfor "udp:$PORT" "asleep:$(pid_of listener)"
	kill_it listener STOP
	# As many as the default room has no place for.
	"$TOOLS/burst" pour "$PORT" 60000
	kill_it listener CONT
	waits listener
	stop listener
	same "stderr" "" "$(cat "$T/listener.err")"
}

run_tests "$@"
