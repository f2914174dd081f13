#!/bin/sh
# --forward: each client is connected with a target of its own.
# timeout: 240
. "$(dirname "$0")/lib.sh"

# The listener's port stays in FRONT, since serve sets PORT.
forward()	# OPTION...: the target is among these
{
	listener "$@"
	FRONT=$PORT
}

forward_to()	# PORT OPTION...
{
	to=$1
	shift
	forward --forward "127.0.0.1:$to" "$@"
}

visitor()	# WORD...: a client of the listener
{
	run "$TOOLS/peer" "connect:$FRONT" "$@"
	same "the client's script, which said <$ERR>" 0 "$RC"
}

# --- ends -------------------------------------------------------------------

test_bytes_and_ends_cross_in_both_directions()
{
	serve accept recv-eof 'expect:question\n' 'send:answer\n' close
	forward_to "$PORT"
	visitor 'send:question\n' fin recv-eof 'expect:answer\n'
	peer_done
	exits listener 0
	same "stderr" "" "$ERR"
}

test_a_target_may_end_first()
{
	serve accept 'send:hello\n' fin recv-eof 'expect:late\n' close
	forward_to "$PORT"
	visitor recv-eof 'expect:hello\n' 'send:late\n' close
	peer_done
	exits listener 0
}

test_a_reset_of_the_target_is_a_reset_after_the_data()
{
	serve accept recv:1 fill:200000 "await:$T/read" rst
	forward_to "$PORT" -k
	run "$TOOLS/peer" "connect:$FRONT" send:x recv:200000 \
	    expect-fill:200000 "touch:$T/read" recv-eof
	true_that "the client saw a failure" [ "$RC" != 0 ]
	holds "the client" "$ERR" "reset"
	peer_done
	waits listener
}

test_a_reset_of_the_client_is_a_reset_after_the_data()
{
	serve accept recv:100000 expect-fill:100000 "touch:$T/read" recv-eof
	forward_to "$PORT" -k
	visitor fill:100000 "await:$T/read" rst
	finish peer
	true_that "the target saw a failure" [ "$RC" != 0 ]
	holds "the target" "$ERR" "reset"
}

test_a_reset_that_comes_while_nothing_is_read_from_that_side_passes()
{
	serve accept recv-eof "touch:$T/end" "await:$T/gone" recv-eof
	forward_to "$PORT" -k
	visitor fin "await:$T/end" rst
	: >"$T/gone"
	waits listener
}

# --- many, and one ----------------------------------------------------------

test_many_clients_are_served_at_once()
{
	free_port
	to=$PORT
	start target "$NC" -l -k --echo 127.0.0.1 "$to"
	waitfor "tcp:$to"
	forward_to "$to" -k
	for n in 1 2 3 4; do
		guest "g$n" "send:$n" until:$n "await:$T/go" fin recv-eof
	done
	visitor send:last until:last fin recv-eof
	: >"$T/go"
	for n in 1 2 3 4; do
		guest_done "g$n"
	done
	waits listener
	stop listener
	same "exit status" 143 "$RC"
	same "stderr" "" "$ERR"
}

test_an_unreachable_target_costs_one_client_a_line()
{
	forward_to "$(closed_port)" -k
	run "$TOOLS/peer" "connect:$FRONT" recv-end
	run "$TOOLS/peer" "connect:$FRONT" recv-end
	waits listener
	look_at listener
	same "lines" 2 "$(printf '%s\n' "$ERR" | grep -c 'refused$')"
	holds "stderr" "$ERR" "connect to 127.0.0.1 port"
	holds "stderr" "$ERR" "for 127.0.0.1 port"
}

test_without_k_an_unreachable_target_is_a_failure()
{
	forward_to "$(closed_port)"
	run "$TOOLS/peer" "connect:$FRONT" recv-end
	finish listener
	fails_with_one_line 1
}

# --- targets ----------------------------------------------------------------

test_a_target_may_be_a_unix_socket()
{
	start peer "$TOOLS/peer" "ulisten:$T/sock" accept recv-eof \
	    expect:question send:answer close
	waitfor "unix:$T/sock"
	forward --forward "unix:$T/sock"
	visitor send:question fin recv-eof expect:answer
	peer_done
	exits listener 0
}

test_a_name_is_looked_up()
{
	serve accept recv-eof expect:question send:answer close
	forward -k -v --forward ":$PORT"
	visitor send:question fin recv-eof expect:answer
	look_at listener
	holds "stderr" "$ERR" "is connected to localhost port"
}

test_a_name_that_is_none_costs_one_client_a_line()
{
	forward -n -k --forward no.such.name.invalid:80
	run "$TOOLS/peer" "connect:$FRONT" recv-end
	waits listener
	look_at listener
	one_line "stderr" "$ERR"
	holds "stderr" "$ERR" "look up no.such.name.invalid for"
}

test_bad_targets_are_refused()
{
	for word in 80 host '' host: ::1:80 http://host:80 '[::1]' '[]:80' \
	    unix: vsock:x:y host:0; do
		refuses "--forward: " -l --forward "$word" 80
	done
	refuses "must use --forward-all or -l with --forward" --forward :80 \
	    localhost 80
	refuses "cannot use" -l --forward :80 --echo 80
	refuses "cannot use" -l --forward :80 -c cat 80
	refuses "cannot use" -l --forward :80 --broker 80
	refuses "cannot use" -l --forward :80 --chat 80
	refuses "cannot use" -l -k --forward :80 --stdin all 80
}

# --- the bytes --------------------------------------------------------------

test_much_goes_through()
{
	serve accept fill:30000000 fin recv-eof expect-fill:30000000
	forward_to "$PORT" -k
	start one "$NC" -N 127.0.0.1 "$FRONT" </dev/null
	finish one 60
	same "exit status" 0 "$RC"
	same "bytes" 30000000 "$(wc -c <"$T/one.out")"
}

test_limits_copies_and_figures_are_those_of_the_client()
{
	serve accept recv-eof expect:question 'send:answer' close
	forward_to "$PORT" --output "$T/copy" --stats
	visitor send:question fin recv-eof expect:answer
	peer_done
	exits listener 0
	same "copy" questionanswer "$(cat "$T/copy")"
	holds "stderr" "$ERR" "sent=6"
	serve accept recv-eof
	forward_to "$PORT" --idle-timeout 100ms
	run "$TOOLS/peer" "connect:$FRONT" recv-end
	finish listener
	true_that "it has ended" [ "$RC" != hang ]
}

test_explain_shows_the_relay()
{
	run_gives 1 "$NC" -l -k -C --delay 1 --explain --forward one:80 \
	    --forward tls:two:443 --forward unix:/three -x proxy:1 80
	holds "stderr" "$ERR" "a proxy carries only TCP"
	run_gives 0 "$NC" -l -k -C --delay 1 --explain --forward one:80 \
	    --forward tls:two:443 --forward unix:/three 80
	for line in "target: connect (tcp) one port 80" \
	    "target: or else connect (tls) two port 443" \
	    "target: or else connect (unix) /three" \
	    "relay: bytes and ends cross in both directions" \
	    "send: target -> " "LF to CR LF" "receive: remote -> "; do
		holds "stdout" "$OUT" "$line"
	done
}

run_tests "$@"
