#!/bin/sh
# Commands in the sandbox: only if it is required, and what they keep.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_sandbox.sh"

# Sets ANSWER to what a command prints in the sandbox.
asks()	# COMMAND
{
	listener --sandbox=require -c "$1" </dev/null
	client recv-eof print
	ANSWER=$PEER
	finish listener
}

test_a_command_is_confined_only_if_that_is_required()
{
	need_sandbox || return 0
	facts='sed -n "s/^\(NoNewPrivs\|Seccomp\):[[:space:]]*//p" \
	    /proc/self/status | tr "\n" " "'
	inherited=$(sh -c "$facts")
	listener --sandbox=auto -vv -c "$facts" 127.0.0.1 </dev/null
	client recv-eof print
	same "without" "$inherited" "$PEER"
	finish listener
	holds "the reason" "$(cat "$T/listener.err")" \
	    "sandbox: off (commands would inherit it)"
	asks "$facts"
	same "with" "1 2 " "$ANSWER"
}

test_v_says_that_a_command_is_confined()
{
	need_sandbox || return 0
	listener --sandbox=require -v -c true 127.0.0.1 </dev/null
	client recv-eof
	finish listener
	same "what is told" "seccomp (command)" "$(sed -n \
	    's/^sockcat: sandbox: Landlock [0-9]*, //p' "$T/listener.err")"
}

test_a_command_reads_and_runs_and_writes_where_programs_do()
{
	need_sandbox || return 0
	mkdir "$T/tmp"
	TMPDIR=$T/tmp
	export TMPDIR
	asks 'cat /etc/passwd >/dev/null && echo read
	    echo x >"$TMPDIR/file" && mkdir "$TMPDIR/d" && mv "$TMPDIR/file" \
	    "$TMPDIR/d" && rm -r "$TMPDIR/d" && echo wrote
	    echo x >/dev/null && (echo shown >/dev/stdout) | cat && ls | wc -l |
	    grep -q . && echo piped'
	unset TMPDIR
	same "what it can do" "$(printf 'read\nwrote\nshown\npiped')" "$ANSWER"
}

test_a_command_writes_nowhere_else_and_reaches_no_other_process()
{
	need_sandbox || return 0
	mkdir "$work/home"
	: >"$T/mine"
	# A directory that is neither the current one nor for all.
	home=$(cd / && mktemp -d /var/cache/sockcat.XXXXXX 2>/dev/null) || {
		skip "no other directory to write to"
		return 0
	}
	: >"$home/file"
	asks "{ echo x >'$home/file'; } 2>/dev/null || echo write refused
	    { echo x >'$home/new'; } 2>/dev/null || echo make refused
	    rm -f '$home/file' 2>/dev/null || echo remove refused
	    kill -0 $$ 2>/dev/null || echo signal refused"
	true_that "the file is as it was" [ -f "$home/file" ]
	rm -rf "$home" "$work/home"
	same "what is refused" "$(printf '%s refused\n' write make remove \
	    signal)" "$ANSWER"
}

test_its_strays_are_still_found()
{
	need_sandbox || return 0
	listener --sandbox=require -c \
	    "setsid sh -c 'echo \$\$ >$T/pid; exec sleep 60' & echo hi" \
	    </dev/null
	client until:hi recv-eof
	waitfor "file:$T/pid"
	finish listener
	true_that "the stray has ended" waitfor "gone:$(cat "$T/pid")"
}

test_who_runs_commands_cannot_command_the_system()
{
	prepare_escape || return 0
	free_port
	start listener escaping "$NC" -l -k -c cat 127.0.0.1 "$PORT" </dev/null
	escapes "a listener with a command" bind connect create? execute fork \
	    map protect read remove socket write code memfd fastopen listen? \
	    unix path pair route netlink shadow? raw? mptcp? vsock?
	client send:hello fin 'recv-eof' print
	same "and the command serves" hello "$PEER"
	stop listener TERM
}

run_tests "$@"
