#!/bin/sh
# What is hard on a line editor: large pastes, terminals that change their
# size, are tiny or dumb, or stand still.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_console.sh"

paste()	# FILE: as a terminal does it
{
	mux load-buffer "$1"
	mux paste-buffer -r
}

# With marks around the text, if the program has asked for them.
paste_marked()	# TEXT
{
	printf '%s' "$1" >"$T/paste"
	mux load-buffer "$T/paste"
	mux paste-buffer -p
}

test_a_paste_of_twenty_lines_is_sent()
{
	need_tmux || return 0
	console 40x30
	keys 'before '
	paste_marked "$(seq 20)"
	shows_last "me> 20"
	press Enter
	sent "before $(seq 20)"
	paste_marked 'only one'
	shows_last "me> only one"
	sent "before $(seq 20)"
	end_terminal
}

test_a_paste_of_more_lines_is_sent_if_one_says_so()
{
	need_tmux || return 0
	console 40x30
	keys 'x'
	paste_marked "$(seq 21)"
	shows_all "paste 21 lines? [y/N]"
	peer_says 'peer: hello\n'
	shows_all "peer: hello
paste 21 lines? [y/N]"
	press y
	shows_last "me> 21"
	sent "x$(seq 20)"
	press Enter
	sent "x$(seq 21)"
	end_terminal
}

test_a_paste_of_more_lines_is_dropped_otherwise()
{
	need_tmux || return 0
	console 40x10
	keys 'typed'
	for key in n Enter Escape Up C-c C-d Y_paste; do
		paste_marked "y$(seq 30)"
		shows_all "paste 30 lines? [y/N]"
		case $key in
		Y_paste)
			paste_marked 'y'
			shows_all "me> typedy"
			;;
		*)
			press "$key"
			shows_all "me> typed"
			;;
		esac
	done
	press Enter
	sent "typedy"
	press C-c
	restored "^C after the question"
	same "exit status" 130 "$(cat "$T/status.of")"
	end_terminal
}

test_controls_in_a_paste_are_text()
{
	need_tmux || return 0
	console 60x10
	keys 'typed '
	keys "$(printf '\033[200~a\025\001\004\022\033[A\033[2J\033]0;x\007\177\tb')"
	# The end mark in two pieces.
	keys "$(printf '\033[20')"
	keys '1~!'
	shows_all 'me> typed a^U^A^D^R^[[A^[[2J^[]0;x^G^?  b!'
	press Enter
	sent "$(printf 'typed a\025\001\004\022\033[A\033[2J\033]0;x\007\177\tb!')"
	end_terminal
}

test_a_paste_without_an_end_does_not_hold_the_keys_for_ever()
{
	need_tmux || return 0
	console 40x10
	keys "$(printf '\033[200~one\r\rtwo')"
	sleep 7
	press Enter
	sent "one

two"
	end_terminal
}

test_a_paste_that_is_too_long_is_dropped()
{
	need_tmux || return 0
	console 40x10
	keys 'typed'
	{
		printf '\033[200~'
		head -c 1048576 "$(bytes 1048576)"
		printf 'x\033[201~'
	} >"$T/long"
	paste "$T/long"
	shows_all "paste too long, dropped [Enter]"
	press Enter
	shows_all "me> typed"
	press Enter
	sent "typed"
	end_terminal
}

test_a_paste_of_a_megabyte_of_lines_is_sent_whole()
{
	need_tmux || return 0
	console 80x24
	bytes 1048576 >/dev/null
	paste "$(bytes 1048576)"
	sent_bytes 1048576
	same_file "what was read" "$(bytes 1048576)" "$T/out"
	peer_says 'peer: still here\n'
	shows_last "$(printf 'peer: still here\nme>')"
	end_terminal
}

test_a_paste_of_one_line_of_a_megabyte_is_sent_whole()
{
	need_tmux || return 0
	console 80x24
	tr -d '\n' <"$(bytes 1048576)" | head -c 900000 >"$T/line"
	paste "$T/line"
	tail=$(tail -c 30 "$T/line")
	until_so joined_ends "$tail"
	peer_says 'peer: still here\n'
	shows "peer: still here"
	joined_ends "$tail" || same "the end of the line" "$tail" "$(screen)"
	press Home
	keys '>'
	begins="me> >$(head -c 17 "$T/line")"
	until_so screen_has "$begins"
	shows "$begins"
	press Enter
	sent_bytes 900002
	{ printf '>'; cat "$T/line"; echo; } >"$T/wanted"
	same_file "what was read" "$T/wanted" "$T/out"
	end_terminal
}

test_a_storm_of_resizes_leaves_the_line_intact()
{
	need_tmux || return 0
	console 80x24
	text='words that go on and on until they need several rows, 0123456789'
	keys "$text"
	i=0
	while [ $i -lt 60 ]; do
		i=$((i + 1))
		mux resize-window -x $((20 + i * 37 % 90)) -y $((5 + i % 20))
		[ $((i % 10)) -ne 0 ] || {
			keys "$((i / 10))"
			peer_says 'peer: %d\n' $i
		}
	done
	mux resize-window -x 100 -y 24
	shows_last "$(printf 'me> %s123456' "$text")"
	press Enter
	sent "${text}123456"
	end_terminal
}

# With the typed line at the bottom: tmux, when rows are broken anew, scrolls
# them out of a screen that has room below.
test_a_resize_redraws_in_the_right_place()
{
	need_tmux || return 0
	console 60x8
	peer_says 'peer: %d\n' 1 2 3 4 5 6 7 8 9
	keys 'abcdefghijklmnopqrstuvwxyz0123456789'
	shows_last "0123456789"
	plus=
	for size in 20 44 13 41 40 60; do
		mux resize-window -x "$size" -y 8
		until_so tty_has "$size"
		waitfor "asleep:$(cat "$T/pid")"
		plus=$plus+
		keys '+'
		until_so typed_plus "$size" || same "at $size" "" "$(screen)"
	done
	shows_all "$(printf '%s\n' 'peer: 3' 'peer: 4' 'peer: 5' 'peer: 6' \
	    'peer: 7' 'peer: 8' 'peer: 9' \
	    'me> abcdefghijklmnopqrstuvwxyz0123456789++++++')"
	end_terminal
}

# The kernel has told it.
tty_has()	# COLUMNS
{
	case $(stty -F "$(mux display-message -p '#{pane_tty}')" size) in
	*" $1") ;;
	*) false ;;
	esac
}

# The whole of it is there, once, and its rows are those of that width.
typed_plus()	# COLUMNS
{
	typed_rows=$(screen | sed -n '/^me> abc/,$p')
	[ "$(screen | grep -c '^me> abc')" = 1 ] &&
	    [ "$(echo "$typed_rows" | tr -d '\n')" = \
	    "me> abcdefghijklmnopqrstuvwxyz0123456789$plus" ] &&
	    [ "$(echo "$typed_rows" | head -n 1 | wc -c)" -le $(($1 + 1)) ]
}

test_a_terminal_one_column_wide_shows_the_text()
{
	need_tmux || return 0
	console 20x10
	mux resize-window -x 1 -y 10
	keys "$(printf 'a\346\274\242b')"
	peer_says 'p: x\n'
	until_so screen_has "$(printf 'p\n:')"
	press Enter
	sent "$(printf 'a\346\274\242b')"
	mux resize-window -x 20 -y 10
	keys 'after'
	shows_last "me> after"
	press Enter
	sent "$(printf 'a\346\274\242b\nafter')"
	end_terminal
}

# Without a LF, and without a pause either.
trickle()	# TEXT
{
	while :; do
		printf '%s' "$1"
		sleep 0.03
	done >&7 &
	trickler=$!
	PIDS="$PIDS $trickler"
}

end_trickle()
{
	kill "$trickler"
	wait "$trickler" 2>/dev/null
}

test_a_line_that_never_ends_is_shown_all_the_same()
{
	need_tmux || return 0
	console 60x10
	trickle '.'
	shows "....."
	keys 'typed'
	until_so screen_has 'me> typed'
	shows 'me> typed'
	end_trickle
	end_terminal
}

test_a_line_that_never_ends_keeps_to_its_own_rows()
{
	need_tmux || return 0
	console 60x10
	peer_says '%017000d' 7
	trickle '* forged'
	shows '0007'
	for line in one two three; do
		keys "$line"
		press Enter
	done
	sent "$(printf 'one\ntwo\nthree')"
	end_trickle
	peer_says '\nthe end\n'
	shows 'the end'
	same "rows that begin in the first column" \
	    "$(printf 'me> %s\n' one two three; echo 'the end'; echo 'me>')" \
	    "$(screen -S - | grep '^[^ 0]')"
	end_terminal
}

test_leaving_in_a_flood_leaves_a_row_of_its_own()
{
	need_tmux || return 0
	terminal 40x10 "'$CONSOLE' in out colour; printf 'next\\n'"
	shows "me>"
	yes "flooded, and some more for a row that has no end" >&7 &
	flood=$!
	PIDS="$PIDS $flood"
	shows "flooded"
	press C-d
	waitfor "file:$T/status"
	kill "$flood"
	wait "$flood" 2>/dev/null
	shows_last "$(printf '\nnext')"
	end_terminal
}

test_a_dumb_terminal_gets_text_and_nothing_else()
{
	need_tmux || return 0
	terminal 40x10 "TERM=dumb; export TERM
	    script -qec \"'$CONSOLE' in out\" typescript
	    echo \$? >status.of"
	peer_says 'peer: hello\n'
	shows "peer: hello"
	keys 'typed'
	press Enter
	sent "typed"
	peer_says 'peer: %0100d\n' 7
	shows 007
	press C-d
	waitfor "file:$T/status"
	same "exit status" 0 "$(cat "$T/status.of")"
	lacks "what the terminal was sent" "$(cat "$T/typescript")" \
	    "$(printf '\033')"
	lacks "what the terminal was sent" "$(cat "$T/typescript")" 'me>'
	end_terminal
}

# All that the peer has said is in the terminal's memory, wherever the end of a
# row or a pause has broken a line.
all_lines_are_there()
{
	screen -S - | grep -v '^me>' | tr -d ' \n' >"$T/shown"
	cmp -s "$T/wanted" "$T/shown"
}

test_a_terminal_that_stands_still_holds_back_the_screen_alone()
{
	need_tmux || return 0
	console 40x10
	keys 'one'
	shows_all "me> one"
	press C-s
	press Enter
	sent "one"
	i=0
	while [ $i -lt 3000 ]; do
		i=$((i + 1))
		echo "peer: $i, and some more so that no buffer has room"
	done >"$T/lines"
	tr -d ' \n' <"$T/lines" >"$T/wanted"
	cat "$T/lines" >&7 &
	writer=$!
	keys 'two'
	press Enter
	sent "$(printf 'one\ntwo')"
	keys 'three'
	same "the screen meanwhile" "me> one" "$(screen)"
	true_that "it waits" waitfor "asleep:$(cat "$T/pid")"
	press C-q
	wait "$writer"
	until_so all_lines_are_there
	same_file "the lines shown" "$T/wanted" "$T/shown"
	shows_last "me> three"
	press Enter
	sent "$(printf 'one\ntwo\nthree')"
	end_terminal
}

test_nothing_happens_when_nothing_happens()
{
	need_tmux || return 0
	console 40x10
	keys 'text'
	shows_all "me> text"
	true_that "it sleeps" waitfor "asleep:$(cat "$T/pid")"
	true_that "it uses no time" "$TOOLS/wakeups" "$(cat "$T/pid")"
	end_terminal
}

run_tests "$@"
