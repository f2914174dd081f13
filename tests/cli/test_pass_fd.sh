#!/bin/sh
# -F passes the connected socket to whoever holds standard output.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_proxy.sh"

# Run the subject so that its socket is taken; what is said through it comes
# back from the peer.
take()	# WORD... -- OPTION...
{
	words=
	while [ "$1" != -- ]; do
		words="$words $1"
		shift
	done
	shift
	run "$TOOLS/takefd" $words -- "$NC" -F "$@" </dev/null
}

test_the_connected_socket_is_passed_on()
{
	over native nc real || return 0
	serve accept send:hello until:question recv-eof send:bye fin
	take send:question -- 127.0.0.1 "$PORT"
	same "exit status" 0 "$RC"
	same "stderr" "" "$ERR"
	same "what came" "$(printf 'stream nonblock\nhellobye')" "$OUT"
	peer_done
}

test_verbose_says_that_it_is_connected()
{
	over native nc real || return 0
	serve accept recv-eof
	take send:x -- -v 127.0.0.1 "$PORT"
	same "exit status" 0 "$RC"
	same "stderr" "Connection to 127.0.0.1 P port [tcp/*] succeeded!" \
	    "$ERR"
	peer_done
}

test_a_datagram_socket_is_passed_too()
{
	over native nc real || return 0
	serve_udp recv-dgram expect:x
	run_gives 0 "$TOOLS/takefd" -- "$NC" -F -u 127.0.0.1 "$PORT" </dev/null
	same "what came" "datagram nonblock" "$OUT"
}

# What is glued to the proxy's reply is for whoever takes the socket.
test_a_socket_behind_a_proxy_is_passed_too()
{
	over native nc || return 0
	for kind in socks4 socks5 http; do
		serve accept send:hello until:question send:bye fin recv-eof
		proxy "$kind"
		case $kind in
		socks4)	way='-X 4' ;;
		socks5)	way='-X 5' ;;
		http)	way='-X connect' ;;
		esac
		take send:question -- $way -x "$PROXY" 127.0.0.1 "$PORT"
		same "exit status ($kind)" 0 "$RC"
		same "what came ($kind)" \
		    "$(printf 'stream nonblock\nhellobye')" "$OUT"
		peer_done
	done
}

test_standard_output_that_is_no_socket_is_an_error()
{
	over native nc real || return 0
	serve accept recv-end
	run_gives 1 "$NC" -F 127.0.0.1 "$PORT" </dev/null
	same "stdout" "" "$OUT"
	holds "stderr" "$ERR" "Socket operation on non-socket"
	one_line "stderr" "$ERR"
	[ "$SUBJECT" = native ] || same "stderr" \
	    "nc: sendmsg: Socket operation on non-socket" "$ERR"
	peer_done
}

test_the_first_port_that_is_open_is_the_one()
{
	over native nc real || return 0
	closed=$(closed_port)
	serve accept recv-eof send:this fin
	take send:x -- 127.0.0.1 "$closed" "$PORT" "$PORT"
	same "exit status" 0 "$RC"
	same "what came" "$(printf 'stream nonblock\nthis')" "$OUT"
	peer_done
}

test_a_port_that_is_refused_passes_nothing()
{
	over native nc real || return 0
	PORT=$(closed_port)
	take -- 127.0.0.1 "$PORT"
	same "exit status" 1 "$RC"
	same "stdout" "" "$OUT"
	[ "$SUBJECT" = native ] || same "stderr" "" "$ERR"
}

test_a_taker_that_comes_late_is_waited_for()
{
	over native nc real || return 0
	serve accept recv-eof send:late fin
	take full send:x -- 127.0.0.1 "$PORT"
	same "exit status" 0 "$RC"
	same "what came" "$(printf 'stream nonblock\nlate')" "$OUT"
	peer_done
}

test_a_taker_that_has_gone_is_an_error()
{
	over native nc || return 0
	serve accept recv-end
	take gone -- 127.0.0.1 "$PORT"
	same "exit status" 1 "$RC"
	holds "stderr" "$ERR" "Broken pipe"
	one_line "stderr" "$ERR"
	peer_done
}

test_a_unix_socket_is_passed_by_sockcat_alone()
{
	over native nc real || return 0
	start peer "$TOOLS/peer" "ulisten:$T/s" "touch:$T/up" accept \
	    recv-eof send:unix fin
	waitfor "file:$T/up"
	take send:x -- -U "$T/s"
	if [ "$SUBJECT" = native ]; then
		same "exit status" 0 "$RC"
		same "what came" "$(printf 'stream nonblock\nunix')" "$OUT"
		peer_done
	else
		same "exit status" 1 "$RC"
		same "stderr" "nc: cannot use -F and -U" "$ERR"
	fi
}

test_nc_passes_it_with_z_too_as_the_original_does()
{
	over nc real || return 0
	serve accept recv-eof send:z fin
	take send:x -- -z 127.0.0.1 "$PORT"
	same "exit status" 0 "$RC"
	same "what came" "$(printf 'stream nonblock\nz')" "$OUT"
	peer_done
}

test_a_listener_of_nc_has_nothing_to_pass()
{
	over nc real || return 0
	listener -F </dev/null
	client send:hello fin recv-eof
	exits listener 0
	same "stdout" hello "$OUT"
}

test_what_makes_no_sense_with_it_is_refused()
{
	for with in "-l 1" "-z h 1" "-e cat h 1" "-c cat h 1" "--echo h 1" \
	    "--chat h 1" "--input=f h 1" "--inetd"; do
		run "$NC" -F $with </dev/null
		same "$with: exit status" 1 "$RC"
		holds "$with: stderr" "$ERR" "cannot use -F and"
		one_line "$with: stderr" "$ERR"
	done
}

run_tests "$@"
