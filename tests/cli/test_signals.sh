#!/bin/sh
# Signals: the exit status is that of a death by the signal.
. "$(dirname "$0")/lib.sh"

# Start the subject with default signal actions: the shell ignores INT and
# QUIT for what it puts into the background.
plainly()	# NAME COMMAND...
{
	name=$1
	shift
	start "$name" "$TOOLS/fdctl" signals -- "$@"
}

dies_of()	# NAME SIGNAL STATUS
{
	waitfor "asleep:$(pid_of "$1")"
	stop "$1" "$2"
	same "exit status after SIG$2" "$3" "$RC"
	same "stderr after SIG$2" "" "$ERR"
}

test_a_listener_dies_of_int_and_term()
{
	over native nc real || return 0
	for sig in INT:130 TERM:143; do
		free_port
		hold
		plainly listener "$NC" -l "$PORT" <"$T/idle"
		waitfor "tcp:$PORT"
		dies_of listener "${sig%:*}" "${sig#*:}"
	done
}

test_a_client_dies_of_int_and_term()
{
	over native nc real || return 0
	for sig in INT:130 TERM:143; do
		serve accept send:hi recv-end
		hold
		plainly run "$NC" 127.0.0.1 "$PORT" <"$T/idle"
		waitfor "text:$T/run.out:hi"
		dies_of run "${sig%:*}" "${sig#*:}"
		same "stdout" hi "$OUT"
		peer_done
	done
}

test_what_was_received_is_printed_before()
{
	over native nc || return 0
	hold
	serve accept fill:50000 "touch:$T/sent" recv-end
	plainly run "$NC" 127.0.0.1 "$PORT" <"$T/idle"
	waitfor "size:$T/run.out:50000"
	dies_of run TERM 143
	peer_done
}

test_a_connect_that_hangs_is_ended()
{
	over native nc real || return 0
	serve_nobody
	plainly run "$NC" 127.0.0.1 "$PORT" </dev/null
	dies_of run TERM 143
}

test_a_blocked_stdout_does_not_hold_up_the_end()
{
	over native nc real || return 0
	hold
	mkfifo "$T/out"
	start reader sh -c 'exec sleep 60 <"$1"' - "$T/out"
	serve accept fill:4000000 recv-end
	start run "$TOOLS/fdctl" signals -- sh -c 'exec "$@" >"$0"' "$T/out" \
	    "$NC" 127.0.0.1 "$PORT" <"$T/idle"
	waitfor "linked:$PORT" "asleep:$(pid_of run)"
	kill_it run TERM
	# Draining for a moment is allowed; a second TERM ends it at once.
	"$TOOLS/waitfor" -t 1500 "gone:$(pid_of run)" 2>/dev/null ||
	    kill_it run TERM
	exits run 143
}

test_hup_and_quit_end_it_too()
{
	over native nc real || return 0
	for sig in HUP:129 QUIT:131; do
		free_port
		hold
		plainly listener "$NC" -l "$PORT" <"$T/idle"
		waitfor "tcp:$PORT"
		dies_of listener "${sig%:*}" "${sig#*:}"
	done
}

test_an_ignored_int_stays_ignored()
{
	over native nc real || return 0
	hold
	free_port
	launch listener sh -c 'trap "" INT; exec "$@"' - "$NC" -l "$PORT" \
	    <"$T/idle"
	kill_it listener INT
	waits listener
}

# What came meanwhile ends a silence, however long the stop was.
test_a_stop_is_not_the_silence_of_the_peer()
{
	over native nc real || return 0
	hold
	serve accept send:one "await:$T/go" send:two "touch:$T/sent" recv-end
	start run "$NC" -w 3 127.0.0.1 "$PORT" <"$T/idle"
	waitfor "text:$T/run.out:one"
	kill_it run STOP
	touch "$T/go"
	waitfor "file:$T/sent"
	"$TOOLS/peer" sleep-ms:3500
	stop run CONT
	same "exit status" 0 "$RC"
	same "stdout" onetwo "$OUT"
	peer_done
}

test_stop_and_continue_lose_nothing()
{
	over native nc real || return 0
	data=$(bytes 3000000)
	serve accept recv-eof "save:$T/got" fin
	mkfifo "$T/data"
	start feeder sh -c 'exec dd "if=$1" "of=$2" bs=5000' - "$data" "$T/data"
	start run "$NC" -N 127.0.0.1 "$PORT" <"$T/data"
	for _ in 1 2 3 4 5 6; do
		kill_it run STOP 2>/dev/null
		kill_it run CONT 2>/dev/null
	done
	exits run 0
	peer_done
	same_file "data" "$data" "$T/got"
}

run_tests "$@"
