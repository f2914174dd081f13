#!/bin/sh
# Groups of multicast: -u -l GROUP PORT joins what it is bound to. All of it
# is done in a network namespace, whose one link leads to itself.
. "$(dirname "$0")/lib.sh"

cat >"$work/net" <<-'EOS'
	set -e
	ip link set lo up
	ip link add here type veth peer name there
	ip link set here addrgenmode none up
	ip link set there addrgenmode none up
	ip address add 192.0.2.1/24 dev here
	ip address add fe80::1/64 dev here nodad
	ip address add 2001:db8::1/64 dev here nodad
	ip -6 route del ff00::/8 dev there table local
	set +e
	"$@"
EOS
# Two members of the group $4, one for all senders, and somebody who sends.
cat >"$work/hear" <<-'EOS'
	nc=$1 waitfor=$2 room=$3 group=$4
	ip route add 224.0.0.0/4 dev here
	"$nc" -v -u -l "$group" 5000 >"$room/one" 2>"$room/one.err" &
	one=$!
	"$nc" -v -u -l -k "$group" 5000 >"$room/all" 2>"$room/all.err" &
	all=$!
	"$waitfor" "text:$room/one.err:ound on" "text:$room/all.err:ound on"
	echo hello | "$nc" -u -w 1 "$group" 5000 >"$room/sent" 2>&1
	"$waitfor" "text:$room/one:hello" "text:$room/all:hello"
	kill "$one" "$all"
	cat "$room/one" "$room/all" "$room/sent"
EOS

in_net()	# COMMAND...
{
	if [ -z "${NET:-}" ]; then
		mine=-r
		[ "$(id -u)" != 0 ] || mine=
		NET=no
		# shellcheck disable=SC2086
		unshare $mine -n sh "$work/net" true 2>/dev/null && NET=yes
	fi
	[ "$NET" = yes ] || { skip "no network namespaces"; return 1; }
	# shellcheck disable=SC2086
	run unshare $mine -n sh "$work/net" "$@"
}

heard()	# GROUP: by two members of it
{
	in_net sh "$work/hear" "$NC" "$TOOLS/waitfor" "$T" "$1" || return 0
	same "what two members of $1 heard" "hello
hello" "$OUT"
}

test_a_group_of_ipv4_is_joined_on_the_interface_of_its_route()
{
	over native nc || return 0
	heard 239.1.2.3
}

test_a_group_of_ipv6_is_joined_on_the_interface_behind_it()
{
	over native nc || return 0
	heard ff02::77%here
}

test_a_group_of_ipv6_needs_no_interface_where_routes_tell()
{
	over native || return 0
	heard ff15::77
}

test_a_command_is_given_what_is_sent_to_a_group()
{
	over native || return 0
	# shellcheck disable=SC2016
	in_net sh -c 'ip route add 224.0.0.0/4 dev here
	    "$1" -v -u -l -k -c "read -r x; echo got \$x >$3/said" \
	        239.1.2.3 5000 2>"$3/bound" &
	    "$2" "text:$3/bound:ound on"
	    echo hello | "$1" -u -w 1 239.1.2.3 5000
	    "$2" "text:$3/said:got hello"; echo $?; kill $!' - \
	    "$NC" "$TOOLS/waitfor" "$T" || return 0
	same "was it given" 0 "$OUT"
}

test_a_group_that_no_route_leads_to_is_one_line()
{
	over native || return 0
	in_net "$NC" -u -l 239.1.2.3 5000 || return 0
	same "exit status" 1 "$RC"
	same "stderr" "sockcat: join the multicast group 239.1.2.3 failed: No\
 such device (no interface has a route to this group)" "$ERR"
}

test_a_group_of_a_link_without_the_link_is_one_line()
{
	over native || return 0
	in_net "$NC" -u -l ff02::77 5000 || return 0
	same "exit status" 1 "$RC"
	same "stderr" "sockcat: listen on ff02::77 port 5000 (udp) failed:\
 Invalid argument (name the interface, as in ff02::1%eth0)" "$ERR"
}

run_tests "$@"
