#!/bin/sh
# Conditional compilation has its rooms, and some calls are not made at all.
. "$(dirname "$0")/common.inc"

# A header's first #ifndef is its guard.
code $(sources) | awk -F: '
	$1 == "src/io/fd.c" { next }
	$1 ~ /^src\/sandbox\// || $1 == "src/cli/version.c" { next }
	{
		line = $0
		sub(/^[^:]*:[0-9]*:/, "", line)
	}
	line ~ /^[ \t]*#[ \t]*ifndef[ \t]+[A-Z0-9_]+_H$/ &&
	    $1 ~ /\.h$/ && !($1 in guarded) {
		guarded[$1] = 1
		next
	}
	line ~ /^[ \t]*#[ \t]*(if|ifdef|ifndef|elif)([ \t(!]|$)/ {
		print $1 ":" $2 ": " line
	}' >"$found"
verdict "#if stands in fd.c, version.c and the sandbox alone"

for f in $(find src -name '*.h' | sort); do
	guard=$(printf %s "${f#src/}" | tr 'a-z/.' 'A-Z__')
	grep -q "^#ifndef $guard\$" "$f" &&
	    grep -q "^#define $guard\$" "$f" ||
		echo "$f: no guard $guard"
done >"$found"
verdict "each header has the guard of its path"

# not_called SENTENCE NAME ...
not_called()
{
	sentence=$1
	shift
	names=$(printf '%s|' "$@")
	grep -E "^[^:]*:[0-9]*:(.*[^A-Za-z0-9_.>])?(${names%|})[ 	]*\\(" \
	    "$work/code" >"$found"
	verdict "$sentence"
}

code $(sources) >"$work/code"
not_called "nothing uses select(2)" \
    select pselect FD_SET FD_ZERO FD_ISSET FD_CLR
not_called "nothing sleeps" sleep usleep nanosleep clock_nanosleep
not_called "nothing starts a shell behind the plan's back" system popen
not_called "no string call without a bound" \
    strcpy stpcpy strcat sprintf vsprintf gets alloca strncat strtok
not_called "no number is read without a check" atoi atol atoll atof

# Their words are not the same in every C library.
grep -E "^[^:]*:[0-9]*:(.*[^A-Za-z0-9_.>])?(gai_)?strerror[ 	]*\\(" \
    "$work/code" | grep -v '^src/base/reason\.c:' >"$found"
verdict "only base/reason.c asks the C library for its words"

# One place waits.
grep -E "^[^:]*:[0-9]*:(.*[^A-Za-z0-9_.>])?(poll|ppoll|epoll_wait|epoll_pwait|epoll_pwait2)[ 	]*\\(" \
    "$work/code" | grep -v '^src/loop/loop\.c:' |
    grep -v '^src/\(io/fd[a-z_]*\|base/diag\)\.c:' >"$found"
verdict "only the loop waits"

end
