#!/bin/sh
# --framing: messages on a stream, to and from peers of any kind.
. "$(dirname "$0")/lib.sh"

FORMATS="line len6 u16be u32be netstring"
LEN6_BAD='broken frame: its length is not six digits and a colon'

wire_of()	# FORMAT: "one", "" and "two", with the peer tool's escapes
{
	case $1 in
	line)		printf %s 'one\n\ntwo\n' ;;
	len6)		printf %s '000003:one000000:000003:two' ;;
	u16be)		printf %s '\0\x03one\0\0\0\x03two' ;;
	u32be)		printf %s '\0\0\0\x03one\0\0\0\0\0\0\0\x03two' ;;
	netstring)	printf %s '3:one,0:,3:two,' ;;
	esac
}

# A peer sends WIRE; what we make of it is in OUT, ERR and RC.
gets()	# WIRE OPTION...
{
	wire=$1
	shift
	serve accept "send:$wire" fin recv-end
	run "$NC" "$@" 127.0.0.1 "$PORT" </dev/null
	peer_done
}

broken()	# REASON
{
	same "exit status" 1 "$RC"
	same "the words" "$(basename "$NC"): read from 127.0.0.1 port P (tcp)\
 failed: $1" "$ERR"
}

test_each_line_is_a_message_and_each_message_a_line()
{
	over native nc || return 0
	printf 'one\n\ntwo' >"$T/in"
	for f in $FORMATS; do
		wire=$(wire_of "$f")
		serve accept "send:$wire" recv-eof "expect:$wire" fin
		run "$NC" -N "--framing=$f" 127.0.0.1 "$PORT" <"$T/in"
		same "$f: exit status" 0 "$RC"
		same "$f: stderr" "" "$ERR"
		same "$f: stdout" "$(printf 'one\n\ntwo\n|')" \
		    "$(cat "$T/run.out"; echo '|')"
		peer_done
	done
}

test_a_listener_frames_as_well()
{
	over native nc || return 0
	printf 'one\n\ntwo\n' >"$T/in"
	for f in $FORMATS; do
		wire=$(wire_of "$f")
		free_port
		launch listener "$NC" -N "--framing=$f" -l "$PORT" <"$T/in"
		client "send:$wire" fin recv-eof "expect:$wire"
		finish listener
		same "$f: exit status" 0 "$RC"
		same_file "$f: stdout" "$T/in" "$T/listener.out"
	done
}

# A byte, then silence: nothing depends on where the bytes were cut.
test_bytes_that_come_one_by_one_are_the_same_messages()
{
	set --
	for c in 0 0 0 0 0 3 : o n e 0 0 0 0 0 2 : x '\n'; do
		set -- "$@" "send:$c" sleep-ms:2
	done
	serve accept "$@" fin recv-eof
	run "$NC" --framing=len6 127.0.0.1 "$PORT" </dev/null
	peer_done
	same "exit status" 0 "$RC"
	same "stdout" "$(printf 'one\nx\n\n|')" "$(cat "$T/run.out"; echo '|')"
}

test_a_message_comes_out_before_the_next_one_begins()
{
	serve accept send:000003:one "await:$T/seen" send:000003:two fin \
	    recv-eof
	start run "$NC" --framing=len6 127.0.0.1 "$PORT" </dev/null
	true_that "it came out" waitfor "text:$T/run.out:one"
	: >"$T/seen"
	finish run
	peer_done
	same "stdout" "one
two" "$OUT"
}

test_two_of_us_talk_in_messages_both_ways()
{
	over native nc || return 0
	seq 5000 >"$T/up"
	seq 9000 | sed 's/$/ down/' >"$T/down"
	for f in $FORMATS; do
		free_port
		launch listener "$NC" -N "--framing=$f" -l "$PORT" <"$T/down"
		run "$NC" -N "--framing=$f" 127.0.0.1 "$PORT" <"$T/up"
		same "$f: exit status" 0 "$RC"
		finish listener
		same "$f: the listener's" 0 "$RC"
		same_file "$f: up" "$T/up" "$T/listener.out"
		same_file "$f: down" "$T/down" "$T/run.out"
	done
}

test_a_file_goes_as_one_message()
{
	over native nc || return 0
	head -c 65000 /dev/urandom >"$T/file"
	for f in len6 u16be u32be netstring; do
		free_port
		launch listener "$NC" "--framing=$f" --frame-output=raw \
		    -N -l "$PORT" </dev/null
		run "$NC" -N "--framing=$f" --frame-input=all 127.0.0.1 \
		    "$PORT" <"$T/file"
		same "$f: exit status" 0 "$RC"
		finish listener
		same "$f: the listener's" 0 "$RC"
		same_file "$f: up" "$T/file" "$T/listener.out"
		free_port
		launch listener "$NC" -N "--framing=$f" --frame-input=all \
		    -l "$PORT" <"$T/file"
		run "$NC" -N "--framing=$f" --frame-output=raw 127.0.0.1 \
		    "$PORT" </dev/null
		same "$f: exit status" 0 "$RC"
		finish listener
		same_file "$f: down" "$T/file" "$T/run.out"
	done
}

test_a_peer_gets_a_file_as_one_message()
{
	over native nc || return 0
	printf 'two\nlines' >"$T/file"
	serve accept recv-eof 'expect:000009:two\nlines'
	run_gives 0 "$NC" -N --framing=len6 --frame-input=all 127.0.0.1 \
	    "$PORT" <"$T/file"
	peer_done
	# Nothing is a message, too.
	: >"$T/file"
	serve accept recv-eof expect:000000:
	run "$NC" -N --framing=len6 --frame-input=all 127.0.0.1 "$PORT" \
	    <"$T/file"
	same "exit status of an empty file" 0 "$RC"
	peer_done
}

test_a_peer_sends_a_file_as_one_message()
{
	over native nc || return 0
	for out in raw line; do
		gets '000009:two\nlines' --framing=len6 "--frame-output=$out"
		same "$out: exit status" 0 "$RC"
		lf=; [ $out = raw ] || lf='
'
		same "$out: stdout" "two
lines$lf|" "$(cat "$T/run.out"; echo '|')"
	done
}

test_64_mib_go_as_one_message()
{
	big=$(bytes 67108864)
	free_port
	launch listener "$NC" --framing=u32be --max-frame=64M \
	    --frame-output=raw -l "$PORT" </dev/null
	start run "$NC" --framing=u32be --max-frame=64M --frame-input=all \
	    127.0.0.1 "$PORT" <"$big"
	finish run 50
	same "exit status" 0 "$RC"
	finish listener
	same "the listener's" 0 "$RC"
	same_file "data" "$big" "$T/listener.out"
	rm -f "$big"
}

test_a_length_without_sense_is_told_and_what_came_before_is_there()
{
	over native nc || return 0
	gets '000003:one0000x3:two' --framing=len6
	same "stdout" one "$OUT"
	broken "$LEN6_BAD"
	gets '3:one,03:two,' --framing=netstring
	same "stdout" one "$OUT"
	broken 'broken frame: its length begins with a zero'
	gets '3:one;' --framing=netstring
	broken 'broken frame: no comma stands behind it'
	gets 'HTTP/1.0 400 Bad Request\r\n' --framing=u32be
	same "stdout" "" "$OUT"
	broken 'broken frame: a message of more than 16777216 bytes (--max-frame)'
	gets '\0\x03one\0\x09' --framing=u16be --max-frame=8
	same "stdout" one "$OUT"
	broken 'broken frame: a message of more than 8 bytes (--max-frame)'
	gets 'ok\n123456789\n' --framing=line --max-frame=8
	broken 'broken frame: a line of more than 8 bytes (--max-frame)'
}

# The peer goes on sending: it is not listened to for ever.
test_after_a_broken_frame_it_is_over_at_once()
{
	over native nc || return 0
	hold
	serve accept 'send:xxxxxxxxxx' recv-end
	start run "$NC" --framing=len6 127.0.0.1 "$PORT" <"$T/idle"
	finish run
	broken "$LEN6_BAD"
	release
	peer_done
}

test_an_end_within_a_message_is_told()
{
	over native nc || return 0
	gets '000003:one0000' --framing=len6
	same "stdout" one "$OUT"
	broken 'broken frame: the end came within its length'
	gets '000003:one000005:tw' --framing=len6
	same "stdout" "one
tw" "$OUT"
	broken 'broken frame: the end came after 2 of 5 bytes'
	gets 'one\ntw' --framing=line
	broken 'broken frame: the end came within a line'
	serve accept send:000005:tw sleep-ms:50 rst
	run "$NC" --framing=len6 127.0.0.1 "$PORT" </dev/null
	broken 'broken frame: the end came after 2 of 5 bytes'
	peer_done
}

test_a_line_above_the_limit_is_told_and_what_came_before_is_sent()
{
	over native nc || return 0
	printf 'one\n12345\ntwo\n' >"$T/in"
	serve accept recv-end expect:000003:one
	run "$NC" -N --framing=len6 --max-frame=4 127.0.0.1 "$PORT" <"$T/in"
	same "exit status" 1 "$RC"
	same "the words" "$(basename "$NC"): read from standard input failed:\
 line 2 has more than 4 bytes (--max-frame)" "$ERR"
	peer_done
	serve accept recv-end expect:
	run_gives 1 "$NC" -N --framing=len6 --frame-input=all --max-frame=4 \
	    127.0.0.1 "$PORT" <"$T/in"
	same "the words" "$(basename "$NC"): read from standard input failed:\
 more than 4 bytes for one message (--max-frame)" "$ERR"
	peer_done
}

test_len6_ends_at_999999_bytes_whatever_is_asked_for()
{
	head -c 999999 /dev/zero >"$T/in"
	serve accept recv-eof expect-size:1000006 fin
	run_gives 0 "$NC" --framing=len6 --max-frame=5M --frame-input=all \
	    127.0.0.1 "$PORT" <"$T/in"
	peer_done
	echo >>"$T/in"
	serve accept recv-end expect:
	run_gives 1 "$NC" --framing=len6 --max-frame=5M --frame-input=all \
	    127.0.0.1 "$PORT" <"$T/in"
	holds "the words" "$ERR" "more than 999999 bytes"
	peer_done
}

# Half a file that looks like a whole one would be worse than none.
test_a_file_that_was_interrupted_is_not_sent_as_a_whole()
{
	hold
	serve accept recv-end expect:
	start run "$NC" --framing=len6 --frame-input=all 127.0.0.1 "$PORT" \
	    <"$T/idle"
	waitfor "linked:$PORT"
	printf 'half a' >&9
	waitfor "asleep:$(pid_of run)"
	stop run
	release
	peer_done
}

test_a_command_speaks_and_hears_lines()
{
	over native nc || return 0
	free_port
	launch listener "$NC" --framing=len6 -l "$PORT" -c \
	    'read -r x; echo "<$x>"; printf end'
	client send:000003:one recv-eof 'expect:000005:<one>000003:end' fin
	exits listener 0
	same "stderr" "" "$ERR"
}

test_one_peer_after_the_other_begins_anew()
{
	free_port
	launch listener "$NC" --framing=len6 -d -k -l "$PORT"
	client send:000003:one00 fin recv-end
	true_that "it was told" waitfor "text:$T/listener.err:broken frame"
	client send:000003:two fin recv-end
	true_that "the next is heard" waitfor "text:$T/listener.out:two"
	stop listener
	same "stdout" "one
two" "$OUT"
}

test_a_pause_stands_between_messages()
{
	printf 'a\n\nb\n' >"$T/in"
	serve accept recv-eof 'expect:000001:a000000:000001:b' fin
	timed "$NC" --framing=len6 -i 0.2 127.0.0.1 "$PORT" <"$T/in"
	same "exit status" 0 "$RC"
	at_least "milliseconds" 400 "$MS"
	peer_done
}

test_line_ends_are_changed_before_they_are_framed()
{
	over native nc || return 0
	printf 'a\nb' >"$T/in"
	serve accept recv-eof 'expect:a\r\nb\n' fin
	run "$NC" -N -C --framing=line 127.0.0.1 "$PORT" <"$T/in"
	peer_done
	serve accept recv-eof 'expect:4:a\r\nb,' fin
	run "$NC" -N -C --framing=netstring --frame-input=all 127.0.0.1 \
	    "$PORT" <"$T/in"
	peer_done
	same "exit status" 0 "$RC"
}

test_what_makes_no_sense_is_refused_in_one_line()
{
	over native nc || return 0
	refuses 'cannot tell where' --framing=line --frame-input=all h 5
	refuses 'no line ends are sent' -C --framing=u16be h 5
	refuses 'must use --framing' --frame-input=all h 5
	refuses '--framing must be' --framing=len7 h 5
	refuses 'too small' --framing=len6 --max-frame=0 h 5
	refuses 'too large' --framing=u32be --max-frame=4G h 5
	refuses 'invalid' --framing=len6 --max-frame=x h 5
}

# Nothing ends a conversation in datagrams but the user.
test_an_input_that_fails_is_told_of_at_once_and_once()
{
	printf 'one\n%s\n' "$(head -c 2000 /dev/zero | tr '\0' a)" >"$T/in"
	serve_udp recv-dgram "await:$T/over"
	start run "$NC" -u --framing=line --max-frame=1000 127.0.0.1 "$PORT" \
	    <"$T/in"
	waitfor "text:$T/run.err:line 2 has more than 1000 bytes"
	stop run
	fails_with_one_line 143
	run "$NC" -u -w 1 --framing=line --max-frame=1000 127.0.0.1 "$PORT" \
	    <"$T/in"
	same "exit status with -w" 1 "$RC"
	one_line "stderr with -w" "$ERR"
	touch "$T/over"
	peer_done
}

run_tests "$@"
