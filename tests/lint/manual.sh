#!/bin/sh
# The manual pages are clean mdoc; sockcat(1) has the order of the option table.
. "$(dirname "$0")/common.inc"

for page in doc/*.1; do
	if ! command -v mandoc >/dev/null 2>&1; then
		skip "mandoc is not installed"
	else
		mandoc -T lint -W warning "$page" >"$found" 2>&1
		verdict "mandoc has no word to say against $page"
	fi
done

gen=$TOP_BUILDDIR/gen_completions
if [ ! -x "$gen" ] || ! "$gen" --categories >"$work/table"; then
	skip "gen_completions is not built"
	end
fi

grep '^none ' "$work/table" | sed 's/^none/no category in actions.c:/' \
    >"$found"
verdict "each option has a category"

# "TITLE: -x" for each option that an item of OPTIONS begins with.
awk '
	/^\.Sh / { within = $2 == "OPTIONS" }
	!within { next }
	/^\.Ss / { title = substr($0, 5) }
	/^\.It Xo$/ { head = 1; next }
	/^\.Xc$/ { head = 0 }
	/^\.It / || head {
		flag = 0
		for (i = 1; i <= NF; i++) {
			if ($i == "Fl" || $i == ".Fl")
				flag = 1
			else if ($i ~ /^[A-Z][a-z]$/)
				flag = 0
			else if (flag && $i ~ /^-?[A-Za-z0-9]/)
				print title ": -" $i
		}
	}' doc/sockcat.1 >"$work/manual"
awk -F= '
	/=/ { title[$1] = $2; next }
	{ split($0, word, " "); print title[word[1]] ": " word[2] }
	' "$work/table" | grep -v -- ' -\(-g\|-G\)$' >"$work/wanted"
diff "$work/wanted" "$work/manual" |
    sed -n 's/^</OPTIONS lacks, here:/p; s/^>/OPTIONS has too much, here:/p' \
    >"$found"
verdict "the manual has each option in its category, in the table's order"

end
