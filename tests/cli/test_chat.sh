#!/bin/sh
# A chat with exactly one peer, from pipes; terminals are another file's.
. "$(dirname "$0")/lib.sh"

# One that waits, and says what we write to 9.
chatter()	# OPTION...
{
	hold
	free_port
	start chat "$NC" --chat "$@" -l "$PORT" <"$T/idle"
}

test_lines_go_both_ways_at_any_moment_and_both_end()
{
	chatter
	waitfor "tcp:$PORT"
	mkfifo "$T/in"
	exec 7<>"$T/in"
	start caller "$NC" --chat 127.0.0.1 "$PORT" <"$T/in" 7>&-
	echo "I begin" >&9
	waitfor "text:$T/caller.out:I begin"
	echo "I answer" >&7
	waitfor "text:$T/chat.out:I answer"
	echo "and once more" >&7
	waitfor "text:$T/chat.out:once more"
	exec 7>&-
	finish chat
	same "who waited, of <$ERR>" 0 "$RC"
	same "what it heard" "I answer
and once more" "$OUT"
	same "what it said besides" "" "$ERR"
	finish caller
	same "who called, of <$ERR>" 0 "$RC"
	same "what it heard" "I begin" "$OUT"
}

test_without_arguments_it_is_a_server_on_port_10000()
{
	OUT=$("$NC" --explain --chat -l)
	holds "explained" "$OUT" "port 10000; one peer"
	OUT=$("$NC" --explain --chat somewhere)
	holds "explained" "$OUT" "somewhere port 10000"
	for bare in "" -v "--name=x" --chat --timestamps; do
		OUT=$("$NC" --explain $bare)
		holds "<$bare> explained" "$OUT" "port 10000; one peer"
	done
	run "$NC" -u
	same "another option" 1 "$RC"
}

test_a_second_peer_reads_that_the_chat_is_busy()
{
	chatter -v
	waitfor "tcp:$PORT"
	start first "$TOOLS/peer" "connect:$PORT" send:one "await:$T/go" fin \
	    recv-eof
	waitfor "text:$T/chat.out:one"
	run "$NC" -w 5 127.0.0.1 "$PORT" </dev/null
	same "the second one, of <$ERR>" 0 "$RC"
	same "what it reads" "busy: already in a chat" "$OUT"
	# A reset would take away what was not read yet.
	start third "$TOOLS/peer" "connect:$PORT" 'send:hello?\n' \
	    recv-eof 'expect:busy: already in a chat\n'
	finish third
	same "the third, of <$ERR>" 0 "$RC"
	touch "$T/go"
	finish chat
	same "exit status, of <$ERR>" 0 "$RC"
	same "what was heard" one "$OUT"
}

test_those_who_queued_read_that_too()
{
	chatter
	waitfor "tcp:$PORT"
	kill_it chat STOP
	start first "$TOOLS/peer" "connect:$PORT" send:first "touch:$T/in" \
	    "await:$T/go" fin recv-eof
	waitfor "file:$T/in"
	for guest in second third; do
		start "$guest" "$TOOLS/peer" "connect:$PORT" \
		    "touch:$T/$guest" recv-eof 'expect:busy: already in a chat\n'
		waitfor "file:$T/$guest"
	done
	kill_it chat CONT
	waitfor "text:$T/chat.out:first"
	finish second
	same "the second" 0 "$RC"
	finish third
	same "the third" 0 "$RC"
	touch "$T/go"
	exits chat 0
}

test_when_the_peer_leaves_so_does_the_program()
{
	chatter -v
	waitfor "tcp:$PORT"
	client send:bye fin recv-eof
	exits chat 0
	same "heard" bye "$OUT"
	holds "told" "$ERR" "is here, from port"
	holds "told" "$ERR" "has left"
}

test_text_is_inert_in_a_pipe_too()
{
	chatter
	waitfor "tcp:$PORT"
	client 'send:a\r\nb\x1b[2J\x07\n\xc3\xa9\t* x\nno end' fin recv-eof
	finish chat
	printf 'a\nb\\033[2J\\007\n\303\251\t* x\nno end' >"$T/want"
	same_file "heard" "$T/want" "$T/chat.out"
}

test_with_raw_text_all_bytes_go_through()
{
	chatter --raw-text
	waitfor "tcp:$PORT"
	client 'send:a\r\nb\x1b[31m\x07\n' fin recv-eof
	finish chat
	printf 'a\r\nb\033[31m\007\n' >"$T/want"
	same_file "heard" "$T/want" "$T/chat.out"
}

test_a_script_is_told_no_name_and_tells_none()
{
	chatter --name=Eva
	waitfor "tcp:$PORT"
	start caller "$TOOLS/peer" "connect:$PORT" \
	    'send:how are you? \n* this is Bob\nbye\n' \
	    recv-line 'expect:fine, and you?\n' fin recv-eof expect-size:0
	waitfor "text:$T/chat.out:bye"
	echo "fine, and you?" >&9
	finish caller
	same "the caller, of <$ERR>" 0 "$RC"
	finish chat
	same "heard" "how are you? 
* this is Bob
bye" "$OUT"
}

test_what_looks_like_a_command_in_a_pipe_is_text()
{
	serve accept recv-eof print close
	printf ':q\n/quit\n::x\n' >"$T/in"
	run_gives 0 "$NC" --chat 127.0.0.1 "$PORT" <"$T/in"
	peer_done
	same "sent" ":q
/quit
::x" "$PEER"
}

test_a_peer_that_says_so_leaves_with_a_newline_and_without()
{
	for quit in ':q\n' '/quit\r\n' ':quit' ':q'; do
		chatter -v
		waitfor "tcp:$PORT"
		start peer "$TOOLS/peer" "connect:$PORT" 'send:so I said\n' \
		    "send:$quit" recv-eof
		finish chat
		same "after $quit, of <$ERR>" 0 "$RC"
		same "what was heard" "so I said" "$OUT"
		holds "told" "$ERR" "127.0.0.1 has left"
		peer_done
	done
	chatter --raw-text
	waitfor "tcp:$PORT"
	client 'send::q\n' fin recv-eof
	finish chat
	same "raw text" ":q" "$OUT"
}

test_the_peer_may_be_another_netcat()
{
	over native real real-ncat || return 0
	free_port
	hold
	launch chat "$(program_of native)" --chat -l "$PORT" <"$T/idle"
	mkfifo "$T/in"
	exec 7<>"$T/in"
	start other "$NC" 127.0.0.1 "$PORT" <"$T/in"
	echo hello >&7
	waitfor "text:$T/chat.out:hello"
	echo welcome >&9
	waitfor "text:$T/other.out:welcome"
	kill_it other
	finish chat
	exec 7>&-
	# A plain sockcat that is killed before its input ends resets.
	[ "$SUBJECT" = native ] && cut=1 || cut=0
	same "exit status, of <$ERR>" "$cut" "$RC"
	same "heard" hello "$OUT"
}

test_it_may_call_another_netcat()
{
	over native real real-ncat || return 0
	need_wildcard || return 0
	free_port
	mkfifo "$T/in"
	exec 7<>"$T/in"
	launch other "$NC" -l "$PORT" <"$T/in"
	hold
	start chat "$(program_of native)" --chat 127.0.0.1 "$PORT" <"$T/idle"
	echo hello >&9
	waitfor "text:$T/other.out:hello"
	echo welcome >&7
	waitfor "text:$T/chat.out:welcome"
	kill_it other
	finish chat
	exec 7>&-
	# A plain sockcat that is killed before its input ends resets.
	[ "$SUBJECT" = native ] && cut=1 || cut=0
	same "exit status, of <$ERR>" "$cut" "$RC"
	same "heard" welcome "$OUT"
}

test_over_UDP_the_first_sender_becomes_the_peer()
{
	chatter -u
	waitfor "udp:$PORT"
	start peer "$TOOLS/peer" "udp-connect:$PORT" 'send:me first\n' \
	    recv-dgram 'expect:hello\n' "touch:$T/told" "await:$T/go" \
	    'send:again\n' "await:$T/end" send:
	waitfor "text:$T/chat.out:me first"
	echo hello >&9
	waitfor "file:$T/told"
	"$TOOLS/peer" "udp-connect:$PORT" 'send:a stranger\n'
	touch "$T/go"
	waitfor "text:$T/chat.out:again"
	touch "$T/end"
	peer_done
	finish chat
	same "exit status, of <$ERR>" 0 "$RC"
	same "heard" "me first
again" "$OUT"
}

test_over_UDP_an_empty_datagram_says_that_one_leaves()
{
	chatter -u
	waitfor "udp:$PORT"
	printf 'hello\n' >"$T/in"
	run "$NC" --chat -u 127.0.0.1 "$PORT" <"$T/in"
	same "who called, of <$ERR>" 0 "$RC"
	finish chat
	same "who waited, of <$ERR>" 0 "$RC"
	same "heard" hello "$OUT"
}

test_Unix_sockets_chat_too()
{
	hold
	start chat "$NC" --chat -U -l "$T/sock" <"$T/idle"
	waitfor "unix:$T/sock"
	printf 'hello\n' >"$T/in"
	start caller "$NC" --chat -U "$T/sock" <"$T/in"
	waitfor "text:$T/chat.out:hello"
	finish chat
	same "who waited, of <$ERR>" 0 "$RC"
	finish caller
	same "who called, of <$ERR>" 0 "$RC"
}

test_a_log_keeps_who_said_what_inert_and_with_the_time()
{
	chatter --name=Eva --log="$T/log"
	waitfor "tcp:$PORT"
	start peer "$TOOLS/peer" "connect:$PORT" 'send:a\x1b[31mb\r\nc\n' \
	    recv-line fin recv-eof
	waitfor "text:$T/chat.out:c"
	echo "my answer" >&9
	peer_done
	exits chat 0
	same "the log" '* chat with 127.0.0.1 begins
<127.0.0.1> a\033[31mb
<127.0.0.1> c
<Eva> my answer
* chat with 127.0.0.1 ends' "$(sed 's/^[-0-9]* [:0-9]* //' "$T/log")"
	same "lines with a time" 5 "$(grep -c \
	    '^[0-9]\{4\}-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:' \
	    "$T/log")"
}

test_a_log_that_cannot_be_written_is_told_before_anything()
{
	run "$NC" --chat --log="$T/no/log" -l 0 </dev/null
	fails_with_one_line 1
	holds "why" "$ERR" "No such file or directory"
}

test_a_full_log_does_not_stop_the_chat()
{
	chatter --log=/dev/full
	waitfor "tcp:$PORT"
	client 'send:one\n' 'send:two\n' fin recv-eof
	exits chat 1
	same "heard" "one
two" "$OUT"
	one_line "stderr" "$ERR"
	holds "why" "$ERR" "No space left on device"
}

test_with_framing_each_line_is_a_message()
{
	chatter --framing=len6 --log="$T/log" --name=Eva
	waitfor "tcp:$PORT"
	start peer "$TOOLS/peer" "connect:$PORT" send:000003:one000005:t 'send:w\no!' \
	    recv:11 'expect:000004:back' fin recv-eof
	waitfor "text:$T/chat.out:o!"
	echo back >&9
	peer_done
	finish chat
	same "exit status, of <$ERR>" 0 "$RC"
	same "heard" "one
tw
o!" "$OUT"
	same "the log" '* chat with 127.0.0.1 begins
<127.0.0.1> one
<127.0.0.1> tw
<127.0.0.1> o!
<Eva> back
* chat with 127.0.0.1 ends' "$(sed 's/^[-0-9]* [:0-9]* //' "$T/log")"
}

test_a_script_may_ask_and_gets_the_answer()
{
	chatter
	waitfor "tcp:$PORT"
	echo question >"$T/question"
	start caller "$NC" --chat 127.0.0.1 "$PORT" <"$T/question"
	waitfor "text:$T/chat.out:question"
	echo answer >&9
	finish chat
	same "who answered, of <$ERR>" 0 "$RC"
	finish caller
	same "who asked, of <$ERR>" 0 "$RC"
	same "what it heard" answer "$OUT"
}

test_TERM_ends_it_and_the_peer_sees_an_end()
{
	chatter
	waitfor "tcp:$PORT"
	start peer "$TOOLS/peer" "connect:$PORT" 'send:here\n' recv-end
	waitfor "text:$T/chat.out:here"
	stop chat
	same "exit status" 143 "$RC"
	peer_done
}

run_tests "$@"
