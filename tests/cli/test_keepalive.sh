#!/bin/sh
# Peers that have vanished: which probes the system is asked for, for which
# sockets, and that a reader that only pauses is waited for. What happens when
# the link is cut: tests/fault/test_bad_network.sh.
. "$(dirname "$0")/lib.sh"

# What a command that has the socket of a client finds there.
LOOK='import socket
s = socket.socket(fileno=0)
t = socket.IPPROTO_TCP
print("keepalive", s.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE),
    "idle", s.getsockopt(t, socket.TCP_KEEPIDLE),
    "pause", s.getsockopt(t, socket.TCP_KEEPINTVL),
    "probes", s.getsockopt(t, socket.TCP_KEEPCNT),
    "limit", s.getsockopt(t, socket.TCP_USER_TIMEOUT), flush=True)'

need_look()
{
	command -v python3 >/dev/null || { skip "no python3"; return 1; }
	echo "$LOOK" >"$T/look"
}

# The setsockopt calls for these, in order: "SO_KEEPALIVE=1 TCP_KEEPIDLE=60".
set_by()	# OPTION...: a client's
{
	serve accept recv-end
	run strace -f -qq -e trace=setsockopt -o "$T/trace" \
	    "$NC" "$@" 127.0.0.1 "$PORT" </dev/null
	kill_it peer KILL 2>"$T/none"
	finish peer
	sed -n 's/.*\(SO_KEEPALIVE\|TCP_KEEP[A-Z]*\|TCP_USER_TIMEOUT\), \[\([0-9]*\)\].*/\1=\2/p' \
	    "$T/trace" | tr '\n' ' ' | sed 's/ $//'
}

test_a_client_is_probed_by_default()
{
	need_strace || return 0
	same "what is set" "SO_KEEPALIVE=1 TCP_KEEPIDLE=60 TCP_KEEPINTVL=15 \
TCP_KEEPCNT=4 TCP_USER_TIMEOUT=120000" "$(set_by -w 1)"
	same "with a time" "SO_KEEPALIVE=1 TCP_KEEPIDLE=20 TCP_KEEPINTVL=5 \
TCP_KEEPCNT=4 TCP_USER_TIMEOUT=40000" "$(set_by -w 1 --keepalive=20)"
	same "with a long time" "SO_KEEPALIVE=1 TCP_KEEPIDLE=600 \
TCP_KEEPINTVL=15 TCP_KEEPCNT=4 TCP_USER_TIMEOUT=660000" \
	    "$(set_by -w 1 --keepalive=10m)"
	same "with half a second" "SO_KEEPALIVE=1 TCP_KEEPIDLE=1 \
TCP_KEEPINTVL=1 TCP_KEEPCNT=4 TCP_USER_TIMEOUT=5000" \
	    "$(set_by -w 1 --keepalive=500ms)"
	same "without" "" "$(set_by -w 1 --keepalive=off)"
}

test_the_other_names_set_nothing()
{
	over nc real traditional real-traditional ncat real-ncat || return 0
	need_strace || return 0
	same "what is set" "" "$(set_by -w 1)"
}

test_sockopt_wins()
{
	need_strace || return 0
	same "the last value" "SO_KEEPALIVE=1 TCP_KEEPIDLE=60 TCP_KEEPINTVL=15 \
TCP_KEEPCNT=4 TCP_KEEPIDLE=7" "$(set_by -w 1 --sockopt TCP_KEEPIDLE=7)"
	same "the last value" "SO_KEEPALIVE=1 TCP_KEEPIDLE=60 TCP_KEEPINTVL=15 \
TCP_KEEPCNT=4 TCP_USER_TIMEOUT=9000" \
	    "$(set_by -w 1 --sockopt TCP_USER_TIMEOUT=9)"
	same "the last value" "SO_KEEPALIVE=1 TCP_KEEPIDLE=60 TCP_KEEPINTVL=15 \
TCP_KEEPCNT=4 SO_KEEPALIVE=0" "$(set_by -w 1 --sockopt SO_KEEPALIVE=off)"
}

test_a_scan_and_other_kinds_of_sockets_are_left_alone()
{
	need_strace || return 0
	same "of a scan" "" "$(set_by -z)"
	same "of UDP" "" "$(set_by -u -w 1)"
	run strace -f -qq -e trace=setsockopt -o "$T/trace" \
	    "$NC" -U "$T/none" </dev/null
	lacks "of a Unix socket" "$(cat "$T/trace")" KEEP
}

test_a_command_s_client_is_probed()
{
	need_look || return 0
	listener -e "python3 $T/look" 127.0.0.1
	run "$NC" 127.0.0.1 "$PORT" </dev/null
	same "what the command finds" \
	    "keepalive 1 idle 60 pause 15 probes 4 limit 0" "$OUT"
	finish listener
	listener -k --keepalive=20 -e "python3 $T/look" 127.0.0.1
	run "$NC" 127.0.0.1 "$PORT" </dev/null
	same "what the command finds" \
	    "keepalive 1 idle 20 pause 5 probes 4 limit 0" "$OUT"
	stop listener
	listener --keepalive=off -e "python3 $T/look" 127.0.0.1
	run "$NC" 127.0.0.1 "$PORT" </dev/null
	holds "what the command finds" "$OUT" "keepalive 0 "
}

# The kernel's timers of the connections from or to this port: "keepalive".
timers()	# PORT
{
	ss -tnoH state established "( sport = :$1 or dport = :$1 )" |
	    sed -n 's/.*timer:(\([a-z]*\),.*/\1/p'
}

has_timers()	# COUNT PORT
{
	[ "$(timers "$2" | grep -c keepalive)" = "$1" ]
}

# The subject's clients are probed: one of a peer that sets nothing.
probes_clients()	# COUNT PORT OPTION...
{
	wanted=$1 of=$2
	shift 2
	listener "$@" 127.0.0.1
	[ "$of" != - ] || of=$PORT
	guest one "touch:$T/in" "await:$T/over"
	waitfor "file:$T/in"
	true_that "$* has $wanted timers: $(timers "$of")" \
	    until_so has_timers "$wanted" "$of"
	: >"$T/over"
	guest_done one
	rm -f "$T/in" "$T/over"
	stop listener 2>/dev/null
}

until_so()	# COMMAND...
{
	for _ in $(seq 200); do
		! "$@" || return 0
		waitfor -t 50 "file:$T/never" 2>/dev/null
	done
	return 1
}

test_clients_of_all_servers_are_probed()
{
	command -v ss >/dev/null || { skip "no ss"; return 0; }
	for mode in "-v" "-k" "-k --echo" "-k --talk" "-k --broker" \
	    "-k -c cat --idle-timeout=50" "-k -c cat" "--chat" \
	    "--serve-proxy -k" "-k --stdin=all"; do
		hold
		probes_clients 1 - $mode <"$T/idle"
	done
	serve accept "await:$T/over" recv-end
	target=$PORT
	probes_clients 1 "$target" -k --forward "127.0.0.1:$target"
	finish peer
}

# A service manager's socket stays as it is; what it accepts is ours.
test_clients_of_a_given_socket_are_probed()
{
	need_look || return 0
	start listener "$TOOLS/given" "tcp:$T/a" pid:own -- "$NC" -l \
	    -e "python3 $T/look" </dev/null
	waitfor "file:$T/a"
	PORT=$(cat "$T/a")
	run "$NC" 127.0.0.1 "$PORT" </dev/null
	same "what the command finds" \
	    "keepalive 1 idle 60 pause 15 probes 4 limit 0" "$OUT"
	finish listener
}

# The client is sent more than both kernels hold, and reads after eight seconds.
# The limit of --keepalive=1s is five.
pausing()
{
	guest slow rcvbuf:8192 "touch:$T/in" sleep-ms:8000 recv-eof \
	    "expect-size:$size"
}

size=20000000

test_a_reader_that_pauses_is_waited_for()
{
	file=$(bytes $size)
	free_port
	launch listener "$NC" --keepalive=1s -N -l 127.0.0.1 "$PORT" <"$file"
	pausing
	finish listener 40
	same "exit status" 0 "$RC"
	same "stderr" "" "$ERR"
	guest_done slow
}

test_a_reader_behind_a_relay_that_pauses_is_waited_for()
{
	serve accept "send-file:$(bytes $size)" fin recv-end
	listener --keepalive=1s --forward "127.0.0.1:$PORT" 127.0.0.1
	start slow "$TOOLS/peer" rcvbuf:8192 "connect:$PORT" "touch:$T/in" \
	    sleep-ms:8000 fin recv-eof "expect-size:$size"
	finish slow 40
	same "the client's status, with <$ERR>" 0 "$RC"
	exits listener 0
	same "stderr" "" "$ERR"
}

# What such a reader would meet otherwise: the test above can fail.
test_the_system_s_limit_counts_a_reader_that_pauses()
{
	file=$(bytes $size)
	free_port
	launch listener "$NC" --sockopt TCP_USER_TIMEOUT=2s -N -l 127.0.0.1 \
	    "$PORT" <"$file"
	start slow "$TOOLS/peer" rcvbuf:8192 "connect:$PORT" "await:$T/over"
	finish listener
	fails_with_one_line 1
	holds "stderr" "$ERR" \
	    "failed: Connection timed out: the peer no longer answers ("
	: >"$T/over"
	finish slow
}

test_times_that_cannot_be_are_refused()
{
	over native nc || return 0
	for time in 0 32768 x -1 ''; do
		refuses "value" "--keepalive=$time" 127.0.0.1 1
	done
}

test_explain_names_the_given_time()
{
	run "$NC" --explain --keepalive=90 h 1
	holds "with a time" "$OUT" "socket: keepalive after seconds 90"
	run "$NC" --explain --keepalive=off h 1
	holds "without" "$OUT" "socket: no keepalive"
	run "$NC" --explain h 1
	lacks "by default" "$OUT" "keepalive"
}

run_tests "$@"
