#!/bin/sh
# --edit: the line editor of chats and inert text for any connection.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_console.sh"

# A server that speaks first, in CR LF, and whose text has controls.
mail()
{
	serve accept 'send:220 hi\r\n' 'until:HELO me\r\n' \
	    'send:250 \x1b[31mred\x07\x9b\r\n' 'until:QUIT\r\n' \
	    'send:221 bye\r\n' fin recv-eof "expect:HELO me\r\nQUIT\r\n"
}

test_smtp_is_spoken_by_hand()
{
	need_tmux || return 0
	for size in 80x24 40x10; do
		mail
		on_terminal $size --edit -C 127.0.0.1 "$PORT"
		shows "220 hi"
		keys 'HELLO me'
		press Left Left Left Left
		press BSpace
		press Enter
		shows_last 'HELO me
250 \033[31mred\007\233'
		keys QUIT
		press Enter
		until_so test -s "$T/after"
		shows_all '220 hi
HELO me
250 \033[31mred\007\233
QUIT
221 bye'
		ended_with 0
		peer_done
		rm "$T/after" "$T/status"
	done
}

test_a_line_without_an_end_is_the_prompt()
{
	need_tmux || return 0
	serve accept 'send:welcome\nlogin: ' 'until:eva\n' 'send:password: ' \
	    'until:x\n' 'send:no\n' 'until:y\n' recv-eof
	on_terminal 40x10 --edit 127.0.0.1 "$PORT"
	shows "login:"
	keys eva
	until_so screen_has "login: eva"
	press Enter
	shows_last "password:"
	keys x
	press Enter
	shows_last "no"
	# The prompt before is not the next line's.
	keys y
	press Enter
	shows_all 'welcome
login: eva
password: x
no
y'
	press C-d
	ended_with 0
	peer_done
}

test_a_prompt_that_goes_on_is_a_line()
{
	need_tmux || return 0
	serve accept send:a "await:$T/1" send:b "await:$T/2" 'send:c\n' \
	    'until:typed\n' fin recv-eof
	on_terminal 40x10 --edit 127.0.0.1 "$PORT"
	shows_all a
	keys typ
	until_so screen_has atyp
	: >"$T/1"
	shows_all abtyp
	: >"$T/2"
	shows_all 'abc
typ'
	keys ed
	press Enter
	ended_with 0
	peer_done
}

test_a_listener_has_the_editor_too()
{
	need_tmux || return 0
	free_port
	on_terminal 60x10 --edit -v -l 127.0.0.1 "$PORT"
	waitfor "tcp:$PORT"
	# What is typed too early waits.
	keys early
	press Enter
	start peer "$TOOLS/peer" "connect:$PORT" 'until:early\n' \
	    'send:what \x08?\n' 'until:nothing\n' recv-eof
	shows 'what \010?'
	holds "a message" "$(screen)" "* Connection received on "
	keys nothing
	press Enter C-d
	ended_with 0
	peer_done
}

test_an_interrupt_gives_the_terminal_back()
{
	need_tmux || return 0
	serve accept send:hello\\n recv-end
	on_terminal 60x10 --edit 127.0.0.1 "$PORT"
	shows hello
	keys half
	press C-c
	ended_with 130
	finish peer
}

test_without_a_terminal_the_text_is_inert_and_nothing_else()
{
	serve accept 'until:x\n' 'send:a\x1b[0mb\r\nc' fin recv-eof
	printf 'x\n' >"$T/in"
	run_gives 0 "$NC" --edit 127.0.0.1 "$PORT" <"$T/in"
	same "stdout" 'a\033[0mb
c' "$OUT"
	same "no newline is added" 1 \
	    "$(tail -c 1 "$T/run.out" | grep -c c)"
	peer_done
}

test_messages_and_times_go_with_it()
{
	serve accept 'send:5:a\x07\nb\n,' fin
	run "$NC" --edit --timestamps --framing=netstring --frame-output raw \
	    127.0.0.1 "$PORT" </dev/null
	same "stdout" 'T a\007
T b' "$(sed 's/^[0-9:.]* /T /' "$T/run.out")"
	peer_done
}

test_it_is_refused_where_there_is_no_person()
{
	for how in "-c cat" --echo -k --broker --talk --chat --send-only -d \
	    "--input x"; do
		refuses "--edit" --edit -l $how 1
	done
	refuses "--edit" --edit -z 127.0.0.1 1
	holds "--explain" "$("$NC" --edit --explain 127.0.0.1 1)" \
	    "edited: each line"
}

run_tests "$@"
