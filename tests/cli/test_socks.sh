#!/bin/sh
# Connecting through a SOCKS proxy.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_proxy.sh"

# A conversation with what is behind the proxy.
talk()	# ARG...
{
	printf question >"$T/in"
	through "$@" <"$T/in"
	same "exit status" 0 "$RC"
}

# OpenBSD's nc waits for its input to end the connection.
half_closes()
{
	case $SUBJECT in nc|real) echo -N ;; *ncat) ;; *) echo -N ;; esac
}

test_the_proxy_looks_the_name_up()
{
	over native nc real ncat real-ncat || return 0
	serve $PEER_SCRIPT
	proxy socks5
	talk $(half_closes) example.test "$PORT" </dev/null
	same "output" welcomeanswer "$OUT"
	same "the proxy" "name example.test P" "$(proxy_heard)"
}

test_an_address_is_sent_as_an_address()
{
	over native nc real ncat real-ncat || return 0
	serve $PEER_SCRIPT
	proxy socks5
	talk $(half_closes) 127.0.0.9 "$PORT"
	same "output" welcomeanswer "$OUT"
	same "the proxy" "ask 127.0.0.9 P" "$(proxy_heard)"
}

test_version_4_is_sent_the_address_of_a_name()
{
	over native nc real || return 0
	serve $PEER_SCRIPT
	proxy socks4
	talk -N localhost "$PORT"
	same "output" welcomeanswer "$OUT"
	same "the proxy" "user 
ask 127.0.0.1 P" "$(proxy_heard)"
}

test_version_4a_is_sent_the_name()
{
	over native ncat real-ncat || return 0
	serve $PEER_SCRIPT
	proxy socks4
	case $SUBJECT in
	native)	talk -X 4a -P joe -N example.test "$PORT" ;;
	*)	talk --proxy-auth joe example.test "$PORT" ;;
	esac
	same "output" welcomeanswer "$OUT"
	same "the proxy" "user joe
name example.test P" "$(proxy_heard)"
}

test_a_user_and_a_password_are_given_when_wanted()
{
	over native nc ncat real-ncat || return 0
	serve $PEER_SCRIPT
	proxy socks5 login:joe:p:w
	talk $(half_closes) --proxy-auth joe:p:w example.test "$PORT"
	same "output" welcomeanswer "$OUT"
	same "the proxy" "user joe
password p:w
name example.test P" "$(proxy_heard)"
}

test_a_wrong_password_is_told()
{
	over native nc ncat real-ncat || return 0
	PORT=$NOWHERE
	proxy socks5 login:joe:pw
	through --proxy-auth joe:no example.test "$PORT" </dev/null
	same "exit status" 1 "$RC"
	case $SUBJECT in
	native)	holds "words" "$ERR" "failed: wrong user or password" ;;
	nc)	same "words" "nc: authentication method negotiation failed" \
		    "$ERR" ;;
	*)	same "words" "Ncat: Error: authentication failed." "$ERR" ;;
	esac
}

test_the_password_is_asked_for_on_the_terminal()
{
	serve $PEER_SCRIPT
	proxy socks5 login:joe:secret
	printf question >"$T/in"
	start run "$TOOLS/ptyrun" on=2 "see=Proxy password for joe@127.0.0.1: " \
	    'type=secret\n' -- "$NC" -P joe -x "$PROXY" -N h "$PORT" <"$T/in"
	exits run 0
	holds "the answer" "$OUT" welcome
	holds "the answer" "$OUT" answer
	lacks "the terminal" "$OUT" secret
}

test_a_refusal_is_told_with_its_reason()
{
	over native nc real ncat real-ncat || return 0
	PORT=$NOWHERE
	proxy socks5 refuse:5
	through example.test "$PORT" </dev/null
	same "exit status" 1 "$RC"
	case $SUBJECT in
	native)	same "words" "sockcat: connect to example.test port P (tcp) \
through ${PROXY%:*} port ${PROXY#*:} failed: connection refused" "$ERR" ;;
	*ncat)	same "words" "Ncat: Error: Connection refused." "$ERR" ;;
	*)	same "words" "nc: connection failed, SOCKSv5 error: \
Connection refused" "$ERR" ;;
	esac
}

test_a_refusal_of_version_4_is_told_with_its_reason()
{
	over native nc real ncat real-ncat || return 0
	PORT=$NOWHERE
	proxy socks4 refuse:92
	through 127.0.0.1 "$PORT" </dev/null
	same "exit status" 1 "$RC"
	case $SUBJECT in
	native)	holds "words" "$ERR" "failed: it cannot ask identd here" ;;
	*ncat)	same "words" "Ncat: Proxy connection failed." "$ERR" ;;
	*)	same "words" "nc: connection failed, SOCKSv4 error: \
SOCKS server cannot connect to identd on the client" "$ERR" ;;
	esac
}

test_what_is_glued_to_the_reply_is_not_lost()
{
	over native nc ncat || return 0
	for words in "glue:HELLO" "glue:HELLO split named"; do
		serve $PEER_SCRIPT
		proxy socks5 $words
		talk $(half_closes) example.test "$PORT"
		same "output with $words" HELLOwelcomeanswer "$OUT"
	done
}

test_what_is_glued_to_the_reply_goes_to_a_command()
{
	over native nc ncat || return 0
	serve accept send:more until:HELLOmore fin recv-eof
	proxy socks5 glue:HELLO
	through -c 'cat' example.test "$PORT"
	same "exit status" 0 "$RC"
	peer_done
}

test_many_bytes_pass_unchanged()
{
	over native nc ncat || return 0
	serve accept send-file:"$(bytes 3000000)" fin recv-eof
	proxy socks4 glue:HELLO
	through 127.0.0.1 "$PORT" </dev/null
	same "exit status" 0 "$RC"
	{ printf HELLO; cat "$(bytes 3000000)"; } >"$T/want"
	same_file "what came" "$T/want" "$T/run.out"
}

test_a_probe_goes_through_and_tells_no_address()
{
	over native nc real || return 0
	serve accept recv-eof
	proxy socks5
	through -v -z localhost "$PORT"
	same "exit status" 0 "$RC"
	same "words" "Connection to localhost P port [tcp/*] succeeded!" "$ERR"
}

test_a_proxy_that_is_not_there_is_blamed()
{
	over native nc real ncat real-ncat || return 0
	PORT=$(closed_port)
	PROXY=127.0.0.1:$PORT
	KIND=socks5
	through -v example.test 1 </dev/null
	same "exit status" 1 "$RC"
	case $SUBJECT in
	native)	same "words" "sockcat: connect to proxy 127.0.0.1 port P (tcp) \
failed: Connection refused" "$ERR" ;;
	*ncat)	holds "words" "$ERR" \
		    "Ncat: Proxy connection failed: Connection refused." ;;
	*)	same "words" "nc: connect to 127.0.0.1 port P (tcp) failed: \
Connection refused" "$ERR" ;;
	esac
}

test_a_proxy_that_makes_no_sense_is_given_up()
{
	over native nc ncat || return 0
	PORT=$NOWHERE
	for raw in '\x04\x5a\x00\x00' 'HTTP/1.0 400 Bad\r\n\r\n' '\x05\x00\x00\x07' \
	    '\x05\x09\x00\x01' '\x05\x63\x00\x00'; do
		proxy socks5 "raw:$raw"
		through -w 60 example.test "$PORT" </dev/null
		same "exit status of $raw" 1 "$RC"
		one_line "$raw" "$ERR"
		kill_it proxy
	done
	proxy socks5 leave
	through example.test "$PORT" </dev/null
	same "exit status" 1 "$RC"
	one_line "leaving" "$ERR"
}

test_a_dripping_proxy_is_cut_off()
{
	over native nc || return 0
	PORT=$NOWHERE
	proxy socks5 drip:200
	began=$(waitfor ms)
	through --connect-timeout=500ms example.test "$PORT" </dev/null
	same "exit status" 1 "$RC"
	one_line "words" "$ERR"
	holds "words" "$ERR" "timed out"
	at_least "milliseconds" 500 $(($(waitfor ms) - began))
}

test_names_that_could_break_out_are_not_sent()
{
	over native nc ncat || return 0
	PORT=$NOWHERE
	proxy socks5
	long=$(head -c 300 /dev/zero | tr '\0' a)
	for name in "a
b" "$long" "a b" "" "a]" "a:80"; do
		through -- "$name" "$PORT" </dev/null
		true_that "exit status $RC of <$name>" [ "$RC" -eq 1 -o \
		    "$RC" -eq 2 ]
		one_line "$name" "$ERR"
	done
	for auth in "$long:pw" "joe:$long" "j
oe:pw" "joe:p
w"; do
		through --proxy-auth "$auth" h "$PORT" </dev/null
		true_that "exit status $RC of <$auth>" [ "$RC" -eq 1 -o \
		    "$RC" -eq 2 ]
		one_line "$auth" "$ERR"
	done
	same "the proxy" "" "$(proxy_heard)"
}

run_tests "$@"
