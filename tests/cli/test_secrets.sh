#!/bin/sh
# Passwords of proxies: where they come from, and who does not see them.
. "$(dirname "$0")/lib.sh"

# A proxy that never answers; its client is "one".
asks()	# OPTION...
{
	serve accept recv:7 "touch:$T/asked" "await:$T/over"
	start one "$NC" --proxy "127.0.0.1:$PORT" "$@" 192.0.2.1 80 </dev/null
	waitfor "file:$T/asked"
}

# The command finds the password in the environment.
by_variable()	# COMMAND...
{
	SOCKCAT_PROXY_AUTH=joe:hunter2
	export SOCKCAT_PROXY_AUTH
	"$@"
	unset SOCKCAT_PROXY_AUTH
}

test_a_password_leaves_the_list_of_processes()
{
	over native nc ncat || return 0
	asks --proxy-type http --proxy-auth joe:hunter2
	holds "the command line" \
	    "$(tr '\0' ' ' <"/proc/$(pid_of one)/cmdline")" "joe:"
	lacks "the command line" \
	    "$(tr '\0' ' ' <"/proc/$(pid_of one)/cmdline")" hunter2
	: >"$T/over"
	finish peer
}

test_a_password_leaves_the_environment()
{
	by_variable asks
	lacks "the environment" \
	    "$(tr '\0' ' ' <"/proc/$(pid_of one)/environ")" hunter2
	: >"$T/over"
	finish peer
}

test_a_command_gets_no_password()
{
	by_variable listener -c 'echo "none:$SOCKCAT_PROXY_AUTH"' </dev/null
	client recv-eof 'expect:none:\n'
	finish listener
}

# A proxy server and a server behind it, which echoes.
serves_both()
{
	echo joe:hunter2 >"$T/auth"
	chmod 600 "$T/auth"
	listener -k --echo </dev/null
	target=$PORT
	free_port
	launch proxy "$NC" -l -k --serve-proxy --proxy-auth-file "$T/auth" \
	    127.0.0.1 "$PORT" </dev/null
	echo hello >"$T/in"
}

test_file_and_variable_give_user_and_password()
{
	need_wildcard || return 0
	serves_both
	for type in http socks5; do
		run "$NC" -N --proxy "127.0.0.1:$PORT" --proxy-type "$type" \
		    --proxy-auth-file "$T/auth" 127.0.0.1 "$target" <"$T/in"
		same "exit status ($type, $ERR)" 0 "$RC"
		same "answer ($type)" hello "$OUT"
		SOCKCAT_PROXY_AUTH=joe:hunter2
		export SOCKCAT_PROXY_AUTH
		run "$NC" -N --proxy "127.0.0.1:$PORT" --proxy-type "$type" \
		    127.0.0.1 "$target" <"$T/in"
		same "answer by the variable ($type, $ERR)" hello "$OUT"
		# An option goes first.
		run "$NC" -N --proxy "127.0.0.1:$PORT" --proxy-type "$type" \
		    --proxy-auth joe:wrong 127.0.0.1 "$target" <"$T/in"
		same "exit status with a wrong password ($type)" 1 "$RC"
		unset SOCKCAT_PROXY_AUTH
	done
}

test_a_file_that_does_not_fit_is_refused_in_one_line()
{
	refuses "No such file" --proxy a --proxy-auth-file "$T/none" b 1
	echo joe >"$T/auth"
	refuses "no user:password" --proxy a --proxy-auth-file "$T/auth" b 1
	echo joe:hunter2 >"$T/auth"
	chmod 666 "$T/auth"
	refuses "others may change it" --proxy a --proxy-auth-file "$T/auth" b 1
	chmod 600 "$T/auth"
	refuses "--proxy-auth-file" --proxy a --proxy-auth-file "$T/auth" -P u b 1
	refuses "--proxy-auth-file" --proxy-auth-file "$T/auth" b 1
}

test_nothing_explains_a_password()
{
	echo joe:hunter2 >"$T/auth"
	run "$NC" --explain --proxy a --proxy-auth-file "$T/auth" b 1
	holds "the explanation" "$OUT" "user joe with a password"
	lacks "the explanation" "$OUT" hunter2
}

# Skips where a core dump of a process cannot be had.
need_cores()
{
	[ "${SANITIZED:-no}" = no ] || { skip "sanitized"; return 1; }
	case $(cat /proc/sys/kernel/core_pattern 2>/dev/null) in
	"" | "|"* | */*)
		# Another program gets them. gdb makes the same, without the
		# mappings that the kernel leaves out.
		command -v gcore >/dev/null ||
		    { skip "no core dumps"; return 1; }
		CORES=gcore
		return 0 ;;
	esac
	[ "$(ulimit -H -c)" != 0 ] || { skip "no core dumps"; return 1; }
	CORES=kernel
}

# Starts a command whose core dump goes to $T/cores. In the sandbox there is
# none: that file cannot be made.
dumping()	# COMMAND...
{
	mkdir -p "$T/cores"
	cd "$T/cores" || exit
	# shellcheck disable=SC3045
	ulimit -c unlimited
	SOCKCAT_SANDBOX=off
	export SOCKCAT_SANDBOX
	exec "$@"
}

# The core dump of a process has this TEXT, and no password.
dump_without_password()	# NAME TEXT
{
	case $CORES in
	gcore)	gcore -o "$T/cores/core" "$(pid_of "$1")" >/dev/null 2>&1
		kill_it "$1" KILL ;;
	*)	kill_it "$1" ABRT ;;
	esac
	finish "$1"
	cat "$T"/cores/core* >"$T/core" 2>/dev/null
	rm -rf "$T/cores"
	[ -s "$T/core" ] || { skip "no core dump was made"; return; }
	true_that "$2 is in the core dump" grep -aq "$2" "$T/core"
	for secret in hunter2 am9lOmh1bnRlcjI; do
		true_that "$secret is in no core dump" \
		    sh -c '! grep -aq "$0" "$1"' "$secret" "$T/core"
	done
}

# While a proxy is asked.
dump_of_a_client()	# OPTION...
{
	rm -f "$T/asked" "$T/over"
	serve accept recv:3 "touch:$T/asked" "await:$T/over"
	start one dumping "$NC" --proxy "127.0.0.1:$PORT" "$@" \
	    198.51.100.77 80 </dev/null
	waitfor "file:$T/asked"
	dump_without_password one 198.51.100.77
	: >"$T/over"
	finish peer
}

test_no_core_dump_has_the_password_of_a_client()
{
	need_cores || return 0
	echo joe:hunter2 >"$T/auth"
	chmod 600 "$T/auth"
	for type in http socks5; do
		dump_of_a_client --proxy-type "$type" --proxy-auth joe:hunter2
		dump_of_a_client --proxy-type "$type" \
		    --proxy-auth-file "$T/auth"
		by_variable dump_of_a_client --proxy-type "$type"
	done
}

test_no_core_dump_has_a_password_that_was_typed()
{
	need_cores || return 0
	# The first connection is refused, the next gets no answer.
	basic='Proxy-Authenticate: Basic realm="x"'
	rm -f "$T/asked"
	serve accept 'until:\r\n\r\n' \
	    "send:HTTP/1.0 407 No\r\n$basic\r\n\r\n" close \
	    accept 'until:\r\n\r\n' "touch:$T/asked" "await:$T/over"
	: >"$T/one.out"
	: >"$T/one.err"
	# shellcheck disable=SC3045
	start typist env SOCKCAT_SANDBOX=off sh -c 'mkdir "$1/cores" &&
	    cd "$1/cores" && ulimit -c unlimited && shift && exec "$@"' - "$T" \
	    "$TOOLS/ptyrun" on= "pid=$T/pid" 'see=Proxy password' \
	    'type=hunter2\n' "await=$T/over" -- "$NC" -X connect \
	    -x "127.0.0.1:$PORT" -P joe 198.51.100.77 80 </dev/null
	waitfor "file:$T/asked"
	PID_one=$(cat "$T/pid")
	dump_without_password one 198.51.100.77
	: >"$T/over"
	finish typist
	finish peer
}

test_no_core_dump_has_the_password_of_a_server()
{
	need_cores || return 0
	echo joe:hunter2 >"$T/auth"
	chmod 600 "$T/auth"
	free_port
	launch one dumping "$NC" -l -k --serve-proxy --proxy-auth-file "$T/auth" \
	    127.0.0.1 "$PORT" </dev/null
	dump_without_password one 127.0.0.1
	free_port
	launch one dumping "$NC" -l --talk --password-file "$T/auth" 127.0.0.1 \
	    "$PORT" </dev/null
	dump_without_password one 127.0.0.1
}

run_tests "$@"
