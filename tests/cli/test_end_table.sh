#!/bin/sh
# The end of the data: the peer has ended, and our input is open. What happens
# then depends on the kind of the input and on who has sent data until then.
# timeout: 600
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_end.sh"
. "$(dirname "$0")/lib_tls.sh"

# --- a regular file -----------------------------------------------------------

# The peer ends first, and begins to read later than any limit of the table.
file_to_a_peer_that_ended()	# client|listener PEER-WORD...
{
	FILE=$(bytes 3000000)
	meet "$1" file $2 fin "touch:$T/fin" sleep-ms:2600 recv-eof \
	    "save:$T/got"
	ends 0 "${2#send:}" "$T/fin"
	peer_done
	same_file "what the peer got" "$FILE" "$T/got"
}

test_all_of_a_file_goes_to_a_server_that_has_ended()
{
	file_to_a_peer_that_ended client
	file_to_a_peer_that_ended client send:bye
}

test_all_of_a_file_goes_to_a_client_that_has_ended()
{
	file_to_a_peer_that_ended listener
	file_to_a_peer_that_ended listener send:bye
}

# --- inputs that never end ----------------------------------------------------

never_ends()	# client|listener KIND
{
	for word in "" send:bye; do
		meet "$1" "$2" $word "touch:$T/fin" fin recv-eof expect:
		ends 0 "${word#send:}" "$T/fin"
		peer_done
	done
}

test_a_client_leaves_at_once_where_stdin_is_dev_null()
{
	takes "at once" never_ends client null
}

test_a_listener_leaves_at_once_where_stdin_is_dev_null()
{
	takes "at once" never_ends listener null
}

test_a_client_leaves_at_once_where_stdin_is_a_fifo_that_it_may_write()
{
	takes "at once" never_ends client forever
}

test_a_listener_leaves_at_once_where_stdin_is_a_fifo_that_it_may_write()
{
	takes "at once" never_ends listener forever
}

test_a_client_leaves_at_once_where_stdin_is_a_silent_terminal()
{
	takes "at once" never_ends client tty
}

test_a_listener_leaves_at_once_where_stdin_is_a_silent_terminal()
{
	takes "at once" never_ends listener tty
}

# What such an input has given does not make it one that is waited for.
fifo_for_both_gave()	# client|listener
{
	way=$1 kind="FIFO for both"
	anew
	mkfifo "$T/forever"
	exec 7<>"$T/forever"
	printf one >&7
	set -- recv:3 "touch:$T/fin" fin recv-eof expect:one
	case $way in
	client)
		serve accept "$@" </dev/null
		start run "$NC" 127.0.0.1 "$PORT" <>"$T/forever" ;;
	listener)
		free_port
		launch run "$NC" -l 127.0.0.1 "$PORT" <>"$T/forever"
		guest peer "$@" </dev/null ;;
	esac
	exec 7>&-
	ends 0 "" "$T/fin"
	peer_done
}

test_data_from_a_fifo_that_never_ends_is_sent_and_the_end_is_at_once()
{
	takes "at once" fifo_for_both_gave client
	takes "at once" fifo_for_both_gave listener
}

terminal_gave()	# client|listener
{
	way=$1 kind=terminal
	anew
	set -- recv-line 'expect:typed\n' "touch:$T/fin" fin recv-eof expect:
	case $way in
	client)
		serve accept "$@"
		start run "$TOOLS/ptyrun" on=0 'type=typed\n' -- "$NC" \
		    127.0.0.1 "$PORT" ;;
	listener)
		free_port
		launch run "$TOOLS/ptyrun" on=0 'type=typed\n' -- "$NC" -l \
		    127.0.0.1 "$PORT"
		guest peer "$@" ;;
	esac
	finish run
	since "$T/fin"
	same "$way: exit status" 0 "$RC"
	same "$way: stderr" "" "$ERR"
	peer_done
}

test_who_types_leaves_with_the_peer_at_once()
{
	takes "at once" terminal_gave client
	takes "at once" terminal_gave listener
}

# Its answer could not be told from the input of others who hold it open.
test_a_filter_is_not_waited_for_where_the_fifo_never_ends()
{
	need_bash || return 0
	takes "at once" filter_of_a_fifo_for_both
}

filter_of_a_fifo_for_both()
{
	script listener '"$@" <>"$T/f" | cat >"$T/out"' \
	    send:bye "touch:$T/fin" fin recv-eof expect:
	statuses "0 0" ""
	since "$T/fin"
	same "output" bye "$(cat "$T/out")"
	peer_done
}

# --- a silent pipe, and a peer that gave data ----------------------------------

download()	# client|listener
{
	meet "$1" "$KIND" send:bye sleep-ms:500 "touch:$T/fin" fin recv-eof \
	    expect:
	ends 0 bye "$T/fin"
	peer_done
}

test_a_client_with_a_silent_pipe_gives_it_a_moment_after_a_download()
{
	each_kind takes 250ms download client
}

test_a_listener_with_a_silent_pipe_gives_it_a_moment_after_an_upload()
{
	each_kind takes 250ms download listener
}

# The connection is young, and so may be the program that feeds the pipe.
quick_download()	# client|listener
{
	meet "$1" "$KIND" send:bye "touch:$T/fin" fin recv-eof expect:
	ends 0 bye "$T/fin"
	peer_done
}

test_after_a_quick_answer_a_silent_pipe_has_a_moment_more()
{
	each_kind takes "a moment" quick_download client
	each_kind takes "a moment" quick_download listener
}

answered_first()	# client|listener MILLISECONDS
{
	meet "$1" "$KIND" send:bye fin "touch:$T/fin" recv-eof expect:onetwo
	waitfor "file:$T/fin"
	pause "$2"
	say_within 245 one || return
	stays 1000
	say two
	release
	ends 0 bye "$T/said"
	peer_done
}

test_a_pipe_that_begins_within_a_moment_is_sent_to_its_end()
{
	each_kind takes "at once" answered_first client 100
	each_kind takes "at once" answered_first listener 100
}

# What has come when the time is over was in time.
test_a_pipe_that_begins_while_the_machine_is_busy_is_sent()
{
	for way in client listener; do
		meet "$way" fifo send:bye "touch:$T/sent" "await:$T/go" fin \
		    "touch:$T/fin" recv-eof expect:one
		waitfor "text:$T/run.out:bye"
		kill_it run STOP
		touch "$T/go"
		waitfor "file:$T/fin"
		say one
		pause 600
		kill_it run CONT
		release
		ends 0 bye "$T/said"
		peer_done
	done
}

test_with_N_a_silent_pipe_is_waited_for()
{
	OPTIONS=-N
	for way in client listener; do
		for KIND in fifo pipe; do
			meet "$way" "$KIND" send:bye fin "touch:$T/fin" \
			    recv-eof expect:late
			waitfor "file:$T/fin"
			stays 1200
			say late
			release
			ends 0 bye "$T/said"
			peer_done
		done
	done
	OPTIONS=
}

# The peer has gone for good: a pipe that has given nothing has nothing to lose.
gone_peer()	# client|listener STATUS TEXT
{
	OPTIONS=-N
	meet "$1" fifo send:bye fin "await:$T/go" "touch:$T/gone" rst
	OPTIONS=
	waitfor "text:$T/run.out:bye"
	pause 200
	kill_it run STOP
	touch "$T/go"
	peer_done
	[ -z "$3" ] || say "$3"
	kill_it run CONT
	ends "$2" bye "$T/gone"
}

test_a_peer_that_goes_leaves_a_silent_pipe_unharmed()
{
	gone_peer client 0 ""
	gone_peer listener 0 ""
}

test_a_peer_that_goes_leaves_a_pipe_unread_and_that_is_told()
{
	for way in client listener; do
		gone_peer "$way" 1 late
		same "$way: stderr" \
		    "sockcat: left 'stdin' unread (the peer has gone)" "$ERR"
	done
}

# --- a pipe, and data from both --------------------------------------------------

both_gave()	# client|listener
{
	meet "$1" "$KIND" recv:3 send:bye "touch:$T/fin" fin recv-eof \
	    expect:one
	say one
	ends 0 bye "$T/fin"
	peer_done
}

test_a_client_that_sent_and_received_leaves_after_two_silent_seconds()
{
	each_kind takes 2s both_gave client
}

test_a_listener_that_sent_and_received_leaves_after_two_silent_seconds()
{
	each_kind takes 2s both_gave listener
}

# More than two seconds altogether, but never two of silence.
goes_on()	# client|listener
{
	meet "$1" "$KIND" recv:3 send:bye fin "touch:$T/fin" recv-eof \
	    expect:onetwothreefour
	say one
	waitfor "file:$T/fin" "text:$T/run.out:bye"
	for word in two three four; do
		pause 900
		say_again 1900 "$word" || return 0
	done
	ends 0 bye "$T/said"
	peer_done
}

test_a_client_goes_on_sending_until_it_is_silent_for_two_seconds()
{
	KIND=fifo
	takes 2s goes_on client
}

test_a_listener_goes_on_sending_until_it_is_silent_for_two_seconds()
{
	KIND=pipe
	need_bash || return 0
	takes 2s goes_on listener
}

ends_by_itself()	# client|listener
{
	meet "$1" "$KIND" recv:3 send:bye fin "touch:$T/fin" recv-eof \
	    expect:onetwo
	say one
	waitfor "file:$T/fin" "text:$T/run.out:bye"
	say two
	release
	ends 0 bye "$T/said"
	peer_done
}

test_the_end_of_the_input_is_the_end_at_once()
{
	each_kind takes "at once" ends_by_itself client
	each_kind takes "at once" ends_by_itself listener
}

# The peer does not read what we send after it has spoken.
reset_of_both()	# client|listener
{
	meet "$1" "$KIND" recv:3 send:bye fin "touch:$T/fin" "await:$T/go" \
	    "touch:$T/gone" rst
	say one
	waitfor "file:$T/fin" "text:$T/run.out:bye"
	say two
	pause 200
	: >"$T/go"
	waitfor "file:$T/gone"
	since "$T/said"
	[ "$MS" -lt 1800 ] || { too_late; return 0; }
	ends 1 bye "$T/gone"
	peer_done
}

test_a_reset_that_loses_bytes_is_a_failure_where_both_gave_data()
{
	each_kind takes "at once" reset_of_both client
	each_kind takes "at once" reset_of_both listener
}

# --- a pipe, and data from us alone ----------------------------------------------

we_alone_gave()	# client|listener
{
	meet "$1" "$KIND" recv:3 fin "touch:$T/fin" recv-eof expect:onetwo
	say one
	waitfor "file:$T/fin"
	stays 3300
	say two
	release
	ends 0 "" "$T/said"
	peer_done
}

test_a_client_that_alone_sends_goes_on_to_its_end_however_slow()
{
	each_kind takes "at once" we_alone_gave client
}

test_a_listener_that_alone_sends_goes_on_to_its_end_however_slow()
{
	each_kind takes "at once" we_alone_gave listener
}

# Whether it was a reset is known at the end of the input at last.
reset_of_a_sender()	# client|listener
{
	meet "$1" "$KIND" recv:3 fin "touch:$T/fin" rst
	say one
	waitfor "file:$T/fin"
	peer_done
	release
	ends 1 "" "$T/said"
}

test_a_reset_is_a_failure_where_we_alone_send()
{
	each_kind reset_of_a_sender client
	each_kind reset_of_a_sender listener
}

reset_meanwhile()	# client|listener
{
	meet "$1" "$KIND" recv:3 fin "touch:$T/fin" "await:$T/go" rst
	say one
	waitfor "file:$T/fin"
	pause 100
	: >"$T/go"
	ends 1 "" "$T/go"
	peer_done
}

test_a_sender_that_is_silent_hears_of_a_reset_at_once()
{
	each_kind takes "at once" reset_meanwhile client
	each_kind takes "at once" reset_meanwhile listener
}

# It has closed the connection, and resets it when we send.
closed_peer()	# client|listener
{
	meet "$1" "$KIND" recv:3 "touch:$T/fin" close "await:$T/never"
	say one
	waitfor "file:$T/fin"
	pause 100
	say two
	ends 1 "" "$T/said"
	end_it "$(pid_of peer)"
}

test_a_peer_that_has_closed_is_a_failure_once_more_is_sent()
{
	KIND=fifo
	takes "at once" closed_peer client
	takes "at once" closed_peer listener
}

closed_peer_of_late_words()	# client|listener
{
	meet "$1" "$KIND" recv:3 "touch:$T/fin" close "await:$T/never"
	say one
	waitfor "file:$T/fin"
	pause 100
	say two
	release
	ends 1 "" "$T/said"
	end_it "$(pid_of peer)"
}

test_last_words_to_a_peer_that_has_closed_are_a_failure()
{
	each_kind closed_peer_of_late_words client
	each_kind closed_peer_of_late_words listener
}

# --- a pipe, and no data at all --------------------------------------------------

nobody_gave()	# client|listener
{
	meet "$1" "$KIND" "touch:$T/fin" fin recv-reset expect:
	ends 1 "" "$T/fin"
	peer_done
}

test_a_client_that_exchanged_nothing_fails_after_a_second_and_says_so()
{
	each_kind takes 1s nobody_gave client
}

test_a_listener_that_exchanged_nothing_fails_after_a_second_and_says_so()
{
	each_kind takes 1s nobody_gave listener
}

# The second begins with the peer's end, not with the connection.
nobody_gave_for_long()	# client|listener
{
	meet "$1" fifo sleep-ms:1300 "touch:$T/fin" fin recv-reset expect:
	ends 1 "" "$T/fin"
	peer_done
}

test_the_second_to_begin_is_counted_from_the_end_of_the_peer()
{
	takes 1s nobody_gave_for_long client
	takes 1s nobody_gave_for_long listener
}

begins_in_time()	# client|listener
{
	meet "$1" "$KIND" fin "touch:$T/fin" recv-eof expect:onetwo
	waitfor "file:$T/fin"
	pause 150
	say_within 700 one || return
	stays 2500
	say two
	release
	ends 0 "" "$T/said"
	peer_done
}

test_an_input_that_begins_within_the_second_is_sent_to_its_end()
{
	each_kind takes "at once" begins_in_time client
	each_kind takes "at once" begins_in_time listener
}

nothing_at_all()	# client|listener
{
	meet "$1" "$KIND" fin "touch:$T/fin" recv-eof expect:
	waitfor "file:$T/fin"
	release
	finish run
	since "$T/fin"
	# On a busy machine the end of the input may come too late.
	[ "$RC" != 1 ] || [ "$MS" -lt 1000 ] || { too_late; return; }
	same "$way, a $kind: exit status" 0 "$RC"
	same "$way, a $kind: stderr" "" "$ERR"
	peer_done
}

test_an_input_that_ends_empty_within_the_second_is_no_failure()
{
	each_kind takes "at once" nothing_at_all client
	each_kind takes "at once" nothing_at_all listener
}

# --- /dev/null on a terminal ---------------------------------------------------

# Who connects like that looks at something, such as a certificate.
looks()	# PEER-WORD...
{
	anew
	serve accept "touch:$T/met" "$@" </dev/null
	start run "$TOOLS/ptyrun" on=1 -- "$NC" ${OPTIONS:-} 127.0.0.1 \
	    "$PORT" </dev/null
}

looks_in_vain()
{
	looks recv-eof expect:
	finish run
	since "$T/met"
	same "exit status" 0 "$RC"
	same "output" "" "$OUT$ERR"
	peer_done
}

test_dev_null_on_a_terminal_is_left_when_nothing_comes()
{
	takes 1s looks_in_vain
	OPTIONS="-w 3"
	takes 3s looks_in_vain
	OPTIONS=
}

test_dev_null_on_a_terminal_receives_what_comes_in_time()
{
	looks send:one "await:$T/go" send:two fin recv-eof
	waitfor "text:$T/run.out:one"
	stays 2500
	touch "$T/go"
	exits run 0
	same "output" onetwo "$OUT"
	peer_done
}

test_dev_null_without_a_terminal_goes_on_receiving()
{
	meet client null "await:$T/go" send:late fin recv-eof
	stays 2500
	touch "$T/go"
	exits run 0
	same "output" late "$OUT"
	peer_done
}

test_with_v_the_rule_of_dev_null_on_a_terminal_is_told()
{
	OPTIONS=-v
	looks recv-eof
	finish run
	OPTIONS=
	holds "the client" "$(cat "$T/run.out" "$T/run.err")" \
	    "nothing to send: leave after 1 s without data"
	anew
	free_port
	launch run "$TOOLS/ptyrun" on=1 -- "$NC" -v -l 127.0.0.1 "$PORT" \
	    </dev/null
	client sleep-ms:1300 send:late fin recv-eof
	finish run
	same "the listener's exit status" 0 "$RC"
	holds "the listener" "$(cat "$T/run.out" "$T/run.err")" \
	    "nothing to send: leave when the peer ends"
	holds "the listener's output" "$OUT" late
}

test_who_looks_at_a_certificate_leaves()
{
	need_tls server && need_tls_peer || return 0
	tls_serve cert:server accept hello recv-notify
	start run "$TOOLS/ptyrun" on=1 -- "$NC" -v --tls --tls-ca \
	    "$CERTS/ca.pem" 127.0.0.1 "$PORT" </dev/null
	exits run 0
	holds "the certificate" "$(cat "$T/run.out" "$T/run.err")" fingerprint
	peer_done
}

run_tests "$@"
