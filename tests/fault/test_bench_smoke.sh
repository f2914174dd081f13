#!/bin/sh
# The benchmark gives a table and JSON, and sees when bytes are missing.
. "$(dirname "$0")/lib.sh"
# The tools of the benchmark leave their memory to exit(2).
ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0

bench="$TOP_SRCDIR/tests/bench/run --runs 1 --bytes 8M --count 20"
scenarios=$("$TOP_SRCDIR/tests/bench/run" --list | cut -d : -f 1)

# The table of one scenario.
table_of() {
	awk -v name="$1" '/^###/ { on = $2 == name } on && /^\|/' "$work/table"
}

# One scenario as JSON.
json_of() {
	awk -v name="\"scenario\":\"$1\"" '/"scenario":/ {
		on = index($0, name)
	} on' "$work/json"
}

# Does this scenario ask it?
asks() {
	grep -q "^row $1 [0-9]* '\(.* \)*$2\( .*\)*' " \
	    "$TOP_SRCDIR/tests/bench/scenarios"
}

# Why is this scenario left out here? No output: it is not.
left_out() {
	sed -n "s/^bench: $1: \\(no .*\\)/\\1/p" "$work/err"
}

test_a_round_gives_a_table_and_JSON() {
	TMPDIR=$work $bench --json "$work/json" --tools "sockcat limit" --all \
	    >"$work/table" 2>"$work/err"
	judge $? "one small round runs" "$(cat "$work/err")"

	for scenario in $scenarios; do
		why=$(left_out "$scenario")
		if [ -n "$why" ]; then
			skip "$scenario: $why"
			continue
		fi
		for name in sockcat limit; do
			asks "$scenario" "$name" || continue
			table_of "$scenario" | grep -q "^| $name | [0-9.]* "
			judge $? "the table of $scenario has a figure for $name" \
			    "$(cat "$work/table")"
			json_of "$scenario" |
			    grep -q '"tool":"'"$name"'".*"median":[0-9.]*,"samples":\[[0-9.]*\]'
			judge $? "the JSON of $scenario has a figure for $name" \
			    "$(cat "$work/json")"
		done
	done

	# Amounts are the scenarios' own, whichever ran before.
	in_bytes=0
	for scenario in $(awk '/^of=/ { bytes = /^of=bytes / }
	    /^row / && bytes { print $2 }' "$TOP_SRCDIR/tests/bench/scenarios"); do
		[ -n "$(left_out "$scenario")" ] || in_bytes=$((in_bytes + 1))
	done
	table=$(grep -c ' 8388608 bytes, medians' "$work/table") &&
	    [ "$table" = "$in_bytes" ]
	judge $? "scenarios in bytes move the bytes that were asked for" \
	    "$(grep medians "$work/table")"
}

# Several rounds: each begins with another tool, and the first is not counted.
test_each_round_begins_with_another_tool() {
	TMPDIR=$work sh -x "$TOP_SRCDIR/tests/bench/run" --no-netns --runs 2 \
	    --count 2 --tools "sockcat limit" --json "$work/rounds.json" startup \
	    >"$work/rounds" 2>"$work/err" &&
	    [ "$(sed -n 's/^+* sample \([a-z]*\)$/\1/p' "$work/err" |
	    tr '\n' ' ')" = 'sockcat limit limit sockcat sockcat limit ' ]
	judge $? "each round begins with another tool" "$(tail -n 20 "$work/err")"
	grep -q 'medians of 2 after a warm-up round' "$work/rounds" &&
	    grep '"tool":"limit"' "$work/rounds.json" |
	    grep -q '"samples":\[[0-9.]*,[0-9.]*\]'
	judge $? "the first round is not counted" "$(cat "$work/rounds.json")"
}

# Two passes beside each other.
test_the_summary_has_two_passes() {
	if ! command -v jq >/dev/null; then
		skip "the summary of two passes: no jq"
		skip "the summary of a static program: no jq"
		return
	fi
	"$TOP_SRCDIR/tests/bench/summary" "$work/json" "$work/json" \
	    >"$work/summary" 2>"$work/err" &&
	    grep -q '^| tcp-pipe | 1.6 x best peer.* | GB/s | [0-9.]* / [0-9.]* |' \
	    "$work/summary"
	judge $? "the summary has two passes, and the goals" \
	    "$(cat "$work/err" "$work/summary")"
	jq '[.[] | .tools += [.tools[] | select(.tool == "sockcat") |
	    .tool = "sockcat-static"]]' "$work/json" >"$work/static.json" &&
	    "$TOP_SRCDIR/tests/bench/summary" "$work/static.json" \
	    >"$work/summary" 2>"$work/err" &&
	    grep -q '^| tcp-pipe | ' "$work/summary" &&
	    grep -q '^| tcp-pipe, sockcat-static | 1.6 x best' "$work/summary"
	judge $? "the summary has a row of its own for the static program" \
	    "$(cat "$work/err" "$work/summary")"
}

# A program that sends a byte too few, and one that changes a byte.
test_wrong_bytes_are_noticed() {
	limit=$TOP_BUILDDIR/tests/bench/ref_splice
	measure=$TOP_BUILDDIR/tests/bench/measure
	for fault in "head -c 999999" "tr a b"; do
		! "$measure" -c -b 1000000 "$limit" -l '{port}' -- \
		    sh -c "$fault | $limit {port}" >/dev/null 2>&1
		judge $? "wrong bytes are noticed: $fault"
	done
}

# Servers that send nothing, a wrong byte, a byte too few.
serve=$TOP_BUILDDIR/tests/bench/ref_serve
clients=$TOP_BUILDDIR/tests/bench/clients
notices() {
	! "$clients" -k -c -n 1000 "$1" "$serve" exec '{port}' \
	    /bin/sh -c "$2" >/dev/null 2>&1
	judge $? "wrong answers are noticed, $1: $2"
}

test_wrong_answers_are_noticed() {
	for kind in bulk rounds calls hold; do
		notices "$kind" :
		notices "$kind" "printf ?; exec cat"
	done
	notices bulk "head -c 999"
}

# Rooms that echo, that end, that add words of their own.
notices_room() {
	! timeout 20 "$clients" -k -n 1000 -j 2 "$@" >/dev/null 2>&1
	judge $? "wrong rooms are noticed: $*"
}

test_wrong_rooms_are_noticed() {
	for kind in fanout fanout-asleep; do
		notices_room "$kind" "$serve" echo '{port}'
		notices_room "$kind" "$serve" exec '{port}' /bin/true
		notices_room "$kind" "$SOCKCAT" -l --talk 127.0.0.1 '{port}'
	done
}

run_tests "$@"
