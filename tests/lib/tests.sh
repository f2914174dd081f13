# What all test scripts share: where things are, a directory of their own,
# verdicts, and shunit2, which runs the functions test_...() of a script.
# Sourced by cli/lib.sh, fault/lib.sh, packages/lib.sh and lint/common.inc.
#
#	ok NAME			one test has passed
#	bad NAME [LINE ...]	one test has failed, and why
#	judge STATUS NAME [LINE ...]	one or the other
#	skip NAME		one test cannot be done here
#	run_tests [TEST ...]	runs all functions, or those named, and ends
#	end			prints the sums, "N passed, N failed, N skipped",
#				and exits with 1 if a test has failed
#	waitfor, new_port	see below
#
# From the environment: SOCKCAT (the program under test), TOP_SRCDIR,
# TOP_BUILDDIR, TEST_TMPDIR.
# shellcheck shell=sh

TOP_SRCDIR=$(cd "${TOP_SRCDIR:-$(dirname "$0")/../..}" && pwd -P) || exit 2
TOP_BUILDDIR=$(cd "${TOP_BUILDDIR:-$TOP_SRCDIR}" && pwd -P) || exit 2
SOCKCAT=${SOCKCAT:-$TOP_BUILDDIR/sockcat}
TOOLS=$TOP_BUILDDIR/tests/tools
LC_ALL=C
export TOP_SRCDIR TOP_BUILDDIR SOCKCAT LC_ALL

# The script's own directory, and what it does before that is removed.
work_place=$(mktemp -d "${TEST_TMPDIR:-${TMPDIR:-/tmp}}/t.XXXXXX") || exit 2
work=$work_place/work
mkdir "$work" || exit 2
at_exit() { :; }
trap 'at_exit; rm -rf "$work_place"' EXIT
trap 'exit 130' HUP INT TERM

# One line for each test: its verdict. A file, for subshells add to it too.
verdicts=$work_place/verdicts
: >"$verdicts"

verdict_of()	# ok|FAILED|skipped NAME [LINE ...]
{
	echo "$1" >>"$verdicts"
	echo "$1: $2"
	shift 2
	[ $# -eq 0 ] || printf '    %s\n' "$@"
}

ok()
{
	verdict_of ok "$@"
}

bad()
{
	verdict_of FAILED "$@"
}

judge()	# STATUS NAME [LINE ...]: fails if the test does
{
	judge_status=$1
	shift
	if assertTrue "$1" "$judge_status"; then
		ok "$1"
	else
		bad "$@"
		return 1
	fi
}

skip()
{
	verdict_of skipped "$@"
}

number_of()	# ok|FAILED|skipped
{
	grep -c "^$1" "$verdicts"
}

waitfor()	# CONDITION...: see tools/waitfor.c
{
	"$TOOLS/waitfor" "$@"
}

new_port()	# prints a free one
{
	"$TOOLS/freeport" "$@"
}

end()
{
	echo "$(number_of ok) passed, $(number_of FAILED) failed," \
	    "$(number_of skipped) skipped"
	[ "$(number_of FAILED)" -eq 0 ]
	exit
}

# ---- shunit2 ---------------------------------------------------------------

SHUNIT2=${SHUNIT2:-/usr/share/shunit2/shunit2}
[ -r "$SHUNIT2" ] || SHUNIT2=$(command -v shunit2)
SHUNIT_COLOR=none

suite()
{
	for t in ${ONLY:-$(sed -n 's/^\(test_[A-Za-z0-9_]*\)().*/\1/p' "$0")}; do
		suite_addTest "$t"
	done
}

run_tests()	# [TEST...]
{
	ONLY=$*
	set --
	set +u
	( . "$SHUNIT2" ) 2>&1
	suite_status=$?
	if [ "$suite_status" -ne 0 ] && [ "$(number_of FAILED)" -eq 0 ]; then
		bad "the suite itself"
	fi
	end
}
