#!/bin/sh
# doc/ARCHITECTURE.md names each file of src, and no file or function that is
# not there.
. "$(dirname "$0")/common.inc"

grep -o '`[^`]*`' doc/ARCHITECTURE.md | tr -d '`' | sort -u >"$work/words"
sed 's/^[a-z]*\///; s/\.[ch]$//' "$work/words" | sort -u >"$work/names"
find src -mindepth 2 -maxdepth 2 -name '*.[ch]' >"$work/files"

sed 's/.*\///; s/\.[ch]$//' "$work/files" | sort -u |
    comm -23 - "$work/names" >"$found"
verdict "each file of src stands in the architecture"

grep -E '^[a-z]+/[a-z0-9_]+(\.[ch])?$' "$work/words" |
while IFS= read -r word; do
	[ -d "src/${word%%/*}" ] || continue
	grep -qE "^src/${word%.[ch]}\.[ch]\$" "$work/files" || echo "$word"
done >"$found"
verdict "each file that the architecture names is there"

cat $(sources) >"$work/code"
grep -E '^[a-z0-9]+(_[a-z0-9]+)+$' "$work/words" |
while IFS= read -r word; do
	grep -qw -e "$word" "$work/code" ||
	    grep -q "/$word\.[ch]\$" "$work/files" || echo "$word"
done >"$found"
verdict "each function that the architecture names is there"

end
