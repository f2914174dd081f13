#!/bin/sh
# An input that fails: a line that is too long, a directory, an error of the
# system. What was read is sent, and the peer may answer; then the connection is
# reset, the exit status is 1, and nobody stays for ever.
# timeout: 600
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_end.sh"

# Inputs that fail. SENT is what the peer gets before that.
too_long()
{
	OPTIONS="--framing=u16be --max-frame=1000" SENT='\0\x03one' LEN=5 WRAP=
	FILE=$work/too-long
	{ echo one; head -c 2000 /dev/zero | tr '\0' a; echo; } >"$FILE"
}

# Too long for the format, whatever the limit is.
too_long_for_16_bits()
{
	OPTIONS="--framing=u16be" SENT='\0\x03one' LEN=5 WRAP=
	FILE=$work/too-long
	{ echo one; head -c 70000 /dev/zero | tr '\0' a; echo; } >"$FILE"
}

directory()
{
	OPTIONS='' SENT='' LEN=0 WRAP='' FILE=/
}

# From its second read on, the file cannot be read.
system_error()
{
	need_strace || return 1
	OPTIONS='' SENT=one LEN=3 FILE=$work/fails
	printf one >"$FILE"
	others=sendfile,splice,copy_file_range
	reads=read,readv,pread64,preadv
	WRAP="strace -qq -o /dev/null -P $FILE -e trace=$others,$reads
	    -e inject=$others:error=EINVAL -e inject=$reads:error=EIO:when=2+"
	$WRAP cat "$FILE" 2>/dev/null >"$T/probe" && return 1
	same "what the test reads before the error" one "$(cat "$T/probe")"
}

# --- the peer has nothing to say ------------------------------------------------

silent_peer()	# client|listener
{
	meet "$1" file recv-reset "expect:$SENT"
	finish run
	since "$T/met"
	same "$1: exit status" 1 "$RC"
	one_line "$1: stderr" "$ERR"
	peer_done
}

test_a_line_that_is_too_long_ends_it_after_two_silent_seconds()
{
	too_long
	takes 2s silent_peer client
	takes 2s silent_peer listener
	holds "stderr" "$ERR" "line 2 has more than 1000 bytes"
	too_long_for_16_bits
	takes 2s silent_peer client
	takes 2s silent_peer listener
	holds "stderr" "$ERR" "line 2 has more than"
}

test_a_directory_as_stdin_ends_it_after_two_silent_seconds()
{
	directory
	takes 2s silent_peer client
	takes 2s silent_peer listener
	holds "stderr" "$ERR" directory
}

test_an_error_of_the_system_ends_it_after_two_silent_seconds()
{
	system_error || { skip "no errors can be injected"; return; }
	takes 2s silent_peer client
	takes 2s silent_peer listener
	holds "stderr" "$ERR" "standard input failed: Input/output error"
}

# --- the peer ends, or answers ---------------------------------------------------

peer_that_ends()	# client|listener
{
	meet "$1" file "recv:$LEN" "expect:$SENT" "touch:$T/told" fin \
	    recv-reset expect:
	finish run
	since "$T/told"
	same "$1: exit status" 1 "$RC"
	one_line "$1: stderr" "$ERR"
	peer_done
}

test_a_peer_that_ends_is_the_end_at_once()
{
	too_long
	takes "at once" peer_that_ends client
	takes "at once" peer_that_ends listener
	directory
	takes "at once" peer_that_ends client
	takes "at once" peer_that_ends listener
}

test_after_an_error_of_the_system_a_peer_that_ends_is_the_end_at_once()
{
	system_error || { skip "no errors can be injected"; return; }
	takes "at once" peer_that_ends client
	takes "at once" peer_that_ends listener
}

# More than two seconds altogether, but never two of silence.
talking_peer()	# client|listener
{
	meet "$1" file "recv:$LEN" "touch:$T/told" "expect:$SENT" \
	    sleep-ms:800 send:'\0\x011' "touch:$T/1" \
	    sleep-ms:800 send:'\0\x012' "touch:$T/2" \
	    sleep-ms:800 send:'\0\x013' "touch:$T/3" \
	    sleep-ms:800 send:'\0\x014' "touch:$T/said" fin recv-reset
	finish run
	waitfor "gone:$(pid_of peer)"
	within 1800 "$T/told" "$T/1" "$T/2" "$T/3" "$T/said" || return 0
	since "$T/said"
	same "$1: exit status" 1 "$RC"
	same "$1: stdout" "$(printf '1\n2\n3\n4')" "$OUT"
	one_line "$1: stderr" "$ERR"
	peer_done
}

test_answers_are_taken_for_as_long_as_they_come()
{
	too_long
	takes "at once" talking_peer client
	takes "at once" talking_peer listener
}

# It pauses for ever once it has answered.
pausing_peer()	# client|listener
{
	meet "$1" file "recv:$LEN" "expect:$SENT" sleep-ms:500 \
	    "touch:$T/said" send:'\0\x011' "await:$T/never"
	finish run
	since "$T/said"
	same "$1: exit status" 1 "$RC"
	same "$1: stdout" 1 "$OUT"
	one_line "$1: stderr" "$ERR"
	end_it "$(pid_of peer)"
}

test_the_two_seconds_are_counted_from_the_last_answer()
{
	too_long
	takes 2s pausing_peer client
	takes 2s pausing_peer listener
}

# --- limits of one's own ----------------------------------------------------------

limited()	# client|listener LIMIT
{
	too_long
	OPTIONS="$OPTIONS $2"
	silent_peer "$1"
}

test_w_and_q_that_are_shorter_end_it_sooner()
{
	for limit in "-w 500ms" "-q 500ms"; do
		takes 500ms limited client "$limit"
		takes 500ms limited listener "$limit"
	done
}

test_a_deadline_ends_it_too()
{
	too_long
	OPTIONS="$OPTIONS --deadline 1500ms"
	for way in client listener; do
		for _ in $TRIES; do
			meet "$way" file recv-end "await:$T/never"
			finish run
			same "$way: exit status" 1 "$RC"
			holds "$way: stderr" "$ERR" \
			    "the deadline of 1.5 s has passed"
			# It may have passed before the connection.
			case $ERR in *"line 2"*) break ;; esac
		done
		holds "$way: stderr" "$ERR" "line 2 has more than 1000 bytes"
	done
}

# --- pipes ----------------------------------------------------------------------

# What comes after the long line is read by nobody.
pipe_fails()	# client|listener
{
	too_long
	meet "$1" "$KIND" recv:5 "expect:$SENT" recv-reset expect:
	say "$(cat "$FILE")
three
"
	finish run
	since "$T/said"
	same "$1, a $KIND: exit status" 1 "$RC"
	one_line "$1, a $KIND: stderr" "$ERR"
	peer_done
}

test_a_pipe_that_stays_open_after_its_error_is_not_waited_for()
{
	each_kind takes 2s pipe_fails client
	each_kind takes 2s pipe_fails listener
}

# --- datagrams ------------------------------------------------------------------

datagrams()	# PEER-WORD...
{
	anew
	serve_udp recv-dgram "expect:$SENT" "$@" "touch:$T/told" \
	    "await:$T/never"
	: >"$T/met"
	start run ${WRAP:-} "$NC" -u $OPTIONS 127.0.0.1 "$PORT" <"$FILE"
	finish run
	fails_with_one_line 1
}

silent_datagrams()
{
	datagrams
	since "$T/met"
	true_that "the peer got $SENT" [ -e "$T/told" ]
}

test_datagrams_end_after_a_silent_second()
{
	too_long
	takes 1s silent_datagrams
	system_error || return 0
	takes 1s silent_datagrams
}

answered_datagrams()
{
	datagrams sleep-ms:300 send:'\0\x011'
	since "$T/told"
	[ "$OUT" = 1 ] || too_late
}

test_datagrams_end_a_silent_second_after_an_answer()
{
	too_long
	takes 1s answered_datagrams
}

directory_of_datagrams()
{
	anew
	serve_udp quiet-ms:300
	: >"$T/met"
	run "$NC" -u 127.0.0.1 "$PORT" </
	since "$T/met"
	fails_with_one_line 1
	holds "stderr" "$ERR" directory
	peer_done
}

test_a_directory_sends_no_datagram_and_ends_after_a_second()
{
	takes 1s directory_of_datagrams
}

run_tests "$@"
