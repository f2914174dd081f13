#!/bin/sh
# A server all of whose places are taken: the clients of one host keep no other
# host out, whatever they do; and honest clients are served, however many.
. "$(dirname "$0")/lib.sh"

have_loopbacks()
{
	case $(cat /proc/sys/kernel/ostype) in
	Linux)	;;
	*)	skip "127.0.0.2 is not an address here"; return 1 ;;
	esac
}

serves()	# OPTION...
{
	free_port
	launch server "$NC" -v "$@" -k -l 127.0.0.1 "$PORT" </dev/null
}

stop_serving()
{
	touch "$T/over"
	finish crowd 30
	stop server
	same "the server's exit status" 143 "$RC"
	rm -f "$T/in" "$T/over"
}

crowd()	# NUMBER WORD...: these clients are there
{
	crowd_n=$1
	shift
	start crowd "$TOOLS/multi_client" "$PORT" "$crowd_n" "$@"
	waitfor "file:$T/in"
}

# A client of another host, which is served within so many seconds: before any
# client was idle for 10 seconds, unless that is the case that is tested.
newcomer()	# SECONDS [HOST]
{
	start newcomer "$TOOLS/peer" deadline-ms:"$1"000 \
	    "from:${2:-127.0.0.9}" "connect:$PORT" 'send:hi\n' recv-line \
	    'expect:hi\n'
	finish newcomer "$1"
	same "the newcomer, which said <$ERR>" 0 "$RC"
}

# One after the other, and in one try within two seconds: the clients that wait
# take the places that newcomers leave.
newcomers()
{
	newcomer 8
	soon 2000 timed_newcomer
}

timed_newcomer()
{
	newcomer_began=$(waitfor ms)
	newcomer 8
	MS=$(($(waitfor ms) - newcomer_began))
}

keeps_nobody_out()	# OPTION...
{
	serves --max-conns 40 "$@"
	crowd 60 from:127.0.0.2 connect "touch:$T/in" "await:$T/over"
	newcomers
	stop_serving
	serves --max-conns 40 "$@"
	crowd 60 from:127.0.0.2 connect send:x "touch:$T/in" "await:$T/over"
	newcomers
	stop_serving
	serves --max-conns 40 "$@"
	crowd 60 from:127.0.0.2 connect "touch:$T/in" "drip:$T/over"
	newcomers
	look_at server
	holds "what -v says" "$ERR" "was idle, and gives way to another"
	stop_serving
}

test_a_host_keeps_no_other_out()
{
	have_loopbacks || return 0
	keeps_nobody_out -c cat
	keeps_nobody_out --session-timeout 99 -c cat
}

test_no_kind_of_server_can_be_filled_by_one_host()
{
	have_loopbacks || return 0
	start target "$NC" -k -l --echo 127.0.0.1 0 --port-file "$T/target" \
	    </dev/null
	waitfor "file:$T/target"
	target=$(cat "$T/target")
	for how in --echo "--forward 127.0.0.1:$target" \
	    "--serve-proxy --allow-target 127.0.0.1"; do
		serves --max-conns 10 $how
		crowd 80 from:127.0.0.2 connect send:G "touch:$T/in" \
		    "await:$T/over"
		case $how in
		--serve-proxy*)
			request="CONNECT 127.0.0.1:$target HTTP/1.0\r\n\r\n"
			start newcomer "$TOOLS/peer" from:127.0.0.9 \
			    "connect:$PORT" "send:$request" \
			    recv-line 'expect:HTTP/1.0 200 OK\r\n'
			finish newcomer
			same "$how: the newcomer, which said <$ERR>" 0 "$RC"
			;;
		*)	newcomer 8 ;;
		esac
		stop_serving
	done
	serves --max-conns 10 --talk
	crowd 80 from:127.0.0.2 connect "touch:$T/in" "await:$T/over"
	run "$TOOLS/peer" from:127.0.0.9 "connect:$PORT" until:more
	same "--talk: the newcomer, which said <$ERR>" 0 "$RC"
	stop_serving
}

# Eight addresses of one /64, and one of another, in a network of their own.
test_the_addresses_of_one_64_are_one_host()
{
	need_ipv6 || return 0
	unshare -rn ip link set lo up 2>/dev/null ||
	    { skip "no network namespaces"; return 0; }
	cat >"$T/inside" <<'END'
NC=$1 TOOLS=$2 T=$3
ip link set lo up
for n in 1:1 1:2 1:3 1:4 1:5 1:6 1:7 1:8 2:1; do
	ip -6 addr add "2001:db8:0:${n%:*}::${n#*:}/128" dev lo nodad || exit 1
done
"$NC" --max-conns 8 -c cat -k -l ::1 7000 --port-file "$T/port" </dev/null &
server=$!
"$TOOLS/waitfor" "file:$T/port"
for n in 1 2 3 4 5 6 7 8; do
	"$TOOLS/peer" deadline-ms:60000 "from:2001:db8:0:1::$n" connect6:7000 \
	    'send:x\n' recv-line "touch:$T/in$n" "await:$T/over" &
	"$TOOLS/waitfor" "file:$T/in$n"
done
"$TOOLS/peer" deadline-ms:8000 from:2001:db8:0:2::1 connect6:7000 \
    'send:hi\n' recv-line 'expect:hi\n'
rc=$?
touch "$T/over"
kill $server
wait
exit $rc
END
	start inside unshare -rn sh "$T/inside" "$NC" "$TOOLS" "$T"
	finish inside 60
	same "the newcomer of another /64, which said <$ERR>" 0 "$RC"
}

# None of them has more than a quarter of the places.
test_clients_that_were_idle_for_ten_seconds_give_way_to_any_host()
{
	have_loopbacks || return 0
	serves --max-conns 40 -c cat
	crowd 60 from:127.0.0.2-6 connect send:x "touch:$T/in" "await:$T/over"
	newcomer 60
	stop_serving
}

# The waiting room is full, and the newcomer is in the backlog.
test_a_newcomer_behind_hundreds_of_a_host_is_seen()
{
	have_loopbacks || return 0
	serves --max-conns 8 -c cat
	crowd 400 from:127.0.0.2 connect send:x "touch:$T/in" "await:$T/over"
	newcomer 8
	waitfor "text:$T/server.err:127.0.0.2 has too many clients that wait"
	stop_serving
}

test_a_full_house_with_clients_that_wait_is_asleep()
{
	serves --max-conns 10 -c cat
	crowd 40 connect send:x "touch:$T/in" "await:$T/over"
	waitfor "asleep:$(pid_of server)"
	run "$TOOLS/wakeups" "$(pid_of server)" 500
	same "what it does" "ticks 0 wakeups 0" "$OUT"
	stop_serving
}

# So many clients from these addresses fill a server, and keep their places.
keeps_its_clients()	# NUMBER ADDRESSES OPTION...
{
	keeps_n=$1 keeps_from=$2
	shift 2
	serves --max-conns "$keeps_n" "$@" -c cat
	crowd "$keeps_n" "from:$keeps_from" connect 'send:a;' recv-line \
	    "touch:$T/in" "await:$T/over" 'send:b;' recv-line 'expect:a;b;'
	start newcomer "$TOOLS/peer" from:127.0.0.9 "connect:$PORT" \
	    quiet-ms:2500 "touch:$T/quiet" 'send:hi\n' recv-line \
	    'expect:hi\n'
	waitfor "file:$T/quiet"
	touch "$T/over"
	finish crowd
	same "the $keeps_n clients, which said <$ERR>" 0 "$RC"
	finish newcomer
	same "the next, who said <$ERR>" 0 "$RC"
	stop server
	rm -f "$T/in" "$T/over" "$T/quiet"
}

# With one place, clients take turns; in a small house, so do hosts.
test_few_places_are_not_taken_from_anybody()
{
	have_loopbacks || return 0
	keeps_its_clients 1 127.0.0.2
	keeps_its_clients 2 127.0.0.2-3
}

test_with_a_limit_of_0_for_each_host_nobody_gives_way()
{
	have_loopbacks || return 0
	keeps_its_clients 8 127.0.0.2 --max-conns-per-host 0
}

test_a_thousand_clients_of_one_host_are_all_served()
{
	[ "$(ulimit -H -n)" = unlimited ] || [ "$(ulimit -H -n)" -ge 5000 ] ||
	    { skip "too few descriptors"; return 0; }
	ulimit -n 5000
	for how in --echo '-c cat'; do
		serves $how
		start crowd "$TOOLS/multi_client" "$PORT" 1000 connect \
		    'send:%;' recv-line 'expect:%;' 'send:again %;' fin \
		    recv-eof 'expect:again %;'
		finish crowd 60
		same "the clients of $how, which said <$ERR>" 0 "$RC"
		stop server
	done
}

run_tests "$@"
