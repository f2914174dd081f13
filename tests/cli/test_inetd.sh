#!/bin/sh
# A peer that is there already, on descriptors that we were given.
. "$(dirname "$0")/lib.sh"

# Start the subject when a client has come, whose words are done meanwhile.
given()	# DESCRIPTORS WORD... -- OPTION...: stdin is ours
{
	onto=$1
	shift
	words=
	while [ "$1" != -- ]; do
		words="$words $1"
		shift
	done
	shift
	rm -f "$T/a"
	start server "$TOOLS/given" ${NONBLOCK:-} "accepted:$T/a" "onto:$onto" \
	    "watch:$T/flags" -- "$NC" "$@"
	waitfor "file:$T/a"
	PORT=$(cat "$T/a")
	start peer "$TOOLS/peer" "connect:$PORT" $words
}

test_a_command_serves_the_client_of_inetd()
{
	over native nc || return 0
	given 0,1,2 send:hello fin recv-eof print -- --inetd -c 'tr a-z A-Z' \
	    </dev/null
	peer_done
	same "the answer" HELLO "$PEER"
	exits server 0
}

test_its_exit_status_is_ours()
{
	given 0,1 fin recv-eof -- --inetd -c 'exit 7' </dev/null
	exits server 7
	peer_done
}

test_a_command_behind_pipes_does_the_same()
{
	given 0,1,2 'send:a\nb\n' fin recv-eof print -- --inetd -C -c cat \
	    </dev/null
	peer_done
	same "the answer" "$(printf 'a\r\nb\r')" "$PEER"
	exits server 0
}

test_an_echo_serves_the_client()
{
	given 0,1,2 fill:300000 fin recv-eof expect-fill:300000 -- \
	    --inetd --echo </dev/null
	peer_done
	exits server 0
}

test_flags_of_the_clients_socket_stay_as_they_were()
{
	for NONBLOCK in "" nonblock; do
		for how in --echo "-c cat" "-C -c cat"; do
			given 0,1,2 send:x fin recv-eof expect:x -- \
			    --inetd $how </dev/null
			peer_done
			finish server
			same "$how, $NONBLOCK: flags" same "$(cat "$T/flags")"
		done
	done
	NONBLOCK=
}

test_a_command_waits_for_a_client_on_a_nonblocking_socket()
{
	NONBLOCK=nonblock
	# The command reads well before the client writes.
	given 0,1,2 until:ready send:x fin recv-eof print -- --inetd \
	    -c '{ sleep 0.3; echo ready; } & cat; wait' </dev/null
	NONBLOCK=
	peer_done
	exits server 0
	holds "the answer" "$PEER" x
	same "flags" same "$(cat "$T/flags")"
}

test_no_message_of_ours_goes_to_the_client()
{
	given 0,1,2 fin recv-eof print -- --inetd -vvv -e /none/such \
	    </dev/null
	peer_done
	same "what the client sees" "" "$PEER"
	exits server 1
}

test_messages_go_to_standard_error_where_that_is_another()
{
	given 0,1 fin recv-eof -- --inetd -e /none/such </dev/null
	peer_done
	finish server
	holds "stderr" "$ERR" "run /none/such failed: No such file"
}

test_the_peer_of_a_ucspi_client_is_on_6_and_7()
{
	over native nc || return 0
	given 6,7 send:hello until:question recv-eof send:bye fin -- -N \
	    --peer-fd=6,7 <<-X
		question
	X
	peer_done
	exits server 0
	same "stdout" hellobye "$OUT"
	same "stderr" "" "$ERR"
	same "flags" same "$(cat "$T/flags")"
}

test_that_is_found_by_itself_where_ucspi_is_spoken()
{
	over native nc || return 0
	PROTO=TCP
	export PROTO
	given 6,7 send:hello until:question recv-eof send:bye fin -- -N \
	    --inetd <<-X
		question
	X
	unset PROTO
	peer_done
	exits server 0
	same "stdout" hellobye "$OUT"
	same "stderr" "" "$ERR"
}

test_the_client_that_a_service_manager_accepted_is_on_3()
{
	given 3 send:hello fin recv-eof -- -v -n --peer-fd=3 </dev/null
	peer_done
	finish server
	same "stdout" hello "$OUT"
	holds "stderr" "$ERR" "Connection received on 127.0.0.1"
}

test_the_traffic_of_such_a_peer_is_dumped_too()
{
	given 6 send:hello fin recv-eof -- --peer-fd=6 -o "$T/dump" \
	    </dev/null
	peer_done
	finish server
	same "stdout" hello "$OUT"
	holds "the dump" "$(cat "$T/dump")" "68 65 6c 6c 6f"
	given 0,1 send:hello fin recv-eof expect:hello -- --inetd -c cat \
	    -o "$T/dump" </dev/null
	peer_done
	finish server
	same "lines of a command's dump" 2 "$(grep -c '68 65 6c' "$T/dump")"
}

test_two_pipes_are_a_peer_as_well()
{
	printf question >"$T/in"
	run_gives 0 "$NC" --peer-fd=6,7 <"$T/in" 6<"$(bytes 100000)" 7>"$T/to"
	same_file "stdout" "$(bytes 100000)" "$T/run.out"
	same "what went to the peer" question "$(cat "$T/to")"
	run sh -c 'printf hello | "$1" --inetd -c "tr a-z A-Z" | cat' - "$NC"
	same "a command on them" HELLO "$OUT"
	same "stderr" "" "$ERR"
}

test_what_pipes_say_is_dropped_where_we_only_send()
{
	mkfifo "$T/from" "$T/to"
	# It does not listen before it has said all; a pipe holds 1 MiB at most.
	start speaker sh -c 'exec 8>"$1/from" 9<"$1/to"
		head -c 1000000 /dev/zero >&8 && cat <&9' - "$T"
	run_gives 0 "$NC" --send-only --peer-fd=6,7 <"$(bytes 3000000)" \
	    6<"$T/from" 7>"$T/to"
	same "stdout and stderr" "" "$OUT$ERR"
	finish speaker
	same_file "what it heard" "$(bytes 3000000)" "$T/speaker.out"
}

test_a_command_is_told_of_the_peer()
{
	facts='echo "$SOCKCAT_REMOTE_ADDR $SOCKCAT_REMOTE_PORT' \
	facts=$facts' $NCAT_LOCAL_ADDR $NCAT_LOCAL_PORT $NCAT_PROTO"'
	given 0,1 fin recv-eof print name -- --inetd -c "$facts" </dev/null
	peer_done
	holds "by the socket" "$PEER" "127.0.0.1"
	holds "by the socket" "$PEER" " 127.0.0.1 $PORT TCP"
	run env TCPREMOTEIP=192.0.2.7 TCPREMOTEPORT=77 TCPLOCALIP=::1 \
	    TCPLOCALPORT=25 sh -c ': | "$1" --inetd -c "$2" | cat' - \
	    "$NC" "$facts"
	same "by UCSPI's variables" "192.0.2.7 77 ::1 25 TCP" "$OUT"
}

test_what_is_no_peer_is_refused_in_one_line()
{
	: >"$T/file"
	# Numbers that would soon be our own.
	for fds in 3,4 4,5 5,6; do
		run "$NC" --peer-fd=$fds --stats 3<&- 4<&- 5<&- 6<&- </dev/null
		same "$fds: exit status" 1 "$RC"
		holds "$fds" "$ERR" "Bad file descriptor"
	done
	run "$NC" --inetd </dev/null
	holds "no near end" "$ERR" "standard input and output are the peer's"
	run "$NC" --inetd --chat </dev/null
	holds "a chat" "$ERR" "standard input and output are the peer's"
	run "$NC" --peer-fd=9 </dev/null
	holds "not open" "$ERR" "use descriptor 9 failed: Bad file descriptor"
	run "$NC" --peer-fd=5 5<"$T/file" </dev/null
	holds "no socket" "$ERR" "use descriptor 5 failed: Socket operation"
	run "$NC" --inetd --echo </dev/null
	holds "two files" "$ERR" "an echo needs one socket"
	run "$NC" -o "$T/dump" --peer-fd=5,6 5<"$T/file" 6>"$T/file" </dev/null
	holds "a dump of two" "$ERR" "need one socket for both directions"
	for words in "--peer-fd=x" "--peer-fd=3," "--peer-fd=,3" \
	    "--peer-fd=2" "--peer-fd=3 host" "--inetd -l 1" "--inetd -k" \
	    "--inetd -u -c true" "--inetd --peer-fd=3"; do
		run "$NC" $words </dev/null
		same "$words: exit status" 1 "$RC"
		one_line "$words: stderr" "$ERR"
	done
}

test_a_listener_on_0_is_no_client()
{
	run_gives 1 "$TOOLS/given" "tcp:$T/a" onto:0,1 -- "$NC" --inetd --echo
	holds "stderr" "$ERR" "descriptor 0 failed: it listens, and has no peer"
}

run_tests "$@"
