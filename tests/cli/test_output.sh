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
	closed=$(closed_port)
	mkdir "$T/dir"
	echo old >"$T/old"
	ln "$T/old" "$T/other"
	# There, or not there yet.
	for names in "new dir/../new" "old other" "new ./new"; do
		one=$T/${names% *} two=$T/${names#* }
		for option in --output --tcp-info --hex-dump; do
			run "$NC" -o "$one" $option "$two" 127.0.0.1 "$closed"
			fails_with_one_line 1
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
	(umask 0; exchange --output "$T/copy")
	same "mode" -rw------- "$(stat -c %A "$T/copy")"
}

test_standard_error_is_not_emptied()
{
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
	run_gives 1 "$NC" --append-output 127.0.0.1 1 </dev/null
	same "stderr" "sockcat: must use -o, --hex-dump or --output with \
--append-output" "$ERR"
}

keylog()	# the option, if this build has TLS
{
	"$BIN/sockcat" --version | sed -n 's/^TLS:.*OpenSSL.*/--tls-keylog/p'
}

# Run with an option that names a file, and another if the first needs it.
run_shared()	# OPTION FILE
{
	case $1 in
	--log)	set -- --chat "$@" ;;
	--tls-keylog)	set -- --tls "$@" ;;
	esac
	run "$NC" "$@" 127.0.0.1 9 </dev/null
}

# Whatever is written there is as it was, and no file is made for a link.
test_in_a_shared_directory_no_link_is_followed()
{
	over native nc || return 0
	mkdir "$T/shared"
	chmod 1777 "$T/shared"
	echo precious >"$T/mine"
	ln -s "$T/mine" "$T/shared/link"
	ln -s "$T/none" "$T/shared/dangling"
	for option in --output --hex-dump --tcp-info $(keylog); do
		for file in link dangling; do
			run_shared "$option" "$T/shared/$file"
			same "$option $file: exit status" 1 "$RC"
			holds "$option $file: stderr" "$ERR" "symbolic links"
		done
		run_shared "$option" "$T/shared/$option"
		true_that "$option: a file is made" \
		    [ -f "$T/shared/$option" ]
	done
	same "the file" precious "$(cat "$T/mine")"
	true_that "no file was made" [ ! -e "$T/none" ]
	# Elsewhere a link is the user's own.
	ln -s "$T/mine" "$T/link"
	run "$NC" --output "$T/link" 127.0.0.1 9 </dev/null
	same "after a link of one's own" "" "$(cat "$T/mine")"
}

test_in_a_shared_directory_a_file_of_another_user_is_not_used()
{
	[ "$(id -u)" = 0 ] || { skip "not root"; return; }
	mkdir "$T/shared"
	chmod 1777 "$T/shared"
	for option in --output --tcp-info --log $(keylog); do
		echo theirs >"$T/shared/f"
		chmod 666 "$T/shared/f"
		chown 65534 "$T/shared/f"
		run_shared "$option" "$T/shared/f"
		same "$option: exit status" 1 "$RC"
		holds "$option: stderr" "$ERR" "Permission denied"
		same "$option: the file" theirs "$(cat "$T/shared/f")"
		rm "$T/shared/f"
	done
}

run_tests "$@"
