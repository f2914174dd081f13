#!/bin/sh
# Figures of connections, and how things stand when somebody asks.
. "$(dirname "$0")/lib.sh"

# The value behind a key of the last line of figures.
figure()	# KEY FILE
{
	sed -n 's/^stats .* '"$1"'=\([^ ]*\).*/\1/p' "$2" | tail -n 1
}

test_a_line_of_figures_ends_a_session()
{
	over native nc || return 0
	serve accept recv-eof send:answer fin
	run "$NC" --stats -N 127.0.0.1 "$PORT" <"$(bytes 100000)"
	fails_with_one_line 0
	same "sent" 100000 "$(figure sent "$T/run.err")"
	same "received" 6 "$(figure received "$T/run.err")"
	same "lost" 0 "$(figure lost_sent "$T/run.err")"
	same "peer" "127.0.0.1:$PORT" "$(figure peer "$T/run.err")"
	same "end" eof "$(figure end "$T/run.err")"
	peer_done
}

test_each_client_of_a_server_has_its_line()
{
	for how in "" "--max-conns 5" --echo "-c cat" --broker; do
		listener -k --stats $how </dev/null
		for n in 1 2 3; do
			start peer "$TOOLS/peer" "connect:$PORT" send:hello \
			    fin recv-eof
			peer_done
			waitfor "text:$T/listener.err:stats connection=$n "
		done
		same "$how: received" 5 "$(figure received "$T/listener.err")"
		same "$how: lines" 3 "$(grep -c . "$T/listener.err")"
		stop listener
	done
}

test_datagrams_are_counted_too()
{
	serve_udp recv-dgram send:answer
	run "$NC" -u --stats -W 1 127.0.0.1 "$PORT" <<-X
		ask
	X
	same "sent" 4 "$(figure sent "$T/run.err")"
	same "received" 6 "$(figure received "$T/run.err")"
	same "end" reads "$(figure end "$T/run.err")"
}

test_an_echo_of_datagrams_counts_too()
{
	free_port
	launch_udp listener "$NC" -u -l -k --echo --stats "$PORT" </dev/null
	start peer "$TOOLS/peer" "udp-connect:$PORT" send:hello recv-dgram
	peer_done
	stop listener
	same "received" 5 "$(figure received "$T/listener.err")"
	same "sent" 5 "$(figure sent "$T/listener.err")"
}

test_a_signal_does_not_take_the_figures_away()
{
	hold
	serve accept until:x send:hello recv-end
	start run "$NC" --stats 127.0.0.1 "$PORT" <"$T/idle"
	printf x >&9
	waitfor "text:$T/run.out:hello"
	stop run
	same "received" 5 "$(figure received "$T/run.err")"
	same "end" signal "$(figure end "$T/run.err")"
}

test_a_deadline_does_not_take_the_figures_away()
{
	hold
	for near in "" --echo "-c cat"; do
		serve accept recv-end
		run "$NC" --stats --deadline 5 $near 127.0.0.1 "$PORT" \
		    <"$T/idle"
		same "exit status $near" 1 "$RC"
		same "lines $near" 1 "$(grep -c ^stats "$T/run.err")"
		same "end $near" time "$(figure end "$T/run.err")"
		peer_done
	done
}

# A column of the file of --tcp-info, by its name.
column()	# NAME FILE
{
	awk -F '\t' -v name="$1" 'NR == 1 {
		for (i = 1; i <= NF; i++)
			if ($i == name)
				col = i
		next
	}
	{ print $col }' "$2"
}

# There is a connection that knows what was sent through it.
need_tcp_info()
{
	[ "$(column bytes_acked "$1" | tail -n 1)" != NaN ] ||
	    { skip "this system tells less"; return 1; }
}

test_the_systems_figures_come_at_the_beginning_now_and_then_and_at_the_end()
{
	serve accept recv-eof "await:$T/go" send:answer fin
	start run "$NC" --tcp-info "$T/info,5ms" -N 127.0.0.1 "$PORT" \
	    <"$(bytes 300000)"
	waitfor "size:$T/info:350"
	touch "$T/go"
	exits run 0
	same "stderr" "" "$ERR"
	peer_done
	need_tcp_info "$T/info" || return 0
	same "columns everywhere" 16 \
	    "$(awk -F '\t' '{ print NF }' "$T/info" | sort -u)"
	same "the first state" established \
	    "$(column state "$T/info" | head -n 1)"
	column time "$T/info" >"$T/times"
	same "the first time" 0.000000 "$(head -n 1 "$T/times")"
	true_that "time goes on" sort -n -c "$T/times"
	# The beginning and the end of a connection count as a byte each.
	between "bytes acknowledged at the end" 300000 300002 \
	    "$(column bytes_acked "$T/info" | tail -n 1)"
	same "at the end all has come" 6 \
	    "$(column bytes_received "$T/info" | sed 's/^7$/6/' | tail -n 1)"
}

# Between the two there are no lines, however short the interval is.
test_the_systems_figures_wait_until_something_moves()
{
	serve accept send:one "await:$T/go" send:two fin recv-end
	start run "$NC" --tcp-info "$T/info,1ms" 127.0.0.1 "$PORT" </dev/null
	waitfor "text:$T/run.out:one"
	waits run
	before=$(wc -l <"$T/info")
	"$TOOLS/wakeups" "$(pid_of run)" >/dev/null
	between "lines while nothing moves" 0 2 \
	    $(($(wc -l <"$T/info") - before))
	touch "$T/go"
	waitfor "text:$T/run.out:onetwo"
	finish run
	need_tcp_info "$T/info" || return 0
	between "bytes received at the end" 6 7 \
	    "$(column bytes_received "$T/info" | tail -n 1)"
}

test_every_connection_has_its_lines()
{
	for how in "" --echo "-c cat" "-C -c cat" "--max-conns 5"; do
		listener -k --tcp-info "$T/info" $how </dev/null
		for n in 1 2; do
			client send:hello fin recv-eof
		done
		waits listener
		stop listener
		need_tcp_info "$T/info" || return 0
		same "$how: connections" "1 2" \
		    "$(echo $(column connection "$T/info" | sort -u))"
		same "$how: at the end of one" "6" \
		    "$(column bytes_received "$T/info" | tail -n 1)"
	done
}

test_a_file_that_cannot_be_written_is_told_of()
{
	run_gives 1 "$NC" --tcp-info "$T/none/info" 127.0.0.1 1 </dev/null
	same "stderr" "sockcat: open $T/none/info failed: No such file \
or directory" "$ERR"
	[ -w /dev/full ] || return 0
	serve accept recv-eof send:answer fin
	run "$NC" --tcp-info /dev/full -N 127.0.0.1 "$PORT" <"$(bytes 10)"
	same "the transfer" answer "$OUT"
	holds "stderr" "$ERR" "write to /dev/full failed: No space left"
	one_line "stderr" "$ERR"
	peer_done
}

test_figures_that_standard_error_does_not_take_are_a_failure()
{
	for option in --stats --stats=json --sum; do
		for to in 2'>/dev/full' '2>&-' '2>/dev/null'; do
			[ -c /dev/full ] || [ "$to" != '2>/dev/full' ] ||
			    continue
			wanted=1
			[ "$to" != '2>/dev/null' ] || wanted=0
			serve accept recv-eof send:answer fin
			run sh -c '"$@" '"$to" - "$NC" "$option" -N 127.0.0.1 \
			    "$PORT" <"$(bytes 10)"
			same "$option $to: exit status" "$wanted" "$RC"
			same "$option $to: stdout" answer "$OUT"
			peer_done
		done
	done
}

test_figures_that_a_slow_reader_did_not_take_are_counted()
{
	mkfifo "$T/info"
	exec 8<>"$T/info"
	# As much as a pipe holds.
	head -c 65536 /dev/zero >&8
	serve accept recv-eof
	run "$NC" --tcp-info "$T/info,1h" -N 127.0.0.1 "$PORT" </dev/null
	exec 8>&-
	peer_done
	same "exit status" 0 "$RC"
	same "stderr" "sockcat: $T/info is too slow (3 lines left out)" "$ERR"
}

test_whoever_asks_is_told_how_things_stand()
{
	hold
	serve "await:$T/go" accept until:x send:hello fin recv-eof
	start run "$NC" -w 30 127.0.0.1 "$PORT" <"$T/idle"
	touch "$T/go"
	printf x >&9
	waitfor "text:$T/run.out:hello"
	waits run
	kill_it run USR1
	waitfor "text:$T/run.err:unless"
	ERR=$(cat "$T/run.err")
	holds "sent" "$ERR" "sent 1 bytes; standard input waits for something"
	holds "received" "$ERR" "received 5 bytes; the peer has ended"
	holds "the rule" "$ERR" "both sides sent data: leave after 30 s"
	holds "limits" "$ERR" "ends unless input comes in "
	release
	exits run 0
	peer_done
}

test_who_waits_for_a_client_says_so()
{
	listener </dev/null
	kill_it listener USR1
	waitfor "text:$T/listener.err:no connection yet"
	client send:hello fin recv-eof
	finish listener
	same "stdout" hello "$OUT"
}

test_a_server_reports_each_of_its_clients()
{
	for how in --echo '-c cat' '-c cat --sandbox=off' --talk; do
		rm -f "$T/go" "$T/came"
		listener -k $how </dev/null
		guest one send:hello "touch:$T/came" "await:$T/go"
		waitfor "file:$T/came"
		sleep .5
		kill_it listener USR1
		waitfor "text:$T/listener.err:1 active connection"
		told=$(cat "$T/listener.err")
		holds "$how: who" "$told" "127.0.0.1 port "
		holds "$how: how long" "$told" " seconds so far"
		[ "$how" != --echo ] ||
		    holds "$how: how much" "$told" "sent 5 bytes, received 5"
		touch "$T/go"
		finish one
		stop listener
	done
}

test_nc_dies_of_that_signal_as_the_original_does()
{
	over nc real || return 0
	listener </dev/null
	stop listener USR1
	same "exit status" 138 "$RC"
}

test_figures_that_cannot_be_written_are_a_failure()
{
	serve accept recv-eof
	echo x >"$T/in"
	run "$NC" --tcp-info /dev/full 127.0.0.1 "$PORT" <"$T/in"
	fails_with_one_line 1
	peer_done
	run "$NC" --tcp-info "$T/x,10us" 127.0.0.1 "$PORT" </dev/null
	same "a wrong interval" 1 "$RC"
	one_line "a wrong interval" "$ERR"
}

run_tests "$@"
