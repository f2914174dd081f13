#!/bin/sh
# Three megabytes, from every netcat to every other with sockcat on one side
# at least, whatever the receiver's stdin is: what arrives is whole, or
# somebody says that it is not; and sockcat ends.
#
# The receiver's stdin gives nothing: an empty file, a pipe at its end, a
# pipe that stays idle, /dev/null, a closed descriptor, a terminal. The idle
# ones end once all has arrived, for some netcats wait for that.
. "$(dirname "$0")/lib.sh"

SIZE=3000000
WORKERS=4

# --- how each of them is called ---------------------------------------------

program()	# TOOL
{
	case $1 in
	sockcat)	echo "$BIN/sockcat" ;;
	nc)		echo "$BIN/nc" ;;
	openbsd)	echo "$REAL/nc" ;;
	traditional)	echo "$REAL/nc.traditional" ;;
	ncat)		echo "$REAL/ncat" ;;
	*)		command -v "$1" ;;
	esac
}

is_here()	# TOOL
{
	[ -x "$(program "$1")" ]
}

# Run the tool: TOOL send|receive connect|listen. PORT is the port.
call()
{
	exe=$(program "$1")
	case $1,$2,$3 in
	busybox,*,connect)	set -- "$exe" nc 127.0.0.1 "$PORT" ;;
	busybox,*)		set -- "$exe" nc -l -p "$PORT" ;;
	socat,send,connect)	set -- "$exe" -u - "TCP:127.0.0.1:$PORT" ;;
	socat,send,*)		set -- "$exe" -u - "TCP-LISTEN:$PORT" ;;
	socat,*,connect)	set -- "$exe" -u "TCP:127.0.0.1:$PORT" - ;;
	socat,*)		set -- "$exe" -u "TCP-LISTEN:$PORT" - ;;
	traditional,send,connect) set -- "$exe" -q 1 127.0.0.1 "$PORT" ;;
	traditional,send,*)	set -- "$exe" -q 1 -l -p "$PORT" ;;
	traditional,*,listen)	set -- "$exe" -l -p "$PORT" ;;
	nc,send,connect|openbsd,send,connect)
				set -- "$exe" -N 127.0.0.1 "$PORT" ;;
	nc,send,*|openbsd,send,*)
				set -- "$exe" -N -l "$PORT" ;;
	*,connect)		set -- "$exe" 127.0.0.1 "$PORT" ;;
	*)			set -- "$exe" -l "$PORT" ;;
	esac
	COMMAND=$*
}

# --- one cell ---------------------------------------------------------------

receive()	# TOOL STDIN connect|listen
{
	call "$1" receive "$3"
	case $2 in
	file)	: >"$T/empty"
		start receiver $COMMAND <"$T/empty" ;;
	pipe)	mkfifo "$T/ended"
		start ender sh -c ': >"$1"' - "$T/ended"
		start receiver $COMMAND <"$T/ended" ;;
	idle)	hold
		start receiver $COMMAND <"$T/idle" ;;
	null)	start receiver $COMMAND </dev/null ;;
	closed)	start receiver "$TOOLS/fdctl" close=0 -- $COMMAND ;;
	tty)	start receiver "$TOOLS/ptyrun" "await=$T/complete" \
		    'type=\d' -- $COMMAND ;;
	esac
}

send()	# TOOL STDIN connect|listen
{
	call "$1" send "$3"
	case $2 in
	file)	start sender $COMMAND <"$DATA" ;;
	pipe)	mkfifo "$T/data"
		start feeder dd "if=$DATA" "of=$T/data" bs=7000
		start sender "$TOOLS/fdctl" ready -- $COMMAND <"$T/data" ;;
	esac
}

is_ours()	# TOOL
{
	[ "$1" = sockcat ] || [ "$1" = nc ]
}

judge()	# SENDER RECEIVER
{
	got=$(wc -c <"$T/receiver.out")
	if is_ours "$1" && [ "$SENT" = hang ]; then
		echo "$1 hangs as the sender, $got bytes arrived"
	elif is_ours "$2" && [ "$RECEIVED" = hang ]; then
		echo "$2 hangs as the receiver, $got bytes arrived"
	elif [ "$got" -ne "$SIZE" ]; then
		[ "$SENT" != 0 ] || [ "$RECEIVED" != 0 ] ||
		    echo "$got bytes arrived, and both exit 0"
	elif ! cmp -s "$DATA" "$T/receiver.out"; then
		echo "the bytes are not the same"
	elif is_ours "$1" && [ "$SENT" != 0 ]; then
		echo "$1 exits $SENT though all arrived: $(cat "$T/sender.err")"
	elif is_ours "$2" && [ "$RECEIVED" != 0 ]; then
		echo "$2 exits $RECEIVED though all came: \
$(cat "$T/receiver.err")"
	fi
}

cell()	# SENDER ITS-STDIN RECEIVER ITS-STDIN connects|listens
{
	free_port
	if [ "$5" = connects ]; then
		receive "$3" "$4" listen
		waitfor "tcp:$PORT"
		send "$1" "$2" connect
	else
		send "$1" "$2" listen
		waitfor "tcp:$PORT"
		receive "$3" "$4" connect
	fi
	waitfor "size:$T/receiver.out:$SIZE" 2>/dev/null
	: >"$T/complete"
	release
	finish sender
	SENT=$RC
	finish receiver
	RECEIVED=$RC
	judge "$1" "$3"
}

# --- the matrix -------------------------------------------------------------

# Cells of these senders and receivers, one a line.
cells()	# SENDERS RECEIVERS
{
	for s in $1; do for r in $2; do
	is_here "$s" && is_here "$r" || continue
	for stdin in file pipe idle null closed tty; do
		# Without descriptor 0 the others lose what they get.
		[ $stdin != closed ] || is_ours "$r" || continue
		for way in connects listens; do
			echo "$s file $r $stdin $way"
			case $stdin in
			idle|null) ! is_ours "$s" ||
			    echo "$s pipe $r $stdin $way" ;;
			esac
		done
	done
	done; done
}

worker()	# NUMBER: takes every n-th cell
{
	PIDS=
	room=$T
	awk -v n="$1" -v all=$WORKERS 'NR % all == n' "$room/cells" |
	while read -r s from r stdin way; do
		T=$room/w$1
		mkdir "$T"
		why=$(cell "$s" "$from" "$r" "$stdin" "$way" 2>"$room/err.$1" \
		    </dev/null)
		[ -z "$why" ] || echo "$s (stdin a $from, $way) to $r" \
		    "(stdin $stdin): $why" >>"$room/bad.$1"
		rm -rf "$T"
	done
}

matrix()	# SENDERS RECEIVERS
{
	DATA=$(bytes $SIZE)
	cells "$1" "$2" >"$T/cells"
	[ -s "$T/cells" ] || { skip "nobody to talk to"; return; }
	n=0
	workers=
	while [ $n -lt $WORKERS ]; do
		worker $n &
		workers="$workers $!"
		n=$((n + 1))
	done
	wait $workers
	echo "$(wc -l <"$T/cells") cells"
	same "cells that are not well" "" "$(cat "$T"/bad.* 2>/dev/null)"
}

OTHERS="openbsd traditional ncat busybox socat"

test_sockcat_sends_to_sockcat()
{
	matrix "sockcat nc" "sockcat nc"
}

test_sockcat_sends_to_the_others()
{
	matrix "sockcat" "$OTHERS"
}

test_sockcat_as_nc_sends_to_the_others()
{
	over nc || return 0
	matrix "nc" "$OTHERS"
}

test_the_others_send_to_sockcat()
{
	matrix "$OTHERS" "sockcat"
}

test_the_others_send_to_sockcat_as_nc()
{
	over nc || return 0
	matrix "$OTHERS" "nc"
}

# When the receiver leaves in the middle, the sender must not say success.
test_a_receiver_that_leaves_early_is_noticed()
{
	# Where the reset finds the sender is a matter of luck.
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		serve accept recv:100000 close
		run "$NC" 127.0.0.1 "$PORT" <"$(bytes $SIZE)"
		fails_with_one_line 1
		[ -z "$BAD" ] || return 0
	done
}

# A receiver with stdin from /dev/null may half-close before the first byte
# of a slow producer is there. Leaving then with success would lose it all.
test_data_that_comes_late_is_sent_or_missed_aloud()
{
	over native nc real || return 0
	hold
	serve accept fin "touch:$T/fin" recv-end "save:$T/got"
	start run "$NC" -N 127.0.0.1 "$PORT" <"$T/idle"
	waitfor "file:$T/fin"
	"$TOOLS/waitfor" -t 300 "gone:$(pid_of run)" 2>/dev/null
	printf late >&9
	release
	finish run
	peer_done
	[ "$RC" != 0 ] || same "what arrived" late "$(cat "$T/got")"
}

test_a_receiver_that_stops_reading_but_half_closed_gets_the_rest()
{
	over native nc || return 0
	serve accept fin "sleep-ms:300" recv-eof "save:$T/got"
	run_gives 0 "$NC" -N 127.0.0.1 "$PORT" <"$(bytes $SIZE)"
	peer_done
	same_file "data" "$(bytes $SIZE)" "$T/got"
}

run_tests "$@"
