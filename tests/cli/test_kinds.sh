#!/bin/sh
# Kinds of sockets beside TCP, UDP and Unix streams and datagrams.
. "$(dirname "$0")/lib.sh"

NETNS=$TOP_BUILDDIR/tests/bench/netns

# --- sequenced packets ------------------------------------------------------

sequence()	# OPTION...: a listener
{
	start listener "$NC" -U --seqpacket "$@" -l "$T/s"
	waitfor "unix:$T/s"
}

test_sequenced_packets_go_both_ways_and_end()
{
	over native nc || return 0
	printf answer >"$T/in"
	sequence -N <"$T/in"
	printf question >"$T/in2"
	run_gives 0 "$NC" -U --seqpacket -N "$T/s" <"$T/in2"
	same "stdout" answer "$OUT"
	same "stderr" "" "$ERR"
	finish listener
	same "listener's exit status" 0 "$RC"
	same "listener's stdout" question "$OUT"
	same "listener's stderr" "" "$ERR"
}

test_a_sequenced_packet_is_read_whole_and_alone()
{
	sequence -W 1 </dev/null
	run "$NC" -U --seqpacket --send-only "$T/s" <"$(bytes 131014)"
	finish listener
	same "listener's exit status" 0 "$RC"
	same "bytes of one record" 65507 "$(wc -c <"$T/listener.out")"
}

# As a room, and as a crowd: both read pieces of a size of their own.
test_messages_in_large_packets_reach_everybody_whole()
{
	head -c 60000 /dev/zero | tr '\0' x >"$T/in"
	for how in --broker "--tag %n"; do
		sequence -k $how </dev/null
		run_gives 0 "$NC" -U --seqpacket --send-only "$T/s" <"$T/in"
		waitfor "size:$T/listener.out:60000"
		stop listener
		same "stderr with $how" "" "$ERR"
		same "bytes with $how" 60000 \
		    "$(tr -cd x <"$T/listener.out" | wc -c)"
		rm -f "$T/s"
	done
}

test_a_room_takes_large_packets()
{
	sequence -k --talk </dev/null
	{ head -c 3000 /dev/zero | tr '\0' x; echo; } >"$T/in"
	run_gives 0 "$NC" -U --seqpacket --send-only "$T/s" <"$T/in"
	stop listener
	same "stderr" "" "$ERR"
}

test_what_sequenced_packets_say_is_dropped_where_we_only_send()
{
	sequence -c "head -c 1000000 /dev/zero; exec cat >'$T/heard'" \
	    </dev/null
	run_gives 0 "$NC" -U --seqpacket --send-only "$T/s" <"$(bytes 1000000)"
	same "stdout and stderr" "" "$OUT$ERR"
	finish listener
	same_file "what it heard" "$(bytes 1000000)" "$T/heard"
}

test_a_megabyte_of_sequenced_packets_is_echoed()
{
	sequence -k --echo </dev/null
	run_gives 0 "$NC" -U --seqpacket "$T/s" <"$(bytes 1000000)"
	same_file "echo" "$(bytes 1000000)" "$T/run.out"
}

test_a_command_gets_sequenced_packets()
{
	printf 'one\ntwo\n' >"$T/in"
	for how in "-c" "-W 9 -c"; do
		sequence $how cat </dev/null
		run "$NC" -U --seqpacket "$T/s" <"$T/in"
		same "exit status with $how" 0 "$RC"
		same "stdout with $how" "$(cat "$T/in")" "$OUT"
		finish listener
	done
}

test_a_sequenced_chat_begins_and_ends()
{
	hold
	sequence --chat <"$T/idle"
	printf 'hello\n' >"$T/in"
	run_gives 0 "$NC" -U --seqpacket --chat "$T/s" <"$T/in"
	finish listener
	holds "listener's stdout" "$OUT" hello
}

test_a_stream_is_no_sequence()
{
	start listener "$NC" -U -l "$T/s" </dev/null
	waitfor "unix:$T/s"
	run_gives 1 "$NC" -U --seqpacket "$T/s" </dev/null
	same "stderr" "sockcat: connect to $T/s failed: Protocol wrong type\
 for socket" "$ERR"
}

# --- multipath --------------------------------------------------------------

need_multipath()
{
	[ "$(cat /proc/sys/net/mptcp/enabled 2>/dev/null)" = 1 ] ||
	    { skip "no MPTCP"; return 1; }
}

test_multipath_tells_that_it_is()
{
	over native nc || return 0
	need_multipath || return 0
	free_port
	launch listener "$NC" --mptcp -v -l 127.0.0.1 "$PORT" </dev/null
	printf hello >"$T/in"
	run_gives 0 "$NC" --mptcp -v -N 127.0.0.1 "$PORT" <"$T/in"
	holds "stderr" "$ERR" "port [mptcp/"
	holds "stderr" "$ERR" "The connection is multipath TCP"
	finish listener
	same "stdout" hello "$OUT"
	holds "listener's stderr" "$ERR" "The connection is multipath TCP"
}

test_multipath_tells_that_it_fell_back()
{
	need_multipath || return 0
	serve accept fin recv-end
	run_gives 0 "$NC" --mptcp -v 127.0.0.1 "$PORT" </dev/null
	holds "stderr" "$ERR" "The connection is plain TCP"
	peer_done
	free_port
	launch listener "$NC" --mptcp -v -l 127.0.0.1 "$PORT" </dev/null
	client send:hello fin recv-eof
	finish listener
	same "stdout" hello "$OUT"
	holds "listener's stderr" "$ERR" "The connection is plain TCP"
}

# Much goes from a pipe into a client with these options, and out of a listener
# into a pipe.
multipath_pipes()	# OPTION...
{
	data=$(bytes 500000)
	free_port
	launch listener sh -c '"$0" --mptcp -vvv -l 127.0.0.1 "$1" | cat' \
	    "$NC" "$PORT" </dev/null
	start_pipeline 'cat "$1" | { shift; "$@"; }' "$data" \
	    "$NC" --mptcp -vvv -N "$@" 127.0.0.1 "$PORT"
	exits pipeline 0
	finish listener
	same_file "what came" "$data" "$T/listener.out"
}

test_multipath_is_copied()
{
	need_multipath || return 0
	multipath_pipes
	holds "traces of the listener" "$ERR" "flow down: by copy"
	lacks "traces of the listener" "$ERR" "splice"
	look_at pipeline
	holds "traces of the client" "$ERR" "flow up: by copy"
	lacks "traces of the client" "$ERR" "splice"
}

test_multipath_is_spliced_if_asked_for()
{
	need_multipath || return 0
	multipath_pipes --mover=splice
	look_at pipeline
	holds "traces of the client" "$ERR" "flow up: by splice"
}

test_multipath_that_fell_back_is_spliced()
{
	need_multipath || return 0
	data=$(bytes 500000)
	serve accept recv-eof fin
	start_pipeline 'cat "$1" | { shift; "$@"; }' "$data" \
	    "$NC" --mptcp -vvv -N 127.0.0.1 "$PORT"
	exits pipeline 0
	peer_done
	holds "traces" "$ERR" "flow up: by splice"
}

test_a_relay_of_multipath_copies()
{
	need_multipath || return 0
	data=$(bytes 500000)
	serve accept recv-eof fin
	target=$PORT
	free_port
	launch listener "$NC" --mptcp -vvv -l --forward "127.0.0.1:$target" \
	    127.0.0.1 "$PORT"
	run_gives 0 "$NC" --mptcp -N 127.0.0.1 "$PORT" <"$data"
	peer_done
	finish listener
	lacks "traces" "$ERR" through
}

# --- raw --------------------------------------------------------------------

# Protocol 200 is nobody's.
raw_payloads()	# HOST OPTION...
{
	host=$1
	shift
	start listener "$NETNS" sh -c '
	    nc=$1 dir=$2 host=$3
	    shift 3
	    "$nc" "$@" -W 1 --raw 200 -l "$host" >"$dir/got" 2>"$dir/err" &
	    listener=$!
	    while ! grep -q ":00C8 " /proc/net/raw /proc/net/raw6; do
		kill -0 $listener || exit 9
	    done
	    printf payload | "$nc" -q 0 --raw 200 "$host" >/dev/null || exit 8
	    wait $listener' - "$NC" "$T" "$host" "$@" </dev/null
	finish listener
	same "exit status, $host" 0 "$RC"
	same "the payload, $host" payload "$(cat "$T/got")"
	same "stderr, $host" "" "$(cat "$T/err")"
}

test_a_raw_socket_gives_the_payload_alone()
{
	run "$NC" --deadline 100ms -l --raw 200 127.0.0.1 </dev/null
	case $ERR in
	*"not permitted"*) skip "not privileged"; return ;;
	esac
	raw_payloads 127.0.0.1
	! "$TOOLS/has" ipv6 || raw_payloads ::1
}

test_a_raw_socket_takes_privileges()
{
	[ "$(id -u)" = 0 ] || { skip "not root"; return; }
	setpriv --version >/dev/null 2>&1 || { skip "no setpriv"; return; }
	chmod 711 "$work" "$T"
	cp "$NC" "$T/sockcat" && chmod 755 "$T/sockcat"
	run setpriv --reuid 65534 --clear-groups "$T/sockcat" --raw icmp \
	    127.0.0.1 </dev/null
	[ "$RC" != 126 ] && [ "$RC" != 127 ] ||
	    { skip "others cannot run it"; return; }
	same "exit status" 1 "$RC"
	same "stderr" "sockcat: connect to 127.0.0.1 (raw) failed:\
 Operation not permitted" "$ERR"
}

# --- where the system has none ----------------------------------------------

# The words, or nothing else if the system has it: then it is refused.
lacking()	# PROTO OPTION...
{
	proto=$1
	shift
	PORT=$(closed_port)
	run "$NC" "$@" 127.0.0.1 "$PORT" </dev/null
	same "exit status of $*" 1 "$RC"
	case $ERR in
	*"Connection refused"*) ;;
	*)	same "stderr of $*" "sockcat: connect to 127.0.0.1 port P\
 ($proto) failed: $(printf '%s\n' "$ERR" | sed 's/.*failed: //')" "$ERR"
		holds "reason of $*" "$ERR" "not supported" ;;
	esac
}

test_what_the_system_has_not_is_one_line()
{
	lacking sctp --sctp
	lacking dccp -Z
}

test_z_of_nc_is_silent_and_listens_to_nothing()
{
	over nc real || return 0
	PORT=$(closed_port)
	run_gives 1 "$NC" -Z 127.0.0.1 "$PORT" </dev/null
	same "stderr" "" "$ERR"
	grep -q DCCP /proc/net/protocols && { skip "has DCCP"; return; }
	run_gives 1 "$NC" -Z -l 127.0.0.1 "$PORT" </dev/null
	same "stderr" "nc: Socket type not supported" "$ERR"
}

test_sctp_of_ncat_has_its_words()
{
	over ncat real-ncat || return 0
	grep -q SCTP /proc/net/protocols && { skip "has SCTP"; return; }
	PORT=$(closed_port)
	run_gives 1 "$NC" --sctp 127.0.0.1 "$PORT" </dev/null
	holds "stderr" "$ERR" "Ncat: Protocol not supported."
	run_gives 2 "$NC" --sctp -l "$PORT" </dev/null
	same "stderr" "Ncat: Unable to open any listening sockets. QUITTING." \
	    "$ERR"
}

# --- virtual machines -------------------------------------------------------

# Without a loopback even CID 1 is sent to whoever runs this machine: then
# nothing is connected to.
test_virtual_machines_are_served_on_the_loopback()
{
	over native ncat || return 0
	[ -d /sys/module/vsock_loopback ] ||
	    { skip "no vsock loopback"; return; }
	port=$((40000 + $$ % 20000))
	start listener "$NC" -v --vsock -l 1 "$port" </dev/null
	waitfor "text:$T/listener.err:istening on"
	printf hello >"$T/in"
	run_gives 0 "$NC" --vsock 1 "$port" <"$T/in"
	finish listener
	same "stdout" hello "$OUT"
}

test_a_cid_that_is_not_ours_is_not_listened_on()
{
	over native ncat real-ncat || return 0
	[ -e /dev/vsock ] || { skip "no vsock"; return; }
	run "$NC" --vsock -l 77777 40000 </dev/null
	case $SUBJECT in
	native)	same "exit status" 1 "$RC"
		same "stderr" "sockcat: listen on 77777 port 40000 (vsock)\
 failed: Cannot assign requested address" "$ERR" ;;
	*)	same "exit status" 2 "$RC"
		same "stderr" "Ncat: bind to 77777:40000: Cannot assign\
 requested address. QUITTING." "$ERR" ;;
	esac
}

run_tests "$@"
