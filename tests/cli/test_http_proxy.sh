#!/bin/sh
# Connecting through an HTTP proxy.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_proxy.sh"

talk()	# ARG...
{
	printf question >"$T/in"
	case $SUBJECT in *ncat) ;; *) set -- -N "$@" ;; esac
	through "$@" <"$T/in"
	same "exit status" 0 "$RC"
	holds "output" "$OUT" welcomeanswer
}

test_the_proxy_is_asked_to_connect()
{
	over native nc real ncat real-ncat || return 0
	serve $PEER_SCRIPT
	proxy http
	talk example.test "$PORT"
	same "the proxy" "name example.test P" "$(proxy_heard)"
}

test_an_address_of_ipv6_stands_in_brackets()
{
	over native nc real ncat real-ncat || return 0
	serve $PEER_SCRIPT
	proxy http
	talk ::1 "$PORT"
	same "the proxy" "name [::1] P" "$(proxy_heard)"
}

test_the_name_is_looked_up_where_it_is_said()
{
	over native nc ncat real-ncat || return 0
	serve $PEER_SCRIPT
	proxy http
	talk -4 --proxy-dns local localhost "$PORT"
	same "the proxy" "name 127.0.0.1 P" "$(proxy_heard)"
}

test_a_name_that_nobody_knows_is_not_asked_for()
{
	over native nc ncat real-ncat || return 0
	PORT=$NOWHERE
	proxy http
	through --proxy-dns none localhost "$PORT" </dev/null
	same "exit status" 1 "$RC"
	one_line "words" "$ERR"
	same "the proxy" "" "$(proxy_heard)"
}

test_a_refusal_is_told_in_its_own_words()
{
	over native nc real ncat real-ncat || return 0
	PORT=$NOWHERE
	proxy http "status:HTTP/1.0 403 Forbidden"
	through example.test "$PORT" </dev/null
	same "exit status" 1 "$RC"
	case $SUBJECT in
	native)	same "words" "sockcat: connect to example.test port P (tcp) \
through ${PROXY%:*} port ${PROXY#*:} failed: HTTP/1.0 403 Forbidden" "$ERR" ;;
	*ncat)	same "words" "Ncat: Proxy returned status code 403." "$ERR" ;;
	*)	same "words" 'nc: Proxy error: "HTTP/1.0 403 Forbidden"' \
		    "$ERR" ;;
	esac
}

test_a_refusal_cannot_control_the_terminal()
{
	over native nc ncat || return 0
	PORT=$NOWHERE
	proxy http "raw:HTTP/1.0 403 \\x1b[2J\\x07\\r\\n\\r\\n"
	through example.test "$PORT" </dev/null
	same "exit status" 1 "$RC"
	one_line "words" "$ERR"
	lacks "words" "$ERR" "$(printf '\033')"
}

# It waits for us to speak, and nobody would ever say any more.
test_what_is_no_http_proxy_is_told_at_once()
{
	over native nc real || return 0
	PORT=$NOWHERE
	proxy http "raw:SSH-2.0-OpenSSH_9\\r\\n"
	through example.test "$PORT" </dev/null
	same "exit status" 1 "$RC"
	case $SUBJECT in
	native)	holds "words" "$ERR" "failed: its reply is not HTTP: \
SSH-2.0-OpenSSH_9" ;;
	*)	same "words" 'nc: Proxy error: "SSH-2.0-OpenSSH_9"' "$ERR" ;;
	esac
}

test_who_asks_is_told_by_basic()
{
	over native nc ncat real-ncat || return 0
	serve $PEER_SCRIPT
	proxy http login:joe:pw
	talk --proxy-auth joe:pw example.test "$PORT"
	same "the proxy" "name example.test P
authorization Basic am9lOnB3
name example.test P" "$(proxy_heard)"
}

test_who_asks_may_stand_in_the_environment_of_ncat()
{
	over ncat real-ncat || return 0
	serve $PEER_SCRIPT
	proxy http login:joe:pw
	NCAT_PROXY_AUTH=joe:pw
	export NCAT_PROXY_AUTH
	talk example.test "$PORT"
	unset NCAT_PROXY_AUTH
	holds "the proxy" "$(proxy_heard)" "Basic am9lOnB3"
}

test_who_asks_is_told_over_the_same_connection_if_it_lasts()
{
	over native nc ncat || return 0
	for words in "keep" "keep chunked" "keep split"; do
		serve $PEER_SCRIPT
		proxy http login:joe:pw glue:HELLO $words
		talk --proxy-auth joe:pw example.test "$PORT"
		holds "output with $words" "$OUT" HELLO
		holds "the proxy" "$(proxy_heard)" "Basic am9lOnB3"
		kill_it proxy
	done
}

test_who_asks_is_told_by_digest()
{
	over native nc ncat real-ncat || return 0
	serve $PEER_SCRIPT
	proxy http login:joe:pw digest:
	talk --proxy-auth joe:pw example.test "$PORT"
	holds "the proxy" "$(proxy_heard)" \
	    "Digest username=\"joe\", realm=\"x\", nonce=\"n\", "
	lacks "the proxy" "$(proxy_heard)" am9lOnB3
	holds "the proxy" "$(proxy_heard)" "qop=auth"
}

test_who_asks_is_told_by_the_better_digest()
{
	over native nc ncat || return 0
	serve $PEER_SCRIPT
	proxy http login:joe:pw digest:SHA-256 keep
	talk --proxy-auth joe:pw example.test "$PORT"
	holds "the proxy" "$(proxy_heard)" "algorithm=SHA-256"
}

test_who_is_not_let_in_is_told()
{
	over native nc ncat real-ncat || return 0
	PORT=$NOWHERE
	proxy http login:
	through --proxy-auth joe:no h "$PORT" </dev/null
	same "exit status" 1 "$RC"
	case $SUBJECT in
	native)	holds "words" "$ERR" "failed: wrong user or password" ;;
	nc)	same "words" 'nc: Proxy error: "HTTP/1.1 407 Who asks"' \
		    "$ERR" ;;
	*)	same "words" "Ncat: Proxy returned status code 407." "$ERR" ;;
	esac
}

test_the_password_is_asked_for_on_the_terminal()
{
	over native nc real || return 0
	serve $PEER_SCRIPT
	proxy http login:joe:secret
	printf question >"$T/in"
	start run "$TOOLS/ptyrun" on=2 "see=Proxy password for joe@127.0.0.1: " \
	    'type=secret\n' -- \
	    "$NC" -P joe -X connect -x "$PROXY" -N h "$PORT" <"$T/in"
	exits run 0
	holds "the answer" "$OUT" welcome
	holds "the answer" "$OUT" answer
	lacks "the terminal" "$OUT" secret
	holds "the proxy" "$(proxy_heard)" "Basic am9lOnNlY3JldA=="
}

test_a_password_is_asked_for_three_times()
{
	over native nc || return 0
	PORT=$NOWHERE
	proxy http login:
	see='see=joe@127.0.0.1: '
	start run "$TOOLS/ptyrun" on=0,2 "$see" 'type=one\n' \
	    "$see" 'type=two\n' "$see" 'type=three\n' -- \
	    "$NC" -P joe -X connect -x "$PROXY" h "$PORT"
	exits run 1
	case $SUBJECT in
	nc)	holds "words" "$OUT" "Proxy authentication failed"
		holds "words" "$OUT" "nc: Too many authentication failures" ;;
	*)	holds "words" "$OUT" "failed: too many wrong passwords" ;;
	esac
}

test_without_a_terminal_there_is_no_password()
{
	over native nc real || return 0
	PORT=$NOWHERE
	[ -n "$SETSID" ] || { skip "no setsid"; return 0; }
	proxy http login:joe:pw
	run "$SETSID" -w "$NC" -P joe -X connect -x "$PROXY" h "$PORT" </dev/null
	same "exit status" 1 "$RC"
	case $SUBJECT in
	native)	holds "words" "$ERR" "it asks for a password (-P, --proxy-auth)" ;;
	*)	same "words" "nc: Unable to read proxy passphrase" "$ERR" ;;
	esac
}

test_a_header_without_end_is_cut_off()
{
	over native nc ncat || return 0
	PORT=$NOWHERE
	proxy http flood
	through -w 60 h "$PORT" </dev/null
	same "exit status" 1 "$RC"
	one_line "words" "$ERR"
}

test_a_proxy_that_leaves_is_told()
{
	over native nc real ncat real-ncat || return 0
	PORT=$NOWHERE
	proxy http leave
	through h "$PORT" </dev/null
	same "exit status" 1 "$RC"
	one_line "words" "$ERR"
}

test_a_dripping_proxy_is_cut_off()
{
	PORT=$NOWHERE
	proxy http drip:100
	began=$(waitfor ms)
	through --connect-timeout=400ms h "$PORT" </dev/null
	same "exit status" 1 "$RC"
	holds "words" "$ERR" "Connection timed out"
	at_least "milliseconds" 400 $(($(waitfor ms) - began))
}

test_nothing_gets_into_the_request_with_a_name()
{
	over native nc ncat || return 0
	PORT=$NOWHERE
	proxy http
	for name in "h
Evil: yes" "h$(printf '\r')" "h HTTP/1.0" "" "h]"; do
		through -- "$name" "$PORT" </dev/null
		true_that "exit status $RC of <$name>" [ "$RC" -eq 1 -o \
		    "$RC" -eq 2 ]
		one_line "$name" "$ERR"
	done
	same "the proxy" "" "$(proxy_heard)"
}

run_tests "$@"
