#!/bin/sh
# The line editor on a terminal: what is typed is seen and sent, what comes
# in is shown above it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_console.sh"

test_a_typed_line_is_edited_and_sent()
{
	need_tmux || return 0
	console 40x10
	keys 'hello wold'
	press Left Left
	keys r
	shows_all "me> hello world"
	press Enter
	sent "hello world"
	press Up
	shows_last "$(printf 'me> hello world\nme> hello world')"
	press C-a C-k
	keys 'bye '
	press C-y M-b
	keys 'Big '
	press Enter
	sent "$(printf 'hello world\nbye hello Big world')"
	end_terminal
}

test_wide_and_combining_characters_keep_their_place()
{
	need_tmux || return 0
	console 10x10
	keys "$(printf 'n\314\203a \346\274\242\345\255\227 \303\251x')"
	shows_all "$(printf 'me> n\314\203a \346\274\242\n\345\255\227 \303\251x')"
	press Left Left Left
	press BSpace
	shows_all "$(printf 'me> n\314\203a \346\274\242\n\303\251x')"
	peer_says 'p: \346\274\242\346\274\242\346\274\242\346\274\242\346\274\242\n'
	shows_all "$(printf 'p: \346\274\242\346\274\242\346\274\242\n  \346\274\242\346\274\242\nme> n\314\203a \346\274\242\n\303\251x')"
	press Enter
	sent "$(printf 'n\314\203a \346\274\242 \303\251x')"
	end_terminal
}

test_backspace_erases_a_whole_letter()
{
	need_tmux || return 0
	console 40x10
	# e with an accent, a family of three, a thumb with a colour, two flags.
	keys "$(printf 'xe\314\201')"
	press BSpace
	keys "$(printf '\360\237\221\250\342\200\215\360\237\221\251\342\200\215\360\237\221\247')"
	press BSpace
	keys "$(printf '\360\237\221\215\360\237\217\275')"
	press BSpace
	keys "$(printf '\360\237\207\251\360\237\207\252\360\237\207\253\360\237\207\267')"
	press BSpace
	keys "$(printf 'y\314\201z')"
	press BSpace Enter
	sent "$(printf 'x\360\237\207\251\360\237\207\252y\314\201')"
	end_terminal
}

test_a_long_url_stays_whole_and_forges_no_line()
{
	need_tmux || return 0
	console 20x12
	peer_says 'p: see https://example.org/abcdefghij now\n'
	shows_all 'p: see https://examp
le.org/abcdefghij
  now
me>'
	peer_says 'p: https://exam.org*/*abcdefgh x\n'
	shows 'p: https://exam.org*
  /*abcdefgh x'
	end_terminal
}

test_bytes_that_are_no_characters_are_sent_as_they_are()
{
	need_tmux || return 0
	console 40x10
	printf 'a\377\303b\342\202\n' >"$T/paste"
	mux load-buffer "$T/paste"
	mux paste-buffer
	until_so out_is "$(cat "$T/paste")"
	same_file "what was read" "$T/paste" "$T/out"
	shows 'me> a\xff\xc3b\xe2\x82'
	end_terminal
}

test_incoming_lines_appear_above_the_typed_one()
{
	need_tmux || return 0
	console 40x10
	keys 'half a li'
	peer_says 'peer: one\npeer: two\n'
	shows_all "$(printf 'peer: one\npeer: two\nme> half a li')"
	# In two pieces, but one line, unless the second comes late.
	for _ in 1 2 3 4 5; do
		peer_says 'pe'
		peer_says 'er: three\n'
		shows ': three'
		! screen_has 'peer: three' || break
	done
	keys 'ne'
	shows_last "$(printf 'peer: three\nme> half a line')"
	press Enter
	sent "half a line"
	end_terminal
}

test_a_row_that_does_not_begin_a_line_is_indented()
{
	need_tmux || return 0
	console 20x12
	# By its length, by a pause, and by both.
	peer_says 'peer: 7890123456789 * forged\n'
	peer_says 'peer: wait'
	shows_last "$(printf 'peer: wait\nme>')"
	kill -USR1 "$(cat "$T/pid")"
	shows "* somebody came"
	peer_says '* forged\npeer: ok\n'
	shows_all "$(printf '%s\n' 'peer: 7890123456789' '  * forged' \
	    'peer: wait' '* somebody came' '  * forged' 'peer: ok' 'me>')"
	end_terminal
}

test_rows_end_between_words()
{
	need_tmux || return 0
	console 20x12
	peer_says 'peer: the quick brown fox jumps over\n'
	keys 'the lazy dog sleeps on'
	shows_last "$(printf '%s\n' 'peer: the quick' '  brown fox jumps' \
	    '  over' 'me> the lazy dog sle' 'eps on')"
	press Enter
	shows_all "$(printf '%s\n' 'peer: the quick' '  brown fox jumps' \
	    '  over' 'me> the lazy dog' 'sleeps on' 'me>')"
	sent 'the lazy dog sleeps on'
	end_terminal
}

test_a_question_without_an_end_is_shown_after_a_pause()
{
	need_tmux || return 0
	console 40x10
	peer_says 'Password: '
	shows_all "$(printf 'Password:\nme>')"
	peer_says '\n'
	peer_says 'next\n'
	shows_all "$(printf 'Password:\nnext\nme>')"
	end_terminal
}

test_the_prompt_changes_under_a_typed_line()
{
	need_tmux || return 0
	console 40x10
	keys 'text'
	shows_all "me> text"
	kill -USR2 "$(cat "$T/pid")"
	shows_all "other> text"
	end_terminal
}

test_colours_are_used_only_when_asked_for()
{
	need_tmux || return 0
	console 40x10
	kill -USR1 "$(cat "$T/pid")"
	shows "somebody"
	lacks "without colours" "$(screen -e)" "$(printf '\033')"
	end_terminal
	rm -f "$T/in"
	need_tmux
	console 40x10 colour
	kill -USR1 "$(cat "$T/pid")"
	shows "somebody"
	holds "with colours" "$(screen -e)" "$(printf '\033[33m* somebody')"
	end_terminal
	rm -f "$T/in"
	need_tmux
	ENVIRON='env NO_COLOR=1' console 40x10 colour
	kill -USR1 "$(cat "$T/pid")"
	shows "somebody"
	lacks "with NO_COLOR" "$(screen -e)" "$(printf '\033')"
	end_terminal
}

# Four sent lines, and one that is being typed.
to_search()
{
	console 60x12
	for line in 'make all' 'cat alpha' 'make install' 'ls'; do
		keys "$line"
		press Enter
	done
	keys 'half'
	shows_last "me> half"
	before=$(cat "$T/out")
}

test_a_search_narrows_widens_and_goes_on()
{
	need_tmux || return 0
	to_search
	press C-r
	shows_last "(search) '':"
	keys 'a'
	shows_last "(search) 'a': make install"
	keys 'l'
	shows_last "(search) 'al': make install"
	keys 'l'
	shows_last "(search) 'all': make install"
	press C-r
	shows_last "(search) 'all': make all"
	press C-r
	shows_last "(search) 'all': make all"
	press BSpace BSpace
	shows_last "(search) 'a': make install"
	press C-r
	shows_last "(search) 'a': cat alpha"
	peer_says 'peer: hello\n'
	shows_last "peer: hello
(search) 'a': cat alpha"
	press Enter
	shows_last "me> cat alpha
me>"
	sent "$before
cat alpha"
	end_terminal
}

test_a_search_is_taken_by_an_arrow_or_ESC_and_not_sent()
{
	need_tmux || return 0
	to_search
	for key in Escape Left Up C-b C-p; do
		press C-r
		keys 'cat'
		shows_last "(search) 'cat': cat alpha"
		press "$key"
		shows_last "me> cat alpha"
	done
	press C-e C-u
	keys 'done'
	shows_last 'me> done'
	sent "$before"
	end_terminal
}

test_a_search_that_is_given_up_gives_back_the_line()
{
	need_tmux || return 0
	to_search
	for key in C-g C-c; do
		press C-r
		keys 'make'
		shows_last "(search) 'make': make install"
		press "$key"
		shows_last "me> half"
	done
	# Enter without a match is no line either.
	press C-r
	keys 'nowhere'
	shows_last "(search) 'nowhere':"
	press Enter
	shows_last "me> half"
	keys ' a line'
	press Enter
	sent "$before
half a line"
	press C-c
	restored "^C after a search"
	same "exit status" 130 "$(cat "$T/status.of")"
	end_terminal
}

test_unknown_keys_leave_no_trace()
{
	need_tmux || return 0
	console 40x10
	keys 'ab'
	press F5 F12 Insert PageUp C-Up M-x C-r C-o C-g Escape F1
	keys "$(printf '\033[200~c\033[201~')"
	press Delete Home Delete End
	keys 'd'
	shows_all "me> bcd"
	press Enter
	sent "bcd"
	end_terminal
}

test_the_end_of_input_is_its_key_on_an_empty_line()
{
	need_tmux || return 0
	console 40x10
	keys 'ab'
	press C-d Home C-d End
	shows_all "me> b"
	press Enter C-d
	waitfor "file:$T/status"
	same "exit status" 0 "$(cat "$T/status.of")"
	sent "b"
	shows_all "me> b"
	end_terminal
}

test_a_thousand_lines_do_not_tear_the_typed_one()
{
	need_tmux || return 0
	console 60x20
	text='the quick brown fox jumps over the lazy dog and comes back'
	i=0
	while [ $i -lt 1000 ]; do
		i=$((i + 1))
		peer_says 'peer: line %d of 1000\n' $i
		[ $((i % 17)) -ne 0 ] ||
			keys "$(printf %s "$text" | cut -c $((i / 17)))"
	done
	shows_last "$(printf 'of 1000\nme> %s\n%s' \
	    "$(printf %s "$text" | cut -c 1-56)" \
	    "$(printf %s "$text" | cut -c 57-58)")"
	press Enter
	sent "$text"
	same "lines shown" 1000 \
	    "$(screen -S - | grep -c '^peer: line [0-9]* of 1000$')"
	end_terminal
}

run_tests "$@"
