#!/bin/sh
# Files that are read before anything else may be FIFOs: they wait for their
# writer, and for nothing longer than a signal or the deadline allow.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_tls.sh"

# Calls the function with the options that name the FIFO.
each_way()	# FUNCTION [ARG...]
{
	"$@" -l --talk --password-file "$T/fifo" 127.0.0.1 "$PORT"
	"$@" -l --allowfile "$T/fifo" 127.0.0.1 "$PORT"
	"$@" --proxy 127.0.0.1:9 --proxy-auth-file "$T/fifo" a 1
	[ -n "$HAS_TLS" ] || return 0
	"$@" -l --tls --tls-cert "$CERTS/server.pem" --tls-key "$T/fifo" \
	    127.0.0.1 "$PORT"
	"$@" -l --tls --tls-cert "$T/fifo" 127.0.0.1 "$PORT"
	"$@" -l --tls --tls-cert "$CERTS/server.pem" \
	    --tls-key "$CERTS/server.key" --tls-client-ca "$T/fifo" \
	    127.0.0.1 "$PORT"
	"$@" --tls --tls-ca "$T/fifo" 127.0.0.1 "$PORT"
	"$@" --tls --tls-crl "$T/fifo" 127.0.0.1 "$PORT"
	"$@" -l -k --forward tls:127.0.0.1:9 --tls-ca "$T/fifo" 127.0.0.1 \
	    "$PORT"
	"$@" -l -k --tls --forward 127.0.0.1:9 --listen-tls-cert "$T/fifo" \
	    127.0.0.1 "$PORT"
}

begin_fifo()
{
	HAS_TLS=
	if "$SOCKCAT" --version | grep -q '^TLS: [^n]' && need_tls server; then
		HAS_TLS=yes
	fi
	mkfifo "$T/fifo"
	free_port
}

waits_until()	# SIGNAL STATUS OPTION...
{
	waits_for=$1
	waits_status=$2
	shift 2
	start reader "$TOOLS/fdctl" signals -- "$NC" "$@" </dev/null
	waits reader
	stop reader "$waits_for"
	same "exit status ($waits_for $*)" "$waits_status" "$RC"
	same "stderr ($waits_for $*)" "" "$ERR"
}

test_a_signal_ends_the_wait_for_the_writer_of_a_fifo()
{
	begin_fifo
	each_way waits_until TERM 143
	each_way waits_until INT 130
}

waits_for_the_deadline()	# OPTION...
{
	timed "$NC" --deadline 300ms "$@" </dev/null
	same "exit status ($*)" 1 "$RC"
	same "stderr ($*)" \
	    "${NC##*/}: the deadline of 0.3 s has passed" "$ERR"
	at_least "milliseconds ($*)" 295 "$MS"
}

test_the_deadline_ends_the_wait_for_the_writer_of_a_fifo()
{
	begin_fifo
	each_way waits_for_the_deadline
}

# A writer that writes nothing is as silent as none.
test_a_writer_that_writes_nothing_is_not_waited_for_either()
{
	begin_fifo
	exec 6<>"$T/fifo"
	each_way waits_until TERM 143
	each_way waits_for_the_deadline
	exec 6>&-
}

# The program waits before the writer comes.
feeds()	# FILE
{
	waits listener
	cat "$1" >"$T/fifo"
	waitfor "tcp:$PORT"
}

test_a_key_may_come_from_a_fifo_later()
{
	begin_fifo
	[ -n "$HAS_TLS" ] || { skip "no TLS"; return 0; }
	start listener "$NC" --deadline 60s --tls --tls-key "$T/fifo" \
	    --tls-cert "$CERTS/server.pem" -N -l 127.0.0.1 "$PORT" </dev/null
	feeds "$CERTS/server.key"
	echo hello >"$T/in"
	run "$NC" -N --tls --tls-ca "$CERTS/ca.pem" 127.0.0.1 "$PORT" <"$T/in"
	same "exit status" 0 "$RC"
	finish listener
	same "exit status of the listener" 0 "$RC"
	same "what came" "hello" "$OUT"
}

test_a_log_that_is_a_fifo_without_a_reader_is_an_error()
{
	begin_fifo
	[ -n "$HAS_TLS" ] || { skip "no TLS"; return 0; }
	run "$NC" --tls --tls-keylog "$T/fifo" 127.0.0.1 "$PORT" </dev/null
	same "exit status" 1 "$RC"
	same "stderr" "${NC##*/}: write $T/fifo failed: No such device or address" \
	    "$ERR"
}

# What is needed twice is read once.
listens_fed_by()	# FILE OPTION...
{
	fed_by=$1
	shift
	free_port
	start listener "$NC" --deadline 60s --tls "$@" -l 127.0.0.1 "$PORT" \
	    </dev/null
	feeds "$fed_by"
	stop listener
	same "exit status ($*)" 143 "$RC"
}

test_a_file_for_two_purposes_may_come_from_a_fifo()
{
	begin_fifo
	[ -n "$HAS_TLS" ] || { skip "no TLS"; return 0; }
	cat "$CERTS/server.key" "$CERTS/server.pem" >"$T/both"
	listens_fed_by "$T/both" --tls-cert "$T/fifo"
	listens_fed_by "$CERTS/ca.pem" --tls-client-ca "$T/fifo" \
	    --tls-cert "$CERTS/server.pem" --tls-key "$CERTS/server.key"
}

test_the_authorities_may_come_from_a_fifo_later()
{
	begin_fifo
	[ -n "$HAS_TLS" ] || { skip "no TLS"; return 0; }
	launch server "$NC" -N --tls --tls-key "$CERTS/server.key" \
	    --tls-cert "$CERTS/server.pem" -l 127.0.0.1 "$PORT" </dev/null
	start listener "$NC" -N --tls --tls-ca "$T/fifo" 127.0.0.1 "$PORT" \
	    </dev/null
	feeds "$CERTS/ca.pem"
	exits listener 0
	finish server
	same "exit status of the server" 0 "$RC"
}

test_a_list_of_clients_may_come_from_a_fifo_later()
{
	begin_fifo
	echo 127.0.0.1 >"$T/list"
	start listener "$NC" --deadline 60s --allowfile "$T/fifo" \
	    -l 127.0.0.1 "$PORT" </dev/null
	feeds "$T/list"
	client 'send:hello' fin recv-eof
	exits listener 0
	same "what came" "hello" "$OUT"
}

test_a_login_may_come_from_a_fifo_later()
{
	begin_fifo
	echo user:secret >"$T/login"
	start listener "$NC" --deadline 60s --proxy-auth-file "$T/fifo" \
	    -l -k --serve-proxy 127.0.0.1 "$PORT" </dev/null
	feeds "$T/login"
	run_gives 1 "$NC" --proxy "127.0.0.1:$PORT" a 1 </dev/null
	stop listener
	same "exit status of the proxy" 143 "$RC"
}

test_a_password_may_come_from_a_fifo_later()
{
	begin_fifo
	echo secret >"$T/password"
	chmod 600 "$T/fifo"
	start listener "$NC" --deadline 60s --password-file "$T/fifo" \
	    -l --talk 127.0.0.1 "$PORT" </dev/null
	feeds "$T/password"
	stop listener
	same "exit status" 143 "$RC"
}

run_tests "$@"
