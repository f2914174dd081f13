# The end of a session: who ended, what had been exchanged by then, and how
# long after it the subject left. Sourced after lib.sh.
#
# A time is given as a class: "at once", "1s", "2s". The lower limit of a class
# is exact, for every delay of the machine makes a time longer. The upper
# limit is met at the best of a few tries, and lies below the next class.
# shellcheck shell=sh

# --- times ------------------------------------------------------------------

class()	# NAME: sets LEAST and MOST
{
	case $1 in
	"at once")	LEAST=0 MOST=700 ;;
	250ms)		LEAST=245 MOST=900 ;;
	"a moment")	LEAST=245 MOST=1750 ;;
	500ms)		LEAST=495 MOST=950 ;;
	1s)		LEAST=990 MOST=1750 ;;
	2s)		LEAST=1990 MOST=2750 ;;
	3s)		LEAST=2990 MOST=3750 ;;
	*)		fail "there is no class $1" ;;
	esac
}

# The function measures MS, and is tried until that is in the class.
takes()	# CLASS FUNCTION...
{
	takes_class=$1
	shift
	for _ in $TRIES; do
		"$@"
		[ -z "$BAD$SKIP" ] || return 0
		class "$takes_class"
		[ "$MS" -ge "$LEAST" ] || break
		[ "$MS" -gt "$MOST" ] || break
	done
	true_that "$takes_class: $MS ms are $LEAST to $MOST" \
	    [ "$MS" -ge "$LEAST" -a "$MS" -le "$MOST" ]
}

# The event did not come in time, as happens on a busy machine: try again.
too_late()
{
	MS=99999
}

# Writes to the input; fails if that was not within so long after $T/fin.
say_within()	# MILLISECONDS TEXT
{
	say "$2"
	since "$T/fin"
	[ "$MS" -lt "$1" ] || { too_late; return 1; }
}

# The same, after what was said before.
say_again()	# MILLISECONDS TEXT
{
	cp -p "$T/said" "$T/before"
	say "$2"
	since "$T/before"
	[ "$MS" -lt "$1" ] || { too_late; return 1; }
}

# Each of these files was written within so long after the one before.
within()	# MILLISECONDS FILE...
{
	within_most=$1 within_last=
	shift
	for file do
		within_at=$(stat -c %.3Y "$file" 2>/dev/null | tr -d .)
		if [ -z "$within_at" ] || [ "$((within_at - \
		    ${within_last:-$within_at}))" -ge "$within_most" ]; then
			too_late
			return 1
		fi
		within_last=$within_at
	done
}

# Checks that the command does not end for so long.
stays()	# MILLISECONDS [NAME]
{
	true_that "it stays for $1 ms" not_gone "$1" "$(pid_of "${2:-run}")"
}

not_gone()	# MILLISECONDS PID
{
	! waitfor -t "$1" "gone:$2" 2>/dev/null
}

pause()	# MILLISECONDS: unless the subject ends
{
	not_gone "$1" "$(pid_of run)"
}

# --- the two sides ----------------------------------------------------------

# Ends what the try before has left.
anew()
{
	release
	for pid in $PIDS; do
		end_it "$pid"
		wait "$pid" 2>/dev/null
	done
	PIDS=
	rm -rf "${T:?}"/*
}

# Starts a command with an input of that kind. "fifo", "pipe" (without a name)
# and "socket" give what is said with `say`, and end with `release`.
start_with()	# KIND COMMAND...
{
	kind=$1
	shift
	case $kind in
	fifo|pipe|socket) hold ;;
	esac
	case $kind in
	null)	start run "$@" </dev/null ;;
	empty)	: >"$T/empty"
		start run "$@" <"$T/empty" ;;
	file)	start run "$@" <"$FILE" ;;
	fifo)	start run "$@" <"$T/idle" ;;
	forever) mkfifo "$T/forever"
		start run "$@" <>"$T/forever" ;;
	tty)	start run "$TOOLS/ptyrun" on=0 -- "$@" ;;
	pipe)	start run bash -c 'fifo=$1; shift
		    exec "$@" < <(exec cat "$fifo")' - "$T/idle" "$@" ;;
	socket)	start run "$TOOLS/given" "accepted:$T/input" onto:0 -- "$@"
		waitfor "file:$T/input"
		start feeder bash -c 'exec cat "$1" >/dev/tcp/127.0.0.1/$2' \
		    - "$T/idle" "$(cat "$T/input")" </dev/null ;;
	esac
}

# Writes to an input that is held open.
say()	# TEXT
{
	: >"$T/said"
	printf %s "$1" >&9
}

# Where a listener listens: at PORT, after the options.
listening()
{
	case $SUBJECT in
	*traditional)	echo "-l -p $PORT" ;;
	*)		echo "-l 127.0.0.1 $PORT" ;;
	esac
}

# The subject, as client or listener, with an input of that kind, meets a
# scripted peer. OPTIONS are the subject's, WRAP is a command to start it with.
# $T/met is older than the connection.
meet()	# client|listener KIND PEER-WORD...
{
	way=$1 kind=$2
	shift 2
	anew
	case $way in
	client)
		serve accept "$@" </dev/null
		: >"$T/met"
		start_with "$kind" ${WRAP:-} "$NC" ${OPTIONS:-} 127.0.0.1 \
		    "$PORT" ;;
	listener)
		free_port
		start_with "$kind" ${WRAP:-} "$NC" ${OPTIONS:-} $(listening)
		waitfor "tcp:$PORT"
		: >"$T/met"
		guest peer "$@" </dev/null ;;
	esac
}

# Checks how the command ended, and measures the time since the event.
ends()	# STATUS STDOUT FILE
{
	finish run
	since "$3"
	same "$way, a $kind: exit status" "$1" "$RC"
	same "$way, a $kind: stdout" "$2" "$OUT"
	case $1 in
	0)	same "$way, a $kind: stderr" "" "$ERR" ;;
	*)	one_line "$way, a $kind: stderr" "$ERR" ;;
	esac
}

# The same for each kind of input that may stay open and silent.
each_kind()	# FUNCTION...
{
	need_bash || return 0
	for KIND in fifo pipe socket; do
		"$@"
		[ -z "$BAD" ] || return 0
	done
}

need_bash()
{
	command -v bash >/dev/null || { skip "no bash"; return 1; }
}

need()	# PROGRAM...
{
	for program do
		command -v "$program" >/dev/null ||
		    { skip "no $program"; return 1; }
	done
}

# --- pipelines ----------------------------------------------------------------

# What the subject is called with: in a script, "$@" is the whole of it.
words_of()	# client|listener
{
	case $1 in
	client)		echo "127.0.0.1 $PORT" ;;
	listener)	listening ;;
	esac
}

# A script of bash, in which "$@" is the subject with its operands, T is the
# test's directory and work the place of larger files. Its last line of output
# is the exit statuses of its last pipeline; see `statuses`.
script()	# client|listener SCRIPT PEER-WORD...
{
	way=$1 text=$2
	shift 2
	anew
	mkfifo "$T/f"
	case $way in
	client)		serve accept "$@" </dev/null ;;
	listener)	free_port ;;
	esac
	start script $SETSID bash -c "T=$T WAITFOR=$TOOLS/waitfor
	    $text
	    echo \"\${PIPESTATUS[*]}\" >$T/statuses" - \
	    "$NC" ${OPTIONS:-} $(words_of "$way") </dev/null
	[ "$way" = client ] || waitfor "tcp:$PORT"
	[ "$way" = client ] || guest peer "$@" </dev/null
}

# The script has ended: its statuses, and what it wrote to standard error.
statuses()	# WANTED [STDERR]
{
	finish script
	same "$way: exit statuses, with <$ERR>" "$1" \
	    "$(cat "$T/statuses" 2>/dev/null)"
	[ $# -eq 1 ] || same "$way: stderr" "$2" "$ERR"
}
