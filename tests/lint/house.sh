#!/bin/sh
# The shape of the house: rooms without circles, a plan that nobody copies, and
# how large the rooms are.
. "$(dirname "$0")/common.inc"

code $(sources) >"$work/code"

# Two files of one name are one module. A circle is two or more modules of a
# room each of which needs the headers of the others.
sed -n 's/^src\/\([a-z]*\)\/\([a-z0-9_]*\)\.[ch]:[0-9]*:[ 	]*#[ 	]*include[ 	]*"\([a-z]*\)\/\([a-z0-9_]*\)\.h".*/\1 \2 \3 \4/p' \
    "$work/code" | awk '$1 == $3 && $2 != $4 { print $1, $2, $4 }' |
    sort -u >"$work/edges"
for room in $(cut -d ' ' -f 1 "$work/edges" | sort -u); do
	sed -n "s/^$room //p" "$work/edges" | tsort 2>&1 >/dev/null |
	    awk -v room="$room:" '
		/contains a loop/ { if (circle) print circle
		    circle = room
		    next }
		{ circle = circle " " $2 }
		END { if (circle) print circle }'
done >"$found"
verdict "no room has a circle inside"

# The plan is const once it is sealed: it stands where main and cli make it.
grep -E '(^|[^a-z_])struct plan[ 	]+[a-z_]+(\[|[ 	]*[;=,)])' "$work/code" |
    grep -v '^src/\(main\.c\|cli/[a-z_]*\.[ch]\):' >"$found"
verdict "no copy of the plan outside of main and cli"

grep -E '^src/(net|reach|door)/.*include[ 	]*"plan/' "$work/code" >"$found"
verdict "net, reach and door do not read the plan"

for room in src/*/; do
	printf '%d %s\n' "$(cat "$room"*.[ch] | wc -l)" "${room#src/}"
done | sort -rn | awk '
	{ all = all " " substr($2, 1, length($2) - 1) " " $1 }
	END { print "figure: lines:" all }'
printf 'figure: lines of src: %d\n' "$(cat $(sources) | wc -l)"

end
