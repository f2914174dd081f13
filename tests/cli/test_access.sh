#!/bin/sh
# Access lists: who may come in, by --allow, --deny and their files, or by
# the operands of the traditional netcat.
. "$(dirname "$0")/lib.sh"

UNKNOWN="Name or service not known"

# A client from that address. A refused one may see a reset at any time.
call_from()	# HOST
{
	case $1 in
	*:*) "$TOOLS/peer" "connect6:$PORT" "send:from $1;" fin recv-end ;;
	*) "$TOOLS/peer" "from:$1" "connect:$PORT" "send:from $1;" fin \
	    recv-end ;;
	esac 2>"$T/client.err"
}

lets_in()	# HOST
{
	call_from "$1"
	true_that "$1 may come in" waitfor "text:$T/listener.out:from $1;"
}

keeps_out()	# HOST
{
	call_from "$1"
	waits listener
	lacks "what is shown" "$(cat "$T/listener.out")" "from $1;"
}

# A keep-open listener for both families, where the subject can.
door()	# OPTION...
{
	free_port
	launch listener "$NC" -k -l "$@" "$PORT" </dev/null
}

test_only_who_is_allowed_comes_in()
{
	over native nc ncat real-ncat || return 0
	door --allow 127.0.0.2
	keeps_out 127.0.0.1
	lets_in 127.0.0.2
	keeps_out 127.0.0.3
	waits listener
}

test_who_is_denied_stays_out()
{
	over native nc ncat real-ncat || return 0
	door --deny 127.0.0.1
	keeps_out 127.0.0.1
	lets_in 127.0.0.2
}

test_deny_wins_whichever_is_wider()
{
	over native nc ncat real-ncat || return 0
	door --allow 127.0.0.1 --deny 127.0.0.0/8
	keeps_out 127.0.0.1
	door --allow 127.0.0.0/8 --deny 127.0.0.1
	keeps_out 127.0.0.1
	lets_in 127.0.0.2
}

test_lists_have_commas_and_add_up()
{
	over native nc ncat real-ncat || return 0
	door --allow 127.0.0.2,127.0.0.3 --allow 127.0.0.4
	keeps_out 127.0.0.1
	lets_in 127.0.0.2
	lets_in 127.0.0.3
	lets_in 127.0.0.4
}

test_prefixes_and_octets_are_understood()
{
	over native nc ncat real-ncat || return 0
	door --allow 127.0.0.2/31,127.0.4-5.*
	keeps_out 127.0.0.1
	lets_in 127.0.0.3
	keeps_out 127.0.0.4
	lets_in 127.0.5.9
	keeps_out 127.0.6.1
}

test_ipv6_peers_have_rules_of_their_own()
{
	over native ncat real-ncat || return 0
	need_ipv6 || return 0
	door --deny ::1
	keeps_out ::1
	lets_in 127.0.0.1
	door --allow ::1
	lets_in ::1
	keeps_out 127.0.0.1
}

test_ipv4_clients_of_an_ipv6_socket_match_ipv4_rules()
{
	over native nc || return 0
	need_ipv6 || return 0
	# Of nc, -6 is both; of sockcat, no family is.
	six=
	[ "$SUBJECT" = native ] || six=-6
	door $six --allow 127.0.0.2
	lets_in 127.0.0.2
	keeps_out 127.0.0.1
	keeps_out ::1
}

test_a_name_is_all_its_addresses()
{
	over native nc ncat real-ncat || return 0
	door --allow localhost
	lets_in 127.0.0.1
	keeps_out 127.0.0.2
	door --allow localhost/8
	lets_in 127.0.0.2
}

test_a_file_has_hosts_between_blanks()
{
	over native nc ncat real-ncat || return 0
	printf '127.0.0.2 127.0.0.3\n\n\t127.0.1.0/24\n127.0.2.1,3\n' \
	    >"$T/hosts"
	door --allowfile "$T/hosts"
	keeps_out 127.0.0.1
	lets_in 127.0.0.3
	lets_in 127.0.1.9
	lets_in 127.0.2.3
	keeps_out 127.0.2.2
	door --denyfile "$T/hosts"
	lets_in 127.0.0.1
	keeps_out 127.0.0.2
}

test_a_file_has_comments()
{
	over native nc ncat || return 0
	printf '# 127.0.0.1\n127.0.0.2 # 127.0.0.1\n' >"$T/hosts"
	door --allowfile "$T/hosts"
	keeps_out 127.0.0.1
	lets_in 127.0.0.2
}

test_an_empty_file_of_allowed_hosts_lets_nobody_in()
{
	over native nc ncat real-ncat || return 0
	: >"$T/hosts"
	door --allowfile "$T/hosts"
	keeps_out 127.0.0.1
	waits listener
}

test_ncat_takes_an_empty_list_for_nobody()
{
	over ncat real-ncat || return 0
	door --allow ""
	keeps_out 127.0.0.1
	door --allow 127.1,
	lets_in 127.0.0.1
}

test_a_listener_for_one_waits_for_one_who_may()
{
	# The real ncat has closed its socket by then, and waits in vain.
	over native nc ncat || return 0
	free_port
	hold
	launch listener "$NC" -l --deny 127.0.0.1 "$PORT" <"$T/idle"
	keeps_out 127.0.0.1
	keeps_out 127.0.0.1
	lets_in 127.0.0.2
	release
	exits listener 0
	same "stdout" "from 127.0.0.2;" "$OUT"
	same "stderr" "" "$ERR"
}

test_a_refused_client_gets_nothing_and_is_closed()
{
	over native nc ncat || return 0
	free_port
	echo secret >"$T/in"
	launch listener "$NC" -l --deny 127.0.0.1 "$PORT" <"$T/in"
	run "$TOOLS/peer" "connect:$PORT" recv-eof expect:
	same "the client, which said <$ERR>" 0 "$RC"
	run "$TOOLS/peer" from:127.0.0.2 "connect:$PORT" recv:7 \
	    'expect:secret\n'
	same "the other client, which said <$ERR>" 0 "$RC"
}

test_for_a_refused_client_no_command_is_run()
{
	over native nc ncat real-ncat || return 0
	door --deny 127.0.0.1 -c "echo ran >>$T/ran; cat"
	call_from 127.0.0.1
	waits listener
	true_that "nothing was run" [ ! -e "$T/ran" ]
	"$TOOLS/peer" from:127.0.0.2 "connect:$PORT" send:hi fin recv-eof \
	    expect:hi
	same "commands" ran "$(cat "$T/ran")"
}

test_v_tells_who_was_refused()
{
	over native nc || return 0
	free_port
	launch listener "$NC" -v -n -l --deny 127.0.0.1 "$PORT" </dev/null
	keeps_out 127.0.0.1
	waitfor "text:$T/listener.err:refused 127.0.0.1"
	lacks "stderr" "$(cat "$T/listener.err")" "received"
}

test_ncat_tells_who_was_refused()
{
	over ncat real-ncat || return 0
	free_port
	launch listener "$NC" -v -n -l --deny 127.0.0.1 127.0.0.1 "$PORT" \
	    </dev/null
	keeps_out 127.0.0.1
	waitfor "text:$T/listener.err:denied"
	look_at listener
	same "stderr" "Ncat: Listening on 127.0.0.1:P
Ncat: Connection from 127.0.0.1.
Ncat: Connection from 127.0.0.1:N.
Ncat: New connection denied: not allowed" "$(echo "$ERR" | sed 1d)"
}

test_five_thousand_refused_clients_leave_no_descriptor()
{
	over native nc ncat || return 0
	door --deny 127.0.0.1
	keeps_out 127.0.0.1
	fds=$(ls "/proc/$(pid_of listener)/fd" | wc -l)
	start run "$TOOLS/peer" deadline-ms:30000 $(yes \
	    "connect:$PORT recv-end close" | head -n 5000)
	finish run 35
	same "the clients, which said <$ERR>" 0 "$RC"
	same "descriptors" "$fds" \
	    "$(ls "/proc/$(pid_of listener)/fd" | wc -l)"
	waits listener
	lets_in 127.0.0.2
}

# --- what is wrong ----------------------------------------------------------

# It says so, before anything is bound.
says()	# STATUS TEXT OPTION...
{
	says_status=$1 says_text=$2
	shift 2
	free_port
	run "$NC" -l "$@" "$PORT" </dev/null
	same "exit status of $*" "$says_status" "$RC"
	same "stderr of $*" "$says_text" "$ERR"
}

test_what_is_wrong_is_one_line()
{
	at="sockcat: --deny:"
	says 1 "$at prefix length above 32: 1.2.3.4/40" --deny 1.2.3.4/40
	says 1 "$at prefix length invalid: ::1/x" --deny 127.0.0.1,::1/x
	says 1 "$at not an address, a prefix or a name: 1.2.3.256" \
	    --deny 1.2.3.256
	says 1 "$at not four decimal numbers: 10.0.0" --deny 10.0.0
	says 1 "$at there is no address" --deny ""
	says 1 "$at look up localhost failed: $UNKNOWN" -n --deny localhost
	at="sockcat: --allowfile:"
	says 1 "$at open /nonexist failed: No such file or directory" \
	    --allowfile /nonexist
	says 1 "$at read / failed: Is a directory" --allowfile /
	printf '\n127.0.0.1 1.2.3.4/40\n' >"$T/hosts"
	says 1 "$at $T/hosts line 2: prefix length above 32: 1.2.3.4/40" \
	    --allowfile "$T/hosts"
}

test_ncat_says_what_ncat_says()
{
	over ncat real-ncat || return 0
	at="Ncat: error in host specification"
	for bits in 1.2.3.4/40 ::1/129; do
		says 2 "Ncat: Illegal netmask in \"$bits\". Must be smaller \
than address bit length.
$at \"$bits\". QUITTING." --allow "$bits"
	done
	for bits in localhost/33 1.2.3.0-3/40; do
		says 2 "Ncat: Illegal netmask in \"$bits\". Must be between \
0 and 32.
$at \"$bits\". QUITTING." --deny "$bits"
	done
	for bits in 1.2.3.4/ 1.2.3.4/-1 1.2.3.4/255.255.255.0; do
		says 2 "Ncat: Error parsing netmask in \"$bits\".
$at \"$bits\". QUITTING." --allow "$bits"
	done
	for name in 1.2.3.256 '*' 10.0.3-1.1 '[::1]'; do
		says 2 "Ncat: Error resolving name \"$name\": $UNKNOWN
$at \"$name\". QUITTING." -n --deny "$name"
	done
	says 2 "Ncat: Error resolving name \"localhost\": $UNKNOWN
$at \"localhost\". QUITTING." -n --allow localhost
}

test_ncat_says_of_files_what_ncat_says()
{
	over ncat real-ncat || return 0
	says 2 "Ncat: can't open /nonexist: No such file or directory. \
QUITTING." --allowfile /nonexist
	printf '127.0.0.1\n1.2.3.4/40\n' >"$T/hosts"
	says 2 "Ncat: Illegal netmask in \"1.2.3.4/40\". Must be smaller \
than address bit length.
Ncat: error in hosts file $T/hosts. QUITTING." --denyfile "$T/hosts"
}

# --- datagrams --------------------------------------------------------------

test_a_datagram_listener_locks_to_the_first_who_may()
{
	# The real ncat does, too, but for what came before the lock.
	over native nc ncat real-ncat || return 0
	free_port
	hold
	launch_udp listener "$NC" -u -l --deny 127.0.0.1 127.0.0.1 "$PORT" \
	    <"$T/idle"
	run "$TOOLS/peer" "udp-connect:$PORT" send:bad
	start peer "$TOOLS/peer" from:127.0.0.2 "udp-connect:$PORT" \
	    send:good recv-dgram expect:answer
	waitfor "text:$T/listener.out:good"
	printf answer >&9
	peer_done
	same "stdout" good "$(cat "$T/listener.out")"
}

test_what_refused_senders_said_before_is_not_shown()
{
	over native nc ncat || return 0
	free_port
	hold
	start listener "$NC" -u -l --deny 127.0.0.1 "$PORT" <"$T/idle"
	waitfor "udp:$PORT" "asleep:$(pid_of listener)"
	kill -STOP "$(pid_of listener)"
	for n in 1 2 3; do
		"$TOOLS/peer" "udp-connect:$PORT" "send:bad$n"
		# Of one socket: the first is the peer.
		[ $n != 1 ] || start good "$TOOLS/peer" from:127.0.0.2 \
		    "udp-connect:$PORT" send:good1 "touch:$T/one" \
		    "await:$T/two" send:good2 "touch:$T/three"
		waitfor "file:$T/one"
	done
	touch "$T/two"
	waitfor "file:$T/three"
	kill -CONT "$(pid_of listener)"
	waitfor "text:$T/listener.out:good2"
	same "stdout" good1good2 "$(cat "$T/listener.out")"
}

test_keep_open_hears_all_who_may()
{
	over native nc || return 0
	free_port
	hold
	launch_udp listener "$NC" -v -n -u -k -l --allow 127.0.0.0/30 --deny \
	    127.0.0.1 "$PORT" <"$T/idle"
	for n in 1 2 4 3 1 2; do
		"$TOOLS/peer" "from:127.0.0.$n" "udp-connect:$PORT" "send:<$n>"
	done
	waitfor "text:$T/listener.out:<3><2>"
	same "stdout" "<2><3><2>" "$(cat "$T/listener.out")"
	holds "stderr" "$(cat "$T/listener.err")" "refused 127.0.0.4"
	waits listener
}

test_a_refused_sender_gets_no_answer()
{
	free_port
	hold
	launch_udp listener "$NC" -u -k -l --deny 127.0.0.1 "$PORT" <"$T/idle"
	start good "$TOOLS/peer" from:127.0.0.2 "udp-connect:$PORT" send:good \
	    recv-dgram expect:answer
	waitfor "text:$T/listener.out:good"
	start bad "$TOOLS/peer" "udp-connect:$PORT" send:bad "touch:$T/sent" \
	    "await:$T/over" quiet-ms:100
	waitfor "file:$T/sent" "asleep:$(pid_of listener)"
	printf answer >&9
	finish good
	same "who may, which said <$ERR>" 0 "$RC"
	touch "$T/over"
	finish bad
	same "who may not, which said <$ERR>" 0 "$RC"
	same "stdout" good "$(cat "$T/listener.out")"
}

test_clients_of_a_unix_socket_always_come_in()
{
	# The real ncat lets none of them in.
	over native ncat || return 0
	start listener "$NC" -U -l --allow 192.0.2.1 "$T/sock" </dev/null
	waitfor "unix:$T/sock"
	start peer "$TOOLS/peer" "uconnect:$T/sock" send:hello fin recv-end
	finish listener
	same "stdout" hello "$OUT"
	peer_done
}

# --- the operands of the traditional netcat ---------------------------------

filter()	# OPERAND...
{
	free_port
	hold
	launch listener "$NC" -n -v -l -p "$PORT" "$@" <"$T/idle"
}

test_traditional_takes_the_host_it_was_told()
{
	over traditional real-traditional || return 0
	filter 127.0.0.2
	call_from 127.0.0.2
	exits listener 0
	same "stdout" "from 127.0.0.2;" "$OUT"
}

test_traditional_ends_when_another_calls()
{
	over traditional real-traditional || return 0
	filter 127.0.0.2
	call_from 127.0.0.1
	exits listener 1
	same "stdout" "" "$OUT"
	same "stderr" "listening on [any] P ...
invalid connection to [127.0.0.1] from (UNKNOWN) [127.0.0.1] N" "$ERR"
}

test_traditional_looks_its_host_up()
{
	over traditional real-traditional || return 0
	# Of a name with two addresses it accepts neither. The resolver gives
	# 127.0.0.1 twice if /etc/hosts names ::1 localhost, too.
	[ "$SUBJECT" = traditional ] ||
	    [ "$(getent ahostsv4 localhost | grep -c STREAM)" = 1 ] ||
	    { skip "localhost is two addresses"; return; }
	free_port
	hold
	launch listener "$NC" -l -p "$PORT" localhost <"$T/idle"
	call_from 127.0.0.1
	exits listener 0
	same "stdout" "from 127.0.0.1;" "$OUT"
}

test_traditional_takes_the_ports_it_was_told()
{
	over traditional real-traditional || return 0
	filter 127.0.0.1 1-20
	call_from 127.0.0.1
	exits listener 1
	holds "stderr" "$ERR" "invalid connection to [127.0.0.1] from"
}

test_traditional_cannot_look_up_what_is_no_ipv4_host()
{
	over traditional real-traditional || return 0
	free_port
	run_gives 1 "$NC" -l -p "$PORT" ::1 </dev/null
	same "stderr" "::1: forward host lookup failed: Unknown host" "$ERR"
	run_gives 1 "$NC" -n -l -p "$PORT" localhost </dev/null
	same "stderr" "Can't parse localhost as an IP address" "$ERR"
}

test_traditional_ends_when_another_sends_a_datagram()
{
	over traditional real-traditional || return 0
	free_port
	hold
	launch_udp listener "$NC" -n -v -u -l -p "$PORT" 127.0.0.2 <"$T/idle"
	"$TOOLS/peer" "udp-connect:$PORT" send:bad
	exits listener 1
	same "stdout" "" "$OUT"
	holds "stderr" "$ERR" "invalid connection to [127.0.0.1] from \
(UNKNOWN) [127.0.0.1] N"
}

run_tests "$@"
