#!/bin/sh
# Sizes: files, functions, lines, globals.
. "$(dirname "$0")/common.inc"

# A unit test is a list of cases, and may be longer than a thing to be read.
find src tests -name '*.[ch]' -exec wc -l {} + | awk '
	$2 == "total" { next }
	$1 > ($2 ~ /^tests\/unit\/test_/ ? 1000 : 700) {
		print $2 ": " $1 " lines"
	}' >"$found"
verdict "no C file is over 700 lines, no unit test over 1000"

for f in $(find src tests -name '*.[ch]' | sort); do
	expand "$f" | awk -v f="$f" \
	    'length($0) > 80 { print f ":" FNR ": " length($0) " columns" }'
done >"$found"
verdict "no line is over 80 columns"

find src tests -name '*.[ch]' -exec grep -nE '[ 	]+$' {} + >"$found"
verdict "no line ends in white space"

# A function's body stands between braces in the first column.
for f in $(find src -name '*.c' | sort); do
	awk -v f="$f" '
	/^[A-Za-z_][A-Za-z0-9_]*\(/ { name = $0; sub(/\(.*/, "", name) }
	/^{/ { start = FNR }
	/^}/ && start { print FNR - start + 1, f ":" start ": " name
	    start = 0 }' "$f"
done | sort -n >"$work/functions"

awk '$1 > 70 { print $2, $3 ": " $1 " lines" }' \
    "$work/functions" >"$found"
verdict "no function is over 70 lines"

awk '
	$1 >= 40 { long[++n] = $2 " " $3 ": " $1 " lines" }
	END {
		if (n * 10 > NR)
			for (i = 1; i <= n; i++)
				print long[i]
	}' "$work/functions" >"$found"
verdict "9 of 10 functions are under 40 lines"

awk '
	{ size[NR] = $1 }
	END {
		if (NR > 0)
			print "figure: functions " NR ", median " \
			    size[int((NR + 1) / 2)] ", longest " size[NR]
	}' "$work/functions"

# What the objects hold in sections that can be written to. Tables of
# pointers stand in .data.rel.ro, which is read-only once relocated.
lib=$TOP_BUILDDIR/libsockcat.a
obj=$TOP_BUILDDIR/src/main.o
if [ "${SANITIZED:-no}" != no ]; then
	skip "globals are not counted in a sanitizer build"
elif [ ! -f "$lib" ] || [ ! -f "$obj" ] ||
    ! nm -f sysv "$obj" >"$work/nm" 2>/dev/null; then
	skip "globals are not counted without the objects and a GNU nm"
else
	nm -f sysv "$lib" 2>/dev/null | cat - "$work/nm" |
	    awk -F'|' '
		/^Symbols from/ { file = $0; sub(/.*\[/, "", file)
		    sub(/\].*/, "", file) }
		NF == 7 && $4 ~ /OBJECT|TLS/ &&
		    $7 ~ /^(\.data|\.bss|\.tdata|\.tbss|\*COM\*)/ &&
		    $7 !~ /^\.data\.rel\.ro/ {
			gsub(/ /, "", $1)
			# A compiler may take a structure apart: name.0,
			# name.1 ... are one.
			sub(/\.[0-9]+$/, "", $1)
			print file ": " $1
		}' | sort -u >"$work/globals"
	sed 's/^/global: /' "$work/globals"
	if [ "$(wc -l <"$work/globals")" -gt 4 ]; then
		cp "$work/globals" "$found"
	fi
	verdict "the program has at most 4 globals that change"
fi

end
