# What the fault tests share.
# shellcheck shell=sh
#
#	FAULT_TIMEOUT	seconds that one run may take (30)
set -u
. "${TOP_SRCDIR:-$(dirname "$0")/../..}/tests/lib/tests.sh"

FAULT_TIMEOUT=${FAULT_TIMEOUT:-30}
# A build with sanitizers minds that another library comes first.
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0
export ASAN_OPTIONS
FAULTLINE_SO=$TOP_BUILDDIR/tests/fault/faultline.so
REFUSE_SO=$TOP_BUILDDIR/tests/fault/refuse.so
NOSCALL=$TOP_BUILDDIR/tests/fault/noscall
PRODUCE=$TOP_BUILDDIR/tests/bench/produce
for file in "$TOOLS/waitfor" "$FAULTLINE_SO" "$REFUSE_SO" "$NOSCALL" \
    "$PRODUCE"; do
	[ -e "$file" ] || {
		echo "$file is not built: make check" >&2
		exit 2
	}
done

# listens PORT PID: waits until the process PID listens there.
listens() {
	waitfor -t "${FAULT_TIMEOUT}000" -p "$2" "tcp:$1"
}

# Does the program take what is preloaded? A static one does not.
preloads() {
	LD_PRELOAD=$REFUSE_SO REFUSE=socket:1:EACCES "$SOCKCAT" 127.0.0.1 1 \
	    2>&1 | grep -q 'Permission denied'
}

digest() {
	sha256sum "$@" | cut -d ' ' -f 1
}

# random_file FILE BYTES
random_file() {
	head -c "$2" /dev/urandom >"$1"
}

# transfer FROM TO SOURCE FLAGS LAUNCHER ...
#
# One transfer over TCP, sockcat with FLAGS on both ends, each started by
# the LAUNCHER. FROM is pipe or file, TO is pipe, file or append. Sets got
# (a digest), tx and rx (exit statuses) and said (what was printed).
transfer() {
	transfer_from=$1 transfer_to=$2 transfer_source=$3 transfer_flags=$4
	shift 4
	rm -f "$work/rx" "$work/sum" "$work/out" "$work/said"
	got=none tx=none rx=none
	port=$(new_port)
	receive "$@" &
	transfer_pid=$!
	if ! listens "$port" "$transfer_pid"; then
		wait "$transfer_pid"
		said="no listener came up: $(cat "$work/said")"
		return
	fi
	send "$@"
	tx=$?
	wait "$transfer_pid"
	got=$(cat "$work/sum")
	rx=$(cat "$work/rx")
	said=$(cat "$work/said")
}

receive() {
	case $transfer_to in
	pipe)	run_receiver "$@" | digest >"$work/sum" ;;
	file)	run_receiver "$@" >"$work/out"
		digest "$work/out" >"$work/sum" ;;
	append)	: >"$work/out"
		run_receiver "$@" >>"$work/out"
		digest "$work/out" >"$work/sum" ;;
	esac
}

# Flags are several words.
run_receiver() {
	timeout "$FAULT_TIMEOUT" "$@" "$SOCKCAT" $transfer_flags \
	    -l 127.0.0.1 "$port" </dev/null 2>>"$work/said"
	echo $? >"$work/rx"
}

run_sender() {
	timeout "$FAULT_TIMEOUT" "$@" "$SOCKCAT" $transfer_flags \
	    -N 127.0.0.1 "$port" 2>>"$work/said" >/dev/null
}

send() {
	case $transfer_from in
	pipe)	feed "$transfer_source" | run_sender "$@" ;;
	file)	run_sender "$@" <"$transfer_source" ;;
	esac
}

# A source may be a file, or "make:BYTES": a stream that needs no room.
feed() {
	case $1 in
	make:*)	"$PRODUCE" "${1#make:}" ;;
	*)	cat "$1" ;;
	esac
}

# same SENTENCE WANTED: the last transfer gave the same bytes, and both ends
# say so.
same() {
	[ "$got" = "$2" ] && [ "$tx" = 0 ] && [ "$rx" = 0 ]
	judge $? "$1" "digest $got, not $2" \
	    "exit status: sender $tx, receiver $rx" "said: $said"
}
