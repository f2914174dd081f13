#!/bin/sh
# The layout of the C files is that of .clang-format: indentation, blanks and
# braces. Where a statement is broken is free, and so are the columns of
# members and of comments, for which clang-format has no rule like ours.
. "$(dirname "$0")/common.inc"

# Each version has a taste of its own.
version=14
format=
for try in clang-format-$version clang-format; do
	case $("$try" --version 2>/dev/null) in
	*"version $version."*)
		format=$try
		break ;;
	esac
done
if [ -z "$format" ]; then
	skip "clang-format $version is not installed"
	end
fi

files=$(find src tests -name '*.[ch]' | sort)
made=$TEST_TMPDIR/made
mkdir -p "$made"
tar cf - .clang-format $files | tar xf - -C "$made"
# For clang-format, "operator" is a word of C++.
(cd "$made" && printf '%s\n' $files | xargs sed -i 's/operator/operat_r/g' &&
    printf '%s\n' $files | xargs "$format" -i)

# The statements of the files below a directory, without the numbers of lines.
statements()
{
	(cd "$1" && printf '%s\n' $files |
	    xargs awk -f "$TOP_SRCDIR/tests/lint/statements.awk") |
	    sed 's/^\([^:]*\):[0-9]*:/\1:/; s/operator/operat_r/g'
}

statements . >"$TEST_TMPDIR/ours"
statements "$made" >"$TEST_TMPDIR/theirs"
[ "$(wc -l <"$TEST_TMPDIR/ours")" -gt 30000 ] || echo "few statements" >"$found"
diff "$TEST_TMPDIR/ours" "$TEST_TMPDIR/theirs" | grep '^[<>]' |
    cut -c1-300 >>"$found"
verdict "statements are laid out as .clang-format says"

end
