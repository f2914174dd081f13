#!/bin/sh
# Where options may stand, and how they may be written.
. "$(dirname "$0")/lib.sh"

# With these words in place of "HOST PORT", the server gets what it should.
connects()	# WORD...: @ stands for the port
{
	serve accept recv-eof expect:PING
	printf PING >"$T/in"
	i=$#
	while [ "$i" -gt 0 ]; do
		[ "$1" = @ ] && set -- "$@" "$PORT" || set -- "$@" "$1"
		shift
		i=$((i - 1))
	done
	run "$NC" "$@" <"$T/in"
	same "exit status of $*" 0 "$RC"
	same "stderr of $*" "" "$ERR"
	peer_done
}

test_options_may_follow_the_operands()
{
	over native nc real || return 0
	connects 127.0.0.1 @ -N
	connects 127.0.0.1 @ -w 3 -N
	connects 127.0.0.1 -N @
}

test_options_may_stand_in_clusters()
{
	over native nc real || return 0
	connects -nN 127.0.0.1 @
	connects -nNw3 127.0.0.1 @
	connects -4nNw 3 127.0.0.1 @
	connects -q0 127.0.0.1 @
	connects -nNi0 127.0.0.1 @
}

test_two_dashes_end_the_options()
{
	over native nc real || return 0
	connects -N -- 127.0.0.1 @
}

test_listening_clusters_of_scripts_work()
{
	over native nc real || return 0
	for cluster in -lvnp -nvlp -lp -lnvp; do
		free_port
		launch listener "$NC" "$cluster" "$PORT" </dev/null
		client send:hi fin recv-eof
		finish listener
		same "stdout of $cluster" hi "$OUT"
		same "exit status of $cluster" 0 "$RC"
	done
}

test_scanning_clusters_of_scripts_work()
{
	over native nc real || return 0
	for cluster in -vzw1 -zvw1 -vz -nzv; do
		serve accept
		run "$NC" "$cluster" 127.0.0.1 "$PORT" </dev/null
		same "exit status of $cluster" 0 "$RC"
		holds "stderr of $cluster" "$ERR" "succeeded!"
	done
}

test_posixly_correct_stops_at_the_first_operand()
{
	over native nc real || return 0
	PORT=$(closed_port)
	run_gives 1 env POSIXLY_CORRECT=1 "$NC" 127.0.0.1 "$PORT" -v </dev/null
	holds "stderr" "$ERR" "-v"
	[ "$SUBJECT" = native ] ||
	    same "stderr" "nc: port number invalid: -v" "$ERR"
}

test_a_missing_argument_is_told()
{
	over native nc real || return 0
	run_gives 1 "$NC" 127.0.0.1 1 -w </dev/null
	holds "stderr" "$ERR" "option requires an argument -- 'w'"
}

test_an_operand_too_many_for_a_listener_is_told()
{
	over nc real || return 0
	run_gives 1 "$NC" -l 127.0.0.1 1 2 </dev/null
	same "stdout" "" "$OUT"
	lacks "stderr" "x${ERR}x" "xx"
}

test_conflicts_are_told()
{
	over native nc real || return 0
	for words in "-l -z 127.0.0.1 1" "-k 127.0.0.1 1" "-l -p 1 -s ::1 2 3"
	do
		run "$NC" $words </dev/null
		same "exit status of $words" 1 "$RC"
		lacks "stderr of $words" "x${ERR}x" "xx"
	done
}

test_numbers_out_of_range_are_told_in_the_copied_words()
{
	over nc real || return 0
	while read -r option value words; do
		run "$NC" "$option" "$value" 127.0.0.1 1 </dev/null
		same "exit status of $option $value" 1 "$RC"
		same "stderr of $option $value" "nc: $words" "$ERR"
	done <<-EOT
	-w -2 timeout too small: -2
	-i -1 interval too small: -1
	-i x interval invalid: x
	-q x quit timer invalid: x
	-M 999 ttl is too large
	-m 999 minttl is too large
	-I 0 TCP receive window too small: 0
	-O x TCP send window invalid: x
	-W 0 receive limit too small: 0
	-T nosuch illegal tos value nosuch
	EOT
}

test_long_options_and_units_are_native()
{
	connects --wait 3s 127.0.0.1 @
	connects --wait=3000ms 127.0.0.1 @
	connects -w 1m 127.0.0.1 @
}

test_ncat_s_long_options_may_be_abbreviated()
{
	over ncat real-ncat || return 0
	connects --wait 3s 127.0.0.1 @
	connects --send-o 127.0.0.1 @
	connects --nodns --wai 500ms 127.0.0.1 @
}

test_an_address_in_brackets_is_native()
{
	need_ipv6 || return 0
	start peer "$TOOLS/peer" "listen6:$T/port" accept recv-eof expect:PING
	waitfor "file:$T/port"
	PORT=$(cat "$T/port")
	printf PING >"$T/in"
	run_gives 0 "$NC" "[::1]:$PORT" <"$T/in"
	peer_done
}

run_tests "$@"
