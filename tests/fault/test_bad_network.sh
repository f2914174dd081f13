#!/bin/sh
# Bad networks: packets are lost, doubled, overtaken, too long for a hole on
# the way; the link goes down, for three seconds or for good. All bytes arrive,
# or the program ends in the time asked for and says what is lost.
#
# TORTURE=yes (make torture) transfers 64 MiB instead of 4.
. "$(dirname "$0")/lib.sh"

tun=$TOOLS/tun_relay
far=10.77.0.2
near=10.77.0.1
size=4194304
[ "${TORTURE:-no}" = no ] || size=67108864
FAULT_TIMEOUT=120

# ---- Inside: the near namespace --------------------------------------------

# far_server NAME COMMAND...: in the far namespace; its output goes to files.
# It ends with this script, which ends its namespace.
far_server() {
	far_name=$1
	shift
	"$tun" far timeout "$FAULT_TIMEOUT" "$@" \
	    >"$work/$far_name.out" 2>"$work/$far_name.err" &
	far_pid=$!
	"$tun" far "$TOOLS/waitfor" -t 9000 "tcp:5000"
}

# limited SECONDS COMMAND...: sets rc and ms.
limited() {
	limited_most=$1
	shift
	began=$(waitfor ms)
	timeout "$limited_most" "$@"
	rc=$?
	ms=$(($(waitfor ms) - began))
}

link() {	# down|up
	case $1 in
	down)	kill -USR1 "$TUN_RELAY" ;;
	up)	kill -USR2 "$TUN_RELAY" ;;
	esac
}

inside_lossy() {	# OPTION...
	far_server rx "$SOCKCAT" -l 5000
	limited $FAULT_TIMEOUT "$SOCKCAT" -N "$@" $far 5000 <"$source"
	wait "$far_pid"
	echo "$rc $? $(digest "$work/rx.out")"
}

inside_echo() {	# OPTION...
	far_server echo "$SOCKCAT" "$@" -l -k --echo 5000
	limited $FAULT_TIMEOUT "$SOCKCAT" -N "$@" $far 5000 <"$source" \
	    >"$work/back"
	echo "$rc 0 $(digest "$work/back")"
}

inside_relay() {
	far_server echo "$SOCKCAT" -l -k --echo 5000
	"$SOCKCAT" -l --forward $far:5000 127.0.0.1 6000 &
	waitfor -t 9000 tcp:6000
	limited $FAULT_TIMEOUT "$SOCKCAT" -N 127.0.0.1 6000 <"$source" \
	    >"$work/back"
	echo "$rc 0 $(digest "$work/back")"
}

# The link is down for 3 s in the middle of a transfer.
inside_flap() {
	far_server rx sh -c '"$@"' - "$SOCKCAT" -l 5000
	mkfifo "$work/in"
	timeout "$FAULT_TIMEOUT" "$SOCKCAT" -N $far 5000 <"$work/in" &
	flap_pid=$!
	{
		head -c 1000000 "$source"
		waitfor -t 9000 "size:$work/rx.out:1000000"
		link down
		began=$(waitfor ms)
		tail -c +1000001 "$source" &
		waitfor -t 3000 "file:$work/never" 2>/dev/null
		link up
		wait $!
	} >"$work/in"
	wait $flap_pid
	rc=$?
	ms=$(($(waitfor ms) - began))
	wait "$far_pid"
	echo "$rc $? $(digest "$work/rx.out") $ms"
}

# What a program that sends meets when nothing long arrives, or nothing at all.
inside_lost() {	# OPTION...
	far_server rx "$SOCKCAT" -l 5000
	limited 20 "$SOCKCAT" -N "$@" $far 5000 <"$source" 2>"$work/err"
	echo "$rc $ms $(cat "$work/err")"
}

# The first line has arrived: the link is gone for good, and a command runs.
lose_link() {	# [COMMAND...]
	waitfor -t 9000 "size:$work/rx.out:6"
	link down
	began=$(waitfor ms)
	"$@"
	waitfor -t 20000 "gone:$gone_pid"
}

report_gone() {
	wait $gone_pid
	rc=$?
	ms=$(($(waitfor ms) - began))
	echo "$rc $ms $(cat "$work/err")"
}

# The peer is silent, and then the link is gone for good.
inside_gone() {	# OPTION...
	far_server rx "$SOCKCAT" -l 5000
	mkfifo "$work/in"
	began=$(waitfor ms)
	timeout 20 "$SOCKCAT" "$@" $far 5000 <"$work/in" 2>"$work/err" &
	gone_pid=$!
	{
		echo hello
		lose_link
	} >"$work/in"
	report_gone
}

# The same for a listener, whose input is silent, too.
inside_gone_listening() {	# OPTION...
	mkfifo "$work/in" "$work/idle"
	timeout 20 "$SOCKCAT" "$@" -l 5000 <"$work/idle" >"$work/rx.out" \
	    2>"$work/err" &
	gone_pid=$!
	{
		waitfor -t 9000 tcp:5000
		"$tun" far timeout "$FAULT_TIMEOUT" "$SOCKCAT" $near 5000 \
		    <"$work/in" >"$work/tx.out" 2>&1 &
		far_pid=$!
		echo hello >"$work/in" &
		lose_link
	} >"$work/idle"
	report_gone
}

# The link is gone, and then something is sent.
inside_unheard() {	# OPTION...
	far_server rx "$SOCKCAT" -l 5000
	mkfifo "$work/in"
	timeout 20 "$SOCKCAT" "$@" $far 5000 <"$work/in" 2>"$work/err" &
	gone_pid=$!
	{
		echo hello
		lose_link echo nobody hears
	} >"$work/in"
	report_gone
}

# This system loses its own link while two hosts talk: nothing leaves it.
inside_unplugged() {	# OPTION...
	far_server rx "$SOCKCAT" -l 5000
	mkfifo "$work/in"
	timeout 20 "$SOCKCAT" "$@" $far 5000 <"$work/in" 2>"$work/err" &
	gone_pid=$!
	{
		echo hello
		waitfor -t 9000 "size:$work/rx.out:6"
		waitfor -t 500 "file:$work/never"
		echo again
		waitfor -t 9000 "size:$work/rx.out:12"
		ip link set dev tun0 down
		began=$(waitfor ms)
		echo nobody hears
		waitfor -t 20000 "gone:$gone_pid"
	} >"$work/in"
	report_gone
}

# A person types a line that arrives nowhere.
inside_chat() {	# OPTION...
	far_server rx "$SOCKCAT" -l 5000
	HOME=$work timeout 60 "$TOOLS/ptyrun" on=0,1,2 within=50000 \
	    'see=connected to' 'type=hello\n' \
	    "await=$work/down" 'type=nobody hears\n' \
	    'see=not confirmed for 10 s' 'type=:info\n' \
	    'see=13 bytes not confirmed' 'see=Connection timed out' -- \
	    "$SOCKCAT" "$@" --chat $far 5000 >"$work/screen" 2>&1 &
	chat_pid=$!
	waitfor -t 9000 "size:$work/rx.out:6"
	link down
	began=$(waitfor ms)
	: >"$work/down"
	wait $chat_pid
	rc=$?
	ms=$(($(waitfor ms) - began))
	echo "$rc $ms $(cat "$work/screen")"
}

if [ "${1:-}" = inside ]; then
	shift
	work=$BAD_WORK
	far_pid=
	at_exit() { [ -z "$far_pid" ] || kill "$far_pid" 2>/dev/null; }
	"$@"
	exit
fi

# ---- Outside ----------------------------------------------------------------

# bad_network WORDS FUNCTION ...: sets said, and the relay's counts.
bad_network() {
	bad_words=$1
	shift
	rm -f "$work/in" "$work/idle" "$work/down" "$work/err" \
	    "$work/report" "$work"/*.out
	said=$("$tun" $bad_words report:"$work/report" env BAD_WORK="$work" \
	    sh "$0" inside "$@" 2>"$work/inside.err")
	echo "figure: bad network, $bad_words, $*:" \
	    "$(cat "$work/report" 2>/dev/null)"
}

# count NAME: of the relay's report.
count() {
	sed "s/.*\<$1 \([0-9]*\).*/\1/" "$work/report"
}

# whole SENTENCE: both ends say success, and the bytes are the same.
whole() {
	[ "${said#"0 0 $sum"}" != "$said" ]
	judge $? "$1" "statuses and digest: $said, not $sum" \
	    "$(cat "$work/inside.err")"
}

# bites NAME: the relay did that to packets.
bites() {
	[ "$(count "$1")" -gt 0 ]
	judge $? "... and there were packets $1" "$(cat "$work/report")"
}

# fails SENTENCE LEAST MOST TEXT: with status 1, in that time (ms), and says so.
fails() {
	set -- "$@" $said
	[ "$5" = 1 ] && [ "$6" -ge "$2" ] && [ "$6" -le "$3" ] &&
	    case $said in *"$4"*) ;; *) false ;; esac
	judge $? "$1 ($6 ms)" "status, ms, message: $said;" \
	    "not 1, from $2 to $3, $4" "$(cat "$work/inside.err")"
}

"$tun" true 2>"$work/why"
case $? in
0)	;;
77)	skip "bad networks: $(cat "$work/why")"
	end ;;
*)	bad "a bad network is made" "$(cat "$work/why")"
	end ;;
esac
source=$work/source
random_file "$source" $size
sum=$(digest "$source")
export source

# The least pause before TCP sends again makes the losses cheap.
test_packets_are_lost_doubled_and_overtaken() {
	lossy="loss:5 duplicate:2 reorder:5 rto:20"
	for mover in copy splice sendfile; do
		bad_network "$lossy seed:1" inside_lossy --mover=$mover
		whole "losses, doubles, disorder; mover $mover: all arrives"
	done
	bites lost
	bites duplicated
	bites reordered
	bad_network "$lossy seed:2" inside_echo
	whole "losses, doubles, disorder, both ways: all comes back"
	bad_network "$lossy seed:3" inside_relay
	whole "losses, doubles, disorder behind --forward: all comes back"
}

test_the_link_is_down_for_a_while() {
	bad_network "" inside_flap
	whole "the link is down for 3 s in a transfer: all arrives"
	bites down
}

# A hole for long packets: the handshake passes, the data does not.
test_a_hole_for_long_packets() {
	bad_network hole:600 inside_lost -w 1
	fails "a hole for long packets, -w 1: the loss is told" 1000 15000 \
	    "bytes of the input not sent"
	bites holed
	bad_network hole:600 inside_lost --sockopt TCP_USER_TIMEOUT=1s
	fails "a hole, TCP_USER_TIMEOUT: the system's error is told" 1000 15000 \
	    "Connection timed out"
	bad_network hole:600 inside_lost --session-timeout 1
	fails "a hole, --session-timeout 1: the loss is told" 1000 15000 \
	    "bytes of the input not sent"
	bad_network hole:600 inside_lost --deadline 1
	fails "a hole, --deadline 1: the loss is told" 1000 15000 \
	    "bytes of the input not sent"
	bad_network hole:30 inside_lost -w 1
	fails "nothing arrives at all, -w 1: the connect times out" 1000 15000 \
	    "timed out"
}

test_the_link_is_gone_for_good() {
	keep="--keepalive --sockopt TCP_KEEPIDLE=1s --sockopt TCP_KEEPINTVL=1s"
	keep="$keep --sockopt TCP_KEEPCNT=1"
	bad_network "" inside_gone $keep
	fails "the link is gone for good: keepalive finds it" 1000 15000 "timed out"
	bad_network "" inside_gone --keepalive=1s
	fails "the link is gone for good: --keepalive=1s finds it" 4000 15000 \
	    "Connection timed out: the peer no longer answers"
	bad_network "" inside_gone_listening --keepalive=1s
	fails "... for a listener" 4000 15000 \
	    "Connection timed out: the peer no longer answers"
	bad_network "" inside_unheard --keepalive=1s
	fails "... while a line is not acknowledged" 4000 15000 \
	    "Connection timed out: the peer no longer answers (13 bytes lost)"
	if command -v ip >/dev/null; then
		bad_network "" inside_unplugged --keepalive=1s
		fails "... while a line cannot leave this system" 4000 15000 \
		    "Connection timed out: the peer no longer answers (13 bytes lost)"
	fi
	bad_network "" inside_chat --keepalive=10s
	fails "a chat says that its last line is not confirmed, and ends" 10000 40000 \
	    "not confirmed for 10 s: $far may not have got the last line"
	bad_network "" inside_gone -w 1
	[ "${said#0 }" != "$said" ]
	judge $? "the link is gone, all was acknowledged, -w 1: no loss is told" "$said"
}

run_tests "$@"
