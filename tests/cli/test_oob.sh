#!/bin/sh
# Urgent (out-of-band) data of TCP: told of, kept in its place, sent.
. "$(dirname "$0")/lib.sh"

# A listener named "listener" has got what $1 says, and ended well.
heard()	# TEXT STDERR
{
	exits listener 0
	same "stdout" "$1" "$OUT"
	same "stderr" "$2" "$ERR"
}

test_an_urgent_byte_is_told_of_and_keeps_its_place()
{
	over native nc || return 0
	listener --oob </dev/null
	printf 'ab!cd' >"$T/in"
	run "$BIN/sockcat" --send-oob=! 127.0.0.1 "$PORT" <"$T/in"
	same "sender's exit status" 0 "$RC"
	name=sockcat
	[ "$SUBJECT" = native ] || name=nc
	heard 'ab!cd' "$name: urgent data: 0x21 '!'"
}

test_a_client_tells_of_it_too()
{
	printf 'x\377y' >"$T/in"
	listener --send-oob='\xff' <"$T/in"
	run_gives 0 "$NC" --oob --recv-only 127.0.0.1 "$PORT" </dev/null
	same_file "what came" "$T/in" "$T/run.out"
	same "stderr" "sockcat: urgent data: 0xff" "$ERR"
}

test_urgent_bytes_are_not_lost_without_a_word()
{
	for mover in auto copy splice; do
		listener --mover "$mover" </dev/null
		{ cat "$(bytes 300000)"; printf '~'; cat "$(bytes 300000)"; } \
		    >"$T/in"
		run "$NC" --send-oob='~' 127.0.0.1 "$PORT" <"$T/in"
		same "sender's exit status" 0 "$RC"
		finish listener
		same "exit status, $mover" 0 "$RC"
		same_file "data, $mover" "$T/in" "$T/listener.out"
		same "stderr, $mover" "" "$ERR"
	done
}

# As the tools do whose names these are.
test_nc_throws_urgent_bytes_away()
{
	over nc real traditional real-traditional ncat real-ncat || return 0
	free_port
	case $SUBJECT in
	*traditional) start listener "$NC" -l -p "$PORT" </dev/null ;;
	*)	start listener "$NC" -l 127.0.0.1 "$PORT" </dev/null ;;
	esac
	waitfor "tcp:$PORT"
	printf 'ab!cd' >"$T/in"
	run "$BIN/sockcat" --send-oob=! 127.0.0.1 "$PORT" <"$T/in"
	finish listener
	same "stdout" abcd "$OUT"
}

test_without_urgent_bytes_nothing_changes()
{
	listener --oob --send-oob=@ <"$(bytes 300000)"
	run "$NC" --oob --send-oob=@ 127.0.0.1 "$PORT" <"$(bytes 1000000)"
	same "exit status" 0 "$RC"
	same "stderr" "" "$ERR"
	same_file "one way" "$(bytes 300000)" "$T/run.out"
	exits listener 0
	same_file "the other" "$(bytes 1000000)" "$T/listener.out"
}

run_tests "$@"
