#!/bin/sh
# The benchmark gives a table and JSON, and sees when bytes are missing.
# shellcheck source=tests/fault/lib.sh disable=SC1091
. "$(dirname "$0")/lib.sh"
# The tools of the benchmark leave their memory to exit(2).
ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0

bench="$TOP_SRCDIR/tests/bench/run --runs 1 --bytes 8M"

# shellcheck disable=SC2086
if TMPDIR=$work $bench --json "$work/json" --tools "sockcat limit" tcp-pipe \
    >"$work/table" 2>"$work/err"; then
	ok "one small round runs"
else
	bad "one small round runs" "$(cat "$work/err")"
fi

if grep -q '^| sockcat | [0-9.]* ' "$work/table" &&
    grep -q '^| limit | [0-9.]* ' "$work/table"; then
	ok "the table has a figure for each tool"
else
	bad "the table has a figure for each tool" "$(cat "$work/table")"
fi

if grep -q '"scenario":"tcp-pipe"' "$work/json" &&
    grep -q '"tool":"sockcat".*"median":[0-9.]*,"samples":\[[0-9.]*\]' \
    "$work/json"; then
	ok "the JSON has a figure for each tool"
else
	bad "the JSON has a figure for each tool" "$(cat "$work/json")"
fi

# A program that sends a byte too few, and one that changes a byte.
limit=$(tool ref_splice)
measure=$(tool measure)
for needed in produce consume; do
	tool "$needed" >/dev/null
done
for fault in "head -c 999999" "tr a b"; do
	if "$measure" -c -b 1000000 "$limit" -l '{port}' -- \
	    sh -c "$fault | $limit {port}" >/dev/null 2>&1; then
		bad "wrong bytes are noticed: $fault"
	else
		ok "wrong bytes are noticed: $fault"
	fi
done
end
