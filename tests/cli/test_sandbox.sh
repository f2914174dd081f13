#!/bin/sh
# The sandbox: which parts are on, what they refuse, and what goes on to work.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_sandbox.sh"

# The line of -v, without the version of Landlock.
told()	# FILE
{
	sed -n 's/^sockcat: sandbox: Landlock [0-9]*,/sandbox:/p' "$1"
}

test_v_says_what_is_on()
{
	need_sandbox || return 0
	serve accept send:bye fin recv-eof
	run "$NC" --sandbox=auto -v 127.0.0.1 "$PORT" </dev/null
	peer_done
	same "a transfer" "sandbox: seccomp (transfer)" "$(told "$T/run.err")"
	listener --sandbox=auto -v -s 127.0.0.1 </dev/null
	client send:x fin recv-eof
	finish listener
	same "a listener" "sandbox: seccomp (serve)" \
	    "$(told "$T/listener.err")"
}

test_the_sandbox_is_on_by_default()
{
	need_sandbox || return 0
	serve accept send:bye fin recv-eof
	run "$NC" -v 127.0.0.1 "$PORT" </dev/null
	peer_done
	same "what is told" "sandbox: seccomp (transfer)" "$(told "$T/run.err")"
}

test_v_says_why_there_is_none()
{
	listener -v -c cat -s 127.0.0.1 </dev/null
	client send:x fin recv-eof
	finish listener
	holds "with a command" "$(cat "$T/listener.err")" "sandbox: off ("
}

test_off_is_off_and_says_nothing()
{
	serve accept send:bye fin recv-eof
	run env SOCKCAT_SANDBOX=auto "$NC" --sandbox=off -vv 127.0.0.1 "$PORT" </dev/null
	peer_done
	same "what is told" "" "$(grep sandbox "$T/run.err")"
	same "stdout" bye "$OUT"
}

test_require_works_where_all_is_there()
{
	over native nc || return 0
	need_sandbox || return 0
	serve accept send:bye recv-eof expect:abc
	printf abc >"$T/in"
	run "$NC" --sandbox=require -N 127.0.0.1 "$PORT" <"$T/in"
	peer_done
	same "exit status" 0 "$RC"
	same "stdout" bye "$OUT"
	same "stderr" "" "$ERR"
}

test_require_ends_the_program_where_a_part_is_missing()
{
	need_sandbox || return 0
	for call in landlock_create_ruleset seccomp; do
		free_port
		run "$TOP_BUILDDIR/tests/fault/noscall" "$call=ENOSYS" -- \
		    "$NC" --sandbox=require -l 127.0.0.1 "$PORT" </dev/null
		same "$call: exit status" 1 "$RC"
		one_line "$call: the reason" "$ERR"
		holds "$call: stderr" "$ERR" "enter "
	done
}

test_without_a_part_the_others_are_on()
{
	need_sandbox || return 0
	serve accept send:bye fin recv-eof
	run "$TOP_BUILDDIR/tests/fault/noscall" \
	    landlock_create_ruleset=ENOSYS -- \
	    "$NC" --sandbox=auto -v 127.0.0.1 "$PORT" </dev/null
	peer_done
	same "without Landlock" "sockcat: sandbox: no Landlock, seccomp (transfer)" \
	    "$(grep sandbox "$T/run.err")"
	same "stdout" bye "$OUT"
	serve accept send:bye fin recv-eof
	run "$TOP_BUILDDIR/tests/fault/noscall" seccomp=ENOSYS -- \
	    "$NC" --sandbox=auto -v 127.0.0.1 "$PORT" </dev/null
	peer_done
	holds "without seccomp" "$(cat "$T/run.err")" ", no seccomp"
	same "stdout" bye "$OUT"
}

# As systemd(1) does for services; most processes have none to give up.
test_who_cannot_give_up_capabilities_must_have_none()
{
	need_sandbox || return 0
	run "$TOP_BUILDDIR/tests/fault/noscall" capset=EPERM -- \
	    "$NC" --sandbox=require -z 127.0.0.1 "$(closed_port)" </dev/null
	if [ "$(id -u)" = 0 ]; then
		holds "as root" "$ERR" "give up capabilities failed"
	else
		lacks "as another user" "$ERR" capabilities
	fi
	serve accept send:bye fin recv-eof
	run "$TOP_BUILDDIR/tests/fault/noscall" capset=EPERM -- \
	    "$NC" --sandbox=auto -v 127.0.0.1 "$PORT" </dev/null
	peer_done
	same "the other parts" "sandbox: seccomp (transfer)" \
	    "$(told "$T/run.err")"
	same "stdout" bye "$OUT"
}

test_the_variable_is_for_those_who_give_no_option()
{
	over native nc || return 0
	run_gives 1 env SOCKCAT_SANDBOX=of "$NC" -l 0 </dev/null
	one_line "a wrong word" "$ERR"
	holds "stderr" "$ERR" "SOCKCAT_SANDBOX must be auto, off or require: of"
	run env SOCKCAT_SANDBOX=require "$NC" --explain -l 0
	holds "require" "$OUT" "sandbox: required"
	run env SOCKCAT_SANDBOX=require "$NC" --sandbox=off --explain -l 0
	lacks "the option counts" "$OUT" "sandbox: required"
}

test_what_the_sandbox_may_have_refused_is_told()
{
	over native nc || return 0
	need_sandbox || return 0
	off=SOCKCAT_SANDBOX=off
	[ "$SUBJECT" != native ] || off=--sandbox=off
	run_gives 1 "$TOP_BUILDDIR/tests/fault/noscall" connect=EACCES -- \
	    "$NC" -v -4 localhost "$(closed_port)" </dev/null
	holds "stderr" "$ERR" "the sandbox may have refused to connect to"
	holds "stderr" "$ERR" "$off turns it off"
	run env SOCKCAT_SANDBOX=off \
	    "$TOP_BUILDDIR/tests/fault/noscall" connect=EACCES -- \
	    "$NC" -v -4 localhost "$(closed_port)" </dev/null
	lacks "without a sandbox" "$ERR" sandbox
}

# torsocks(1) connects to a port that is not in the command line.
test_a_preloaded_library_may_connect_elsewhere()
{
	over native nc || return 0
	prepare_escape || return 0
	serve accept send:bye fin recv-eof
	run env ESCAPE="$T/report" ESCAPE_FILE="$T/secret" \
	    ESCAPE_PORT="$ELSEWHERE" ESCAPE_UNIX="$T/elsewhere" \
	    LD_PRELOAD="$ESCAPES" "$NC" -4 localhost "$PORT" </dev/null
	peer_done
	same "stdout" bye "$OUT"
	escapes "once connected"
	[ "$SUBJECT" = native ] || return 0
	run env LD_PRELOAD="$ESCAPES" "$NC" -v -z 127.0.0.1 "$(closed_port)" \
	    </dev/null
	holds "a scan" "$(cat "$T/run.err")" "sandbox: off (not with LD_PRELOAD)"
}

test_a_transfer_can_do_nothing_else()
{
	over native nc ncat traditional || return 0
	prepare_escape || return 0
	serve accept send:bye fin recv-eof
	run escaping "$NC" 127.0.0.1 "$PORT" </dev/null
	peer_done
	same "stdout" bye "$OUT"
	escapes client
}

test_neither_can_a_listener()
{
	over native nc || return 0
	prepare_escape || return 0
	for how in "" -k "-k --echo"; do
		free_port
		start listener escaping "$NC" $how -l "$PORT" </dev/null
		escapes "listener $how"
		stop listener TERM
	done
	free_port
	start listener escaping "$NC" -u -l 127.0.0.1 "$PORT" </dev/null
	escapes "a datagram listener"
	stop listener TERM
}

test_who_dials_can_make_sockets_to_no_other_port()
{
	prepare_escape || return 0
	run escaping "$NC" -z 127.0.0.1 "$(closed_port)" </dev/null
	escapes "a scan" socket
	serve accept recv-eof
	start client escaping "$NC" --reconnect 127.0.0.1 "$PORT" </dev/null
	escapes "reconnecting" socket
	stop client TERM
	free_port
	start listener escaping "$NC" -k --forward 127.0.0.1:1 -l "$PORT"
	escapes "a relay" socket
	stop listener TERM
}

run_tests "$@"
