#!/bin/sh
# --forward-all: what comes goes to every target, and the first one answers.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_relay.sh"

test_each_target_gets_the_datagrams_and_the_first_one_answers()
{
	server_as one -u -l -k -c 'read -r x; echo "one got $x"'
	server_as two -u -l -k
	server_as three -l -k
	server_as front -u -l -k --forward "udp:127.0.0.1:$one" \
	    --forward "udp:127.0.0.1:$two" --forward "tcp:127.0.0.1:$three" \
	    --forward-all
	run "$TOOLS/peer" "udp-connect:$front" 'send:a\n' recv-dgram \
	    'expect:one got a\n'
	same "the sender <$ERR>" 0 "$RC"
	true_that "the others have it" waitfor "text:$T/two.out:a" \
	    "text:$T/three.out:a"
}

test_each_target_gets_the_stream_and_its_end()
{
	server_as one -l --echo
	server_as two -l
	server_as front -l --forward "127.0.0.1:$one" \
	    --forward "127.0.0.1:$two" --forward-all
	data=$(bytes 300000)
	run "$NC" -N 127.0.0.1 "$front" <"$data"
	same_file "the answer of the first" "$data" "$T/run.out"
	finish two
	same "the end of the second: exit status" 0 "$RC"
	same_file "the copy of the second" "$data" "$T/two.out"
	exits front 0
	same "stderr" "" "$ERR"
}

test_a_relay_sends_itself_no_copies()
{
	server_as one -l -k --echo
	free_port
	launch front "$NC" -l -k -vvv --forward "127.0.0.1:$one" \
	    --forward "127.0.0.1:$PORT" --forward-all 127.0.0.1 "$PORT"
	echo hello >"$T/in"
	run "$NC" -N 127.0.0.1 "$PORT" <"$T/in"
	same "the answer" hello "$OUT"
	waits front
	holds "stderr" "$(cat "$T/front.err")" "sockcat: copy to 127.0.0.1 \
port $PORT (tcp) failed: the relay itself listens there"
	same "a second client" 0 "$(grep -c 'client 2:' "$T/front.err")"
	stop front
}

test_a_target_that_fails_is_a_line_and_the_first_goes_on()
{
	server_as one -l -k --echo
	closed=$(closed_port)
	server_as front -l -k --forward "127.0.0.1:$one" \
	    --forward "127.0.0.1:$closed" --forward-all
	echo hello >"$T/in"
	run "$NC" -N 127.0.0.1 "$front" <"$T/in"
	same "the answer" hello "$OUT"
	same "stderr" "sockcat: copy to 127.0.0.1 port $closed (tcp) failed:\
 Connection refused" "$(cat "$T/front.err")"
}

test_a_target_that_stalls_is_dropped_and_delays_nobody()
{
	server_as one -l -k --echo
	serve accept "await:$T/over"
	server_as front -l -k --forward "127.0.0.1:$one" \
	    --forward "127.0.0.1:$PORT" --forward-all
	data=$(bytes 20000000)
	run "$NC" -N 127.0.0.1 "$front" <"$data"
	same_file "the answer" "$data" "$T/run.out"
	holds "stderr" "$(cat "$T/front.err")" \
	    "(tcp) failed: it is too slow"
	one_line "stderr" "$(cat "$T/front.err")"
	touch "$T/over"
}

test_without_the_first_target_the_client_is_refused()
{
	server_as two -l -k
	server_as front -l --forward "127.0.0.1:$(closed_port)" \
	    --forward "127.0.0.1:$two" --forward-all
	run "$TOOLS/peer" "connect:$front" send:x recv-end
	finish front
	fails_with_one_line 1
}

test_a_datagram_client_sends_to_several_destinations()
{
	server_as one -u -l
	server_as two -u -l
	server_as three -u -l
	printf 'hello\n' >"$T/in"
	run_gives 0 "$NC" -u 127.0.0.1 "$one" --forward "udp:127.0.0.1:$two" \
	    --forward "udp:127.0.0.1:$three" --forward-all <"$T/in"
	same "stderr" "" "$ERR"
	true_that "all have it" waitfor "text:$T/one.out:hello" \
	    "text:$T/two.out:hello" "text:$T/three.out:hello"
}

test_a_client_of_streams_copies_what_it_sends()
{
	server_as one -l --echo
	server_as two -l
	data=$(bytes 300000)
	run "$NC" -N 127.0.0.1 "$one" --forward "127.0.0.1:$two" \
	    --forward-all <"$data"
	same_file "the echo" "$data" "$T/run.out"
	finish two
	same_file "the copy" "$data" "$T/two.out"
}

test_forward_all_needs_targets()
{
	refuses "must use --forward with --forward-all" -u --forward-all \
	    127.0.0.1 9
	refuses "with --forward" --forward :9 127.0.0.1 9
}

run_tests "$@"
