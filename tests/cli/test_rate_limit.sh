#!/bin/sh
# A rate that nothing exceeds, in each mode and each direction.
. "$(dirname "$0")/lib.sh"

test_a_kilobyte_is_1024_bytes()
{
	run "$NC" --explain --rate-limit 3k host 80 </dev/null
	holds "the rate" "$OUT" "3072 bytes per second"
	run "$NC" --explain --rate-limit 2M,1k host 80 </dev/null
	holds "the rate" "$OUT" "2097152 bytes per second"
	holds "the burst" "$OUT" " 1024 at once"
	run "$NC" --explain --rate-limit 1G host 80 </dev/null
	holds "the rate" "$OUT" "1073741824 bytes per second"
}

test_the_burst_is_a_tenth_of_a_second_or_16_kilobytes()
{
	run "$NC" --explain --rate-limit 10M host 80 </dev/null
	holds "a tenth" "$OUT" " 1048576 at once"
	run "$NC" --explain --rate-limit 1k host 80 </dev/null
	holds "the least" "$OUT" " 16384 at once"
}

test_what_is_no_rate_is_refused()
{
	refuses "too small" --rate-limit 0 host 80
	refuses "too small" --rate-limit 5,0 host 80
	refuses "too large" --rate-limit 2000T host 80
	refuses "invalid" --rate-limit fast host 80
	refuses "invalid" --rate-limit 5k, host 80
	refuses "invalid" --rate-limit 5k,1k,1k host 80
}

test_a_byte_per_second_is_a_byte_per_second()
{
	serve accept recv-eof print fin
	timed "$NC" --rate-limit 1 -N 127.0.0.1 "$PORT" <<-X
		ab
	X
	same "exit status" 0 "$RC"
	at_least "milliseconds of 3 bytes" 2900 "$MS"
	peer_done
	same "the bytes" ab "$PEER"
}

test_a_huge_rate_limits_nothing()
{
	serve accept recv-eof save:"$T/got" fin
	run_gives 0 "$NC" --rate-limit 1000T -N 127.0.0.1 "$PORT" \
	    <"$(bytes 3000000)"
	peer_done
	same_file "the bytes" "$(bytes 3000000)" "$T/got"
}

test_each_direction_has_the_rate()
{
	serve accept recv-eof fill:60000 fin
	timed "$NC" --rate-limit 60000,1000 -N 127.0.0.1 "$PORT" \
	    <"$(bytes 60000)"
	same "exit status" 0 "$RC"
	# One way after the other.
	at_least "milliseconds both ways" 1900 "$MS"
	peer_done
}

# A client's 50000 bytes go there and back at 50000 bytes per second at most.
paces()	# WHAT OPTION...
{
	paced=$1
	shift
	listener -k --rate-limit 50000,1000 "$@" </dev/null
	began=$(waitfor ms)
	start guest "$TOOLS/peer" "connect:$PORT" fill:50000 fin recv-eof \
	    expect-fill:50000
	finish guest
	MS=$(($(waitfor ms) - began))
	same "$paced: the client" 0 "$RC"
	at_least "$paced: milliseconds" 950 "$MS"
	stop listener
}

test_servers_keep_the_rate_for_each_client()
{
	paces "an echo" --echo
	paces "a command" -c cat
	listener -k --echo </dev/null
	target=$PORT
	eval "PID_echo=$PID_listener"
	paces "a relay" --forward "127.0.0.1:$target"
	paces "a proxy's socket" --forward "127.0.0.1:$target" --max-conns 3
}

test_framed_messages_keep_the_rate()
{
	free_port
	launch listener "$NC" -l --framing u32be "$PORT" </dev/null
	timed "$NC" --framing u32be --rate-limit 30000,500 -N 127.0.0.1 \
	    "$PORT" <"$(bytes 32000)"
	same "exit status" 0 "$RC"
	at_least "milliseconds" 1000 "$MS"
	finish listener
	# The last line has no newline, and is a message all the same.
	same "the bytes" "$(cksum <"$(bytes 32000)")" "$(cksum \
	    <"$T/listener.out")"
}

test_datagrams_stay_whole_at_a_rate()
{
	serve_udp recv-dgram "touch:$T/1" expect-size:2000 recv-dgram \
	    "touch:$T/2" expect-size:2000 recv-dgram
	# The second and the third are larger than the bucket.
	timed sh -c '{ head -c 2000 "$1"; "$4" "file:$5/1"; head -c 2000 "$1"
	    "$4" "file:$5/2"; head -c 1000 "$1"; } | "$2" -u \
	    --rate-limit 2000,500 -q 0 127.0.0.1 "$3"' - \
	    "$(bytes 5000)" "$NC" "$PORT" "$TOOLS/waitfor" "$T"
	same "exit status" 0 "$RC"
	at_least "milliseconds" 1900 "$MS"
	peer_done
}

test_a_server_of_datagrams_keeps_the_rate()
{
	free_port
	launch_udp listener "$NC" -u -l -k -c cat --rate-limit 1000,100 "$PORT" \
	    </dev/null
	began=$(waitfor ms)
	start guest "$TOOLS/peer" "udp-connect:$PORT" fill:1000 recv-dgram \
	    expect-size:1000 fill:500 recv-dgram expect-size:500
	finish guest
	MS=$(($(waitfor ms) - began))
	same "the client" 0 "$RC"
	at_least "milliseconds" 900 "$MS"
}

test_a_port_scan_has_no_rate()
{
	refuses "--rate-limit" --rate-limit 5k -z 127.0.0.1 1
}

run_tests "$@"
