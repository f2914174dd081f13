#!/bin/sh
# What -v says, to the letter: scripts look for it.
. "$(dirname "$0")/lib.sh"

test_a_connection_succeeded()
{
	over nc real || return 0
	serve accept fin recv-eof
	run "$NC" -v -N 127.0.0.1 "$PORT" </dev/null
	same "stderr" "Connection to 127.0.0.1 P port [tcp/*] succeeded!" "$ERR"
	same "exit status" 0 "$RC"
}

test_a_connection_by_name_succeeded()
{
	over nc real || return 0
	serve accept fin recv-eof
	run "$NC" -4 -v -N localhost "$PORT" </dev/null
	same "stderr" \
	    "Connection to localhost (127.0.0.1) P port [tcp/*] succeeded!" \
	    "$ERR"
}

test_scripts_find_succeeded_or_open()
{
	serve accept fin recv-eof
	run "$NC" -v -N 127.0.0.1 "$PORT" </dev/null
	holds "stderr" "$ERR" "succeeded!"
	holds "stderr" "$ERR" "127.0.0.1"
	one_line "stderr" "$ERR"
}

test_without_v_nothing_is_said()
{
	over native nc real || return 0
	serve accept fin recv-eof
	run "$NC" -N 127.0.0.1 "$PORT" </dev/null
	same "stderr" "" "$ERR"
	same "stdout" "" "$OUT"
}

test_repeating_v_changes_nothing_for_nc()
{
	over nc real || return 0
	serve accept fin recv-eof
	run "$NC" -vvv -N 127.0.0.1 "$PORT" </dev/null
	same "stderr" "Connection to 127.0.0.1 P port [tcp/*] succeeded!" "$ERR"
}

test_a_refusal_of_a_name_names_the_address_too()
{
	over nc real || return 0
	PORT=$(closed_port)
	run "$NC" -4 -v localhost "$PORT" </dev/null
	# Once for each line of /etc/hosts that names it.
	same "stderr" "nc: connect to localhost (127.0.0.1) port P (tcp)\
 failed: Connection refused" "$(printf '%s\n' "$ERR" | uniq)"
}

# Be a listener with these options; one client comes and goes.
listens_and_greets()	# OPTION...
{
	free_port
	launch listener "$NC" "$@" "$PORT" </dev/null
	start peer "$TOOLS/peer" "connect:$PORT" fin recv-eof
	peer_done
	finish listener
}

test_a_listener_tells_where_it_listens_and_who_came()
{
	over nc real || return 0
	listens_and_greets -v -n -l
	same "stderr" "$(printf '%s\n' 'Listening on 0.0.0.0 P' \
	    'Connection received on 127.0.0.1 N')" "$ERR"
	same "stdout" "" "$OUT"
}

test_without_n_the_client_s_name_is_looked_up()
{
	over nc real || return 0
	getent hosts 127.0.0.1 | grep -qw localhost ||
	    { skip "127.0.0.1 has no name"; return; }
	listens_and_greets -v -l 127.0.0.1
	holds "stderr" "$ERR" "Connection received on localhost N"
}

test_an_ipv6_listener_of_nc_shows_ipv4_clients_as_mapped()
{
	over nc real || return 0
	need_ipv6 || return 0
	listens_and_greets -6 -v -n -l
	same "stderr" "$(printf '%s\n' 'Listening on :: P' \
	    'Connection received on ::ffff:127.0.0.1 N')" "$ERR"
}

test_keep_open_of_nc_says_listening_once()
{
	over nc real || return 0
	free_port
	launch listener "$NC" -v -n -k -l "$PORT" </dev/null
	client fin recv-eof
	client fin recv-eof
	waits listener
	same "lines with Listening" 1 \
	    "$(grep -c "^Listening on" "$T/listener.err")"
	same "lines with received" 2 \
	    "$(grep -c "^Connection received on 127.0.0.1 " "$T/listener.err")"
}

test_native_tells_where_it_listens_and_who_came()
{
	listens_and_greets -v -n -l
	holds "stderr" "$ERR" "istening on"
	holds "stderr" "$ERR" " P"
	holds "stderr" "$ERR" "127.0.0.1 N"
	same "stdout" "" "$OUT"
}

test_udp_says_bound_and_who_came()
{
	over nc real || return 0
	free_port
	launch_udp listener "$NC" -u -v -n -w 1 -l "$PORT" </dev/null
	"$TOOLS/peer" "udp-connect:$PORT" send:x
	finish listener
	same "stderr" "$(printf '%s\n' 'Bound on 0.0.0.0 P' \
	    'Connection received on 127.0.0.1 N')" "$ERR"
	same "stdout" x "$OUT"
}

test_a_unix_listener_says_bound_and_listening()
{
	over nc real || return 0
	cd "$T" || return
	start listener "$NC" -U -v -l ./s </dev/null
	waitfor unix:./s
	start peer "$TOOLS/peer" uconnect:./s fin recv-eof
	peer_done
	finish listener
	cd / || return
	holds "stderr" "$ERR" "$(printf 'Bound on ./s\nListening on ./s')"
}

test_zero_io_of_several_ports_with_v()
{
	over nc real || return 0
	serve accept accept recv-end
	closed=$(closed_port)
	run_gives 0 "$NC" -z -v 127.0.0.1 "$closed" "$PORT" </dev/null
	same "stderr" "$(printf '%s\n' "nc: connect to 127.0.0.1 port $closed\
 (tcp) failed: Connection refused" \
	    'Connection to 127.0.0.1 P port [tcp/*] succeeded!')" "$ERR"
}

test_traditional_says_open()
{
	over traditional real-traditional || return 0
	serve accept fin recv-eof
	run "$NC" -v -n 127.0.0.1 "$PORT" </dev/null
	same "stderr" "(UNKNOWN) [127.0.0.1] P (?) open" "$ERR"
	same "exit status" 0 "$RC"
}

test_a_traditional_listener_s_words()
{
	over traditional real-traditional || return 0
	free_port
	launch listener "$NC" -v -n -l -p "$PORT" </dev/null
	start peer "$TOOLS/peer" "connect:$PORT" send:hi fin recv-eof
	peer_done
	finish listener
	same "stderr" "$(printf '%s\n' 'listening on [any] P ...' \
	    'connect to [127.0.0.1] from (UNKNOWN) [127.0.0.1] N')" "$ERR"
	same "stdout" hi "$OUT"
}

test_ncat_says_connected_and_counts_at_the_end()
{
	over ncat real-ncat || return 0
	serve accept send:hello recv:4 fin recv-eof
	printf PING >"$T/in"
	run "$NC" -v 127.0.0.1 "$PORT" <"$T/in"
	holds "stderr" "$ERR" "Ncat: Connected to 127.0.0.1:P."
	holds "stderr" "$ERR" "Ncat: 4 bytes sent, 5 bytes received in "
	same "stdout" hello "$OUT"
	same "exit status" 0 "$RC"
}

test_an_ncat_listener_s_words()
{
	over ncat real-ncat || return 0
	need_wildcard || return 0
	free_port
	launch listener "$NC" -v -l "$PORT" </dev/null
	start peer "$TOOLS/peer" "connect:$PORT" send:hi fin recv-eof
	peer_done
	finish listener
	holds "stderr" "$ERR" "Ncat: Listening on "
	holds "stderr" "$ERR" "Ncat: Connection from 127.0.0.1"
	same "stdout" hi "$OUT"
}

run_tests "$@"
