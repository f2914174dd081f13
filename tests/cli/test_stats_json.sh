#!/bin/sh
# --stats=json: an object per session and line, for programs.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_tls.sh"

# The value behind a key in the last object, as it is written; tcp_info, whose
# keys are others, is left out.
value()	# KEY FILE
{
	sed -n 's/,"tcp_info":{[^}]*}//
	    s/^{.*"'"$1"'":\("[^"]*"\|[^,}]*\).*/\1/p' "$2" | tail -n 1
}

# An expression of Python about the objects of a file: objects, all of them; o,
# the last one; text, the file.
python()	# FILE EXPRESSION
{
	command -v python3 >/dev/null || { skip "no python3"; return 1; }
	python3 -IS - "$1" "$2" <<-'X'
	import json, sys, datetime
	text = open(sys.argv[1]).read()
	objects = [json.loads(l) for l in text.splitlines() if l[:1] == "{"]
	o = objects[-1]
	print(eval("(" + sys.argv[2] + ")"))
	X
}

# The last line of figures is valid, has the keys of every object, and its
# times are times.
valid()	# WHAT FILE
{
	command -v python3 >/dev/null || return 0
	same "$1: missing keys, good times, ASCII" "[] True True" \
	    "$(python "$2" '"%s %s %s" % ([k for k in "connection local remote \
protocol started seconds bytes_sent bytes_received bytes_lost end \
status".split() if k not in o], o["seconds"] >= 0 and
	    datetime.datetime.strptime(o["started"], "%Y-%m-%dT%H:%M:%S.%fZ")
	    > datetime.datetime(2020, 1, 1), text.isascii())')"
}

test_an_object_ends_a_session()
{
	serve accept recv-eof send:answer fin
	run "$NC" --stats=json -N 127.0.0.1 "$PORT" <"$(bytes 100000)"
	fails_with_one_line 0
	f=$T/run.err
	same "sent" 100000 "$(value bytes_sent "$f")"
	same "received" 6 "$(value bytes_received "$f")"
	same "lost" 0 "$(value bytes_lost "$f")"
	same "remote" "\"127.0.0.1:$PORT\"" "$(value remote "$f")"
	holds "local" "$(value local "$f")" '"127.0.0.1:'
	same "protocol" '"tcp"' "$(value protocol "$f")"
	same "end" '"eof"' "$(value end "$f")"
	same "status" 0 "$(value status "$f")"
	same "no TLS" "" "$(value tls "$f")"
	peer_done
	valid "a session" "$f"
}

test_tcp_info_has_the_columns_of_the_file()
{
	serve accept recv-eof
	run "$NC" --stats=json --tcp-info "$T/info" -N 127.0.0.1 "$PORT" \
	    <"$(bytes 10)"
	peer_done
	wanted=$(head -n 1 "$T/info" | cut -f 3- | tr '\t' ' ')
	keys=$(python "$T/run.err" '" ".join(o["tcp_info"])') || return 0
	same "keys" "$wanted" "$keys"
	same "no value is a NaN" True "$(python "$T/run.err" \
	    'all(v is None or isinstance(v, (int, str))
	    for v in o["tcp_info"].values())')"
}

test_each_client_of_a_server_has_its_object()
{
	to=$(new_port)
	start target "$NC" -l -k --echo 127.0.0.1 "$to"
	waitfor "tcp:$to"
	for how in "" "--max-conns 5" --echo "-c cat" --broker --talk \
	    "--forward 127.0.0.1:$to" --serve-proxy; do
		listener -k --stats=json $how </dev/null
		for n in 1 2; do
			client send:hello\\n fin recv-end
			waitfor "text:$T/listener.err:\"connection\":$n,"
		done
		stop listener
		sed '/^{/!d' "$T/listener.err" >"$T/objects"
		same "$how: objects" 2 "$(grep -c . "$T/objects")"
		case $how in
		*proxy)	;;
		*)	same "$how: received" 6 \
			    "$(value bytes_received "$T/objects")" ;;
		esac
		holds "$how: remote" "$(value remote "$T/objects")" 127.0.0.1:
		same "$how: local" "\"127.0.0.1:$PORT\"" \
		    "$(value local "$T/objects" | sed 's/::ffff://; s/\[::1\]/127.0.0.1/')"
		valid "$how" "$T/objects"
	done
	stop target
}

test_datagrams_have_objects_too()
{
	for how in --echo "-c cat"; do
		free_port
		launch_udp listener "$NC" -u -l -k $how --stats=json 127.0.0.1 \
		    "$PORT" </dev/null
		start peer "$TOOLS/peer" "udp-connect:$PORT" send:hello \
		    recv-dgram
		peer_done
		stop listener
		same "$how: received" 5 \
		    "$(value bytes_received "$T/listener.err")"
		same "$how: protocol" '"udp"' \
		    "$(value protocol "$T/listener.err")"
		lacks "$how" "$(cat "$T/listener.err")" tcp_info
		valid "$how" "$T/listener.err"
	done
}

test_the_status_is_that_of_the_command()
{
	listener -k --stats=json -c 'cat; exit 3' </dev/null
	client send:hello fin recv-eof
	waitfor "text:$T/listener.err:bytes_received\":5"
	same "status" 3 "$(value status "$T/listener.err")"
	same "end" '"eof"' "$(value end "$T/listener.err")"
	stop listener
}

# --- how a session ends -----------------------------------------------------

# The last object, and the exit status that it predicts.
ended()	# WHAT END STATUS
{
	same "$1: end" "\"$2\"" "$(value end "$T/run.err")"
	same "$1: status" "$3" "$(value status "$T/run.err")"
	same "$1: exit status" "$3" "$RC"
	valid "$1" "$T/run.err"
}

test_a_session_that_quits_after_its_input_ends_by_eof()
{
	serve accept recv-end
	run "$NC" --stats=json -q 0 127.0.0.1 "$PORT" </dev/null
	ended "-q" eof 0
	peer_done
}

test_a_limit_of_time_is_a_timeout()
{
	hold
	serve accept recv-end
	run "$NC" --stats=json --idle-timeout 100ms 127.0.0.1 "$PORT" \
	    <"$T/idle"
	ended "--idle-timeout" timeout 0
	peer_done
	serve accept recv-end
	run "$NC" --stats=json --deadline 5 127.0.0.1 "$PORT" <"$T/idle"
	ended "--deadline" timeout 1
	peer_done
}

test_a_peer_that_resets_is_a_reset()
{
	hold
	serve accept send:hello "await:$T/go" rst
	start run "$NC" --stats=json 127.0.0.1 "$PORT" <"$T/idle"
	waitfor "text:$T/run.out:hello"
	touch "$T/go"
	finish run
	ended "a reset" reset 1
	peer_done
	serve accept recv-end
	run "$NC" --stats=json --reset-after 5 127.0.0.1 "$PORT" \
	    <"$(bytes 10)"
	same "--reset-after: end" '"reset"' "$(value end "$T/run.err")"
	same "--reset-after: dropped" 5 "$(value bytes_dropped "$T/run.err")"
	peer_done
}

test_a_signal_is_a_signal()
{
	hold
	serve accept send:hello recv-end
	start run "$NC" --stats=json 127.0.0.1 "$PORT" <"$T/idle"
	waitfor "text:$T/run.out:hello"
	stop run
	ended "TERM" signal 143
}

test_a_number_of_reads_is_a_limit()
{
	hold
	serve accept send:hello recv-end
	run "$NC" --stats=json -W 1 127.0.0.1 "$PORT" <"$T/idle"
	ended "-W" limit 0
	peer_done
}

test_any_other_failure_is_an_error()
{
	[ -w /dev/full ] || { skip "no /dev/full"; return; }
	serve accept send:hello recv-end
	run sh -c '"$0" --stats=json 127.0.0.1 "$1" >/dev/full' \
	    "$NC" "$PORT" </dev/null
	ended "a full disk" error 1
	same "lost" 5 "$(value bytes_lost "$T/run.err")"
	peer_done
}

test_a_target_that_cannot_be_reached_is_an_error()
{
	listener --stats=json --forward "127.0.0.1:$(closed_port)" </dev/null
	client recv-end
	finish listener
	sed '/^{/!d' "$T/listener.err" >"$T/run.err"
	ended "no target" error 1
}

# --- what is no text --------------------------------------------------------

test_any_name_of_a_socket_gives_valid_json()
{
	name=$(printf 'a"\\\303\251\377\001\177\360\237\230\200 b')
	start peer "$TOOLS/peer" "ulisten:$T/$name" accept recv-eof
	waitfor "unix:$T/$name"
	run_gives 0 "$NC" --stats=json -N -U "$T/$name" <"$(bytes 5)"
	peer_done
	one_line "stderr" "$ERR"
	holds "remote" "$ERR" \
	    '/a\"\\\u00e9\ufffd\u0001\ufffd\ud83d\ude00 b","protocol":"unix"'
	same "local" null "$(value local "$T/run.err")"
	valid "a name" "$T/run.err"
}

test_tls_is_an_object()
{
	need_tls ca server || return 0
	tls_listener server -k --echo --stats=json --tls-alpn x </dev/null
	printf hello >"$T/in"
	tls_run --stats=json --tls-alpn x <"$T/in"
	same "exit status" 0 "$RC"
	f=$T/run.err
	waitfor "text:$T/listener.err:{"
	for f in "$T/run.err" "$T/listener.err"; do
		same "version" '"TLSv1.3"' "$(value version "$f")"
		holds "cipher" "$(value cipher "$f")" TLS_
		same "alpn" '"x"' "$(value alpn "$f")"
		same "received" 5 "$(value bytes_received "$f")"
		valid "$f" "$f"
	done
	same "the server's certificate" \
	    "$(openssl x509 -in "$CERTS/server.pem" -noout -fingerprint \
	    -sha256 | sed 's/.*=//; s/://g' | tr A-F a-f)" \
	    "$(value sha256 "$T/run.err" | tr -d '"')"
	same "it is verified" true "$(value verified "$T/run.err")"
	same "the client has none" null \
	    "$(value certificate "$T/listener.err")"
	stop listener
}

# --- the command line -------------------------------------------------------

test_another_word_is_refused()
{
	refuses "json" --stats=xml 127.0.0.1 1
	holds "--explain" "$("$NC" --stats=json --explain 127.0.0.1 1)" \
	    "report: metrics of each session as JSON, to standard error"
}

run_tests "$@"
