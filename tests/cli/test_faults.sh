#!/bin/sh
# Faults by request: what was asked for is what is measured. The machine only
# makes times longer, so of times the lower limit is checked.
# timeout: 240
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_tls.sh"

# ---- datagrams ---------------------------------------------------------------

# Sends the numbers up to 10,000, a datagram each, over a Unix socket, where none
# is lost by chance, through the faults. They come to $T/listener.out.
ten_thousand()	# OPTION...
{
	rm -f "$T/sock"
	start listener "$NC" -u -U -l "$T/sock" -W 10000 --stats "$@" \
	    </dev/null
	waitfor "file:$T/sock"
	run "$NC" -u -U --dgram=line -c 'seq 10000' "$T/sock" </dev/null
	same "exit status of the sender" 0 "$RC"
	finish listener
	same "exit status of $*" 0 "$RC"
}

numbers()	# of different datagrams that came
{
	sort -un "$T/listener.out" | wc -l
}

in_order()
{
	sort -n -c "$T/listener.out" 2>/dev/null
}

# The standard deviation of 10 percent of 10,000 is 30.
test_a_percentage_of_10000_datagrams_is_lost()
{
	ten_thousand --drop 10 --fault-seed 1
	between "what came" 8850 9150 "$(numbers)"
	true_that "in order" in_order
	came=$(tr -d '\n' <"$T/listener.out" | wc -c)
	lines=$(wc -l <"$T/listener.out")
	holds "figures" "$ERR" " lost_sent=0 lost_received=0 dropped_sent=0"
	holds "figures" "$ERR" \
	    " dropped_received=$((48894 - came - lines)) "
	ten_thousand --drop 0.5% --fault-seed 2
	between "what came" 9915 9985 "$(numbers)"
	ten_thousand --drop 100
	same "what came" 0 "$(numbers)"
}

test_a_seed_brings_the_same_losses_again()
{
	for name in one again; do
		ten_thousand --drop 5 --duplicate 5 --reorder 5 --fault-seed 11
		cp "$T/listener.out" "$work/$name"
	done
	same_file "the same seed" "$work/one" "$work/again"
	ten_thousand --drop 5 --duplicate 5 --reorder 5 --fault-seed 12
	true_that "another list" \
	    [ "$(cksum <"$work/one")" != "$(cksum <"$T/listener.out")" ]
	ten_thousand --drop 5 --duplicate 5 --reorder 5 -v
	holds "what -v tells" "$ERR" "these faults can be repeated with --fault-seed "
	cp "$T/listener.out" "$work/one"
	ten_thousand --drop 5 --duplicate 5 --reorder 5 --fault-seed \
	    "$(echo "$ERR" | sed -n 's/.*repeated with --fault-seed //p')"
	same_file "the seed that was told" "$work/one" "$T/listener.out"
}

test_some_datagrams_come_twice()
{
	ten_thousand --duplicate 10 --fault-seed 1
	same "numbers" 10000 "$(numbers)"
	between "datagrams" 10850 11150 "$(wc -l <"$T/listener.out")"
	true_that "in order" in_order
}

test_some_datagrams_are_overtaken()
{
	ten_thousand --reorder 10 --fault-seed 1
	same "numbers" 10000 "$(numbers)"
	same "datagrams" 10000 "$(wc -l <"$T/listener.out")"
	late=$(awk '$1 < last { n++ } { last = $1 } END { print n + 0 }' \
	    "$T/listener.out")
	between "overtaken" 760 1060 "$late"
}

test_latency_neither_loses_nor_reorders_datagrams()
{
	began=$(waitfor ms)
	ten_thousand --delay 300ms,100ms
	at_least "milliseconds" 200 $(($(waitfor ms) - began))
	same "datagrams" 10000 "$(wc -l <"$T/listener.out")"
	true_that "in order" in_order
}

test_what_is_sent_gets_lost_as_well()
{
	start peer "$TOOLS/peer" "ud-bind:$T/peer" "await:$T/sent" quiet-ms:300
	waitfor "file:$T/peer"
	run "$NC" -u -U --drop 100 -q 0 -v "$T/peer" <<-END
		lost
	END
	same "exit status" 0 "$RC"
	holds "stderr" "$ERR" "dropped by request: 5 bytes to the peer"
	: >"$T/sent"
	peer_done
}

# Sends the numbers up to 10,000 to an echo with faults; answers come to $T/back.
echo_ten_thousand()	# OPTION...
{
	rm -f "$T/sock"
	start listener "$NC" -u -U -l -k "$T/sock" --echo --stats "$@"
	waitfor "file:$T/sock"
	seq 10000 | timeout 60 "$NC" -u -U --framing=line --idle-timeout 2 \
	    "$T/sock" >"$T/back"
	same "exit status of the client of $*" 0 "$?"
	waits listener
	stop listener
}

test_an_echo_of_datagrams_has_faults()
{
	echo_ten_thousand --drop 10 --fault-seed 1
	between "what came back" 8850 9150 "$(wc -l <"$T/back")"
	true_that "in order" sort -n -c "$T/back"
	cp "$T/back" "$T/first"
	echo_ten_thousand --drop 10 --fault-seed 1
	same_file "the same seed" "$T/first" "$T/back"
	echo_ten_thousand --duplicate 10 --fault-seed 1
	between "what came back" 10850 11150 "$(wc -l <"$T/back")"
	same "numbers" 10000 "$(sort -un "$T/back" | wc -l)"
	echo_ten_thousand --reorder 10 --fault-seed 1
	same "what came back" 10000 "$(wc -l <"$T/back")"
	late=$(awk '$1 < last { n++ } { last = $1 } END { print n + 0 }' \
	    "$T/back")
	between "overtaken" 760 1060 "$late"
	echo_ten_thousand --delay 300ms
	same "what came back" 10000 "$(wc -l <"$T/back")"
	true_that "in order" sort -n -c "$T/back"
}

test_an_echo_of_datagrams_has_latency_and_a_rate()
{
	free_port
	launch_udp listener "$NC" -u -l --echo --delay 200ms "$PORT"
	timed "$TOOLS/peer" "udp-connect:$PORT" send:one recv-dgram expect:one
	same "the client, which said <$ERR>" 0 "$RC"
	at_least "milliseconds" 200 "$MS"
	stop listener
	free_port
	launch_udp listener "$NC" -u -l --echo --rate-limit 1000,10 "$PORT"
	timed "$TOOLS/peer" "udp-connect:$PORT" fill:200 recv-dgram \
	    expect-fill:200 fill:300 recv-dgram
	same "the client, which said <$ERR>" 0 "$RC"
	at_least "milliseconds" 190 "$MS"
}

# Messages of a client of TCP, each a datagram of its own behind the relay.
relay_messages()	# OPTION...
{
	rm -f "$T/sock"
	free_port
	target=$PORT
	start echo "$NC" -u -l --echo "$target"
	waitfor "udp:$target"
	listener -k --framing=line --forward "udp:127.0.0.1:$target" "$@"
	seq 10000 | timeout 60 "$NC" --rate-limit 100k --idle-timeout 2 \
	    127.0.0.1 "$PORT" >"$T/back"
	stop listener
	stop echo
}

test_messages_of_a_stream_become_datagrams_with_faults()
{
	relay_messages --drop 100
	same "what came back" 0 "$(wc -l <"$T/back")"
	relay_messages --drop 10 --fault-seed 1
	# Twice 10 percent; the network itself may lose some.
	between "what came back" 7000 8300 "$(wc -l <"$T/back")"
	true_that "in order" sort -n -c "$T/back"
	relay_messages --duplicate 10 --fault-seed 1
	between "what came back" 10500 12300 "$(wc -l <"$T/back")"
	relay_messages --reorder 10 --fault-seed 1
	late=$(awk '$1 < last { n++ } { last = $1 } END { print n + 0 }' \
	    "$T/back")
	between "overtaken" 1000 2200 "$late"
}

test_messages_that_are_sent_as_datagrams_get_lost_as_well()
{
	rm -f "$T/sock"
	start listener "$NC" -u -U -l "$T/sock" -W 9500 --idle-timeout 2 \
	    </dev/null
	waitfor "file:$T/sock"
	seq 10000 >"$T/in"
	run_gives 0 "$NC" -u -U --framing=line --drop 10 --fault-seed 1 -q 0 \
	    -v "$T/sock" <"$T/in"
	holds "stderr" "$ERR" "dropped by request: "
	finish listener
	between "what came" 8850 9150 "$(numbers)"
	true_that "in order" in_order
}

# ---- streams -----------------------------------------------------------------

test_latency_is_each_way_and_of_the_end_too()
{
	serve accept recv-eof 'expect:hello\n' send:answer close
	timed "$NC" --delay 300ms -N 127.0.0.1 "$PORT" <<-END
		hello
	END
	peer_done
	at_least "milliseconds" 600 "$MS"
	same "exit status" 0 "$RC"
}

# A pause of 300 ms for each 8 KiB would take five minutes.
test_latency_takes_nothing_from_the_throughput()
{
	serve accept fill:8000000 fin recv-eof close
	start run "$NC" --delay 300ms 127.0.0.1 "$PORT" </dev/null
	finish run
	peer_done
	same "bytes" 8000000 "$(wc -c <"$T/run.out")"
	same "exit status" 0 "$RC"
}

test_a_jitter_changes_no_byte()
{
	seq 300000 >"$T/in"
	serve accept "send-file:$T/in" fin recv-eof "save:$T/got" close
	run "$NC" --delay 100ms,100ms -N 127.0.0.1 "$PORT" <"$T/in"
	peer_done
	same "exit status" 0 "$RC"
	same_file "what was received" "$T/in" "$T/run.out"
	same_file "what was sent" "$T/in" "$T/got"
}

# The first bytes are no burst: 2 s and no less, for 400 KiB.
test_a_rate_is_kept_in_each_direction()
{
	head -c 409600 /dev/zero >"$T/in"
	serve accept recv-eof expect-size:409600 close
	timed "$NC" --rate-limit 200k -N 127.0.0.1 "$PORT" <"$T/in"
	peer_done
	at_least "milliseconds" 1990 "$MS"
	serve accept fill:409600 close
	timed "$NC" --rate-limit 200k 127.0.0.1 "$PORT" </dev/null
	peer_done
	at_least "milliseconds" 1990 "$MS"
	same "bytes" 409600 "$(wc -c <"$T/run.out")"
}

test_no_mover_escapes_the_rate()
{
	head -c 102400 /dev/zero >"$T/in"
	for mover in copy splice sendfile; do
		serve accept recv-eof expect-size:102400 close
		timed "$NC" --rate-limit 200k --mover "$mover" -N 127.0.0.1 \
		    "$PORT" <"$T/in"
		peer_done
		at_least "milliseconds of $mover" 495 "$MS"
	done
}

test_the_end_comes_late()
{
	serve accept recv:5 quiet-ms:300 recv-eof close
	start run "$NC" --slow-close 2 -N 127.0.0.1 "$PORT" <<-END
		word
	END
	peer_done
	exits run 0
}

# ---- resets and stalls -------------------------------------------------------

# The peer saw so many bytes, and then the reset.
reset_seen()	# BYTES
{
	finish peer
	true_that "the peer saw a failure" [ "$RC" != 0 ]
	holds "the peer" "$ERR" "reset"
	[ "$1" = 0 ] || true_that "the peer saw $1 bytes" [ -e "$T/saw" ]
}

test_a_reset_comes_after_exactly_these_bytes()
{
	head -c 1000000 /dev/zero >"$T/in"
	for bytes in 1 16385 100000 777777; do
		rm -f "$T/saw"
		serve accept "recv:$bytes" "expect-size:$bytes" "touch:$T/saw" \
		    recv-eof
		run_gives 0 "$NC" --reset-after "$bytes" --stats 127.0.0.1 \
		    "$PORT" <"$T/in"
		holds "figures" "$ERR" " sent=$bytes "
		holds "figures" "$ERR" " end=reset"
		reset_seen "$bytes"
	done
}

test_a_reset_comes_after_bytes_received()
{
	serve accept fill:5000 "await:$T/never"
	run_gives 0 "$NC" --reset-after 3k 127.0.0.1 "$PORT" </dev/null
	same "bytes" 3072 "$(wc -c <"$T/run.out")"
}

test_a_reset_comes_after_a_time()
{
	hold
	serve accept recv-eof
	timed "$NC" --reset-after 300ms 127.0.0.1 "$PORT" <"$T/idle"
	at_least "milliseconds" 299 "$MS"
	same "exit status" 0 "$RC"
	reset_seen 0
}

test_each_client_of_a_server_is_reset()
{
	listener -k --reset-after 1000 --echo
	for _ in 1 2; do
		rm -f "$T/saw"
		start peer "$TOOLS/peer" "connect:$PORT" fill:5000 recv:1000 \
		    expect-fill:1000 "touch:$T/saw" recv-eof
		reset_seen 1000
	done
	waits listener
}

test_a_command_is_reset()
{
	listener -k --reset-after 1000 -c 'head -c 5000 /dev/zero; sleep 9'
	start peer "$TOOLS/peer" "connect:$PORT" recv:1000 expect-size:1000 \
	    "touch:$T/saw" recv-eof
	reset_seen 1000
	waits listener
}

test_nothing_moves_after_a_stall()
{
	hold
	serve accept recv:10 quiet-ms:500 "touch:$T/quiet" close
	start run "$NC" --stall-after 10 127.0.0.1 "$PORT" <"$T/idle"
	echo "more than ten bytes" >&9
	waitfor "file:$T/quiet"
	true_that "it lives" kill -0 "$(pid_of run)"
}

test_a_stall_keeps_the_end_of_the_data()
{
	serve accept recv:2 quiet-ms:500 close
	start run "$NC" --stall-after 2 -N 127.0.0.1 "$PORT" <<-END
		x
	END
	peer_done
}

test_a_stalled_connection_notices_a_reset()
{
	hold
	serve accept recv:3 "await:$T/go" rst
	start run "$NC" --stall-after 3 127.0.0.1 "$PORT" <"$T/idle"
	echo "three and more" >&9
	waits run
	touch "$T/go"
	finish run
	fails_with_one_line 1
	peer_done
}

test_a_stalled_server_notices_that_clients_leave()
{
	listener --stall-after 3 --echo
	client fill:10 recv:3 rst
	finish listener
	true_that "the echo ended" [ "$RC" != hang ]
	serve accept recv:3 "touch:$T/three" "await:$T/never"
	target=$PORT
	listener --stall-after 3 --forward "127.0.0.1:$target"
	run "$TOOLS/peer" "connect:$PORT" fill:10 "await:$T/three" rst
	finish listener
	true_that "the relay ended" [ "$RC" != hang ]
}

# ---- between two sockets -----------------------------------------------------

test_a_relay_has_latency_and_a_rate()
{
	serve accept recv-eof expect-fill:102400 fill:102400 close
	target=$PORT
	listener --forward "127.0.0.1:$target" --delay 200ms --rate-limit 200k
	timed "$TOOLS/peer" "connect:$PORT" fill:102400 fin recv:102400 \
	    expect-fill:102400 recv-eof
	same "the client, which said <$ERR>" 0 "$RC"
	# While the first bytes are late, the bucket is filled: 100 ms each way.
	at_least "milliseconds" 1190 "$MS"
	peer_done
	exits listener 0
}

test_a_relay_resets_both_sides_after_these_bytes()
{
	serve accept recv:4096 expect-fill:4096 "touch:$T/saw" recv-eof
	target=$PORT
	listener -k --forward "127.0.0.1:$target" --reset-after 4k
	run "$TOOLS/peer" "connect:$PORT" fill:10000 recv-eof
	true_that "the client saw a failure" [ "$RC" != 0 ]
	holds "the client" "$ERR" "reset"
	reset_seen 4096
	waits listener
}

test_a_relay_stalls()
{
	serve accept recv:100 quiet-ms:400 "touch:$T/quiet" "await:$T/never"
	target=$PORT
	listener -k --forward "127.0.0.1:$target" --stall-after 100
	start visitor "$TOOLS/peer" "connect:$PORT" fill:10000 fin recv-end
	waitfor "file:$T/quiet"
	true_that "the client waits" kill -0 "$(pid_of visitor)"
}

test_a_relay_of_datagrams_has_latency_and_losses()
{
	serve_udp recv-dgram expect:one send:two recv-dgram expect:three
	target=$PORT
	free_port
	launch_udp listener "$NC" -u -l -k --forward "udp:127.0.0.1:$target" \
	    --delay 200ms "$PORT"
	timed "$TOOLS/peer" "udp-connect:$PORT" send:one recv-dgram \
	    expect:two send:three
	same "the client, which said <$ERR>" 0 "$RC"
	at_least "milliseconds" 400 "$MS"
	peer_done
	stop listener
	serve_udp quiet-ms:300
	target=$PORT
	free_port
	launch_udp listener "$NC" -u -l -k --forward "udp:127.0.0.1:$target" \
	    --drop 100 "$PORT"
	run "$TOOLS/peer" "udp-connect:$PORT" send:one
	peer_done
}

# ---- other modes -------------------------------------------------------------

test_clients_that_share_the_streams_have_latency()
{
	hold
	free_port
	launch listener "$NC" -l -k --stdin=all --delay 200ms "$PORT" \
	    <"$T/idle"
	start one "$TOOLS/peer" "connect:$PORT" 'send:hello\n' recv-line \
	    'expect:all\n' close
	waitfor "text:$T/listener.out:hello"
	since_line=$(waitfor ms)
	echo all >&9
	finish one
	same "the client, which said <$ERR>" 0 "$RC"
	at_least "milliseconds" 199 $(($(waitfor ms) - since_line))
}

test_a_chat_has_latency()
{
	hold
	serve accept recv-line 'expect:hello\n' 'send:answer\n' close
	began=$(waitfor ms)
	start run "$NC" --chat --delay 200ms 127.0.0.1 "$PORT" <"$T/idle"
	echo hello >&9
	peer_done
	finish run
	at_least "milliseconds" 400 $(($(waitfor ms) - began))
	same "stdout" answer "$OUT"
}

test_tls_is_cut_by_a_reset()
{
	need_tls ca server || return 0
	head -c 100000 /dev/zero >"$T/in"
	listener -k --tls --tls-cert "$CERTS/server.pem" \
	    --tls-key "$CERTS/server.key" --echo --reset-after 12345
	run "$NC" --tls --tls-ca "$CERTS/ca.pem" 127.0.0.1 "$PORT" <"$T/in"
	same "exit status" 1 "$RC"
	same "bytes" 12345 "$(wc -c <"$T/run.out")"
	waits listener
}

# ---- conflicts ---------------------------------------------------------------

test_faults_that_cannot_be_are_refused_in_one_line()
{
	refuses "are for datagrams" --drop 1 h 1
	refuses "are for datagrams" --reorder 1 h 1
	refuses "are for datagrams" --duplicate 1 -l --forward tcp:h:1 1
	refuses "cannot use --reset-after and -u" -u --reset-after 1k h 1
	refuses "must use" --fault-seed 1 h 1
	refuses "cannot use --drop and -i" -u -i 1 --drop 1 h 1
	refuses "share" -l -k --max-conns 2 --reset-after 1k 1
	refuses "cannot use --echo, -u and --framing with faults" -u -l --echo \
	    --framing=line --drop 1 1
	for bad in 101 -1 x '' 1.5.2 '5 %'; do
		refuses "--drop" -u --drop "$bad" h 1
	done
	for bad in x 1x 1.5 '' 5mm -5; do
		refuses "--reset-after" --reset-after "$bad" h 1
	done
	for bad in 0 x '' 1,0 1,x -1; do
		refuses "--rate-limit" --rate-limit "$bad" h 1
	done
	refuses "the jitter is larger" --delay 1,2 h 1
	refuses "a time is a number of seconds" --delay 1,x h 1
}

test_explain_tells_the_faults()
{
	run "$NC" --explain -u --delay 80ms,20ms --rate-limit 1M --drop 2.5 \
	    --stall-after 5m --fault-seed 7 h 1
	holds "explained" "$OUT" "all data comes 80ms later"
	holds "explained" "$OUT" "at most 1048576 bytes per second"
	holds "explained" "$OUT" "2.5% of the datagrams are dropped"
	holds "explained" "$OUT" "the data stops after 300s"
	holds "explained" "$OUT" "the seed 7"
}

run_tests "$@"
