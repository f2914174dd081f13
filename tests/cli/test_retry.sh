#!/bin/sh
# --retry and --retry-delay: another try after a failure, told with -v.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_proxy.sh"

# Somebody who listens at PORT after so many pauses have been told.
listens_after()	# PAUSES
{
	start late sh -c 'until [ "$(grep -c "trying again" "$0/run.err")" -ge "$1" ]
	    do "$2" -t 20 file:"$0/never" 2>/dev/null; done
	    exec "$3" -l "$4" <"$0/words"' "$T" "$1" "$TOOLS/waitfor" \
	    "$SOCKCAT" "$PORT"
}

test_a_port_that_opens_later_is_connected_to()
{
	over native nc || return 0
	free_port
	echo welcome >"$T/words"
	: >"$T/run.err"
	listens_after 2
	run_gives 0 "$NC" -v --retry 500 --retry-delay 20ms -N 127.0.0.1 \
	    "$PORT" </dev/null
	same "stdout" welcome "$OUT"
	holds "stderr" "$ERR" "trying again in 0.02 s, 500 tries left"
	holds "stderr" "$ERR" "trying again in 0.02 s, 499 tries left"
	holds "stderr" "$ERR" succeeded
}

test_when_the_tries_are_used_up_that_is_one_line()
{
	PORT=$(closed_port)
	timed "$NC" --retry 3 --retry-delay 100ms 127.0.0.1 "$PORT" </dev/null
	same "exit status" 1 "$RC"
	same "stderr" "sockcat: connect to 127.0.0.1 port P (tcp) failed:\
 Connection refused" "$ERR"
	at_least "milliseconds" 295 "$MS"
}

test_nc_is_silent_about_it()
{
	over nc || return 0
	PORT=$(closed_port)
	run "$NC" --retry 2 --retry-delay 10ms 127.0.0.1 "$PORT" </dev/null
	same "exit status" 1 "$RC"
	same "stderr" "" "$ERR"
}

test_each_try_is_told_with_v()
{
	over native nc || return 0
	PORT=$(closed_port)
	run "$NC" -v --retry 1 --retry-delay 10ms 127.0.0.1 "$PORT" </dev/null
	me=${NC##*/}
	refused="$me: connect to 127.0.0.1 port P (tcp) failed: Connection refused"
	same "stderr" "$refused
$me: trying again in 0.01 s, 1 try left
$refused" "$ERR"
}

test_a_name_that_is_not_there_is_tried_again()
{
	# A label of 64 letters needs no resolver to be wrong.
	name=$(printf '%064d' 0).test
	run_gives 1 "$NC" -v --retry 1 --retry-delay 10ms "$name" 1 </dev/null
	same "failures" 2 "$(grep -c "look up $name failed" "$T/run.err")"
	holds "stderr" "$ERR" "trying again in 0.01 s, 1 try left"
}

test_a_name_that_a_proxy_needs_is_tried_again_too()
{
	proxy socks5
	run_gives 1 "$NC" -v --retry 1 --retry-delay 10ms -x "$PROXY" \
	    --proxy-dns none nowhere.test 1 </dev/null
	same "failures" 2 "$(grep -c 'look up nowhere.test failed' \
	    "$T/run.err")"
	holds "stderr" "$ERR" "trying again in 0.01 s, 1 try left"
}

test_each_port_has_its_tries()
{
	one=$(closed_port) two=$(closed_port)
	run "$NC" -v --retry 2 --retry-delay 10ms 127.0.0.1 "$one" "$two" \
	    </dev/null
	same "tries of the first" 3 "$(grep -c "port $one " "$T/run.err")"
	same "tries of the second" 3 "$(grep -c "port $two " "$T/run.err")"
}

test_a_scan_tries_again()
{
	over native nc || return 0
	free_port
	: >"$T/words"
	: >"$T/run.err"
	listens_after 2
	run_gives 0 "$NC" -zv --retry 500 --retry-delay 20ms 127.0.0.1 "$PORT"
	holds "stderr" "$ERR" succeeded
}

test_a_scan_tries_all_that_failed_after_the_same_pause()
{
	serve "await:$T/over"
	timed "$NC" -zv --retry 3 --retry-delay 100ms 127.0.0.1 \
	    "$(closed_port)" "$PORT" "$(closed_port)"
	same "exit status" 0 "$RC"
	same "pauses" 3 "$(grep -c "trying again" "$T/run.err")"
	same "open ports" 1 "$(grep -c succeeded "$T/run.err")"
	at_least "milliseconds" 295 "$MS"
}

test_an_address_in_use_is_listened_on_when_it_is_free()
{
	over native nc || return 0
	serve accept unlisten close "await:$T/over"
	start run "$NC" -v --retry 500 --retry-delay 20ms \
	    -l 127.0.0.1 "$PORT" </dev/null
	waitfor "text:$T/run.err:trying again"
	start one "$TOOLS/peer" "connect:$PORT" recv-end
	waitfor "text:$T/run.err:Listening on"
	start two "$TOOLS/peer" "connect:$PORT" send:hi
	exits run 0
	same "stdout" hi "$OUT"
	holds "stderr" "$ERR" "Address already in use"
}

test_an_address_that_stays_in_use_is_an_error_in_the_end()
{
	serve "await:$T/over"
	run "$NC" --retry 2 --retry-delay 10ms -l 127.0.0.1 "$PORT" </dev/null
	fails_with_one_line 1
	holds "stderr" "$ERR" "Address already in use"
}

test_a_signal_ends_a_pause()
{
	over native nc || return 0
	PORT=$(closed_port)
	start run "$NC" -v --retry forever --retry-delay 1h 127.0.0.1 "$PORT" \
	    </dev/null
	waitfor "text:$T/run.err:trying again in 3600 s"
	stop run
	same "exit status" 143 "$RC"
}

test_a_pause_costs_nothing()
{
	PORT=$(closed_port)
	start run "$NC" -v --retry 1 --retry-delay 1h 127.0.0.1 "$PORT" \
	    </dev/null
	waitfor "text:$T/run.err:trying again"
	same "what it does" "ticks 0 wakeups 0" \
	    "$("$TOOLS/wakeups" "$(pid_of run)")"
}

run_tests "$@"
