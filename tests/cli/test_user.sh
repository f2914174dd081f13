#!/bin/sh
# --user: root is given up, and cannot be regained.
. "$(dirname "$0")/lib.sh"

USER_NAME=nobody
IDS='for f in Uid Gid Groups; do sed -n "s/^$f:[[:space:]]*//p" \
    /proc/self/status | tr "\\t" " "; done'

need_root()
{
	[ "$(id -u)" = 0 ] || { skip "not root"; return 1; }
	id "$USER_NAME" >/dev/null 2>&1 ||
	    { skip "no user $USER_NAME"; return 1; }
	# In some containers root may not do that either.
	setpriv --reuid="$USER_NAME" --clear-groups true 2>/dev/null ||
	    { skip "the user cannot be changed"; return 1; }
	chmod 711 "$work" "$T"
	USER_ID=$(id -u "$USER_NAME") GROUP_ID=$(id -g "$USER_NAME")
}

# Sets IDENTITY to the four user numbers of a process, and so on.
identity()	# PID
{
	IDENTITY=$(sed -n 's/^[UG]id:[[:space:]]*//p' "/proc/$1/status" |
	    tr '\t\n' '  ')
}

wanted()
{
	u=$USER_ID g=$GROUP_ID
	echo "$u $u $u $u $g $g $g $g "
}

test_a_server_gives_up_root_before_it_serves()
{
	over native nc || return 0
	need_root || return 0
	listener -k --user "$USER_NAME" --echo </dev/null
	guest one 'send:hello' 'until:hello' "await:$T/over" fin recv-end
	waitfor "linked:$PORT"
	waits listener
	identity "$(pid_of listener)"
	same "identities" "$(wanted)" "$IDENTITY"
	same "capabilities" 0000000000000000 "$(sed -n \
	    's/^CapPrm:[[:space:]]*//p' "/proc/$(pid_of listener)/status")"
	: >"$T/over"
	finish one
}

test_a_command_runs_as_the_user()
{
	need_root || return 0
	listener --user "$USER_NAME" -c "$IDS; echo \$USER" </dev/null
	client recv-eof print
	u=$USER_ID g=$GROUP_ID
	same "the first lines" "$u $u $u $u
$g $g $g $g" "$(echo "$PEER" | head -n 2)"
	same "the variable" "$USER_NAME" "$(echo "$PEER" | tail -n 1)"
	lacks "groups" " $(echo "$PEER" | sed -n 3p) " " 0 "
}

test_a_number_will_do()
{
	need_root || return 0
	USER_ID=54321 GROUP_ID=54321
	listener --user 54321 -c "$IDS" </dev/null
	client recv-eof print
	same "the first line" "54321 54321 54321 54321" \
	    "$(echo "$PEER" | head -n 1)"
	same "groups" "" "$(echo "$PEER" | sed -n 3p | tr -d ' ')"
}

test_all_workers_and_their_parent_give_up_root()
{
	need_root || return 0
	start listener "$NC" -l -k --workers 2 --user "$USER_NAME" --echo \
	    --port-file "$T/port" 0 </dev/null
	waitfor "file:$T/port"
	parent=$(pid_of listener)
	for pid in $(cat "/proc/$parent/task/$parent/children") $parent; do
		true_that "$pid sleeps" waitfor "asleep:$pid"
		identity "$pid"
		same "identities of $pid" "$(wanted)" "$IDENTITY"
	done
	# The parent's death still ends the workers.
	workers=$(cat "/proc/$parent/task/$parent/children")
	stop listener KILL
	for pid in $workers; do
		true_that "worker $pid ends" waitfor "gone:$pid"
	done
}

test_a_client_and_other_modes_give_up_root()
{
	need_root || return 0
	hold
	serve accept 'send:hello' "await:$T/over" fin
	start one "$NC" --user "$USER_NAME" 127.0.0.1 "$PORT" <"$T/idle"
	waitfor "text:$T/one.out:hello"
	identity "$(pid_of one)"
	same "identities of a client" "$(wanted)" "$IDENTITY"
	: >"$T/over"
	finish peer
	free_port
	launch_udp two "$NC" -u -l --user "$USER_NAME" 127.0.0.1 "$PORT" <"$T/idle"
	waits two
	identity "$(pid_of two)"
	same "identities of a receiver of datagrams" "$(wanted)" "$IDENTITY"
	start three "$NC" -U -l -k --talk --user "$USER_NAME" "$T/s" \
	    <"$T/idle"
	waitfor "unix:$T/s"
	waits three
	identity "$(pid_of three)"
	same "identities of a room" "$(wanted)" "$IDENTITY"
}

# The program that was started as "server" has done so, and ends.
gave_up()	# WHAT
{
	waits server
	identity "$(pid_of server)"
	same "identities $1" "$(wanted)" "$IDENTITY"
}

test_who_was_given_a_connection_gives_up_root()
{
	need_root || return 0
	hold
	for how in "0,1 --inetd --echo" "5 --peer-fd=5 --echo" "5 --peer-fd=5"
	do
		rm -f "$T/a" "$T/over"
		set -- $how
		onto=$1
		shift
		start server "$TOOLS/given" "accepted:$T/a" "onto:$onto" -- \
		    "$NC" --user "$USER_NAME" "$@" <"$T/idle"
		waitfor "file:$T/a"
		case $how in
		*echo)	answer=until:hello ;;
		*)	answer="await:$T/server.out" ;;
		esac
		rm -f "$T/heard"
		start peer "$TOOLS/peer" "connect:$(cat "$T/a")" send:hello \
		    "$answer" "touch:$T/heard" "await:$T/over" fin
		waitfor "file:$T/heard"
		[ "$answer" = until:hello ] ||
		    waitfor "text:$T/server.out:hello"
		gave_up "with $*"
		: >"$T/over"
		peer_done
		kill_it server TERM 2>/dev/null
		finish server
	done
}

test_a_device_is_opened_before()
{
	need_root || return 0
	hold
	mkdir -m 700 "$T/private"
	mkfifo -m 600 "$T/private/device"
	start server "$NC" --user "$USER_NAME" -d -f "$T/private/device" \
	    <"$T/idle"
	exec 7<>"$T/private/device"
	echo hello >&7
	waitfor "text:$T/server.out:hello"
	gave_up "with -f"
	exec 7>&-
	stop server TERM
}

test_files_are_opened_before()
{
	need_root || return 0
	mkdir -m 700 "$T/private"
	listener --user "$USER_NAME" --output "$T/private/log" </dev/null
	client 'send:hello' fin recv-eof
	exits listener 0
	same "the copy" hello "$(cat "$T/private/log")"
}

test_a_user_that_is_not_there_is_refused_in_one_line()
{
	free_port
	refuses "no such user" --user no-such-user -l "$PORT"
	refuses "--user" --user nobody -z 127.0.0.1 "$PORT"
}

test_without_root_it_is_refused_in_one_line()
{
	free_port
	if [ "$(id -u)" != 0 ]; then
		refuses "only root can change the user" --user root -l "$PORT"
		return 0
	fi
	need_root || return 0
	cp "$SOCKCAT" "$T/sockcat"
	chmod 755 "$T/sockcat"
	run setpriv --reuid="$USER_NAME" --clear-groups "$T/sockcat" \
	    --user root -l "$PORT" </dev/null
	fails_with_one_line 1
	holds "stderr" "$ERR" "only root can change the user"
}

run_tests "$@"
