#!/bin/sh
# --framing where there are several peers: joined clients, --echo,
# one after the other; and the files of --input.
. "$(dirname "$0")/lib.sh"

FORMATS="line len6 u16be u32be netstring"

frame()	# FORMAT TEXT: with the peer tool's escapes
{
	case $1 in
	line)		printf '%s\\n' "$2" ;;
	len6)		printf '%06d:%s' "${#2}" "$2" ;;
	u16be)		printf '\\0\\x%02x%s' "${#2}" "$2" ;;
	u32be)		printf '\\0\\0\\0\\x%02x%s' "${#2}" "$2" ;;
	netstring)	printf '%d:%s,' "${#2}" "$2" ;;
	esac
}

shows()	# TEXT
{
	true_that "<$1> is shown" waitfor "text:$T/listener.out:$1"
}

tells()	# TEXT
{
	true_that "<$1> is told" waitfor "text:$T/listener.err:$1"
}

# What is typed goes to >&9.
crowd()	# OPTION...
{
	hold
	listener -k --max-conns 20 "$@" <"$T/idle"
}

# As often as needed: a client is in when it hears something.
comes_in()	# NAME TEXT
{
	tries=0
	until [ -e "$T/$1.in" ] || [ $((tries = tries + 1)) -gt 300 ]; do
		printf '%s\n' "$2" >&9
		waitfor -t 50 "file:$T/$1.in" 2>/dev/null
	done
	true_that "$1 is in" [ -e "$T/$1.in" ]
}

# ---- Joined clients ---------------------------------------------------------

test_messages_of_many_come_out_whole()
{
	over native nc || return 0
	for f in $FORMATS; do
		crowd "--framing=$f"
		whole=$(frame "$f" 'slow message')
		guest slow "send:$(frame "$f" first)${whole%ssage*}" \
		    "touch:$T/begun" "await:$T/go" \
		    "send:ssage${whole##*ssage}" fin recv-end
		waitfor "file:$T/begun"
		shows first
		guest quick "send:$(frame "$f" quick)" fin recv-end
		shows quick
		same "$f: so far" "first
quick" "$(cat "$T/listener.out")"
		touch "$T/go"
		shows "slow message"
		guest_done slow
		guest_done quick
		kill_it listener
		finish listener
		same "$f: all" "first
quick
slow message" "$OUT"
		rm "$T/begun" "$T/go"
	done
}

# Lines of one message are no less one than its bytes.
test_a_message_of_several_lines_is_not_mixed_with_others()
{
	over native || return 0
	hold
	listener -k --max-conns 20 --framing=u32be --tag '%n> ' <"$T/idle"
	big=$(bytes 300000)
	{ printf '\000\004\223\340'; cat "$big"; } >"$T/frame"
	for i in 1 2 3 4; do
		guest "c$i" "send-file:$T/frame" "send-file:$T/frame" fin \
		    recv-end
	done
	for i in 1 2 3 4; do
		guest_done "c$i"
	done
	true_that "all is shown" waitfor "size:$T/listener.out:$((8 *
	    (300000 + 1 + 3 * 18751)))"
	kill_it listener
	finish listener
	# Each message is one run of the lines of one.
	same "the runs" 8 "$(awk '{ if ($2 == "000000000000001") runs++ }
	    END { print runs }' "$T/listener.out")"
	same "lines that follow on another's" 0 "$(awk '
	    $2 != "000000000000001" && $1 != last { bad++ }
	    { last = $1 } END { print bad + 0 }' "$T/listener.out")"
}

test_raw_messages_are_joined_as_they_are()
{
	over native || return 0
	crowd --framing=len6 --frame-output=raw
	guest one 'send:000003:a\nb0000' "touch:$T/begun" "await:$T/go" \
	    send:03:END fin recv-end
	waitfor "file:$T/begun"
	shows b
	guest two send:000003:two fin recv-end
	guest_done two
	shows two
	touch "$T/go"
	guest_done one
	shows END
	kill_it listener
	finish listener
	same "stdout" "$(printf 'a\nbtwoEND|')" \
	    "$(cat "$T/listener.out"; echo '|')"
}

test_one_that_breaks_a_frame_is_dropped_alone()
{
	over native nc || return 0
	crowd --framing=len6
	guest good send:000003:one00 "await:$T/go" send:0003:two fin recv-end
	shows one
	guest bad send:000003:bad000x "touch:$T/sent" recv-end
	tells 'broken frame: its length is not six digits and a colon'
	guest_done bad
	touch "$T/go"
	guest_done good
	shows two
	guest late send:000005:short 'send:000009:ha' fin recv-end
	tells 'broken frame: the end came after 2 of 9 bytes'
	guest_done late
	kill_it listener
	finish listener
	same "stdout" "one
bad
two
short" "$OUT"
}

test_a_frame_above_the_limit_is_not_waited_for()
{
	over native || return 0
	crowd --framing=u32be --max-frame=100
	guest bad 'send:\0\0\0\x65' recv-end
	tells 'more than 100 bytes (--max-frame)'
	guest_done bad
}

test_each_line_of_stdin_is_a_message_to_all()
{
	over native nc || return 0
	for f in $FORMATS; do
		crowd "--framing=$f" --stdin=all
		for i in 1 2; do
			guest "c$i" "until:$(frame "$f" GO)" "touch:$T/c$i.in" \
			    "until:$(frame "$f" END)"
			comes_in "c$i" GO
		done
		printf 'END\n' >&9
		guest_done c1
		guest_done c2
		kill_it listener
		finish listener
		release
		rm -f "$T"/*.in
	done
}

# A long message is on its way to one that does not read when the other comes.
test_a_client_that_comes_within_a_message_gets_the_next()
{
	over native || return 0
	hold
	listener -k --max-conns 20 --framing=u32be --max-frame=16M \
	    -O 8192 --stdin=all <"$T/idle"
	start one "$TOOLS/peer" rcvbuf:4096 "connect:$PORT" "until:\0\0\0\x02GO" "touch:$T/one.in" "await:$T/go" \
	    until:END
	comes_in one GO
	# More than all buffers on the way hold.
	{ head -c 2000000 /dev/zero | tr '\0' x; echo; } >&9 &
	writer=$!
	true_that "it is stuck" waitfor "linked:$PORT"
	wait "$writer"
	waitfor "asleep:$(pid_of listener)"
	guest two "touch:$T/two.began" \
	    'until:\0\0\0\x03END' 'expect:\0\0\0\x03END'
	waitfor "file:$T/two.began"
	waitfor "asleep:$(pid_of listener)"
	touch "$T/go"
	printf 'END\n' >&9
	guest_done one
	guest_done two
	release
}

# ---- One after the other, an echo, inputs -----------------------------------

test_a_message_that_broke_off_does_not_run_into_the_next_ones()
{
	over native nc || return 0
	listener --framing=len6 -d -k </dev/null
	client send:000005:ab fin recv-end
	tells 'the end came after 2 of 5 bytes'
	client send:000003:two fin recv-end
	shows two
	client send:000003:endoops recv-end
	client send:000004:last fin recv-end
	shows last
	kill_it listener
	finish listener
	same "stdout" "ab
two
end
last" "$OUT"
}

test_raw_messages_of_one_after_the_other_are_just_bytes()
{
	over native || return 0
	listener --framing=len6 --frame-output=raw -d -k </dev/null
	client send:000005:ab fin recv-end
	client send:000003:two fin recv-end
	shows two
	same "stdout" abtwo "$(cat "$T/listener.out")"
}

test_an_echo_sends_back_messages_and_drops_what_is_none()
{
	over native nc || return 0
	listener --framing=len6 --echo -k
	client send:000003:one000000: fin recv-eof expect:000003:one000000:
	client send:000003:oneoops recv-end
	tells 'broken frame: its length is not six digits and a colon'
	client send:000003:on fin recv-end
	tells 'the end came after 2 of 3 bytes'
	client send:000003:two fin recv-eof expect:000003:two
	kill_it listener
	finish listener
	listener --framing=len6 --echo --max-frame=4
	client send:000005: recv-end
	finish listener
	same "exit status" 1 "$RC"
	one_line "the words" "$ERR"
}

test_the_lines_of_several_inputs_are_messages()
{
	over native || return 0
	head -c 200000 /dev/zero | tr '\0' x >"$T/long"
	printf 'one\ntwo' >"$T/a"
	printf '\nthree\n' >"$T/b"
	serve accept recv-eof "save:$T/got" fin
	run "$NC" -N --framing=u32be --input "$T/a" --input "$T/b" \
	    --input "$T/long" 127.0.0.1 "$PORT" </dev/null
	same "exit status" 0 "$RC"
	same "stderr" "" "$ERR"
	peer_done
	same "bytes" $((5 * 4 + 11 + 200000)) "$(wc -c <"$T/got")"
	same "the lines" "one three two" "$(tr -c 'a-wyz' '\n' <"$T/got" |
	    grep . | sort | tr '\n' ' ' | sed 's/ $//')"
}

test_a_long_line_of_one_input_is_not_torn_by_another()
{
	over native || return 0
	head -c 150000 /dev/zero | tr '\0' x >"$T/half"
	serve accept recv-eof "save:$T/got" fin
	mkfifo "$T/slow"
	start run "$NC" -N --framing=netstring --input "$T/slow" \
	    --input "$T/other" 127.0.0.1 "$PORT" </dev/null
	finish run
	holds "one that is not there" "$ERR" "$T/other"
	hold
	start run "$NC" -N --framing=netstring --input "$T/slow" 127.0.0.1 \
	    "$PORT" <"$T/idle"
	exec 7>"$T/slow"
	cat "$T/half" >&7
	printf 'other\n' >&9
	waitfor "asleep:$(pid_of run)"
	printf 'end\n' >&7
	exec 7>&-
	release
	finish run
	same "exit status" 0 "$RC"
	peer_done
	tr -d x <"$T/got" >"$T/short"
	holds "the messages" "$(cat "$T/short")" "5:other,"
	holds "the messages" "$(cat "$T/short")" "150003:end,"
}

refuses()	# TEXT OPTION...
{
	text=$1
	shift
	run "$NC" "$@" </dev/null
	same "exit status of $*" 1 "$RC"
	one_line "$*" "$ERR"
	holds "$*" "$ERR" "$text"
}

test_what_makes_no_sense_is_refused_in_one_line()
{
	over native nc || return 0
	refuses 'a message is kept whole' --framing=len6 -lk --merge=chunk 5
	refuses '--tag and --frame-output=raw' --framing=len6 -lk \
	    --frame-output=raw --tag %n 5
	refuses '--dgram and --framing' --framing=len6 -u -l --dgram=line \
	    -e cat 5
	refuses '--echo, --framing and -C' --framing=line -l --echo -C 5
}

run_tests "$@"
