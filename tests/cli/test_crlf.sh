#!/bin/sh
# -C: LF goes out as CR LF, however the data was cut; nothing comes in changed.
. "$(dirname "$0")/lib.sh"

sends()	# INPUT WIRE: both with the peer tool's escapes
{
	printf '%b' "$1" >"$T/in"
	serve accept recv-eof "expect:$2"
	run_gives 0 "$NC" -C -N 127.0.0.1 "$PORT" <"$T/in"
	peer_done
}

test_every_lf_becomes_cr_lf()
{
	over native nc real || return 0
	sends 'one\ntwo\n\nthree\n' 'one\r\ntwo\r\n\r\nthree\r\n'
}

test_a_cr_lf_stays_as_it_is()
{
	over native nc real || return 0
	sends 'one\r\ntwo\n' 'one\r\ntwo\r\n'
}

test_a_cr_alone_and_a_missing_last_lf_stay()
{
	over native nc real || return 0
	sends 'a\rb\nlast' 'a\rb\r\nlast'
}

test_cr_and_lf_that_come_in_two_reads_are_one_line_end()
{
	# The real nc sends CR CR LF.
	over native nc || return 0
	hold
	serve accept recv:2 "touch:$T/got" recv:3 'expect:d\r\ne\r' \
	    recv-eof 'expect:\n'
	start run "$NC" -C -N 127.0.0.1 "$PORT" <"$T/idle"
	printf 'd\r' >&9
	waitfor "file:$T/got" "asleep:$(pid_of run)"
	printf '\ne\n' >&9
	release
	finish run
	peer_done
}

test_what_is_received_stays_as_it_is()
{
	over native nc real || return 0
	serve accept 'send:a\nb\r\nc\r' fin recv-eof
	run "$NC" -C -N 127.0.0.1 "$PORT" </dev/null
	same "stdout" "$(printf 'a\nb\r\nc\r')" "$OUT"
	same "exit status" 0 "$RC"
}

test_many_lines_are_all_changed()
{
	over native nc real || return 0
	seq 100000 >"$T/in"
	sed "s/\$/$(printf '\r')/" "$T/in" >"$T/want"
	serve accept recv-eof "save:$T/got"
	run_gives 0 "$NC" -C -N 127.0.0.1 "$PORT" <"$T/in"
	peer_done
	same_file "data" "$T/want" "$T/got"
}

test_a_listener_changes_its_answers_too()
{
	over native nc real || return 0
	printf 'x\ny\n' >"$T/in"
	free_port
	launch listener "$NC" -C -N -l "$PORT" <"$T/in"
	client recv-eof 'expect:x\r\ny\r\n' fin
	exits listener 0
}

run_tests "$@"
