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
	run_gives 0 "$NC" -U -N "$T/s" <"$(bytes 1000000)"
	finish listener
	same_file "data" "$(bytes 1000000)" "$T/listener.out"
}

test_a_missing_path_is_named_even_without_v()
{
	over native nc real || return 0
	run_gives 1 "$NC" -U "$T/none" </dev/null
	holds "stderr" "$ERR" "$T/none"
	holds "stderr" "$ERR" "No such file or directory"
	one_line "stderr" "$ERR"
	[ "$SUBJECT" = native ] ||
	    same "stderr" "nc: $T/none: No such file or directory" "$ERR"
}

test_what_is_no_socket_is_called_so()
{
	# To the system nobody listens there.
	over native nc real || return 0
	echo text >"$T/file"
	run_gives 1 "$NC" -U "$T/file" </dev/null
	case $SUBJECT in
	native)	same "stderr" "sockcat: connect to $T/file failed: not a\
 socket" "$ERR" ;;
	*)	same "stderr" "nc: $T/file: Connection refused" "$ERR" ;;
	esac
}

test_a_path_that_is_too_long_is_an_error()
{
	over native nc real || return 0
	long=$T/$(printf 'x%.0s' $(seq 120))
	run_gives 1 "$NC" -U "$long" </dev/null
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
	exits listener 0
	same "stdout" hello "$OUT"
}

test_a_regular_file_is_never_touched()
{
	# The real nc deletes it.
	over native nc || return 0
	echo precious >"$T/s"
	run "$NC" -U -l "$T/s" </dev/null
	fails_with_one_line 1
	same "the file" precious "$(cat "$T/s")"
}

test_a_symlink_to_a_file_is_never_followed_nor_deleted()
{
	over native nc || return 0
	echo precious >"$T/file"
	ln -s "$T/file" "$T/s"
	run_gives 1 "$NC" -U -l "$T/s" </dev/null
	true_that "the link is there" [ -L "$T/s" ]
	same "the file" precious "$(cat "$T/file")"
}

test_a_socket_that_is_in_use_is_refused()
{
	# The real nc takes it away from the other program.
	over native nc || return 0
	start other "$TOOLS/peer" "ulisten:$T/s" "await:$T/over"
	waitfor "unix:$T/s"
	run_gives 1 "$NC" -U -l "$T/s" </dev/null
	holds "stderr" "$ERR" "Address already in use"
	true_that "the other's socket is there" [ -S "$T/s" ]
	touch "$T/over"
	finish other
	same "the other" 0 "$RC"
}

# The question whether a path is served is no client.
test_a_second_listener_does_not_end_the_first()
{
	over native nc || return 0
	for kind in "" -u; do
		rm -f "$T/s"
		start first "$NC" -U -l $kind "$T/s" </dev/null
		waitfor "unix:$T/s"
		run_gives 1 "$NC" -U -l $kind "$T/s" </dev/null
		waits first
		printf mine >"$T/in"
		run "$NC" -U -N -w 1 $kind "$T/s" <"$T/in"
		waitfor "text:$T/first.out:mine"
		kill "$(pid_of first)" 2>/dev/null
		finish first
	done
}

test_the_path_is_removed_at_the_end()
{
	unix_listener </dev/null
	start peer "$TOOLS/peer" "uconnect:$T/s" fin recv-eof
	peer_done
	exits listener 0
	true_that "the path is gone" [ ! -e "$T/s" ]
}

test_nc_leaves_the_path_and_finds_room_again()
{
	over nc real || return 0
	unix_listener </dev/null
	start peer "$TOOLS/peer" "uconnect:$T/s" fin recv-eof
	peer_done
	exits listener 0
	true_that "the path is there" [ -S "$T/s" ]
	unix_listener </dev/null
	start peer "$TOOLS/peer" "uconnect:$T/s" fin recv-eof
	peer_done
	finish listener
	same "exit status of the second" 0 "$RC"
}

test_the_path_is_removed_at_a_signal()
{
	for sig in TERM INT HUP QUIT; do
		start listener "$TOOLS/fdctl" signals -- "$NC" -U -l "$T/s" \
		    </dev/null
		waitfor "unix:$T/s"
		stop listener "$sig"
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
	stop run
	# The real nc leaves it there.
	[ ! -S "$own" ] || rm -rf "$own" && rmdir "${own%/*}" 2>/dev/null
	return 0
}

# The temporary socket of a datagram client, as the kernel tells it. Its list
# may be incomplete while others come and go.
own_socket()	# PID
{
	for _ in $(seq 200); do
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

# Where the temporary socket of a datagram client is made.
own_in()	# TMPDIR
{
	hold
	rm -f "$T/s"
	start peer "$TOOLS/peer" "ud-bind:$T/s" recv-dgram send:answer
	waitfor "unix:$T/s"
	start run env TMPDIR="$1" "$NC" -u -U "$T/s" <"$T/idle"
	printf ask >&9
	waitfor "text:$T/run.out:answer"
	OWN=$(own_socket "$(pid_of run)")
	stop run
	peer_done
}

test_the_temporary_socket_is_made_where_TMPDIR_says()
{
	# nc and the real nc know /tmp alone: tests/compat/openbsd.tab.
	[ ${#T} -le 72 ] || { skip "the test's own path is too long"; return; }
	mkdir "$T/tmp"
	own_in "$T/tmp"
	same "its directory" "$T/tmp" "${OWN%/*/recv.sock}"
	# A path that leaves no room for a socket's name, or is none at all.
	long=$T/$(printf 'x%.0s' $(seq 90))
	mkdir "$long"
	for dir in "$long" "" relative @abstract; do
		own_in "$dir"
		same "with TMPDIR=$dir" /tmp "${OWN%/*/recv.sock}"
	done
}

test_a_TMPDIR_that_is_not_there_is_named()
{
	start peer "$TOOLS/peer" "ud-bind:$T/s" "await:$T/over"
	waitfor "unix:$T/s"
	run env TMPDIR=/none "$NC" -u -U "$T/s" </dev/null
	touch "$T/over"
	peer_done
	same "exit status" 1 "$RC"
	same "stderr" "sockcat: make a temporary socket in /none failed: \
No such file or directory" "$ERR"
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
	stop run "$1"
	true_that "$1: $own is gone" [ ! -e "$own" ]
	true_that "its directory, too" [ ! -e "${own%/*}" ]
	rm -f "$T/s"
}

test_the_temporary_socket_is_removed_also_at_a_signal()
{
	# nc and the real nc leave it behind: tests/compat/openbsd.tab.
	leaves_nothing TERM
	leaves_nothing INT
	leaves_nothing QUIT
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
	exits run 0
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

test_the_client_s_own_path_goes_also_when_nobody_is_there()
{
	# The real nc leaves it behind.
	over native nc || return 0
	run_gives 1 "$NC" -u -U -s "$T/me" "$T/s" </dev/null
	true_that "$T/me is gone" [ ! -e "$T/me" ]
}

test_the_client_s_own_path_goes_also_when_it_was_only_asked()
{
	run "$NC" -z -U -s "$T/own" --retry 2 --retry-delay 20ms "$T/none"
	same "exit status" 1 "$RC"
	same "stderr" "sockcat: connect to $T/none failed: No such file or\
 directory" "$ERR"
	true_that "its own path is gone" [ ! -e "$T/own" ]
	run "$NC" -z -u -U --retry 2 --retry-delay 20ms "$T/none"
	same "stderr of datagrams" "sockcat: connect to $T/none failed: No\
 such file or directory" "$ERR"
	unix_listener </dev/null
	run "$NC" -z -U -s "$T/own" "$T/s"
	same "exit status with somebody there" 0 "$RC"
	true_that "it is gone then, too" [ ! -e "$T/own" ]
}

test_a_datagram_of_one_who_has_left_is_printed()
{
	over native nc || return 0
	hold
	unix_listener -u <"$T/idle"
	kill_it listener STOP
	"$TOOLS/peer" "ud-bind:$T/me" "ud-connect:$T/s" send:precious
	rm -f "$T/me"
	kill_it listener CONT
	waitfor "text:$T/listener.out:precious"
	waits listener
}

test_a_nameless_sender_is_heard_more_than_once()
{
	over native nc || return 0
	echo answer >"$T/in"
	unix_listener -u <"$T/in"
	start peer "$TOOLS/peer" "ud-connect:$T/s" send:one \
	    "await:$T/listener.out" sleep-ms:200 send:two
	peer_done
	waitfor "text:$T/listener.out:onetwo"
	waits listener
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

# Whoever has this path keeps it, and nothing there changes.
is_refused()	# WHAT PATH OPTION...
{
	what=$1 path=$2 why="Address already in use"
	shift 2
	[ "$SUBJECT" = native ] && { [ -L "$path" ] || [ ! -S "$path" ]; } &&
	    why="it exists and is not a socket"
	before=$(stat -c '%i %F' "$path")
	run "$NC" -U "$@" -l "$path" </dev/null
	same "$what: exit status" 1 "$RC"
	holds "$what: stderr" "$ERR" "$why"
	one_line "$what: stderr" "$ERR"
	same "$what: what is there" "$before" "$(stat -c '%i %F' "$path")"
}

test_nothing_but_a_dead_socket_is_ever_removed()
{
	# The real nc removes whatever stands there.
	over native nc || return 0
	mkdir "$T/dir"
	echo precious >"$T/file"
	"$TOOLS/peer" "ulisten:$T/dead"
	ln -s "$T/dead" "$T/link"
	ln -s "$T/none" "$T/dangling"
	mkfifo "$T/fifo"
	start live "$TOOLS/peer" deadline-ms:120000 "ulisten:$T/live" \
	    "await:$T/over"
	start ears "$TOOLS/peer" deadline-ms:120000 "ud-bind:$T/ears" \
	    "await:$T/over"
	waitfor "unix:$T/live" "unix:$T/ears"
	for type in "" -u; do
		for what in dir file link dangling fifo live ears; do
			is_refused "$type $what" "$T/$what" $type
		done
	done
	# It is dead, but of which kind it was nobody can tell.
	start listener "$NC" -U -u -l "$T/dead" </dev/null
	waits listener
	same "the file" precious "$(cat "$T/file")"
}

test_a_dead_datagram_path_is_taken_over()
{
	over native nc || return 0
	"$TOOLS/peer" "ud-bind:$T/s"
	true_that "the dead socket is there" [ -S "$T/s" ]
	hold
	start listener "$TOOLS/fdctl" signals -- "$NC" -U -u -l "$T/s" \
	    <"$T/idle"
	waitfor "unix:$T/s"
	"$TOOLS/peer" "ud-connect:$T/s" send:hello
	waitfor "text:$T/listener.out:hello"
	stop listener QUIT
	socket_file_at_the_end "$T/s"
}

test_a_dead_path_of_ones_own_is_taken_over_for_datagrams()
{
	over native nc real || return 0
	"$TOOLS/peer" "ud-bind:$T/me"
	true_that "the dead socket is there" [ -S "$T/me" ]
	start peer "$TOOLS/peer" "ud-bind:$T/s" recv-dgram send:answer
	waitfor "unix:$T/s"
	echo ask >"$T/in"
	run_gives 0 "$NC" -u -U -W 1 -s "$T/me" "$T/s" <"$T/in"
	same "stdout" answer "$OUT"
	peer_done
}

test_a_live_path_of_ones_own_is_not_taken_over()
{
	# The real nc takes it.
	over native nc || return 0
	start peer "$TOOLS/peer" "ud-bind:$T/s" "await:$T/over"
	start other "$TOOLS/peer" "ud-bind:$T/me" "await:$T/over"
	waitfor "unix:$T/s" "unix:$T/me"
	before=$(stat -c %i "$T/me")
	run_gives 1 "$NC" -u -U -s "$T/me" "$T/s" </dev/null
	holds "stderr" "$ERR" "Address already in use"
	same "the socket" "$before" "$(stat -c %i "$T/me")"
	touch "$T/over"
	peer_done
}

test_a_path_of_ones_own_is_no_reason_to_remove_a_file()
{
	# The real nc removes it.
	over native nc || return 0
	echo precious >"$T/file"
	start peer "$TOOLS/peer" "ud-bind:$T/s" "await:$T/over"
	waitfor "unix:$T/s"
	run_gives 1 "$NC" -u -U -s "$T/file" "$T/s" </dev/null
	why="Address already in use"
	[ "$SUBJECT" = nc ] || why="it exists and is not a socket"
	holds "stderr" "$ERR" "$why"
	same "the file" precious "$(cat "$T/file" 2>/dev/null)"
}

test_a_path_that_somebody_else_has_taken_since_stays()
{
	unix_listener </dev/null
	rm "$T/s"
	start other "$TOOLS/peer" "ulisten:$T/s" "touch:$T/taken" \
	    "await:$T/over"
	waitfor "file:$T/taken"
	stop listener
	true_that "the other's path is there" [ -S "$T/s" ]
}

test_the_mode_of_a_path_is_by_the_umask()
{
	over native nc real || return 0
	for mask in 077 022; do
		umask "$mask"
		unix_listener </dev/null
		umask 022
		[ "$mask" = 077 ] && want=700 || want=755
		same "umask $mask" "$want" "$(stat -c %a "$T/s")"
		stop listener
		rm -f "$T/s"
	done
}

test_abstract_names_do_everywhere()
{
	over native nc real || return 0
	name=@cli-$$-$SUBJECT
	run "$NC" -z -U "$name" </dev/null
	same "a probe of nobody" 1 "$RC"
	start listener "$NC" -k -U -l "$name" </dev/null
	waitfor "unix:$name"
	run "$NC" -z -U "$name" </dev/null
	same "a probe" 0 "$RC"
	start ears "$TOOLS/peer" "ud-bind:$T/s" recv-dgram expect:hi \
	    send:answer
	waitfor "unix:$T/s"
	hold
	printf hi >&9
	start run "$NC" -u -U -s "$name-own" "$T/s" <"$T/idle"
	waitfor "text:$T/run.out:answer"
	true_that "no such file" [ ! -e "$name-own" ]
}

run_tests "$@"
