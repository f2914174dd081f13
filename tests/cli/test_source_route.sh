#!/bin/sh
# -g and -G: loose source routes of IPv4, by hops that are ourselves.
. "$(dirname "$0")/lib.sh"

# What IP_OPTIONS got. Nobody answers: the system drops routed packets.
route_of()	# ARG...
{
	need_strace || return 1
	run strace -f -qq -xx -e trace=setsockopt -o "$T/trace" \
	    timeout 30 "$NC" -w 1 "$@" 127.0.0.1 "$(closed_port)" </dev/null
	ROUTE=$(sed -n 's/.*IP_OPTIONS, "\([^"]*\)".*/\1/p' "$T/trace" |
	    sed -n '1s/\\x//gp')
}

test_hops_and_then_the_host_are_the_route()
{
	over native nc traditional real-traditional || return 0
	route_of -g 127.0.0.2 -g 127.0.0.3 || return 0
	same "route" 830f047f0000027f0000037f00000101 "$ROUTE"
}

test_commas_stand_between_hops()
{
	over native nc || return 0
	route_of -g 127.0.0.2,127.0.0.3 || return 0
	same "route" 830f047f0000027f0000037f00000101 "$ROUTE"
}

# It puts the padding first.
test_the_route_of_ncat()
{
	over ncat real-ncat || return 0
	route_of -4 -g 127.0.0.2,127.0.0.3 || return 0
	case $SUBJECT in
	ncat)	same "route" 830f047f0000027f0000037f00000101 "$ROUTE" ;;
	*)	same "route" 01830f047f0000027f0000037f000001 "$ROUTE" ;;
	esac
}

test_a_hop_may_be_a_name()
{
	route_of -g localhost || return 0
	same "route" 830b047f0000017f00000101 "$ROUTE"
}

test_a_hop_that_is_none_is_named()
{
	over native traditional real-traditional ncat real-ncat || return 0
	four=-4
	[ "${SUBJECT%traditional}" = "$SUBJECT" ] || four=
	run "$NC" $four -n -g localhost 127.0.0.1 "$(closed_port)" </dev/null
	case $SUBJECT in
	native)	same "exit status" 1 "$RC"
		same "stderr" "sockcat: look up localhost failed: Name or\
 service not known (-n: numeric addresses only)" "$ERR" ;;
	*traditional)
		same "exit status" 1 "$RC"
		same "stderr" "Can't parse localhost as an IP address" "$ERR" ;;
	*)	same "exit status" 2 "$RC"
		same "stderr" "Ncat: Sorry, could not resolve source route\
 hop \"localhost\": Name or service not known. QUITTING." "$ERR" ;;
	esac
}

# Of the others, nc has no routes, and these have words of their own.
test_a_route_is_no_way_to_an_ipv6_address()
{
	over native nc || return 0
	NAME=nc
	[ "$SUBJECT" = nc ] || NAME=sockcat
	run "$NC" -g 127.0.0.2 ::1 "$(closed_port)" </dev/null
	same "host: exit status" 1 "$RC"
	same "host: stderr" "$NAME: -g is for IPv4 only: ::1" "$ERR"
	run "$NC" -g 127.0.0.2,::2 127.0.0.1 "$(closed_port)" </dev/null
	same "hop: exit status" 1 "$RC"
	same "hop: stderr" "$NAME: -g is for IPv4 only: ::2" "$ERR"
	run "$NC" -g 127.0.0.2 -x 127.0.0.1:1 --explain ::1 80 </dev/null
	same "behind a proxy: exit status" 0 "$RC"
}

# Linux takes a pointer of 4 alone.
test_what_the_system_refuses_is_told()
{
	over native traditional real-traditional || return 0
	run "$NC" -g 127.0.0.2 -G 8 127.0.0.1 "$(closed_port)" </dev/null
	same "exit status" 1 "$RC"
	case $SUBJECT in
	native)	same "stderr" "sockcat: set IP_OPTIONS failed: Invalid\
 argument" "$ERR" ;;
	*)	same "stderr" "srcrt setsockopt fuxored : Invalid argument" \
		    "$ERR" ;;
	esac
}

test_a_listener_has_no_route()
{
	over traditional real-traditional ncat real-ncat || return 0
	free_port
	case $SUBJECT in
	*traditional) start listener "$NC" -g 127.0.0.2 -l -p "$PORT" \
	    </dev/null ;;
	*)	start listener "$NC" -4 -g 127.0.0.2 -l "$PORT" </dev/null ;;
	esac
	waitfor "tcp:$PORT"
	client send:hello fin recv-eof
	finish listener
	same "stdout" hello "$OUT"
}

run_tests "$@"
