#!/bin/sh
# The terminal's modes are restored on every way out, and job control works
# as everywhere.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_console.sh"

test_the_modes_are_restored_when_it_dies_of_a_signal()
{
	for ending in INT:130 TERM:143 HUP:129 QUIT:131 SEGV:139 ABRT:134; do
		signal=${ending%:*}
		case $signal in
		SEGV|ABRT)	[ "${SANITIZED:-no}" = no ] || continue ;;
		esac
		need_tmux || return 0
		console 40x10
		keys 'text'
		shows_all "me> text"
		true_that "raw mode before $signal" is_raw
		mux pipe-pane "cat >'$T/pane'"
		kill "-$signal" "$(cat "$T/pid")"
		restored "$signal"
		true_that "$signal: pastes have no marks" marks_are_off
		same "$signal: exit status" "${ending#*:}" \
		    "$(cat "$T/status.of")"
		end_terminal
		rm -f "$T"/*
	done
}

# The last mode of pastes that the terminal was told.
marks_are_off()
{
	until_so marks_end_with l
}

marks_end_with()	# h|l
{
	[ "$(tr '\033' '\n' <"$T/pane" | grep '^\[?2004' | tail -n 1 |
	    cut -c 1-7)" = "[?2004$1" ]
}

test_the_modes_are_restored_at_a_normal_end_an_exit_and_an_abort()
{
	for how in end exit abort; do
		need_tmux || return 0
		console 40x10 $how
		true_that "raw mode before $how" is_raw
		mux pipe-pane "cat >'$T/pane'"
		case $how in
		end)	press C-d ;;
		*)	kill -ALRM "$(cat "$T/pid")" ;;
		esac
		restored "$how"
		true_that "$how: pastes have no marks" marks_are_off
		end_terminal
		rm -f "$T"/*
	done
}

test_the_interrupt_key_is_a_signal()
{
	need_tmux || return 0
	console 40x10
	keys 'text'
	shows_all "me> text"
	press C-c
	restored "^C"
	same "exit status" 130 "$(cat "$T/status.of")"
	end_terminal
}

test_it_stops_and_comes_back_as_it_was()
{
	need_tmux || return 0
	command -v bash >/dev/null || { skip "no bash"; return 0; }
	shell 40x12
	keys "'$CONSOLE' in out"
	press Enter
	shows "me>"
	keys 'half a l'
	shows "me> half a l"
	press C-z
	shows "Stopped"
	lacks "the screen" "$(screen)" "me> half"
	# A shell that edits has modes of its own; what stty sees is between.
	keys 'stty -a >stopped; echo done'
	press Enter
	until_so screen_ends "$(printf 'done\n$')"
	lacks "the modes" "$(cat "$T/stopped")" "-icanon"
	lacks "the modes" "$(cat "$T/stopped")" "-echo "
	mux resize-window -x 30 -y 12
	peer_says 'peer: meanwhile\n'
	keys 'fg'
	press Enter
	shows_last "$(printf 'peer: meanwhile\nme> half a l')"
	same "the line, shown once" 1 "$(screen | grep -c '^me> half a l$')"
	true_that "raw mode again" is_raw
	keys 'ine'
	press Enter
	sent "half a line"
	press C-d
	shows_last '$'
	keys 'exit'
	press Enter
	restored "the shell"
	end_terminal
}

# bash would set the modes by itself.
test_the_modes_are_restored_while_it_is_stopped()
{
	need_tmux || return 0
	command -v dash >/dev/null || { skip "no dash"; return 0; }
	echo "PS1='\$ '" >"$T/rc"
	terminal 60x12 "stty -g >before; ENV=rc dash -i"
	shows_all '$'
	keys "'$CONSOLE' in out"
	press Enter
	shows "me>"
	true_that "raw mode before" is_raw
	mux pipe-pane "cat >'$T/pane'"
	press C-z
	shows "Stopped"
	true_that "pastes have no marks" marks_are_off
	keys 'stty -g >stopped; echo done'
	press Enter
	until_so screen_ends "$(printf 'done\n$')"
	same "the modes" "$(cat "$T/before")" "$(cat "$T/stopped")"
	keys fg
	press Enter
	until_so marks_end_with h
	true_that "pastes have marks again" marks_end_with h
	end_terminal
}

test_stopped_behind_its_back_it_comes_back_raw()
{
	need_tmux || return 0
	command -v bash >/dev/null || { skip "no bash"; return 0; }
	shell 60x12
	keys "sh -c 'echo \$\$ >pid; exec \"\$@\"' - '$CONSOLE' in out"
	press Enter
	shows_last "me>"
	keys 'typed'
	shows "me> typed"
	kill -STOP "$(cat "$T/pid")"
	shows "Stopped"
	keys 'fg'
	press Enter
	shows_last "me> typed"
	until_so is_raw
	true_that "raw mode again" is_raw
	keys ' on'
	press Enter
	sent "typed on"
	end_terminal
}

test_in_the_background_it_shows_and_does_not_stop()
{
	need_tmux || return 0
	command -v bash >/dev/null || { skip "no bash"; return 0; }
	shell 60x12
	keys "'$CONSOLE' in out &"
	press Enter
	shows "[1]"
	peer_says 'peer: hello\n'
	shows "peer: hello"
	keys 'echo the shell has the keys'
	press Enter
	shows "the shell has the keys"
	keys 'jobs'
	press Enter
	shows "Running"
	lacks "the screen" "$(screen)" "me>"
	keys 'fg'
	press Enter
	shows "me>"
	keys 'now it has'
	press Enter
	sent "now it has"
	press C-d
	shows_last '$'
	end_terminal
}

test_a_hangup_is_the_end_of_the_input()
{
	need_tmux || return 0
	console 40x10
	console_pid=$(cat "$T/pid")
	keys 'text'
	shows_all "me> text"
	end_terminal
	true_that "it ends" waitfor "gone:$console_pid"
}

test_the_flags_of_the_terminal_stay_as_they_are()
{
	need_tmux || return 0
	terminal 40x10 "'$TOOLS/fdctl' flags=flags -- '$CONSOLE' in out"
	shows "me>"
	keys 'text'
	peer_says 'peer: hello\n'
	press Enter
	sent "text"
	press C-d
	until_so [ -s "$T/flags" ]
	same "flags" same "$(cat "$T/flags")"
	end_terminal
}

test_what_is_no_terminal_is_refused()
{
	mkfifo "$T/in"
	run_gives 2 "$CONSOLE" "$T/in" "$T/out" </dev/null
	holds "the words" "$ERR" "open the terminal"
}

run_tests "$@"
