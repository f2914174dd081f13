#!/bin/sh
# The line that shows how a transfer goes.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_console.sh"

# The lines that were drawn, each of which the next was drawn over.
drawn()	# FILE
{
	tr '\r' '\n' <"$1" | sed 's/ *$//' | grep .
}

# As need_tmux, with or without an editor.
need_screen()
{
	command -v tmux >/dev/null || { skip "no tmux"; return 1; }
	unset TMUX
}

status_there()
{
	[ -e "$T/status" ]
}

test_a_line_shows_bytes_rates_time_and_what_is_left()
{
	serve accept recv-eof fin
	run_gives 0 "$NC" --progress=force -N --rate-limit 2M 127.0.0.1 \
	    "$PORT" <"$(bytes 1000000)"
	drawn "$T/run.err" >"$T/lines"
	number='[0-9.]* [KM]\{0,1\}i\{0,1\}B'
	true_that "$(cat "$T/lines") has all parts" grep -qx \
	    "$number  $number/s  average $number/s  0:0[0-9]*  [0-9]*%  \[=*> *\]  0:[0-9]* left" \
	    "$T/lines"
	true_that "the last line is a summary" grep -qx \
	    "977 KiB  $number/s  0:[0-9]*  100%  \[=*\]" "$T/lines"
	same "the line ends" 1 "$(grep -c '' "$T/run.err")"
	peer_done
}

test_only_a_terminal_gets_a_line()
{
	over native nc || return 0
	serve accept recv-eof send:answer fin
	run_gives 0 "$NC" --progress -N 127.0.0.1 "$PORT" <"$(bytes 1000)"
	same "stderr" "" "$ERR"
	same "stdout" answer "$OUT"
	peer_done
}

test_a_person_who_types_sees_no_line()
{
	need_screen || return 0
	serve accept recv:6 send:bye "await:$T/go" fin recv-eof
	terminal 80x24 "'$NC' --progress 127.0.0.1 $PORT"
	keys hello
	press Enter
	shows "hello
bye"
	: >"$T/go"
	true_that "it ends" until_so status_there
	screen >"$T/rows"
	lacks "the screen" "$(cat "$T/rows")" " B"
	end_terminal
	peer_done
}

test_a_line_goes_when_a_typed_line_is_sent()
{
	need_screen || return 0
	serve accept send:some "await:$T/1" recv:6 send:bye \
	    "await:$T/2" fin recv-eof
	terminal 80x24 "'$NC' --progress 127.0.0.1 $PORT >'$T/got'"
	shows "4 B "
	: >"$T/1"
	keys hello
	press Enter
	true_that "the answer comes" until_so grep -q bye "$T/got"
	keys more
	press Enter
	: >"$T/2"
	true_that "it ends" until_so status_there
	same "the last row" more "$(screen | tail -n 1)"
	end_terminal
	peer_done
}

test_a_block_device_has_a_size()
{
	head -c 1048576 /dev/zero >"$T/disk"
	loop=$(losetup -f --show "$T/disk" 2>/dev/null) ||
	    { skip "no loop device"; return 0; }
	serve accept recv-eof fin
	run "$NC" --progress=force -N 127.0.0.1 "$PORT" <"$loop"
	losetup -d "$loop"
	same "exit status" 0 "$RC"
	holds "the last line" "$(drawn "$T/run.err" | tail -n 1)" " 100%"
	peer_done
}

test_a_line_is_drawn_at_most_ten_times_a_second()
{
	serve accept recv-eof fin
	timed "$NC" --progress=force -N --rate-limit 500k 127.0.0.1 "$PORT" \
	    <"$(bytes 1000000)"
	lines=$(drawn "$T/run.err" | grep -c .)
	true_that "$lines lines in $MS ms" [ "$lines" -le $((MS / 100 + 1)) ]
	at_least "lines" 2 "$lines"
	peer_done
}

test_bytes_that_come_have_the_size_that_is_given()
{
	serve accept fill:512000 fin recv-eof
	run "$NC" --progress=force --size 1000k 127.0.0.1 "$PORT" </dev/null
	holds "half of the bytes" "$(drawn "$T/run.err" | tail -n 1)" " 50% "
	lacks "one way alone" "$ERR" received
	peer_done
}

test_the_rest_of_a_file_is_what_counts()
{
	serve accept recv-eof fin
	start run sh -c 'dd bs=1000 count=600 of=/dev/null 2>/dev/null
	    exec "$@"' - "$NC" --progress=force -N 127.0.0.1 "$PORT" \
	    <"$(bytes 1000000)"
	finish run
	holds "the rest" "$(drawn "$T/run.err" | tail -n 1)" "391 KiB "
	holds "the rest" "$(drawn "$T/run.err" | tail -n 1)" " 100% "
	peer_done
}

test_both_ways_are_shown()
{
	serve accept recv-eof fill:2048 fin
	run "$NC" --progress=force -N 127.0.0.1 "$PORT" <"$(bytes 3072)"
	last=$(drawn "$T/run.err" | tail -n 1)
	holds "the last line" "$last" "sent 3.00 KiB "
	holds "the last line" "$last" "  received 2.00 KiB "
	holds "the input's size" "$last" " 100%"
	peer_done
}

test_the_bytes_of_all_clients_are_added()
{
	for how in "" "--max-conns 5" --echo "-c cat" "--forward"; do
		[ "$how" != --forward ] || {
			serve accept recv-eof fin accept recv-eof fin
			how="--forward 127.0.0.1:$PORT"
		}
		listener -k --progress=force $how </dev/null
		for n in 1 2; do
			start guest "$TOOLS/peer" "connect:$PORT" fill:1024 \
			    fin recv-eof
			finish guest
			same "$how: the client" 0 "$RC"
		done
		true_that "$how: sum" waitfor "text:$T/listener.err:2.00 KiB"
		stop listener
		[ -z "$(jobs)" ] || :
	done
}

test_the_kernel_still_moves_the_bytes()
{
	serve accept recv-eof fin
	run "$NC" -vvv --progress=force -N 127.0.0.1 "$PORT" \
	    <"$(bytes 100000)"
	holds "the mover" "$ERR" "flow up: by sendfile"
	peer_done
}

test_messages_have_lines_of_their_own()
{
	serve accept recv:65536 rst
	run_gives 1 "$NC" -v --progress=force --rate-limit 300k -N 127.0.0.1 \
	    "$PORT" <"$(bytes 1000000)"
	# What stands on each line in the end.
	sed 's/.*\r\(.\)/\1/' "$T/run.err" | sed 's/[ \r]*$//' >"$T/lines"
	true_that "$(cat "$T/lines") has the message" grep -q \
	    "^sockcat: [a-z]* [a-z]* .* failed: " "$T/lines"
	true_that "the progress is the last line" \
	    sh -c "tail -n 1 '$T/lines' | grep -q '%  \['"
	true_that "the message of the connection is whole" \
	    grep -q '^Connection to .*succeeded!$' "$T/lines"
}

test_a_stalled_transfer_shows_no_rate_and_sleeps()
{
	serve accept send:answer "await:$T/go" fin recv-eof
	hold
	start run "$NC" --progress=force 127.0.0.1 "$PORT" <"$T/idle"
	true_that "it is stalled" waitfor "text:$T/run.err:stalled"
	holds "the rate" "$(drawn "$T/run.err" | tail -n 1)" "6 B  0 B/s  "
	same "its doings" "ticks 0 wakeups 0" \
	    "$("$TOOLS/wakeups" "$(pid_of run)")"
	echo more >&9
	true_that "it goes on" waitfor "text:$T/run.err:sent 5 B"
	: >"$T/go"
	release
	finish run
	lacks "the last line" "$(drawn "$T/run.err" | tail -n 1)" stalled
	peer_done
}

test_an_idle_listener_draws_nothing_and_sleeps()
{
	listener -k --progress=force </dev/null
	same "its doings" "ticks 0 wakeups 0" \
	    "$("$TOOLS/wakeups" "$(pid_of listener)")"
	same "stderr" 0 "$(wc -c <"$T/listener.err")"
}

test_a_reader_that_takes_no_lines_holds_up_nothing()
{
	serve accept recv-eof fin
	mkfifo "$T/full"
	exec 6<>"$T/full"
	timeout 1 sh -c 'cat /dev/zero' >&6 2>/dev/null
	"$NC" --progress=force -N --rate-limit 1M 127.0.0.1 "$PORT" \
	    <"$(bytes 300000)" 2>&6 >/dev/null &
	PID_slow=$!
	PIDS="$PIDS $!"
	: >"$T/slow.out"
	: >"$T/slow.err"
	finish slow
	exec 6>&-
	same "exit status" 0 "$RC"
	peer_done
}

test_options_that_move_no_bytes_refuse_it()
{
	refuses "--progress" --progress -z 127.0.0.1 1
	refuses "--progress" --progress --chat 127.0.0.1 1
	refuses "--progress" --progress --edit 127.0.0.1 1
	refuses "--size" --size 5 127.0.0.1 1
	refuses "invalid" --progress --size 5q 127.0.0.1 1
	refuses "often" --progress=often 127.0.0.1 1
}

test_an_empty_file_may_be_expected()
{
	serve accept recv-eof fin
	run_gives 0 "$NC" --progress --size 0 -N 127.0.0.1 "$PORT" </dev/null
	same "stderr" "" "$ERR"
	peer_done
}

test_the_size_of_a_file_is_about_what_is_sent()
{
	serve accept recv-eof fill:50000 fin
	run_gives 0 "$NC" --progress=force -N 127.0.0.1 "$PORT" <"$(bytes 1000)"
	holds "the last line" "$(drawn "$T/run.err" | tail -n 1)" " 100%"
	peer_done
}

# On a terminal of that size, the rows that a transfer leaves are just these.
on_a_terminal()	# COLSxROWS ROW...
{
	need_screen || return 0
	serve accept recv-eof fin
	terminal "$1" "'$NC' -v --progress --rate-limit 400k -N 127.0.0.1 $PORT \
	    <'$(bytes 400000)'"
	shift
	true_that "it ends" until_so status_there
	same "exit status" 0 "$(cat "$T/status")"
	screen >"$T/rows"
	for row do
		true_that "$(cat "$T/rows") has <$row>" grep -q "$row" \
		    "$T/rows"
	done
	same "rows of progress" 1 "$(grep -c KiB/s "$T/rows")"
	end_terminal
	peer_done
}

test_a_terminal_of_80_columns_shows_one_line()
{
	on_a_terminal 80x24 '^Connection to .* succeeded!$' \
	    '^391 KiB  [0-9.]* KiB/s  0:0[0-9]*  100%  \[=*\]$'
}

test_a_terminal_of_40_columns_shows_one_line()
{
	on_a_terminal 40x10 '^391 KiB *[0-9.]* KiB/s *0:0[0-9]* *100%'
}

test_a_line_follows_the_size_of_the_terminal()
{
	need_screen || return 0
	serve accept "await:$T/go" recv-eof fin
	# Opened by this shell when tmux is there already, which would keep it.
	mkfifo "$T/idle"
	terminal 80x24 "'$NC' --progress -N --size 100 127.0.0.1 $PORT \
	    <'$T/idle'"
	hold
	echo some >&9
	shows "stalled"
	shows "average"
	mux resize-window -x 40 -y 10
	until_so screen_lacks average
	true_that "one row is left" until_so screen_has_one_row
	mux resize-window -x 100 -y 10
	shows "average"
	: >"$T/go"
	release
	true_that "it ends" until_so status_there
	end_terminal
	peer_done
}

screen_has_one_row()
{
	[ "$(screen | grep -c 'B/s')" = 1 ]
}

screen_lacks()
{
	! screen_has "$1"
}

test_text_on_the_same_terminal_stays_whole()
{
	need_screen || return 0
	serve accept send:one "await:$T/1" 'send: two\nthree\n' "await:$T/2" \
	    fin recv-eof
	terminal 80x24 "'$NC' -d --progress 127.0.0.1 $PORT </dev/null"
	shows "one"
	: >"$T/1"
	shows "14 B"
	shows "one two
three
14 B"
	: >"$T/2"
	true_that "it ends" until_so status_there
	end_terminal
	peer_done
}

run_tests "$@"
