#!/bin/sh
# Help, manual and completions have the options that the tables have.
. "$(dirname "$0")/common.inc"

gen=$TOP_BUILDDIR/gen_completions
list=$work/options

if [ ! -x "$gen" ] || ! "$gen" --list >"$list"; then
	skip "gen_completions is not built"
	end
fi

for pair in bash:sockcat.bash zsh:_sockcat fish:sockcat.fish \
    fish-ncat:ncat.fish; do
	template=${pair%%:*}
	"$gen" "${template%-ncat}" <"completions/$template.in" >"$work/made"
	cmp "$work/made" "completions/${pair#*:}" 2>&1 ||
	    echo "make it anew: make completions"
done >"$found"
verdict "the completions are what the option tables make"

# A letter, a name, or both, at the beginning of a line; "(--name)" at its
# end; or a line of nothing but such words.
options_of_help()
{
	awk '{
		for (i = 1; i <= NF && $i ~ /^-/; i++) {
			sub(/[,)]$/, "", $i)
			sub(/\[=.*/, "", $i)
			print $i
		}
		if (match($0, /\(--[a-z0-9-]+\)/))
			print substr($0, RSTART + 1, RLENGTH - 2)
	}' | sort -u
}

# Behind each Fl up to the next macro; Fl x is -x, Fl -name is --name.
options_of_manual()
{
	awk '/^\./ {
		within = 0
		for (i = 1; i <= NF; i++) {
			word = $i
			sub(/^\./, "", word)
			if (word == "Fl")
				within = 1
			else if (word ~ /^[A-Z][a-z]$/)
				within = 0
			else if (within && word ~ /^-?[A-Za-z0-9]/)
				print "-" word
		}
	}' doc/sockcat.1 | sort -u
}

# differ WHAT FILE PERSONALITY
differ()
{
	sed -n "s/^$3 \(-[^ ]*\).*/\1/p" "$list" | sort -u \
	    >"$work/wanted"
	comm -23 "$work/wanted" "$2" | sed "s/^/$1 lacks /"
	comm -13 "$work/wanted" "$2" | sed "s/^/$1 has too much: /"
}

if [ -x "$SOCKCAT" ]; then
	for who in native openbsd traditional ncat; do
		{
			"$SOCKCAT" --compat=$who --help all 2>&1
			# Its last line points to the native help.
			[ $who != openbsd ] ||
				"$SOCKCAT" --compat=native --help all
		} | options_of_help >"$work/help"
		differ "the help of $who" "$work/help" $who
	done >"$found"
	verdict "the help of each personality has its options"
else
	skip "sockcat is not built"
fi

options_of_manual >"$work/manual"
differ "the manual" "$work/manual" native >"$found"
verdict "the manual has the options"

# What a shell offers works: nothing hidden.
sed -n 's/^native \(-[^ ]*\)$/\1/p' "$list" | sort -u >"$work/wanted"
sed -n '/^_sockcat_options_of_native/,/^}/{
	s/^\(-[^ ]*[A-Za-z0-9]\).*/\1/p
}' completions/sockcat.bash | sort -u | comm -3 "$work/wanted" - >"$found"
verdict "the shells are told every option that works, and no other"

# Rules of options are columns; a pair is an exception with a text of its own.
pairs=$(cat src/cli/rules.c src/cli/dialect_*.c |
    grep -cE '^	\{ ACT_[A-Z_]*, (true|false), ')
refusals=$(cat src/cli/*.c | grep -cE 'refuse\(p, "(cannot|must) use ')
printf 'conflicts of options: %d pairs with a text of their own, ' "$pairs"
printf '%d worded elsewhere\n' "$refusals"
[ "$pairs" -le 32 ] && [ "$refusals" -le 12 ] ||
    echo "conflicts belong to the columns of src/cli/actions.c" >"$found"
verdict "the rules of options are columns, with few exceptions"

end
