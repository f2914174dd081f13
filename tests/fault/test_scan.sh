#!/bin/sh
# A scan, when the system runs short of things: it waits, and no port fails.
. "$(dirname "$0")/lib.sh"


# scan RULE OPTION...: ports 1 to 300, of which hardly one is open.
scan() {
	rule=$1
	shift
	SOCKCAT_SANDBOX=off REFUSE=$rule LD_PRELOAD=$REFUSE_SO timeout "$FAULT_TIMEOUT" \
	    "$SOCKCAT" -z -v -w 500ms "$@" 127.0.0.1 1-300 </dev/null >/dev/null \
	    2>"$work/err"
	rc=$?
}

told() {
	sed -n 's/.* port \([0-9]*\) (.*/\1/p
	    s/^Connection to [^ ]* \([0-9]*\) port .*/\1/p' "$work/err"
}

# Datagrams: each port has a socket of its own.
test_all_ports_are_told_of() {
	for rule in socket:3:EMFILE socket:7:ENFILE socket:2:ENOBUFS \
	    socket:5:ENOMEM; do
		for options in "-u" "-u --max-inflight=3" "-u -s 127.0.0.1" \
		    "-s 127.0.0.1"; do
			scan "$rule" $options
			[ $rc -le 2 ] && [ "$(told)" = "$(seq 1 300)" ] &&
			    ! grep -qv 'refused\|succeeded\|no answer' "$work/err"
			judge $? "all ports are told of ($rule, $options)" \
			    "status $rc" "$(head -n 5 "$work/err")"
		done
	done
}

# Nobody could give one back.
test_no_descriptor_at_all() {
	scan socket:1:EMFILE -u
	[ $rc = 1 ] && [ "$(wc -l <"$work/err")" = 1 ] &&
	    grep -q 'Too many open files' "$work/err"
	judge $? "no descriptor at all is one line" "$(tail -n 5 "$work/err")"
}

run_tests "$@"
