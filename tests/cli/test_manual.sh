#!/bin/sh
# The command lines that the manual shows are understood by sockcat.

. "$(dirname "$0")/lib.sh"

MANUAL=$TOP_SRCDIR/doc/sockcat.1

# The sockcat commands of lines of examples, without what a shell does with
# their input and output, or with another command.
commands()
{
	sed -e 's/^\.Dl \(\$ \)\{0,1\}//' -e 's/\\(dq/"/g' \
	    -e 's/\\(ha/^/g' -e 's/\\e/\\/g' -e 's/0123\.\.\./$FINGERPRINT/' |
	    sed -n 's/^\(.* | \)\{0,1\}\(sockcat .*\)/\2/p' |
	    sed -e 's/ [<>|&].*//'
}

# understands COMMAND: a word of the manual's is a word of the shell's. A build
# without TLS and a system without a list of services have less to understand.
understands()
{
	case $1 in
	*--tls*|*tls:*)
		"$NC" --version | grep -q '^TLS: not' && return ;;
	*http)	getent services http >/dev/null 2>&1 || return ;;
	esac
	eval "set -- ${1#sockcat }"
	run "$NC" --explain "$@" </dev/null
	same "exit status of $*" 0 "$RC"
	same "stderr of $*" "" "$ERR"
}

test_each_example_of_the_manual_is_understood()
{
	cd "$T" || return
	FINGERPRINT=$(printf '%064d' 0)
	export FINGERPRINT
	: >me.pem >ca.pem >fifo
	grep '^\.Dl ' "$MANUAL" | grep -v 'Dl sockcat:' | commands >examples
	grep -q . examples || fail "no example is found"
	while IFS= read -r line; do
		understands "$line"
	done <examples
	at_least "examples" 15 "$(grep -c . examples)"
}

test_each_literal_command_of_the_manual_is_understood()
{
	cd "$T" || return
	: >web.pem
	awk '/^\.Bd -literal/ { on = 1; next } /^\.Ed/ { on = 0 } on' "$MANUAL" |
	    sed -e :a -e '/\\e$/{N;s/\\e\n *//;ta' -e '}' | commands >examples
	while IFS= read -r line; do
		understands "$line"
	done <examples
	at_least "commands" 4 "$(grep -c . examples)"
}

run_tests "$@"
