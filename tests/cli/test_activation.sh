#!/bin/sh
# Sockets that a service manager opened for us.
. "$(dirname "$0")/lib.sh"

# Start the subject with the sockets that these words make.
activated()	# WORD... -- OPTION...
{
	words=
	while [ "$1" != -- ]; do
		words="$words $1"
		shift
	done
	shift
	start listener "$TOOLS/given" $words pid:own -- "$NC" "$@"
}

port_of()	# FILE
{
	waitfor "file:$1"
	PORT=$(cat "$1")
}

test_a_listener_without_a_port_takes_the_socket_that_is_there()
{
	over native nc || return 0
	activated "tcp:$T/a" -- -l </dev/null
	port_of "$T/a"
	client send:hello fin recv-eof
	exits listener 0
	same "stdout" hello "$OUT"
	same "stderr" "" "$ERR"
}

test_several_sockets_are_all_served()
{
	activated "tcp:$T/a" "tcp:$T/b" -- -v -n -l -k -c 'echo served' \
	    </dev/null
	for f in a b a; do
		port_of "$T/$f"
		start peer "$TOOLS/peer" "connect:$PORT" fin recv-eof print
		peer_done
		same "$f" served "$PEER"
	done
	same "what was listened on" 2 \
	    "$(grep -c '^Listening on 127.0.0.1 ' "$T/listener.err")"
}

test_flags_of_what_was_given_stay_as_they_were()
{
	for words in "" nonblock; do
		rm -f "$T/a"
		activated $words "tcp:$T/a" "watch:$T/flags" -- -l -c cat \
		    </dev/null
		port_of "$T/a"
		client send:hello fin recv-eof expect:hello
		finish listener
		same "${words:-block}: exit status" 0 "$RC"
		same "${words:-block}: flags" same "$(cat "$T/flags")"
	done
}

# A listener that blocks is not waited in while there is other work.
test_a_listener_that_blocks_holds_up_nobody()
{
	activated "tcp:$T/a" -- -l -k --echo </dev/null
	port_of "$T/a"
	guest one send:a recv:1 "touch:$T/a1" "await:$T/go" send:b recv:1 fin
	waitfor "file:$T/a1"
	client send:other fin recv-eof expect:other
	touch "$T/go"
	guest_done one
	waits listener
}

test_a_unix_socket_is_served_and_left_where_it_is()
{
	activated "unix:$T/s" -- -l -c 'echo "$SOCKCAT_PROTO"' </dev/null
	waitfor "unix:$T/s"
	start peer "$TOOLS/peer" "uconnect:$T/s" fin recv-eof print
	peer_done
	same "what it says" UNIX "$PEER"
	exits listener 0
	true_that "the path is there" [ -S "$T/s" ]
}

test_datagrams_are_heard_from_everybody()
{
	activated "udp:$T/a" -- -u -l -k --echo </dev/null
	port_of "$T/a"
	for n in 1 2; do
		start peer "$TOOLS/peer" "udp-connect:$PORT" "send:hi$n" \
		    recv-dgram "expect:hi$n"
		peer_done
	done
	stop listener
	activated "udp:$T/b" -- -u -l -k </dev/null
	port_of "$T/b"
	for n in 1 2; do
		"$TOOLS/peer" "udp-connect:$PORT" "send:hi$n"
		waitfor "text:$T/listener.out:hi$n"
	done
}

test_a_child_sees_nothing_of_it()
{
	activated "tcp:$T/a" "tcp:$T/b" -- -l -c \
	    'echo "$LISTEN_FDS$LISTEN_PID$LISTEN_FDNAMES"; ls /proc/self/fd' \
	    </dev/null
	port_of "$T/a"
	start peer "$TOOLS/peer" "connect:$PORT" fin recv-eof print
	peer_done
	# ls has one of its own.
	same "what it has" " 0 1 2 3" " $(echo $PEER)"
}

test_what_is_meant_for_another_process_is_left_alone()
{
	over native nc || return 0
	start listener "$TOOLS/given" "tcp:$T/a" pid:other -- "$NC" -l \
	    </dev/null
	exits listener 1
	holds "stderr" "$ERR" "missing port number"
}

test_a_port_that_is_named_is_the_one()
{
	over native nc || return 0
	free_port
	activated "tcp:$T/a" -- -l "$PORT" </dev/null
	waitfor "tcp:$PORT"
	client send:hello fin recv-eof
	finish listener
	same "stdout" hello "$OUT"
}

refused()	# WHAT PART WORD... -- OPTION...
{
	what=$1 part=$2
	shift 2
	rm -f "$T/s"
	activated "$@" </dev/null
	finish listener
	same "$what: exit status" 1 "$RC"
	holds "$what: stderr" "$ERR" "$part"
	one_line "$what: stderr" "$ERR"
}

test_what_does_not_fit_is_refused_in_one_line()
{
	refused "a datagram socket" "it is for datagrams, use -u" \
	    "udp:$T/a" -- -l
	refused "a stream" "it is not for datagrams" "tcp:$T/a" -- -u -k -l
	refused "packets" "it is for sequenced packets" "useqpacket:$T/s" -- \
	    -u -k -l
	refused "one datagram peer" "must use -k" "udp:$T/a" -- -u -l
	refused "no Unix socket" "not a Unix socket" "tcp:$T/a" -- -U -l
	refused "mixed" "it is a Unix socket" "tcp:$T/a" "unix:$T/s" -- -l
	refused "no socket" "listen on descriptor 4 failed: " \
	    "tcp:$T/a" count:2 -- -l
	refused "no number" "LISTEN_FDS is invalid: x" "tcp:$T/a" count:x -- -l
	refused "none" "LISTEN_FDS is too small: 0" "tcp:$T/a" count:0 -- -l
	refused "two uses" "--ready-fd is one of the sockets" "tcp:$T/a" -- \
	    -l --ready-fd 3
}

test_a_socket_that_has_a_peer_is_not_listened_on()
{
	activated "accepted:$T/a" -- -l </dev/null
	port_of "$T/a"
	guest one recv-end
	exits listener 1
	holds "stderr" "$ERR" "it has a peer already, use --peer-fd"
}

run_tests "$@"
