#!/bin/sh
# A server that runs commands, when the system runs short of things, when
# clients behave badly, and for a long time.
. "$(dirname "$0")/lib.sh"

if [ "${TORTURE:-no}" = yes ]; then
	sessions=10000 flood=5000 backlog=2000 deaths=200 reused=5000
else
	sessions=300 flood=500 backlog=300 deaths=0 reused=300
fi
pump="--session-timeout 999"
servers=

preloaded() {
	preloads || { skip "calls that fail: the program is static"; return 1; }
}

# server NAME LAUNCHER... -- OPTION...: in the background; sets port and pid.
server() {
	server_name=$1
	shift
	port=$(new_port)
	rm -f "$work/$server_name.pid"
	sh -c 'echo $$ >"$0"; exec "$@"' "$work/$server_name.pid" "$@" \
	    -k -l 127.0.0.1 "$port" </dev/null >/dev/null \
	    2>"$work/$server_name.err" &
	servers="$servers $!"
	listens "$port" $! ||
	    bad "a server comes up" "$(cat "$work/$server_name.err")"
	pid=$(cat "$work/$server_name.pid")
}

# Each ends by the signal, and no earlier.
stop_servers() {
	for one in $servers; do
		kill "$one" 2>/dev/null
	done
	for one in $servers; do
		wait "$one" 2>/dev/null
		stopped=$?
		[ $stopped = 143 ] ||
		    bad "a server lives until it is told to go" \
			"status $stopped" "$(tail -n 5 "$work/$server_name.err")"
	done
	servers=
}
tearDown() {
	for one in $servers; do
		kill -9 $one
	done
	servers=
}

clients() {
	timeout "$FAULT_TIMEOUT" "$TOOLS/multi_client" "$port" "$@" \
	    2>"$work/clients.err"
}

# check SENTENCE COMMAND...
check() {
	check_what=$1
	shift
	"$@"
	judge $? "$check_what" "$(tail -n 2 "$work/clients.err")" \
	    "$(tail -n 3 "$work/$server_name.err")"
}

descriptors() {
	find "/proc/$1/fd" -type l | wc -l
}

children() {
	cat "/proc/$1/task/$1/children" 2>/dev/null
}

resident() {
	sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$1/status"
}

ticks() {
	sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'
}

# ---- Few descriptors -------------------------------------------------------

test_few_descriptors() {
	for tie in '' "$pump"; do
		server few sh -c 'ulimit -n 16; exec "$@"' - "$SOCKCAT" $tie \
		    -e cat
		clients 200 connect "touch:$work/in" "await:$work/go" send:% \
		    fin recv-eof expect:% &
		clients_pid=$!
		waitfor "file:$work/in"
		before=$(ticks "$pid")
		sleep 1
		after=$(ticks "$pid")
		touch "$work/go"
		wait $clients_pid
		check "with 16 descriptors 200 clients are served ($tie)" \
		    [ $? = 0 ]
		check "... and waiting costs nothing ($tie)" \
		    [ "$after" -le $((before + 1)) ]
		rm -f "$work/in" "$work/go"
		stop_servers
	done
}

# From none to enough: a server that can serve no client says so, and does not
# listen.
test_no_half_built_sessions() {
	enough=no
	for n in 8 9 10 11 12 13 14 15 16 17; do
		port=$(new_port)
		sh -c 'ulimit -n '$n'; exec "$@"' - "$SOCKCAT" $pump -e cat \
		    -k -l 127.0.0.1 "$port" </dev/null >/dev/null \
		    2>"$work/budget.err" &
		server_name=budget
		if ! listens "$port" $!; then
			wait $!
			check "$n descriptors: the server ends with 1" [ $? = 1 ]
			check "... and says why" grep -q \
			    'Too many open files.*ulimit -n' "$work/budget.err"
			check "... and fewer were not enough" [ $enough = no ]
			continue
		fi
		servers=$!
		enough=yes
		got=$(clients 5 connect send:% fin recv-end count:%)
		check "$n descriptors: $got of 5 clients are served" \
		    [ "$got" = 5 ]
		stop_servers
	done
	check "some of these are enough" [ $enough = yes ]
}

# The limit falls below what is open already, and rises again.
test_descriptors_run_out_and_come_back() {
	if ! prlimit --pid $$ >/dev/null 2>&1; then
		skip "descriptors that run out: no prlimit"
		return
	fi
	server park "$SOCKCAT" -e cat
	limit=$(prlimit --pid "$pid" -n -o SOFT --noheadings)
	prlimit --pid "$pid" --nofile=4:
	clients 20 connect "touch:$work/in" send:% fin recv-eof expect:% &
	clients_pid=$!
	waitfor "file:$work/in"
	before=$(ticks "$pid")
	sleep 1
	after=$(ticks "$pid")
	check "without descriptors the server rests" \
	    [ "$after" -le $((before + 1)) ]
	prlimit --pid "$pid" --nofile="$(echo $limit):"
	wait $clients_pid
	check "... and serves all when there are some again" [ $? = 0 ]
	rm -f "$work/in"
	stop_servers
}

# ---- Calls that fail -------------------------------------------------------

test_accept_fails() {
	preloaded || return 0
	names='ENFILE EMFILE ENOBUFS ENOMEM ECONNABORTED EPROTO EPERM'
	for name in $names; do
		server "$name" env LD_PRELOAD="$REFUSE_SO" \
		    REFUSE="accept4:3:$name" "$SOCKCAT" -e cat
		( clients 4 connect send:% fin recv-eof expect:%
		  echo $? >"$work/$name.rc" ) &
		eval "clients_$name=$!"
	done
	for name in $names; do
		eval "wait \$clients_$name"
		check "accept fails with $name: the server lives on" \
		    [ "$(cat "$work/$name.rc")" = 0 ]
	done
	stop_servers
}

# Every third one; those are told of, and the others served.
fails_to_start() {
	server "start" env LD_PRELOAD="$REFUSE_SO" REFUSE="$1" "$SOCKCAT" \
	    $3 -e cat
	got=$(clients 30 connect send:% fin recv-end count:%)
	told=$(grep -c "run cat failed: $2" "$work/start.err")
	check "$1 ($3): $got served, $told told" \
	    [ "$got:$((got + told))" = "$4:30" ]
	check "... and nobody is left of the others" \
	    [ -z "$(children "$pid")" ]
	stop_servers
}

test_starts_fail() {
	preloaded || return 0
	again='Resource temporarily unavailable'
	fails_to_start vfork:3:EAGAIN "$again" '' 20
	fails_to_start vfork:3:EAGAIN "$again" "$pump" 20
	fails_to_start vfork:1:ENOMEM 'Cannot allocate memory' '' 0
	# Its own pipe for signals is the first of them.
	fails_to_start pipe2:5:ENFILE 'Too many open files in system' \
	    "$pump" 20
}

# Both ways through a command, when each call does only what it must. (A
# signal's own pipe with room in it never says that it is full.)
test_short_counts() {
	preloaded || return 0
	random_file "$work/long" 1000003
	random_file "$work/small" 16411
	for faults in seed=1,short=30,eintr=5 seed=2,short=60,eintr=20 \
	    splice_fail_at=3 splice_fail_from=2,errno=ENOSYS one=1; do
		for tie in '' "$pump"; do
			sent=$work/long
			[ "$faults" != one=1 ] || sent=$work/small
			server short env LD_PRELOAD="$FAULTLINE_SO" \
			    FAULTLINE="$faults" "$SOCKCAT" $tie \
			    -c 'unset LD_PRELOAD; exec cat'
			timeout "$FAULT_TIMEOUT" "$SOCKCAT" -N 127.0.0.1 \
			    "$port" <"$sent" >"$work/back" 2>"$work/clients.err"
			check "$faults ($tie): the same bytes come back" \
			    cmp -s "$sent" "$work/back"
			stop_servers
		done
	done
}

# ---- Bad clients -----------------------------------------------------------

test_a_flood_of_resets() {
	for tie in '' "$pump"; do
		server flood "$SOCKCAT" $tie -c 'read x; echo $x'
		clients 5 connect 'send:%;' recv-eof 'expect:%;'
		sleep 0.2
		before=$(descriptors "$pid")
		left=$flood
		while [ "$left" -gt 0 ]; do
			clients 100 connect rst
			left=$((left - 100))
		done
		check "$flood resets later the next is served ($tie)" \
		    clients 5 connect 'send:%;' recv-eof 'expect:%;'
		waitfor -t 9000 "asleep:$pid"
		check "... and nothing is left of them ($tie)" \
		    [ "$(descriptors "$pid")/$(children "$pid")" = "$before/" ]
		stop_servers
	done
}

test_many_at_once() {
	server backlog "$SOCKCAT" --max-conns 50 -e cat
	check "$backlog clients at once, and 50 places" clients "$backlog" \
	    connect send:% fin recv-eof expect:%
	stop_servers
}

# ---- For a long time -------------------------------------------------------

some_sessions() {
	clients 25 connect 'send:%;' recv-line 'expect:%;' fin recv-eof &&
	clients 10 connect 'send:%;' recv-line rst &&
	clients 5 connect 'send:fail;' recv-eof expect: &&
	clients 5 connect 'send:killed;' recv-eof expect: &&
	clients 5 connect close
}

test_a_long_life() {
	for tie in '' "$pump"; do
		server soak "$SOCKCAT" $tie -c 'read x
		    case $x in fail) exit 9 ;; killed) kill -9 $$ ;; esac
		    echo $x; exec cat >/dev/null 2>&1'
		some_sessions && some_sessions
		waitfor -t 9000 "asleep:$pid"
		fds=$(descriptors "$pid") rss=$(resident "$pid")
		done=0
		while [ $done -lt $((sessions / 2)) ] && some_sessions; do
			done=$((done + 50))
		done
		check "$done sessions ($tie)" [ $done -ge $((sessions / 2)) ]
		waitfor -t 9000 "asleep:$pid"
		now="$(descriptors "$pid") $(children "$pid")"
		check "... later there are $fds descriptors, no children ($tie)" \
		    [ "$now" = "$fds " ]
		grown=$(($(resident "$pid") - rss))
		# With sanitizers freed memory is kept back for a while.
		[ "${SANITIZED:-no}" = no ] ||
		    { skip "memory, with sanitizers"; grown=0; }
		check "... and $grown kB more memory ($tie)" [ $grown -lt 64 ]
		stop_servers
	done
}

# A room of its own with few numbers, that are soon used again.
test_numbers_are_used_again() {
	if ! unshare -pf --mount-proc sh -c \
	    'echo 400 >/proc/sys/kernel/pid_max' 2>/dev/null ||
	    [ "$(cat /proc/sys/kernel/pid_max)" = 400 ]; then
		skip "numbers of processes: no limit of our own can be set"
		return
	fi
	port=$(new_port)
	unshare -pf --mount-proc sh -c '
		echo 400 >/proc/sys/kernel/pid_max
		port=$1 reused=$2 tools=$3
		shift 3
		"$@" -v -k -l 127.0.0.1 "$port" </dev/null &
		server=$!
		"$tools/waitfor" "tcp:$port"
		while [ "$reused" -gt 0 ]; do
			"$tools/multi_client" "$port" 50 connect "send:%;" recv-line \
			    "expect:%;" fin recv-eof || exit 1
			reused=$((reused - 50))
		done
		"$tools/waitfor" -t 9000 "asleep:$server"
		kill $server
		wait $server
		exit $(($? - 143))
	' - "$port" "$reused" "$TOOLS" "$SOCKCAT" --session-timeout 999 \
	    -c 'read x; echo $x; sleep 0.05 & exec cat' 2>"$work/clients.err"
	check "$reused commands, and fewer than 400 numbers" [ $? = 0 ]
}

# The long form of what tests/cli/test_exec.sh has.
test_deaths_with_full_pipes() {
	[ $deaths -gt 0 ] || return 0
	random_file "$work/long" 400000
	for tie in '' "$pump"; do
		short=0
		server deaths "$SOCKCAT" $tie -c "cat '$work/long'"
		for _ in $(seq $deaths); do
			"$TOOLS/peer" rcvbuf:8192 "connect:$port" \
			    recv-slow:2 "save:$work/got" 2>"$work/clients.err"
			cmp -s "$work/long" "$work/got" || short=$((short + 1))
		done
		check "short runs: $short of $deaths ($tie)" [ $short = 0 ]
		stop_servers
	done
}

# A pause that was asked for is longer than our patience.
test_long_pauses() {
	[ $deaths -gt 0 ] || return 0
	server pauses "$SOCKCAT" -i 25 -c 'printf "a\nb\n"'
	"$TOOLS/peer" deadline-ms:40000 "connect:$port" recv-eof \
	    'expect:a\nb\n' 2>"$work/clients.err"
	check "a line that waits for longer than we are patient" [ $? = 0 ]
	stop_servers
}

run_tests "$@"
