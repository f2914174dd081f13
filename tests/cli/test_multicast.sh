#!/bin/sh
# Groups of multicast: -u -l GROUP PORT joins what it is bound to, --join joins
# what it names. All of it is done in a network namespace, whose one link leads
# to itself.
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
		unshare $mine -n sh "$work/net" true 2>/dev/null && NET=yes
	fi
	[ "$NET" = yes ] || { skip "no network namespaces"; return 1; }
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
	heard ff15::77
}

test_a_command_is_given_what_is_sent_to_a_group()
{
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
	in_net "$NC" -u -l 239.1.2.3 5000 || return 0
	same "exit status" 1 "$RC"
	same "stderr" "sockcat: join the multicast group 239.1.2.3 failed: No\
 such device (no interface has a route to this group)" "$ERR"
}

test_a_group_of_a_link_without_the_link_is_one_line()
{
	in_net "$NC" -u -l ff02::77 5000 || return 0
	same "exit status" 1 "$RC"
	same "stderr" "sockcat: listen on ff02::77 port 5000 (udp) failed:\
 Invalid argument (name the interface, as in ff02::1%eth0)" "$ERR"
}

# Starts listeners in the namespace, each with its options in a line of a file,
# sends by each line of another file, and prints what each listener heard.
cat >"$work/member" <<-'EOS'
	nc=$1 waitfor=$2 room=$3 last=$4
	ip route add 224.0.0.0/4 dev here
	n=0 pids=
	while read -r options; do
		n=$((n + 1))
		"$nc" -v -u -l $options 5000 >"$room/heard.$n" 2>"$room/err.$n" &
		pids="$pids $!"
		"$waitfor" "text:$room/err.$n:ound on"
	done <"$room/members"
	while read -r text options; do
		echo "$text" | "$nc" -u -q 0 $options 5000 >>"$room/sent" 2>&1
	done <"$room/senders"
	"$waitfor" "text:$room/heard.$last:last"
	# The others may have yet to read.
	for pid in $pids; do
		"$waitfor" "asleep:$pid"
	done
	kill $pids
	for i in $(seq "$n"); do
		echo "$i: $(tr '\n' ' ' <"$room/heard.$i")"
	done
	cat "$room/sent"
EOS

# Sets OUT to what members heard; the member LAST hears what is sent last.
members_hear()	# LAST
{
	in_net sh "$work/member" "$NC" "$TOOLS/waitfor" "$T" "$1"
}

test_members_of_a_group_hear_and_others_do_not()
{
	cat >"$T/members" <<-'EOF'
		--join 239.1.2.3
		-k --join 239.1.2.3%here
		-k --join 239.7.7.7 --join 239.8.8.8
		-k --join 239.1.2.3 0.0.0.0
		-k --mcast-if 192.0.2.1 239.1.2.3
	EOF
	cat >"$T/senders" <<-'EOF'
		one -p 5001 239.1.2.3
		two -p 5001 239.8.8.8
		last -p 5001 239.1.2.3
	EOF
	members_hear 5 || return 0
	same "what each heard" "1: one last 
2: one last 
3: two 
4: one last 
5: one last " "$OUT"
}

test_a_member_without_k_hears_its_first_sender_alone()
{
	echo "--join 239.1.2.3" >"$T/members"
	cat >"$T/senders" <<-'EOF'
		one -p 5001 239.1.2.3
		two -p 5002 239.1.2.3
		last -p 5001 239.1.2.3
	EOF
	members_hear 1 || return 0
	same "what it heard" "1: one last " "$OUT"
}

test_groups_of_both_families_are_joined_on_one_socket()
{
	echo "-k --join 239.1.2.3 --join ff15::77%here" >"$T/members"
	cat >"$T/senders" <<-'EOF'
		four 239.1.2.3
		last ff15::77
	EOF
	members_hear 1 || return 0
	same "what it heard" "1: four last " "$OUT"
}

test_a_source_is_heard_alone()
{
	cat >"$T/members" <<-'EOF'
		-k --join 192.0.2.1@239.1.2.3
		-k --join 192.0.2.9@239.1.2.3
		-k --join 2001:db8::1@ff15::77%here
		-k --join 2001:db8::9@ff15::77%here
		-k --join 239.1.2.3
	EOF
	cat >"$T/senders" <<-'EOF'
		four 239.1.2.3
		six -s 2001:db8::1 ff15::77
		last 239.1.2.3
	EOF
	members_hear 5 || return 0
	same "what each heard" "1: four last 
2: 
3: six 
4: 
5: four last " "$OUT"
}

test_a_sender_may_keep_its_own_host_from_hearing()
{
	echo "-k --join 239.1.2.3 --join ff15::77%here" >"$T/members"
	cat >"$T/senders" <<-'EOF'
		four --mcast-loop off 239.1.2.3
		six --mcast-loop off ff15::77
		five --mcast-loop on 239.1.2.3
		last --mcast-if here ff15::77
	EOF
	members_hear 1 || return 0
	same "what it heard" "1: five last " "$OUT"
}

test_the_ttl_of_multicast_is_1_or_what_is_asked_for()
{
	need_strace || return 0
	in_net sh -c 'ip route add 224.0.0.0/4 dev here
	    for ttl in 0 7; do
		echo x | strace -qq -e trace=setsockopt -e signal=none \
		    -o "$2/trace" "$1" -u -q 0 --mcast-ttl $ttl "$3" 5000
		grep -o "MULTICAST_[THI].*" "$2/trace"
	    done' - "$NC" "$T" 239.1.2.3 || return 0
	same "the options of the socket" "MULTICAST_TTL, [0], 4) = 0
MULTICAST_TTL, [7], 4) = 0" "$OUT"
}

test_a_group_that_a_bound_socket_cannot_hear_is_refused()
{
	in_net "$NC" -u -l --join 239.1.2.3 192.0.2.1 5000 || return 0
	same "exit status" 1 "$RC"
	same "stderr" "sockcat: join the multicast group 239.1.2.3 failed: the\
 socket has another address: leave the address out" "$ERR"
	in_net "$NC" -u -l --join 239.1.2.3%nix 5000 || return 0
	same "stderr" "sockcat: join the multicast group 239.1.2.3%nix failed:\
 No such device" "$ERR"
	in_net "$NC" -u --mcast-if nix 239.1.2.3 5000 </dev/null || return 0
	same "stderr" "sockcat: set the multicast interface nix failed: No such\
 device" "$ERR"
}

test_words_that_are_no_group_are_refused()
{
	refuses "not the address of a multicast group: 192.0.2.1" \
	    -u -l --join 192.0.2.1 5000
	refuses "not the address of a multicast group: x@239.1.2.x" \
	    -u -l --join x@239.1.2.x 5000
	refuses "the source is of the other family" \
	    -u -l --join 192.0.2.1@ff15::77 5000
	refuses "no interface follows" -u -l --join 239.1.2.3% 5000
	refuses "the group is of the other family: 239.1.2.3" \
	    -u -6 -l --join 239.1.2.3 5000
	refuses "-u with --join" -l --join 239.1.2.3 5000
	refuses "must use -l with --join" -u --join 239.1.2.3 127.0.0.1 5000
	refuses "off" -u --mcast-loop no 127.0.0.1 5000
}

run_tests "$@"
