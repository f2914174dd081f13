#!/bin/sh
# -f: a file or a device in the place of the network.
# What stands in single quotes is for another shell.
. "$(dirname "$0")/lib.sh"

# The other end of the line is the terminal that ptyrun plays.
on_line()	# WORD... -- SCRIPT: in which $nc is the subject and $tty the line
{
	words=
	while [ "$1" != -- ]; do
		words="$words $1"
		shift
	done
	printf 'nc=%s T=%s\ntty=$(tty <&2)\n%s\n' "$NC" "$T" "$2" >"$T/script"
	start line "$TOOLS/ptyrun" on=2 $words -- sh "$T/script" </dev/null
	finish line 18
}

test_a_line_is_read_and_written()
{
	over native nc || return 0
	on_line see=AT type=OK "await=$T/done" -- '
		printf AT >$T/in; mkfifo $T/fifo
		exec 3<>$T/fifo
		cat $T/in >&3
		$nc -f $tty <$T/fifo >$T/got &
		while [ "$(cat $T/got)" != OK ]; do :; done
		kill $!; wait $!
		touch $T/done'
	same "exit status" 0 "$RC"
	same "what came" OK "$(cat "$T/got")"
}

# No key means anything, no end of line is changed, nothing comes back.
test_every_byte_passes_as_it_is()
{
	keys=$(printf 'q\003\004\021\023\032\034\177\\nz')
	on_line see=ready "type=$keys" "await=$T/done" -- '
		$nc -f $tty </dev/null >$T/got &
		while stty -a <$tty | grep -q " icanon"; do :; done
		printf ready >$tty
		while ! grep -q z $T/got; do :; done
		kill $!; wait $!
		touch $T/done'
	same "exit status" 0 "$RC"
	printf 'q\003\004\021\023\032\034\177\nz' >"$T/want"
	same_file "what came" "$T/want" "$T/got"
	lacks "what was sent" "$OUT" q
}

test_the_modes_are_restored()
{
	on_line "await=$T/done" -- '
		stty -g <$tty >$T/before
		$nc -f $tty </dev/null >/dev/null &
		while stty -a <$tty | grep -q " icanon"; do :; done
		kill $!; wait $!
		stty -g <$tty >$T/after
		$nc -f $tty </dev/null >/dev/null &
		while stty -a <$tty | grep -q " icanon"; do :; done
		kill -ALRM $!; wait $!
		stty -g <$tty >$T/crashed
		touch $T/done'
	same_file "modes" "$T/before" "$T/after"
	same_file "modes after a signal that is nobody's" "$T/before" "$T/crashed"
}

test_a_line_that_is_hung_up_is_an_end()
{
	hold
	start line "$TOOLS/ptyrun" on=2 "await=$T/pid" hangup -- sh -c '
		trap "" HUP
		"$1" -f "$(tty <&2)" <"$2/idle" >"$2/got" 2>"$2/said" &
		while stty -a <&2 | grep -q " icanon"; do :; done
		echo $! >"$2/pid"
		wait $!; echo $? >"$2/rc"' - "$NC" "$T"
	finish line 18
	waitfor "size:$T/rc:1"
	# Nothing was exchanged.
	same "exit status" 1 "$(cat "$T/rc")"
	holds "stderr" "$(cat "$T/said")" "nothing was exchanged"
}

test_a_file_is_written_from_its_beginning()
{
	echo "0123456789" >"$T/file"
	echo abc | "$NC" --send-only -f "$T/file"
	same "exit status" 0 $?
	same "file" "$(printf 'abc\n456789')" "$(cat "$T/file")"
	run_gives 0 "$NC" -d -f "$T/file" </dev/null
	same "stdout" "$(printf 'abc\n456789')" "$OUT"
}

test_what_cannot_be_opened_is_told()
{
	over native nc || return 0
	run "$NC" -f "$T/nothing" </dev/null
	fails_with_one_line 1
	holds "stderr" "$ERR" "$T/nothing"
	holds "stderr" "$ERR" "No such file or directory"
	run "$NC" -f "$T" </dev/null
	fails_with_one_line 1
}

test_there_is_no_network_then()
{
	over native nc || return 0
	for words in "-f x host 1" "-f x -l 1" "-f x -u" "-f x -e cat" \
	    "-f x -z"; do
		run "$NC" $words </dev/null
		same "exit status of $words" 1 "$RC"
		one_line "stderr of $words" "$ERR"
	done
}

test_a_device_that_is_full_is_told_and_no_end_waited_for()
{
	echo x >"$T/in"
	run "$NC" -q 1 -f /dev/full <"$T/in"
	fails_with_one_line 1
	holds "stderr" "$ERR" "No space left on device"
}

# It is open for reading, and nothing comes: a silence is waited for.
test_who_takes_nothing_and_says_nothing_is_left()
{
	echo x >"$T/in"
	mkfifo "$T/quiet"
	run_gives 1 sh -c 'fifo=$1; shift; exec "$@" 6<>"$fifo" 7>/dev/full' - \
	    "$T/quiet" "$NC" --peer-fd 6,7 <"$T/in"
	holds "stderr" "$ERR" "No space left on device"
}

run_tests "$@"
