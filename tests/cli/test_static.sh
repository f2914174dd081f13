#!/bin/sh
# One file without any shared library does what the other does.

# shellcheck disable=SC1091
. "$(dirname "$0")/lib.sh"

static_program()	# built here, or nothing
{
	[ -z "${SANITIZED:-}" ] || [ "$SANITIZED" = no ] || return 1
	grep -q '^STATIC_LDFLAGS = -' "$TOP_BUILDDIR/Makefile" 2>/dev/null ||
	    return 1
	"${MAKE:-make}" -s -C "$TOP_BUILDDIR" static >"$ROOM/make.log" 2>&1 ||
	    cat "$ROOM/make.log"
	STATIC=$TOP_BUILDDIR/sockcat-static
}

test_a_static_program_needs_no_library_and_finds_names_in_files()
{
	over native || return 0
	static_program || {
		skip "there are no static libraries"
		return 0
	}
	same "interpreter" "" "$(ldd "$STATIC" 2>/dev/null | grep '=>')"
	free_port
	start listener "$STATIC" -l 127.0.0.1 "$PORT" </dev/null
	waitfor "tcp:$PORT"
	run "$STATIC" -N localhost "$PORT" <"$0"
	same "exit status" 0 "$RC"
	finish listener
	same_file "what came" "$0" "$T/listener.out"
}

run_tests "$@"
