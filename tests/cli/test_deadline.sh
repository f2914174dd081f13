#!/bin/sh
# --deadline: one clock over everything, and what is told when it rings.
# timeout: 600
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_proxy.sh"

# It ended by the deadline of so many tenths of a second, and said so first.
# Where something has to happen before, there is time for it.
rang()	# TENTHS [WHY]
{
	same "exit status" 1 "$RC"
	rang_after=$(echo "$1" | sed 's/^.$/0&/; s/.$/.&/; s/\.0$//')
	same "the first line" \
	    "${NC##*/}: the deadline of $rang_after s has passed${2:+ ($2)}" \
	    "$(head -n 1 "$T/run.err")"
	at_least "milliseconds" $(($1 * 100 - 5)) "$MS"
}

# A line of its own, after the deadline's.
tells_loss()	# TEXT
{
	same "lines of <$ERR>" 2 "$(grep -c . "$T/run.err")"
	holds "stderr" "$ERR" "$1"
}

test_nobody_comes()
{
	over native nc || return 0
	free_port
	timed "$NC" --deadline 300ms -l "$PORT" </dev/null
	rang 3
	one_line "stderr" "$ERR"
}

test_nobody_answers()
{
	over native nc || return 0
	serve_nobody
	timed "$NC" --deadline 300ms 127.0.0.1 "$PORT" </dev/null
	rang 3
}

test_a_server_that_is_always_there_ends_too()
{
	free_port
	timed "$NC" --deadline 0.3 -l -k --echo "$PORT" </dev/null
	rang 3
}

test_an_idle_session()
{
	over native nc || return 0
	hold
	serve accept send:hi recv-end
	timed "$NC" --deadline 5 127.0.0.1 "$PORT" <"$T/idle"
	rang 50
	same "stdout" hi "$OUT"
	one_line "stderr" "$ERR"
	peer_done
}

test_a_peer_that_floods()
{
	free_port
	launch flood "$NC" -k -l "$PORT" </dev/zero
	timed sh -c 'exec "$@" >/dev/null' - \
	    "$NC" -d --deadline 5 127.0.0.1 "$PORT"
	rang 50
}

test_a_peer_that_takes_nothing_is_a_loss()
{
	over native nc || return 0
	serve rcvbuf:4096 accept "await:$T/over"
	timed "$NC" --deadline 5 127.0.0.1 "$PORT" </dev/zero
	rang 50
	tells_loss " of the input not sent"
}

test_an_output_that_takes_nothing_is_a_loss()
{
	over native nc || return 0
	mkfifo "$T/out"
	start reader sh -c 'exec sleep 60 <"$1"' - "$T/out"
	serve accept fill:4000000 recv-end
	# A splice would leave with the system what cannot be written.
	timed sh -c 'exec "$@" >"$0"' "$T/out" \
	    "$NC" --mover copy --deadline 5 127.0.0.1 "$PORT" </dev/null
	rang 50
	tells_loss "not written"
}

test_a_standard_error_that_takes_nothing_is_not_waited_for()
{
	mkfifo "$T/err"
	start reader sh -c 'exec sleep 60 <"$1"' - "$T/err"
	free_port
	# Traces of a busy session fill the pipe at once.
	timed sh -c 'dd if=/dev/zero of="$0" bs=4096 count=16 2>/dev/null
	    exec "$@" 2>"$0"' "$T/err" \
	    "$NC" -vvv --deadline 300ms -l "$PORT" </dev/null
	same "exit status" 1 "$RC"
	at_least "milliseconds" 295 "$MS"
}

test_one_client_of_many_is_told_of()
{
	mkfifo "$T/in"
	free_port
	launch run "$NC" --deadline 5 -l -k --max-conns 2 --stdin all "$PORT" \
	    </dev/zero
	start one "$TOOLS/peer" rcvbuf:4096 "connect:$PORT" "await:$T/over"
	exits run 1
	holds "stderr" "$ERR" "the deadline of 5 s has passed"
	holds "stderr" "$ERR" "of the input not sent"
}

test_a_command_and_its_children_are_killed()
{
	over native nc || return 0
	serve accept until:up recv-end
	start run "$NC" --deadline 5 -c 'trap "" TERM; sleep 60 &
	    echo $! >"'"$T"'/child"; echo $$ >"'"$T"'/shell"; echo up; wait' \
	    127.0.0.1 "$PORT"
	exits run 1
	same "stderr" "${NC##*/}: the deadline of 5 s has passed" "$ERR"
	peer_done
	true_that "both have ended" waitfor "gone:$(cat "$T/shell")" \
	    "gone:$(cat "$T/child")"
}

test_an_echo_of_what_nobody_takes_is_a_loss()
{
	free_port
	# The kernel may take all of it, if it chooses the size of its buffer.
	launch run "$NC" --deadline 5 -I 65536 --echo -l "$PORT"
	start one "$TOOLS/peer" rcvbuf:4096 "connect:$PORT" fill:20000000
	exits run 1
	tells_loss "not sent"
}

# One that reads nothing at all for a second is given up before, as happens on a
# busy machine.
test_a_slow_reader_of_a_copy_is_not_waited_for()
{
	for _ in $TRIES; do
		slow_reader_of_a_copy
		[ "$MS" -lt 4995 ] || break
	done
	rang 50
	holds "stderr" "$ERR" "$T/copy"
}

slow_reader_of_a_copy()
{
	rm -f "$T/copy"
	mkfifo "$T/copy"
	# Some of it, again and again: it never seems to have left.
	start slow sh -c 'while dd bs=4096 count=1 2>/dev/null >"$0/some" &&
	    [ -s "$0/some" ]; do "$1" -t 20 file:"$0/never"; done' \
	    "$T" "$TOOLS/waitfor" <>"$T/copy"
	serve accept fill:8000000 fin recv-end
	timed "$NC" --deadline 5 -d --output "$T/copy" 127.0.0.1 "$PORT"
	end_it "$(pid_of slow)"
	end_it "$(pid_of peer)"
}

test_a_room_ends()
{
	free_port
	launch run "$NC" --deadline 5 --talk -l "$PORT" </dev/null
	guest one "until:user" recv-end
	exits run 1
	same "stderr" "sockcat: the deadline of 5 s has passed" "$ERR"
	guest_done one
}

test_a_chat_leaves_its_terminal_as_it_was()
{
	hold
	serve accept send:hello\\n recv-end
	start run "$TOOLS/ptyrun" on=0,1,2 -- sh -c 'stty -g >"$0.before"
	    "$@"; echo "$?" >"$0.status"; stty -g >"$0.after"' "$T/tty" \
	    env TERM=xterm "$NC" --chat --deadline 5 127.0.0.1 "$PORT" \
	    <"$T/idle"
	finish run
	same "exit status" 1 "$(cat "$T/tty.status")"
	same_file "the modes" "$T/tty.before" "$T/tty.after"
	holds "the screen" "$(cat "$T/run.out")" \
	    "the deadline of 5 s has passed"
	peer_done
}

test_a_unix_socket_is_removed()
{
	timed "$NC" --deadline 300ms -U -l "$T/s" </dev/null
	rang 3
	true_that "the path is gone" [ ! -e "$T/s" ]
}

test_what_is_done_in_time_is_a_success()
{
	over native nc || return 0
	serve accept recv-line "expect:ping\n" send:pong
	run sh -c 'echo ping | "$@"' - "$NC" --deadline 60 127.0.0.1 "$PORT"
	same "exit status" 0 "$RC"
	same "stdout" pong "$OUT"
	same "stderr" "" "$ERR"
	peer_done
}

test_the_last_failure_is_told_with_it()
{
	over native nc || return 0
	PORT=$(closed_port)
	timed "$NC" --deadline 2 --retry forever --retry-delay 100ms \
	    127.0.0.1 "$PORT" </dev/null
	rang 20 "connect to 127.0.0.1 port $PORT (tcp) failed: Connection refused"
}

# A question on a terminal that nobody answers.
asked()	# QUESTION ARG...
{
	question=$1
	shift
	timed "$TOOLS/ptyrun" on= "see=$question" -- \
	    "$NC" --deadline 3 "$@" </dev/null
	rang 30
	one_line "stderr of $*" "$ERR"
}

test_a_question_for_a_secret()
{
	over native nc || return 0
	free_port
	asked "TCP MD5SIG password: " -S 127.0.0.1 "$PORT"
	asked "TCP MD5SIG password: " -S -l 127.0.0.1 "$PORT"
	asked "TCP MD5SIG password: " -S -z 127.0.0.1 "$PORT"
	asked "TCP MD5SIG password: " -S --wait-for 127.0.0.1 "$PORT"
	asked "TCP MD5SIG password: " -S --retry 9 127.0.0.1 "$PORT"
}

test_a_question_of_a_proxy()
{
	over native nc || return 0
	for what in "" -z --wait-for "--retry 9"; do
		proxy http login:joe:secret
		asked "Proxy password for joe@127.0.0.1: " $what \
		    -P joe -X connect -x "$PROXY" host.test 80
		stop proxy
	done
}

# What was typed by then is worth nothing, and the terminal echoes again.
test_half_an_answer_does_not_count()
{
	free_port
	timed "$TOOLS/ptyrun" on= "see=password: " type=half -- sh -c '
	    "$@"; rc=$?; stty -a </dev/tty; exit $rc' - \
	    "$NC" --deadline 3 -S 127.0.0.1 "$PORT" </dev/null
	rang 30
	one_line "stderr" "$ERR"
	holds "the terminal" " $OUT" " echo "
}

test_an_answer_in_time_is_taken_and_the_deadline_stays()
{
	hold
	serve accept "await:$T/over"
	proxy http login:joe:secret
	timed "$TOOLS/ptyrun" on= "see=Proxy password for joe@127.0.0.1: " \
	    'type=secret\n' -- "$NC" --deadline 5 -P joe -X connect \
	    -x "$PROXY" -v 127.0.0.1 "$PORT" <"$T/idle"
	same "exit status" 1 "$RC"
	same "the last line" "sockcat: the deadline of 5 s has passed" \
	    "$(tail -n 1 "$T/run.err")"
	holds "stderr" "$ERR" succeeded
	touch "$T/over"
	holds "the proxy" "$(proxy_heard)" "Basic am9lOnNlY3JldA=="
}

# The key is typed when the question waits for an answer: readpassphrase(3)
# does not see what comes between the two.
test_a_key_that_interrupts_a_question_is_all_that_happens()
{
	over native nc || return 0
	free_port
	for listen in "" -l; do
		rm -f "$T/pid" "$T/go"
		start run "$TOOLS/ptyrun" on= "pid=$T/pid" "await=$T/go" \
		    "type=$(printf '\003')" -- \
		    "$TOOLS/fdctl" signals -- "$NC" -S $listen 127.0.0.1 \
		    "$PORT" </dev/null
		waitfor "text:$T/run.out:TCP MD5SIG password: "
		waitfor "asleep:$(cat "$T/pid")"
		touch "$T/go"
		exits run 130
		same "stderr" "" "$ERR"
	done
}

# A resolver that never answers: a socket at its port, in a network and with
# files of our own.
silent_resolver()	# COMMAND...
{
	printf 'nameserver 127.0.0.1\noptions timeout:30 attempts:2\n' \
	    >"$T/resolv"
	unshare -n -m true 2>/dev/null || { skip "no namespaces"; return 1; }
	timed unshare -n -m sh -c '
	    mount --bind "$0/resolv" /etc/resolv.conf || exit 99
	    ip link set lo up || exit 99
	    "$1" -d -k -u -l 127.0.0.1 53 >/dev/null &
	    "$2" udp:53; shift 2
	    "$@"; rc=$?
	    kill $!; exit $rc' "$T" "$SOCKCAT" "$TOOLS/waitfor" "$@" </dev/null
	[ "$RC" != 99 ] || { skip "no mounts here"; return 1; }
}

test_a_silent_resolver()
{
	over native nc || return 0
	silent_resolver "$NC" --deadline 300ms name.test 80 || return 0
	same "exit status" 1 "$RC"
	same "stderr" "${NC##*/}: the deadline of 0.3 s has passed" "$ERR"
	at_least "milliseconds" 295 "$MS"
}

test_w_is_a_limit_of_a_silent_resolver()
{
	silent_resolver "$NC" -w 300ms name.test 80 || return 0
	same "exit status" 1 "$RC"
	same "stderr" "sockcat: look up name.test failed: Connection timed out" \
	    "$ERR"
	at_least "milliseconds" 295 "$MS"
}

test_w_is_a_limit_of_looking_up_a_hop_too()
{
	silent_resolver "$NC" -w 300ms -g hop.test 127.0.0.1 80 || return 0
	same "exit status" 1 "$RC"
	same "stderr" "sockcat: look up hop.test failed: Connection timed out" \
	    "$ERR"
	at_least "milliseconds" 295 "$MS"
}

test_a_silent_resolver_is_asked_by_one_thread()
{
	silent_resolver sh -c '"$@" & tries=0
	    until [ "$(ls /proc/$!/task | wc -l)" -gt 1 ] ||
	        [ $((tries += 1)) = 100 ]; do sleep 0.1; done
	    sleep 1.2; ls /proc/$!/task | wc -l
	    wait' - "$NC" --wait-for -w 100ms --deadline 6 name.test 80 ||
		return 0
	same "threads" 2 "$OUT"
	holds "stderr" "$ERR" "(look up name.test failed: Connection timed out)"
}

run_tests "$@"
