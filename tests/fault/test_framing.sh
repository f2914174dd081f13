#!/bin/sh
# The same messages arrive when every call does only what it must; and a
# length costs no memory.
. "$(dirname "$0")/movers.inc"

# messages SENTENCE FORMAT FLAGS FAULTS
messages() {
	one_faulty pipe pipe "--framing=$2 $3" "$4"
	same "$1, $2" "$want"
}

# A line of each length up to 200 and some that are larger than a read.
lines_of() {
	awk -v from="$1" 'BEGIN {
		for (i = from; i <= 200; i++)
			printf "%0*d\n", i, i
		if (from > 0)
			exit
		for (i = 60000; i <= 70000; i += 2500)
			printf "%0*d\n\n", i < 65535 ? i : 65535, i
	}' >"$work/lines"
	source=$work/lines
	want=$(digest "$source")
}

test_messages_arrive_whole() {
	lines_of 0
	messages "messages of all sizes arrive" u32be "" seed=1
	if [ ! -s "$work/census" ]; then
		skip "faults in front of the C library: the program is static"
		return
	fi
	for format in line len6 u16be u32be netstring; do
		for seed in 1 2 3; do
			messages "short counts, EINTR, EAGAIN, seed $seed" $format "" \
			    "seed=$seed,short=50,eintr=5,eagain=10"
		done
	done
	lines_of 120
	for format in line len6 u16be u32be netstring; do
		messages "one byte at a time" $format "" one=1
		[ $format = line ] || messages "all of it, a byte at a time" $format \
		    "--frame-input=all --frame-output=raw" one=1,eagain=20
	done
}

# Four gigabytes are announced, and a few bytes come.
test_a_length_costs_no_memory() {
	[ "${SANITIZED:-no}" = no ] || { skip "a length costs no memory: sanitized"; return; }
	port=$(new_port)
	(
		ulimit -v 65536
		exec timeout "$FAULT_TIMEOUT" "$SOCKCAT" --framing=u32be \
		    --max-frame=4294967295 -d -l 127.0.0.1 "$port" \
		    >"$work/out" 2>"$work/said"
	) &
	listens "$port" $!
	announced=$!
	printf '\377\377\377\376few' |
	    timeout "$FAULT_TIMEOUT" "$SOCKCAT" -N 127.0.0.1 "$port"
	wait "$announced"
	[ "$? $(cat "$work/out")" = "1 few" ] &&
	    grep -q 'after 3 of 4294967294 bytes' "$work/said"
	judge $? "a length costs no memory" "$(cat "$work/said")"
}

run_tests "$@"
