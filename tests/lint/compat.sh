#!/bin/sh
# The reasons why sockcat differs under a name: tables and document agree.
. "$(dirname "$0")/common.inc"

doc=doc/COMPATIBILITY.md

# "- `key`: ..." below "## As TABLE"
keys_of_doc()
{
	awk -v want="$1" '
		/^## / { within = $0 ~ "`" want "`" }
		within && match($0, /^- `[a-z0-9-]+`:/) {
			print substr($0, 4, RLENGTH - 5)
		}' $doc
}

for pair in openbsd:nc traditional:nc.traditional ncat:ncat; do
	sed -n 's/^	differs	\([^ ]*\).*/\1/p' \
	    "tests/compat/${pair%%:*}.tab" | sort -u >"$work/marked"
	keys_of_doc "${pair#*:}" | sort >"$work/told"
	[ -s "$work/told" ] || echo "nothing is told of ${pair#*:}"
	uniq -d "$work/told" | sed 's/$/ is told twice/'
	comm -23 "$work/marked" "$work/told" |
	    sed "s|\$| of ${pair%%:*}.tab is not in $doc|"
	comm -13 "$work/marked" "$work/told" |
	    sed "s|\$| of $doc is marked in no row of ${pair%%:*}.tab|"
done >"$found"
verdict "each wanted difference is tested and told"

end
