#!/bin/sh
# -t: telnet's questions are answered, natively without a trace in the data.
. "$(dirname "$0")/lib.sh"

test_what_is_asked_and_what_is_offered_is_declined()
{
	over native nc traditional ncat real real-traditional real-ncat ||
	    return 0
	hold
	serve accept 'send:\xff\xfd\x01\xff\xfb\x03' recv:6 \
	    'expect:\xff\xfc\x01\xff\xfe\x03' send:hi close
	start run "$NC" -t 127.0.0.1 "$PORT" <"$T/idle"
	waitfor "text:$T/run.out:hi"
	release
	finish run
	peer_done
	printf 'hi' >"$T/want"
	[ "$SUBJECT" = native ] ||
		printf '\377\375\001\377\373\003hi' >"$T/want"
	same_file "stdout" "$T/want" "$T/run.out"
	same "exit status" 0 "$RC"
}

test_a_question_in_three_reads_is_one()
{
	# The real ones answer no such question.
	over native nc traditional ncat || return 0
	hold
	serve accept 'send:ab\xff' "await:$T/one" 'send:\xfd' "await:$T/two" \
	    'send:\x01cd' recv:3 'expect:\xff\xfc\x01' quiet-ms:100 \
	    "touch:$T/quiet" close
	start run "$NC" -t 127.0.0.1 "$PORT" <"$T/idle"
	waitfor "size:$T/run.out:2" "asleep:$(pid_of run)"
	touch "$T/one"
	waitfor "asleep:$(pid_of run)"
	touch "$T/two"
	waitfor "text:$T/run.out:cd" "file:$T/quiet"
	release
	finish run
	peer_done
	printf 'abcd' >"$T/want"
	[ "$SUBJECT" = native ] || printf 'ab\377\375\001cd' >"$T/want"
	same_file "stdout" "$T/want" "$T/run.out"
}

test_what_lies_inside_of_a_subnegotiation_is_no_question()
{
	over native nc traditional ncat || return 0
	hold
	serve accept 'send:\xff\xfa\x18\xfd\x01\xff\xff\xff\xf0z' \
	    quiet-ms:100 "touch:$T/quiet" close
	start run "$NC" -t 127.0.0.1 "$PORT" <"$T/idle"
	waitfor "text:$T/run.out:z" "file:$T/quiet"
	release
	finish run
	peer_done
	printf 'z' >"$T/want"
	[ "$SUBJECT" = native ] ||
		printf '\377\372\030\375\001\377\377\377\360z' >"$T/want"
	same_file "stdout" "$T/want" "$T/run.out"
}

test_data_may_hold_a_255()
{
	over native nc || return 0
	printf 'x\377y' >"$T/in"
	wire='x\xffy'
	printf 'a\377\377b' >"$T/want"
	if [ "$SUBJECT" = native ]; then
		wire='x\xff\xffy'
		printf 'a\377b' >"$T/want"
	fi
	serve accept 'send:a\xff\xffb' recv-eof "expect:$wire" close
	run "$NC" -t -N 127.0.0.1 "$PORT" <"$T/in"
	peer_done
	same_file "stdout" "$T/want" "$T/run.out"
	same "exit status" 0 "$RC"
}

# The real ones answer each other's answers, and so on.
test_two_that_negotiate_come_to_an_end()
{
	over nc || return 0
	hold
	free_port
	launch listener "$NC" -t -v -l "$PORT" <"$T/idle"
	printf '\377\375\001\377\373\002' >"$T/in"
	start run "$NC" -t -q 3 127.0.0.1 "$PORT" <"$T/in"
	finish run
	finish listener
	same "bytes that came back" 6 "$(wc -c <"$T/run.out")"
	same "bytes that came" 6 "$(wc -c <"$T/listener.out")"
}

test_a_command_sees_no_negotiation()
{
	listener -t -e cat
	client 'send:\xff\xfd\x01ab\xff\xffc\n' recv:9 \
	    'expect:\xff\xfc\x01ab\xff\xffc\n' fin recv-eof
	exits listener 0
}

test_in_a_room_each_is_answered_alone()
{
	hold
	free_port
	launch listener "$NC" -t --broker -l "$PORT" <"$T/idle"
	guest one "touch:$T/here" recv-line 'expect:hello\n' fin recv-eof
	waitfor "file:$T/here" "linked:$PORT"
	client 'send:\xff\xfb\x01hello\n' recv:3 'expect:\xff\xfe\x01' fin \
	    recv-eof
	guest_done one
	stop listener
	same "stdout" hello "$OUT"
}

test_a_peer_that_only_asks_is_read_to_its_end()
{
	over native nc || return 0
	awk 'BEGIN { for (i = 0; i < 300000; i++) printf "%s", "\377\375\1" }' \
	    >"$T/questions"
	hold
	serve accept "send-file:$T/questions" 'send:\xff\xfd\x4dend' \
	    "await:$T/go" 'until:\xff\xfc\x4d' close
	start run "$NC" -t -O 4096 127.0.0.1 "$PORT" <"$T/idle"
	true_that "the end was shown" waitfor "size:$T/run.out:3"
	[ "$SUBJECT" = native ] ||
		true_that "all was" waitfor "size:$T/run.out:900006"
	waits run
	touch "$T/go"
	peer_done
	release
	finish run
}

test_datagrams_and_echoes_do_not_negotiate()
{
	run_gives 1 "$NC" -t -u 127.0.0.1 1 </dev/null
	same "stderr" "sockcat: cannot use -t and -u" "$ERR"
	run_gives 1 "$NC" -t --echo -l 1 </dev/null
	same "stderr" "sockcat: cannot use --echo and -t" "$ERR"
}

run_tests "$@"
