#!/bin/sh
# Commands behind UDP: one for each peer, or one for the first of them.
. "$(dirname "$0")/lib.sh"

server()	# ARGUMENT...: the port stands last, if it is not there
{
	free_port
	launch_udp server "$NC" -u -l "$@" "$PORT" <"$work/empty"
}

# A client on the loopback, in the background; see tools/peer.c.
caller()	# NAME WORD...
{
	caller_name=$1
	shift
	start "$caller_name" "$TOOLS/peer" "udp-connect:$PORT" "$@"
}

said()	# NAME...: these clients' scripts came to their ends
{
	for said_name do
		finish "$said_name" 18
		same "the script of $said_name, which said <$ERR>" 0 "$RC"
	done
}

ask()	# WORD...
{
	caller one "$@"
	said one
}

# A command that is not ready before $T/go exists.
late()	# COMMAND
{
	echo "until [ -e '$T/go' ]; do sleep 0.02; done; $1"
}

children()
{
	cat "/proc/$(pid_of server)/task/$(pid_of server)/children" | wc -w
}

stays()	# the server lives, waits, and answers
{
	waits server
	ask send:still recv-dgram "$@"
}

end_server()
{
	stop server
}

: >"$work/empty"

test_two_conversations_at_once_have_a_command_each()
{
	over native nc ncat real-ncat || return 0
	server -k -c 'sed -u "s/^/Servidor UDP:/"'
	caller one 'send:hola\n' recv-dgram 'expect:Servidor UDP:hola\n' \
	    "touch:$T/one" "await:$T/two" 'send:adeu\n' recv-dgram \
	    'expect:Servidor UDP:adeu\n'
	caller two "await:$T/one" 'send:bon dia\n' recv-dgram \
	    'expect:Servidor UDP:bon dia\n' "touch:$T/two" 'send:fins ara\n' \
	    recv-dgram 'expect:Servidor UDP:fins ara\n'
	said one two
	waits server
}

# The server of README: its clients may send lines, or no newline at all.
test_lines_are_answered_with_a_newline_or_without_one()
{
	over native nc || return 0
	server -k --dgram=line -c 'sed -u "s/^/Servidor UDP:/"'
	caller one 'send:hola' recv-dgram 'expect:Servidor UDP:hola\n' \
	    "touch:$T/one" "await:$T/two" 'send:adeu\n' recv-dgram \
	    'expect:Servidor UDP:adeu\n'
	caller two "await:$T/one" 'send:bon dia' recv-dgram \
	    'expect:Servidor UDP:bon dia\n' "touch:$T/two" 'send:fins ara' \
	    recv-dgram 'expect:Servidor UDP:fins ara\n'
	said one two
	waits server
}

test_a_command_that_waits_for_a_newline_is_told_of_once()
{
	over native nc || return 0
	server -v -k -c 'sed -u "s/^/got: /"'
	caller first 'send:no newline' "await:$T/end"
	caller second 'send:none here' "await:$T/end"
	true_that "it is told" waitfor "text:$T/server.err:--dgram=line"
	ask 'send:with one\n' recv-dgram 'expect:got: with one\n'
	touch "$T/end"
	said first second
	end_server
	same "lines that name it" 1 \
	    "$(printf '%s\n' "$ERR" | grep -c -e --dgram=line)"
	holds "the line" "$ERR" "the command has said nothing after a\
 datagram without a newline (if it reads lines, use --dgram=line)"
}

test_no_hint_for_an_answer_nor_for_lines_nor_without_v()
{
	server -v -k -c 'cat'
	ask 'send:no newline' recv-dgram quiet-ms:1200
	end_server
	lacks "of one that answers" "$ERR" --dgram=line
	server -v -k -c 'cat >/dev/null'
	ask 'send:a line\n' quiet-ms:1200
	end_server
	lacks "of lines" "$ERR" --dgram=line
	server -k -c 'cat >/dev/null'
	ask 'send:no newline' quiet-ms:1200
	end_server
	same "without -v" "" "$ERR"
}

test_each_peer_hears_its_own_command_alone()
{
	over native nc || return 0
	# It answers with a count, and with who it thinks to serve.
	server -k -c 'n=0; while read -r x; do n=$((n + 1)); \
	    echo "$n $x $NCAT_REMOTE_PORT"; done'
	for who in one two three; do
		eval "set -- 'send:$who\\n'"
		caller "$who" "$@" recv-dgram "save:$T/$who.1" \
		    "await:$T/go" "$@" recv-dgram "save:$T/$who.2" \
		    "await:$T/go" "$@" recv-dgram "save:$T/$who.3" quiet-ms:200
	done
	for who in one two three; do
		waitfor "file:$T/$who.1"
	done
	touch "$T/go"
	said one two three
	for who in one two three; do
		port=$(sed 's/.* //' "$T/$who.1")
		for n in 1 2 3; do
			same "answer $n" "$n $who $port" "$(cat "$T/$who.$n")"
		done
	done
}

test_a_shell_reads_whole_lines_byte_by_byte()
{
	server -k -c 'while read -r x; do echo "got $x"; done'
	ask 'send:one\n' 'send:two\n' recv-dgram 'expect:got one\n' \
	    recv-dgram 'expect:got two\n'
}

test_datagrams_keep_their_bounds_both_ways()
{
	over native nc || return 0
	server -k -e cat
	ask send:a send:bb send:ccc 'send:d\ne' recv-dgram expect:a recv-dgram \
	    expect:bb recv-dgram expect:ccc recv-dgram 'expect:d\ne'
}

test_the_largest_datagram_comes_back_whole()
{
	over native nc || return 0
	server -k -e cat
	ask fill:65507 send:x fill:4097 recv-dgram expect-fill:65507 \
	    recv-dgram expect:x recv-dgram expect-fill:4097
}

test_a_thousand_datagrams_wait_for_a_command_that_starts()
{
	server -v -k -c "$(late 'exec cat')"
	start burst "$TOOLS/burst" echo "$PORT" 1000
	waitfor "text:$T/server.err:received"
	touch "$T/go"
	finish burst 30
	same "their order, of which was said <$OUT>" 0 "$RC"
	heard=${OUT##* }
	end_server
	# What the kernel could not keep for us is told, at least.
	dropped=$(echo "$ERR" | sed -n 's/.*dropped \([0-9]*\) .* before .*/\1/p')
	same "heard and dropped" 1000 $((heard + ${dropped:-0}))
}

test_a_burst_is_answered_in_order_while_the_command_starts()
{
	server -k -e cat
	# The system drops some when the server comes too late.
	for _ in 1 2 3 4 5; do
		start burst "$TOOLS/burst" echo "$PORT" 1000
		finish burst 30
		same "their order, of which was said <$OUT>" 0 "$RC"
		[ "${OUT##* }" -lt 500 ] || break
	done
	between "how many came back" 500 1000 "${OUT##* }"
	stays expect:still
}

# --- no amplifier -----------------------------------------------------------

# Answers of any length, at once.
ALL='--max-amplification 0'
BANNER='printf "%0400d" 1; cat'

test_a_long_answer_waits_until_the_peer_sends_again()
{
	server -k -c "$BANNER"
	ask send:x quiet-ms:300 send:y until:1xy
	holds "stderr" "$(cat "$T/server.err")" "gets no reply yet"
	end_server
}

test_a_peer_that_has_answered_is_known_to_the_next_command()
{
	server -k -c 'head -n 1; printf "%0400d" 1'
	ask 'send:a\n' recv-dgram 'expect:a\n' "name" 'send:b\n' until:1 \
	    'send:c\n' until:1
	end_server
}

test_a_short_answer_does_not_wait()
{
	server -k -c 'printf "%0110d" 1; cat'
	ask send:x until:1
	end_server
}

test_a_long_answer_does_not_wait_where_that_is_not_asked_for()
{
	over native ncat || return 0
	case $SUBJECT in
	native)	server -k --max-amplification 0 -c "$BANNER" ;;
	*)	server -k -c "$BANNER" ;;
	esac
	ask send:x until:1
	end_server
}

# Forged senders would be many addresses that send once.
test_a_flood_of_senders_does_not_start_a_command_for_each()
{
	: >"$T/starts"
	server -k -c "echo >>$T/starts; cat"
	caller one send:a recv-dgram expect:a send:b recv-dgram expect:b \
	    "touch:$T/in" "await:$T/flooded" send:c recv-dgram expect:c
	waitfor "file:$T/in"
	run "$TOOLS/burst" flood "$PORT" 2000
	touch "$T/flooded"
	said one
	end_server
	starts=$(($(wc -l <"$T/starts")))
	# 100 and the first, and 20 in each second of a slow machine.
	true_that "few of $starts commands are started" [ "$starts" -lt 700 ]
}

test_a_flood_of_senders_leaves_the_known_peer_alone()
{
	server -k --max-conns 20 -e cat
	# While it floods the system itself may drop some.
	caller one send:a recv-dgram expect:a "touch:$T/in" "await:$T/flood" \
	    $(seq 9 | sed 's/.*/send:b sleep-ms:20/') until:b \
	    "await:$T/over" send:c until:c
	waitfor "file:$T/in"
	start burst "$TOOLS/burst" flood "$PORT" 20000
	touch "$T/flood"
	finish burst 30
	touch "$T/over"
	said one
	between "children" 1 20 "$(children)"
	if [ "${SANITIZED:-no}" = no ]; then
		between "kilobytes" 1 20000 "$(awk '/VmHWM/ { print $2 }' \
		    "/proc/$(pid_of server)/status")"
	fi
	waits server
}

# Two servers, each of which logs the lines that it answers.
set_against_each_other()	# COMMAND ANSWER: what is answered to "still"
{
	server -v -k -c "$(late "log='$T/first'; $1")"
	first=$PORT
	free_port
	# Whoever has the second's port says something, and leaves it.
	"$TOOLS/burst" from "$first" "$PORT"
	launch_udp second "$NC" -v -u -l -k -c "log='$T/second'; $1" "$PORT" \
	    <"$work/empty"
	touch "$T/go"
	waitfor "size:$T/second:1"
	for who in server second; do
		same "the doings of $who" "ticks 0 wakeups 0" \
		    "$("$TOOLS/wakeups" "$(pid_of "$who")")"
	done
	between "packets" 2 64 $(($(cat "$T/first" "$T/second" | wc -l)))
	holds "what was said" "$(cat "$T/server.err" "$T/second.err")" \
	    "sends our answers back"
	PORT=$first
	waits server
	ask 'send:still\n' recv-dgram "expect:$2"
}

test_two_echoing_servers_do_not_answer_each_other_for_ever()
{
	set_against_each_other 'exec tee -a "$log"' 'still\n'
}

test_nor_do_two_that_put_their_words_before_it()
{
	set_against_each_other 'while read -r x; do echo "$x" >>"$log"; \
	    echo "S:$x"; done' 'S:still\n'
}

test_lines_go_to_a_command_and_come_back_one_by_one()
{
	server -k --dgram=line -c 'grep --line-buffered a'
	ask send:banana send:cherry 'send:mango\npear\nplum' recv-dgram \
	    'expect:banana\n' recv-dgram 'expect:mango\n' recv-dgram \
	    'expect:pear\n' quiet-ms:100
}

test_lines_written_at_once_are_a_datagram_each()
{
	server -k $ALL --dgram=line -c 'read x; printf "1 $x\n2 $x\n3 $x"'
	ask send:go recv-dgram 'expect:1 go\n' recv-dgram 'expect:2 go\n' \
	    recv-dgram 'expect:3 go' quiet-ms:100
}

test_many_lines_at_once_all_leave()
{
	server -k $ALL --dgram=line -c 'read x; seq 200; sleep 5'
	ask send:go $(seq 200 | sed 's/.*/recv-dgram expect:&\\n/')
}

test_an_empty_datagram_is_an_empty_line()
{
	server -k --dgram=line -c 'while read -r x; do echo "<$x>"; done'
	ask send: send:x recv-dgram 'expect:<>\n' recv-dgram 'expect:<x>\n'
}

test_a_command_that_closes_its_output_goes_on_hearing()
{
	server -k -c "echo start >>'$T/log'; exec cat >>'$T/log'"
	caller one send:a "await:$T/more" send:b
	true_that "it is heard" waitfor "text:$T/log:a"
	touch "$T/more"
	true_that "it is heard again" waitfor "text:$T/log:ab"
	same "commands" 1 "$(grep -c start "$T/log")"
	said one
}

test_what_is_too_large_for_a_datagram_leaves_in_several()
{
	over native nc || return 0
	server -k $ALL -c "head -c 2; dd bs=100000 count=1 2>/dev/null <'$(
	    bytes 100000)'"
	start client "$NC" -u -w 4 127.0.0.1 "$PORT" <"$work/two"
	finish client
	printf go | cat - "$(bytes 100000)" | cmp -s - "$T/client.out"
	same "the same bytes" 0 $?
}

test_who_is_denied_gets_no_command()
{
	server -v -k --deny 127.0.0.1 -c "touch '$T/made'; cat"
	ask send:a send:b quiet-ms:300
	true_that "there is none" [ ! -e "$T/made" ]
	one_line "told once" "$(grep refused "$T/server.err")"
	end_server
	holds "what was said" "$ERR" \
	    "dropped 2 datagrams of peers that are not allowed"
	lacks "what was said" "$ERR" "no place"
}

test_blocks_are_cut_from_a_stream()
{
	server -k $ALL --dgram=block -c "head -c 2; cat '$(bytes 100000)'"
	start client "$NC" -u -w 4 127.0.0.1 "$PORT" <"$work/two"
	finish client
	printf go | cat - "$(bytes 100000)" | cmp -s - "$T/client.out"
	same "the same bytes" 0 $?
}

printf go >"$work/two"

test_a_command_that_ends_says_its_last_word_and_the_next_begins()
{
	over native nc || return 0
	server -k -c 'read -r x; echo "one $x"; echo "two $x"'
	caller one 'send:a\n' recv-dgram 'expect:one a\n' recv-dgram \
	    'expect:two a\n' "touch:$T/end" "await:$T/go" 'send:b\n' \
	    recv-dgram 'expect:one b\n' recv-dgram 'expect:two b\n'
	waitfor "file:$T/end"
	for i in $(seq 200); do
		[ "$(children)" -eq 0 ] && break
		"$TOOLS/peer" sleep-ms:50
	done
	same "children" 0 "$(children)"
	touch "$T/go"
	said one
}

test_what_a_command_left_unread_goes_to_the_next()
{
	server -k -c "$(late 'read -r x; echo "got $x"')"
	caller one 'send:a\n' 'send:b\n' 'send:c\n' 'send:d\n' 'send:e\n' \
	    'send:f\n' "touch:$T/sent" recv-dgram 'expect:got a\n' \
	    recv-dgram "save:$T/next"
	waitfor "file:$T/sent"
	touch "$T/go"
	said one
	# One was in the pipe, and one on its way there.
	holds "the next" "abcdef" "$(sed 's/got //' "$T/next")"
}

test_the_wildcard_serves_both_families_by_the_right_address()
{
	over native ncat || return 0
	need_ipv6 || return 0
	server -k -c 'while read -r x; do echo "$NCAT_REMOTE_ADDR"; done'
	ask 'send:x\n' recv-dgram 'expect:127.0.0.1\n'
	start six "$TOOLS/peer" "udp6-connect:$PORT" 'send:x\n' recv-dgram \
	    'expect:::1\n'
	said six
}

test_a_silent_peer_loses_its_command_and_may_come_again()
{
	server -k --idle-timeout 3 -c 'echo $$; exec cat'
	caller one send:a recv-dgram "save:$T/pid" recv-dgram expect:a \
	    "await:$T/gone" send:b recv-dgram "save:$T/again" recv-dgram \
	    expect:b
	waitfor "file:$T/pid"
	true_that "the command ends" waitfor "gone:$(cat "$T/pid")"
	touch "$T/gone"
	said one
	lacks "the next command" "$(cat "$T/again")" "$(cat "$T/pid")"
	waits server
}

test_an_empty_datagram_begins_a_session_and_keeps_it()
{
	server -k --idle-timeout 4 -c 'echo $$; exec cat'
	caller one send: recv-dgram "save:$T/pid" sleep-ms:1500 send: \
	    sleep-ms:1500 send: sleep-ms:1500 send: send:x recv-dgram expect:x
	said one
	true_that "one command served it" kill -0 "$(cat "$T/pid")"
}

test_a_full_house_keeps_who_is_in()
{
	server -k -v --max-conns 1 -e cat
	caller one send:a recv-dgram expect:a "touch:$T/in" "await:$T/more" \
	    send:b recv-dgram expect:b
	waitfor "file:$T/in"
	start two "$TOOLS/peer" "udp-connect:$PORT" send:x send:y quiet-ms:300
	said two
	touch "$T/more"
	said one
	end_server
	holds "what was said" "$ERR" "dropped 2 datagrams of peers"
}

test_a_command_that_cannot_run_is_told_and_not_tried_all_the_time()
{
	cp /bin/sh "$T/nothing"
	server -k -e "$T/nothing"
	rm "$T/nothing"
	ask $(seq 200 | sed s/.*/send:x/)
	waitfor "text:$T/server.err:nothing"
	waits server
	between "lines" 1 2 "$(grep -c . "$T/server.err")"
}

test_a_fork_that_fails_is_told_and_the_server_lives()
{
	need_strace || return 0
	free_port
	launch_udp server $SETSID strace -f -qq -o /dev/null \
	    -e inject=clone,clone3,fork,vfork:error=EAGAIN:when=1 \
	    "$NC" -u -l -k -e cat "$PORT" <"$work/empty"
	ask send:a send:b
	waitfor "text:$T/server.err:failed"
	"$TOOLS/peer" sleep-ms:1100
	ask send:c recv-dgram expect:c
	one_line "told once" "$(cat "$T/server.err")"
}

test_a_slow_command_delays_nobody_and_what_it_misses_is_counted()
{
	# The first one to come never reads.
	server -v -k -c "mkdir '$T/first' 2>/dev/null && exec sleep 60; \
	    exec cat"
	# Not faster than they can be read, or the system drops them first.
	caller slow $(seq 400 | sed 's/.*/fill:60000 sleep-ms:4/')
	said slow
	waitfor "file:$T/first"
	ask send:quick recv-dgram expect:quick
	end_server
	one_line "told once" "$(echo "$ERR" | grep faster)"
	holds "the count" "$ERR" " for commands that were too slow"
}

test_without_k_the_first_sender_has_the_command_and_its_status()
{
	over native nc traditional ncat || return 0
	free_port
	launch_udp server "$NC" -u -c 'read -r x; echo "got $x"; exit 3' -l \
	    -p "$PORT" <"$work/empty"
	ask 'send:x\n' recv-dgram 'expect:got x\n'
	finish server
	# Ncat hides it.
	same "exit status" "$([ "$SUBJECT" = ncat ] && echo 0 || echo 3)" "$RC"
}

test_unix_datagrams_have_commands_too()
{
	start server "$NC" -U -u -l -k -c 'sed -u "s/^/S:/"' "$T/at" \
	    <"$work/empty"
	waitfor "unix:$T/at"
	for n in 1 2; do
		printf 'hello%s\n' "$n" >"$T/in"
		start client "$NC" -U -u -W 1 -w 9 "$T/at" <"$T/in"
		finish client
		same "stdout $n" "S:hello$n" "$OUT"
	done
	waits server
}

test_a_command_may_call_a_unix_datagram_socket()
{
	start peer "$TOOLS/peer" "ud-bind:$T/at" recv-dgram expect:hello \
	    'send:answer\n'
	waitfor "unix:$T/at"
	start client "$NC" -U -u -c 'printf hello; read -r x; echo "$x" >&2' \
	    "$T/at" <"$work/empty"
	exits client 0
	same "what it heard" answer "$ERR"
	peer_done
}

test_a_unix_sender_without_a_name_is_heard()
{
	start server "$NC" -U -u -l -k -c "cat >>'$T/log'" "$T/at" \
	    <"$work/empty"
	waitfor "unix:$T/at"
	start one "$TOOLS/peer" "ud-connect:$T/at" send:hello
	said one
	true_that "it is heard" waitfor "text:$T/log:hello"
	waits server
}

test_a_unix_sender_without_a_name_cannot_be_answered()
{
	start server "$NC" -v -U -u -l -k -c 'read x; echo y' "$T/at" \
	    <"$work/empty"
	waitfor "unix:$T/at"
	start one "$TOOLS/peer" "ud-connect:$T/at" 'send:hello\n'
	said one
	true_that "that is told" waitfor "text:$T/server.err:failed"
	holds "the words" "$(cat "$T/server.err")" \
	    "write to unnamed socket failed: Destination address required"
	waits server
}

test_a_signal_ends_the_server_and_its_commands()
{
	server -k -c 'echo $$; exec cat'
	caller one send:x recv-dgram "save:$T/pid" recv-dgram
	said one
	end_server
	same "exit status" 143 "$RC"
	true_that "the command is gone" waitfor "gone:$(cat "$T/pid")"
}

test_silent_peers_cost_no_turns()
{
	server -k -e cat
	caller one send:x recv-dgram expect:x
	caller two send:y recv-dgram expect:y
	said one two
	same "doings" "ticks 0 wakeups 0" \
	    "$("$TOOLS/wakeups" "$(pid_of server)")"
}

test_a_client_may_have_a_command()
{
	over native nc || return 0
	serve_udp recv-dgram 'expect:hello\n' send:ping recv-dgram \
	    'expect:got ping\n'
	run_gives 0 "$NC" -u -c 'echo hello; echo "got $(head -c 4)"' \
	    127.0.0.1 "$PORT"
	peer_done
}

test_the_command_of_a_client_gets_each_datagram_by_itself()
{
	over native nc || return 0
	serve_udp recv-dgram expect:hello send:a send:bb send:ccc "touch:$T/go" \
	    recv-dgram 'expect:<a>\n' recv-dgram 'expect:<bb>\n' \
	    recv-dgram 'expect:<ccc>\n'
	run_gives 0 "$NC" -u -c "printf hello; $(late \
	    'for i in 1 2 3; do echo "<$(dd bs=99 count=1)>"; done') 2>&-" \
	    127.0.0.1 "$PORT"
	peer_done
}

run_tests "$@"
