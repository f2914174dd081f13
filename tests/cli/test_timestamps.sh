#!/bin/sh
# --timestamps: the time before each line that is received.
. "$(dirname "$0")/lib.sh"

STAMP='[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\.[0-9][0-9][0-9] '

# The lines of a file, with TIME in the place of what looks like a time.
blanked()	# FILE
{
	sed "s/^$STAMP/TIME /" "$1"
}

# The text with TIME before each line.
timed_lines()
{
	printf '%b' "$1" | sed 's/^/TIME /'
}

test_a_client_writes_the_time_before_each_line()
{
	serve accept 'send:one\n\ntwo\nthree' fin
	run_gives 0 "$NC" --timestamps 127.0.0.1 "$PORT" </dev/null
	same "stdout" "TIME one
TIME 
TIME two
TIME three" "$(blanked "$T/run.out")"
	same "no newline is added" 1 \
	    "$(tail -c 1 "$T/run.out" | grep -c e)"
	peer_done
}

test_it_is_the_local_time()
{
	serve accept 'send:one\n' fin
	before=$(TZ=XYZ-5:30 date +%H:%M:%S)
	run env TZ=XYZ-5:30 "$NC" --timestamps 127.0.0.1 "$PORT" </dev/null
	after=$(TZ=XYZ-5:30 date +%H:%M:%S)
	time=$(sed 's/\..*//' "$T/run.out")
	# Midnight is not in between.
	if [ "$before" \< "$after" ] || [ "$before" = "$after" ]; then
		true_that "$before <= $time" [ ! "$time" \< "$before" ]
		true_that "$time <= $after" [ ! "$after" \< "$time" ]
	fi
	peer_done
}

test_a_line_in_pieces_has_the_time_of_its_first_byte()
{
	for how in "" "-k --max-conns 2"; do
		hold
		listener --stats --timestamps $how <"$T/idle"
		start peer "$TOOLS/peer" "connect:$PORT" send:fir \
		    "await:$T/go" 'send:st\nsecond\n' fin recv-eof
		[ -n "$how" ] || waitfor "text:$T/listener.out:fir"
		[ -z "$how" ] || waits listener
		sleep 0.2
		touch "$T/go"
		waitfor "text:$T/listener.out:second"
		rm "$T/go"
		[ -z "$how" ] || kill_it listener
		release
		finish listener
		peer_done
		same "$how: lines" "$(timed_lines 'first\nsecond\n')" \
		    "$(blanked "$T/listener.out")"
		true_that "$how: the times differ" [ "$(sed -n \
		    's/ first//p' "$T/listener.out")" != "$(sed -n \
		    's/ second//p' "$T/listener.out")" ]
		# What is counted is what the peer has sent.
		holds "$how: stats" "$(cat "$T/listener.err")" " received=13 "
	done
}

test_the_time_stands_before_a_tag()
{
	listener -k --max-conns 5 --tag '[%n] ' --timestamps </dev/null
	client 'send:one\ntwo' fin recv-eof
	waitfor "text:$T/listener.out:two"
	client 'send:three\n' fin recv-eof
	waitfor "text:$T/listener.out:three"
	stop listener
	same "stdout" "$(timed_lines '[1] one\n[1] two\n[2] three\n')" \
	    "$(blanked "$T/listener.out")"
}

test_each_client_begins_a_line()
{
	listener -k --timestamps </dev/null
	client send:one fin recv-eof
	waitfor "text:$T/listener.out:one"
	client 'send:two\n' fin recv-eof
	waitfor "text:$T/listener.out:two"
	stop listener
	same "stdout" "$(timed_lines 'one\ntwo\n')" \
	    "$(blanked "$T/listener.out")"
}

test_each_datagram_begins_a_line()
{
	for how in "" "--tag %a:"; do
		free_port
		launch_udp listener "$NC" -u -l -k --timestamps $how 127.0.0.1 \
		    "$PORT" </dev/null
		for text in one 'two\n' three; do
			start peer "$TOOLS/peer" "udp-connect:$PORT" \
			    "send:$text"
			peer_done
			waitfor "text:$T/listener.out:${text%??}"
		done
		waitfor "text:$T/listener.out:three"
		stop listener
		same "$how: lines" 3 "$(grep -c '' "$T/listener.out")"
		same "$how: times" 3 "$(blanked "$T/listener.out" |
		    grep -c '^TIME ')"
	done
}

test_messages_and_copies_go_with_times()
{
	serve accept 'send:3:a\nb,1:c,' fin
	run "$NC" --timestamps --framing=netstring -o "$T/dump" 127.0.0.1 \
	    "$PORT" </dev/null
	same "stdout" "$(timed_lines 'a\nb\nc\n')" "$(blanked "$T/run.out")"
	holds "the dump" "$(cat "$T/dump")" "33 3a 61 0a 62 2c 31 3a 63 2c"
	peer_done
	printf 'x\n' >"$T/in"
	serve accept recv-eof 'expect:x\r\n' 'send:y\r\n' fin
	run "$NC" --timestamps -C -N 127.0.0.1 "$PORT" <"$T/in"
	same "with -C" "$(timed_lines 'y\r\n')" "$(blanked "$T/run.out")"
	peer_done
}

test_much_data_keeps_every_byte()
{
	seq 1 100000 >"$T/lines"
	serve accept "send-file:$T/lines" fin
	run "$NC" --timestamps 127.0.0.1 "$PORT" </dev/null
	blanked "$T/run.out" | sed 's/^TIME //' >"$T/got"
	same_file "the lines" "$T/lines" "$T/got"
	peer_done
}

# What was sent is counted, whether it is delivered or not.
test_times_do_not_count_as_lost()
{
	[ -c /dev/full ] || { skip "no /dev/full"; return; }
	for how in "" --stats=json; do
		free_port
		launch listener sh -c 'exec "$0" "$@" >/dev/full' "$NC" -l -v \
		    --stats $how --timestamps 127.0.0.1 "$PORT" </dev/null
		start peer "$TOOLS/peer" "connect:$PORT" \
		    'send:one\n\ntwo\nend' fin recv-end
		peer_done
		finish listener
		holds "$how: 12 lost" "$(cat "$T/listener.err")" \
		    "(12 bytes lost)"
		[ -n "$how" ] || holds "stats" "$(cat "$T/listener.err")" \
		    " received=0 lost_sent=0 lost_received=12 "
		[ -z "$how" ] || holds "JSON" "$(cat "$T/listener.err")" \
		    '"bytes_received":0,"bytes_lost":12,'
	done
}

test_a_long_datagram_stays_a_line()
{
	awk 'BEGIN { while (i++ < 9000) printf "x" }' >"$T/long"
	hold
	free_port
	launch_udp listener "$NC" -u -l --timestamps --edit 127.0.0.1 "$PORT" \
	    <"$T/idle"
	start peer "$TOOLS/peer" "udp-connect:$PORT" "send-file:$T/long"
	peer_done
	waitfor "size:$T/listener.out:9013"
	kill_it listener
	release
	finish listener
	same "times" 1 "$(grep -c "$STAMP" "$T/listener.out")"
	same "bytes" 9013 "$(wc -c <"$T/listener.out")"
}

test_it_is_refused_where_nothing_is_written_to_standard_output()
{
	for how in "-c cat" --echo --send-only --broker; do
		refuses "--timestamps" --timestamps -l $how 1
	done
	refuses "--timestamps" --timestamps -z 127.0.0.1 1
	holds "--explain" "$("$NC" --timestamps --explain 127.0.0.1 1)" \
	    "receive: remote -> the time before each line -> local"
}

run_tests "$@"
