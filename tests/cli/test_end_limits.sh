#!/bin/sh
# Limits of the user's own when the peer has ended: -w stands in the place of
# the seconds, --deadline cuts everything, -q has no part in it. What is told
# of it: --explain, -vv, SIGUSR1.
# timeout: 600
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_end.sh"

KIND=fifo

both_gave()	# client|listener
{
	meet "$1" "$KIND" recv:3 send:bye "touch:$T/fin" fin recv-eof \
	    expect:one
	say one
	ends 0 bye "$T/fin"
	peer_done
}

download()	# client|listener
{
	meet "$1" "$KIND" send:bye "touch:$T/fin" fin recv-eof expect:
	ends 0 bye "$T/fin"
	peer_done
}

nobody_gave()	# client|listener
{
	meet "$1" "$KIND" "touch:$T/fin" fin recv-reset expect:
	ends 1 "" "$T/fin"
	peer_done
}

each_way()	# CLASS FUNCTION
{
	takes "$1" "$2" client
	takes "$1" "$2" listener
}

# --- -w -------------------------------------------------------------------------

test_w_is_shorter_than_the_two_seconds_after_both_gave_data()
{
	OPTIONS="-w 500ms"
	each_way 500ms both_gave
}

test_w_is_longer_than_the_two_seconds_after_both_gave_data()
{
	OPTIONS="-w 3"
	each_way 3s both_gave
}

test_w_is_shorter_than_the_second_to_begin()
{
	OPTIONS="-w 500ms"
	each_way 500ms nobody_gave
}

test_w_is_longer_than_the_second_to_begin()
{
	OPTIONS="-w 3"
	each_way 3s nobody_gave
}

test_w_delays_no_end_after_a_download()
{
	OPTIONS="-w 5"
	each_way "a moment" download
}

# --- -q -------------------------------------------------------------------------

test_q_has_no_part_in_what_the_end_of_the_peer_does()
{
	for q in "-q 0" "-q 300ms" "-q 5"; do
		OPTIONS=$q
		each_way 2s both_gave
		each_way 1s nobody_gave
		each_way "a moment" download
	done
}

we_alone_gave()	# client|listener
{
	meet "$1" "$KIND" recv:3 fin "touch:$T/fin" recv-eof expect:onetwo
	say one
	waitfor "file:$T/fin"
	stays 2500
	say two
	release
	ends 0 "" "$T/said"
	peer_done
}

test_q_does_not_hurry_who_alone_sends()
{
	OPTIONS="-q 300ms"
	each_way "at once" we_alone_gave
}

# --- --deadline -------------------------------------------------------------------

test_a_deadline_cuts_who_alone_sends()
{
	OPTIONS="--deadline 5"
	for way in client listener; do
		meet "$way" "$KIND" recv:3 fin "await:$T/never"
		say one
		finish run
		same "$way: exit status" 1 "$RC"
		holds "$way: stderr" "$ERR" "the deadline of 5 s has passed"
	done
}

test_a_deadline_cuts_the_seconds_after_both_gave_data()
{
	OPTIONS="-w 20 --deadline 5"
	for way in client listener; do
		meet "$way" "$KIND" recv:3 send:bye fin "await:$T/never"
		say one
		finish run
		same "$way: exit status" 1 "$RC"
		same "$way: stdout" bye "$OUT"
		holds "$way: stderr" "$ERR" "the deadline of 5 s has passed"
	done
}

test_a_deadline_cuts_a_file_that_nobody_reads()
{
	OPTIONS="--deadline 5"
	FILE=$(bytes 9000000)
	for way in client listener; do
		meet "$way" file fin "await:$T/never"
		finish run
		same "$way: exit status" 1 "$RC"
		holds "$way: stderr" "$ERR" "the deadline of 5 s has passed"
	done
}

# --- what is told -----------------------------------------------------------------

# --explain, with that input and output, has a line of the peer's end in which
# this stands.
explains()	# KIND EXTENDED-REGULAR-EXPRESSION
{
	for OPERANDS in "127.0.0.1 5000" "-l 5000"; do
		anew
		start_with "$1" "$NC" --explain $OPERANDS
		finish run
		same "$1: exit status" 0 "$RC"
		grep 'end of peer' "$T/run.out" >"$T/lines"
		true_that "$1: <$2> in <$(cat "$T/lines")>" \
		    grep -Eqi "$2" "$T/lines"
	done
}

test_explain_tells_the_row_that_applies()
{
	need_bash || return 0
	FILE=$(bytes 1000)
	explains file 'all|file'
	explains null 'at once'
	explains forever 'at once'
	explains tty 'at once'
	for kind in fifo pipe socket; do
		explains "$kind" '0[.]25 s'
		explains "$kind" '2 s'
		explains "$kind" '1 s'
		explains "$kind" 'no limit|however|until'
	done
}

test_explain_tells_of_a_filter_and_of_a_pipe_that_others_hold()
{
	need_bash || return 0
	mkfifo "$T/f"
	for OPERANDS in "127.0.0.1 5000" "-l 5000"; do
		run bash -c '"$@" <>"$0" 3<"$0" 0<&3 | cat' \
		    "$T/f" "$NC" --explain $OPERANDS
		grep 'end of peer' "$T/run.out" >"$T/lines"
		true_that "filter in <$(cat "$T/lines")>" \
		    grep -Eqi 'filter|FIFO' "$T/lines"
		true_that "1 s in <$(cat "$T/lines")>" \
		    grep -Eqi '1 s' "$T/lines"
	done
}

test_explain_tells_the_limits_of_w()
{
	need_bash || return 0
	OPTIONS="-w 700ms"
	anew
	start_with pipe "$NC" -w 700ms --explain 127.0.0.1 5000
	finish run
	grep 'end of peer' "$T/run.out" >"$T/lines"
	true_that "0.7 s or 700 ms in <$(cat "$T/lines")>" \
	    grep -Eqi '0[.]7 ?s|700 ?ms' "$T/lines"
	true_that "no seconds of ours in <$(cat "$T/lines")>" \
	    [ "$(grep -Ec '[^0-9.][12] s' "$T/lines")" = 0 ]
}

# With -vv a line tells it when it happens: of the peer's end and the input.
tells()	# EXTENDED-REGULAR-EXPRESSION
{
	finish run
	true_that "$way, a $kind: <$1> in <$ERR>" grep -Eqi "$1" "$T/run.err"
}

test_vv_tells_which_row_applies()
{
	need_bash || return 0
	OPTIONS=-vv
	for way in client listener; do
		for KIND in fifo pipe socket; do
			meet "$way" "$KIND" send:bye fin recv-eof
			tells 'only the peer.*0[.]25 s'
			meet "$way" "$KIND" recv:3 send:bye fin recv-eof
			say one
			tells 'both.*2 s'
			meet "$way" "$KIND" fin recv-eof
			tells 'input.*1 s|nothing.*1 s|neither.*1 s|nobody.*1 s'
			meet "$way" "$KIND" recv:3 fin recv-eof
			say one
			waitfor "text:$T/run.err:only"
			release
			tells 'only the input|input.*until|until.*end'
		done
		KIND=fifo
		# More than two sockets hold.
		FILE=$(bytes 16000000)
		meet "$way" file fin sleep-ms:1000 recv-eof
		tells 'file'
		meet "$way" forever send:bye fin recv-eof
		tells 'never ends|no end|at once'
	done
}

test_without_v_no_row_is_told()
{
	KIND=fifo OPTIONS=
	each_way 2s both_gave
}

test_whoever_asks_is_told_the_row()
{
	for way in client listener; do
		meet "$way" fifo recv:3 "touch:$T/fin" fin recv-eof
		say one
		waitfor "file:$T/fin"
		waits run
		kill_it run USR1
		waitfor "text:$T/run.err:standard input"
		waitfor "text:$T/run.err:received"
		pause 200
		release
		finish run
		same "$way: exit status" 0 "$RC"
		true_that "$way: the row in <$ERR>" \
		    grep -Eqi 'only the input|input.*(until|end)' "$T/run.err"
	done
}

run_tests "$@"
