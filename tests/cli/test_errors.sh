#!/bin/sh
# Everything that can go wrong: the words and the exit status, by personality.
. "$(dirname "$0")/lib.sh"

NONAME=no-such-host.invalid

# Run it: this exit status, these words on stderr, nothing on stdout.
fails()	# STATUS WORDS ARG...
{
	status=$1 words=$2
	shift 2
	run "$NC" "$@" </dev/null
	same "exit status of $*" "$status" "$RC"
	same "stderr of $*" "$words" "$ERR"
	same "stdout of $*" "" "$OUT"
}

# The same where the words only have to be there: all on one line.
fails_with()	# STATUS WORDS ARG...
{
	status=$1 words=$2
	shift 2
	run "$NC" "$@" </dev/null
	same "exit status of $*" "$status" "$RC"
	holds "stderr of $*" "$ERR" "$words"
	same "stdout of $*" "" "$OUT"
}

fails_in_one_line()	# STATUS WORDS ARG...
{
	fails_with "$@"
	one_line "stderr" "$ERR"
}

test_refused()
{
	over native nc real traditional real-traditional ncat real-ncat ||
	    return 0
	PORT=$(closed_port)
	case $SUBJECT in
	native)	fails_in_one_line 1 "Connection refused" 127.0.0.1 "$PORT"
		holds "stderr" "$ERR" "127.0.0.1 port P" ;;
	nc|real) fails 1 "" 127.0.0.1 "$PORT" ;;
	*traditional)
		fails 1 "(UNKNOWN) [127.0.0.1] P (?) : Connection refused" \
		    -n 127.0.0.1 "$PORT" ;;
	*ncat)	fails 1 "Ncat: Connection refused." 127.0.0.1 "$PORT" ;;
	esac
}

test_refused_with_v()
{
	over native nc real ncat real-ncat || return 0
	PORT=$(closed_port)
	case $SUBJECT in
	*ncat)	fails_with 1 "Ncat: Connection refused." -v 127.0.0.1 "$PORT" ;;
	nc|real) fails 1 \
"nc: connect to 127.0.0.1 port P (tcp) failed: Connection refused" \
		-v 127.0.0.1 "$PORT" ;;
	native)	fails_in_one_line 1 "Connection refused" -v 127.0.0.1 "$PORT" ;;
	esac
}

test_no_arguments_as_nc_is_usage()
{
	over nc real || return 0
	fails_with 1 "usage: nc "
}

# A cron job whose variables are empty: it must not wait for a caller.
test_no_arguments_and_no_input_is_usage_and_opens_no_port()
{
	for script in 'exec "$1" </dev/null' 'exec "$1" -v </dev/null' \
	    'exec "$1" <&-' 'exec "$1" <&- >&-'; do
		run sh -c "$script" - "$NC"
		same "$script: exit status" 1 "$RC"
		same "$script: stdout" "" "$OUT"
		holds "$script: stderr" "$ERR" "usage: sockcat [options] host"
	done
	need_strace || return 0
	run strace -f -qq -e trace=network -o "$T/trace" "$NC" </dev/null
	same "exit status" 1 "$RC"
	same "sockets that it opened" "" "$(cat "$T/trace")"
}

test_usage_is_lines_that_fit()
{
	over nc real || return 0
	run "$NC" </dev/null
	lacks "usage" "$ERR" '\n'
	same "lines over 80 columns" 0 "$(printf '%s\n' "$ERR" | expand |
	    awk 'length($0) > 80 { n++ } END { print n + 0 }')"
	same "lines beside the first" 1 "$(printf '%s\n' "$ERR" |
	    awk 'NR > 1 { n = 1 } END { print n + 0 }')"
}

test_no_arguments_as_the_others()
{
	over ncat real-ncat || return 0
	fails 2 "Ncat: You must specify a host to connect to. QUITTING."
}

test_a_host_without_a_port()
{
	over native nc real traditional real-traditional || return 0
	case $SUBJECT in
	native)	fails_with 1 "missing port number" 127.0.0.1 ;;
	*traditional) fails 1 "no port[s] to connect to" 127.0.0.1 ;;
	*)	fails_with 1 "nc: missing port number" 127.0.0.1 ;;
	esac
}

test_l_alone()
{
	over nc real || return 0
	fails_with 1 "nc: missing port number" -l
}

test_an_unknown_option()
{
	over native nc real traditional real-traditional ncat real-ncat ||
	    return 0
	case $SUBJECT in
	*ncat)	fails_with 2 "" -Y ;;
	*traditional) fails_with 1 "nc -h for help" -Y ;;
	*)	fails_with 1 "invalid option -- 'Y'" -Y 127.0.0.1 1 ;;
	esac
	[ "$SUBJECT" = native ] || lacks "stderr" " $ERR" "not built in"
}

test_a_bad_timeout()
{
	over native nc real traditional real-traditional ncat real-ncat ||
	    return 0
	case $SUBJECT in
	native)	fails_in_one_line 1 "abc" -w abc 127.0.0.1 1 ;;
	*traditional) fails 1 "invalid wait-time abc" -w abc 127.0.0.1 1 ;;
	*ncat)	fails_with 2 "" -w abc 127.0.0.1 1 ;;
	*)	fails 1 "nc: timeout invalid: abc" -w abc 127.0.0.1 1
		fails 1 "nc: timeout invalid: 0.5" -w 0.5 127.0.0.1 1
		fails 1 "nc: timeout too small: -1" -w -1 127.0.0.1 1 ;;
	esac
}

test_an_unknown_host()
{
	over native nc real ncat real-ncat || return 0
	getent hosts "$NONAME" >/dev/null && { skip "it resolves"; return; }
	case $SUBJECT in
	native)	fails_in_one_line 1 "$NONAME" "$NONAME" 80 ;;
	*ncat)	fails_with 2 "Ncat: Could not resolve hostname \"$NONAME\": " \
		    "$NONAME" 80
		holds "stderr" "$ERR" ". QUITTING." ;;
	*)	fails_with 1 "nc: getaddrinfo for host \"$NONAME\" port 80: " \
		    "$NONAME" 80
		one_line "stderr" "$ERR" ;;
	esac
}

test_a_name_with_n()
{
	over native nc real traditional real-traditional ncat real-ncat ||
	    return 0
	case $SUBJECT in
	native)	fails_in_one_line 1 "localhost" -n localhost 80 ;;
	*traditional)
		fails 1 "Can't parse localhost as an IP address" \
		    -n localhost 80 ;;
	*ncat)	fails_with 2 "localhost" -n localhost 80 ;;
	*)	fails 1 "nc: getaddrinfo for host \"localhost\" port 80:\
 Name or service not known" -n localhost 80 ;;
	esac
}

test_an_unknown_host_to_listen_on()
{
	over native nc real || return 0
	PORT=$(closed_port)
	case $SUBJECT in
	native)	fails_in_one_line 1 "Name or service not known" \
		    -n -l localhost "$PORT" ;;
	*)	fails 1 "nc: getaddrinfo: Name or service not known" \
		    -n -l localhost "$PORT" ;;
	esac
}

# So that a person need not ask lsof.
test_a_port_in_use_names_the_process()
{
	for where in "127.0.0.1 @" @ "-u 127.0.0.1 @" "-U $T/s"; do
		PORT=$(closed_port)
		words=$(echo "$where" | sed "s/@/$PORT/")
		start first "$NC" -l -v $words </dev/null
		waitfor "text:$T/first.err:Listening|Bound"
		run_gives 1 "$NC" -l $words </dev/null
		holds "stderr" "$ERR" \
		    "Address already in use (by sockcat, process $(pid_of first))"
		kill "$(pid_of first)"
		finish first
	done
}

test_a_source_port_in_use_names_the_process()
{
	over native || return 0
	for how in "" -u; do
		PORT=$(closed_port)
		# shellcheck disable=SC2086
		start first "$NC" $how -l -v 127.0.0.1 "$PORT" </dev/null
		waitfor "text:$T/first.err:Listening|Bound"
		# shellcheck disable=SC2086
		run "$NC" $how -s 127.0.0.1 -p "$PORT" 127.0.0.1 1 </dev/null
		same "exit status" 1 "$RC"
		holds "stderr" "$ERR" \
		    "Address already in use (by sockcat, process $(pid_of first))"
		kill "$(pid_of first)"
		finish first
	done
}

test_a_port_in_use()
{
	over native nc real ncat real-ncat || return 0
	serve "await:$T/over"
	case $SUBJECT in
	native)	fails_in_one_line 1 "Address already in use" \
		    -l 127.0.0.1 "$PORT" ;;
	*ncat)	fails 2 \
		    "Ncat: bind to 127.0.0.1:P: Address already in use. QUITTING." \
		    -l 127.0.0.1 "$PORT" ;;
	*)	fails 1 "nc: Address already in use" -l 127.0.0.1 "$PORT" ;;
	esac
	touch "$T/over"
	peer_done
}

test_bad_ports()
{
	over native nc real || return 0
	case $SUBJECT in
	native)
		fails_with 1 "nosuchservice" 127.0.0.1 nosuchservice
		fails_with 1 "99999" 127.0.0.1 99999
		fails_with 1 "0" -z 127.0.0.1 0 ;;
	*)
		fails 1 "nc: port number invalid: nosuchservice" \
		    127.0.0.1 nosuchservice
		fails 1 "nc: port number too large: 99999" 127.0.0.1 99999
		fails 1 "nc: port number too small: 0" 127.0.0.1 0 ;;
	esac
}

test_k_without_l()
{
	over native nc real || return 0
	case $SUBJECT in
	native)	fails_with 1 "must use -l with -k" -k 127.0.0.1 1 ;;
	*)	fails_with 1 "nc: must use -l with -k" -k 127.0.0.1 1 ;;
	esac
}

test_z_with_l()
{
	over native nc real || return 0
	fails_with 1 "" -z -l "$(closed_port)"
	lacks "stderr" "@$ERR@" "@@"
}

test_a_reset_is_an_error_for_sockcat_and_none_for_nc()
{
	over native nc real ncat real-ncat || return 0
	hold
	serve accept send:data "await:$T/go" rst
	start run "$NC" 127.0.0.1 "$PORT" <"$T/idle"
	waitfor "text:$T/run.out:data"
	touch "$T/go"
	# The real nc goes on until stdin moves.
	peer_done
	case $SUBJECT in
	nc|real) release ;;
	esac
	finish run
	same "stdout" data "$OUT"
	case $SUBJECT in
	native)	same "exit status" 1 "$RC"
		holds "stderr" "$ERR" "Connection reset by peer"
		one_line "stderr" "$ERR" ;;
	*ncat)	same "exit status" 1 "$RC"
		same "stderr" "Ncat: Connection reset by peer." "$ERR" ;;
	*)	same "exit status" 0 "$RC"
		same "stderr" "" "$ERR" ;;
	esac
}

test_a_peer_that_leaves_while_we_send()
{
	over native nc real || return 0
	serve accept recv:1000 rst
	run "$NC" -N 127.0.0.1 "$PORT" </dev/zero
	peer_done
	case $SUBJECT in
	native)	same "exit status" 1 "$RC"
		one_line "stderr" "$ERR" ;;
	*)	same "exit status" 0 "$RC"
		same "stderr" "" "$ERR" ;;
	esac
}

test_an_idle_end_is_success()
{
	over native nc real || return 0
	serve accept send:hi recv-end
	hold
	timed "$NC" -w 3 127.0.0.1 "$PORT" <"$T/idle"
	same "exit status" 0 "$RC"
	same "stdout" hi "$OUT"
	same "stderr" "" "$ERR"
	at_least "milliseconds" 2950 "$MS"
}

test_an_idle_end_of_ncat_is_an_error()
{
	over ncat real-ncat || return 0
	serve accept recv-end
	hold
	run_gives 1 "$NC" -i 500ms 127.0.0.1 "$PORT" <"$T/idle"
	same "stderr" "Ncat: Idle timeout expired (500 ms)." "$ERR"
}

test_help_goes_where_the_copied_tool_sends_it()
{
	over nc real traditional real-traditional ncat real-ncat || return 0
	run_gives 0 "$NC" -h </dev/null
	case $SUBJECT in
	*ncat)	same "stderr" "" "$ERR"
		holds "stdout" "$OUT" "Usage: ncat" ;;
	*traditional) same "stdout" "" "$OUT"
		holds "stderr" "$ERR" "connect to somewhere:" ;;
	*)	same "stdout" "" "$OUT"
		holds "stderr" "$ERR" "OpenBSD"
		holds "stderr" "$ERR" "-N" ;;
	esac
}

test_version_is_there_in_every_personality()
{
	over native nc traditional ncat || return 0
	run_gives 0 "$NC" --version </dev/null
	holds "what it prints" "$OUT$ERR" "sockcat"
}

# --- each error of the API in words -----------------------------------------

# The system's word for it, in one line; nc and ncat say theirs.
told()	# REASON NATIVE NC NCAT ARG...: lines of stderr
{
	reason=$1 native=$2 nc=$3 ncat=$4
	shift 4
	case $SUBJECT in
	native)	fails 1 "sockcat: $native failed: $reason" "$@" ;;
	*ncat)	fails "${ncat%% *}" "${ncat#* }" "$@" ;;
	*)	fails 1 "$nc" "$@" ;;
	esac
}

# The loopback is down in a network namespace that is new.
test_unreachable()
{
	over native nc real ncat real-ncat || return 0
	unshare -n true 2>/dev/null || { skip "no namespaces"; return; }
	told=$NC
	NC="$T/apart"
	printf '#!/bin/sh\nexec unshare -n "%s" "$@"\n' "$told" >"$NC"
	chmod 755 "$NC"
	told "Network is unreachable" "connect to 127.0.0.1 port 9 (tcp)" \
	    "nc: connect to 127.0.0.1 port 9 (tcp) failed: Network is\
 unreachable" "1 Ncat: Network is unreachable." \
	    $(case $SUBJECT in nc|real) echo -v ;; esac) 127.0.0.1 9
}

test_timed_out()
{
	over native nc real traditional real-traditional ncat real-ncat ||
	    return 0
	serve_nobody
	timed_out="connect to 127.0.0.1 port P (tcp)"
	case $SUBJECT in
	native)	told "Connection timed out" "$timed_out" "" "" \
		    -w 1 127.0.0.1 "$PORT" ;;
	*traditional)
		fails 1 "(UNKNOWN) [127.0.0.1] P (?) : Connection timed out" \
		    -w 1 -n 127.0.0.1 "$PORT" ;;
	*ncat)	fails 1 "Ncat: TIMEOUT." -w 1 127.0.0.1 "$PORT" ;;
	*)	fails 1 "nc: $timed_out timed out: Operation now in progress" \
		    -v -w 1 127.0.0.1 "$PORT" ;;
	esac
	touch "$T/over"
	peer_done
}

# An address of the loopback's family that is not this machine's: nothing is
# sent.
test_an_address_that_is_not_available()
{
	over native nc real || return 0
	need_ipv6 || return 0
	PORT=$(closed_port)
	told "Cannot assign requested address" "listen on ::2 port P (tcp)" \
	    "nc: Cannot assign requested address" "" -6 -l ::2 "$PORT"
	told "Cannot assign requested address" "bind ::2 port 0 (tcp)" \
	    "nc: bind failed: Cannot assign requested address" "" \
	    -s ::2 ::1 "$PORT"
}

test_denied()
{
	over native nc real || return 0
	PORT=$(closed_port)
	told "Permission denied (a broadcast address needs -b)" \
	    "connect to 127.255.255.255 port P (udp)" \
	    "nc: connect to 127.255.255.255 port P (udp) failed: Permission\
 denied" "" $(case $SUBJECT in nc|real) echo -v ;; esac) \
	    -u 127.255.255.255 "$PORT"
}

# The reader of the output leaves: our output is a pipe, then a socket.
test_broken_pipe()
{
	free_port
	mkfifo "$T/out"
	start reader head -c 1 "$T/out" </dev/null
	launch listener sh -c 'exec "$1" -l 127.0.0.1 "$2" >"$3"' - \
	    "$NC" "$PORT" "$T/out" </dev/null
	# Bytes go on to come when the reader has left.
	start sender "$NC" 127.0.0.1 "$PORT" </dev/zero
	finish reader
	exits listener 1
	same "stderr" "" "$ERR"
	finish sender
	same "exit status of the sender" 1 "$RC"
}

# A Unix datagram has to fit into the sender's buffer.
test_too_large_a_datagram()
{
	start listener "$NC" -u -U -l "$T/s" </dev/null
	waitfor "unix:$T/s"
	run_gives 1 "$NC" -u -U -O 4096 -q 0 "$T/s" <"$(bytes 60000)"
	same "stderr" "sockcat: write to $T/s failed: Message too long
sockcat: 60000 bytes of the input not sent" "$ERR"
}

run_tests "$@"
