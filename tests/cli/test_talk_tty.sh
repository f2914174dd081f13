#!/bin/sh
# A room on a terminal: what its operator sees, and who calls it with --chat.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_console.sh"

# The operator at the terminal, on PORT.
operator()	# COLSxROWS OPTION...
{
	free_port
	on_terminal "$@" --name=Ada -l --talk 127.0.0.1 "$PORT"
	waitfor "tcp:$PORT"
	shows "Ada>"
}

# A room without a terminal, on PORT, and somebody at one who calls it.
room()	# OPTION...
{
	hold
	listener -k --talk --name=Ada "$@" <"$T/idle"
}

calls()	# COLSxROWS OPTION...
{
	on_terminal "$@" --chat 127.0.0.1 "$PORT"
}

says()	# TEXT: the operator of such a room does
{
	printf '%s\n' "$1" >&9
}

hears()	# TEXT: the operator of such a room does
{
	true_that "<$1> is heard" waitfor "text:$T/listener.out:$1"
}

enter()	# TEXT
{
	keys "$1"
	press Enter
}

# What is on the screen and above it, without empty rows.
all_rows()
{
	mux capture-pane -p -S - | sed 's/ *$//' | grep .
}

# --- The operator -----------------------------------------------------------

test_what_the_operator_types_is_not_torn_and_is_said_to_all()
{
	over native nc || return 0
	need_tmux || return 0
	operator 60x12
	guest one until:more\\n "touch:$T/in" 'until:<Ada> hello\n' 'send:hi\n' \
	    "await:$T/end"
	waitfor "file:$T/in"
	shows "* user1 has joined"
	keys 'hel'
	guest two until:more\\n 'send:I am two\n' "await:$T/end"
	shows "<user2> I am two"
	shows_last "<user2> I am two
Ada> hel"
	enter 'lo'
	shows_last "Ada> hello
<user1> hi
Ada>"
	touch "$T/end"
	shows "* user1 has left"
	shows "* user2 has left"
	enter ':q'
	ended_with 0
}

test_the_operator_edits_a_line_and_has_commands()
{
	need_tmux || return 0
	operator 70x20
	shows "* a room is open at 127.0.0.1 port $PORT (tcp)"
	guest one until:more\\n "touch:$T/in" 'until:<Ada> hello\n' \
	    'until:room is closed\n'
	waitfor "file:$T/in"
	shows "user1 has joined"
	keys 'helo'
	press Left
	enter 'l'
	enter ':who'
	shows "* present: Ada, user1 (127.0.0.1 port"
	enter ':help'
	shows "ends the room"
	enter ':nosuch'
	shows "* no such command: :nosuch"
	press Up Up Up
	shows_last "Ada> :who"
	press C-u
	enter ':q'
	ended_with 0
	guest_done one
}

test_the_room_goes_on_when_the_operator_s_input_has_ended()
{
	need_tmux || return 0
	operator 60x12
	press C-d
	shows "* the room goes on without you: ^C ends it"
	guest one until:more\\n 'send:still\n' "await:$T/end"
	shows "<user1> still"
	press C-c
	until_so test -s "$T/after"
	same_file "the terminal's modes" "$T/before" "$T/after"
	touch "$T/end"
	end_terminal
}

test_clients_of_every_kind_are_seen_by_the_operator()
{
	need_tmux || return 0
	operator 60x20
	start python python3 -c "
import socket, sys
s = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
f = s.makefile('rb')
def until(text):
    while text not in f.readline():
        pass
until(b'tells more')
s.sendall(b'python sends no newline')
until(b'and how are you')
s.sendall(b'well')
until(b'bye')
s.sendall(b':q')
assert f.read().endswith(b'* goodbye\n')
" "$PORT"
	shows "<user1> python sends no newline"
	n=1
	for tool in nc.openbsd ncat; do
		command -v $tool >/dev/null || continue
		n=$((n + 1))
		mkfifo "$T/$tool.in"
		start "client$n" $tool 127.0.0.1 "$PORT" <>"$T/$tool.in"
		shows "* user$n has joined"
		echo "I am $tool" >"$T/$tool.in"
		shows "<user$n> I am $tool"
	done
	enter 'and how are you'
	shows "<user1> well"
	enter 'bye'
	finish python
	same "python's status, of <$ERR>" 0 "$RC"
	shows "* user1 has left"
	n=1
	for tool in nc.openbsd ncat; do
		command -v $tool >/dev/null || continue
		n=$((n + 1))
		waitfor "text:$T/client$n.out:<Ada> bye"
		holds "what $tool got" "$(cat "$T/client$n.out")" \
		    "<user1> well"
		echo :q >"$T/$tool.in"
		waitfor "text:$T/client$n.out:goodbye"
	done
	enter ':q'
	ended_with 0
}

test_names_have_a_colour_where_the_terminal_has()
{
	need_tmux || return 0
	PLAIN=
	operator 60x12
	guest one until:more\\n 'send:hi <b> there\n' "await:$T/end"
	shows '<user1> hi <b> there'
	holds "with colours" "$(screen -e)" "$(printf \
	    '\033[36m<user1>\033[39m hi <b> there')"
	enter ':q'
	ended_with 0
	PLAIN=yes
	: >"$T/end"
	operator 60x12
	guest two until:more\\n 'send:hi there\n' "await:$T/end"
	shows '<user1> hi there'
	lacks "with NO_COLOR" "$(screen -e)" "$(printf '\033')"
	unset PLAIN
	enter ':q'
	ended_with 0
}

# --- Who calls a room with --chat -------------------------------------------

test_our_chat_knows_our_room_by_its_greeting()
{
	over native nc || return 0
	need_tmux || return 0
	room
	calls 78x16
	shows "[127.0.0.1] welcome, you are user1; present: Ada"
	shows "* 127.0.0.1 is a room; lines that begin with a colon go to it"
	says 'hello, you'
	shows "<Ada> hello, you"
	lacks "the screen" "$(screen)" "<127.0.0.1>"
	guest two until:more\\n 'send:* user1 has left\n' 'until:<user1>' \
	    'until::q leaves\n' print
	shows "[127.0.0.1] user2 has joined"
	shows "<user2> * user1 has left"
	enter 'good morning'
	hears "<user1> good morning"
	enter ':who'
	shows "[127.0.0.1] present: Ada, user1, user2"
	enter '::q leaves'
	guest_done two
	holds "what a client got" "$PEER" "<user1> :q leaves"
	enter ':name Eva'
	shows "[127.0.0.1] you are now called Eva"
	enter ':q'
	ended_with 0
	hears "Eva has left"
	lacks "what the room heard" "$(cat "$T/listener.out")" ":who"
}

test_the_name_is_offered_to_the_room()
{
	need_tmux || return 0
	room
	calls 78x16 --name=Eva "--log='$T/mine'"
	shows "[127.0.0.1] you are now called Eva"
	hears "Eva has joined"
	lacks "what the room heard" "$(cat "$T/listener.out")" user1
	enter 'hello'
	hears "<Eva> hello"
	says 'hi there'
	shows "<Ada> hi there"
	press C-d
	ended_with 0
	same "the log" "* chat with 127.0.0.1 begins
[127.0.0.1] welcome, you are user1; present: Ada
[127.0.0.1] :q leaves, :help tells more
[127.0.0.1] you are now called Eva
<Eva> hello
<Ada> hi there
* chat with 127.0.0.1 ends" "$(cut -d ' ' -f 3- "$T/mine")"
}

test_local_commands_stay_local()
{
	need_tmux || return 0
	free_port
	start peer "$TOOLS/peer" "listen:$T/port" accept \
	    'send:* welcome, you are user1; present: Ada\n' \
	    recv-eof "save:$T/got"
	waitfor "file:$T/port"
	PORT=$(cat "$T/port")
	calls 70x24 --name=Eva
	shows "* 127.0.0.1 is a room"
	for line in :help :h :info; do
		enter "$line"
	done
	shows "* :who, :name NAME and other lines that begin with a colon go"
	shows "round-trip time"
	enter ':who'
	enter ':quit'
	ended_with 0
	peer_done
	same "what the peer got" ":name Eva
:who" "$(cat "$T/got")"
}

test_a_password_is_neither_shown_nor_remembered_nor_logged()
{
	over native nc || return 0
	need_tmux || return 0
	echo 'se::cret words of mine' >"$T/pw"
	chmod 600 "$T/pw"
	room --password-file "$T/pw"
	calls 78x16 --name=Eva "--log='$T/mine'"
	shows "password for 127.0.0.1:"
	enter 'nonsense'
	shows "[127.0.0.1] wrong password"
	keys 'no'
	press C-u
	keys 'se::cret words of minex'
	press BSpace
	shows_last "password for 127.0.0.1:"
	press Enter
	shows "[127.0.0.1] you are now called Eva"
	enter 'hello'
	hears "<Eva> hello"
	press Up Up
	shows_last "Eva> hello"
	press C-y
	press C-u
	enter 'end'
	hears "<Eva> end"
	for text in cret nonsense; do
		lacks "the screen" "$(all_rows)" $text
		lacks "the log" "$(cat "$T/mine")" $text
	done
	lacks "the screen" "$(all_rows)" "[127.0.0.1] password"
	press C-d
	ended_with 0
	same "what was logged of ours" "<Eva> hello
<Eva> end" "$(cut -d ' ' -f 3- "$T/mine" | grep '^<Eva>')"
}

# Then the terminal echoes, and is told not to.
test_without_libedit_a_password_is_not_shown_either()
{
	WITHOUT=yes
	need_tmux
	talk_tty=$?
	unset WITHOUT
	[ $talk_tty = 0 ] || return 0
	echo secret >"$T/pw"
	chmod 600 "$T/pw"
	room --password-file "$T/pw"
	calls 78x16 --name=Eva "--log='$T/mine'"
	shows "password for 127.0.0.1:"
	enter secret
	shows "[127.0.0.1] you are now called Eva"
	enter hello
	hears "<Eva> hello"
	shows "Eva> hello"
	lacks "the screen" "$(all_rows)" secret
	lacks "the log" "$(cat "$T/mine")" secret
	press C-d
	ended_with 0
}

test_one_can_leave_a_room_that_asks_for_a_password()
{
	need_tmux || return 0
	echo secret >"$T/pw"
	chmod 600 "$T/pw"
	room --password-file "$T/pw"
	calls 78x16
	shows "password for 127.0.0.1:"
	enter ':q'
	ended_with 0
	lacks "what the operator saw" "$(cat "$T/listener.out")" \
	    "did not know"
}

# What was being typed while the question was open stays unseen.
test_a_peer_cannot_bring_a_password_to_light()
{
	need_tmux || return 0
	start peer "$TOOLS/peer" "listen:$T/port" accept \
	    'send:* this room asks for a password\npassword: ' \
	    "await:$T/typed" 'send:* welcome, you are x; present: y\n' \
	    "until::name Eva\\n" 'until:open\n' "save:$T/got" \
	    "await:$T/end"
	waitfor "file:$T/port"
	PORT=$(cat "$T/port")
	calls 78x16 --name=Eva "--log='$T/mine'"
	shows "password for 127.0.0.1:"
	keys 'hidden'
	# This comes behind it on the terminal.
	press C-l
	until_so cleared
	touch "$T/typed"
	shows "[127.0.0.1] welcome, you are x; present: y"
	shows_last "Eva>"
	enter 'open'
	shows "Eva> open"
	press Up Up
	lacks "the screen" "$(all_rows)" hidden
	press C-c
	touch "$T/end"
	until_so test -s "$T/after"
	same_file "the terminal's modes" "$T/before" "$T/after"
	lacks "the log" "$(cat "$T/mine")" hidden
	holds "the log" "$(cat "$T/mine")" "<Eva> open"
	lacks "what the peer got" "$(cat "$T/got")" hidden
	end_terminal
}

cleared()
{
	[ "$(screen)" = "password for 127.0.0.1:" ]
}

test_who_claims_to_be_a_room_gains_nothing()
{
	need_tmux || return 0
	start peer "$TOOLS/peer" "listen:$T/port" accept \
	    'send:* welcome, you are user1; present: Ada\n' \
	    'send:* 127.0.0.1 has left\n*no such command\nEva> forged\n' \
	    'send:<Eva> not mine\n<\xe2\x80\x8b* x\n< no name\n\r* y\n' \
	    'send:<\x1b[2J> z\n<Ada> hello\n' recv-eof
	waitfor "file:$T/port"
	PORT=$(cat "$T/port")
	calls 78x24 --name=Eva "--log='$T/mine'"
	shows_last '[127.0.0.1] welcome, you are user1; present: Ada
[127.0.0.1] 127.0.0.1 has left
[127.0.0.1] *no such command
[127.0.0.1] Eva> forged
[127.0.0.1] <Eva> not mine
[127.0.0.1] <\342\200\213* x
[127.0.0.1] < no name
[127.0.0.1] \015* y
<\033[2J> z
<Ada> hello
Eva>'
	same "lines in the log that look like one's own" 0 \
	    "$(cut -d ' ' -f 3- "$T/mine" | grep -c '^<Eva>')"
	press C-d
	ended_with 0
}

test_only_the_first_line_of_who_was_called_is_a_greeting()
{
	need_tmux || return 0
	start peer "$TOOLS/peer" "listen:$T/port" accept 'send:hello\n' \
	    'send:* welcome, you are user1; present: Ada\n<Ada> x\n' \
	    recv-eof "save:$T/got"
	waitfor "file:$T/port"
	PORT=$(cat "$T/port")
	calls 78x16 --name=Eva
	shows "<127.0.0.1> <Ada> x"
	enter ':who'
	shows "* no such command: :who"
	press C-d
	ended_with 0
	peer_done
	same "what the peer got" "" "$(cat "$T/got")"
	free_port
	on_terminal 78x16 --name=Eva --chat -l 127.0.0.1 "$PORT"
	waitfor "tcp:$PORT"
	guest one 'send:* welcome, you are user1; present: Ada\n<Ada> x\n' \
	    recv-eof
	shows "<127.0.0.1> <Ada> x"
	press C-d
	until_so test -s "$T/after"
	end_terminal
}

# The greeting comes in pieces, and its end is that of no greeting.
test_a_first_line_that_only_begins_like_a_greeting_is_shown_as_it_is()
{
	need_tmux || return 0
	start peer "$TOOLS/peer" "listen:$T/port" accept 'send:* wel' \
	    sleep-ms:50 'send:come, you are late\n* this room asks\n' recv-eof
	waitfor "file:$T/port"
	PORT=$(cat "$T/port")
	calls 78x16
	shows "<127.0.0.1> * welcome, you are late
<127.0.0.1> * this room asks"
	press C-d
	ended_with 0
}

run_tests "$@"
