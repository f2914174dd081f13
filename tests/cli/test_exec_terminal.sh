#!/bin/sh
# Commands that use the terminal: they get it when it is this program's, and
# give it back as it was.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/exec.inc"
. "$(dirname "$0")/lib_console.sh"

# Reads a line from the terminal, and gives it to the client.
ASKS='read x </dev/tty; echo "typed $x"'

# A program on a terminal, in a script without job control; it listens at
# $PORT. pid has its number, status.of the exit status.
listens_on_terminal()	# COMMAND OPTION...
{
	printf '%s\n' "$1" >"$T/command"
	shift
	free_port
	terminal 60x12 "stty -g >before
	    sh -c 'echo \$\$ >pid; exec \"\$@\"' - '$NC' $TIE $* \
	    -c \"\$(cat command)\" -l -p $PORT
	    echo \$? >status.of; stty -g >after"
	waitfor "tcp:$PORT"
}

# The same as a job of a shell; JOB_END follows the command line.
job()	# COMMAND OPTION...
{
	printf '%s\n' "$1" >"$T/command"
	shift
	free_port
	shell 60x12
	keys "'$NC' $* -c \"\$(cat command)\" -l -p $PORT${JOB_END:-}"
	press Enter
	waitfor "tcp:$PORT"
}

is_over()	# STATUS
{
	until_so test -s "$T/after"
	same "exit status" "$1" "$(cat "$T/status.of")"
	same_file "the terminal's modes" "$T/before" "$T/after"
	end_terminal
	rm -f "$T"/status* "$T/after" "$T/pid"
}

# A client in the background, whose answer is in peer.out.
dials()	# WORD...
{
	start peer "$TOOLS/peer" "connect:$PORT" "$@"
}

answers_from_a_shell()
{
	listens_on_terminal "bash --norc -i"
	client 'send:echo an""swer\nexit\n' recv-eof 'expect:answer\n'
	is_over 0
}

test_an_interactive_shell_answers_its_client()
{
	over native nc traditional real-traditional ncat real-ncat || return 0
	need_terminal || return 0
	command -v bash >/dev/null || { skip "no bash"; return 0; }
	both_ties answers_from_a_shell
}

asks_the_person()
{
	listens_on_terminal "$ASKS" "$@"
	dials recv-eof 'expect:typed this\n'
	# Keys that come before the question are not lost either.
	waitfor "linked:$PORT"
	keys 'this'
	press Enter
	finish peer
	same "the client ($TIE $*)" 0 "$RC"
	is_over 0
}

test_a_command_may_ask_the_person_at_the_terminal()
{
	over native nc traditional real-traditional ncat real-ncat || return 0
	need_terminal || return 0
	both_ties asks_the_person
}

test_a_command_may_ask_inside_the_sandbox()
{
	need_terminal || return 0
	for sandbox in off auto require; do
		[ "$sandbox" != require ] || [ "${SANITIZED:-no}" = no ] ||
		    continue
		asks_the_person "--sandbox=$sandbox"
	done
}

test_a_command_may_ask_on_a_connection_that_was_made()
{
	need_terminal || return 0
	serve accept recv-eof 'expect:typed this\n'
	on_terminal 60x12 "-c '$ASKS' 127.0.0.1 $PORT"
	keys 'this'
	press Enter
	peer_done
	ended_with 0
}

test_a_command_may_ask_for_a_peer_of_datagrams()
{
	need_terminal || return 0
	free_port
	on_terminal 60x12 "-c '$ASKS' -u -l 127.0.0.1 $PORT"
	waitfor "udp:$PORT"
	start peer "$TOOLS/peer" "udp-connect:$PORT" 'send:x' recv-dgram \
	    'expect:typed this\n'
	keys 'this'
	press Enter
	finish peer
	same "the peer" 0 "$RC"
	ended_with 0
}

test_a_command_of_a_worker_may_ask()
{
	need_terminal || return 0
	listens_on_terminal "$ASKS" -k --workers 2
	for text in one two; do
		dials recv-eof "expect:typed $text\n"
		waitfor "linked:$PORT"
		keys "$text"
		press Enter
		finish peer
		same "the client" 0 "$RC"
	done
	kill -TERM "$(cat "$T/pid")"
	is_over 143
}

# ssh-keygen catches the signals of job control, and stops itself later.
is_hidden()
{
	stty -F "$(mux display-message -p '#{pane_tty}')" -a |
	    grep -q -e '-echo\( \|$\)'
}

test_a_command_that_hides_its_input_gets_it()
{
	need_terminal || return 0
	command -v ssh-keygen >/dev/null || { skip "no ssh-keygen"; return 0; }
	ssh-keygen -q -t ed25519 -N secret -f "$T/key"
	for try in 1 2 3; do
		listens_on_terminal "ssh-keygen -y -f '$T/key'; echo end"
		dials recv-eof print
		shows "passphrase"
		# It asks once more when it has the terminal, and drops what
		# was typed before that.
		until_so is_hidden
		keys 'secret'
		press Enter
		finish peer
		holds "the client ($try)" "$OUT" "ssh-ed25519"
		lacks "the screen" "$(screen)" "secret"
		is_over 0
	done
}

test_an_editor_has_the_whole_terminal()
{
	need_terminal || return 0
	command -v vi >/dev/null || { skip "no vi"; return 0; }
	listens_on_terminal "HOME='$T' vi '$T/text' </dev/tty >/dev/tty 2>&1; echo end"
	dials recv-eof 'expect:end\n'
	waitfor "linked:$PORT"
	until_so is_raw
	shows '~'
	keys 'iwritten'
	shows 'written'
	press Escape
	keys ':wq'
	press Enter
	finish peer
	same "the client" 0 "$RC"
	same "the file" "written" "$(cat "$T/text")"
	is_over 0
}

# A worker is no process of the job that the shell knows.
test_the_suspend_key_stops_the_whole_job()
{
	need_terminal || return 0
	command -v bash >/dev/null || { skip "no bash"; return 0; }
	is_suspended
	is_suspended -k --workers 2
}

is_suspended()	# OPTION...
{
	job "echo asks >/dev/tty; $ASKS" "$@"
	dials recv-eof 'expect:typed this\n'
	shows "asks"
	for n in 1 2; do
		# The key may come before the question.
		until_so has_the_terminal
		rests
		press C-z
		shows "Stopped"
		keys "clear; echo back $n; fg"
		press Enter
		shows "back $n
'"
	done
	until_so has_the_terminal
	keys 'this'
	press Enter
	finish peer
	same "the client ($*)" 0 "$RC"
	[ $# -eq 0 ] || press C-c
	shows_last '$'
	lacks "the screen ($*)" "$(screen)" "is stopped"
	end_terminal
}

# Whether a process of the command, which is no job of the shell, has the
# terminal.
has_the_terminal()
{
	ps -t "$(mux display-message -p '#{pane_tty}')" -o stat= -o args= |
	    grep -q '^S[a-z]*+ .*sh -c echo'
}

# After a command got the terminal, sockcat looks after it every 100 ms, for a
# moment, and a key that comes in between can be missed.
rests()
{
	for pid in $(ps -t "$(mux display-message -p '#{pane_tty}')" \
	    -o pid= -o args= | awk '$2 ~ /bin\/sockcat/ { print $1 }'); do
		waitfor "asleep:$pid"
	done
}

test_the_interrupt_key_ends_the_whole_job()
{
	need_terminal || return 0
	listens_on_terminal "echo asks >/dev/tty; $ASKS" -k
	dials recv-eof 'expect:'
	shows "asks"
	until_so has_the_terminal
	press C-c
	finish peer
	same "the client" 0 "$RC"
	is_over 130
}

test_in_the_background_a_shell_answers_without_the_terminal()
{
	over native nc || return 0
	need_terminal || return 0
	command -v bash >/dev/null || { skip "no bash"; return 0; }
	JOB_END=' &'
	job "bash --norc -i"
	JOB_END=
	client 'send:echo an""swer\nexit\n' recv-eof 'expect:answer\n'
	keys 'clear; echo the shell has the keys'
	press Enter
	shows "the shell has the keys"
	end_terminal
}

test_a_second_client_does_not_wait_for_the_terminal()
{
	over native ncat || return 0
	need_terminal || return 0
	command -v bash >/dev/null || { skip "no bash"; return 0; }
	listens_on_terminal "exec bash --norc -i" -k
	start first "$TOOLS/peer" "connect:$PORT" 'send:echo an""swer\n' \
	    until:answer "touch:$T/ready" "await:$T/go" 'send:exit\n' \
	    recv-eof print
	waitfor "file:$T/ready"
	client 'send:echo an""other\nexit\n' recv-eof 'expect:another\n'
	touch "$T/go"
	finish first
	holds "the first client" "$OUT" "answer"
	kill -TERM "$(cat "$T/pid")"
	until_so test -s "$T/after"
	same_file "the terminal's modes" "$T/before" "$T/after"
	end_terminal
}

breaks_the_terminal()
{
	listens_on_terminal "stty raw -echo </dev/tty; $1"
	dials recv-end
	finish peer
	is_over "$2"
}

test_the_modes_are_restored_after_a_command_that_does_not()
{
	need_terminal || return 0
	breaks_the_terminal 'kill -KILL $$' 137
	breaks_the_terminal 'exit 3' 3
}

test_the_modes_are_restored_when_the_program_is_ended()
{
	need_terminal || return 0
	for signal in INT:130 TERM:143 HUP:129 QUIT:131; do
		listens_on_terminal 'stty raw -echo </dev/tty; echo; cat'
		dials recv-line "touch:$T/raw" recv-end
		waitfor "file:$T/raw"
		true_that "raw" is_raw
		kill "-${signal%:*}" "$(cat "$T/pid")"
		finish peer
		is_over "${signal#*:}"
		rm -f "$T/raw"
	done
}

test_a_command_that_must_wait_for_the_terminal_says_so()
{
	need_terminal || return 0
	command -v bash >/dev/null || { skip "no bash"; return 0; }
	# It is started in the foreground, and asks in the background.
	job 'echo here; read go; '"$ASKS"
	dials recv-line "touch:$T/here" "await:$T/ask" 'send:go\n' recv-eof \
	    'expect:here\ntyped this\n'
	waitfor "file:$T/here"
	press C-z
	shows "Stopped"
	keys 'clear; bg'
	press Enter
	shows '&'
	touch "$T/ask"
	shows_joined "sockcat: the command is stopped: it uses the terminal, which another job has"
	keys 'clear; fg'
	press Enter
	until_so has_asked
	keys 'this'
	press Enter
	finish peer
	same "the client" 0 "$RC"
	end_terminal
}

shows_joined()	# TEXT: which may be longer than a row
{
	until_so joined_has "$1"
	holds "the screen" "$(screen | tr -d '\n')" "$1"
}

joined_has()
{
	case $(screen | tr -d '\n') in *"$1"*) ;; *) false ;; esac
}

# The command goes on.
has_asked()
{
	! ps -t "$(mux display-message -p '#{pane_tty}')" -o stat= |
	    grep -q '^T'
}

ends_while_stopped()
{
	listens -c 'trap "echo ended >ended; exit" TERM
	    echo $$ >command.pid; echo; kill -STOP $$; sleep 100'
	client recv-line sleep-ms:100 close
	finish listener
	same "exit status ($TIE)" 1 "$RC"
	one_line "stderr ($TIE)" "$ERR"
	same "stderr ($TIE)" "the command is stopped by signal 19" \
	    "${ERR#*: }"
	same "the command's trap" "ended" "$(cat ended)"
	rm -f ended
}

test_a_stopped_command_is_told_of_and_ends_after_its_client()
{
	over native nc traditional ncat || return 0
	cd "$T" || return 1
	both_ties ends_while_stopped
	cd / || return 1
}

is_stopped()
{
	case $(ps -o stat= -p "$(cat "$T/pid")") in T*) ;; *) false ;; esac
}

# The half-close alone ends nothing.
goes_on_after_a_stop()
{
	listens -c "echo \$\$ >'$T/pid'; kill -STOP \$\$; echo goes on; cat"
	start peer "$TOOLS/peer" "connect:$PORT" 'send:all of it\n' fin \
	    recv-eof 'expect:goes on\nall of it\n'
	until_so is_stopped
	kill -CONT "$(cat "$T/pid")"
	finish peer
	same "the client ($TIE)" 0 "$RC"
	finish listener
	same "exit status ($TIE)" 0 "$RC"
	rm -f "$T/pid"
}

test_a_stopped_command_that_is_continued_in_time_goes_on()
{
	both_ties goes_on_after_a_stop
}

run_tests "$@"
