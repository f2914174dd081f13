#!/bin/sh
# The reader of our output has left: tar after its last block, head, dd. The
# peer has a quarter of a second to end, too; then nothing was lost.
# timeout: 600
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_end.sh"

# --- whole pipelines --------------------------------------------------------

# A script with a pipeline in it, whose exit statuses are what it prints.
side()	# NAME SCRIPT WORD...: "$@" is the subject; stdin is ours
{
	side_name=$1 side_text=$2
	shift 2
	start "$side_name" $SETSID bash -c "$side_text
	    echo \"\${PIPESTATUS[*]}\" >$T/$side_name.statuses" - "$NC" "$@"
}

# Both sides at once, which succeed, in silence. On a busy machine, the sender may
# take longer than the quarter of a second.
both_sides()	# LISTENER-SCRIPT CLIENT-SCRIPT
{
	for _ in 1 2 3; do
		free_port
		hold
		side listens "$1" -l 127.0.0.1 "$PORT" </dev/null
		waitfor "tcp:$PORT"
		side calls "$2" 127.0.0.1 "$PORT" </dev/null
		finish listens
		finish calls
		said=$(cat "$T/listens.err" "$T/calls.err")
		statuses=$(cat "$T/listens.statuses" "$T/calls.statuses" \
		    2>/dev/null)
		[ "$statuses$said" != "$(printf '0 0\n0 0')" ] || break
	done
	same "statuses, with <$said>" "$(printf '0 0\n0 0')" "$statuses"
	same "stderr" "" "$said"
}

# SENDER and RECEIVER are scripts. The input of the receiver is /dev/null, or a
# silent pipe without a name: with a name, it might be a filter's.
copies_well()
{
	silent=$(echo "$RECEIVER" | sed "s|\"\$@\"|& < <(exec cat $T/idle)|")
	for receiver in "$RECEIVER" "$silent"; do
		both_sides "$receiver" "$SENDER"
		both_sides "$SENDER" "$receiver"
	done
}

test_tar_feeds_tar_and_all_four_succeed()
{
	need_bash && need tar || return 0
	mkdir -p "$T/from/sub"
	cp "$(bytes 500000)" "$T/from/sub/file"
	seq 1000 >"$T/from/numbers"
	SENDER="tar cf - -C $T/from . | \"\$@\""
	RECEIVER="mkdir -p $T/to; \"\$@\" | tar xf - -C $T/to"
	for _ in 1 2 3; do
		copies_well
		true_that "both trees are the same" diff -r "$T/from" "$T/to"
		rm -rf "$T/to"
		[ -z "$BAD" ] || break
	done
}

test_packed_tar_feeds_tar_and_all_four_succeed()
{
	need_bash && need tar && need xz || return 0
	mkdir -p "$T/from"
	cp "$(bytes 500000)" "$T/from/file"
	SENDER="tar cJf - -C $T/from . | \"\$@\""
	RECEIVER="mkdir -p $T/to; \"\$@\" | tar xJf - -C $T/to"
	copies_well
	true_that "both trees are the same" diff -r "$T/from" "$T/to"
}

# tar may end before its input does: at the blocks of zeros.
test_a_tree_with_more_behind_it_is_a_loss()
{
	need_bash && need tar || return 0
	mkdir "$T/from"
	echo small >"$T/from/file"
	tar cf "$T/archive" -C "$T/from" .
	free_port
	side listens "\"\$@\" | { head -c 10240 | tar tf - >$T/names; }" -l \
	    127.0.0.1 "$PORT" </dev/null
	waitfor "tcp:$PORT"
	cat "$T/archive" "$(bytes 9000000)" >"$T/more"
	start calls "$NC" 127.0.0.1 "$PORT" <"$T/more"
	finish listens
	same "statuses" "1 0" "$(cat "$T/listens.statuses")"
	same "stderr" "" "$ERR"
	finish calls
	same "the sender's exit status" 1 "$RC"
}

test_head_takes_exactly_what_there_is_and_all_succeed()
{
	need_bash || return 0
	SENDER="cat $(bytes 3000000) | \"\$@\""
	RECEIVER="\"\$@\" | head -c 3000000 >$T/got"
	copies_well
	same_file "what head got" "$(bytes 3000000)" "$T/got"
}

test_head_reads_a_line_of_a_few_and_all_succeed()
{
	need_bash || return 0
	SENDER="printf 'a\\nb\\nc\\n' | \"\$@\""
	RECEIVER="\"\$@\" | head -n 1 >$T/got"
	copies_well
	same "what head got" a "$(cat "$T/got")"
}

test_dd_counts_its_blocks_and_all_succeed()
{
	need_bash || return 0
	SENDER="cat $(bytes 3000000) | \"\$@\""
	RECEIVER="\"\$@\" | dd bs=1000 count=3000 iflag=fullblock of=$T/got \
	    2>$T/noise"
	copies_well
	same_file "what dd got" "$(bytes 3000000)" "$T/got"
}

# --- to the quarter of a second -----------------------------------------------

# The subject's output is read by a command, which leaves; its input is
# silent. The peer may await $T/gone for that.
into()	# client|listener COMMAND PEER-WORD...
{
	way=$1 reader=$2
	shift 2
	anew
	hold
	mkfifo "$T/output"
	# A shell that reads nothing more than its command does.
	start reader sh -c "exec $reader <\"\$1\"" - "$T/output"
	case $way in
	client)		serve accept "$@" </dev/null ;;
	listener)	free_port ;;
	esac
	if [ -n "${INPUT:-}" ]; then
		start run sh -c 'out=$1; shift; exec "$@" >"$out"' - \
		    "$T/output" "$NC" ${OPTIONS:-} $(words_of "$way") \
		    <"$INPUT"
	else
		start run bash -c 'out=$1 idle=$2; shift 2
		    exec "$@" < <(exec cat "$idle") >"$out"' - "$T/output" \
		    "$T/idle" "$NC" ${OPTIONS:-} $(words_of "$way") </dev/null
	fi
	if [ "$way" = listener ]; then
		waitfor "tcp:$PORT"
		guest peer "$@" </dev/null
	fi
	finish reader
	same "$way: what $reader read" "abc" "$OUT"
	: >"$T/gone"
	finish run
}

# The end of the peer comes with its data, before or after the reader leaves.
ends_with_the_data()	# client|listener COMMAND
{
	into "$1" "$2" "touch:$T/sent" send:abc fin recv-eof expect:
	since "$T/sent"
	same "$1, $2: exit status" 0 "$RC"
	same "$1, $2: stderr" "" "$ERR"
	peer_done
}

test_a_peer_that_ends_with_its_data_is_a_success_at_once()
{
	need_bash || return 0
	for reader in "head -c 3" "dd bs=1 count=3 status=none" cat; do
		takes "at once" ends_with_the_data client "$reader"
		takes "at once" ends_with_the_data listener "$reader"
	done
}

# On a busy machine it may be late once.
test_a_peer_that_ends_shortly_after_the_reader_is_a_success()
{
	need_bash || return 0
	for way in client listener; do
		for _ in 1 2 3 4 5; do
			into "$way" "head -c 3" send:abc "await:$T/gone" fin \
			    recv-eof expect:
			[ "$RC" != 0 ] || break
		done
		same "$way: exit status" 0 "$RC"
		same "$way: stderr" "" "$ERR"
		peer_done
	done
}

peer_stays()	# client|listener
{
	into "$1" "head -c 3" "touch:$T/sent" send:abc recv-end expect:
	since "$T/sent"
	same "$1: exit status" 1 "$RC"
	same "$1: stderr" "" "$ERR"
	peer_done
}

test_a_peer_that_stays_is_a_failure_after_a_quarter_of_a_second()
{
	need_bash || return 0
	takes 250ms peer_stays client
	takes 250ms peer_stays listener
}

test_with_v_a_reader_that_has_left_is_told_of()
{
	need_bash || return 0
	OPTIONS=-v
	for way in client listener; do
		into "$way" "head -c 3" send:abc recv-end expect:
		same "$way: exit status" 1 "$RC"
		true_that "$way: <$ERR> tells it" \
		    grep -qi 'output\|stdout\|reader' "$T/run.err"
		peer_done
	done
	OPTIONS=
}

# A shell tells of no SIGPIPE; who wants to know asks.
test_bytes_that_come_after_the_reader_has_left_are_lost_without_a_word()
{
	need_bash || return 0
	for way in client listener; do
		into "$way" "head -c 3" send:abc "await:$T/gone" send:more \
		    recv-end expect:
		same "$way: exit status" 1 "$RC"
		same "$way: stderr" "" "$ERR"
		peer_done
	done
}

# More than any pipe holds is on its way when the reader leaves.
test_bytes_that_are_held_when_the_reader_leaves_are_told_of_with_v()
{
	need_bash || return 0
	for way in client listener; do
		into "$way" "head -c 3" "send-file:$(bytes_after_abc)" fin \
		    recv-end
		same "$way: exit status" 1 "$RC"
		same "$way: stderr" "" "$ERR"
		OPTIONS=-v
		into "$way" "head -c 3" "send-file:$(bytes_after_abc)" fin \
		    recv-end
		OPTIONS=
		same "$way: exit status with -v" 1 "$RC"
		holds "$way: stderr with -v" "$ERR" "Broken pipe"
		holds "$way: stderr with -v" "$ERR" "lost"
	done
}

# One client after the other, and several at once.
test_a_server_whose_reader_has_left_ends_without_a_word()
{
	for joined in "" "--max-conns 3"; do
		anew
		free_port
		launch run sh -c '{ "$@"; echo $? >"$0"; } | head -n 1' \
		    "$T/status" "$NC" -k $joined -l 127.0.0.1 "$PORT"
		guest peer 'send:one\n' "await:$T/go" 'send:two\n' recv-end
		waitfor "text:$T/run.out:one"
		touch "$T/go"
		finish run
		same "stderr, $joined" "" "$ERR"
		same "status, $joined" 1 "$(cat "$T/status")"
	done
}

# A disk that is full is no reader that has left.
test_another_failure_of_the_output_is_always_told()
{
	[ -c /dev/full ] || { skip "no /dev/full"; return; }
	serve accept send:abc recv-end
	run sh -c '"$@" >/dev/full' - "$NC" 127.0.0.1 "$PORT"
	fails_with_one_line 1
}

bytes_after_abc()
{
	{ printf abc; head -c 9000000 /dev/zero; } >"$work/abc"
	echo "$work/abc"
}

test_the_quarter_of_a_second_is_counted_where_nothing_ever_came()
{
	need_bash || return 0
	takes 250ms nobody_reads client
	takes 250ms nobody_reads listener
}

nobody_reads()	# client|listener
{
	into "$1" "printf abc" "touch:$T/sent" recv-end expect:
	since "$T/sent"
	same "$1: exit status" 1 "$RC"
	same "$1: stderr" "" "$ERR"
	peer_done
}

test_a_file_is_sent_to_its_end_though_nobody_reads_the_answer()
{
	need_bash || return 0
	INPUT=$(bytes 3000000)
	for way in client listener; do
		into "$way" "head -c 3" send:abc "await:$T/gone" \
		    sleep-ms:1000 recv-eof expect-size:3000000
		lacks "$way: exit status" "$RC" hang
		peer_done
	done
	INPUT=
}

# What is given by now is sent; nobody waits for more of it.
test_a_pipe_that_has_ended_is_sent_though_nobody_reads_the_answer()
{
	need_bash || return 0
	printf question >"$T/question"
	cp "$T/question" "$work/question"
	INPUT=$work/question
	for way in client listener; do
		into "$way" "head -c 3" recv-eof expect:question send:abc
		same "$way: exit status" 0 "$RC"
		same "$way: stderr" "" "$ERR"
		peer_done
	done
	INPUT=
}

run_tests "$@"
