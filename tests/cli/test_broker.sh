#!/bin/sh
# --broker, and ncat's --chat: what one client sends goes to all others.
. "$(dirname "$0")/lib.sh"

broker()	# OPTION...
{
	hold
	case $SUBJECT in
	*ncat) listener 127.0.0.1 --broker "$@" <"$T/idle" ;;
	*) listener -k --broker "$@" <"$T/idle" ;;
	esac
}

# A client is in when something was said to it: so we say it until it comes.
comes_in()	# NAME
{
	tries=0
	until [ -e "$T/$1.in" ] || [ $((tries = tries + 1)) -gt 300 ]; do
		printf 'GO' >&9
		waitfor -t 50 "file:$T/$1.in" 2>/dev/null
	done
	true_that "$1 is in" [ -e "$T/$1.in" ]
}

test_what_one_sends_goes_to_all_others_as_it_is()
{
	over native nc ncat real-ncat || return 0
	broker
	for i in 1 2 3; do
		guest "c$i" until:GO "touch:$T/c$i.in" until:END print
		comes_in "c$i"
	done
	guest say 'send:half a line\x00\xff\x1b and END' "await:$T/end"
	for i in 1 2 3; do
		guest_done "c$i"
		holds "what $i got" "$(tr -d '\000' <"$T/c$i.out" | cat -v)" \
		    'half a lineM-^?^[ and END'
	done
	touch "$T/end"
	guest_done say
}

test_standard_output_of_ncats_broker_stays_empty()
{
	over ncat real-ncat || return 0
	broker
	guest one until:GO "touch:$T/one.in" until:END
	comes_in one
	guest two send:END "await:$T/end"
	guest_done one
	touch "$T/end"
	guest_done two
	same "stdout" "" "$(cat "$T/listener.out")"
}

test_standard_output_takes_part()
{
	over native nc || return 0
	broker
	guest one 'send:to all\n' until:GO "touch:$T/one.in" fin recv-eof
	true_that "it is shown" waitfor "text:$T/listener.out:to all"
	comes_in one
	guest_done one
	lacks "what stdin said" "$(cat "$T/listener.out")" GO
}

test_the_input_waits_until_somebody_hears_it()
{
	over native nc || return 0
	echo early >"$T/early"
	for i in 1 2; do
		listener -k --broker --send-only <"$T/early"
		guest one recv-eof print
		guest_done one
		same "what it got" early "$PEER"
		exits listener 0
	done
}

# A pair through a broker is a pipe: nothing is lost, whoever is slow.
test_one_that_reads_late_gets_everything()
{
	over native nc || return 0
	broker -d
	guest late rcvbuf:4096 'send:x' "touch:$T/late.in" "await:$T/go" \
	    recv:8000000 expect-fill:8000000
	true_that "it is in" waitfor "text:$T/listener.out:x"
	guest sends fill:8000000 fin recv-eof
	true_that "it is stuck" waitfor "size:$T/listener.out:1000000"
	waits sends
	touch "$T/go"
	guest_done late
	guest_done sends
	true_that "it is shown" waitfor "size:$T/listener.out:8000001"
}

# Much is said step by step, each when all three have heard the last: whoever
# is late for once, on a busy machine, is not one that sleeps.
says_steps()	# STEPS
{
	for n in $(seq "$1"); do
		echo "fill:250000 await:$T/1.$n await:$T/2.$n await:$T/3.$n"
	done
}

hears_steps()	# STEPS WHO
{
	seq "$1" | sed "s|.*|recv:250000 touch:$T/$2.&|"
}

test_one_that_sleeps_is_dropped_with_a_word()
{
	over native nc || return 0
	broker -d
	guest asleep 'send:x' "await:$T/end" recv-end
	true_that "it is in" waitfor "text:$T/listener.out:x"
	for i in 1 2 3; do
		guest "c$i" 'send:y' $(hears_steps 32 $i) until:THE-END
	done
	true_that "they are in" waitfor "size:$T/listener.out:4"
	guest sends $(says_steps 32) send:THE-END fin recv-eof
	for i in 1 2 3; do
		guest_done "c$i"
	done
	guest_done sends
	touch "$T/end"
	guest_done asleep
	same "words about it" 1 "$(grep -c 'too slow and was dropped' \
	    "$T/listener.err")"
}

# 100 bytes a second, ten at a time.
test_one_that_reads_byte_by_byte_holds_up_nobody_and_costs_no_memory()
{
	broker -d
	start_pipeline '"$1" -d 127.0.0.1 "$2" | while :; do
	    dd bs=10 count=1 2>/dev/null; sleep 0.1; done' "$NC" "$PORT" \
	    </dev/null
	for i in 1 2 3; do
		guest "c$i" 'send:y' $(hears_steps 64 $i) until:THE-END
	done
	true_that "they are in" waitfor "size:$T/listener.out:3"
	guest sends $(says_steps 64) send:THE-END fin recv-eof
	for i in 1 2 3; do
		guest_done "c$i"
	done
	guest_done sends
	[ "${SANITIZED:-no}" != no ] ||
	    between "KiB at the most" 1000 12000 "$(sed -n \
		's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' \
		"/proc/$(pid_of listener)/status")"
}

test_what_was_said_at_the_door_of_a_full_house_is_heard()
{
	broker --max-conns=2
	guest hears "until:GO" "touch:$T/hears.in" until:early fin recv-eof
	comes_in hears
	guest leaves "until:GO" "touch:$T/leaves.in" "await:$T/go" fin recv-end
	comes_in leaves
	guest waits_outside send:early "touch:$T/waits.in" recv-end
	waitfor "file:$T/waits.in" "asleep:$(pid_of listener)"
	touch "$T/go"
	guest_done leaves
	guest_done hears
	stop listener
	guest_done waits_outside
}

test_a_client_that_ends_is_closed_when_it_has_everything()
{
	over native nc ncat real-ncat || return 0
	broker
	guest one until:GO "touch:$T/one.in" fin recv-eof
	comes_in one
	guest_done one
}

test_a_signal_ends_it_and_all_are_closed()
{
	over native nc || return 0
	broker
	guest one until:GO "touch:$T/one.in" until:END recv-eof
	comes_in one
	guest two send:END recv-eof
	true_that "it is said" waitfor "text:$T/listener.out:END"
	stop listener
	same "exit status" 143 "$RC"
	guest_done one
	guest_done two
}

test_silence_ends_a_client_alone()
{
	over native nc || return 0
	broker --idle-timeout 300ms -d
	guest one recv-eof
	guest_done one
	waits listener
	same "stderr" "" "$(cat "$T/listener.err")"
}

test_the_next_one_waits_for_a_place()
{
	over native nc || return 0
	broker -d --max-conns 1
	guest one send:x "await:$T/go" fin recv-eof
	true_that "it is in" waitfor "text:$T/listener.out:x"
	guest two send:y fin recv-eof
	waits two
	same "stdout" x "$(cat "$T/listener.out")"
	touch "$T/go"
	guest_done one
	guest_done two
}

chat()	# OPTION...
{
	hold
	listener 127.0.0.1 --chat "$@" <"$T/idle"
}

# The numbers differ: they are descriptors there.
anonymous()
{
	sed 's/<user[1-9][0-9]*>/<userN>/g'
}

# A sanitizer reports what is not freed, on lines of its own.
test_a_room_that_cannot_listen_frees_what_was_prepared()
{
	over native ncat || return 0
	serve_nobody
	case $SUBJECT in
	native)	rooms="--broker --talk" delay="--delay 100ms" ;;
	*)	rooms="--broker --chat" delay="-d 0.1" ;;
	esac
	for room in $rooms; do
		for filters in "" -C "$delay" "-C $delay" "-o $T/dump"; do
			run "$NC" $room $filters -l 127.0.0.1 "$PORT" </dev/null
			true_that "it fails with $room $filters: $RC" \
			    [ "$RC" = 1 -o "$RC" = 2 ]
			one_line "$room $filters" "$ERR"
		done
	done
	touch "$T/over"
	peer_done
}

test_ncats_chat_says_who_is_there_and_who_said_what()
{
	over ncat real-ncat || return 0
	chat
	guest one until:nobody.\\n "touch:$T/one.in" until:nected.\\n print
	waitfor "file:$T/one.in"
	guest two 'until:>.\n<announce> already connected: 127' \
	    until:\\n 'send:a\x07\x1b[m\x80\\ \ttab\r\nb\n' until:zero\\n \
	    print fin recv-eof
	tries=0
	until [ $((tries = tries + 1)) -gt 300 ]; do
		printf 'zero\n' >&9
		waitfor -t 50 "gone:$(pid_of two)" 2>/dev/null && break
	done
	guest_done two
	same "what the second got" "<announce> 127.0.0.1 is connected as <userN>.
<announce> already connected: 127.0.0.1 as <userN>.
<user0> zero" "$(echo "$PEER" | anonymous | sed -n 1,3p)"
	guest_done one
	same "what the first got" '<announce> 127.0.0.1 is connected as <userN>.
<announce> already connected: nobody.
<announce> 127.0.0.1 is connected as <userN>.
<announce> already connected: 127.0.0.1 as <userN>.
<userN> a\007\033[m\200\ 	tab
b
<announce> <userN> is disconnected.' "$(printf '%s\n' "$PEER" |
	    tr -d '\r' | grep -v '<user0>' | anonymous)"
	same "stdout" "" "$(cat "$T/listener.out")"
}

run_tests "$@"
