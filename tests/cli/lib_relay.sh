# Relays for tests, and tables of what happens at both ends of one. To be
# sourced after lib.sh.
#
#	over native || return 0
#	relay
#	orders 70000 1 >"$T/table"
#	through
#
# The tables are those of tools/relay_ends.c. Each pair comes twice where its
# ends differ: what the client does first, then what the server does.
# shellcheck shell=sh

RELAY= BEHIND= ENDS=

# Starts the subject on a port of the system's choice, in the variable NAME.
server_as()	# NAME OPTION...
{
	server_name=$1
	shift
	rm -f "$T/port.$server_name"
	start "$server_name" "$NC" "$@" --port-file "$T/port.$server_name" \
	    127.0.0.1 0
	waitfor "file:$T/port.$server_name"
	eval "$server_name=$(cat "$T/port.$server_name")"
}

# Starts the subject as a relay on PORT for all who come. RELAY is where it
# listens, BEHIND where the server will be. The options go before the port.
relay()	# OPTION...
{
	BEHIND=$(new_port)
	free_port
	RELAY=$PORT
	launch relay "$NC" -l -k "$@" --forward "127.0.0.1:$BEHIND" \
	    127.0.0.1 "$PORT"
}

# Plays the table; ENDS has options of tools/relay_ends.c.
through()
{
	if ! "$TOOLS/relay_ends" $ENDS "$@" "$RELAY" "$BEHIND" \
	    <"$T/table" >"$T/ends" 2>&1; then
		fail "$SUBJECT: $(cat "$T/ends")"
		BAD=yes
	fi
}

either()	# NAME WORDS WORDS
{
	echo "client $1 | $2 | $3"
	echo "server $1 | $3 | $2"
}

# Both ends send, both end in order. N bytes come from the end that is named.
orders()	# N M [WORD WORD]: words at the beginning, such as slow:1
{
	a=${3:-} b=${4:-}
	either "ends first ($1/$2)" \
	    "$a send:$1 fin read:$2 eof" "$b read:$1 eof send:$2 fin"
	either "ends with its last byte ($1/$2)" \
	    "$a trade-fin:$1:$2 eof" "$b trade:$2:$1 eof fin"
	either "ends alone, and the other closes late ($1/$2)" \
	    "$a trade-fin:$1:$2 quiet:50 tell:a eof" \
	    "$b trade:$2:$1 eof hear:a close"
	either "ends, and the other sends on ($1/$2)" \
	    "$a trade-fin:$1:$2 tell:a read:$2 eof" \
	    "$b trade:$2:$1 eof hear:a send:$2 fin"
	either "ends at once ($1/$2)" \
	    "$a fin read:$2 eof" "$b eof send:$2 fin"
	either "closes ($1/$2)" \
	    "$a trade:$1:$2 close" "$b trade:$2:$1 eof broken"
	either "closes after the other's end ($1/$2)" \
	    "$a trade:$1:$2 eof close" "$b trade-fin:$2:$1 eof"
	echo "both end at once ($1/$2) | $a trade-fin:$1:$2 eof |" \
	    "$b trade-fin:$2:$1 eof"
	echo "both end after all ($1/$2) | $a trade:$1:$2 fin eof |" \
	    "$b trade:$2:$1 fin eof"
}

# N bytes, which fit into the buffers of the kernel, and then a reset.
resets()	# N
{
	either "resets before anything came" "hear:a rst" "tell:a reset"
	either "resets after $1 bytes" "send:$1 acked rst" "read:$1 reset"
	either "resets when all was read" \
	    "send:$1 hear:a rst" "read:$1 tell:a reset"
	either "resets after an exchange" \
	    "trade:$1:$1 hear:a rst" "trade:$1:$1 tell:a reset"
	either "resets in the middle" "send:3000000 rst" "some-reset"
	either "resets beside one that sends" "hear:a rst" "tell:a flood"
	either "resets one that waits to send" \
	    "pending hear:a rst" "send:1 tell:a flood"
	either "resets after its own end" \
	    "send:$1 fin hear:a rst" "read:$1 eof tell:a reset"
	either "resets after the other's end" \
	    "read:$1 eof rst" "send:$1 fin reset"
	either "resets after both sent" \
	    "send:$1 fin read:$1 hear:a rst" \
	    "read:$1 eof send:$1 tell:a reset"
	either "closes with bytes unread" "pending close" "send:$1 reset"
	either "closes, and is sent more" "hear:a close" "tell:a eof flood"
	echo "both reset | hear:a rst | tell:a rst"
}

# How many descriptors a process has open.
descriptors()	# NAME
{
	set -- "/proc/$(pid_of "$1")/fd"/*
	echo $#
}

# They become so few again when all clients are gone.
descriptors_fall_to()	# NAME COUNT
{
	for _ in $(seq 150); do
		[ "$(descriptors "$1")" -gt "$2" ] || break
		sleep 0.1
	done
	# One that was about to be closed may have been counted before.
	between "descriptors of $1" 1 "$2" "$(descriptors "$1")"
}
