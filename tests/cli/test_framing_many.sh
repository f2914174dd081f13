#!/bin/sh
# --framing where there are several peers: one after the other, --echo; and
# the files of --input.
. "$(dirname "$0")/lib.sh"

shows()	# TEXT
{
	true_that "<$1> is shown" waitfor "text:$T/listener.out:$1"
}

tells()	# TEXT
{
	true_that "<$1> is told" waitfor "text:$T/listener.err:$1"
}

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
	stop listener
	same "stdout" "ab
two
end
last" "$OUT"
}

test_raw_messages_of_one_after_the_other_are_just_bytes()
{
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
	stop listener
	listener --framing=len6 --echo --max-frame=4
	client send:000005: recv-end
	exits listener 1
	one_line "the words" "$ERR"
}

test_the_lines_of_several_inputs_are_messages()
{
	head -c 200000 /dev/zero | tr '\0' x >"$T/long"
	printf 'one\ntwo' >"$T/a"
	printf '\nthree\n' >"$T/b"
	serve accept recv-eof "save:$T/got" fin
	run_gives 0 "$NC" -N --framing=u32be --input "$T/a" --input "$T/b" \
	    --input "$T/long" 127.0.0.1 "$PORT" </dev/null
	same "stderr" "" "$ERR"
	peer_done
	same "bytes" $((5 * 4 + 11 + 200000)) "$(wc -c <"$T/got")"
	same "the lines" "one three two" "$(tr -c 'a-wyz' '\n' <"$T/got" |
	    grep . | sort | tr '\n' ' ' | sed 's/ $//')"
}

test_a_long_line_of_one_input_is_not_torn_by_another()
{
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
	exits run 0
	peer_done
	tr -d x <"$T/got" >"$T/short"
	holds "the messages" "$(cat "$T/short")" "5:other,"
	holds "the messages" "$(cat "$T/short")" "150003:end,"
}

test_what_makes_no_sense_is_refused_in_one_line()
{
	over native nc || return 0
	refuses '--framing and --merge' --framing=len6 -lk --merge=chunk 5
	refuses '--framing and --tag' --framing=len6 -lk --tag %n 5
	refuses '--broker and --framing' --framing=len6 -l --broker 5
	refuses '--dgram and --framing' --framing=len6 -u -l --dgram=line \
	    -e cat 5
	refuses '--echo, --framing and -C' --framing=line -l --echo -C 5
}

run_tests "$@"
