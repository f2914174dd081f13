#!/bin/sh
# Hints in parentheses after our own error lines; the copied tools' lines stay.
# That of a broadcast address is with the other errors of connect(2).
. "$(dirname "$0")/lib.sh"

hinted()	# LINE ARG...
{
	line=$1
	shift
	run_gives 1 "$@" </dev/null
	same "stderr" "$line" "$ERR"
}

# Somebody who may bind no port below 1024, in a network where nobody may.
plain_user()
{
	unshare -n setpriv --reuid 65534 --clear-groups --bounding-set -all \
	    true 2>/dev/null || { skip "no network namespace"; return 1; }
}

# The program is opened before, for it may stand where only we may look.
as_plain_user()	# ARG...
{
	case $SUBJECT in nc) set -- --compat=openbsd "$@" ;; esac
	run unshare -n sh -c 'ip link set lo up
	    exec 3<"$0"; exec setpriv --reuid 65534 --clear-groups \
	    --bounding-set -all /proc/self/fd/3 "$@"' "$NC" "$@" </dev/null
}

test_a_port_below_1024_needs_the_right()
{
	over native nc || return 0
	plain_user || return 0
	why="(a port below 1024 needs root or CAP_NET_BIND_SERVICE)"
	as_plain_user -l 127.0.0.1 80
	same "exit status" 1 "$RC"
	case $SUBJECT in
	nc)	holds "stderr" "$ERR" "Permission denied"
		lacks "stderr" "$ERR" "("
		return ;;
	esac
	one_line "stderr" "$ERR"
	holds "stderr" "$ERR" \
	    "listen on 127.0.0.1 port 80 (tcp) failed: Permission denied $why"
	as_plain_user -p 80 127.0.0.1 81
	one_line "stderr" "$ERR"
	holds "stderr" "$ERR" "port 80 (tcp) failed: Permission denied $why"
}

test_l_takes_one_port()
{
	over native nc || return 0
	PORT=$(closed_port)
	run_gives 1 "$NC" -l 5000 "$PORT" </dev/null
	case $SUBJECT in
	native)	same "stderr" "sockcat: listen on 5000 (0.0.19.136) port P\
 (tcp) failed: Cannot assign requested address (-l takes one port; the first\
 of two numbers is an address)" "$ERR" ;;
	*)	same "stderr" "nc: Cannot assign requested address" "$ERR" ;;
	esac
}

test_the_limit_of_a_unix_path_is_told()
{
	over native nc || return 0
	name=$(printf 'x%.0s' $(seq 120))
	for how in "" -l -u; do
		run_gives 1 "$NC" $how -U "/$name" </dev/null
		holds "stderr" "$ERR" "File name too long"
		case $SUBJECT in
		native)	holds "stderr" "$ERR" \
			    "(a Unix socket's path has at most 107 bytes)" ;;
		*)	lacks "stderr" "$ERR" "(" ;;
		esac
	done
	[ "$SUBJECT" = native ] || return 0
	hinted "sockcat: look up @$name failed: File name too long (a Unix\
 socket's path has at most 108 bytes)" "$NC" -U "@$name"
}

# 127.0.0.1 has a UDP server, ::1 has none.
test_a_refusal_by_one_loopback_names_the_other()
{
	over native nc || return 0
	serve_udp "await:$T/over"
	[ -r /proc/net/udp ] && "$TOOLS/peer" udp6-bind:"$T/six" 2>/dev/null ||
	    { skip "no IPv6, or no list of UDP sockets"; return; }
	echo hello >"$T/in"
	run "$NC" -u -w 1 ::1 "$PORT" <"$T/in"
	case $SUBJECT in
	native)	same "exit status" 1 "$RC"
		same "stderr" "sockcat: send to ::1 port P (udp) failed:\
 Connection refused (127.0.0.1 has a UDP server at this port)" "$ERR" ;;
	*)	lacks "stderr" "$ERR" "has a UDP server" ;;
	esac
	touch "$T/over"
	peer_done
	# Where nobody is there either, there is nothing to say.
	[ "$SUBJECT" = native ] || return 0
	run "$NC" -u -w 1 ::1 "$PORT" <"$T/in"
	lacks "stderr" "$ERR" "127.0.0.1"
}

run_tests "$@"
