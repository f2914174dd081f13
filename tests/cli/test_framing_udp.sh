#!/bin/sh
# --framing with -u: a datagram carries whole messages.
. "$(dirname "$0")/lib.sh"

LEN6_BAD='broken frame: its length is not six digits and a colon'

shows()	# TEXT
{
	true_that "<$1> is shown" waitfor "text:$T/listener.out:$1"
}

tells()	# TEXT
{
	true_that "<$1> is told" waitfor "text:$T/listener.err:$1"
}

# What is typed goes to >&9.
udp_listener()	# OPTION...
{
	hold
	free_port
	launch_udp listener "$NC" -u --framing=len6 -l "$@" "$PORT" <"$T/idle"
}

sender()	# NAME WORD...
{
	sender=$1
	shift
	start "$sender" "$TOOLS/peer" "udp-connect:$PORT" "$@"
}

sender_done()	# NAME
{
	PID_peer=$(pid_of "$1")
	for ext in out err; do
		ln -sf "$1.$ext" "$T/peer.$ext"
	done
	peer_done
}

test_each_line_is_a_datagram_with_a_message()
{
	over native nc || return 0
	hold
	serve_udp recv-dgram expect:000003:one recv-dgram expect:000000: \
	    recv-dgram expect:000003:two send:000002:hi000000: send:000001:x
	printf 'one\n\ntwo\n' >&9
	start run "$NC" -u --framing=len6 127.0.0.1 "$PORT" <"$T/idle"
	peer_done
	true_that "it is shown" waitfor "text:$T/run.out:x"
	same "stdout" "hi

x" "$(cat "$T/run.out")"
}

test_a_datagram_with_half_a_message_is_an_error()
{
	over native nc || return 0
	hold
	serve_udp recv-dgram send:000003:one000005:tw send:o.
	start run "$NC" -u --framing=len6 127.0.0.1 "$PORT" <"$T/idle"
	printf 'x\n' >&9
	exits run 1
	one_line "the words" "$ERR"
	holds "the words" "$ERR" 'the end came after 2 of 5 bytes'
	holds "stdout" "$OUT" one
	peer_done
}

test_a_line_that_no_datagram_holds_is_told()
{
	head -c 70000 /dev/zero | tr '\0' x >"$T/in"
	serve_udp
	run_gives 1 "$NC" -u -q 0 --framing=u32be 127.0.0.1 "$PORT" <"$T/in"
	holds "the words" "$ERR" 'line 1 has more than 65500 bytes'
	head -c 65500 "$T/in" >"$T/fits"
	serve_udp recv-dgram expect-size:65507
	run_gives 0 "$NC" -u -q 0 --framing=len6 127.0.0.1 "$PORT" <"$T/fits"
	peer_done
}

test_a_listener_hears_one_and_answers_it_in_messages()
{
	over native nc || return 0
	udp_listener
	sender one send:000003:one "recv-dgram" expect:000005:there \
	    send:000003:two
	shows one
	printf 'there\n' >&9
	sender_done one
	shows two
}

test_everybody_is_heard_and_a_broken_datagram_dropped()
{
	over native nc || return 0
	for tag in none '%a '; do
		case $tag in
		none) udp_listener -k ;;
		*) udp_listener -k --tag "$tag" ;;
		esac
		sender one 'send:000003:a\nb000001:c' "await:$T/go" \
		    send:000003:END "await:$T/over"
		shows c
		sender bad send:000003:onx send:000003:oops send:000003:goo
		sender_done bad
		tells "$LEN6_BAD"
		shows goo
		sender half send:000009:one
		sender_done half
		tells 'the end came after 3 of 9 bytes'
		touch "$T/go"
		shows END
		touch "$T/over"
		sender_done one
		stop listener
		at='127.0.0.1 '
		[ "$tag" != none ] || at=
		same "$tag: stdout" "${at}a
${at}b
${at}c
${at}onx
${at}goo
${at}END" "$OUT"
		rm "$T/go" "$T/over"
		release
	done
}

test_a_command_hears_and_speaks_messages()
{
	over native nc || return 0
	for k in '' -k; do
		free_port
		launch_udp listener "$NC" -u --framing=len6 -l $k "$PORT" -c \
		    'while read -r x; do printf "<%s>\n" "$x"; done'
		sender one send:000003:one000003:two recv-dgram recv-dgram \
		    'expect:000005:<one>000005:<two>'
		sender_done one
		if [ -n "$k" ]; then
			sender bad send:junkjunk
			sender_done bad
			tells "$LEN6_BAD"
			sender two send:000000: recv-dgram 'expect:000002:<>'
			sender_done two
		fi
		stop listener
	done
}

test_an_echo_drops_what_is_no_message()
{
	free_port
	launch_udp listener "$NC" -u --framing=len6 -l -k --echo "$PORT"
	sender one send:000003:one recv-dgram send:000003:on \
	    send:000001:x recv-dgram expect:000003:one000001:x
	sender_done one
	tells 'the end came after 2 of 3 bytes'
}

run_tests "$@"
