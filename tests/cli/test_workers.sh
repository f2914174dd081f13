#!/bin/sh
# --workers: several processes on one port.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_tls.sh"

# Starts a server with a port of the system's choice, and sets PORT.
workers()	# OPTION...
{
	rm -f "$T/port"
	start server "$NC" "$@" --port-file "$T/port" -l -k 127.0.0.1 0
	waitfor "file:$T/port"
	PORT=$(cat "$T/port")
}

# Prints the processes of the workers.
workers_of()	# NAME
{
	cat "/proc/$(pid_of "$1")/task/$(pid_of "$1")/children"
}

test_clients_are_dealt_out_among_the_workers()
{
	workers --workers 3 -c 'echo $PPID'
	seen=
	for i in $(seq 40); do
		run "$NC" 127.0.0.1 "$PORT" </dev/null
		seen="$seen $OUT"
	done
	workers_of server | tr ' ' '\n' | sort -u | sed '/^$/d' >"$T/there"
	same "workers" 3 "$(wc -l <"$T/there")"
	echo "$seen" | tr ' ' '\n' | sort -u | sed '/^$/d' >"$T/seen"
	true_that "$seen: more than one served" [ "$(wc -l <"$T/seen")" -gt 1 ]
	same "clients of others" "" "$(comm -13 "$T/there" "$T/seen")"
}

test_a_signal_ends_all_workers()
{
	workers --workers 2 --echo
	set -- $(workers_of server)
	stop server
	same "exit status" 143 "$RC"
	true_that "all are gone" waitfor "gone:$1" "gone:$2"
	true_that "the file is gone" [ ! -e "$T/port" ]
	same "stderr" "" "$ERR"
}

test_no_worker_outlives_its_parent()
{
	workers --workers 2 --echo
	set -- $(workers_of server)
	kill_it server KILL
	true_that "all are gone" waitfor "gone:$1" "gone:$2"
}

test_a_worker_that_dies_is_one_line_and_the_others_go_on()
{
	workers --workers 2 --echo
	set -- $(workers_of server)
	kill -KILL "$1"
	waitfor "text:$T/server.err:goes on"
	echo hello >"$T/in"
	run "$NC" -N 127.0.0.1 "$PORT" <"$T/in"
	same "the echo of the other" hello "$OUT"
	kill -KILL "$2"
	exits server 1
	same "stderr" "sockcat: worker 1 was killed by signal 9; 1 goes on
sockcat: worker 2 was killed by signal 9; 0 go on" "$ERR"
}

test_a_port_in_use_is_one_line()
{
	workers --workers 2 --echo
	for how in "--workers 2" ""; do
		run_gives 1 "$NC" $how --echo -l -k 127.0.0.1 "$PORT"
		same "stderr" "sockcat: listen on 127.0.0.1 port P (tcp)\
 failed: Address already in use (by sockcat, process N)" \
		    "$(echo "$ERR" | sed 's/process [0-9]*/process N/')"
	done
}

test_a_fault_of_all_workers_is_one_line()
{
	refuses "run $T/none failed" -l -k --workers 3 -e "$T/none" 0
	refuses "open $T/none failed" -l -k --workers 3 --echo \
	    --allowfile "$T/none" 0
}

test_the_deadline_is_of_all_together()
{
	workers --workers 3 --echo --deadline 3
	finish server
	fails_with_one_line 1
}

test_one_key_is_made_for_all_workers()
{
	need_tls || return 0
	workers --workers 3 --echo --tls
	one_line "stderr of the server" "$(cat "$T/server.err")"
	sed -n 's/.*fingerprint //p' "$T/server.err" >"$T/made"
	for i in 1 2 3 4 5 6; do
		echo hello >"$T/in"
		run "$NC" -N --tls --tls-pin "$(cat "$T/made")" 127.0.0.1 \
		    "$PORT" <"$T/in"
		same "echo" hello "$OUT"
	done
}

test_workers_share_the_limit_of_clients()
{
	run "$NC" --explain --workers 3 --max-conns 10 --echo -l -k 80
	holds "explained" "$OUT" "workers: 3 processes on one port, each for at\
 most 4 peers at once"
	refuses "--max-conns 2 leaves no client for some of 3 workers" \
	    --workers 3 --max-conns 2 --echo -l -k 0
}

test_what_several_processes_cannot_share_is_refused()
{
	refuses "cannot use --workers and -o" --workers 2 -o "$T/x" \
	    --echo -l -k 0
	refuses "cannot use --workers and -u" --workers 2 --echo -u -l -k 0
	refuses "with --workers" --workers 2 -l -k 0
	refuses "must use -l -k with --workers" --workers 2 --echo -l 0
	refuses "--tcp-info" --workers 2 --tcp-info "$T/x" --echo -l -k 0
}

# A worker takes the nonces that another has made.
test_curl_needs_one_password_for_all_workers_of_a_proxy()
{
	need_program curl || return 0
	listener -k -c 'printf "HTTP/1.0 200 OK\r\n\r\nfine"'
	target=$PORT
	workers --workers 3 --serve-proxy --proxy-auth joe:secret \
	    --allow-target 127.0.0.1
	set --
	for i in $(seq 30); do
		set -- "$@" -o "$T/got.$i" "http://127.0.0.1:$target/$i"
	done
	run env -u no_proxy -u NO_PROXY curl -q -sS -m 30 --noproxy '' \
	    --proxy-digest -U joe:secret -x "http://127.0.0.1:$PORT" \
	    -w '%{http_code}\n' "$@"
	same "exit status, with <$ERR>" 0 "$RC"
	same "answers" 30 "$(printf '%s\n' "$OUT" | grep -c '^200$')"
	stop server
	lacks "stderr" "$ERR" "wrong"
}

test_workers_share_the_nonces_of_a_proxy()
{
	need_program openssl || return 0
	workers --workers 3 --serve-proxy --proxy-auth joe:secret \
	    --allow-target 127.0.0.1
	uri=http://127.0.0.1:1/
	run "$TOOLS/peer" "connect:$PORT" "send:GET $uri HTTP/1.0\r\n\r\n" \
	    recv-end print
	nonce=$(printf '%s\n' "$OUT" |
	    sed -n 's/.*nonce="\([^"]*\)".*/\1/p' | head -n 1)
	md5()
	{
		printf '%s' "$1" | openssl md5 | sed 's/.* //'
	}
	for i in $(seq 20); do
		response=$(md5 "$(md5 joe:sockcat:secret):$nonce:00000001:c$i:auth:$(md5 "GET:$uri")")
		run "$TOOLS/peer" "connect:$PORT" "send:GET $uri HTTP/1.0\r\nProxy-Authorization: Digest username=\"joe\", realm=\"sockcat\", nonce=\"$nonce\", uri=\"$uri\", qop=auth, nc=00000001, cnonce=\"c$i\", response=\"$response\"\r\n\r\n" \
		    recv-end print
		lacks "answer $i" "$OUT" "HTTP/1.0 407 "
		holds "answer $i" "$OUT" "HTTP/1.0 502 "
	done
}

test_workers_take_headers_of_the_proxy_protocol()
{
	workers --workers 3 --accept-proxy \
	    -c 'echo $PPID $SOCKCAT_REMOTE_ADDR $SOCKCAT_REMOTE_PORT; cat'
	seen=
	for i in $(seq 20); do
		printf 'PROXY TCP4 192.0.2.1 198.51.100.2 %d 443\r\nhello %d\n' \
		    "$i" "$i" >"$T/in"
		run "$NC" -N 127.0.0.1 "$PORT" <"$T/in"
		same "client $i" "192.0.2.1 $i
hello $i" "${OUT#* }"
		seen="$seen ${OUT%% *}"
	done
	true_that "$seen: more than one served" \
	    [ "$(echo "$seen" | tr ' ' '\n' | sort -u | wc -l)" -gt 2 ]
	echo "no header" >"$T/in"
	run "$NC" -N 127.0.0.1 "$PORT" <"$T/in"
	same "a client without a header" "" "$OUT"
	stop server
}

run_tests "$@"
