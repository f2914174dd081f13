#!/bin/sh
# Limits of silence, to the point, in each personality: -w, ncat's -i, and -q
# beside them. None is shorter than asked for; what is said either way begins
# them anew, but for -q.
. "$(dirname "$0")/lib.sh"

# LIMIT is the subject's option for it, MOST the milliseconds; a STEP is less
# than that, two are more. On a busy machine a step may take a second or two longer.
limit()
{
	MOST=4000 STEP=2100
	case $SUBJECT in
	native)		LIMIT="-w 4000ms" ;;
	*ncat)		LIMIT="-i 4000ms" ;;
	*)		LIMIT="-w 4" ;;
	esac
	END=0
	[ "${SUBJECT#*ncat}" = "$SUBJECT" ] || END=1
}

# It ended so long after its start, and soon after the last message, at which
# $T/last was written: what comes before that may take its time.
ended()	# MILLISECONDS [RC]
{
	at_least "milliseconds" "$(($1 + MOST - 5))" "$MS"
	since "$T/last"
	same "exit status" "${2:-$END}" "$RC"
	true_that "$MS ms of silence are $((2 * MOST)) or less" \
	    [ "$MS" -le $((2 * MOST)) ]
	[ "$END" = 1 ] || same "stderr" "" "$ERR"
	[ "$END" = 0 ] ||
	    holds "stderr" "$ERR" "Ncat: Idle timeout expired ($MOST ms)."
}

# Into the subject's input, which stays open.
speaks()	# PEER-WORD...: the peer's part
{
	serve accept "touch:$T/begun" "$@"
	start speaker sh -c 'exec 9>"$1"; "$2" "file:$3/begun"
	    for i in 1 2; do "$2" -t "$4" "file:$3/never" 2>/dev/null
	    echo $i >&9; : >"$3/last"; done; "$2" "file:$3/never"' - \
	    "$T/idle" "$TOOLS/waitfor" "$T" "$STEP"
}

test_nobody_speaks()
{
	over native ncat real-ncat || return 0
	limit
	hold
	serve accept "touch:$T/last" recv-end
	timed "$NC" $LIMIT 127.0.0.1 "$PORT" <"$T/idle"
	ended 0
	peer_done
}

test_the_peer_speaks()
{
	over native ncat real-ncat || return 0
	limit
	hold
	serve accept "sleep-ms:$STEP" send:1 "sleep-ms:$STEP" send:2 \
	    "touch:$T/last" recv-end
	timed "$NC" $LIMIT 127.0.0.1 "$PORT" <"$T/idle"
	ended $((2 * STEP))
	same "stdout" 12 "$OUT"
	peer_done
}

test_we_speak()
{
	over native nc real ncat real-ncat || return 0
	limit
	hold
	speaks recv-end 'expect:1\n2\n'
	timed "$NC" $LIMIT 127.0.0.1 "$PORT" <"$T/idle"
	ended $((2 * STEP))
	peer_done
}

test_both_speak()
{
	over native ncat real-ncat || return 0
	limit
	hold
	speaks recv-line recv-line "sleep-ms:$STEP" send:x \
	    "touch:$T/last" recv-end
	timed "$NC" $LIMIT 127.0.0.1 "$PORT" <"$T/idle"
	ended $((3 * STEP))
	same "stdout" x "$OUT"
	peer_done
}

test_a_listener_s_client_is_silent()
{
	over native nc real ncat real-ncat || return 0
	limit
	[ "$END" = 0 ] || set -- 2
	hold
	free_port
	launch run "$NC" $LIMIT -l 127.0.0.1 "$PORT" <"$T/idle"
	# Nobody's silence is none, but ncat's.
	[ "$SUBJECT" != native ] ||
	    waitfor -t $((MOST + 100)) "gone:$(pid_of run)" 2>/dev/null
	began=$(waitfor ms)
	start peer "$TOOLS/peer" "connect:$PORT" send:x "touch:$T/last" \
	    recv-end
	finish run
	MS=$(($(waitfor ms) - began))
	ended 0 "$@"
	peer_done
}

test_traditional_does_not_count_while_its_input_is_open()
{
	over traditional || return 0
	hold
	serve accept recv-end
	start run "$NC" -w 1 127.0.0.1 "$PORT" <"$T/idle"
	waitfor -t 2300 "gone:$(pid_of run)" 2>/dev/null
	waits run
}

test_traditional_forgives_one_silence()
{
	over traditional real-traditional || return 0
	serve accept sleep-ms:3000 send:a recv-end
	printf x >"$T/in"
	timed "$NC" -w 2 127.0.0.1 "$PORT" <"$T/in"
	same "exit status" 0 "$RC"
	same "stdout" a "$OUT"
	at_least "milliseconds" 4990 "$MS"
}

test_q_is_not_prolonged_by_what_comes()
{
	over nc traditional real-traditional || return 0
	serve accept sleep-ms:400 send:1 sleep-ms:2000 send:2 sleep-ms:2000 \
	    send:3 sleep-ms:2000 send:4 sleep-ms:2000 send:5 recv-end
	printf x >"$T/in"
	timed "$NC" -q 3 127.0.0.1 "$PORT" <"$T/in"
	same "exit status" 0 "$RC"
	same "what came first" 1 "${OUT%"${OUT#?}"}"
	between "milliseconds" 2995 8000 "$MS"
}

test_q_begins_when_the_last_line_is_sent()
{
	serve accept recv-eof 'expect:1\n2\n3\n4\n' "await:$T/over"
	seq 4 >"$T/in"
	timed "$NC" -q 200ms -i 200ms 127.0.0.1 "$PORT" <"$T/in"
	same "exit status" 0 "$RC"
	same "stderr" "" "$ERR"
	at_least "milliseconds" 795 "$MS"
	touch "$T/over"
	peer_done
}

test_nc_sends_its_last_line_before_q_begins()
{
	over nc real || return 0
	serve accept recv-eof 'expect:1\n2\n'
	seq 2 >"$T/in"
	timed "$NC" -q 1 -i 1 127.0.0.1 "$PORT" <"$T/in"
	same "exit status" 0 "$RC"
	same "stderr" "" "$ERR"
	peer_done
}

run_tests "$@"
