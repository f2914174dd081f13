#!/bin/sh
# What moves bytes does so within TLS: commands, many clients, rooms, frames,
# proxies, waits; and what looks at bytes sees those of the user.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_tls.sh"
. "$(dirname "$0")/lib_proxy.sh"

need()
{
	need_tls "$@" && need_tls_peer
}

# --- commands ---------------------------------------------------------------------------

test_a_command_talks_to_the_client()
{
	need server || return 0
	for how in "-e cat" "-c cat" "-k -e cat" "-k --max-conns 3 -c cat"; do
		tls_listener server $how </dev/null
		for n in 1 2; do
			tls_client hello "send:hello $n" notify recv-notify \
			    "expect:hello $n"
			case $how in
			-k*) ;;
			*)	break ;;
			esac
		done
		[ "${how#-k}" = "$how" ] || kill_it listener
		finish listener
		same "$how: stderr" "" "$ERR"
	done
}

test_a_client_s_command_talks_to_the_server()
{
	need ca server || return 0
	tls_serve cert:server accept hello send:question notify \
	    recv-notify expect:question
	tls_run -e cat </dev/null
	same "exit status, with <$ERR>" 0 "$RC"
	peer_done
}

test_a_command_gets_large_data_whole_and_the_end()
{
	need server || return 0
	file=$(bytes 3000000)
	tls_listener server -c 'sha256sum' </dev/null
	tls_client hello "send-file:$file" notify recv-notify print
	same "digest" "$(sha256sum <"$file")" "$PEER"
	exits listener 0
	tls_listener server -c "cat '$file'" </dev/null
	tls_client hello recv-notify "expect-file:$file"
	exits listener 0
}

test_a_command_s_client_that_is_cut_off_is_told_of()
{
	need server || return 0
	tls_listener server -k -c 'cat >/dev/null' </dev/null
	tls_client hello send:part fin recv-end
	waitfor "text:$T/listener.err:without ending TLS"
	tls_client hello send:whole notify recv-notify
	look_at listener
	one_line "stderr" "$ERR"
}

# --- many clients -------------------------------------------------------------------------

test_echo_returns_what_comes()
{
	need server || return 0
	tls_listener server -k --echo </dev/null
	for n in 1 2 3; do
		tls_guest "c$n" hello "send:from $n" "until:from $n" \
		    "touch:$T/in$n" "await:$T/in1" "await:$T/in2" \
		    "await:$T/in3" notify recv-notify
	done
	for n in 1 2 3; do
		guest_done "c$n"
	done
	file=$(bytes 1000003)
	tls_client hello "swap:$file:$T/back"
	same_file "echo" "$file" "$T/back"
	same "stderr" "" "$(cat "$T/listener.err")"
}

test_k_serves_one_after_the_other()
{
	need server || return 0
	tls_listener server -k </dev/null
	for n in 1 2 3; do
		tls_client hello "send:<$n>" notify recv-end
		waitfor "text:$T/listener.out:<$n>"
	done
	same "stdout" "<1><2><3>" "$(cat "$T/listener.out")"
	same "stderr" "" "$(cat "$T/listener.err")"
}

test_joined_clients_share_the_standard_streams()
{
	need server || return 0
	hold
	tls_listener server -k --max-conns 5 --stdin=all <"$T/idle"
	for n in 1 2 3; do
		tls_guest "c$n" hello "send:I am $n\n" 'until:all\n' notify
		waitfor "text:$T/listener.out:I am $n"
	done
	echo "to all" >&9
	for n in 1 2 3; do
		guest_done "c$n"
	done
	waits listener
}

test_a_broker_passes_on_to_the_others()
{
	need server || return 0
	hold
	tls_listener server -k --broker <"$T/idle"
	tls_guest one hello 'send:one\n' 'until:two\n' notify recv-end
	waitfor "text:$T/listener.out:one"
	tls_guest two hello 'send:two\n' "await:$T/over" 'until:room\n' notify
	guest_done one
	echo "from the room" >&9
	touch "$T/over"
	guest_done two
}

test_a_room_talks()
{
	need server || return 0
	hold
	tls_listener server -k --talk <"$T/idle"
	tls_guest one hello 'until:more\n' "touch:$T/one" \
	    'until:<user2> hello\n' notify recv-end
	waitfor "file:$T/one"
	tls_guest two hello 'until:more\n' 'send:hello\n' notify recv-end
	guest_done one
	guest_done two
	waitfor "text:$T/listener.out:<user2> hello"
}

test_a_member_that_sleeps_delays_no_other()
{
	need server || return 0
	hold
	tls_listener server -k --broker <"$T/idle"
	tls_guest asleep hello 'send:I sleep\n' "await:$T/over"
	waitfor "text:$T/listener.out:I sleep"
	tls_guest awake hello 'send:awake\n' deadline-ms:60000 \
	    'until:the end\n' notify
	waitfor "text:$T/listener.out:awake"
	file=$(bytes 6000000)
	tls_guest sender deadline-ms:60000 hello "send-file:$file" \
	    'send:the end\n' "await:$T/over"
	finish awake 60
	same "exit status of the reader, with <$ERR>" 0 "$RC"
	touch "$T/over"
}

# --- frames ---------------------------------------------------------------------------

test_messages_are_framed_within_tls()
{
	need ca server || return 0
	printf 'one\n\ntwo\n' >"$T/in"
	tls_serve cert:server accept hello recv-notify \
	    'expect:3:one,0:,3:two,' 'send:5:three,4:four,' notify
	tls_run --framing=netstring <"$T/in"
	same "exit status, with <$ERR>" 0 "$RC"
	same "stdout" "$(printf 'three\nfour')" "$OUT"
	peer_done
}

# --- proxies ---------------------------------------------------------------------------

test_tls_goes_through_each_kind_of_proxy()
{
	need ca server || return 0
	echo hello >"$T/in"
	for kind in socks4 socks5 http; do
		proxy "$kind"
		tls_serve cert:server accept hello facts 'until:hello\n' \
		    send:welcome notify
		case $kind in
		socks4)	set -- -X 4 ;;
		socks5)	set -- -X 5 ;;
		http)	set -- -X connect ;;
		esac
		run "$NC" --tls --tls-ca "$CERTS/ca.pem" "$@" -x "$PROXY" \
		    127.0.0.1 "$PORT" <"$T/in"
		same "$kind: exit status, with <$ERR>" 0 "$RC"
		same "$kind: stdout" welcome "$OUT"
		peer_done
		stop proxy
	done
}

# The name that is verified is that of the target, not of the proxy.
test_behind_a_proxy_the_target_is_verified()
{
	need ca named || return 0
	for case in "$TLS_NAME:0" other.test:1; do
		proxy http
		tls_serve cert:named accept "hello" facts send:hi notify
		run "$NC" --tls --tls-ca "$CERTS/ca.pem" -X connect -x \
		    "$PROXY" "${case%:*}" "$PORT" </dev/null
		same "${case%:*}: exit status, with <$ERR>" "${case#*:}" "$RC"
		finish peer
		[ "${case#*:}" = 1 ] || holds "facts" "$OUT" "sni $TLS_NAME "
		stop proxy
	done
}

# --- waits -------------------------------------------------------------------------------

test_wait_for_waits_until_a_handshake_succeeds()
{
	need ca server || return 0
	tls_serve cert:server accept close accept hello recv-end
	run "$NC" --wait-for --tls --tls-ca "$CERTS/ca.pem" --retry-delay \
	    20ms 127.0.0.1 "$PORT" </dev/null
	same "exit status, with <$ERR>" 0 "$RC"
	peer_done
}

test_wait_for_does_not_take_an_open_port_for_tls()
{
	need_tls || return 0
	serve accept "await:$T/over"
	timed "$NC" --wait-for --tls --tls-insecure --deadline 1 127.0.0.1 \
	    "$PORT" </dev/null
	same "exit status" 1 "$RC"
	at_least "milliseconds" 990 "$MS"
	touch "$T/over"
}

test_a_connection_that_ends_in_the_handshake_is_tried_again()
{
	need ca server || return 0
	tls_serve cert:server accept close accept hello send:hi notify \
	    recv-end
	run "$NC" --tls --tls-ca "$CERTS/ca.pem" --retry 3 --retry-delay \
	    20ms 127.0.0.1 "$PORT" </dev/null
	same "exit status, with <$ERR>" 0 "$RC"
	same "stdout" hi "$OUT"
	peer_done
}

# A refusal of ours is not cured by another try.
test_a_wrong_certificate_is_not_tried_again()
{
	need ca strange || return 0
	tls_serve cert:strange accept refused touch:"$T/refused"
	run "$NC" --tls --tls-ca "$CERTS/ca.pem" --retry 2 --retry-delay \
	    20ms 127.0.0.1 "$PORT" </dev/null
	fails_with_one_line 1
}

test_a_silence_limit_holds_within_tls()
{
	need ca server || return 0
	hold
	tls_serve cert:server accept hello send:hi "await:$T/over"
	start run "$NC" --tls --tls-ca "$CERTS/ca.pem" -w 1 127.0.0.1 \
	    "$PORT" <"$T/idle"
	finish run
	same "stdout" hi "$OUT"
	same "exit status" 0 "$RC"
	touch "$T/over"
}

test_q_ends_after_the_end_of_the_input()
{
	need ca server || return 0
	printf ping >"$T/in"
	tls_serve cert:server accept hello recv-notify expect:ping \
	    "await:$T/over"
	timed "$NC" --tls --tls-ca "$CERTS/ca.pem" -q 1 127.0.0.1 "$PORT" \
	    <"$T/in"
	same "exit status" 0 "$RC"
	at_least "milliseconds" 950 "$MS"
	touch "$T/over"
	peer_done
}

test_limits_of_servers_hold_within_tls()
{
	need server || return 0
	for limit in "--idle-timeout 3" "--session-timeout 3"; do
		for how in --echo "-c cat"; do
			tls_listener server -k $limit $how </dev/null
			began=$(waitfor ms)
			tls_client hello send:hi until:hi recv-end
			MS=$(($(waitfor ms) - began))
			at_least "$limit $how: milliseconds" 2950 "$MS"
			stop listener
		done
	done
}

# --- what looks at bytes -----------------------------------------------------------------

test_the_dumps_show_what_the_user_sees()
{
	need ca server || return 0
	printf 'GET /\n' >"$T/in"
	tls_serve cert:server accept hello 'until:\n' send:hello notify
	tls_run -o "$T/dump" <"$T/in"
	same "exit status" 0 "$RC"
	cat >"$T/want" <<-'EOT'
	> 00000000 47 45 54 20 2f 0a                               # GET /.
	< 00000000 68 65 6c 6c 6f                                  # hello
	EOT
	same_file "dump" "$T/want" "$T/dump"
	peer_done
}

test_line_ends_are_made_before_they_are_encrypted()
{
	need ca server || return 0
	printf 'one\ntwo\n' >"$T/in"
	tls_serve cert:server accept hello recv-notify \
	    'expect:one\r\ntwo\r\n' notify
	tls_run -C <"$T/in"
	same "exit status" 0 "$RC"
	peer_done
}

test_figures_count_the_bytes_of_the_user()
{
	need ca server || return 0
	tls_serve cert:server accept hello recv-notify send:answer notify
	tls_run --stats --tcp-info "$T/info" <"$(bytes 100000)"
	same "exit status" 0 "$RC"
	holds "stderr" "$ERR" " sent=100000 "
	holds "stderr" "$ERR" " received=6 "
	true_that "there are figures of TCP" [ -s "$T/info" ]
	peer_done
}

# --- one way --------------------------------------------------------------------------

test_one_way_options_hold_within_tls()
{
	need ca server || return 0
	printf ping >"$T/in"
	# Whoever only sends may be gone before a close_notify comes back.
	tls_serve cert:server accept hello send:hello "touch:$T/said" \
	    recv-notify expect:ping
	hold
	start run "$NC" --tls --tls-ca "$CERTS/ca.pem" --send-only 127.0.0.1 \
	    "$PORT" <"$T/idle"
	waitfor "file:$T/said"
	printf ping >&9
	release
	exits run 0
	same "stdout" "" "$OUT"
	peer_done
	tls_serve cert:server accept hello send:hello notify recv-end expect:
	tls_run --recv-only <"$T/in"
	same "exit status" 0 "$RC"
	same "stdout" hello "$OUT"
	peer_done
}

test_a_socket_that_was_given_is_secured()
{
	need server || return 0
	start listener "$TOOLS/given" "accepted:$T/port" onto:0,1 -- "$NC" \
	    --inetd --tls --tls-cert "$CERTS/server.pem" --tls-key \
	    "$CERTS/server.key" -c cat
	waitfor "file:$T/port"
	PORT=$(cat "$T/port")
	tls_client hello send:hello notify recv-notify expect:hello
	finish listener
	same "exit status, with <$ERR>" 0 "$RC"
}

test_passing_the_socket_on_is_refused()
{
	need_tls || return 0
	refuses tls --tls -F 127.0.0.1 1
}

run_tests "$@"
