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
	over native || return 0
	by_variable asks
	lacks "the environment" \
	    "$(tr '\0' ' ' <"/proc/$(pid_of one)/environ")" hunter2
	: >"$T/over"
	finish peer
}

test_a_command_gets_no_password()
{
	over native || return 0
	# shellcheck disable=SC2016
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
	start proxy "$NC" -l -k --serve-proxy --proxy-auth-file "$T/auth" \
	    127.0.0.1 "$PORT" </dev/null
	waitfor "tcp:$PORT"
	echo hello >"$T/in"
}

test_file_and_variable_give_user_and_password()
{
	over native || return 0
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
	over native || return 0
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
	over native || return 0
	echo joe:hunter2 >"$T/auth"
	run "$NC" --explain --proxy a --proxy-auth-file "$T/auth" b 1
	holds "the explanation" "$OUT" "user joe with a password"
	lacks "the explanation" "$OUT" hunter2
}

run_tests "$@"
