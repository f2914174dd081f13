#!/bin/sh
# Connecting over TCP.
. "$(dirname "$0")/lib.sh"

test_what_the_server_says_is_printed_and_its_end_with_ours_is_success()
{
	over native nc real || return 0
	serve accept 'send:hello\n' recv-eof expect:PING close
	printf PING >"$T/in"
	run_gives 0 "$NC" -N 127.0.0.1 "$PORT" <"$T/in"
	same "stdout" hello "$OUT"
	same "stderr" "" "$ERR"
	peer_done
}

test_a_url_says_where_and_how()
{
	serve accept 'send:hello\n' recv-eof expect:PING close
	printf PING >"$T/in"
	run_gives 0 "$NC" -N "tcp://127.0.0.1:$PORT/" <"$T/in"
	same "stdout" hello "$OUT"
	peer_done
	start listener "$NC" -l "unix:$T/s" <"$T/in"
	waitfor "unix:$T/s"
	run_gives 0 "$NC" -N "unix://$T/s" <"$T/in"
	same "stdout" PING "$OUT"
	finish listener
}

test_ipv6_is_connected_to()
{
	over native nc real || return 0
	need_ipv6 || return 0
	start peer "$TOOLS/peer" "listen6:$T/port" accept send:six recv-eof
	waitfor "file:$T/port"
	: >"$T/in"
	run "$NC" -N ::1 "$(cat "$T/port")" <"$T/in"
	same "stdout" six "$OUT"
	same "exit status" 0 "$RC"
	peer_done
}

test_a_name_leads_to_the_next_address_when_the_first_refuses()
{
	over native nc real || return 0
	getent ahosts localhost | grep -q '^::1' ||
	    { skip "localhost is not two addresses"; return; }
	serve accept send:there fin recv-eof
	: >"$T/in"
	run "$NC" -N localhost "$PORT" <"$T/in"
	same "stdout" there "$OUT"
	same "exit status" 0 "$RC"
	peer_done
}

test_a_family_that_was_asked_for_is_the_only_one_tried()
{
	over native nc real || return 0
	serve accept
	run_gives 1 "$NC" -6 localhost "$PORT" </dev/null
	run "$NC" -4 -z localhost "$PORT" </dev/null
	same "exit status with -4" 0 "$RC"
	peer_done
}

test_a_source_port_and_address_are_used()
{
	over native nc real || return 0
	source=$(closed_port)
	serve accept name recv-eof
	: >"$T/in"
	run "$NC" -N -s 127.0.0.1 -p "$source" 127.0.0.1 "$PORT" <"$T/in"
	peer_done
	same "the peer's view" "127.0.0.1 $source" "$PEER"
}

test_a_source_address_that_is_not_ours_is_an_error()
{
	over native nc real || return 0
	serve accept
	run_gives 1 "$NC" -s 192.0.2.77 127.0.0.1 "$PORT" </dev/null
	holds "stderr" "$ERR" "Cannot assign requested address"
	[ "$SUBJECT" = native ] ||
	    same "stderr" "nc: bind failed: Cannot assign requested address" \
	    "$ERR"
}

test_a_service_name_is_a_port()
{
	over native nc real || return 0
	getent services discard/tcp >/dev/null ||
	    { skip "no service names"; return; }
	run_gives 1 "$NC" -v 127.0.0.1 discard </dev/null
	holds "stderr" "$ERR" "Connection refused"
	holds "stderr" "$ERR" "port 9 "
}

test_a_megabyte_each_way_arrives_whole()
{
	over native nc real || return 0
	data=$(bytes 1000000)
	serve accept fill:1000000 recv-eof "save:$T/got" fin
	run_gives 0 "$NC" -N 127.0.0.1 "$PORT" <"$data"
	peer_done
	same_file "sent data" "$data" "$T/got"
	same "bytes received" 1000000 "$(wc -c <"$T/run.out")"
}

test_a_connect_that_nobody_answers_ends_with_w()
{
	over native nc real || return 0
	serve_nobody
	timed "$NC" -w 1 127.0.0.1 "$PORT" </dev/null
	same "exit status" 1 "$RC"
	at_least "milliseconds" 950 "$MS"
	same "stdout" "" "$OUT"
	case $SUBJECT in
	native)	holds "stderr" "$ERR" "timed out"
		one_line "stderr" "$ERR" ;;
	*)	same "stderr" "" "$ERR" ;;
	esac
	touch "$T/over"
	peer_done
}

test_verbose_tells_of_a_connect_that_timed_out()
{
	over nc real || return 0
	serve_nobody
	run_gives 1 "$NC" -v -w 1 127.0.0.1 "$PORT" </dev/null
	same "stderr" "nc: connect to 127.0.0.1 port P (tcp) timed out:\
 Operation now in progress" "$ERR"
	touch "$T/over"
}

test_a_port_of_a_range_that_answers_is_talked_to()
{
	over nc real || return 0
	serve accept send:banner fin recv-eof
	: >"$T/in"
	run "$NC" -N 127.0.0.1 "$(closed_port)" "$PORT" <"$T/in"
	same "stdout" banner "$OUT"
	same "exit status" 0 "$RC"
	peer_done
}

run_tests "$@"
