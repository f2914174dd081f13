#!/bin/sh
# Commands at the near end, with the socket handed over and behind pipes.
. "$(dirname "$0")/lib.sh"

# What makes the subject move the bytes itself.
pump_option()
{
	case $SUBJECT in
	*ncat)	echo "-i 50" ;;
	*)	echo "-w 50" ;;
	esac
}

# Run a function with TIE empty, and with it set to what makes us pump.
both_ties()	# FUNCTION ARG...
{
	TIE=
	"$@"
	case $SUBJECT in
	real-*)	return 0 ;;
	esac
	TIE=$(pump_option)
	"$@"
}

# A listener with these options; TIE is several words.
# shellcheck disable=SC2086
listens()	# OPTION...
{
	free_port
	start listener "$NC" $TIE "$@" -l -p "$PORT" </dev/null
	waitfor "tcp:$PORT"
}

# Talk to it, and wait for both ends.
talk()	# WORD...
{
	client "$@"
	finish listener
}

# --- what is run, and how ---------------------------------------------------

test_explain_tells_how_a_command_is_tied()
{
	over native nc traditional ncat || return 0
	run "$NC" --explain -c cat -l -p 9
	holds "explained" "$OUT" "gets the socket itself"
	# shellcheck disable=SC2046
	run "$NC" --explain $(pump_option) -c cat -l -p 9
	holds "explained" "$OUT" "behind pipes"
	lacks "explained" "$OUT" "gets the socket itself"
}

serves_a_program()
{
	listens -e "$(command -v cat)"
	talk 'send:hello\n' fin recv-eof 'expect:hello\n'
	same "exit status ($TIE)" 0 "$RC"
	same "stdout" "" "$OUT"
	same "stderr" "" "$ERR"
}

test_e_lets_a_program_serve()
{
	# The real ncat drops what comes after the half-close.
	over native nc traditional real-traditional ncat || return 0
	both_ties serves_a_program
}

serves_a_shell()
{
	listens -c 'read x; echo "got $x" | tr a-z A-Z'
	talk 'send:hello\n' recv-eof 'expect:GOT HELLO\n'
	same "exit status ($TIE)" 0 "$RC"
	same "stderr" "" "$ERR"
}

test_c_lets_a_shell_serve()
{
	over native nc traditional real-traditional ncat real-ncat || return 0
	both_ties serves_a_shell
}

test_the_long_names_mean_the_same()
{
	over native nc ncat real-ncat || return 0
	TIE=
	listens --exec '/bin/echo hi'
	talk recv-eof 'expect:hi\n'
	same "exit status" 0 "$RC"
	listens --sh-exec 'echo ho'
	talk recv-eof 'expect:ho\n'
	same "exit status" 0 "$RC"
}

connects_a_shell()
{
	serve accept 'send:question\n' recv-eof 'expect:question!\n'
	# shellcheck disable=SC2086
	run "$NC" $TIE -c 'read x; echo "$x!"' 127.0.0.1 "$PORT" </dev/null
	same "exit status ($TIE)" 0 "$RC"
	same "stdout" "" "$OUT"
	same "stderr" "" "$ERR"
	peer_done
}

test_a_client_runs_commands_too()
{
	over native nc traditional real-traditional ncat real-ncat || return 0
	both_ties connects_a_shell
}

over_a_unix_socket()
{
	# shellcheck disable=SC2086
	start listener "$NC" $TIE -U -c 'read x; echo "$x $NCAT_PROTO"
	    echo "$NCAT_LOCAL_ADDR<$NCAT_LOCAL_PORT>"' -l "$T/s" </dev/null
	waitfor "unix:$T/s"
	start peer "$TOOLS/peer" "uconnect:$T/s" 'send:hi\n' recv-eof \
	    "expect:hi UNIX\n$T/s<>\n"
	peer_done
	finish listener
	same "exit status ($TIE)" 0 "$RC"
	same "stderr" "" "$ERR"
	true_that "the path is gone" [ ! -e "$T/s" ]
}

test_over_a_unix_socket_too()
{
	over native nc || return 0
	both_ties over_a_unix_socket
}

test_words_of_e_are_cut_at_blanks()
{
	over native nc || return 0
	TIE=
	listens -e '  printf <%s> a  "b c"  $HOME *'
	talk recv-eof 'expect:<a><"b><c"><$HOME><*>'
	same "exit status" 0 "$RC"
}

test_a_program_of_traditional_is_one_path()
{
	over traditional real-traditional || return 0
	TIE=
	mkdir "$T/a dir"
	ln -s "$(command -v cat)" "$T/a dir/my cat"
	listens -e "$T/a dir/my cat"
	talk 'send:hello\n' fin recv-eof 'expect:hello\n'
	same "exit status" 0 "$RC"
	listens -e 'echo hi'
	talk recv-end expect:
	same "exit status" 1 "$RC"
	same "stderr" "exec echo hi failed : No such file or directory" "$ERR"
}

knows_its_peer()
{
	listens -c 'echo $NCAT_REMOTE_ADDR $NCAT_LOCAL_ADDR $NCAT_LOCAL_PORT \
	    $NCAT_PROTO; echo $NCAT_REMOTE_PORT'
	client recv-eof print
	same "environment ($TIE)" "127.0.0.1 127.0.0.1 $PORT TCP" \
	    "$(echo "$PEER" | head -n 1)"
	true_that "the peer has a port" [ "$(echo "$PEER" | tail -n 1)" -gt 0 ]
	finish listener
}

test_the_environment_tells_who_is_there()
{
	over native nc ncat real-ncat || return 0
	NCAT_REMOTE_ADDR=nobody NCAT_PROTO=none
	export NCAT_REMOTE_ADDR NCAT_PROTO
	both_ties knows_its_peer
	unset NCAT_REMOTE_ADDR NCAT_PROTO
}

has_three_descriptors()
{
	free_port
	# shellcheck disable=SC2086
	start listener "$TOOLS/fdctl" "$1" -- "$NC" $TIE \
	    -c 'ls /proc/$$/fd; :' -l -p "$PORT" </dev/null
	waitfor "tcp:$PORT"
	talk recv-eof 'expect:0\n1\n2\n'
	same "exit status ($TIE $1)" 0 "$RC"
}

test_a_command_has_0_1_and_2_and_no_others()
{
	over native nc traditional ncat || return 0
	both_ties has_three_descriptors many=20
	both_ties has_three_descriptors close=0,1
	both_ties has_three_descriptors close=2
}

has_default_signals()
{
	listens -c "exec grep '^Sig[BI]' /proc/self/status"
	client recv-eof print
	same "signals that are blocked or ignored ($TIE)" "" \
	    "$(echo "$PEER" | sed 's/.*://; s/[^1-9a-f]//g; s/^18$//' |
	    grep .)"
	finish listener
}

test_a_command_ignores_and_blocks_no_signal()
{
	over native nc || return 0
	both_ties has_default_signals
}

says_its_errors()
{
	listens -c 'echo out; echo err >&2'
	talk recv-eof 'expect:out\n'
	same "stderr ($TIE)" err "$ERR"
	listens -E -c 'echo out; echo err >&2; nonexistent-command'
	client recv-eof print
	finish listener
	same "stderr" "" "$ERR"
	holds "peer" "$PEER" "$(printf 'out\nerr\n')"
	holds "peer" "$PEER" "nonexistent-command: not found"
}

test_stderr_stays_ours_unless_asked_for()
{
	over native nc || return 0
	both_ties says_its_errors
}

test_crlf_is_made_of_what_a_command_says()
{
	over native nc || return 0
	TIE=-C
	listens -c 'read x; printf "a\nb\r\nc"; echo "$x" | od -An -tx1 >&2'
	talk 'send:x\n' recv-eof 'expect:a\r\nb\r\nc'
	same "what it reads is left alone" ' 78 0a' "$ERR"
}

# --- status -----------------------------------------------------------------

gives_status()	# STATUS SCRIPT
{
	listens -c "$2"
	talk recv-eof expect:
	same "exit status of $2 ($TIE)" "$1" "$RC"
	same "stderr" "" "$ERR"
}

test_its_exit_status_is_ours()
{
	over native nc traditional real-traditional || return 0
	both_ties gives_status 3 'exit 3'
	both_ties gives_status 0 'exit 0'
	both_ties gives_status 255 'exit 255'
	both_ties gives_status 137 'kill -KILL $$'
	both_ties gives_status 143 'kill -TERM $$'
	both_ties gives_status 127 'exec /nonexist 2>/dev/null'
}

test_ncat_hides_it()
{
	over ncat real-ncat || return 0
	both_ties gives_status 0 'exit 3'
	both_ties gives_status 0 'kill -KILL $$'
}

gives_client_status()
{
	serve accept recv-eof
	# shellcheck disable=SC2086
	run "$NC" $TIE -c 'exit 4' 127.0.0.1 "$PORT" </dev/null
	same "exit status ($TIE)" "$1" "$RC"
	peer_done
}

test_a_client_has_its_status_too()
{
	over native nc traditional real-traditional || return 0
	both_ties gives_client_status 4
}

cannot_run()	# STATUS TEXT PROGRAM
{
	listens -e "$3"
	talk recv-end expect:
	same "exit status of $3 ($TIE)" "$1" "$RC"
	same "stderr of $3" "$2" "$ERR"
}

# Each in the words of its own, with the reason.
test_what_cannot_be_run_is_told_and_the_client_let_go()
{
	over native nc traditional real-traditional ncat real-ncat || return 0
	printf 'exit 0\n' >"$T/text"
	chmod 755 "$T/text"
	rc=1
	case $SUBJECT in
	native)		says='sockcat: run % failed: ' ;;
	nc)		says='nc: run % failed: ' ;;
	*traditional)	says='exec % failed : ' ;;
	*ncat)		says='exec: ' rc=0 ;;
	esac
	for try in "/nonexist:No such file or directory" \
	    "/etc/passwd:Permission denied" "$T:Permission denied" \
	    "$T/text:Exec format error"; do
		# Native finds programs as a shell would, and runs them so.
		case $SUBJECT:$try in
		native:*/text:* | nc:*/text:*) continue ;;
		esac
		want=$(echo "$says${try#*:}" | sed "s|%|${try%%:*}|")
		both_ties cannot_run $rc "$want" "${try%%:*}"
	done
}

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
	# shellcheck disable=SC2086
	start listener "$NC" $TIE -U -c 'head -n 1' -l "$T/s" </dev/null
	waitfor "unix:$T/s"
	start peer "$TOOLS/peer" "uconnect:$T/s" 'send:first\nsecond\n' \
	    fill:50000 sleep-ms:100 recv-eof 'expect:first\n'
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

# Longer than we are patient with those who are quiet.
reads_in_its_own_time()
{
	listens -c "head -n 1; cat $1"
	talk rcvbuf:4096 'send:x\ny\n' deadline-ms:20000 sleep-ms:2500 \
	    recv-slow:10 "save:$T/got"
	same "exit status ($TIE)" 0 "$RC"
	{ echo x; cat "$1"; } >"$T/want"
	same_file "what it got" "$T/want" "$T/got"
}

test_a_client_that_pauses_loses_nothing()
{
	over native || return 0
	both_ties reads_in_its_own_time "$(bytes 300000)"
}

leaves_heirs()
{
	listens -c 'sleep 60 & echo $! >"$PIDFILE"; echo hi'
	began=$(waitfor ms)
	talk 'recv:3' 'expect:hi\n' recv-eof
	same "exit status ($TIE)" 0 "$RC"
	between "milliseconds" 1900 3200 $(($(waitfor ms) - began))
	true_that "nobody is left" [ ! -e "/proc/$(cat "$PIDFILE")" ]
}

test_a_grandchild_that_does_nothing_is_not_waited_for()
{
	over native || return 0
	PIDFILE=$T/pid
	export PIDFILE
	both_ties leaves_heirs
}

# It belongs to nobody's group, and cannot be told to go.
leaves_a_daemon()
{
	listens -c 'setsid sleep 5 & echo $! >"$PIDFILE"; echo hi'
	talk recv-eof 'expect:hi\n'
	same "exit status ($TIE)" 0 "$RC"
	kill "$(cat "$PIDFILE")" 2>/dev/null
}

test_a_daemon_of_its_own_does_not_hold_it_up()
{
	over native || return 0
	PIDFILE=$T/pid
	export PIDFILE
	both_ties leaves_a_daemon
}

leaves_a_worker()
{
	listens -c '(for n in 1 2 3; do sleep 0.8; echo $n; done) &'
	talk recv-eof 'expect:1\n2\n3\n'
	same "exit status ($TIE)" 0 "$RC"
}

test_a_grandchild_at_work_is_waited_for()
{
	over native || return 0
	both_ties leaves_a_worker
}

is_left()	# END
{
	listens -c 'echo $$ >"$PIDFILE"; exec yes'
	client recv:100000 "$1"
	finish listener 3
	true_that "it ends ($TIE), not $RC" [ "$RC" != hang ]
	true_that "it does not end well" [ "$RC" -gt 0 ]
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
	finish listener 6
	true_that "it ends ($TIE), not $RC" [ "$RC" != hang ]
	true_that "the command is gone" [ ! -e "/proc/$(cat "$PIDFILE")" ]
}

test_a_stubborn_command_is_killed()
{
	over native || return 0
	PIDFILE=$T/pid
	export PIDFILE
	# A handed over socket is its own affair: nobody else listens to it.
	TIE=$(pump_option)
	is_stubborn
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
	over native || return 0
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
	# shellcheck disable=SC2086
	start listener "$TOOLS/fdctl" signals -- "$NC" $TIE "$@" \
	    -l -p "$PORT" </dev/null
	waitfor "tcp:$PORT"
	start peer "$TOOLS/peer" "connect:$PORT" recv-line recv-end
	waitfor "text:$PIDFILE:ready"
	CHILD=$(sed -n '1s/ .*//p' "$PIDFILE")
}

is_ended_by()	# SIGNAL STATUS
{
	rm -f "$PIDFILE"
	starts_plainly -c 'echo hi; echo $$ ready >"$PIDFILE"; exec sleep 60'
	kill_it listener "$1"
	finish listener 2
	same "exit status ($TIE)" "$2" "$RC"
	same "stderr" "" "$ERR"
	true_that "the command is gone" waitfor -t 1000 "gone:$CHILD"
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

withstands()	# SIGNALS
{
	rm -f "$PIDFILE"
	starts_plainly -c 'trap "" TERM; echo hi; echo $$ ready >"$PIDFILE"
	    while :; do sleep 60; done'
	began=$(waitfor ms)
	kill_it listener
	[ "$1" = 1 ] || { sleep 0.1; kill_it listener; }
	finish listener 4
	same "exit status ($TIE)" 143 "$RC"
	MS=$(($(waitfor ms) - began))
	true_that "the command is gone" waitfor -t 1000 "gone:$CHILD"
	peer_done
}

test_a_command_that_ignores_it_is_killed_after_a_second()
{
	over native || return 0
	PIDFILE=$T/pid
	export PIDFILE
	for tie in '' "$(pump_option)"; do
		TIE=$tie
		withstands 1
		between "milliseconds ($TIE)" 900 2000 "$MS"
	done
}

test_a_second_signal_does_not_wait()
{
	over native || return 0
	PIDFILE=$T/pid
	export PIDFILE
	for tie in '' "$(pump_option)"; do
		TIE=$tie
		withstands 2
		between "milliseconds ($TIE)" 100 800 "$MS"
	done
}

# The command has ended, and its client takes nothing.
is_not_held_up()
{
	rm -f "$PIDFILE"
	free_port
	# shellcheck disable=SC2086
	start listener "$TOOLS/fdctl" signals -- "$NC" $TIE \
	    -c "cat $1; echo ready >\"\$PIDFILE\"" -l -p "$PORT" </dev/null
	waitfor "tcp:$PORT"
	start peer "$TOOLS/peer" rcvbuf:4096 "connect:$PORT" "await:$T/over"
	waitfor "text:$PIDFILE:ready"
	kill_it listener
	finish listener 2
	same "exit status ($TIE)" 143 "$RC"
	touch "$T/over"
	peer_done
	rm -f "$T/over"
}

test_a_client_that_takes_nothing_does_not_hold_up_the_end()
{
	over native || return 0
	PIDFILE=$T/pid
	export PIDFILE
	both_ties is_not_held_up "$(bytes 400000)"
}

run_tests "$@"
