#!/bin/sh
# tests/tools/gdb.py prints the objects of the program that was built.
. "$(dirname "$0")/lib.sh"

need_gdb()
{
	command -v gdb >/dev/null || { skip "no gdb"; return 1; }
	[ "${SANITIZED:-no}" = no ] || { skip "sanitized"; return 1; }
	gdb_has "a debugger that may trace" 'exited normally' -ex run \
	    --args true &&
	    gdb_has "Python in gdb" ready -ex 'python print("ready")' &&
	    gdb_has "debugging information" flow_state \
	        -ex 'ptype enum flow_state' "$NC"
}

gdb_has()	# NAME TEXT GDB-ARGUMENT...: skips the test if it is missing
{
	gdb_name=$1 gdb_text=$2
	shift 2
	gdb -batch -nx "$@" 2>&1 </dev/null | grep -q "$gdb_text" ||
	    { skip "no $gdb_name"; return 1; }
}

# Runs the program, which sends "hello" to a peer, stops it in the first
# flow_step of the flow "up", runs the commands and then the rest.
debug()	# GDB-COMMAND...
{
	serve accept recv-eof 'expect:hello\n'
	echo hello >"$T/in"
	for command do
		printf '%s\n' "$command"
	done >"$T/commands"
	run gdb -batch -nx -ex 'set debuginfod enabled off' \
	    -ex 'set disable-randomization off' \
	    -ex "set confirm off" -x "$TOP_SRCDIR/tests/tools/gdb.py" \
	    -ex "break flow_step if f->name[0] == 'u'" \
	    -ex "run -N 127.0.0.1 $PORT <'$T/in'" \
	    -x "$T/commands" -ex 'delete' -ex 'continue' "$NC"
	peer_done
	holds "the program's end" "$OUT" "exited normally"
}

test_gdb_prints_a_flow_before_and_after_its_step()
{
	need_gdb || return 0
	debug 'set $f = f' 'sockcat-flow $f' 'finish' 'sockcat-flow $f'
	holds "before" "$OUT" "flow up: FLOW_OPEN FLOW_GOING"
	holds "before" "$OUT" \
	    "ledger read 0 made 0 = written 0 + held 0 + lost 0"
	holds "after" "$OUT" \
	    "ledger read 6 made 6 = written 6 + held 0 + lost 0"
	holds "its source" "$OUT" "src standard input, fd 0 FD_FILE"
	holds "its sink" "$OUT" "FD_STREAM FD_WAY_OWN"
}

test_gdb_prints_a_half_and_the_session_of_a_flow()
{
	need_gdb || return 0
	debug 'sockcat-half f->src' 'sockcat-session f' \
	    'sockcat-show f->ledger'
	holds "the half" "$OUT" "standard input, fd 0 FD_FILE"
	holds "the session" "$OUT" "session: SESSION_GOING"
	holds "one flow" "$OUT" "flow up: "
	holds "the other flow" "$OUT" "flow down: "
	holds "any structure" "$OUT" "struct ledger"
}

# Runs a relay, through which a client sends "hello" and the end, and stops it
# when its two sides are joined. $r is the relay then.
debug_relay()	# GDB-COMMAND...
{
	serve accept recv-eof 'expect:hello\n' fin
	relay_target=$PORT
	free_port
	for command do
		printf '%s\n' "$command"
	done >"$T/commands"
	start debugger gdb -batch -nx -ex 'set debuginfod enabled off' \
	    -ex 'set disable-randomization off' \
	    -ex "set confirm off" -x "$TOP_SRCDIR/tests/tools/gdb.py" \
	    -ex "tbreak way_step" \
	    -ex "run -l --forward 127.0.0.1:$relay_target 127.0.0.1 $PORT" \
	    -ex 'up' -ex 'set $r = r' -x "$T/commands" \
	    -ex 'delete' -ex 'continue' "$NC" </dev/null
	waitfor -t 60000 "tcp:$PORT"
	start client "$TOOLS/peer" "connect:$PORT" 'send:hello\n' fin recv-eof
	finish client 60
	same "exit status of the client" 0 "$RC"
	peer_done
	finish debugger
	holds "the program's end" "$OUT" "exited normally"
}

test_gdb_prints_a_relay_and_the_relay_of_a_conn()
{
	need_gdb || return 0
	debug_relay 'sockcat-relay $r' 'tbreak flow_step' 'continue' 'finish' \
	    'sockcat-relay &$r->conn' 'sockcat-show $r->there'
	holds "its state" "$OUT" "relay: CONN_SERVING"
	holds "its client" "$OUT" "  client "
	holds "its target" "$OUT" "  target "
	holds "a direction" "$OUT" "  there: has a flow"
	holds "the other one" "$OUT" "    flow back: FLOW_OPEN"
	holds "the flow after its step" "$OUT" \
	    "ledger read 6 made 6 = written 6 + held 0 + lost 0"
	holds "any structure" "$OUT" "struct way"
}

test_gdb_says_what_is_no_flow_and_what_is_missing()
{
	need_gdb || return 0
	debug 'sockcat-flow f->src'
	holds "another structure" "$OUT$ERR" "not struct flow"
	debug 'python member(gdb.parse_and_eval("f"), "no_such")'
	holds "a missing member" "$OUT$ERR" "struct flow has no member no_such"
}

run_tests "$@"
