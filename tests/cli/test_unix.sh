#!/bin/sh
# Unix sockets, stream and datagram, and their paths.
. "$(dirname "$0")/lib.sh"

unix_listener()	# OPTION...: stdin is ours
{
	start listener "$NC" -U "$@" -l "$T/s"
	waitfor "unix:$T/s"
}

test_a_stream_goes_both_ways()
{
	over native nc real || return 0
	printf answer >"$T/in"
	unix_listener -N <"$T/in"
	printf question >"$T/in2"
	run "$NC" -U -N "$T/s" <"$T/in2"
	same "client's exit status" 0 "$RC"
	same "client's stdout" answer "$OUT"
	same "client's stderr" "" "$ERR"
	finish listener
	same "listener's exit status" 0 "$RC"
	same "listener's stdout" question "$OUT"
	same "listener's stderr" "" "$ERR"
}

test_a_megabyte_through_a_stream_is_whole()
{
	over native nc real || return 0
	unix_listener </dev/null
	run "$NC" -U -N "$T/s" <"$(bytes 1000000)"
	same "exit status" 0 "$RC"
	finish listener
	same_file "data" "$(bytes 1000000)" "$T/listener.out"
}

test_a_missing_path_is_named_even_without_v()
{
	over native nc real || return 0
	run "$NC" -U "$T/none" </dev/null
	same "exit status" 1 "$RC"
	holds "stderr" "$ERR" "$T/none"
	holds "stderr" "$ERR" "No such file or directory"
	one_line "stderr" "$ERR"
	[ "$SUBJECT" = native ] ||
	    same "stderr" "nc: $T/none: No such file or directory" "$ERR"
}

test_a_path_that_is_too_long_is_an_error()
{
	over native nc real || return 0
	long=$T/$(printf 'x%.0s' $(seq 120))
	run "$NC" -U "$long" </dev/null
	same "exit status" 1 "$RC"
	holds "stderr" "$ERR" "File name too long"
}

test_zero_io_tells_whether_somebody_listens()
{
	over native nc real || return 0
	run "$NC" -z -U "$T/s" </dev/null
	same "exit status without a listener" 1 "$RC"
	unix_listener </dev/null
	run "$NC" -z -U "$T/s" </dev/null
	same "exit status with one" 0 "$RC"
}

test_a_stale_path_is_taken_over()
{
	over native nc real || return 0
	"$TOOLS/peer" "ulisten:$T/s"
	true_that "the stale socket is there" [ -S "$T/s" ]
	unix_listener </dev/null
	start peer "$TOOLS/peer" "uconnect:$T/s" send:hello fin recv-eof
	peer_done
	finish listener
	same "exit status" 0 "$RC"
	same "stdout" hello "$OUT"
}

test_a_regular_file_is_never_touched()
{
	# The real nc deletes it.
	over native nc || return 0
	echo precious >"$T/s"
	run "$NC" -U -l "$T/s" </dev/null
	same "exit status" 1 "$RC"
	one_line "stderr" "$ERR"
	same "the file" precious "$(cat "$T/s")"
}

test_a_symlink_to_a_file_is_never_followed_nor_deleted()
{
	over native nc || return 0
	echo precious >"$T/file"
	ln -s "$T/file" "$T/s"
	run "$NC" -U -l "$T/s" </dev/null
	same "exit status" 1 "$RC"
	true_that "the link is there" [ -L "$T/s" ]
	same "the file" precious "$(cat "$T/file")"
}

test_a_socket_that_is_in_use_is_refused()
{
	# The real nc takes it away from the other program.
	over native nc || return 0
	start other "$TOOLS/peer" "ulisten:$T/s" "await:$T/over"
	waitfor "unix:$T/s"
	run "$NC" -U -l "$T/s" </dev/null
	same "exit status" 1 "$RC"
	holds "stderr" "$ERR" "Address already in use"
	true_that "the other's socket is there" [ -S "$T/s" ]
	touch "$T/over"
	finish other
	same "the other" 0 "$RC"
}

test_the_path_is_removed_at_the_end()
{
	# The real nc leaves it behind.
	over native nc || return 0
	unix_listener </dev/null
	start peer "$TOOLS/peer" "uconnect:$T/s" fin recv-eof
	peer_done
	finish listener
	same "exit status" 0 "$RC"
	true_that "the path is gone" [ ! -e "$T/s" ]
}

test_the_path_is_removed_at_a_signal()
{
	over native nc || return 0
	for sig in TERM INT HUP; do
		start listener "$TOOLS/fdctl" signals -- "$NC" -U -l "$T/s" \
		    </dev/null
		waitfor "unix:$T/s"
		kill_it listener "$sig"
		finish listener
		true_that "$sig: the path is gone" [ ! -e "$T/s" ]
		lacks "$sig: exit status" " $RC " " 0 "
	done
}

test_keep_open_serves_several_clients()
{
	over native nc real || return 0
	unix_listener -k </dev/null
	for n in 1 2 3; do
		start peer "$TOOLS/peer" "uconnect:$T/s" "send:hi$n" fin \
		    recv-eof
		peer_done
		waitfor "text:$T/listener.out:hi$n"
	done
	same "stdout" hi1hi2hi3 "$(cat "$T/listener.out")"
	waits listener
}

test_an_abstract_name_leaves_no_file()
{
	over native nc real || return 0
	name=@cli-$$-$SUBJECT
	start listener "$NC" -U -l "$name" </dev/null
	waitfor "unix:$name"
	printf hello >"$T/in"
	run "$NC" -U -N "$name" <"$T/in"
	same "client's exit status" 0 "$RC"
	finish listener
	same "stdout" hello "$OUT"
	true_that "no such file" [ ! -e "$name" ]
}

test_datagrams_are_answered_through_a_temporary_socket()
{
	over native nc real || return 0
	hold
	start peer "$TOOLS/peer" "ud-bind:$T/s" recv-dgram expect:ask \
	    send:answer
	waitfor "unix:$T/s"
	start run env TMPDIR="$T" "$NC" -u -U "$T/s" <"$T/idle"
	printf ask >&9
	waitfor "text:$T/run.out:answer"
	peer_done
	own=$(own_socket "$(pid_of run)")
	kill_it run
	finish run
	# The real nc leaves it there.
	[ ! -S "$own" ] || rm -rf "$own" && rmdir "${own%/*}" 2>/dev/null
	return 0
}

# The temporary socket of a datagram client, as the kernel tells it. Its list
# may be incomplete while others come and go.
own_socket()	# PID
{
	for _ in 1 2 3 4 5 6 7 8; do
		for inode in $(readlink /proc/"$1"/fd/* |
		    sed -n 's/^socket:.\([0-9]*\).$/\1/p'); do
			awk -v i="$inode" '$7 == i && NF > 7 { print $8 }' \
			    /proc/net/unix
		done >"$T/own"
		[ ! -s "$T/own" ] || break
		"$TOOLS/peer" sleep-ms:20
	done
	cat "$T/own"
}

leaves_nothing()	# HOW
{
	hold
	start peer "$TOOLS/peer" "ud-bind:$T/s" recv-dgram send:answer
	waitfor "unix:$T/s"
	start run "$TOOLS/fdctl" signals -- "$NC" -u -U "$T/s" <"$T/idle"
	printf ask >&9
	waitfor "text:$T/run.out:answer"
	own=$(own_socket "$(pid_of run)")
	true_that "$1: it has a socket of its own: $own" [ -S "$own" ]
	kill_it run "$1"
	finish run
	true_that "$1: $own is gone" [ ! -e "$own" ]
	case $own in
	/tmp/nc-*/*) true_that "its directory, too" [ ! -e "${own%/*}" ] ;;
	esac
	rm -f "$T/s"
}

test_the_temporary_socket_is_removed_also_at_a_signal()
{
	# The real nc leaves it behind.
	over native nc || return 0
	leaves_nothing TERM
	leaves_nothing INT
}

test_the_temporary_socket_is_removed_at_the_end()
{
	over native nc real || return 0
	start peer "$TOOLS/peer" "ud-bind:$T/s" recv-dgram "touch:$T/got" \
	    "await:$T/go" send:answer
	waitfor "unix:$T/s"
	printf ask >"$T/in"
	start run "$NC" -u -U -W 1 "$T/s" <"$T/in"
	waitfor "file:$T/got"
	own=$(own_socket "$(pid_of run)")
	true_that "it has a socket of its own: $own" [ -S "$own" ]
	touch "$T/go"
	finish run
	same "exit status" 0 "$RC"
	same "stdout" answer "$OUT"
	true_that "$own is gone" [ ! -e "$own" ]
	peer_done
}

test_s_names_the_datagram_client_s_own_socket()
{
	over native nc real || return 0
	start peer "$TOOLS/peer" "ud-bind:$T/s" recv-dgram expect:ask \
	    send:answer "await:$T/over"
	waitfor "unix:$T/s"
	hold
	start run "$NC" -u -U -s "$T/me" "$T/s" <"$T/idle"
	waitfor "unix:$T/me"
	printf ask >&9
	waitfor "text:$T/run.out:answer"
	touch "$T/over"
	peer_done
}

test_a_datagram_listener_answers_its_first_named_peer()
{
	over native nc real || return 0
	hold
	unix_listener -u <"$T/idle"
	start peer "$TOOLS/peer" "ud-bind:$T/me" "ud-connect:$T/s" send:ask \
	    recv-dgram expect:answer
	waitfor "text:$T/listener.out:ask"
	printf answer >&9
	peer_done
}

run_tests "$@"
