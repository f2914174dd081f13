#!/bin/sh
# The sandbox bites in every mode, and lets the mode do what it has to do.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_sandbox.sh"
. "$(dirname "$0")/lib_tls.sh"

# inside "WHO" "NAME ..." COMMAND...: what is not refused at an idle program.
inside()
{
	inside_who=$1 inside_done=$2
	shift 2
	start inside escaping "$@"
	escapes "$inside_who" $inside_done
	stop inside TERM
}

test_rooms_and_chats_can_do_nothing_else()
{
	prepare_escape || return 0
	hold
	for kind in --talk --broker --chat "--chat --name Eve" --edit \
	    "-k --stdin=all" -t; do
		free_port
		inside "a listener with $kind" "" "$NC" -l $kind \
		    127.0.0.1 "$PORT" <"$T/idle"
	done
	for kind in --chat --edit; do
		serve accept recv-end
		inside "a client with $kind" "" "$NC" "$kind" 127.0.0.1 \
		    "$PORT" <"$T/idle"
		peer_done
	done
}

test_neither_can_a_person_at_a_terminal()
{
	prepare_escape || return 0
	for kind in --talk --chat --edit; do
		free_port
		start person escaping "$TOOLS/ptyrun" on=0,1,2 "pid=$T/pid" \
		    "await=$T/over" -- "$NC" -l "$kind" 127.0.0.1 "$PORT"
		escapes "a person with $kind"
		kill "$(cat "$T/pid")"
		: >"$T/over"
		finish person
		rm -f "$T/over" "$T/pid"
	done
}

test_what_a_chat_with_TLS_keeps_is_all_that_it_can_write()
{
	prepare_escape || return 0
	need_tls || return 0
	hold
	free_port
	inside "a chat with TLS" "" env "XDG_STATE_HOME=$T/state" \
	    "$NC" -l --chat --tls 127.0.0.1 "$PORT" <"$T/idle"
	true_that "nothing is made without commands" [ ! -e "$T/state" ]
	start person escaping env "XDG_STATE_HOME=$T/state" \
	    "$TOOLS/ptyrun" on=0,1,2 "pid=$T/pid" "await=$T/over" -- \
	    "$NC" -l --chat --tls 127.0.0.1 "$PORT"
	escapes "a person in a chat with TLS"
	kill "$(cat "$T/pid")"
	: >"$T/over"
	finish person
	true_that "the directory is there, and empty" rmdir "$T/state/sockcat"
}

test_nor_can_who_has_a_Unix_socket_with_a_name()
{
	over native nc || return 0
	prepare_escape || return 0
	hold
	mkdir "$T/dir"
	inside "a Unix listener" "" "$NC" -lU "$T/dir/s" <"$T/idle"
	socket_file_at_the_end "$T/dir/s"
	rm -f "$T/dir/s"
	inside "a Unix datagram listener" "" "$NC" -luU "$T/dir/s" <"$T/idle"
	socket_file_at_the_end "$T/dir/s"
	rm -f "$T/dir/s"
	start other "$NC" -klU "$T/dir/s" <"$T/idle"
	waitfor "unix:$T/dir/s"
	inside "a Unix client" "" "$NC" -U "$T/dir/s" <"$T/idle"
	inside "a Unix client with a name" "" "$NC" -U -s "$T/dir/own" \
	    "$T/dir/s" <"$T/idle"
	stop other TERM
	rm -f "$T/dir/s"
	# As the real nc, nc leaves a client's path at a signal, and has that of
	# datagrams in /tmp, above all that these tests own.
	case $SUBJECT in nc) return ;; esac
	true_that "its own path is gone" [ ! -e "$T/dir/own" ]
	start other "$NC" -luU "$T/dir/s" <"$T/idle"
	waitfor "unix:$T/dir/s"
	inside "a Unix datagram client" "" env TMPDIR="$T/dir" "$NC" -uU \
	    "$T/dir/s" <"$T/idle"
	stop other TERM
	same "what is left of paths and locks" "" \
	    "$(find "$T/dir" -mindepth 1 ! -name s)"
}

test_nor_can_who_was_given_a_connection()
{
	over native nc || return 0
	prepare_escape || return 0
	hold
	start server escaping "$TOOLS/given" "accepted:$T/a" onto:5 -- \
	    "$NC" --peer-fd=5 <"$T/idle"
	waitfor "file:$T/a"
	start peer "$TOOLS/peer" "connect:$(cat "$T/a")" "await:$T/over" fin
	escapes "a program with --peer-fd"
	: >"$T/over"
	stop server TERM
	finish peer
}

test_who_makes_sockets_has_no_other_port_and_file()
{
	prepare_escape || return 0
	for how in "-k --serve-proxy" "--forward 127.0.0.1:1 -k" "-u --forward 127.0.0.1:1 -k" \
	    "-k --forward 127.0.0.1:1 --forward 127.0.0.1:2 --forward-all" \
	    "-u -k --echo"; do
		free_port
		start listener escaping "$NC" -l $how 127.0.0.1 "$PORT" \
		    </dev/null
		case $how in
		*proxy*)	escapes "a listener with $how" connect route \
				    socket ;;
		*)		escapes "a listener with $how" socket ;;
		esac
		stop listener TERM
	done
	start client escaping "$NC" --wait-for 127.0.0.1 "$(closed_port)" \
	    </dev/null
	escapes "who waits for a port" socket
	stop client TERM
}

test_who_looks_names_up_has_no_other_port_and_file()
{
	prepare_escape || return 0
	for how in "-k --forward localhost:1" "-k --forward-all --forward localhost:1 --forward 127.0.0.1:2"; do
		free_port
		inside "a listener with $how" "$NAMES" "$NC" -l $how \
		    127.0.0.1 "$PORT" </dev/null
	done
	start client escaping "$NC" --wait-for localhost "$(closed_port)" \
	    </dev/null
	escapes "who waits for a port of a name" $NAMES
	stop client TERM
}

test_the_interface_of_an_address_is_found()
{
	need_sandbox || return 0
	need_ipv6 || return 0
	for program in "$NC" "$TOP_BUILDDIR/sockcat-static"; do
		[ -x "$program" ] || continue
		run "$program" --sandbox=require -v -z -w 1 fe80::1%lo 9
		lacks "what $program says" "$ERR" "look up"
		holds "what $program says" "$ERR" "connect to fe80::1%lo"
	done
}

# A kernel that limits no paths lets it connect to other Unix sockets.
test_who_dials_Unix_sockets_makes_no_others()
{
	prepare_escape || return 0
	hold
	mkdir "$T/dir"
	start other "$NC" -klU "$T/dir/s" <"$T/idle"
	waitfor "unix:$T/dir/s"
	inside "a Unix client that reconnects" "unix path?" "$NC" -U \
	    --reconnect "$T/dir/s" <"$T/idle"
	free_port
	inside "a relay to a Unix socket" "unix path? socket" "$NC" -l -k \
	    --forward "unix:$T/dir/s" 127.0.0.1 "$PORT" <"$T/idle"
	stop other TERM
}

# The capabilities of a process that waits, as two numbers.
capabilities()	# NAME
{
	waitfor "asleep:$(pid_of "$1")"
	sed -n 's/^Cap\(Prm\|Eff\):[[:space:]]*//p' \
	    "/proc/$(pid_of "$1")/status" | tr '\n' ' '
}

has_capabilities()	# "BITS" OPTION...
{
	wanted=$1
	shift
	free_port
	start root "$NC" --sandbox=require "$@" 127.0.0.1 "$PORT" <"$T/idle"
	waitfor "tcp:$PORT" || waitfor "udp:$PORT"
	same "capabilities with $*" "$wanted $wanted " "$(capabilities root)"
	stop root TERM
}

test_root_keeps_no_right_that_is_not_needed()
{
	need_sandbox || return 0
	[ "$(id -u)" = 0 ] || { skip "not root"; return; }
	hold
	none=0000000000000000
	for how in -l "-l -k --echo" "-l -k --broker" "-l -k --serve-proxy" \
	    "-l -k --forward 127.0.0.1:1" "-l -k --forward localhost:1"; do
		has_capabilities $none $how
	done
	# Files that belong to others are removed at the end.
	has_capabilities 0000000000000002 -l --port-file "$T/port"
}

test_nor_can_a_member_of_a_group_and_a_worker()
{
	prepare_escape || return 0
	hold
	free_port
	inside "a member of a group" "" "$NC" -u -l --join 239.255.7.7%lo \
	    "$PORT" <"$T/idle"
	for how in --echo --forward=127.0.0.1:1; do
		free_port
		start inside escaping "$NC" -l -k --workers 1 "$how" 127.0.0.1 \
		    "$PORT" <"$T/idle"
		ESCAPER=$(pid_of inside)
		escapes "who leads workers ($how)" signal
		ESCAPER=$(cat "/proc/$ESCAPER/task/$ESCAPER/children")
		ESCAPER=${ESCAPER% }
		case $how in
		*forward*)	escapes "a worker ($how)" socket ;;
		*)		escapes "a worker ($how)" ;;
		esac
		ESCAPER=
		rm -f "$T/report"
		stop inside TERM
	done
}

test_nor_can_who_passes_its_socket_on()
{
	over native nc || return 0
	prepare_escape || return 0
	serve accept recv-end
	start inside escaping "$TOOLS/takefd" send:hello -- \
	    "$NC" -F 127.0.0.1 "$PORT" </dev/null
	escapes "who passes its socket on"
	finish inside
	same "exit status ($ERR)" 0 "$RC"
	peer_done
}

test_who_may_ask_for_a_password_is_confined_before()
{
	prepare_escape || return 0
	for how in "-X connect -P joe -x" "--proxy-type socks5 -P joe --proxy"
	do
		serve accept "await:$T/over"
		inside "a client with $how" "$NAMES" "$NC" $how \
		    "127.0.0.1:$PORT" 198.51.100.77 80 </dev/null
		: >"$T/over"
		peer_done
		rm -f "$T/over"
	done
}

test_who_connects_as_root_is_confined_before()
{
	prepare_escape || return 0
	[ "$(id -u)" = 0 ] || { skip "not root"; return; }
	id nobody >/dev/null 2>&1 || { skip "no user nobody"; return; }
	chmod 711 "$work" "$T"
	serve accept recv-end
	inside "a client with --user" socket "$NC" --user nobody -T lowdelay \
	    --reconnect 127.0.0.1 "$PORT" </dev/null
	peer_done
}

test_inside_TLS_nothing_is_left_when_the_peer_is_known()
{
	prepare_escape || return 0
	need_tls ca server || return 0
	hold
	free_port
	launch other "$NC" -k -l --tls --echo --tls-cert "$CERTS/server.pem" \
	    --tls-key "$CERTS/server.key" 127.0.0.1 "$PORT" </dev/null
	echo hello >"$T/in"
	run escaping "$NC" -N --tls --tls-ca "$CERTS/ca.pem" 127.0.0.1 \
	    "$PORT" <"$T/in"
	same "the answer ($ERR)" hello "$OUT"
	escapes "a client with TLS"
	stop other TERM
	inside "a listener with TLS" "" "$NC" -l --tls \
	    --tls-cert "$CERTS/server.pem" --tls-key "$CERTS/server.key" \
	    127.0.0.1 "$PORT" <"$T/idle"
	free_port
	inside "a listener with DTLS" socket "$NC" -u -l --tls \
	    --tls-cert "$CERTS/server.pem" --tls-key "$CERTS/server.key" \
	    127.0.0.1 "$PORT" <"$T/idle"
}

run_tests "$@"
