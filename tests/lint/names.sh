#!/bin/sh
# Names are of one place: a backtrace, a debugger and ctags find it.
. "$(dirname "$0")/common.inc"

# A definition begins its name in the first column (BSD KNF).
code $(find src -name '*.c') | sed -n \
    's/^\(src[^:]*\):[0-9]*:\([a-z_][a-z0-9_]*\)(.*[^;]$/\2 \1/p' |
    sort -u >"$work/functions"
awk '{ print $1 }' "$work/functions" | sort | uniq -c |
    awk -v share=0.03 '
	{
		all += $1
		if ($1 > 1) {
			same += $1
			names = names "  " $2 " " $1 "\n"
		}
	}
	END {
		printf "figure: functions %d, names in several files %d (%.1f %%)\n",
		    all, same, 100 * same / all >"/dev/stderr"
		if (all < 1000 || same > share * all)
			printf "%s", names
	}' >"$found" 2>"$work/figures"
cat "$work/figures"
verdict "fewer than 3 % of the functions share their name with another file's"

# The order of the functions that a start executes is made by a tool, now and
# then. The linker ignores the names of functions that have gone; when these are
# a tenth of the list, a start touches more pages.
{
	awk '{ print $1 }' "$work/functions"
	sed -n 's/.*libbsd\.a:\([a-z]*\)\.o.*/\1/p' src/start.ld
} | sort -u >"$work/defined"
sed -n 's/.*\*(\.text\.\([a-z0-9_]*\) .*/\1/p' src/start.ld | sort -u |
    comm -23 - "$work/defined" >"$work/gone"
printf 'figure: %d of %d functions in src/start.ld are gone\n' \
    "$(wc -l <"$work/gone")" "$(grep -c '\*(\.text' src/start.ld)"
[ $((10 * $(wc -l <"$work/gone"))) -lt "$(grep -c '\*(\.text' src/start.ld)" ] ||
    { echo "  run: make -C build start-order"; cat "$work/gone"; } >"$found"
verdict "nine of ten functions in src/start.ld are there"

code $(sources) | grep -v '^src/bsd/' | sed -n \
    's/^\(src[^:]*\):[0-9]*:struct \([a-z_][a-z0-9_]*\) {.*/\2 \1/p' |
    sort -u | awk '{ n[$1]++; at[$1] = at[$1] " " $2 }
	END { for (s in n) if (n[s] > 1) print "  struct " s at[s] }' >"$found"
verdict "no struct has the name of another one"

# Words that only this house knew, and what the field says instead.
retired='voice|slip|peculiar|findings|scan_sum|hush|near_deaf'
code $(sources) | grep -wE "$retired" >"$found"
verdict "no identifier is a word that has been given up"

# A dialect is a table: what differs stands in its file, as a value.
code $(sources) | grep -E '(->|\.)compat [=!]=|COMPAT_' |
    grep -vE '^src/(cli/(dialect[a-z_]*|actions)\.c|plan/plan\.h):' \
    >"$work/compat"
printf 'tests of the dialect outside of its tables: %d\n' \
    "$(wc -l <"$work/compat")"
[ "$(wc -l <"$work/compat")" -eq 0 ] || cp "$work/compat" "$found"
verdict "no place asks which dialect it is"

end
