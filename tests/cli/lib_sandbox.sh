# The sandbox for tests: what a preloaded library (tests/fault/escape.c) can do
# inside. To be sourced after lib.sh.
#
#	over native || return 0
#	prepare_escape || return 0
#	start listener escaping "$NC" -l "$PORT"
#	escapes "a listener"
# shellcheck shell=sh

TEST_SANDBOX=
ESCAPES=$TOP_BUILDDIR/tests/fault/escape.so
# How the sandbox is chosen; auto leaves more to a program with LD_PRELOAD.
HOW=require

# Skips where this build or this kernel has no complete sandbox.
need_sandbox()
{
	[ "${SANDBOX:-}" ] || {
		SANDBOX=none
		"$SOCKCAT" --sandbox=require -z 127.0.0.1 1 2>"$T/needs"
		grep -q 'enter' "$T/needs" || SANDBOX=complete
	}
	[ "$SANDBOX" = complete ] || { skip "no sandbox here"; return 1; }
}

# What belongs to a lookup of names.
NAMES="route socket"

# escapes WHO [NAME ...]: what was tried at WHO the last time was refused, but
# for these; NAME? may be refused or not. ESCAPER is the process, if others
# report, too.
escapes()
{
	waitfor "file:$T/report"
	waitfor "text:$T/report:of ${ESCAPER:-}"
	who=$1
	shift
	awk -v pid="${ESCAPER:-}" '{ all = all $0 "\n" }
	    /^of/ { of = $2 }
	    /^end$/ { if (pid == "" || pid == of) last = all; all = "" }
	    END { printf "%s", last }' "$T/report" >"$T/tried"
	[ -n "${ESCAPER:-}" ] || rm -f "$T/report"
	for name in read shadow write create remove execute fork trace signal packets \
	    raw bind connect mptcp fastopen listen socket unix path pair \
	    route netlink vsock map protect memfd code; do
		case " $* " in
		*" $name "*) true_that "$who: $name is not refused" \
		    grep -q "^$name done$" "$T/tried" ;;
		*" $name? "*) ;;
		*) true_that "$who: $name was tried, and refused" \
		    grep -q "^$name refused$" "$T/tried" ;;
		esac
	done
}

escaping()	# COMMAND ...: after start or run
{
	exec env SOCKCAT_SANDBOX="$HOW" LD_PRELOAD="$ESCAPES" \
	    ESCAPE="$T/report" ESCAPE_FILE="$T/secret" \
	    ESCAPE_PORT="$ELSEWHERE" ESCAPE_UNIX="$T/elsewhere" "$@"
}

prepare_escape()
{
	need_sandbox || return 1
	printf '#!/bin/sh\n' >"$T/secret"
	chmod +x "$T/secret"
	rm -f "$T/elsewhere.port"
	start elsewhere "$TOOLS/peer" "listen:$T/elsewhere.port" accept
	waitfor "file:$T/elsewhere.port"
	ELSEWHERE=$(cat "$T/elsewhere.port")
	rm -f "$T/elsewhere"
	start elsewhere_unix "$SOCKCAT" -k -lU "$T/elsewhere" </dev/null
	waitfor "unix:$T/elsewhere"
}
