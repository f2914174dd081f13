#!/bin/sh
# A chat on a terminal: what a person sees, and what the peer gets.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_console.sh"

# sockcat on the terminal; its exit status goes to $T/status.of.
chat()	# COLSxROWS OPTION...
{
	chat_size=$1
	shift
	terminal "$chat_size" "stty -g >before
	    NO_COLOR=${PLAIN-yes} '$NC' --chat $*
	    echo \$? >status.of; stty -g >after"
}

# One that waits, on PORT.
chat_server()	# COLSxROWS OPTION...
{
	free_port
	chat "$@" --name=Eva -l 127.0.0.1 "$PORT"
	waitfor "tcp:$PORT"
	shows "waiting for one peer at 127.0.0.1 port $PORT"
}

ended_with()	# STATUS: the program, and the terminal is as it was
{
	until_so test -s "$T/after"
	same "exit status" "$1" "$(cat "$T/status.of")"
	same_file "the terminal's modes" "$T/before" "$T/after"
	end_terminal
}

calls()	# PEER-WORD...
{
	start peer "$TOOLS/peer" "connect:$PORT" "$@"
}

test_two_people_talk()
{
	over native || return 0
	need_tmux || return 0
	chat_server 60x12
	bob -f /dev/null new-session -d -x 60 -y 12 \
	    "NO_COLOR=1 exec '$NC' --chat --name=Bob 127.0.0.1 $PORT"
	until_so screen_has '127.0.0.1 is here'
	bob send-keys -l 'half a li'
	keys 'hello, Bob'
	press Enter
	until_so bob_has '<127.0.0.1> hello, Bob'
	bob send-keys -l 'ne'
	until_so bob_ends "<127.0.0.1> hello, Bob
Bob> half a line"
	same "Bob's screen" "<127.0.0.1> hello, Bob
Bob> half a line" "$(bob_screen | tail -2)"
	bob send-keys Enter
	shows_last "Eva> hello, Bob
<127.0.0.1> half a line
Eva>"
	bob send-keys -l ':q'
	bob send-keys Enter
	until_so test -s "$T/after"
	until_so screen_has '* 127.0.0.1 has left'
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
	over native || return 0
	need_tmux || return 0
	chat_server 70x20
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
	keys '::x'
	press Enter
	keys ':me waves'
	press Enter
	keys '/quit'
	press Enter
	ended_with 0
	peer_done
	same "what the peer got" ":x
* Eva waves" "$(cat "$T/got")"
}

test_D_on_an_empty_line_leaves()
{
	over native || return 0
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
	over native || return 0
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
	over native || return 0
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
	over native || return 0
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
	over native || return 0
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

test_over_UDP_too()
{
	over native || return 0
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
