#!/bin/sh
# README.md and doc/COOKBOOK.md name no option, file or picture that is not
# there.
. "$(dirname "$0")/common.inc"

gen=$TOP_BUILDDIR/gen_completions

# Options of other programs: configure, bootstrap, grep, systemctl, podman, Ncat.
others="--without-[a-z]* --disable-[a-z-]* --enable-[a-z-]* --with-musl --all
--minimal --runs --line-buffered --now --rm --ssl --ssl-[a-z]*"

if [ -x "$gen" ] && "$gen" --list >"$work/list"; then
	sed -n 's/^[a-z]* \(--[a-z0-9-]*\).*/\1/p' "$work/list" | sort -u \
	    >"$work/options"
	for page in README.md doc/COOKBOOK.md; do
		grep -oE -- '(^|[^A-Za-z0-9-])--[a-z][a-z0-9-]*' "$page" |
		    sed 's/^[^-]//' | sort -u | comm -23 - "$work/options" |
		    while IFS= read -r option; do
			known=
			for other in $others; do
				# shellcheck disable=SC2254
				case $option in $other) known=yes ;; esac
			done
			[ -n "$known" ] || echo "$page: $option"
		done
	done >"$found"
	verdict "each option of README and the cookbook is an option"
else
	skip "gen_completions is not built"
fi

for page in README.md doc/COOKBOOK.md; do
	grep -oE '\]\([^)#]+\)' "$page" | sed 's/^](//; s/)$//' |
	while IFS= read -r link; do
		case $link in
		http*)	;;
		*)	[ -f "$(dirname "$page")/$link" ] ||
			    echo "$page: $link" ;;
		esac
	done
done >"$found"
verdict "each file that README and the cookbook link to is there"

for picture in doc/*.svg; do
	if command -v xmllint >/dev/null 2>&1; then
		xmllint --noout "$picture" >"$found" 2>&1
		verdict "$picture is XML"
	else
		skip "xmllint is not installed"
	fi
done

sed -n '/^# /,/^## /p' README.md | head -n 42 >"$work/first"
for word in '!\[' 'run -l 5000' 'run -N localhost 5000' 'better'; do
	grep -q -- "$word" "$work/first" || echo "no $word"
done >"$found"
verdict "the first screen of README has a picture, two commands and reasons"

end
