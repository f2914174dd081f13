#!/bin/sh
# An interrupted call is made again, and nothing of it is seen.
. "$(dirname "$0")/lib.sh"
# The library that is preloaded writes files, which a sandbox refuses.
SOCKCAT_SANDBOX=off
export SOCKCAT_SANDBOX
# The leak checker cannot work in a traced program.
ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0


if ! strace -o /dev/null true 2>/dev/null; then
	skip "interrupted calls: strace cannot trace here"
	end
fi

random_file "$work/src" 1048583
sum=$(digest "$work/src")

# How often CALL was made and how often it was interrupted, in the trace.
count() {
	grep -c "^[0-9]* *$1(" "$work/trace"
}

interrupted() {
	grep -c "^[0-9]* *$1(.*EINTR.*INJECTED" "$work/trace"
}

# interrupt FROM TO FLAGS CALL: each third call of it is.
interrupt() {
	rm -f "$work/trace"
	# Both ends write into one trace; -A appends.
	transfer "$1" "$2" "$work/src" "$3" strace -f -A -o "$work/trace" \
	    -e "trace=$4" -e "inject=$4:error=EINTR:when=2+3"
	if [ "$(count "$4")" -eq 0 ]; then
		skip "$1:$2 $3: $4 is not used"
	elif [ "$(interrupted "$4")" -eq 0 ]; then
		skip "$1:$2 $3: $4 is called once only"
	else
		same "$1:$2 $3: $4 interrupted $(interrupted "$4") times: the same bytes" "$sum"
	fi
}

test_interrupted_calls_are_made_again() {
	reading='read readv preadv2 recvmsg recvfrom'
	writing='write writev pwritev2 sendmsg sendto'

	# With shared libraries the loader reads too, and gives up.
	if [ "${SANITIZED:-no}" != no ]; then
		skip "read: the loader of this build would be interrupted"
		reading=${reading#read }
	fi

	for call in $reading $writing accept4; do
		interrupt pipe pipe --mover=copy "$call"
		interrupt file file --mover=copy "$call"
	done
	for call in splice sendfile; do
		interrupt pipe pipe --mover=auto "$call"
		interrupt file file --mover=auto "$call"
	done
	for call in epoll_wait epoll_pwait epoll_pwait2; do
		interrupt pipe pipe --mover=copy "$call"
	done
	[ "$(number_of ok)" -gt 0 ] || bad "some call was interrupted"
}

run_tests "$@"
