#!/bin/sh
# A chat on a terminal: what a person sees, and what the peer gets.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_console.sh"

chat()	# COLSxROWS OPTION...
{
	chat_size=$1
	shift
	on_terminal "$chat_size" --chat "$@"
}

# One that waits, on PORT.
chat_server()	# COLSxROWS OPTION...
{
	free_port
	chat "$@" --name=Eva -l 127.0.0.1 "$PORT"
	waitfor "tcp:$PORT"
	shows "waiting for one peer at 127.0.0.1 port $PORT"
}

calls()	# PEER-WORD...
{
	start peer "$TOOLS/peer" "connect:$PORT" "$@"
}

test_two_people_talk()
{
	need_tmux || return 0
	chat_server 60x12
	bob -f /dev/null new-session -d -x 60 -y 12 \
	    "NO_COLOR=1 exec '$NC' --chat --name=Bob 127.0.0.1 $PORT"
	until_so screen_has '127.0.0.1 is here'
	# Each knows by the other's packets that it is sockcat, too.
	shows '* 127.0.0.1 is now called Bob'
	until_so bob_has '* 127.0.0.1 is now called Eva'
	lacks "the screen" "$(screen)" 'this is'
	bob send-keys -l 'half a li'
	keys 'hello, Bob'
	press Enter
	until_so bob_has '<Eva> hello, Bob'
	bob send-keys -l 'ne'
	until_so bob_ends "<Eva> hello, Bob
Bob> half a line"
	same "Bob's screen" "<Eva> hello, Bob
Bob> half a line" "$(bob_screen | tail -2)"
	bob send-keys Enter
	shows_last "Eva> hello, Bob
<Bob> half a line
Eva>"
	keys 'so you are Bob'
	press Enter
	until_so bob_ends "<Eva> so you are Bob
Bob>"
	same "Bob's screen" "<Eva> hello, Bob
Bob> half a line
<Eva> so you are Bob
Bob>" "$(bob_screen | tail -4)"
	bob send-keys -l ':q'
	bob send-keys Enter
	until_so test -s "$T/after"
	until_so screen_has '* Bob has left'
	ended_with 0
}

test_two_of_one_name_are_told_apart_and_a_line_leaves()
{
	need_tmux || return 0
	chat_server 60x12
	bob -f /dev/null new-session -d -x 60 -y 12 \
	    "NO_COLOR=1 exec '$NC' --chat --name=eva 127.0.0.1 $PORT"
	shows '* 127.0.0.1 is now called eva@127.0.0.1'
	until_so bob_has '* 127.0.0.1 is now called Eva@127.0.0.1'
	bob send-keys -l 'hello'
	bob send-keys Enter
	shows '<eva@127.0.0.1> hello'
	bob send-keys -l '::q'
	bob send-keys Enter
	until_so test -s "$T/after"
	shows '* eva@127.0.0.1 has left'
	lacks "the screen" "$(screen)" ':q'
	ended_with 0
}

# The terminal of somebody else.
bob()
{
	LC_ALL=C.UTF-8 tmux -u -S "$T/bob" "$@"
}

bob_screen()
{
	bob capture-pane -p | sed 's/ *$//' | grep .
}

bob_has()
{
	case $(bob_screen) in *"$1"*) ;; *) false ;; esac
}

bob_ends()
{
	case $(bob_screen) in *"$1") ;; *) false ;; esac
}

test_commands_are_never_sent()
{
	need_tmux || return 0
	chat_server 70x36
	calls recv-eof "save:$T/got"
	shows "is here"
	keys ':nosuch'
	press Enter
	shows "* no such command: :nosuch"
	keys ':info'
	press Enter
	shows "round-trip time"
	keys ':help'
	press Enter
	shows "* :q or /quit leaves"
	shows "* keys: arrows, ^A and ^E move"
	keys ':foo'
	press Enter
	keys '/help'
	press Enter
	until_so two_helps
	true_that "/help is :help" two_helps
	keys '::x'
	press Enter
	keys ':me waves'
	press Enter
	keys '/me smiles'
	press Enter
	keys '/me'
	press Enter
	shows "* usage: /me TEXT"
	keys '/quit'
	press Enter
	ended_with 0
	peer_done
	same "what the peer got" ":x
* Eva waves
* Eva smiles" "$(cat "$T/got")"
}

two_helps()
{
	[ "$(screen | grep -c '^\* keys: ')" = 2 ]
}

test_D_on_an_empty_line_leaves()
{
	need_tmux || return 0
	chat_server 60x10
	calls recv-eof "save:$T/got"
	shows "is here"
	keys 'last words'
	press Enter
	press C-d
	ended_with 0
	peer_done
	same "what the peer got" "last words" "$(cat "$T/got")"
}

test_C_dies_of_the_signal_and_restores_the_terminal()
{
	need_tmux || return 0
	chat_server 60x10
	calls recv-end
	shows "is here"
	keys 'not sent'
	shows "not sent"
	press C-c
	ended_with 130
	peer_done
}

test_before_anybody_is_there_one_can_leave_too()
{
	need_tmux || return 0
	chat_server 60x10
	keys ':info'
	press Enter
	press C-d
	until_so test -s "$T/after"
	ended_with 0
}

test_nothing_from_the_peer_controls_the_terminal()
{
	need_tmux || return 0
	chat_server 78x20
	calls 'send:\x1b[2J\x1b]0;owned\x07\x1b]52;c;aGk=\x07 csi\n' \
	    'send:\xc2\x9b31m c1 \xe2\x80\xae bidi\n' \
	    'send:over\rwritten \x08\x08bs\n' \
	    'send:* forged has left\r\n' 'send:Eva> forged\r\n' recv-end
	shows_last '<127.0.0.1> \033[2J\033]0;owned\007\033]52;c;aGk=\007 csi
<127.0.0.1> \302\23331m c1 \342\200\256 bidi
<127.0.0.1> over\015written \010\010bs
<127.0.0.1> * forged has left
<127.0.0.1> Eva> forged
Eva>'
	press C-d
	ended_with 0
}

test_timestamps_and_colours_come_when_asked_for()
{
	need_tmux || return 0
	PLAIN=
	chat_server 60x10 --timestamps
	unset PLAIN
	calls 'send:hello\n' recv-end
	until_so screen_has "<127.0.0.1> hello"
	true_that "the time stands before it" \
	    sh -c "printf '%s' \"\$1\" | grep -q '^[0-2][0-9]:[0-5][0-9]:[0-5][0-9] <127.0.0.1> hello'" \
	    - "$(screen)"
	press C-d
	ended_with 0
}

test_ones_own_lines_have_the_time_too()
{
	need_tmux || return 0
	chat_server 60x10 --timestamps
	calls recv-end
	shows "is here"
	keys 'what is the time'
	press Enter
	until_so own_line_has_time
	true_that "the time stands before it" own_line_has_time
	press C-d
	ended_with 0
}

own_line_has_time()
{
	screen | grep -q '^[0-2][0-9]:[0-5][0-9]:[0-5][0-9] Eva> what is the time$'
}

test_a_netcat_sees_the_typed_lines_and_nothing_else()
{
	over native real real-ncat || return 0
	need_tmux || return 0
	NC_PEER=$NC
	NC=$(program_of native)
	chat_server 60x12
	mkfifo "$T/said"
	exec 8<>"$T/said"
	start other "$NC_PEER" 127.0.0.1 "$PORT" <"$T/said" 8>&-
	echo hello >&8
	shows '<127.0.0.1> hello'
	for line in hi ::x ':me waves' 'how are you' 'and your dog' yes; do
		keys "$line"
		press Enter
	done
	waitfor "text:$T/other.out:yes"
	same "what it got" "hi
:x
* Eva waves
how are you
and your dog
yes" "$(cat "$T/other.out")"
	# As one who is at sockcat would be: by saying so.
	echo '* this is Bob' >&8
	echo 'really' >&8
	shows '<Bob> really'
	# The answer to that; unread, it would make of the death a reset.
	waitfor "text:$T/other.out:this is Eva"
	exec 8>&-
	# Ours leaves at the end of its input, and a signal is no end.
	[ "$SUBJECT" = native ] || kill_it other
	shows '* Bob has left'
	ended_with 0
}

test_a_chat_that_is_called_by_a_chat_says_its_name_and_to_others_nothing()
{
	need_tmux || return 0
	for addr in 127.0.0.1 ::1; do
		[ "$addr" = 127.0.0.1 ] || need_ipv6 || return 0
		for tos in 0 0x10 0x4c; do
			names_to "$addr" "$tos"
		done
	done
}

# What a listener at ADDRESS sends to a client with this type of service.
names_to()	# ADDRESS TOS
{
	free_port
	hold
	chat 60x12 --name=Eva -l "$1" "$PORT"
	waitfor "tcp:$PORT"
	shows "waiting for one peer"
	"$NC" --compat=nc -T "$2" "$1" "$PORT" >"$T/got" <"$T/idle" 9>&- &
	caller=$!
	shows 'is here'
	keys hello
	press Enter
	waitfor "text:$T/got:hello"
	kill "$caller"
	wait "$caller" 2>/dev/null
	want=hello
	[ "$2" != 0x4c ] || want="* this is Eva
hello"
	same "sent to $1 with $2" "$want" "$(cat "$T/got")"
	shows 'has left'
	ended_with 0
}

test_a_chat_that_calls_another_program_sends_only_what_is_typed()
{
	need_tmux || return 0
	start peer "$TOOLS/peer" "listen:$T/port" accept recv-eof "save:$T/got"
	waitfor "file:$T/port"
	PORT=$(cat "$T/port")
	chat 60x12 --name=Eva 127.0.0.1 "$PORT"
	shows "connected"
	keys 'how are you today'
	press Enter
	keys ':q'
	press Enter
	ended_with 0
	peer_done
	same "what it got" "how are you today" "$(cat "$T/got")"
}

test_a_name_can_be_told_to_anybody()
{
	need_tmux || return 0
	chat_server 60x12
	calls recv-eof "save:$T/got"
	shows "is here"
	keys ':name Bad name'
	press Enter
	shows "* a name is a word of at most 24 letters"
	keys ':name Ann'
	press Enter
	shows_last "Ann>"
	keys ':me waves'
	press Enter
	press C-d
	ended_with 0
	peer_done
	same "what the peer got" "* this is Ann
* Ann waves" "$(cat "$T/got")"
}

test_names_are_exchanged_over_UDP()
{
	need_tmux || return 0
	free_port
	chat 60x12 --name=Eva -u -l 127.0.0.1 "$PORT"
	waitfor "udp:$PORT"
	shows "waiting for one peer"
	bob -f /dev/null new-session -d -x 60 -y 12 \
	    "NO_COLOR=1 exec '$NC' --chat -u --name=Bob 127.0.0.1 $PORT"
	until_so bob_has "Bob>"
	bob send-keys -l 'hello'
	bob send-keys Enter
	shows '<127.0.0.1> hello'
	shows '* 127.0.0.1 is now called Bob'
	bob send-keys -l 'fine'
	bob send-keys Enter
	shows '<Bob> fine'
	keys 'bye'
	press Enter
	until_so bob_has '<Eva> bye'
	holds "Bob's screen" "$(bob_screen)" '<Eva> bye'
	press C-d
	ended_with 0
}

test_what_comes_without_a_newline_is_shown_and_a_room_is_not_needed()
{
	need_tmux || return 0
	chat_server 60x12
	start peer python3 -c "
import socket
s = socket.create_connection(('127.0.0.1', $PORT))
s.sendall(b'hello there')
print(s.recv(100).decode(), end='')
s.sendall(b'\x1b[2Jbye now')
print(s.recv(100).decode(), end='')"
	shows '<127.0.0.1> hello there'
	keys 'good morning to you'
	press Enter
	shows '\033[2Jbye now'
	keys 'bye bye'
	press Enter
	ended_with 0
	finish peer
	same "what it got" "good morning to you
bye bye" "$OUT"
}

test_calling_with_retry_says_that_it_goes_on()
{
	need_tmux || return 0
	free_port
	chat 70x12 --name=Eva --retry=100 127.0.0.1 "$PORT"
	shows "* connect to 127.0.0.1 port $PORT (tcp) failed: Connection refused"
	shows "* still trying; :q gives up"
	start peer "$NC" -l 127.0.0.1 "$PORT" </dev/null
	shows "* connected to 127.0.0.1 port $PORT"
	# Not at every try, of which there are several in a second.
	until_so screen_has "Eva>"
	true_that "it is not told at every try" few_complaints
	press C-d
	ended_with 0
}

few_complaints()
{
	[ "$(screen | grep -c 'still trying')" -le 2 ]
}

test_a_line_that_met_a_closed_port_is_told_each_time()
{
	need_tmux || return 0
	free_port
	chat 70x12 --name=Eva -u -l 127.0.0.1 "$PORT"
	waitfor "udp:$PORT"
	shows "waiting for one peer"
	start peer "$TOOLS/peer" "udp-connect:$PORT" 'send:hello\n'
	finish peer
	shows '<127.0.0.1> hello'
	for n in 1 2 3; do
		keys "line $n"
		press Enter
		until_so refusals_are "$n"
	done
	same "refusals" 3 "$(screen | grep -c \
	    '^\* 127.0.0.1 did not get the last line: Connection refused')"
	press C-d
	# No answer came after the last refusal.
	ended_with 1
}

refusals_are()
{
	[ "$(screen | grep -c 'did not get the last line')" = "$1" ]
}

# The text goes to a pipe; the terminal is standard input.
test_commands_work_where_the_text_goes_to_a_pipe()
{
	need_tmux || return 0
	free_port
	terminal 70x20 "stty -g >before
	    { '$NC' --chat --name=Eva -l 127.0.0.1 $PORT; echo \$? >status.of
	    } | cat >log; stty -g >after"
	waitfor "tcp:$PORT"
	shows "* waiting for one peer at 127.0.0.1 port $PORT"
	calls 'send:one\x1b[2J\r\ntwo\n' recv-eof "save:$T/got"
	shows "* 127.0.0.1 is here"
	waitfor "text:$T/log:two"
	keys 'hello'
	press Enter
	keys ':me waves'
	press Enter
	keys ':help'
	press Enter
	shows "* :q or /quit leaves"
	shows "* keys: backspace"
	keys ':q'
	press Enter
	ended_with 0
	peer_done
	same "what the peer got" "hello
* Eva waves" "$(cat "$T/got")"
	same "the text" 'one\033[2J
two' "$(cat "$T/log")"
}

# The terminal is open for reading alone, and standard error is none.
test_a_terminal_that_is_input_alone_gets_announcements_and_the_bell()
{
	need_tmux || return 0
	free_port
	terminal 70x20 "stty -g >before
	    '$NC' --chat --bell -l 127.0.0.1 $PORT </dev/tty >log 2>/dev/null
	    echo \$? >status.of; stty -g >after"
	mux pipe-pane "cat >'$T/pane'"
	waitfor "tcp:$PORT"
	calls 'send:one\n' recv-eof
	waitfor "text:$T/log:one"
	until_so bell_rang
	true_that "the bell rang" bell_rang
	keys ':info'
	press Enter
	shows "round-trip time"
	press C-d
	ended_with 0
	same "the text" one "$(cat "$T/log")"
}

bell_rang()
{
	grep -q "$(printf '\007')" "$T/pane"
}

test_raw_text_reaches_a_terminal_as_it_is()
{
	need_tmux || return 0
	free_port
	chat 60x12 --raw-text -l 127.0.0.1 "$PORT"
	waitfor "tcp:$PORT"
	shows "* waiting for one peer"
	calls 'send:gone\r\x1b[Kred \x1b[31mtext\x1b[m\n' recv-eof
	shows "red text"
	lacks "what was overwritten" "$(screen)" gone
	keys ':q'
	press Enter
	ended_with 0
}

test_over_UDP_too()
{
	need_tmux || return 0
	free_port
	chat 60x10 --name=Eva -u -l 127.0.0.1 "$PORT"
	waitfor "udp:$PORT"
	shows "waiting for one peer"
	printf 'hello\n' >"$T/said"
	hold
	start caller "$NC" --chat -u 127.0.0.1 "$PORT" <"$T/idle"
	echo hello >&9
	shows "<127.0.0.1> hello"
	keys 'and back'
	press Enter
	waitfor "text:$T/caller.out:and back"
	press C-d
	ended_with 0
	finish caller
	same "who called, of <$ERR>" 0 "$RC"
}

run_tests "$@"
