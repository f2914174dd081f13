# What the runs of trials share. After fault/lib.sh.
# shellcheck shell=sh

TRIALS=$TOP_BUILDDIR/tests/reliability/trials
[ -x "$TRIALS" ] || {
	echo "$TRIALS is not built: make check" >&2
	exit 2
}
cpus=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
# Most of a trial is waiting.
JOBS=${JOBS:-$((cpus * 3))}
export FAULTLINE_SO REFUSE_SO SOCKCAT
services=
reliability_stop() {
	for service in $services; do
		kill "$service" 2>/dev/null
	done
	services=
}
at_exit() { reliability_stop; }

# service NAME OPTION...: a server beside the trials; sets NAME to its port, or
# to nothing if it does not come up.
service() {
	service_name=$1 service_port=$(new_port)
	shift
	"$SOCKCAT" -l -k "$@" 127.0.0.1 "$service_port" </dev/null \
	    >/dev/null 2>&1 &
	if waitfor -t 9000 -p $! "tcp:$service_port" 2>/dev/null; then
		services="$services $!"
		eval "$service_name=$service_port; export $service_name"
	fi
}

reliability_services() {
	service TRIAL_ECHO --echo
	service TRIAL_TLS --tls --echo
	service TRIAL_PROXY --serve-proxy
}

# trials FILE: each line of standard input has the words of one run of trials,
# several run at once; FILE gets what they print. Their figures stay in
# $work/sums: "KIND TRIALS DONE CLEAN BAD BYTES", one line a kind.
trials() {
	trials_out=$1
	: >"$trials_out"
	cat >"$work/words"
	xargs -P "$JOBS" -I '{}' sh -c '
		TRIAL_DIR=$(mktemp -d "$2/d.XXXXXX")
		export TRIAL_DIR
		"$1" $3 >"$TRIAL_DIR.log" 2>&1 ||
		    [ $? = 1 ] || echo "bad: $3: the trials failed" \
			>>"$TRIAL_DIR.log"
		cat "$TRIAL_DIR.log"
		rm -rf "$TRIAL_DIR" "$TRIAL_DIR.log"' - "$TRIALS" "$work" '{}' \
	    <"$work/words" >>"$trials_out"
	# A run that says nothing has failed, too.
	awk 'FNR == NR { b[$1]++; next }
	$2 == "trials" && $4 == "done" {
		n[$1] += $3; d[$1] += $5; c[$1] += $7; y[$1] += $11
		b[$1] += $9 - 1
	} END {
		for (k in b)
			print k, n[k] + 0, d[k] + 0, c[k] + 0, b[k], y[k] + 0
	}' "$work/words" "$trials_out" >"$work/sums"
}

# sum KIND FIELD: of the last trials; 2 trials, 3 done, 4 clean, 5 bad, 6 bytes
sum() {
	awk -v k="$1" -v f="$2" '$1 == k { n = $f } END { print n + 0 }' \
	    "$work/sums"
}
