#!/bin/sh
# sockcat-plot makes pictures of the tables of --tcp-info.
. "$(dirname "$0")/lib.sh"

PLOT=$TOP_SRCDIR/tools/sockcat-plot

# A PATH without gnuplot.
mkdir "$work/without"
for tool in sh awk cat mktemp rm sed tr wc dirname cp mv chmod; do
	ln -s "$(command -v "$tool")" "$work/without/$tool"
done

plot_by()	# gnuplot|awk ARG...
{
	who=$1
	shift
	case $who in
	gnuplot)	run sh "$PLOT" "$@" ;;
	*)		run env PATH="$work/without" sh "$PLOT" "$@" ;;
	esac
}

table()	# LINE...: makes $T/table of these lines, and of the names of columns
{
	printf '%s\n' "time connection state rtt rttvar cwnd ssthresh mss \
retransmits unacked lost snd_wnd rcv_space bytes_acked bytes_received \
delivery_rate" "$@" | tr ' ' '\t' >"$T/table"
}

ordinary_table()
{
	table \
	    "0.0 1 established 1000 500 10 NaN 1448 0 0 0 9 9 1 0 0" \
	    "0.5 1 established 2000 500 20 NaN 1448 3 0 0 9 9 500001 0 9" \
	    "1.0 1 close 3000 500 40 30 1448 3 0 0 9 9 2000001 1 9"
}

is_svg()	# FILE
{
	true_that "$1 is SVG" grep -q '</svg>' "$1"
	! command -v xmllint >/dev/null 2>&1 ||
	    true_that "$1 is XML" xmllint --noout "$1"
}

drawers()
{
	echo awk
	command -v gnuplot || true
}

drawer_names()
{
	drawers | sed 's|.*/||'
}

test_a_table_becomes_a_picture_of_four_curves()
{
	ordinary_table
	for who in $(drawer_names); do
		plot_by "$who" "$T/table" "$T/out.svg"
		same "$who: status" 0 "$RC"
		same "$who: stderr" "" "$ERR"
		is_svg "$T/out.svg"
		for label in "round-trip time (ms)" \
		    "congestion window (segments)" "segments sent again" \
		    "throughput (MB/s)" "time (s)"; do
			holds "$who" "$(cat "$T/out.svg")" "$label"
		done
	done
}

test_the_curves_have_the_values_of_the_table()
{
	ordinary_table
	plot_by awk "$T/table"
	same "status" 0 "$RC"
	# From 1 ms to 3 ms on a scale of 4; 1 and 3 MB/s on a scale of 4.
	holds "the round-trip time" "$OUT" "points=\"70.0,150.0 420.0,120.0 770.0,90.0 \""
	holds "the throughput" "$OUT" \
	    "points=\"70.0,684.0 420.0,684.0 420.0,624.0 770.0,624.0 770.0,624.0 \""
}

test_a_transfer_of_sockcat_can_be_drawn()
{
	listener </dev/null
	run "$NC" --tcp-info "$T/metrics,10ms" -N 127.0.0.1 "$PORT" \
	    <"$(bytes 300000)"
	finish listener
	for who in $(drawer_names); do
		plot_by "$who" "$T/metrics"
		same "$who: status" 0 "$RC"
		printf '%s\n' "$OUT" >"$T/out.svg"
		is_svg "$T/out.svg"
	done
}

test_standard_input_is_read()
{
	ordinary_table
	run sh "$PLOT" - <"$T/table"
	same "status" 0 "$RC"
	holds "stdout" "$OUT" "</svg>"
}

test_two_connections_have_two_colours()
{
	table \
	    "0.0 1 established 1000 500 10 NaN 1448 0 0 0 9 9 1 0 0" \
	    "0.0 2 established 1000 500 10 NaN 1448 0 0 0 9 9 1 0 0" \
	    "0.5 1 established 2000 500 20 NaN 1448 3 0 0 9 9 501 900 9" \
	    "0.5 2 established 2000 500 20 NaN 1448 3 0 0 9 9 501 900 9"
	for who in $(drawer_names); do
		plot_by "$who" "$T/table" "$T/out.svg"
		same "$who: status" 0 "$RC"
		is_svg "$T/out.svg"
	done
	plot_by awk "$T/table"
	holds "the second connection" "$OUT" 'polyline class="c2"'
	holds "the received bytes" "$OUT" "dashed: received"
}

test_a_connection_without_data_can_be_drawn()
{
	table \
	    "0.0 1 established 0 0 10 NaN 1448 0 0 0 9 9 1 0 0" \
	    "0.5 1 close NaN 0 NaN NaN 1448 0 0 0 9 9 2 1 0"
	for who in $(drawer_names); do
		plot_by "$who" "$T/table" "$T/out.svg"
		same "$who: status" 0 "$RC"
		same "$who: stderr" "" "$ERR"
		is_svg "$T/out.svg"
	done
}

test_a_name_cannot_break_the_picture()
{
	ordinary_table
	name="$T/a\\n<b>&\"\$(c)'d"
	cp "$T/table" "$name"
	for who in $(drawer_names); do
		plot_by "$who" "$name" "$T/out.svg"
		same "$who: status" 0 "$RC"
		is_svg "$T/out.svg"
	done
}

refuses_table()	# TEXT
{
	for who in $(drawer_names); do
		rm -f "$T/out.svg"
		plot_by "$who" "$T/table" "$T/out.svg"
		same "$who: status" 1 "$RC"
		one_line "$who" "$ERR"
		holds "$who" "$ERR" "sockcat-plot: $T/table: $1"
		true_that "there is no picture" [ ! -e "$T/out.svg" ]
	done
}

test_bad_tables_are_refused_in_one_line()
{
	: >"$T/table"
	refuses_table "the file is empty"
	echo "hello world" >"$T/table"
	refuses_table "not a table of sockcat --tcp-info"
	table
	refuses_table "there is nothing to draw"
	table "0.0 1 established 1000 500 10 NaN 1448 0 0 0 9 9 1 0 0"
	refuses_table "there is nothing to draw"
	table "0.0 1 established many 500 10 NaN 1448 0 0 0 9 9 1 0 0"
	refuses_table "line 2: bad value of rtt: many"
	table "0.0 1 established" \
	    "0.0 1 established 1 500 10 NaN 1448 0 0 0 9 9 1 0 0"
	refuses_table "line 2: not 16 columns"
	head -c 300 /dev/urandom >"$T/table"
	refuses_table ""
}

test_a_last_line_that_was_cut_is_left_out()
{
	ordinary_table
	printf '1.5\t1\test' >>"$T/table"
	plot_by awk "$T/table"
	same "status" 0 "$RC"
}

test_wrong_arguments_are_refused_in_one_line()
{
	for args in "" "a b c" "--no-such-option" "$T/nothing" "$T"; do
		run sh "$PLOT" $args
		same "<$args>: status" 1 "$RC"
		one_line "<$args>" "$ERR"
		holds "<$args>" "$ERR" "sockcat-plot: "
	done
	ordinary_table
	run sh "$PLOT" "$T/table" "$T/nothing/out.svg"
	same "status" 1 "$RC"
	one_line "no directory" "$ERR"
	holds "no directory" "$ERR" "cannot write $T/nothing/out.svg"
}

test_a_table_is_never_overwritten()
{
	ordinary_table
	cp "$T/table" "$T/copy"
	ln "$T/table" "$T/hard"
	ln -s table "$T/soft"
	for out in table hard soft; do
		run sh "$PLOT" "$T/table" "$T/$out"
		same "$out: status" 1 "$RC"
		same "$out: stderr" \
		    "sockcat-plot: $T/$out is the table itself" "$ERR"
		run sh "$PLOT" - "$T/$out" <"$T/table"
		same "$out, from stdin: status" 1 "$RC"
		true_that "$out is as before" cmp "$T/table" "$T/copy"
	done
}

test_a_picture_is_replaced_when_the_next_is_complete()
{
	ordinary_table
	echo old >"$T/out.svg"
	chmod 640 "$T/out.svg"
	ln "$T/out.svg" "$T/old.svg"
	run sh "$PLOT" "$T/table" "$T/out.svg"
	same "status" 0 "$RC"
	is_svg "$T/out.svg"
	same "the old picture" old "$(cat "$T/old.svg")"
	same "the mode" 640 "$(stat -c %a "$T/out.svg")"
	same "no other file" "old.svg out.svg table" \
	    "$(cd "$T" && echo *ble *.svg* | tr ' ' '\n' | sort | paste -sd ' ')"
	ln -s out.svg "$T/link"
	run sh "$PLOT" "$T/table" "$T/link"
	same "through a link: status" 0 "$RC"
	true_that "the link stays" [ -L "$T/link" ]
}

test_a_failing_run_leaves_the_old_picture()
{
	ordinary_table
	echo old >"$T/out.svg"
	# The last program that runs fails.
	mkdir "$T/bin"
	printf '#!/bin/sh\nexit 1\n' >"$T/bin/mv"
	chmod +x "$T/bin/mv"
	run env PATH="$T/bin:$PATH" sh "$PLOT" "$T/table" "$T/out.svg"
	same "status" 1 "$RC"
	same "stderr" "sockcat-plot: cannot write $T/out.svg" "$ERR"
	same "the old picture" old "$(cat "$T/out.svg")"
	true_that "nothing is left beside" \
	    [ "$(echo "$T"/out.svg*)" = "$T/out.svg" ]
}

run_tests "$@"
