#!/bin/sh
# -T -M -m -I -O -b -D -S --keepalive --sockopt: set on the socket, whichever
# it is, and told when they cannot be.
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
	need_ipv6 || return 0
	need_strace || return 0
	start peer "$TOOLS/peer" "listen6:$T/port" accept fin recv-end
	waitfor "file:$T/port"
	run_gives 0 strace -f -qq -e trace=setsockopt -o "$T/trace" \
	    "$NC" -M 33 -T 0x20 -N ::1 "$(cat "$T/port")" </dev/null
	holds "what is set" "$(cat "$T/trace")" "IPV6_UNICAST_HOPS, [33]"
	holds "what is set" "$(cat "$T/trace")" "IPV6_TCLASS, [32]"
}

test_a_listener_takes_them_all()
{
	over native nc real || return 0
	free_port
	launch listener "$NC" -T lowdelay -M 64 -I 20000 -O 20000 -l "$PORT" \
	    </dev/null
	client send:hello fin recv-eof
	exits listener 0
	same "stdout" hello "$OUT"
}

# What a listener sets; nobody comes.
listener_sets()	# WANTED OPTION...
{
	want=$1
	shift
	rm -f "$T/trace"
	# -D: what is started, and killed, is the listener.
	start listener strace -D -f -qq -e trace=setsockopt -o "$T/trace" \
	    "$NC" "$@" </dev/null
	waitfor "text:$T/trace:$want"
	holds "what $* sets" "$(cat "$T/trace")" "$want"
	stop listener
}

test_listeners_of_all_kinds_take_them()
{
	over native nc real || return 0
	need_strace || return 0
	free_port
	listener_sets "IP_TOS, [16]" -T lowdelay -u -l 127.0.0.1 "$PORT"
	listener_sets "IP_MINTTL, [44]" -m 44 -l 127.0.0.1 "$PORT"
	need_ipv6 || return 0
	listener_sets "IPV6_TCLASS, [16]" -T lowdelay -6 -l ::1 "$PORT"
	listener_sets "IPV6_MINHOPCOUNT, [44]" -m 44 -u -6 -l ::1 "$PORT"
}

# There they mean nothing, and need no permission.
test_a_unix_socket_is_left_alone()
{
	over native nc real || return 0
	need_strace || return 0
	serve_unix=$T/s
	start peer "$TOOLS/peer" "ulisten:$serve_unix" accept fin recv-end
	waitfor "unix:$serve_unix"
	run_gives 0 strace -f -qq -e trace=setsockopt -o "$T/trace" "$NC" -N \
	    -U -b -D -M 3 -m 2 -T ef "$serve_unix" </dev/null
	same "what is set" "" "$(grep -v '^[0-9]* *[+-]' "$T/trace")"
}

test_keepalive_is_set_in_every_mode()
{
	need_strace || return 0
	client_sets "SO_KEEPALIVE, [1]" --keepalive
	free_port
	listener_sets "SO_KEEPALIVE, [1]" --keepalive -l 127.0.0.1 "$PORT"
	listener_sets "SO_KEEPALIVE, [1]" --keepalive -k -e cat -l \
	    127.0.0.1 "$PORT"
}

test_keepalive_is_k_of_the_traditional_one()
{
	over traditional real-traditional || return 0
	need_strace || return 0
	free_port
	listener_sets "SO_KEEPALIVE, [1]" -k -l -p "$PORT"
	listener_sets "SO_BROADCAST, [1]" -b -u -l -p "$PORT"
}

# What the traditional one sets; its last byte in octal.
traditional_tos()	# WANTED TOS
{
	run strace -f -qq -e trace=setsockopt -o "$T/trace" \
	    "$NC" -T "$2" 127.0.0.1 "$(closed_port)" </dev/null
	same "exit status of -T $2" 1 "$RC"
	same "lines of IP_TOS with -T $2" "$1" \
	    "$(grep -c IP_TOS "$T/trace")"
}

test_words_of_the_traditional_tos()
{
	over traditional real-traditional || return 0
	need_strace || return 0
	traditional_tos 1 Minimize-Delay
	traditional_tos 1 16
	traditional_tos 0 Normal-Service
	traditional_tos 0 minimize-delay
	traditional_tos 0 ef
	traditional_tos 0 0x10
}

test_a_datagram_of_ncat_may_go_to_everybody()
{
	over ncat real-ncat || return 0
	run_gives 0 "$NC" -u --send-only 127.255.255.255 9 </dev/null
	same "stderr" "" "$ERR"
}

test_what_cannot_be_set_is_told()
{
	over native nc real || return 0
	PORT=$(closed_port)
	for how in "127.0.0.1 $PORT" "-l $PORT"; do
		run_gives 1 "$NC" -4 -M 0 $how </dev/null
		case $SUBJECT in
		native)	same "stderr" \
			    "sockcat: set IP_TTL failed: Invalid argument" \
			    "$ERR" ;;
		*)	same "stderr" "nc: set IP TTL: Invalid argument" \
			    "$ERR" ;;
		esac
	done
}

# --- --sockopt ----------------------------------------------------------------

test_named_options_are_set()
{
	over native nc || return 0
	need_strace || return 0
	client_sets "SO_RCVBUF, [5000]" --sockopt so_rcvbuf=5000
	client_sets "SO_LINGER, {l_onoff=1, l_linger=3}" \
	    --sockopt SO_LINGER=3s
	client_sets "TCP_CONGESTION, " --sockopt TCP_CONGESTION=reno
	client_sets "TCP_USER_TIMEOUT, [1500]" \
	    --sockopt=TCP_USER_TIMEOUT=1500ms --sockopt=IP_TTL=9
	holds "the other one" "$(cat "$T/trace")" "IP_TTL, [9]"
	client_sets "TCP_NODELAY, [0]" --sockopt TCP_NODELAY=off
	lacks "ours" "$(cat "$T/trace")" "TCP_NODELAY, [1]"
}

test_named_options_of_listeners_are_set()
{
	need_strace || return 0
	free_port
	listener_sets "TCP_FASTOPEN, [5]" --sockopt TCP_FASTOPEN=5 -l "$PORT"
	listener_sets "TCP_MAXSEG, [1000]" --sockopt TCP_MAXSEG=1000 \
	    -k -e cat -l "$PORT"
	listener_sets "SO_PRIORITY, [3]" --sockopt SO_PRIORITY=3 -u -l "$PORT"
	listener_sets "SO_RCVBUF, [5000]" --sockopt SO_RCVBUF=5000 \
	    -U -l "$T/s"
	need_ipv6 || return 0
	listener_sets "IPV6_V6ONLY, [1]" --sockopt IPV6_V6ONLY -l "$PORT"
	lacks "ours" "$(cat "$T/trace")" "IPV6_V6ONLY, [0]"
}

test_named_options_that_fail_are_named()
{
	PORT=$(closed_port)
	run_gives 1 "$NC" --sockopt TCP_CONGESTION=nonsense 127.0.0.1 "$PORT" \
	    </dev/null
	same "stderr" "sockcat: set TCP_CONGESTION failed: No such file or\
 directory" "$ERR"
	run "$NC" --sockopt SO_BINDTODEVICE=nosuchif -l "$PORT" </dev/null
	fails_with_one_line 1
	holds "stderr" "$ERR" "set SO_BINDTODEVICE failed: "
	run_gives 1 "$NC" --sockopt SO_NONSENSE=1 127.0.0.1 "$PORT" </dev/null
	same "stderr" "sockcat: --sockopt: no such option: SO_NONSENSE\
 (--sockopt=help lists them)" "$ERR"
}

test_named_options_are_listed()
{
	over native nc || return 0
	run_gives 0 "$NC" --sockopt help </dev/null
	same "stderr" "" "$ERR"
	holds "stdout" "$OUT" "SO_KEEPALIVE"
	same "lines over 80 columns" 0 "$(printf '%s\n' "$OUT" |
	    awk 'length($0) > 80 { n++ } END { print n + 0 }')"
}

# --- -S -------------------------------------------------------------------------

# A secret, typed on a terminal, on which nothing else stands.
signed()	# NAME SECRET ARG...
{
	name=$1 secret=$2
	shift 2
	start "$name" "$TOOLS/ptyrun" on= see=password: "type=$secret\n" -- \
	    "$NC" -S "$@"
}

test_both_ends_sign_with_the_same_secret()
{
	over native nc real || return 0
	free_port
	signed listener secret -l 127.0.0.1 "$PORT" </dev/null
	waitfor "tcp:$PORT" 2>/dev/null || { skip "no TCP-MD5"; return; }
	printf hello >"$T/in"
	signed client secret -N 127.0.0.1 "$PORT" <"$T/in"
	finish client
	same "client's exit status" 0 "$RC"
	finish listener
	same "listener's exit status" 0 "$RC"
	holds "listener's stdout" "$OUT" hello
}

test_another_secret_is_not_answered()
{
	over native nc real || return 0
	free_port
	signed listener secret -l 127.0.0.1 "$PORT" </dev/null
	waitfor "tcp:$PORT" 2>/dev/null || { skip "no TCP-MD5"; return; }
	signed client other -w 1 -N 127.0.0.1 "$PORT" </dev/null
	finish client
	same "client's exit status" 1 "$RC"
}

test_without_a_terminal_there_is_no_secret()
{
	over native nc real || return 0
	for how in "127.0.0.1 9" "-l 127.0.0.1 $(closed_port)"; do
		run setsid -w "$NC" -S $how </dev/null
		fails_with_one_line 1
		case $SUBJECT in
		native)	holds "stderr" "$ERR" \
			    "sockcat: read TCP MD5SIG password failed: " ;;
		*)	same "stderr" \
			    "nc: Unable to read TCP MD5SIG password" "$ERR" ;;
		esac
	done
}

run_tests "$@"
