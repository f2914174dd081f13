#!/bin/sh
# -v says when a buffer of TCP was too small for a long link: 100 ms, by a TUN
# device in a network namespace of its own, and 128 to 256 KiB at most.
. "$(dirname "$0")/lib.sh"

BENCH=$TOP_BUILDDIR/tests/bench
FAR_WMEM='the send buffer of 256 KiB limited this transfer over a round trip'
OF_PEER='the peer.s receive window limited this transfer over a round trip'
OF_OURS='the receive window of [0-9]* KiB limited this transfer over a round'

# Zeros from a client to a listener, whose messages go to files.
cat >"$work/talk" <<-'EOS'
	nc=$1 waitfor=$2 room=$3 bytes=$4 setting=$5 verbose=$6
	[ -z "$setting" ] ||
	    echo "4096 65536 ${setting#*=}" \
	    >"/proc/sys/net/ipv4/${setting%%=*}" || exit
	"$nc" $verbose -l 198.51.100.1 5000 </dev/null >"$room/got" \
	    2>"$room/listener" &
	"$waitfor" tcp:5000
	head -c "$bytes" /dev/zero |
	    "$nc" $verbose -N ${7-} 198.51.100.2 5000 2>"$room/client"
	wait
EOS

need_long_link()
{
	"$BENCH/netns" "$BENCH/delay" 0 true 2>/dev/null ||
		{ skip "no network namespaces, or no TUN"; return 1; }
}

# BYTES SETTING VERBOSE [OPTION ...]
talks_over_a_long_link()
{
	run "$BENCH/netns" "$BENCH/delay" 100 sh "$work/talk" "$NC" \
	    "$TOOLS/waitfor" "$T" "$@"
	same "bytes, with <$ERR>" "$1" "$(wc -c <"$T/got")"
	client=$(cat "$T/client") listener=$(cat "$T/listener")
}

# How many hints are there?
hints()
{
	cat "$T/client" "$T/listener" | grep -c 'limited this transfer'
}

# The same until there are so many hints: a machine that is too busy to fill
# the buffers hides them. HINTS BYTES SETTING VERBOSE [OPTION ...]
talks_until_hinted()
{
	wanted=$1
	shift
	for try in 1 2 3 4 5 6 7 8; do
		talks_over_a_long_link "$@"
		[ "$(hints)" != "$wanted" ] || break
	done
}

test_a_small_send_buffer_is_named_with_the_setting()
{
	need_long_link || return 0
	talks_until_hinted 1 16000000 tcp_wmem=262144 -v
	holds "client's messages" "$client" "$FAR_WMEM of 1"
	holds "client's messages" "$client" "(a higher net.ipv4.tcp_wmem may help)"
	same "hints of both" 1 "$(hints)"
}

test_a_small_send_buffer_by_an_option_is_named_with_the_option()
{
	need_long_link || return 0
	talks_until_hinted 1 16000000 '' -v '-O 131072'
	holds "client's messages" "$client" "$FAR_WMEM of 1"
	holds "client's messages" "$client" "(a larger -O may help)"
}

test_a_small_window_is_named_at_both_ends()
{
	need_long_link || return 0
	talks_until_hinted 2 4000000 tcp_rmem=262144 -v
	true_that "the client names the peer's window: $client" \
	    grep -q "$OF_PEER" "$T/client"
	holds "client's messages" "$client" \
	    "(a higher net.ipv4.tcp_rmem at the peer may help)"
	true_that "the listener names its window: $listener" \
	    grep -q "$OF_OURS" "$T/listener"
	holds "listener's messages" "$listener" \
	    "(a higher net.ipv4.tcp_rmem may help)"
	same "hints of both" 2 "$(hints)"
}

test_there_is_no_hint_where_the_buffers_suffice()
{
	need_long_link || return 0
	talks_over_a_long_link 200000 '' -v
	same "hints of both" 0 "$(hints)"
}

test_there_is_no_hint_without_v()
{
	need_long_link || return 0
	talks_over_a_long_link 4000000 tcp_wmem=262144 ''
	same "hints of both" 0 "$(hints)"
	same "client's messages" "" "$client"
}

test_the_copied_tools_give_no_hint()
{
	over nc || return 0
	need_long_link || return 0
	talks_over_a_long_link 16000000 tcp_wmem=262144 -v
	same "hints of both" 0 "$(hints)"
}

run_tests "$@"
