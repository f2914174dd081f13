#!/bin/sh
# A server whose memory, descriptors or processes run out while it serves
# somebody: that client is dropped with a word, and the others are served.
# Client after client meets it one step later (refuse.c).
. "$(dirname "$0")/lib.sh"
# The library that is preloaded writes files, which a sandbox refuses.
SOCKCAT_SANDBOX=off
export SOCKCAT_SANDBOX

nothing='Cannot allocate memory'
clients=14
pid=
tearDown() { [ -z "$pid" ] || kill -9 $pid; }

if [ "${SANITIZED:-no}" = yes ]; then
	skip "memory that runs out: sanitizers have their own"
	end
fi
if ! preloads; then
	skip "memory that runs out: the program is static"
	end
fi

# server PROTOCOL RULE OPTION...: in the background; its input stays open, and
# is ours (9). Sets port and pid.
server() {
	server_proto=$1 server_rule=$2
	shift 2
	port=$(new_port)
	rm -f "$work"/*
	mkfifo "$work/in"
	LD_PRELOAD=$REFUSE_SO REFUSE=$server_rule "$SOCKCAT" "$@" -k -l \
	    127.0.0.1 "$port" <"$work/in" >"$work/out" 2>"$work/err" &
	pid=$!
	exec 9>"$work/in"
	waitfor -t 9000 "$server_proto:$port" "asleep:$pid" ||
	    bad "a server comes up ($*)" "$(cat "$work/err")"
}

# It lives until it is told to go.
stop_server() {
	exec 9>&-
	kill "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	server_ended=$?
	pid=
	[ $server_ended = 143 ]
}

descriptors() {
	find "/proc/$pid/fd" -type l 2>/dev/null | wc -l
}

lines() {
	wc -l <"$work/err"
}

# either FILE TEXT LINES: the text comes, or there are more lines than these.
either() {
	either_left=200
	while [ "$either_left" -gt 0 ]; do
		! grep -q "$2" "$1" || return 0
		[ "$(lines)" -le "$3" ] || return 0
		sleep 0.02
		either_left=$((either_left - 1))
	done
	return 1
}

# What each client says comes back, or is shown by the server; or why not is
# told in a line.
serve_all() {
	silent=
	for one in $(seq $clients); do
		had=$(lines)
		echo "client $one" | timeout "$FAULT_TIMEOUT" "$SOCKCAT" -N \
		    127.0.0.1 "$port" >>"$work/out" 2>>"$work/clients"
		either "$work/out" "client $one\$" "$had" ||
		    silent="$silent $one"
	done
}

# verdict SENTENCE WORDS
verdict() {
	served=$(grep -c 'client [0-9]*$' "$work/out")
	told=$(grep -c "$2" "$work/err")
	stop_server
	[ $server_ended = 143 ] && [ -z "$silent" ] && [ "$told" -gt 0 ] &&
	    [ "$served" -gt 0 ] && [ "$(lines)" = "$told" ]
	judge $? "$1: $served served, $told told why not" \
	    "ended $server_ended, without a word:$silent" "$(cat "$work/err")"
}

# runs_out RULE WORDS OPTION...
runs_out() {
	rule=$1 words=$2
	shift 2
	server tcp "$rule" "$@"
	before=$(descriptors)
	serve_all
	waitfor -t 9000 "asleep:$pid"
	after=$(descriptors)
	verdict "$rule ($*)" "$words"
	[ "$before" = "$after" ] ||
	    bad "$rule ($*): $before descriptors, then $after"
}

# Each of their datagrams is a session: what came when one could not begin is
# read by the next.
datagrams_run_out() {
	rule=$1 words=$2
	shift 2
	server udp "$rule" -u -W 1 "$@"
	before=$(descriptors)
	silent=
	for one in 1 2 3 4 5; do
		echo "client $one" | "$SOCKCAT" -u --send-only 127.0.0.1 \
		    "$port" 2>>"$work/clients"
		waitfor -t 9000 "text:$work/out:client $one" ||
		    silent="$silent $one"
	done
	waitfor -t 9000 "asleep:$pid"
	after=$(descriptors)
	verdict "$rule (-u $*)" "$words"
	[ "$before" -ge "$after" ] ||
	    bad "$rule (-u $*): $before descriptors, then $after"
}

# Clients that stay, and what the server's input has for them.
input_runs_out() {
	server tcp memory:client:ENOMEM "$@"
	silent=
	for one in 1 2 3 4 5; do
		: >"$work/got.$one"
		had=$(lines)
		"$SOCKCAT" -v -d 127.0.0.1 "$port" >"$work/got.$one" \
		    2>"$work/stays.$one" &
		eval "stays_$one=$!"
		waitfor -t 9000 \
		    "text:$work/stays.$one:succeeded" "asleep:$pid"
		# Nobody is there to hear anything.
		[ "$(lines)" = "$had" ] || continue
		for line in 1 2 3; do
			had=$(lines)
			echo "client $one$line" >&9
			either "$work/got.$one" "client $one$line" "$had" ||
			    silent="$silent $one$line"
		done
	done
	cat "$work"/got.* | tr -d '\r' >"$work/out"
	verdict "memory for the input ($*)" "$nothing"
	grep -q 'pass on' "$work/err" || bad "... and of what was not passed on"
	for one in 1 2 3 4 5; do
		eval "wait \$stays_$one"
	done
}

# What stands behind a name is put together first.
speech_runs_out() {
	server tcp memory:client:ENOMEM --compat=ncat --chat
	for one in 1 2 3 4 5 6; do
		echo "client $one" | timeout "$FAULT_TIMEOUT" "$SOCKCAT" -N \
		    127.0.0.1 "$port" >/dev/null 2>>"$work/clients"
	done
	waitfor -t 9000 "text:$work/err:pass on " &&
	    stop_server
	judge $? "memory for the speech of ncat's users" "$(cat "$work/err")"
}

# The first datagram, for whose session there is no memory: the program ends,
# and its socket has been closed before.
datagram_leaves_nothing() {
	port=$(new_port)
	rm -f "$work"/*
	LD_PRELOAD=$REFUSE_SO REFUSE=memory:client:ENOMEM \
	    REFUSE_LEFT=$work/left "$SOCKCAT" -u -l "$@" 127.0.0.1 "$port" \
	    </dev/null >"$work/out" 2>"$work/err" &
	pid=$!
	waitfor -t 9000 "udp:$port" "asleep:$pid"
	echo hello | "$SOCKCAT" -u --send-only 127.0.0.1 "$port"
	wait "$pid"
	ended=$? pid=
	[ "$ended" = 1 ] && grep -q "$nothing" "$work/err" &&
	    [ "$(cat "$work/left")" = 0 ]
	judge $? "no memory for a datagram's session leaves no socket ($*)" \
	    "ended $ended, sockets $(cat "$work/left")" \
	    "$(cat "$work/err")"
}

test_a_datagram_without_memory_leaves_nothing() {
	datagram_leaves_nothing
	datagram_leaves_nothing -C
}

test_resources_run_out() {
	for how in --merge=chunk '--merge=line -C' -d '-d -t' '-d -C' --echo \
	    '--echo --framing=line' --broker --talk \
	    '-e cat' '--session-timeout 999 -e cat'; do
		runs_out memory:client:ENOMEM "$nothing" $how
	done
	runs_out pipe2:client:EMFILE 'Too many open files' \
	    --session-timeout 999 -e cat
	runs_out vfork:client:EAGAIN 'Resource temporarily unavailable' -e cat
	for how in -C --tag=%p:; do
		datagrams_run_out memory:client:ENOMEM "$nothing" $how
	done
	datagrams_run_out dup:3:EMFILE 'Too many open files'
	input_runs_out --broker -C
	speech_runs_out
}

run_tests "$@"
