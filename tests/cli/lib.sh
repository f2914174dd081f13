# What the command-line tests share. A test file looks like this:
#
#	. "$(dirname "$0")/lib.sh"
#	test_a_refused_connect_is_silent()
#	{
#		over nc real || return 0
#		run "$NC" 127.0.0.1 "$(closed_port)" </dev/null
#		same "exit status" 1 "$RC"
#	}
#	run_tests "$@"
#
# A test is about sockcat. `over` runs the rest of the function once for each
# subject instead:
#	native		sockcat under its own name
#	nc		sockcat, called as nc
#	real		the real nc.openbsd, called as nc: what a test says of
#			nc must be true of it too
#	traditional real-traditional ncat real-ncat	likewise
# Each subject counts as one test; one that is not installed is skipped.
# The last line printed is "N passed, N failed, N skipped".
#
# Environment: as of tests/lib/tests.sh, whose work directory is there for the
# whole script. ORIGINALS=no leaves out the subjects that are not sockcat.
# SOCKCAT_AS_NC puts another program in the place of sockcat-as-nc.
# TEST_SANDBOX is the word of $SOCKCAT_SANDBOX for tests that can bear it.
# shellcheck shell=sh

. "${TOP_SRCDIR:-$(dirname "$0")/../..}/tests/lib/tests.sh"

[ -x "$TOOLS/waitfor" ] || {
	echo "the test tools are not built: make check" >&2
	exit 1
}
unset POSIXLY_CORRECT SOCKCAT_COMPAT NCAT_DEBUG
TEST_SANDBOX=${TEST_SANDBOX:-${SOCKCAT_SANDBOX:-}}

SETSID=$(command -v setsid)

BIN=$work/bin
REAL=$work/real
SUBJECT= OVER= T= PIDS= PORT= HELD=

# --- subjects ---------------------------------------------------------------

place()	# DIRECTORY NAME PROGRAM: makes the program callable as NAME
{
	case $3 in */*) placed=$3 ;; *) placed=$(command -v "$3") ;; esac
	[ -x "$placed" ] && ln -s "$placed" "$1/$2"
}

prepare_subjects()
{
	mkdir "$BIN" "$REAL"
	place "$BIN" sockcat "$SOCKCAT"
	place "$BIN" nc "${SOCKCAT_AS_NC:-$SOCKCAT}"
	place "$BIN" nc.traditional "$SOCKCAT"
	place "$BIN" ncat "$SOCKCAT"
	place "$REAL" nc nc.openbsd
	place "$REAL" nc.traditional nc.traditional
	place "$REAL" ncat ncat
	return 0
}

program_of()	# SUBJECT
{
	case $1 in
	native)			echo "$BIN/sockcat" ;;
	nc)			echo "$BIN/nc" ;;
	real)			echo "$REAL/nc" ;;
	traditional)		echo "$BIN/nc.traditional" ;;
	real-traditional)	echo "$REAL/nc.traditional" ;;
	ncat)			echo "$BIN/ncat" ;;
	real-ncat)		echo "$REAL/ncat" ;;
	esac
}

begin()	# SUBJECT
{
	SUBJECT=$1 NC=$(program_of "$1")
	BAD= SKIP= PORT= RC= OUT= ERR=
	SOCKCAT_SANDBOX=$TEST_SANDBOX
	export SOCKCAT_SANDBOX
	T=$(mktemp -d "$work/t.XXXXXX")
}

judge_subject()
{
	clean_up
	if [ -n "$BAD" ]; then
		bad "$NAME ($SUBJECT)"
	elif [ -n "$SKIP" ]; then
		verdict_of skipped "$NAME ($SUBJECT): $SKIP"
	else
		ok "$NAME ($SUBJECT)" >/dev/null
	fi
}

over()	# SUBJECT...
{
	[ -z "$OVER" ] || return 0
	OVER=yes
	clean_up
	for subject do
		case $subject:${ORIGINALS:-yes} in
		real*:no) continue ;;
		esac
		if [ ! -x "$(program_of "$subject")" ]; then
			verdict_of skipped "$NAME ($subject): not here"
			continue
		fi
		begin "$subject"
		"$_shunit_test_"
		judge_subject
	done
	return 1
}

# Leaves the test as skipped.
skip()	# REASON
{
	SKIP=$1
}

# --- assertions -------------------------------------------------------------

same()	# WHAT WANTED GOT
{
	assertEquals "$SUBJECT: $1" "$2" "$3" || BAD=yes
}

holds()	# WHAT TEXT PART: the part is in the text
{
	case $2 in
	*"$3"*) assertTrue 0 ;;
	*) fail "$SUBJECT: $1: no <$3> in <$2>"; BAD=yes ;;
	esac
}

lacks()	# WHAT TEXT PART
{
	case $2 in
	*"$3"*) fail "$SUBJECT: $1: <$3> in <$2>"; BAD=yes ;;
	*) assertTrue 0 ;;
	esac
}

true_that()	# WHAT COMMAND...
{
	said=$1
	shift
	if "$@"; then
		assertTrue 0
	else
		fail "$SUBJECT: not so: $said"
		BAD=yes
	fi
}

socket_file_at_the_end()	# PATH: only sockcat removes it
{
	case $SUBJECT in
	native)	true_that "$1 is gone" [ ! -e "$1" ] ;;
	*)	true_that "$1 is there" [ -S "$1" ] ;;
	esac
}

same_file()	# WHAT WANTED GOT
{
	true_that "$1" cmp "$2" "$3"
}

between()	# WHAT LOW HIGH VALUE
{
	true_that "$1: $4 is from $2 to $3" [ "$4" -ge "$2" -a "$4" -le "$3" ]
}

# The only check of a time: a busy machine makes times longer. That something
# came to an end is checked by `finish`.
at_least()	# WHAT LOW VALUE
{
	true_that "$1: $3 is $2 or more" [ "$3" -ge "$2" ]
}

one_line()	# WHAT TEXT: neither silent nor wordy
{
	same "$1: lines of <$2>" 1 "$(printf '%s\n' "$2" | grep -c .)"
}

fails_with_one_line()	# STATUS
{
	same "exit status" "$1" "$RC"
	one_line "stderr" "$ERR"
}

refuses()	# TEXT OPTION...: the subject fails with one line that has the text
{
	text=$1
	shift
	run "$NC" "$@" </dev/null
	same "exit status of $*" 1 "$RC"
	one_line "$*" "$ERR"
	holds "$*" "$ERR" "$text"
}

# --- processes --------------------------------------------------------------

# Starts a command; its output goes to $T/NAME.out and .err, its standard input
# is that of the test.
start()	# NAME COMMAND...
{
	start_name=$1
	shift
	# At once: what an earlier command of that name wrote is not waited for.
	: >"$T/$start_name.out"
	: >"$T/$start_name.err"
	{
		"$@" <&8 8<&- 9<&- >"$T/$start_name.out" 2>"$T/$start_name.err" &
	} 8<&0
	eval "PID_$start_name=$!"
	PIDS="$PIDS $!"
}

pid_of()	# NAME
{
	eval "echo \$PID_$1"
}

# Sets OUT and ERR to what the command printed; in ERR the test's port is P, and
# a port that the kernel chose N. The parts of the sandbox, which depend on the
# kernel, are left out.
look_at()	# NAME
{
	OUT=$(tr -d '\000' <"$T/$1.out")
	ERR=$(sed -e "s/\\<${PORT:-@@@}\\>/P/g" \
	    -e '/^sockcat: sandbox: /d' \
	    -e '/onnect/s/\([] :]\)[1-9][0-9]\{3,4\}\([).]*\)$/\1N\2/' \
	    "$T/$1.err")
}

# A shell with a pipeline in it, all of which ends together.
start_pipeline()	# SCRIPT ARG...
{
	script=$1
	shift
	start pipeline $SETSID sh -c "$script" - "$@"
}

end_it()	# PID: and its children
{
	for child in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
		end_it "$child"
	done
	kill -9 "-$1" 2>/dev/null || kill -9 "$1" 2>/dev/null
}

# Waits for the end of a process, at most SECONDS (15), which is less than any
# limit of sockcat's own. Sets RC to the exit status, or "hang".
finish()	# NAME [SECONDS]
{
	eval "finish_pid=\$PID_$1"
	if waitfor -t "${2:-15}000" "gone:$finish_pid" 2>/dev/null; then
		wait "$finish_pid" 2>/dev/null
		RC=$?
	else
		echo "$1 has not ended" >&2
		end_it "$finish_pid"
		wait "$finish_pid" 2>/dev/null
		RC=hang
	fi
	# The number may soon belong to another process.
	PIDS=$(for pid in $PIDS; do
		[ "$pid" = "$finish_pid" ] || echo "$pid"
	done)
	look_at "$1"
}

exits()	# NAME STATUS: the end is waited for
{
	finish "$1"
	same "exit status" "$2" "$RC"
}

run()	# COMMAND...
{
	start run "$@"
	finish run
}

run_gives()	# STATUS COMMAND...
{
	run_status=$1
	shift
	run "$@"
	same "exit status" "$run_status" "$RC"
}

# A run with the milliseconds that it took, in MS.
timed()	# COMMAND...
{
	began=$(waitfor ms)
	run "$@"
	MS=$(($(waitfor ms) - began))
}

# Sets MS to the time since the file was written, which is the event's time; to
# much if the event did not come.
since()	# FILE
{
	MS=99999
	[ -e "$1" ] || return 0
	since_now=$(date +%s%3N)
	MS=$((since_now - $(stat -c %.3Y "$1" | tr -d .)))
}

# How often a time is measured, which a busy machine can only make longer.
TRIES="1 2 3 4 5 6 7 8 9 10"

# The function, which sets MS, takes at most so many milliseconds in one try.
soon()	# MOST FUNCTION...
{
	soon_most=$1
	shift
	for _ in $TRIES; do
		"$@"
		[ "$MS" -gt "$soon_most" ] || break
	done
	true_that "$MS milliseconds are $soon_most or less" \
	    [ "$MS" -le "$soon_most" ]
}

kill_it()	# NAME [SIGNAL]
{
	kill "-${2:-TERM}" "$(pid_of "$1")"
}

stop()	# NAME [SIGNAL]
{
	kill_it "$@"
	finish "$1"
}

# The process lives and sleeps.
waits()	# NAME
{
	true_that "$1 waits" waitfor "asleep:$(pid_of "$1")"
}

clean_up()
{
	release
	for pid in $PIDS; do
		end_it "$pid"
	done
	for pid in $PIDS; do
		wait "$pid" 2>/dev/null
	done
	PIDS=
	[ -z "$T" ] || rm -rf "$T"
	T=
}

# --- standard input that stays open and silent ------------------------------

# $T/idle can be read from; it ends with `release`. To write: >&9.
hold()
{
	[ -p "$T/idle" ] || mkfifo "$T/idle"
	exec 9<>"$T/idle"
	HELD=yes
}

release()
{
	[ -z "$HELD" ] || exec 9>&-
	HELD=
}

# --- ports and peers --------------------------------------------------------

free_port()
{
	PORT=$(new_port)
}

closed_port()
{
	new_port
}

# Starts a scripted peer whose first word makes a socket and writes its port to a
# file; sets PORT. See tools/peer.c.
peer_at()	# WORD WORD...
{
	rm -f "$T/port"
	peer_socket=$1:$T/port
	shift
	start peer "$TOOLS/peer" "$peer_socket" "$@"
	waitfor "file:$T/port"
	PORT=$(cat "$T/port")
}

serve()	# WORD...
{
	peer_at listen "$@"
}

# A server that neither accepts nor refuses a connection until `touch "$T/over"`.
serve_nobody()
{
	rm -f "$T/full" "$T/over"
	serve clog "touch:$T/full" "await:$T/over"
	waitfor "file:$T/full"
}

serve_udp()	# WORD...
{
	peer_at udp-bind "$@"
}

# Waits for the end of the peer's script and sets PEER to its output. RC, OUT
# and ERR stay those of the command before.
peer_done()
{
	kept_rc=${RC:-} kept_out=${OUT:-} kept_err=${ERR:-}
	finish peer 18
	same "the peer's script, which said <$ERR>" 0 "$RC"
	PEER=$OUT
	RC=$kept_rc OUT=$kept_out ERR=$kept_err
}

# Starts a command, and waits until somebody listens at PORT.
launch()	# NAME COMMAND...
{
	start "$@"
	waitfor "tcp:$PORT"
}

launch_udp()	# NAME COMMAND...
{
	start "$@"
	waitfor "udp:$PORT"
}

# Start the subject as a listener on a free port and wait for it.
listener()	# OPTION...: -l and the port come after these
{
	free_port
	launch listener "$NC" "$@" -l "$PORT"
}

# Talk to PORT with a scripted client and wait for its end.
client()	# WORD...
{
	start peer "$TOOLS/peer" "connect:$PORT" "$@"
	peer_done
}

# Starts a scripted client under a name.
guest()	# NAME WORD...
{
	guest=$1
	shift
	start "$guest" "$TOOLS/peer" "connect:$PORT" "$@"
}

# Waits for the end of a client's script and sets PEER to its output.
guest_done()	# NAME
{
	PID_peer=$(pid_of "$1")
	for ext in out err; do
		ln -sf "$1.$ext" "$T/peer.$ext"
	done
	peer_done
}

need_ipv6()
{
	"$TOOLS/has" ipv6 || { skip "no IPv6"; return 1; }
}

# Without IPv6, Ncat cannot listen unless it is given an address.
need_wildcard()
{
	[ "$SUBJECT" != real-ncat ] || need_ipv6
}

# For tests that look at system calls. Sanitizers do not work under strace.
need_strace()
{
	[ "${SANITIZED:-no}" = no ] || { skip "sanitized"; return 1; }
	# A call that strace stops has no number, which a sandbox refuses.
	[ "$SOCKCAT_SANDBOX" != kill ] || SOCKCAT_SANDBOX=
	strace -qq -o /dev/null true 2>/dev/null ||
	    { skip "no strace"; return 1; }
}

bytes()	# N: prints the name of a file of N bytes without repetition
{
	[ -f "$work/bytes.$1" ] ||
	    seq 100000000000001 $((100000000000001 + $1 / 16)) |
	    head -c "$1" >"$work/bytes.$1"
	echo "$work/bytes.$1"
}

# --- the run ----------------------------------------------------------------

oneTimeSetUp()
{
	prepare_subjects
}

setUp()
{
	NAME=$(echo "${_shunit_test_#test_}" | tr _ ' ')
	OVER=
	begin native
}

tearDown()
{
	[ -z "$T" ] || judge_subject
}
