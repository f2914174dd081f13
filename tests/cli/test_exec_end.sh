#!/bin/sh
# The ends of commands, of their clients and of their heirs, and signals.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/exec.inc"

# --- ends -------------------------------------------------------------------

answers_after_the_end()
{
	listens -c 'wc -c; sleep 0.1; echo late'
	talk fill:5000 fin recv-eof 'expect:5000\nlate\n'
	same "exit status ($TIE)" 0 "$RC"
}

test_the_end_of_its_input_is_not_the_end_of_its_answer()
{
	# The real ncat ends there and loses the answer.
	over native nc traditional real-traditional ncat || return 0
	both_ties answers_after_the_end
}

answers_who_has_ended()
{
	serve accept 'send:hello\n' fin recv-eof 'expect:got hello\nlate\n'
	run "$NC" $TIE -c 'read x; cat; echo "got $x"; sleep 0.2; echo late' \
	    127.0.0.1 "$PORT" </dev/null
	same "exit status ($TIE)" 0 "$RC"
	peer_done
}

test_a_server_that_ends_after_its_greeting_gets_the_answer()
{
	# The real ncat loses it.
	over native nc traditional real-traditional ncat || return 0
	both_ties answers_who_has_ended
}

# Both ends are ours: the half-close of one, the answer of the other.
asks_with_n()
{
	listens -c 'wc -c; sleep 0.2; echo late'
	printf 12345 >"$T/in"
	run "$NC" -N 127.0.0.1 "$PORT" <"$T/in"
	same "client ($TIE)" 0 "$RC"
	same "answer" "$(printf '5\nlate')" "$OUT"
	finish listener
	same "listener" 0 "$RC"
}

test_a_client_with_n_gets_the_answer()
{
	over native nc || return 0
	both_ties asks_with_n
}

answers_one_line()
{
	listens -c 'head -n 1; exit 5'
	talk 'send:first\nsecond\n' fill:100000 sleep-ms:50 recv-eof \
	    'expect:first\n'
	same "exit status ($TIE)" 5 "$RC"
	same "stderr" "" "$ERR"
}

# It goes on sending, and finds the answer and an end, no reset.
test_a_command_may_leave_before_its_client()
{
	over native nc || return 0
	both_ties answers_one_line
}

answers_one_line_locally()
{
	start listener "$NC" $TIE -U -c 'read x; echo "$x"; sleep 0.3' \
	    -l "$T/s" </dev/null
	waitfor "unix:$T/s"
	start peer "$TOOLS/peer" "uconnect:$T/s" 'send:first\n' fill:160000 \
	    sleep-ms:500 recv-eof 'expect:first\n'
	peer_done
	finish listener
	same "exit status ($TIE)" 0 "$RC"
}

test_a_local_client_finds_no_reset_either()
{
	over native nc || return 0
	both_ties answers_one_line_locally
}

dies_with_full_pipes()
{
	for _ in 1 2 3 4 5; do
		listens -c "cat $1; exit 6"
		talk rcvbuf:8192 recv-slow:2 "save:$T/got"
		same "exit status ($TIE)" 6 "$RC"
		same_file "what a slow reader got" "$1" "$T/got"
	done
}

test_all_arrives_from_a_command_that_has_died()
{
	over native nc ncat || return 0
	case $SUBJECT in ncat) return 0 ;; esac
	both_ties dies_with_full_pipes "$(bytes 400000)"
}

# Longer than we are patient with those who are quiet, and with something
# unread on our side, which would reset a connection that is closed.
reads_in_its_own_time()
{
	listens -c "head -n 1; cat $1"
	talk rcvbuf:4096 'send:x\n' deadline-ms:20000 sleep-ms:300 \
	    'send:y\n' sleep-ms:2200 recv-slow:10 "save:$T/got"
	same "exit status ($TIE)" 0 "$RC"
	{ echo x; cat "$1"; } >"$T/want"
	same_file "what it got" "$T/want" "$T/got"
}

test_a_client_that_pauses_loses_nothing()
{
	both_ties reads_in_its_own_time "$(bytes 300000)"
}

leaves_heirs()
{
	listens -c 'sleep 60 & echo $! >"$PIDFILE"; echo hi'
	began=$(waitfor ms)
	talk 'recv:3' 'expect:hi\n' recv-eof
	same "exit status ($TIE)" 0 "$RC"
	at_least "milliseconds" 1900 $(($(waitfor ms) - began))
	true_that "nobody is left" [ ! -e "/proc/$(cat "$PIDFILE")" ]
}

test_a_grandchild_that_does_nothing_is_not_waited_for()
{
	PIDFILE=$T/pid
	export PIDFILE
	both_ties leaves_heirs
}

leaves_a_daemon()	# ENVIRONMENT...
{
	rm -f "$PIDFILE"
	listens -c "$* setsid sh -c 'echo \$\$ >$PIDFILE; sleep 60; :' &
	    waitfor() { until [ -s $PIDFILE ]; do sleep 0.01; done; }
	    waitfor; echo hi"
	talk recv-eof 'expect:hi\n'
	same "exit status ($TIE)" 0 "$RC"
	true_that "the daemon is gone ($TIE $*)" \
	    [ ! -e "/proc/$(cat "$PIDFILE")" ]
}

test_a_daemon_ends_with_the_connection()
{
	[ -n "$SETSID" ] || { skip "no setsid"; return 0; }
	PIDFILE=$T/pid
	both_ties leaves_a_daemon
	TIE=
	leaves_a_daemon env -i "PATH=$PATH"
}

# The first peer sees the end at once, and its daemon ends; that of the second
# peer, which is still there, goes on.
test_a_daemon_of_another_connection_goes_on()
{
	[ -n "$SETSID" ] || { skip "no setsid"; return 0; }
	listens -k -c "read name
	    setsid sh -c 'echo \$\$ >$T/new\$1; mv $T/new\$1 $T/\$1
	    exec sleep 60' - \"\$name\" \
	    >/dev/null </dev/null & read stop"
	guest one 'send:one\n' "await:$T/leave" fin recv-eof
	guest two 'send:two\n' "await:$T/over" fin recv-eof
	waitfor "file:$T/one" "file:$T/two"
	one=$(cat "$T/one") two=$(cat "$T/two")
	: >"$T/leave"
	finish one
	same "the first peer's script" 0 "$RC"
	true_that "the daemon of the first is gone" \
	    waitfor -t 15000 "gone:$one"
	true_that "the daemon of the second is there" [ -e "/proc/$two" ]
	: >"$T/over"
	finish two
	true_that "the daemon of the second is gone" \
	    waitfor -t 15000 "gone:$two"
}

test_processes_that_no_command_has_started_are_left_alone()
{
	[ -n "$SETSID" ] || { skip "no setsid"; return 0; }
	free_port
	start listener sh -c "setsid sh -c 'echo \$\$ >$T/new; mv $T/new $T/pid
	    sleep 60; :' &
	    exec \"\$0\" -l -p $PORT -c 'setsid sleep 60 & echo hi'" "$NC" \
	    </dev/null
	waitfor "tcp:$PORT" "file:$T/pid"
	talk recv-eof 'expect:hi\n'
	same "exit status" 0 "$RC"
	true_that "the other process goes on" [ -e "/proc/$(cat "$T/pid")" ]
	end_it "$(cat "$T/pid")"
}

leaves_a_worker()
{
	listens -c '(for n in 1 2 3 4 5 6; do sleep 0.4; echo $n; done) &'
	talk recv-eof 'expect:1\n2\n3\n4\n5\n6\n'
	same "exit status ($TIE)" 0 "$RC"
}

test_a_grandchild_at_work_is_waited_for()
{
	both_ties leaves_a_worker
}

leaves_one_that_works_in_silence()
{
	rm -f "$PIDFILE"
	listens -c '(sleep 0.2; echo $$ >"$PIDFILE") </dev/null >/dev/null 2>&1 &'
	talk recv-eof
	same "exit status ($TIE)" 0 "$RC"
	true_that "it did its work ($TIE)" [ -s "$PIDFILE" ]
}

test_a_grandchild_that_needs_no_connection_has_its_two_seconds()
{
	PIDFILE=$T/pid
	export PIDFILE
	both_ties leaves_one_that_works_in_silence
}

is_left()	# END
{
	listens -c 'echo $$ >"$PIDFILE"; exec yes'
	client recv:100000 "$1"
	finish listener
	true_that "it ends ($TIE), not $RC" [ "$RC" != hang ]
	# Ncat hides what became of its command.
	[ "$SUBJECT" = ncat ] ||
	    true_that "it does not end well" [ "$RC" != 0 ]
	true_that "the command is gone" [ ! -e "/proc/$(cat "$PIDFILE")" ]
}

test_a_client_that_leaves_ends_the_command()
{
	over native nc traditional ncat || return 0
	PIDFILE=$T/pid
	export PIDFILE
	both_ties is_left rst
	both_ties is_left close
}

# Neither the closed pipe nor a polite request impresses it.
is_stubborn()
{
	listens -c 'trap "" TERM PIPE; echo $$ >"$PIDFILE"; echo hi
	    while :; do sleep 60; done'
	client recv:3 rst
	finish listener
	true_that "it ends ($TIE), not $RC" [ "$RC" != hang ]
	true_that "the command is gone" [ ! -e "/proc/$(cat "$PIDFILE")" ]
}

test_a_stubborn_command_is_killed()
{
	PIDFILE=$T/pid
	export PIDFILE
	# A handed over socket is its own affair: nobody else listens to it.
	TIE=$(pump_option)
	is_stubborn
}

# It neither reads nor writes; -c would have the shell wait for it.
test_an_idle_command_hears_of_its_peers_reset()
{
	over native nc || return 0
	TIE=
	listens -e 'sleep 100'
	began=$(waitfor ms)
	client rst
	finish listener
	at_least "milliseconds" 1500 $(($(waitfor ms) - began))
	same "exit status" 1 "$RC"
	[ "$SUBJECT" = nc ] || same "the words" \
	    "sockcat: read from the peer failed: Connection reset by peer" \
	    "$ERR"
	# One that only ends is none.
	listens -e 'sleep 0.3'
	client close
	exits listener 0
	same "stderr" "" "$ERR"
}

answers_late()
{
	listens -c 'cat >/dev/null; sleep 1; seq 10000'
	talk 'send:x' fin recv-eof "save:$T/got"
	same "exit status ($TIE)" 0 "$RC"
	seq 10000 >"$T/want"
	same_file "late reply" "$T/want" "$T/got"
}

test_a_late_reply_is_whole()
{
	both_ties answers_late
}

# --- much -------------------------------------------------------------------

echoes_much()	# FILE
{
	listens -e "$(command -v cat)"
	run "$NC" -N 127.0.0.1 "$PORT" <"$1"
	same "client ($TIE)" 0 "$RC"
	same_file "what came back" "$1" "$T/run.out"
	finish listener
	same "listener" 0 "$RC"
}

test_much_goes_both_ways_at_once()
{
	over native nc || return 0
	both_ties echoes_much "$(bytes 67108864)"
}

# --- signals ----------------------------------------------------------------

starts_plainly()	# OPTION...
{
	free_port
	launch listener "$TOOLS/fdctl" signals -- "$NC" $TIE "$@" \
	    -l -p "$PORT" </dev/null
	start peer "$TOOLS/peer" "connect:$PORT" recv-line recv-end
	waitfor "text:$PIDFILE:ready"
	CHILD=$(sed -n '1s/ .*//p' "$PIDFILE")
}

is_ended_by()	# SIGNAL STATUS
{
	rm -f "$PIDFILE"
	starts_plainly -c 'echo hi; echo $$ ready >"$PIDFILE"; exec sleep 60'
	stop listener "$1"
	same "exit status ($TIE)" "$2" "$RC"
	same "stderr" "" "$ERR"
	true_that "the command is gone" waitfor "gone:$CHILD"
	peer_done
}

test_a_signal_ends_the_command_too()
{
	over native nc || return 0
	PIDFILE=$T/pid
	export PIDFILE
	both_ties is_ended_by TERM 143
	both_ties is_ended_by INT 130
	both_ties is_ended_by HUP 129
}

# A command that has the socket does not notice the death of this program.
dies_by_kill()
{
	listens -k -c 'echo $$; exec sleep 100'
	start peer "$TOOLS/peer" "connect:$PORT" recv-line "save:$T/number" \
	    "touch:$T/told" recv-end
	waitfor "file:$T/told"
	kill -KILL "$(pid_of listener)"
	finish peer
	same "the client ($TIE)" 0 "$RC"
	true_that "the command is gone ($TIE)" \
	    waitfor "gone:$(cat "$T/number")"
	rm -f "$T/told"
}

test_a_command_ends_when_the_program_is_killed()
{
	over native nc traditional ncat || return 0
	both_ties dies_by_kill
}

test_a_command_of_a_killed_worker_ends()
{
	TIE="-k --workers 2"
	listens -c 'echo $$ $PPID; exec sleep 100'
	start peer "$TOOLS/peer" "connect:$PORT" recv-line "save:$T/number" \
	    "touch:$T/told" recv-end
	waitfor "file:$T/told"
	read -r command worker <"$T/number"
	kill -KILL "$worker"
	finish peer
	same "the client" 0 "$RC"
	true_that "the command is gone" waitfor "gone:$command"
}

# A process that left its command on purpose is not told of the death.
test_a_daemon_survives_the_program_that_is_killed()
{
	command -v setsid >/dev/null || { skip "no setsid"; return 0; }
	listens -k -c "setsid sh -c 'echo \$\$ >$T/number; exec sleep 100' \
	    </dev/null >/dev/null 2>&1 & echo; exec sleep 100"
	start peer "$TOOLS/peer" "connect:$PORT" recv-line "touch:$T/told" \
	    recv-end
	waitfor "file:$T/told" "size:$T/number:2"
	kill -KILL "$(pid_of listener)"
	finish peer
	same "the client" 0 "$RC"
	true_that "the daemon is there" [ -e "/proc/$(cat "$T/number")" ]
	kill -KILL "$(cat "$T/number")"
}

withstands()	# SIGNALS
{
	rm -f "$PIDFILE"
	starts_plainly -c 'trap "" TERM; echo hi; echo $$ ready >"$PIDFILE"
	    while :; do sleep 60; done'
	began=$(waitfor ms)
	kill_it listener
	[ "$1" = 1 ] || { sleep 0.1; kill_it listener; }
	finish listener
	same "exit status ($TIE)" 143 "$RC"
	MS=$(($(waitfor ms) - began))
	true_that "the command is gone" waitfor "gone:$CHILD"
	peer_done
}

test_a_command_that_ignores_it_is_killed_after_a_second()
{
	PIDFILE=$T/pid
	export PIDFILE
	for tie in '' "$(pump_option)"; do
		TIE=$tie
		withstands 1
		at_least "milliseconds ($TIE)" 900 "$MS"
	done
}

test_a_second_signal_does_not_wait()
{
	PIDFILE=$T/pid
	export PIDFILE
	for tie in '' "$(pump_option)"; do
		TIE=$tie
		soon 900 withstands 2
	done
}

# The command has ended, and its client takes nothing.
is_not_held_up()
{
	rm -f "$PIDFILE"
	free_port
	launch listener "$TOOLS/fdctl" signals -- "$NC" $TIE \
	    -c "cat $1; echo ready >\"\$PIDFILE\"" -l -p "$PORT" </dev/null
	start peer "$TOOLS/peer" rcvbuf:4096 "connect:$PORT" "await:$T/over"
	waitfor "text:$PIDFILE:ready"
	stop listener
	same "exit status ($TIE)" 143 "$RC"
	touch "$T/over"
	peer_done
	rm -f "$T/over"
}

test_a_client_that_takes_nothing_does_not_hold_up_the_end()
{
	PIDFILE=$T/pid
	export PIDFILE
	both_ties is_not_held_up "$(bytes 400000)"
}

run_tests "$@"
