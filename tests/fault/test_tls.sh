#!/bin/sh
# TLS while memory runs out, calls fail or do less than they are asked for,
# during the handshake and after: the same bytes arrive, or one side says why
# not; no other client suffers.
# timeout: 600
. "$(dirname "$0")/lib.sh"
# The library that is preloaded writes files, which a sandbox refuses.
SOCKCAT_SANDBOX=off
export SOCKCAT_SANDBOX

# The allocations that fail: the first, and then each STEP-th; of the last
# hundred each third. TLS_FAULT_STEP=1 makes all of them fail.
STEP=${TLS_FAULT_STEP:-17}

pid=
tearDown() { [ -z "$pid" ] || kill -9 "$pid"; }

has_tls() {
	"$SOCKCAT" --version | grep '^TLS:' | grep -vq not &&
	    command -v openssl >/dev/null
}

if ! has_tls; then
	skip "TLS: not in this build, or no openssl"
	end
fi
if ! preloads; then
	skip "TLS with faults: the program is static"
	end
fi

make_certificate() {
	cat >"$work/cnf" <<-EOT
		[req]
		distinguished_name = name
		prompt = no
		[name]
		CN = localhost
		[ext]
		subjectAltName = DNS:localhost,IP:127.0.0.1
	EOT
	( umask 077
	  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
	      -nodes -days 3650 -config "$work/cnf" -extensions ext \
	      -keyout "$work/key" -out "$work/cert" ) >"$work/log" 2>&1
}

make_certificate || {
	bad "a certificate" "$(cat "$work/log")"
	end
}

# What both ends are told: each shows the certificate, each trusts it.
BOTH="--tls --tls-cert $work/cert --tls-key $work/key --tls-pin $(openssl x509 \
    -in "$work/cert" -noout -fingerprint -sha256 | sed 's/.*=/SHA256:/')"

# ---- Calls that do less than they are asked for ---------------------------------

test_less_is_done() {
	random_file "$work/long" 1000003
	random_file "$work/short" 1999
	for faults in seed=1,short=30,eintr=5 seed=2,short=60,eintr=20 one=1 \
	    seed=3,one=1,eintr=20; do
		sent=$work/long
		[ "${faults#*one}" = "$faults" ] || sent=$work/short
		for shape in pipe:pipe file:file; do
			transfer "${shape%:*}" "${shape#*:}" "$sent" "$BOTH" \
			    env LD_PRELOAD="$FAULTLINE_SO" FAULTLINE="$faults"
			same "TLS, $shape, $faults: the same bytes" \
			    "$(digest "$sent")"
		done
	done
}

# ---- A server ----------------------------------------------------------------------

# start_server LAUNCHER ...: one that echoes; sets port and pid.
start_server() {
	port=$(new_port)
	: >"$work/err"
	"$@" "$SOCKCAT" $BOTH -k --echo -l 127.0.0.1 "$port" </dev/null \
	    >/dev/null 2>"$work/err" &
	pid=$!
	listens "$port" "$pid" || bad "a server comes up" "$(cat "$work/err")"
}

stop_server() {
	kill "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	server_ended=$?
	pid=
}

# call_server LAUNCHER ...: one client; sets status.
call_server() {
	timeout "$FAULT_TIMEOUT" "$@" "$SOCKCAT" $BOTH 127.0.0.1 "$port" \
	    <"$work/small" >"$work/got" 2>"$work/said"
	status=$?
}

# The client did what it should, or failed with a word.
client_is_fine() {
	case $status in
	0)	cmp -s "$work/small" "$work/got" ;;
	1)	[ "$(grep -c . "$work/said")" = 1 ] && begins_alike ;;
	*)	false ;;
	esac
}

begins_alike() {
	head -c "$(wc -c <"$work/got")" "$work/small" |
	    cmp -s - "$work/got"
}

# ---- Memory of a client ---------------------------------------------------------

# Makes the kth allocation of a client fail; sets met.
fail_allocation() {
	rm -f "$work/met"
	call_server env LD_PRELOAD="$REFUSE_SO" \
	    REFUSE="memory:after-$k:ENOMEM" REFUSE_MET="$work/met"
	met=no
	[ ! -e "$work/met" ] || met=yes
	runs=$((runs + 1))
	[ "$status" = 0 ] || failed=$((failed + 1))
	client_is_fine || wrong="$wrong
    $k: $status: $(cat "$work/said")"
}

test_a_client_has_no_memory() {
	if [ "${SANITIZED:-no}" = yes ]; then
		skip "memory that runs out: sanitizers have their own"
		return
	fi
	random_file "$work/small" 40000
	start_server
	k=1 wrong='' runs=0 failed=0 met=yes
	while [ $met = yes ]; do
		fail_allocation
		k=$((k + STEP))
	done
	last=$k
	for back in $(seq 1 3 100); do
		k=$((last - back))
		fail_allocation
	done
	call_server
	stop_server
	[ -z "$wrong" ] && [ "$failed" -gt 0 ] && [ "$status" = 0 ]
	judge $? "a client without memory: $failed of $runs runs failed" \
	    "then $status" "$wrong"
}

# ---- Calls that fail ----------------------------------------------------------------

test_a_clients_calls_fail() {
	random_file "$work/small" 40000
	start_server
	wrong='' runs=0 failed=0 server_ended=''
	for call in receive send; do
		for name in ECONNRESET EPIPE ENOBUFS EIO; do
			for k in 1 2 3 4 5 6; do
				fail_call
			done
		done
	done
	call_server
	stop_server
	[ -z "$wrong" ] && [ "$failed" -gt 0 ] &&
	    [ "$status:$server_ended" = 0:143 ]
	judge $? "a client whose calls fail: $failed of $runs runs failed" \
	    "server $server_ended, then $status" "$wrong"
}

fail_call() {
	rm -f "$work/met"
	call_server env LD_PRELOAD="$REFUSE_SO" \
	    REFUSE="$call:after-$k:$name" REFUSE_MET="$work/met"
	[ -e "$work/met" ] || return
	runs=$((runs + 1))
	[ "$status" = 0 ] || failed=$((failed + 1))
	client_is_fine ||
	    wrong="$wrong
    $name, $call $k: $status: $(cat "$work/said")"
}

run_tests "$@"
