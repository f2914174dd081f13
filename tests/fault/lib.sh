# What the fault tests share. Sourced; sets -u, makes a directory of its own,
# finds or makes the tools, counts.
# shellcheck shell=sh
#
#	SOCKCAT		the program (the build's)
#	TOP_SRCDIR, TOP_BUILDDIR, TEST_TMPDIR	where things are
#	FAULT_TIMEOUT	seconds that one run may take (30)
set -u

here=$(cd "$(dirname "$0")" && pwd)
TOP_SRCDIR=$(cd "${TOP_SRCDIR:-$here/../..}" && pwd)
TOP_BUILDDIR=$(cd "${TOP_BUILDDIR:-$TOP_SRCDIR}" && pwd)
SOCKCAT=${SOCKCAT:-$TOP_BUILDDIR/sockcat}
FAULT_TIMEOUT=${FAULT_TIMEOUT:-30}
# A build with sanitizers minds that another library comes first.
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0
export TOP_SRCDIR TOP_BUILDDIR SOCKCAT ASAN_OPTIONS

work=$(mktemp -d "${TEST_TMPDIR:-${TMPDIR:-/tmp}}/fault.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

passed=0 failed=0 skipped=0

ok() {
	passed=$((passed + 1))
	echo "ok: $1"
}

bad() {
	failed=$((failed + 1))
	echo "FAILED: $1"
	shift
	[ $# -eq 0 ] || printf '    %s\n' "$@"
}

skip() {
	skipped=$((skipped + 1))
	echo "skipped: $1"
}

# The last line; exit status.
end() {
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" -eq 0 ]
	exit
}

# tool NAME: where it is; made here if make has not made it.
tool() {
	for tool_dir in fault bench; do
		if [ -e "$TOP_BUILDDIR/tests/$tool_dir/$1" ]; then
			echo "$TOP_BUILDDIR/tests/$tool_dir/$1"
			return
		fi
	done
	[ -e "$work/$1" ] || make_tool "$1" || exit 2
	echo "$work/$1"
}

make_tool() {
	tool_source=$TOP_SRCDIR/tests/fault/${1%.so}.c
	[ -e "$tool_source" ] || tool_source=$TOP_SRCDIR/tests/bench/$1.c
	case $1 in
	*.so)	set -- "$1" -shared -fPIC ;;
	esac
	tool_name=$1
	shift
	"${CC:-cc}" -O2 -std=gnu11 -D_GNU_SOURCE -I"$TOP_SRCDIR/tests" \
	    -o "$work/$tool_name" "$@" "$tool_source" -ldl
}

# Does the program take what is preloaded? A static one does not. refuse.so
# must be at hand.
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
	# shellcheck disable=SC2153
	port=$("$PORT" free)
	receive "$@" &
	transfer_pid=$!
	if ! timeout "$FAULT_TIMEOUT" "$PORT" wait "$port" "$transfer_pid"
	then
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
# shellcheck disable=SC2086
run_receiver() {
	timeout "$FAULT_TIMEOUT" "$@" "$SOCKCAT" $transfer_flags \
	    -l 127.0.0.1 "$port" </dev/null 2>>"$work/said"
	echo $? >"$work/rx"
}

# shellcheck disable=SC2086
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
	if [ "$got" = "$2" ] && [ "$tx" = 0 ] && [ "$rx" = 0 ]; then
		ok "$1"
	else
		bad "$1" "digest $got, not $2" \
		    "exit status: sender $tx, receiver $rx" "said: $said"
	fi
}
