#!/bin/sh
# A build without libedit leaves the editing to the terminal.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_console.sh"

WITHOUT=yes

test_lines_go_out_and_come_in()
{
	need_tmux || return 0
	console 40x10
	keys 'hellp'
	press BSpace
	keys 'o'
	press Enter
	sent "hello"
	peer_says 'peer: a long line which needs more than one row\npeer: 2\n'
	shows_all "$(printf '%s\n' 'me> hello' \
	    'peer: a long line which needs more than' '  one row' \
	    'peer: 2' 'me>')"
	keys 'end'
	press C-d C-d C-d
	waitfor "file:$T/status"
	sent "$(printf 'hello\nend')"
	same "the modes" "$(cat "$T/before")" "$(cat "$T/after")"
	end_terminal
}

test_a_typed_line_comes_through_whole_while_others_come_in()
{
	need_tmux || return 0
	console 40x10
	keys 'half '
	peer_says 'peer: hello\n'
	shows "peer: hello"
	keys 'and half'
	press Enter
	sent "half and half"
	end_terminal
}

run_tests "$@"
