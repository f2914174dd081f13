#!/bin/sh
# DTLS over a path that takes small packets only, in a network namespace whose
# loopback device has that MTU.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_tls.sh"

# An echo of datagrams at 127.0.0.1, and a client that gets its input back.
cat >"$work/talk" <<-'EOS'
	mtu=$1 nc=$2 waitfor=$3 certs=$4 room=$5
	ip link set lo mtu "$mtu" up || exit
	"$nc" -u --tls --tls-cert "$certs/server.pem" \
	    --tls-key "$certs/server.key" -l -k --echo 127.0.0.1 5000 &
	server=$!
	"$waitfor" udp:5000
	"$nc" -u --tls --tls-ca "$certs/ca.pem" -W 1 -w 10 127.0.0.1 5000 \
	    <"$room/in" >"$room/out"
	status=$?
	kill "$server"
	exit "$status"
EOS

talks_at()	# MTU BYTES
{
	mine=-r
	[ "$(id -u)" != 0 ] || mine=
	unshare $mine -n ip link set lo mtu "$1" up 2>/dev/null ||
		{ skip "no network namespaces"; return 0; }
	head -c "$2" /dev/zero | tr '\0' x >"$T/in"
	run unshare $mine -n sh "$work/talk" "$1" "$NC" "$TOOLS/waitfor" \
	    "$CERTS" "$T"
	same "exit status, with <$ERR>" 0 "$RC"
	same_file "the echo" "$T/in" "$T/out"
}

test_a_handshake_crosses_a_path_of_small_packets()
{
	need_tls ca server || return 0
	talks_at 296 100
}

test_a_datagram_that_exceeds_the_path_arrives_whole()
{
	need_tls ca server || return 0
	talks_at 576 1200
	talks_at 1280 12000
}

run_tests "$@"
