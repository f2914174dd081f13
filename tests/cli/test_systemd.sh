#!/bin/sh
# The examples of systemd/ are units that systemd accepts, and their command
# lines serve clients when they are started as systemd starts them.
. "$(dirname "$0")/lib.sh"

UNITS=$TOP_SRCDIR/systemd

# Sets COMMAND to the command line of a unit, with the program under test.
command_of()	# UNIT
{
	COMMAND=$(sed -n "s|^ExecStart=/usr/bin/sockcat |$NC |p" "$UNITS/$1")
	true_that "$1 has a command line" [ -n "$COMMAND" ]
}

need_activate()
{
	ACTIVATE=$(command -v systemd-socket-activate) ||
	    { skip "no systemd-socket-activate"; return 1; }
}

# Copies of the units that name programs and pages which are here.
copy_units()
{
	mkdir "$T/units" || return
	for unit in "$UNITS"/*; do
		sed -e "s|^ExecStart=/usr/bin/sockcat |ExecStart=$NC |" \
		    -e '/^Documentation=/d' "$unit" \
		    >"$T/units/${unit##*/}"
	done
}

test_systemd_verifies_the_units()
{
	command -v systemd-analyze >/dev/null ||
	    { skip "no systemd-analyze"; return; }
	copy_units
	run systemd-analyze verify "$T/units"/*
	case $ERR in
	*"Failed to"*connect*|*"initialize manager"*|*"Operation not"*)
		skip "systemd-analyze does not work here: $ERR"
		return ;;
	esac
	same "exit status" 0 "$RC"
	same "what it says" "" "$ERR"
	# It can find something.
	echo 'No Such=word' >>"$T/units/sockcat-room.service"
	run systemd-analyze verify "$T/units/sockcat-room.service"
	holds "what it says of a mistake" "$ERR" "No Such"
}

test_systemd_finds_the_services_well_confined()
{
	copy_units
	systemd-analyze security --offline=true --threshold=100 \
	    "$T/units/sockcat-room.service" >/dev/null 2>&1 ||
	    { skip "no systemd-analyze security --offline"; return; }
	for unit in sockcat-room.service sockcat-echo@.service; do
		# In tenths; systemd calls less than 20 safe.
		run systemd-analyze security --offline=true --threshold=20 \
		    "$T/units/$unit"
		same "exit status for $unit" 0 "$RC"
	done
}

test_each_socket_has_its_service()
{
	for socket in "$UNITS"/*.socket; do
		case $(sed -n 's/^Accept=//p' "$socket") in
		yes)	service=${socket%.socket}@.service ;;
		*)	service=${socket%.socket}.service ;;
		esac
		true_that "$service is there" [ -f "$service" ]
	done
}

test_the_echo_serves_a_client_whose_connection_was_accepted()
{
	command_of sockcat-echo@.service
	start server "$TOOLS/given" "accepted:$T/a" onto:0,1 -- $COMMAND
	waitfor "file:$T/a"
	PORT=$(cat "$T/a")
	client send:hello fin recv-eof expect:hello
	exits server 0
	same "stderr" "" "$ERR"
}

test_the_echo_serves_each_client_of_systemd_s_own_program()
{
	need_activate || return 0
	command_of sockcat-echo@.service
	free_port
	launch server "$ACTIVATE" --accept --inetd -l "127.0.0.1:$PORT" \
	    $COMMAND </dev/null
	guest one send:a recv:1 "touch:$T/one" "await:$T/go" send:b recv:1 fin \
	    recv-eof expect:ab
	waitfor "file:$T/one"
	client send:hello fin recv-eof expect:hello
	touch "$T/go"
	guest_done one
}

test_the_room_takes_the_listening_socket_and_says_when_it_is_ready()
{
	command_of sockcat-room.service
	start manager "$TOOLS/peer" "ud-bind:$T/notify" recv-dgram print
	waitfor "unix:$T/notify"
	NOTIFY_SOCKET=$T/notify start server "$TOOLS/given" "tcp:$T/a" \
	    pid:own -- $COMMAND </dev/null
	finish manager
	holds "what systemd is told" "$OUT" READY=1
	PORT=$(cat "$T/a")
	room_passes_on
}

test_the_room_serves_the_clients_of_systemd_s_own_program()
{
	need_activate || return 0
	command_of sockcat-room.service
	free_port
	launch server "$ACTIVATE" -l "127.0.0.1:$PORT" $COMMAND </dev/null
	room_passes_on
}

# What one client says reaches another, who came before.
room_passes_on()
{
	start one "$NC" -d 127.0.0.1 "$PORT" </dev/null
	waitfor "text:$T/one.out:welcome"
	start two "$NC" 127.0.0.1 "$PORT" <<'END'
hello to all
END
	waitfor "text:$T/one.out:hello to all"
	true_that "the message has arrived" grep -q 'hello to all' "$T/one.out"
}

test_the_units_need_no_call_that_they_forbid()
{
	need_strace || return 0
	systemd-analyze syscall-filter @system-service >"$T/sets" 2>/dev/null ||
	    { skip "no systemd-analyze"; return; }
	systemd-analyze syscall-filter >"$T/sets" 2>/dev/null
	{
		members_of @system-service
		sed -n 's/^SystemCallFilter=\([a-z].*\)/\1/p' \
		    "$TOP_SRCDIR/systemd/sockcat-room.service" | tr ' ' '\n'
	} | sort -u >"$T/allowed"
	{ members_of @privileged; members_of @resources; } | sort -u \
	    >"$T/denied"
	command_of sockcat-room.service
	# CapabilityBoundingSet= of the units.
	bounded=
	[ "$(id -u)" != 0 ] || bounded="setpriv --bounding-set -all"
	start server "$TOOLS/given" "tcp:$T/a" pid:own -- \
	    sh -c 'export LISTEN_PID=$$; exec "$@"' - $bounded \
	    strace -D -qq -f -o "$T/calls" $COMMAND </dev/null
	waitfor "file:$T/a"
	PORT=$(cat "$T/a")
	room_passes_on
	sed -n 's/^[0-9]* *\([a-z0-9_]*\)(.*/\1/p' "$T/calls" | sort -u \
	    >"$T/used"
	true_that "calls were seen" grep -q accept4 "$T/used"
	same "calls that are not allowed" "" \
	    "$(comm -23 "$T/used" "$T/allowed")"
	same "calls that are denied" "" "$(comm -12 "$T/used" "$T/denied")"
}

members_of()	# SET: of $T/sets, with the sets in it
{
	for member in $(awk -v set="$1" '
	    /^@/ { is = $1 == set; next }
	    is && !/^ *#/ { print $1 }' "$T/sets"); do
		case $member in
		@*)	members_of "$member" ;;
		*)	echo "$member" ;;
		esac
	done
}

run_tests "$@"
