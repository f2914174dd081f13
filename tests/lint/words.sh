#!/bin/sh
# No path of the machine that something was written on.
. "$(dirname "$0")/common.inc"

if [ -e .git ] && git ls-files >"$work/files" 2>/dev/null; then
	:
else
	# An unpacked release: only what people write, never what a build
	# leaves beside it, which names the place where it was built.
	find . \( -name '[_.]?*' -o -name 'build*' \) -prune -o -type f \
	    \( -name '*.[ch1]' -o -name '*.sh' -o -name '*.inc' -o \
	    -name '*.md' -o -name '*.am' -o -name '*.ac' -o -name '*.awk' \) \
	    -print | sed 's|^\./||' >"$work/files"
fi

# In pieces, or this file would find itself.
a=/wo b=/tmp/w c=.libr d=/ho
while IFS= read -r f; do
	[ -f "$f" ] && grep -InF -e "${a}rk/" -e "${b}t-" -e "${c}ary/" \
	    -e "${d}me/" /dev/null "$f"
done <"$work/files" >"$found"
verdict "no path of a machine stands in the tree"

end
