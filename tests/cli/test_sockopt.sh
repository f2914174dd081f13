#!/bin/sh
# -T -M -m -I -O -b -D: accepted, and set on the socket.
. "$(dirname "$0")/lib.sh"

# What setsockopt got, for a client and for a listener.
client_sets()	# WANTED OPTION...
{
	want=$1
	shift
	serve accept fin recv-end
	run strace -f -qq -e trace=setsockopt -o "$T/trace" \
	    "$NC" "$@" -N 127.0.0.1 "$PORT" </dev/null
	same "exit status of $*" 0 "$RC"
	holds "what $* sets" "$(cat "$T/trace")" "$want"
}

test_a_tos_word_or_number_is_set()
{
	over native nc real || return 0
	need_strace || return 0
	client_sets "IP_TOS, [16]" -T lowdelay
	client_sets "IP_TOS, [184]" -T ef
	client_sets "IP_TOS, [40]" -T af11
	client_sets "IP_TOS, [32]" -T 0x20
}

test_a_ttl_is_set()
{
	over native nc real || return 0
	need_strace || return 0
	client_sets "IP_TTL, [33]" -M 33
}

test_a_least_ttl_is_set()
{
	over native nc real || return 0
	need_strace || return 0
	client_sets "IP_MINTTL, [44]" -m 44
}

test_buffer_sizes_are_set()
{
	over native nc real || return 0
	need_strace || return 0
	client_sets "SO_RCVBUF, [12345]" -I 12345
	client_sets "SO_SNDBUF, [23456]" -O 23456
}

test_debugging_is_set_where_it_is_allowed()
{
	over native nc real || return 0
	need_strace || return 0
	[ "$(id -u)" = 0 ] || { skip "not root"; return; }
	client_sets "SO_DEBUG, [1]" -D
}

test_broadcast_is_set()
{
	over native nc real || return 0
	need_strace || return 0
	serve_udp recv-dgram expect:PING
	printf PING >"$T/in"
	run strace -f -qq -e trace=setsockopt -o "$T/trace" \
	    "$NC" -u -b -q 0 127.0.0.1 "$PORT" <"$T/in"
	holds "what -b sets" "$(cat "$T/trace")" "SO_BROADCAST, [1]"
	peer_done
}

test_options_of_ipv6_are_set()
{
	over native nc real || return 0
	need_strace || return 0
	start peer "$TOOLS/peer" "listen6:$T/port" accept fin recv-end
	waitfor "file:$T/port"
	run strace -f -qq -e trace=setsockopt -o "$T/trace" \
	    "$NC" -M 33 -T 0x20 -N ::1 "$(cat "$T/port")" </dev/null
	same "exit status" 0 "$RC"
	holds "what is set" "$(cat "$T/trace")" "IPV6_UNICAST_HOPS, [33]"
	holds "what is set" "$(cat "$T/trace")" "IPV6_TCLASS, [32]"
}

test_a_listener_takes_them_all()
{
	over native nc real || return 0
	free_port
	start listener "$NC" -T lowdelay -M 64 -I 20000 -O 20000 -l "$PORT" \
	    </dev/null
	waitfor "tcp:$PORT"
	client send:hello fin recv-eof
	finish listener
	same "exit status" 0 "$RC"
	same "stdout" hello "$OUT"
}

run_tests "$@"
