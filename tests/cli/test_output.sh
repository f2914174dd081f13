#!/bin/sh
# --output: the traffic itself, both ways in one file; --append-output.
. "$(dirname "$0")/lib.sh"

exchange()	# OPTION...
{
	printf 'question\n' >"$T/in"
	serve accept recv-line 'send:answer\n' close
	run "$NC" "$@" 127.0.0.1 "$PORT" <"$T/in"
	peer_done
}

test_both_ways_go_into_one_file()
{
	over native nc ncat real-ncat || return 0
	exchange --output "$T/copy"
	same "exit status" 0 "$RC"
	same "copy" "$(printf 'question\nanswer')" "$(cat "$T/copy")"
	same "stdout" answer "$OUT"
}

test_the_file_is_emptied_first_or_added_to()
{
	over native ncat real-ncat || return 0
	echo before >"$T/copy"
	exchange --output "$T/copy"
	same "copy" "$(printf 'question\nanswer')" "$(cat "$T/copy")"
	exchange --output "$T/copy" --append-output
	same "lines" 4 "$(wc -l <"$T/copy")"
}

test_a_dump_and_a_copy_go_together()
{
	over native ncat real-ncat || return 0
	exchange --output "$T/copy" --hex-dump "$T/dump"
	same "copy" "$(printf 'question\nanswer')" "$(cat "$T/copy")"
	same "rows" 2 "$(wc -l <"$T/dump")"
}

test_one_file_under_two_names_is_refused()
{
	over native || return 0
	closed=$(closed_port)
	mkdir "$T/dir"
	echo old >"$T/old"
	ln "$T/old" "$T/other"
	# There, or not there yet.
	for names in "new dir/../new" "old other" "new ./new"; do
		one=$T/${names% *} two=$T/${names#* }
		for option in --output --tcp-info --hex-dump; do
			run "$NC" -o "$one" $option "$two" 127.0.0.1 "$closed"
			same "exit status" 1 "$RC"
			one_line "stderr" "$ERR"
			holds "stderr" "$ERR" \
			    "failed: it is the same file as $T"
		done
	done
	same "what stood there" old "$(cat "$T/old")"
	run "$NC" -o /dev/null --output "/dev/../dev/null" 127.0.0.1 "$closed"
	holds "stderr of a device" "$ERR" "Connection refused"
}

test_copies_are_their_owners()
{
	over native || return 0
	(umask 0; exchange --output "$T/copy")
	same "mode" -rw------- "$(stat -c %A "$T/copy")"
}

test_standard_error_is_not_emptied()
{
	over native || return 0
	serve accept recv-line 'send:answer\n' close
	echo kept >"$T/err"
	echo question | "$NC" -v --output /dev/stderr 127.0.0.1 "$PORT" \
	    2>>"$T/err" >/dev/null
	peer_done
	holds "the file" "$(cat "$T/err")" kept
	holds "the file" "$(cat "$T/err")" "succeeded"
	holds "the file" "$(cat "$T/err")" "$(printf 'question\nanswer')"
}

test_to_append_needs_a_file()
{
	over native || return 0
	run "$NC" --append-output 127.0.0.1 1 </dev/null
	same "exit status" 1 "$RC"
	same "stderr" "sockcat: must use -o, --hex-dump or --output with \
--append-output" "$ERR"
}

run_tests "$@"
