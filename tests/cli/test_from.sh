#!/bin/sh
# doc/FROM.md: in each row, both command lines do the same: they print the same,
# the peer hears the same, and both end with the same status.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_tls.sh"

PAGE=$TOP_SRCDIR/doc/FROM.md

# Runs a command line of the page in a directory of its own, beside a peer: a
# client that asks, or a server that answers; and the target of a relay. Prints
# what both have received, and the status of one that ends.
play()	# DIRECTORY PATH COMMAND
{
	free_port
	second=$(new_port)
	mkdir "$T/$1"
	cd "$T/$1" || return 1
	echo "text of the file" >file
	echo "from here" >input
	echo "from there" >answer
	ln -s "$CERTS/ca.pem" "$CERTS/server.pem" "$CERTS/server.key" .
	command=$(printf '%s\n' "$3" | sed -e "s/\\<5000\\>/$PORT/g" \
	    -e "s/\\<5001\\>/$second/g" -e 's/\<host\>/localhost/g' \
	    -e 's/\<cert\.pem\>/server.pem/g; s/\<key\.pem\>/server.key/g')
	at="127.0.0.1 $PORT" ready=tcp:$PORT tls=
	case $command in
	*\ -U\ *|*\ UNIX-*)	at="-U app.sock" ready=file:app.sock ;;
	*\ -u\ -w*|*\ -u\ localhost*|*\ UDP:*)
				at="-u -w 1 127.0.0.1 $PORT" ready=udp:$PORT ;;
	*OPENSSL*|*s_server*|*s_client*|*--ssl*|*--tls*)
				tls=yes ;;
	esac
	case $command in
	*unix:app.sock*|*UNIX-CONNECT:app.sock*LISTEN*|*fork\ UNIX-*)
		at="127.0.0.1 $PORT" ready=tcp:$PORT
		start behind "$BIN/sockcat" -l -k --echo -U app.sock </dev/null
		waitfor file:app.sock ;;
	*":$second"*)
		start behind "$BIN/sockcat" -l -k --echo "$second" </dev/null
		waitfor "tcp:$second" ;;
	esac
	# As soon as its client has sent an end, Ncat ends a command unheard.
	case $command in
	*uname*)	ends=--no-shutdown ;;
	*)		ends=-N ;;
	esac
	# shellcheck disable=SC2086
	case $command in
	*\ -l\ *|*LISTEN*|*s_server*)
		start run env PATH="$2" sh -c "exec $command" <input
		waitfor "$ready"
		start peer "$BIN/sockcat" ${tls:+--tls --tls-insecure} $ends \
		    --retry 9 --retry-delay 50ms $at \
		    <answer
		finish peer
		case $command in
		*\ -k\ *|*fork*)	kill_it run; finish run; RC=killed ;;
		*)			finish run ;;
		esac
		status=$RC ;;
	*)
		start peer "$BIN/sockcat" -l ${tls:+--tls --tls-cert \
		    server.pem --tls-key server.key} $(echo "$at" |
		    sed "s/127.0.0.1 //") <answer
		waitfor "$ready"
		start run env PATH="$2" sh -c "$command" <input
		finish run
		status=$RC
		finish peer ;;
	esac
	echo "status $status"
	# An empty line: wait-for-it asks with one.
	cat "$T/run.out" "$T/peer.out" copy 2>/dev/null | grep .
	cd "$work" || return 1
}

# Each row is a test of this script. In its left column, nc is the original.
rows_of_the_page()
{
	sed -n 's/\\|/\t/g; s/^| `\(.*\)` | `\(.*\)` |$/\1\n\2/p' "$PAGE" |
	    tr '\t' '|'
}

test_each_row_of_the_page_does_the_same_in_both_columns()
{
	SUBJECT=native
	begin
	need_tls ca server
	[ -z "$SKIP" ] || { verdict_of skipped "FROM.md: $SKIP"; return; }
	clean_up
	rows_of_the_page >"$work/rows"
	same "rows, of which there are many" yes \
	    "$([ "$(wc -l <"$work/rows")" -gt 80 ] && echo yes)"
	while read -r theirs && read -r ours; do
		missing=
		for tool in nc nc.traditional ncat socat openssl pv wait-for-it
		do
			case " $theirs" in
			*" $tool "*)
				PATH="$REAL:$PATH" command -v "$tool" \
				    >/dev/null || missing=$tool ;;
			esac
		done
		if [ "${ORIGINALS:-yes}" = no ] || [ -n "$missing" ]; then
			verdict_of skipped "$theirs: not here"
			continue
		fi
		begin
		play theirs "$REAL:$PATH" "$theirs" >"$work/theirs"
		clean_up
		begin
		play ours "$BIN:$PATH" "$ours" >"$work/ours"
		clean_up
		# Two that have failed are equal, too.
		if cmp -s "$work/theirs" "$work/ours" &&
		    grep -Eqx 'status (0|killed)' "$work/ours" &&
		    { grep -Eiq '^(text of|from|linux|up)' "$work/ours" ||
		    [ "${ours#*-z}" != "$ours" ]; }; then
			ok "$theirs"
		else
			bad "$theirs" \
			    "$(diff "$work/theirs" "$work/ours")"
		fi
	done <"$work/rows"
	SUBJECT=
}

run_tests "$@"
