#!/bin/sh
# The flags of inherited descriptors are never changed: not while sockcat
# runs, not afterwards, not even when it is killed.
. "$(dirname "$0")/lib.sh"

# Run the subject over descriptors that a watcher shares and looks at.
watched()	# COMMAND...: stdin is ours, stdout goes to $T/watched.out
{
	start watched "$TOOLS/fdctl" "flags=$T/flags" $WORDS -- "$@"
}

unchanged()	# WHAT
{
	waitfor "file:$T/flags"
	same "$1" same "$(cat "$T/flags")"
}

test_of_pipes()
{
	over native nc real || return 0
	WORDS=
	hold
	serve accept recv:3 fill:300000 "touch:$T/sent" fin recv-eof
	mkfifo "$T/out"
	start reader sh -c 'wc -c <"$1"' - "$T/out"
	start watched "$TOOLS/fdctl" "flags=$T/flags" -- \
	    sh -c 'exec "$@" >"$0"' "$T/out" "$NC" -N 127.0.0.1 "$PORT" \
	    <"$T/idle"
	printf abc >&9
	waitfor "file:$T/sent"
	release
	finish reader
	same "bytes" 300000 "$((OUT))"
	exits watched 0
	unchanged pipes
}

test_of_files()
{
	over native nc real || return 0
	WORDS=
	serve accept fill:300000 recv-eof expect-size:200000
	watched "$NC" -N 127.0.0.1 "$PORT" <"$(bytes 200000)"
	exits watched 0
	unchanged files
	peer_done
}

test_of_a_terminal()
{
	over native nc real || return 0
	serve accept recv-line send:answer fin recv-eof
	start run "$TOOLS/ptyrun" on=0,1,2 'type=question\n' see=answer \
	    'type=\d' -- "$TOOLS/fdctl" "flags=$T/flags" -- \
	    "$NC" -N 127.0.0.1 "$PORT"
	exits run 0
	unchanged "a terminal"
	peer_done
}

test_of_sockets()
{
	over native nc real || return 0
	WORDS=socket=0,1
	serve accept fill:100000 recv-end
	watched "$NC" -w 1 127.0.0.1 "$PORT" </dev/null
	exits watched 0
	unchanged "sockets"
	peer_done
}

test_of_a_listener_s_pipes()
{
	over native nc real || return 0
	WORDS=
	hold
	free_port
	watched "$NC" -l "$PORT" <"$T/idle"
	waitfor "tcp:$PORT"
	client fill:100000 fin recv-eof
	exits watched 0
	unchanged "a listener's pipe"
}

test_of_pipes_under_udp()
{
	over native nc real || return 0
	WORDS=
	hold
	serve_udp recv-dgram send:PONG
	watched "$NC" -u -W 1 127.0.0.1 "$PORT" <"$T/idle"
	printf PING >&9
	finish watched
	same "stdout" PONG "$OUT"
	same "exit status" 0 "$RC"
	unchanged "pipes"
}

test_after_a_kill()
{
	over native nc real || return 0
	WORDS=
	hold
	serve accept send:hi recv-end
	start watched "$TOOLS/fdctl" "flags=$T/flags" -- \
	    sh -c 'echo $$ >"$0"; exec "$@"' "$T/pid" \
	    "$NC" 127.0.0.1 "$PORT" <"$T/idle"
	waitfor "text:$T/watched.out:hi"
	kill -9 "$(cat "$T/pid")"
	exits watched 137
	unchanged "after SIGKILL"
}

run_tests "$@"
