#!/bin/sh
# Commands at the near end: what is run, with what, and how it turned out;
# with the socket handed over and over pipes.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/exec.inc"

# --- what is run, and how ---------------------------------------------------

test_explain_tells_how_a_command_is_tied()
{
	over native nc traditional ncat || return 0
	run "$NC" --explain -c cat -l -p 9
	holds "explained" "$OUT" "gets the socket itself"
	run "$NC" --explain $(pump_option) -c cat -l -p 9
	holds "explained" "$OUT" "over pipes"
	lacks "explained" "$OUT" "gets the socket itself"
}

serves_a_program()
{
	listens -e "$(command -v cat)"
	talk 'send:hello\n' fin recv-eof 'expect:hello\n'
	same "exit status ($TIE)" 0 "$RC"
	same "stdout" "" "$OUT"
	same "stderr" "" "$ERR"
}

test_e_lets_a_program_serve()
{
	# The real ncat drops what comes after the half-close.
	over native nc traditional real-traditional ncat || return 0
	both_ties serves_a_program
}

traces_its_states()
{
	listens -vvv -c 'cat; echo end'
	talk 'send:hello\n' fin recv-eof 'expect:hello\nend\n'
	same "exit status ($TIE)" 0 "$RC"
	holds "stderr ($TIE)" "$ERR" "command 1: running -> ended"
	holds "stderr ($TIE)" "$ERR" "-> closed (end)"
}

test_the_states_of_a_command_and_its_client_are_traced()
{
	both_ties traces_its_states
}

# A Lua that shows what it was called with; it stands alone in PATH.
fake_lua()	# NAME...
{
	mkdir -p "$T/bin"
	for lua; do
		printf '#!/bin/sh\necho "%s <$1> $#"\n/bin/cat\n' "$lua" \
		    >"$T/bin/$lua"
		chmod +x "$T/bin/$lua"
	done
	echo 'print(1)' >"$T/my script.lua"
}

test_a_script_of_lua_is_run_by_the_best_lua_there_is()
{
	over native nc ncat || return 0
	for lua in lua lua5.3 lua5.4; do
		fake_lua "$lua"
		free_port
		launch listener env PATH="$T/bin" "$NC" \
		    --lua-exec "$T/my script.lua" -l 127.0.0.1 "$PORT" \
		    </dev/null
		client 'send:hello\n' fin recv-eof \
		    "expect:$lua <$T/my script.lua> 1\nhello\n"
		exits listener 0
		same "stderr" "" "$ERR"
	done
}

test_without_lua_the_script_is_refused()
{
	over native nc ncat || return 0
	fake_lua
	PORT=$(closed_port)
	run env PATH="$T/bin" "$NC" --lua-exec "$T/my script.lua" 127.0.0.1 \
	    "$PORT" </dev/null
	case $SUBJECT in
	ncat)	same "exit status" 2 "$RC" ;;
	*)	same "exit status" 1 "$RC" ;;
	esac
	holds "stderr" "$ERR" "no Lua in PATH (lua5.4, lua5.3 or lua)"
	one_line "stderr" "$ERR"
	fake_lua lua
	run env PATH="$T/bin" "$NC" --lua-exec "$T/none" 127.0.0.1 "$PORT" \
	    </dev/null
	holds "stderr" "$ERR" "$T/none"
	holds "stderr" "$ERR" "No such file or directory"
	one_line "stderr" "$ERR"
}

test_a_script_of_lua_goes_with_what_a_command_goes_with()
{
	over native nc || return 0
	fake_lua lua
	for other in "-e x" "-c x" -z --echo --chat; do
		run env PATH="$T/bin" "$NC" --lua-exec "$T/my script.lua" \
		    $other 127.0.0.1 1 </dev/null
		same "exit status with $other" 1 "$RC"
		one_line "stderr with $other" "$ERR"
	done
	run env PATH="$T/bin" "$NC" --explain --lua-exec \
	    "$T/my script.lua" 127.0.0.1 1 </dev/null
	holds "explained" "$OUT" "$T/bin/lua \"$T/my script.lua\""
}

serves_a_shell()
{
	listens -c 'read x; echo "got $x" | tr a-z A-Z'
	talk 'send:hello\n' recv-eof 'expect:GOT HELLO\n'
	same "exit status ($TIE)" 0 "$RC"
	same "stderr" "" "$ERR"
}

test_c_lets_a_shell_serve()
{
	over native nc traditional real-traditional ncat real-ncat || return 0
	need_wildcard || return 0
	both_ties serves_a_shell
}

test_the_long_names_mean_the_same()
{
	over native nc ncat real-ncat || return 0
	need_wildcard || return 0
	TIE=
	listens --exec '/bin/echo hi'
	talk recv-eof 'expect:hi\n'
	same "exit status" 0 "$RC"
	listens --sh-exec 'echo ho'
	talk recv-eof 'expect:ho\n'
	same "exit status" 0 "$RC"
}

connects_a_shell()
{
	serve accept 'send:question\n' recv-eof 'expect:question!\n'
	run "$NC" $TIE -c 'read x; echo "$x!"' 127.0.0.1 "$PORT" </dev/null
	same "exit status ($TIE)" 0 "$RC"
	same "stdout" "" "$OUT"
	same "stderr" "" "$ERR"
	peer_done
}

test_a_client_runs_commands_too()
{
	over native nc traditional real-traditional ncat real-ncat || return 0
	both_ties connects_a_shell
}

over_a_unix_socket()
{
	start listener "$NC" $TIE -U -c 'read x; echo "$x $NCAT_PROTO"
	    echo "$NCAT_LOCAL_ADDR<$NCAT_LOCAL_PORT>"' -l "$T/s" </dev/null
	waitfor "unix:$T/s"
	start peer "$TOOLS/peer" "uconnect:$T/s" 'send:hi\n' recv-eof \
	    "expect:hi UNIX\n$T/s<>\n"
	peer_done
	finish listener
	same "exit status ($TIE)" 0 "$RC"
	same "stderr" "" "$ERR"
	socket_file_at_the_end "$T/s"
}

test_over_a_unix_socket_too()
{
	over native nc || return 0
	both_ties over_a_unix_socket
}

test_words_of_e_are_cut_at_blanks()
{
	over native nc || return 0
	TIE=
	listens -e '  printf <%s> a  "b c"  $HOME *'
	talk recv-eof 'expect:<a><"b><c"><$HOME><*>'
	same "exit status" 0 "$RC"
}

test_a_program_of_traditional_is_one_path()
{
	over traditional real-traditional || return 0
	TIE=
	mkdir "$T/a dir"
	ln -s "$(command -v cat)" "$T/a dir/my cat"
	listens -e "$T/a dir/my cat"
	talk 'send:hello\n' fin recv-eof 'expect:hello\n'
	same "exit status" 0 "$RC"
	listens -e 'echo hi'
	talk recv-end expect:
	same "exit status" 1 "$RC"
	same "stderr" "exec echo hi failed : No such file or directory" "$ERR"
}

knows_its_peer()
{
	listens -c 'echo $NCAT_REMOTE_ADDR $NCAT_LOCAL_ADDR $NCAT_LOCAL_PORT \
	    $NCAT_PROTO; echo $NCAT_REMOTE_PORT'
	client recv-eof print
	same "environment ($TIE)" "127.0.0.1 127.0.0.1 $PORT TCP" \
	    "$(echo "$PEER" | head -n 1)"
	true_that "the peer has a port" [ "$(echo "$PEER" | tail -n 1)" -gt 0 ]
	finish listener
}

test_the_environment_tells_who_is_there()
{
	over native nc ncat real-ncat || return 0
	need_wildcard || return 0
	NCAT_REMOTE_ADDR=nobody NCAT_PROTO=none
	export NCAT_REMOTE_ADDR NCAT_PROTO
	both_ties knows_its_peer
	unset NCAT_REMOTE_ADDR NCAT_PROTO
}

test_the_environment_is_printable()
{
	start listener "$NC" -U -c 'printf "%s\n" "$SOCKCAT_REMOTE_ADDR"' \
	    -l "$T/s" </dev/null
	waitfor "unix:$T/s"
	evil=$(printf '%s/a\nb\033[31m\303\251' "$T")
	run "$NC" -U -s "$evil" "$T/s" </dev/null
	same "the command's variable" \
	    "$T/a\\012b\\033[31m$(printf '\303\251')" "$OUT"
	finish listener
}

has_no_foreign_sockets()
{
	listens -c 'echo "none:$LISTEN_PID$LISTEN_FDS$LISTEN_FDNAMES"'
	talk recv-eof 'expect:none:\n'
}

test_sockets_for_another_process_are_not_promised_to_a_command()
{
	over native nc traditional ncat || return 0
	LISTEN_PID=1 LISTEN_FDS=2 LISTEN_FDNAMES=a:b
	export LISTEN_PID LISTEN_FDS LISTEN_FDNAMES
	both_ties has_no_foreign_sockets
	unset LISTEN_PID LISTEN_FDS LISTEN_FDNAMES
}

has_three_descriptors()
{
	free_port
	launch listener "$TOOLS/fdctl" "$1" -- "$NC" $TIE \
	    -c 'ls /proc/$$/fd; :' -l -p "$PORT" </dev/null
	talk recv-eof 'expect:0\n1\n2\n'
	same "exit status ($TIE $1)" 0 "$RC"
}

test_a_command_has_0_1_and_2_and_no_others()
{
	over native nc traditional ncat || return 0
	both_ties has_three_descriptors many=20
	both_ties has_three_descriptors close=0,1
	both_ties has_three_descriptors close=2
}

# A shell's background jobs ignore INT and QUIT (6), and nohup(1) HUP (1).
has_the_same_signals()
{
	start plain sh -c 'trap "" HUP; exec grep "^Sig[BI]" /proc/self/status'
	finish plain
	wanted=$OUT
	free_port
	launch listener sh -c 'trap "" HUP; exec "$@"' - "$NC" $TIE \
	    -c "exec grep '^Sig[BI]' /proc/self/status" -l -p "$PORT" </dev/null
	client recv-eof print
	same "signals that are blocked or ignored ($TIE)" "$wanted" "$PEER"
	finish listener
}

test_a_command_ignores_what_we_were_told_to_ignore_and_blocks_nothing()
{
	over native nc || return 0
	both_ties has_the_same_signals
}

says_its_errors()
{
	listens -c 'echo out; echo err >&2'
	talk recv-eof 'expect:out\n'
	same "stderr ($TIE)" err "$ERR"
	listens -E -c 'echo out; echo err >&2; nonexistent-command'
	client recv-eof print
	finish listener
	same "stderr" "" "$ERR"
	holds "peer" "$PEER" "$(printf 'out\nerr\n')"
	holds "peer" "$PEER" "nonexistent-command: not found"
}

test_stderr_stays_ours_unless_asked_for()
{
	over native nc || return 0
	both_ties says_its_errors
}

test_crlf_is_made_of_what_a_command_says()
{
	over native nc || return 0
	TIE=-C
	listens -c 'read x; printf "a\nb\r\nc"; echo "$x" | od -An -tx1 >&2'
	talk 'send:x\n' recv-eof 'expect:a\r\nb\r\nc'
	same "what it reads is left alone" ' 78 0a' "$ERR"
}

# --- status -----------------------------------------------------------------

gives_status()	# STATUS SCRIPT
{
	listens -c "$2"
	talk recv-eof expect:
	same "exit status of $2 ($TIE)" "$1" "$RC"
	same "stderr" "" "$ERR"
}

test_its_exit_status_is_ours()
{
	over native nc traditional real-traditional || return 0
	both_ties gives_status 3 'exit 3'
	both_ties gives_status 0 'exit 0'
	both_ties gives_status 255 'exit 255'
	both_ties gives_status 137 'kill -KILL $$'
	both_ties gives_status 143 'kill -TERM $$'
	both_ties gives_status 127 'exec /nonexist 2>/dev/null'
}

test_ncat_hides_it()
{
	over ncat real-ncat || return 0
	need_wildcard || return 0
	both_ties gives_status 0 'exit 3'
	both_ties gives_status 0 'kill -KILL $$'
}

gives_client_status()
{
	serve accept recv-eof
	run "$NC" $TIE -c 'exit 4' 127.0.0.1 "$PORT" </dev/null
	same "exit status ($TIE)" "$1" "$RC"
	peer_done
}

test_a_client_has_its_status_too()
{
	over native nc traditional real-traditional || return 0
	both_ties gives_client_status 4
}

cannot_run()	# STATUS TEXT PROGRAM
{
	if [ "$SUBJECT" = native ]; then
		# Before it listens.
		run "$NC" $TIE -e "$3" -l -p 0 </dev/null
	else
		listens -e "$3"
		talk recv-end expect:
	fi
	same "exit status of $3 ($TIE)" "$1" "$RC"
	# A confined program cannot know whose refusal it was, and says so.
	[ -z "$TEST_SANDBOX" ] ||
	    ERR=$(echo "$ERR" | grep -v ': the sandbox may have refused to ')
	same "stderr of $3" "$2" "$ERR"
}

# Each in the words of its own, with the reason.
test_what_cannot_be_run_is_told_and_the_client_let_go()
{
	over native nc traditional real-traditional ncat real-ncat || return 0
	need_wildcard || return 0
	printf 'exit 0\n' >"$T/text"
	chmod 755 "$T/text"
	rc=1
	case $SUBJECT in
	native)		says='sockcat: run % failed: ' ;;
	nc)		says='nc: run % failed: ' ;;
	*traditional)	says='exec % failed : ' ;;
	*ncat)		says='exec: ' rc=0 ;;
	esac
	for try in "/nonexist:No such file or directory" \
	    "/etc/passwd:Permission denied" "$T:Permission denied" \
	    "$T/text:Exec format error"; do
		# Native finds programs as a shell would, and runs them so.
		case $SUBJECT:$try in
		native:*/text:* | nc:*/text:*) continue ;;
		esac
		want=$(echo "$says${try#*:}" | sed "s|%|${try%%:*}|")
		both_ties cannot_run $rc "$want" "${try%%:*}"
	done
}

run_tests "$@"
