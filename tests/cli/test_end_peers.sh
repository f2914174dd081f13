#!/bin/sh
# The end of the peer as each of the copied tools has it, beside these: at
# once, or never. Only where theirs would lose what the input still has to
# give, ours goes on. A silent pipe costs no second under any name.
# timeout: 600
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_end.sh"

LISTENERS="nc real traditional real-traditional ncat real-ncat"
OURS="nc traditional ncat"

# --- a silent pipe --------------------------------------------------------------

download()	# client|listener
{
	meet "$1" "$KIND" send:bye "touch:$T/fin" fin recv-end expect:
	ends 0 bye "$T/fin"
	peer_done
}

nobody_gave()	# client|listener
{
	meet "$1" "$KIND" "touch:$T/fin" fin recv-end expect:
	ends 0 "" "$T/fin"
	peer_done
}

test_a_listener_leaves_with_its_client_at_once()
{
	over $LISTENERS || return 0
	each_kind takes "at once" download listener
}

test_a_listener_leaves_at_once_where_nobody_gave_data()
{
	over $LISTENERS || return 0
	each_kind takes "at once" nobody_gave listener
}

test_a_client_leaves_with_the_server_at_once()
{
	over traditional real-traditional || return 0
	each_kind takes "at once" download client
	each_kind takes "at once" nobody_gave client
}

test_with_dev_null_as_stdin_all_leave_at_once()
{
	over $LISTENERS || return 0
	KIND=null
	takes "at once" download client
	takes "at once" download listener
	takes "at once" nobody_gave client
	takes "at once" nobody_gave listener
}

# --- nc and ncat as clients stay to the end of their input ------------------------

stays_to_its_end()	# PEER-WORD...
{
	meet client "$KIND" "$@" fin "touch:$T/fin" recv-end expect:late
	waitfor "file:$T/fin"
	stays 2600
	say late
	release
	finish run
	since "$T/said"
	same "a $KIND: exit status" 0 "$RC"
	same "a $KIND: stderr" "" "$ERR"
	peer_done
}

# ncat 7.93 does; later ones leave with the server.
test_nc_and_ncat_stay_to_the_end_of_their_input()
{
	over nc real ncat real-ncat || return 0
	each_kind takes "at once" stays_to_its_end
	each_kind takes "at once" stays_to_its_end send:bye
}

# --- what the input still has to give --------------------------------------------

file_to_a_peer_that_ended()	# client|listener PEER-WORD...
{
	FILE=$(bytes 3000000)
	meet "$1" file ${2:-} fin sleep-ms:1300 recv-end "save:$T/got" \
	    "touch:$T/got-all"
	# A peer that has ended may take our end for its last word.
	waitfor "file:$T/got-all"
	finish run
	lacks "$1: exit status" "$RC" hang
	peer_done
	same_file "$1: what the peer got" "$FILE" "$T/got"
}

test_all_of_a_file_goes_to_a_peer_that_has_ended()
{
	over $OURS || return 0
	for way in client listener; do
		case $SUBJECT in
		ncat)	OPTIONS='' ;;
		nc)	OPTIONS=-N ;;
		*)	OPTIONS='-q 9' ;;
		esac
		file_to_a_peer_that_ended "$way"
		file_to_a_peer_that_ended "$way" send:bye
	done
	OPTIONS=''
}

# The originals leave with the client, and lose the second word.
goes_on()	# client|listener PEER-WORD...
{
	way=$1
	shift
	meet "$way" "$KIND" recv:3 "$@" fin "touch:$T/fin" recv-end \
	    expect:onetwo
	say one
	waitfor "file:$T/fin"
	pause 500
	say_within 1500 two || return
	ends 0 "$(echo "$*" | sed 's/send://')" "$T/said"
	peer_done
}

test_an_input_that_goes_on_is_sent_until_it_is_silent_for_two_seconds()
{
	over $OURS || return 0
	each_kind takes 2s goes_on listener
	each_kind takes 2s goes_on listener send:bye
}

test_a_client_goes_on_until_its_input_is_silent_for_two_seconds_too()
{
	over traditional || return 0
	KIND=fifo
	takes 2s goes_on client
	takes 2s goes_on client send:bye
}

# --- filters ------------------------------------------------------------------------

# The originals leave with the client, before sort has answered.
test_a_filter_answers_through_a_fifo()
{
	over $OURS || return 0
	need_bash || return 0
	script listener '"$@" <$T/f | {
	    x=$(sort); $WAITFOR file:$T/go; echo "$x"; } >$T/f' \
	    'send:b\na\n' fin quiet-ms:2600 "touch:$T/go" recv:4 \
	    'expect:a\nb\n' recv-end
	statuses "0 0" ""
	peer_done
}

test_a_filter_in_a_script_is_left_after_a_second()
{
	over $OURS || return 0
	need_bash || return 0
	takes 1s held listener
}

held()	# client|listener
{
	script "$1" 'sh -c "\"\$@\"; exit \$?" - "$@" <$T/f |
	    grep --line-buffered o >$T/f' 'send:one\nelf\ntwo\n' \
	    "touch:$T/fin" fin recv:8 'expect:one\ntwo\n' recv-end
	statuses "0 0" ""
	since "$T/fin"
	peer_done
}

# --- who has a silent pipe: programs ----------------------------------------------

runner_downloads()	# client|listener
{
	printf '%s\n' 'import subprocess, sys
p = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE,
    stdout=subprocess.PIPE)
sys.stdout.write(p.stdout.read().decode())
sys.stdout.flush()
sys.exit(p.wait())' >"$work/runner.py"
	script "$1" "python3 $work/runner.py \"\$@\"" send:artefact \
	    "touch:$T/fin" fin recv-end
	statuses 0 ""
	since "$T/fin"
	same "$1: stdout" artefact "$OUT"
	peer_done
}

test_a_listener_under_a_ci_runner_ends_with_its_client_at_once()
{
	over $LISTENERS || return 0
	need_bash && need python3 || return 0
	takes "at once" runner_downloads listener
}

test_a_download_under_a_ci_runner_ends_at_once()
{
	over traditional real-traditional || return 0
	need_bash && need python3 || return 0
	takes "at once" runner_downloads client
}

# --- tar ------------------------------------------------------------------------------

test_tar_feeds_tar()
{
	over $LISTENERS || return 0
	need_bash && need tar || return 0
	mkdir "$work/tree.$SUBJECT"
	cp "$(bytes 500000)" "$work/tree.$SUBJECT/file"
	anew
	free_port
	mkdir "$T/to"
	case $SUBJECT in
	nc|real)	OPTIONS=-N ;;
	*traditional)	OPTIONS="-q 1" ;;
	*)		OPTIONS='' ;;
	esac
	start receiver $SETSID bash -c "\"\$@\" | tar xf - -C $T/to
	    echo \"\${PIPESTATUS[*]}\"" - "$NC" $(listening) </dev/null
	waitfor "tcp:$PORT"
	start sender $SETSID bash -c "tar cf - -C $work/tree.$SUBJECT . | \"\$@\"
	    echo \"\${PIPESTATUS[*]}\"" - "$NC" $OPTIONS 127.0.0.1 "$PORT" \
	    </dev/null
	OPTIONS=''
	finish sender
	same "sender: statuses" "0 0" "$OUT"
	finish receiver
	same "receiver: statuses" "0 0" "$OUT"
	same "receiver: stderr" "" "$ERR"
	true_that "both trees are the same" diff -r "$work/tree.$SUBJECT" "$T/to"
}

# They find out when they write again; who never does has lost nothing.
reader_leaves()	# client|listener
{
	script "$1" '"$@" </dev/null | head -c 3 >$T/got' send:abc \
	    sleep-ms:50 fin recv-end
	statuses "0 0" ""
	same "$1: what head got" abc "$(cat "$T/got")"
	peer_done
}

test_a_reader_that_leaves_before_the_last_end_is_no_failure()
{
	over $LISTENERS || return 0
	need_bash || return 0
	reader_leaves listener
	reader_leaves client
}

run_tests "$@"
