# What the tests of the console share: a terminal in tmux, whose screen can
# be looked at. Read after lib.sh.
# shellcheck shell=sh

CONSOLE=$TOOLS/consoletest

# The terminal that everything here is about.
mux()
{
	LC_ALL=C.UTF-8 tmux -u -S "$T/mux" "$@"
}

# Most of this is about the editor; WITHOUT=yes about what is left without.
need_libedit()
{
	if "$SOCKCAT" --version | grep -q '^libedit: s'; then
		[ -z "${WITHOUT:-}" ] || { skip "with libedit"; return 1; }
	else
		[ -n "${WITHOUT:-}" ] || { skip "without libedit"; return 1; }
	fi
}

need_terminal()
{
	command -v tmux >/dev/null || { skip "no tmux"; return 1; }
	unset TMUX
}

need_tmux()
{
	need_terminal || return 1
	need_libedit || return 1
	mkfifo "$T/in"
	: >"$T/out"
	exec 7<>"$T/in"
}

# Start a command on a terminal of that size, and wait for its prompt.
terminal()	# COLSxROWS SHELL-SCRIPT
{
	{
		echo "cd '$T' && exec 7>&- && LC_ALL=${LOCALE:-C}"
		echo "export LC_ALL; trap : INT"
		echo "$2"
		echo 'echo $? >status.part && mv status.part status'
		echo 'exec cat >/dev/null'
	} >"$T/script"
	printf 'set -g %s\n' 'history-limit 50000' 'status off' >"$T/conf"
	mux -f "$T/conf" new-session -d -x "${1%x*}" -y "${1#*x}" \
	    "exec sh '$T/script'" || return 1
	mux set-option -g window-size manual
	# In case that a test ends early.
	MUX=$(mux display-message -p '#{pid}')
	PIDS="$PIDS $MUX"
}

# The console alone, as test.sh would start sockcat.
console()	# COLSxROWS [WORD...]
{
	console_size=$1
	shift
	terminal "$console_size" "stty -g >before
	    sh -c 'echo \$\$ >pid; exec \"\$@\"' - ${ENVIRON:-env} '$CONSOLE' in out $*
	    echo \$? >status.of; stty -g >after"
	shows "me>"
}

# A shell with job control, in which a program is a job.
shell()	# COLSxROWS
{
	cat >"$T/rc" <<-EOF
		PS1='\$ '
		cd '$T'
	EOF
	terminal "$1" "stty -g >before; bash --rcfile rc -i; stty -g >after"
	shows_all '$'
}

restored()	# WHAT
{
	true_that "$1: its end" waitfor "file:$T/status"
	same "$1: the modes" "$(cat "$T/before")" "$(cat "$T/after")"
}

is_raw()
{
	case $(stty -F "$(mux display-message -p '#{pane_tty}')" -a) in
	*-icanon*) ;;
	*) false ;;
	esac
}

# sockcat with these words; its exit status goes to $T/status.of.
on_terminal()	# COLSxROWS WORD...
{
	console_size=$1
	shift
	terminal "$console_size" "stty -g >before
	    NO_COLOR=${PLAIN-yes} '$NC' $*
	    echo \$? >status.of; stty -g >after"
}

# The program has ended with STATUS, and the terminal is as it was.
ended_with()	# STATUS
{
	until_so test -s "$T/after"
	same "exit status" "$1" "$(cat "$T/status.of")"
	same_file "the terminal's modes" "$T/before" "$T/after"
	end_terminal
}

end_terminal()
{
	mux kill-server 2>/dev/null
	# The next one must not meet it while it goes.
	[ -z "${MUX:-}" ] || waitfor "gone:$MUX"
	MUX=
	exec 7>&-
}

# What the screen shows, without empty rows.
screen()
{
	mux capture-pane -p "$@" | sed 's/ *$//' | grep .
}

keys()	# TEXT: typed as it is
{
	mux send-keys -l -- "$1"
}

press()	# KEY...: by name
{
	mux send-keys "$@"
}

peer_says()	# FORMAT ARG...
{
	# shellcheck disable=SC2059
	printf "$@" >&7
}

# Wait until that holds, at most a minute.
until_so()	# COMMAND...
{
	until_when=$(($(waitfor ms) + 60000))
	until "$@"; do
		[ "$(waitfor ms)" -lt "$until_when" ] || return 1
		sleep 0.05
	done
}

screen_has()
{
	case $(screen) in *"$1"*) ;; *) false ;; esac
}

screen_is()
{
	[ "$(screen)" = "$1" ]
}

screen_ends()
{
	case $(screen) in *"$1") ;; *) false ;; esac
}

shows()	# TEXT: sooner or later
{
	until_so screen_has "$1"
	holds "the screen" "$(screen)" "$1"
}

shows_all()	# TEXT: just that
{
	until_so screen_is "$1"
	same "the screen" "$1" "$(screen)"
}

joined_ends()
{
	case $(screen | tr -d '\n') in *"$1") ;; *) false ;; esac
}

shows_last()	# TEXT: at the end
{
	until_so screen_ends "$1" || same "the screen's end" "$1" "$(screen)"
}

out_is()
{
	[ "$(cat "$T/out")" = "$1" ]
}

sent()	# TEXT: that was read, and nothing else
{
	until_so out_is "$1"
	same "what was read" "$1" "$(cat "$T/out")"
}

sent_bytes()	# N
{
	sent_file=$T/out
	until_so sent_so_many "$1"
	same "bytes read" "$1" "$(($(wc -c <"$T/out")))"
}

sent_so_many()
{
	[ "$(wc -c <"$T/out")" -ge "$1" ]
}
