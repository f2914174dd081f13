#!/bin/sh
# A program with nothing to do sleeps: no CPU, no wakeups, in any state.
. "$(dirname "$0")/lib.sh"

# Not a tick over a quiet second; a wakeup only of somebody's timer.
idles()	# NAME
{
	same "what $1 does" "ticks 0 wakeups 0" \
	    "$("$TOOLS/wakeups" "$(pid_of "$1")")"
}

# The kernel takes a few bytes more now and then, and says so.
nearly_idles()	# NAME
{
	does=$("$TOOLS/wakeups" "$(pid_of "$1")")
	holds "what $1 does" "$does" "ticks 0 "
	between "wakeups" 0 3 "${does##* }"
}

test_listening()
{
	over native nc || return 0
	hold
	listener <"$T/idle"
	idles listener
}

test_listening_with_keep_open_and_no_stdin()
{
	over native nc || return 0
	listener -k </dev/null
	client fin recv-end
	idles listener
}

test_listening_for_datagrams()
{
	over native nc || return 0
	hold
	free_port
	launch_udp listener "$NC" -u -l "$PORT" <"$T/idle"
	idles listener
}

test_listening_on_a_unix_socket()
{
	over native nc || return 0
	start listener "$NC" -U -l "$T/s" </dev/null
	waitfor "unix:$T/s"
	idles listener
}

test_connected()
{
	over native nc || return 0
	hold
	serve accept send:hi recv-end
	start run "$NC" 127.0.0.1 "$PORT" <"$T/idle"
	waitfor "text:$T/run.out:hi"
	idles run
}

# Once the first bytes have come and gone, nothing moves.
test_connected_with_the_systems_figures()
{
	hold
	serve accept send:hi recv-end
	start run "$NC" --tcp-info "$T/info,50ms" 127.0.0.1 "$PORT" <"$T/idle"
	waitfor "text:$T/run.out:hi"
	nearly_idles run
}

test_connected_with_a_deadline_far_away()
{
	over native nc || return 0
	hold
	serve accept send:hi recv-end
	start run "$NC" -w 60 127.0.0.1 "$PORT" <"$T/idle"
	waitfor "text:$T/run.out:hi"
	idles run
}

test_connected_without_stdin()
{
	over native nc || return 0
	serve accept send:hi recv-end
	start run "$NC" 127.0.0.1 "$PORT" </dev/null
	waitfor "text:$T/run.out:hi"
	idles run
}

test_connected_over_udp_after_the_end_of_stdin()
{
	over native nc || return 0
	serve_udp recv-dgram send:hi "await:$T/over"
	printf PING >"$T/in"
	start run "$NC" -u -q -1 127.0.0.1 "$PORT" <"$T/in"
	waitfor "text:$T/run.out:hi"
	idles run
}

test_half_closed_by_us()
{
	over native nc || return 0
	printf PING >"$T/in"
	serve accept recv-eof "touch:$T/got" "await:$T/over"
	start run "$NC" -N 127.0.0.1 "$PORT" <"$T/in"
	waitfor "file:$T/got"
	idles run
}

test_half_closed_by_the_peer()
{
	over native nc || return 0
	hold
	serve accept recv:3 send:hi fin "await:$T/over"
	start run "$NC" -w 3600 127.0.0.1 "$PORT" <"$T/idle"
	printf abc >&9
	waitfor "text:$T/run.out:hi"
	idles run
}

test_blocked_by_stdout()
{
	over native nc || return 0
	hold
	mkfifo "$T/out"
	start reader sh -c 'exec sleep 60 <"$1"' - "$T/out"
	serve accept fill:4000000 recv-end
	start run sh -c 'exec "$@" >"$0"' "$T/out" "$NC" 127.0.0.1 "$PORT" \
	    <"$T/idle"
	waitfor "linked:$PORT"
	nearly_still run
}

test_blocked_by_the_peer()
{
	over native nc || return 0
	serve rcvbuf:4096 accept "touch:$T/in" "await:$T/over"
	start run "$NC" 127.0.0.1 "$PORT" </dev/zero
	waitfor "file:$T/in"
	nearly_still run
}

test_blocked_by_the_peer_with_a_pipe_as_stdin()
{
	over native nc || return 0
	mkfifo "$T/zeros"
	start feeder dd if=/dev/zero "of=$T/zeros" bs=65536
	serve rcvbuf:4096 accept "touch:$T/in" "await:$T/over"
	start run "$NC" 127.0.0.1 "$PORT" <"$T/zeros"
	waitfor "file:$T/in"
	nearly_still run
}

test_all_is_sent_but_not_all_has_been_read()
{
	over native nc || return 0
	serve rcvbuf:4096 accept fin "touch:$T/in" "await:$T/over"
	start run "$NC" -N 127.0.0.1 "$PORT" <"$(bytes 500000)"
	waitfor "file:$T/in"
	[ "$SUBJECT" = native ] || {
		# It may end: the real one does.
		waitfor -t 500 "gone:$(pid_of run)" 2>/dev/null && return 0
	}
	does=$("$TOOLS/wakeups" "$(pid_of run)")
	# Asking the kernel now and then whether all was read is allowed, and
	# what little that takes may be what a tick still lacked.
	ticks=${does#ticks }
	between "ticks" 0 1 "${ticks%% *}"
	between "wakeups" 0 25 "${does##* }"
}

test_connected_to_a_terminal()
{
	over native nc || return 0
	serve accept send:hi recv-end
	start terminal "$TOOLS/ptyrun" on=0,1 "pid=$T/pid" -- \
	    "$NC" 127.0.0.1 "$PORT"
	waitfor "text:$T/terminal.out:hi"
	same "what it does" "ticks 0 wakeups 0" \
	    "$("$TOOLS/wakeups" "$(cat "$T/pid")")"
}

test_stdout_is_gone_and_the_peer_is_silent()
{
	over native nc || return 0
	free_port
	launch run "$TOOLS/fdctl" signals -- "$NC" -k -l "$PORT" </dev/null
	start one "$TOOLS/peer" "connect:$PORT" send:hi "await:$T/over"
	waitfor "text:$T/run.out:hi"
	start two "$TOOLS/peer" "connect:$PORT" "await:$T/over"
	waitfor "linked:$PORT"
	idles run
}

run_tests "$@"
