#!/bin/sh
# Programs that people use with a netcat, where one side ends before the
# other: CI runners and coproc, which hold a silent pipe, and senders that
# think: xz, sort, a script.
# timeout: 600
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_end.sh"

# A program of Python, which starts its arguments: the subject.
python()	# client|listener PROGRAM PEER-WORD...
{
	way=$1 program=$2
	shift 2
	printf '%s\n' "$program" >"$work/program.py"
	script "$way" "exec </dev/null; python3 $work/program.py \"\$@\"" "$@"
}

# --- who holds a silent pipe ------------------------------------------------------

# As a runner of CI jobs starts its steps.
RUNNER='
import subprocess, sys
p = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE,
    stdout=subprocess.PIPE)
sys.stdout.write(p.stdout.read().decode())
sys.stdout.flush()
sys.exit(p.wait())'

runner_downloads()	# client|listener
{
	python "$1" "$RUNNER" send:artefact "touch:$T/fin" fin recv-eof
	statuses 0 ""
	since "$T/fin"
	same "$1: stdout" artefact "$OUT"
	peer_done
}

test_a_download_under_a_ci_runner_ends_after_a_moment()
{
	need_bash && need python3 || return 0
	takes "a moment" runner_downloads client
}

test_a_listener_under_a_ci_runner_ends_a_moment_after_its_client()
{
	need_bash && need python3 || return 0
	takes "a moment" runner_downloads listener
}

runner_gets_nothing()	# client|listener
{
	python "$1" "$RUNNER" "touch:$T/fin" fin recv-reset
	statuses 1
	since "$T/fin"
	one_line "$1: stderr" "$ERR"
	peer_done
}

test_nothing_at_all_under_a_ci_runner_is_a_failure_after_a_second()
{
	need_bash && need python3 || return 0
	takes 1s runner_gets_nothing client
	takes 1s runner_gets_nothing listener
}

# It asks, and forgets to close its end of the pipe.
ASKER='
import subprocess, sys
p = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE,
    stdout=subprocess.PIPE)
p.stdin.write(b"question\n")
p.stdin.flush()
sys.stdout.write(p.stdout.readline().decode())
sys.stdout.flush()
sys.exit(p.wait())'

asker()	# client|listener
{
	python "$1" "$ASKER" recv-line 'expect:question\n' 'send:answer\n' \
	    "touch:$T/fin" fin recv-eof expect:
	statuses 0 ""
	since "$T/fin"
	same "$1: stdout" answer "$OUT"
	peer_done
}

test_a_program_that_asks_and_keeps_its_pipe_open_waits_two_seconds()
{
	need_bash && need python3 || return 0
	takes 2s asker client
	takes 2s asker listener
}

# tail never ends by itself.
tail_of_dev_null()	# client|listener
{
	script "$1" 'tail -f /dev/null | {
	    "$@"; echo $? >$T/status; : >$T/left; }' send:artefact "touch:$T/fin" fin recv-eof
	waitfor "file:$T/left"
	since "$T/fin"
	same "$1: exit status" 0 "$(cat "$T/status")"
	end_it "$(pid_of script)"
	look_at script
	same "$1: stdout" artefact "$OUT"
	peer_done
}

test_a_download_behind_tail_f_ends_after_a_moment()
{
	need_bash || return 0
	takes "a moment" tail_of_dev_null client
	takes "a moment" tail_of_dev_null listener
}

coproc_downloads()	# client|listener
{
	script "$1" 'coproc C { exec "$@"; }
	    exec 3<&"${C[0]}" 4>&"${C[1]}"; pid=$C_PID
	    cat <&3; wait $pid' send:artefact "touch:$T/fin" fin recv-eof
	statuses 0 ""
	since "$T/fin"
	same "$1: stdout" artefact "$OUT"
	peer_done
}

test_a_download_in_a_coproc_ends_after_a_moment()
{
	need_bash || return 0
	takes "a moment" coproc_downloads client
	takes "a moment" coproc_downloads listener
}

coproc_asks()	# client|listener
{
	script "$1" 'coproc C { exec "$@"; }
	    exec 3<&"${C[0]}" 4>&"${C[1]}"; pid=$C_PID
	    echo question >&4; read answer <&3; echo $answer; wait $pid' \
	    recv-line 'expect:question\n' 'send:answer\n' "touch:$T/fin" fin \
	    recv-eof expect:
	statuses 0 ""
	since "$T/fin"
	same "$1: stdout" answer "$OUT"
	peer_done
}

test_a_coproc_that_asks_and_is_left_open_waits_two_seconds()
{
	need_bash || return 0
	takes 2s coproc_asks client
	takes 2s coproc_asks listener
}

test_a_coproc_that_closes_its_pipe_ends_at_once()
{
	need_bash || return 0
	takes "at once" coproc_closes client
	takes "at once" coproc_closes listener
}

coproc_closes()	# client|listener
{
	script "$1" 'coproc C { exec "$@"; }
	    exec 3<&"${C[0]}" 4>&"${C[1]}" {C[0]}<&- {C[1]}>&-; pid=$C_PID
	    echo question >&4; read answer <&3; echo $answer; exec 4>&-
	    wait $pid' recv-line 'expect:question\n' 'send:answer\n' \
	    "touch:$T/fin" fin recv-eof expect:
	statuses 0 ""
	since "$T/fin"
	same "$1: stdout" answer "$OUT"
	peer_done
}

# --- senders that think ------------------------------------------------------------

# xz has given something, and thinks on.
test_xz_is_waited_for_however_slow_it_is()
{
	need_bash && need xz || return 0
	for way in client listener; do
		script "$way" '{ seq 1000; $WAITFOR file:$T/go; seq 1000; } |
		    xz -9 --flush-timeout=50 | "$@"' recv:1 fin \
		    sleep-ms:3300 "touch:$T/go" recv-eof "save:$T/got"
		statuses "0 0 0" ""
		peer_done
		same "$way: sums" "$({ seq 1000; seq 1000; } | cksum)" \
		    "$(xz -dc <"$T/got" | cksum)"
	done
}

# A sort that gives nothing for longer than a second, to a peer that ends at
# once, has to be told of: it has thought for nothing.
slow_sort()	# client|listener
{
	script "$1" '{ $WAITFOR file:$T/go; echo b; echo a; } | sort | "$@"
	    s="${PIPESTATUS[2]}"; (exit $s)' "touch:$T/fin" fin recv-reset \
	    expect: "touch:$T/go"
	waitfor "file:$T/go"
	since "$T/fin"
	statuses 1
	one_line "$1: stderr" "$ERR"
	peer_done
}

test_a_sort_that_gives_nothing_for_a_second_is_told_that_it_is_late()
{
	need_bash || return 0
	takes 1s slow_sort client
	takes 1s slow_sort listener
}

test_a_sort_that_begins_within_the_second_is_sent()
{
	need_bash || return 0
	for way in client listener; do
		# On a busy machine a second may not be enough once.
		for _ in 1 2 3 4 5; do
			script "$way" '{ $WAITFOR file:$T/fin
			    echo b; echo a; } | sort | "$@"' "touch:$T/fin" \
			    fin recv-eof "save:$T/got"
			finish script
			[ "$(cat "$T/statuses")" != "0 0 0" ] || break
		done
		same "$way: statuses" "0 0 0" "$(cat "$T/statuses")"
		peer_done
		same "$way: what the peer got" "$(printf 'a\nb')" \
		    "$(cat "$T/got")"
	done
}

# All of the script's words arrive, at a peer that only listens.
test_a_script_that_sends_now_and_then_is_sent_to_its_end()
{
	need_bash || return 0
	for way in client listener; do
		script "$way" '{ echo 1; $WAITFOR -t 1200 file:$T/never
		    echo 2; $WAITFOR -t 1200 file:$T/never
		    echo 3; } 2>$T/noise | "$@"' fin recv-eof \
		    'expect:1\n2\n3\n'
		statuses "0 0" ""
		peer_done
	done
}

test_tar_is_sent_to_a_peer_that_has_ended()
{
	need_bash && need tar || return 0
	mkdir "$work/from"
	cp "$(bytes 3000000)" "$work/from/file"
	for way in client listener; do
		script "$way" "tar cf - -C $work/from . | \"\$@\"" fin \
		    sleep-ms:1300 recv-eof "save:$T/got"
		statuses "0 0" ""
		peer_done
		mkdir "$T/to"
		tar xf "$T/got" -C "$T/to"
		true_that "$way: both trees are the same" \
		    diff -r "$work/from" "$T/to"
	done
}

run_tests "$@"
