#!/bin/sh
# What one end of a relay sends, and how it ends, is what the other end sees:
# every order of the ends, resets, slow readers, much data both ways at once,
# one client or hundreds.
#
# RELAY_BYTES from the environment: how much is much, instead of 4 MiB.
# timeout: 240
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_tls.sh"
. "$(dirname "$0")/lib_relay.sh"

MUCH=${RELAY_BYTES:-4194304}
[ "$MUCH" -le 4194304 ] || ENDS="-t 120"

# --- every order of the ends --------------------------------------------------

test_ends_pass_in_every_order()
{
	relay
	{
		orders 0 0
		orders 1 0
		orders 0 70000
		orders 70000 1
		orders 300000 300000
	} >"$T/table"
	through
	same "stderr" "" "$(cat "$T/relay.err")"
}

test_much_data_both_ways_at_once()
{
	relay
	{
		orders "$MUCH" 0
		orders "$MUCH" "$MUCH"
	} >"$T/table"
	through
}

test_slow_readers()
{
	relay
	{
		orders 500000 500000 slow:1
		orders 500000 500000 "" slow:1
		orders 300000 300000 slow:1 slow:1
	} >"$T/table"
	through -r 8192
}

test_resets_pass()
{
	relay
	{
		resets 1
		resets 20000
	} >"$T/table"
	through
}

test_resets_pass_a_slow_reader()
{
	relay
	either "resets after 30000 bytes" "send:30000 acked rst" \
	    "slow:5 read:30000 reset" >"$T/table"
	through
}

# With the bytes looked at or delayed, other movers are at work.
test_ends_pass_when_the_bytes_are_looked_at()
{
	relay -o "$T/dump"
	{
		orders 0 0
		orders 70000 300000
		resets 20000
	} >"$T/table"
	through
}

test_ends_pass_with_each_mover()
{
	for mover in copy splice; do
		relay "--mover=$mover"
		{
			orders 0 0
			orders 70000 300000
			resets 20000
		} >"$T/table"
		through
		stop relay
	done
}

# --- Unix sockets --------------------------------------------------------------

# A Unix socket has no reset: closing with bytes unread is next to it.
unix_resets()	# WORDS of the end that is not Unix's
{
	either "closes with bytes unread" "pending close" "send:1000 end"
	either "closes, and is sent more" "hear:a close" "tell:a eof flood"
}

test_unix_to_tcp()
{
	BEHIND=$(new_port)
	RELAY=$T/s
	start relay "$NC" -l -k -U --forward "127.0.0.1:$BEHIND" "$RELAY"
	waitfor "unix:$RELAY"
	{
		orders 0 0
		orders 70000 300000
		unix_resets
		echo "server resets | tell:a end | hear:a rst"
	} >"$T/table"
	through
}

test_tcp_to_unix()
{
	BEHIND=$T/s
	free_port
	RELAY=$PORT
	launch relay "$NC" -l -k --forward "unix:$BEHIND" 127.0.0.1 "$PORT"
	{
		orders 0 0
		orders 70000 300000
		unix_resets
		echo "client resets | hear:a rst | tell:a end"
		echo "server closes with bytes unread | send:10 reset |" \
		    "pending close"
	} >"$T/table"
	through
}

test_unix_to_unix()
{
	BEHIND=$T/s
	RELAY=$T/r
	start relay "$NC" -l -k -U --forward "unix:$BEHIND" "$RELAY"
	waitfor "unix:$RELAY"
	{
		orders 0 0
		orders 70000 300000
		orders "$MUCH" "$MUCH"
		unix_resets
	} >"$T/table"
	through
}
# --- TLS -------------------------------------------------------------------------

# Two relays in a row, with TLS between them: an end is a close_notify there,
# and a reset is the lack of one.
tls_relays()	# OPTION...: of both
{
	BEHIND=$(new_port)
	free_port
	between=$PORT
	start second "$NC" -l -k --tls --tls-cert "$CERTS/server.pem" \
	    --tls-key "$CERTS/server.key" "$@" --forward "127.0.0.1:$BEHIND" \
	    127.0.0.1 "$between"
	free_port
	RELAY=$PORT
	start relay "$NC" -l -k --tls-ca "$CERTS/ca.pem" "$@" \
	    --forward "tls:127.0.0.1:$between" 127.0.0.1 "$PORT"
	waitfor "tcp:$between" "tcp:$PORT"
}

test_ends_pass_tls_in_every_order()
{
	need_tls server || return 0
	tls_relays
	{
		orders 0 0
		orders 1 0
		orders 70000 1
		orders 300000 300000
	} >"$T/table"
	through
	same "stderr" "" "$(cat "$T/relay.err" "$T/second.err")"
}

test_much_data_both_ways_at_once_inside_tls()
{
	need_tls server || return 0
	tls_relays
	{
		orders "$MUCH" 0
		orders "$MUCH" "$MUCH"
	} >"$T/table"
	through
}

test_slow_readers_behind_tls()
{
	need_tls server || return 0
	tls_relays
	{
		orders 500000 500000 slow:1
		orders 500000 500000 "" slow:1
	} >"$T/table"
	through -r 8192
}

test_resets_pass_tls()
{
	need_tls server || return 0
	tls_relays
	{
		# A client that is gone before the handshake has no target.
		resets 1 | grep -v '^client resets after 1 bytes'
		resets 20000 | grep -v '^client resets after 20000 bytes'
		echo "client resets after 20000 bytes |" \
		    "hear:a send:20000 acked rst | tell:a read:20000 reset"
	} >"$T/table"
	through
}

run_tests "$@"
