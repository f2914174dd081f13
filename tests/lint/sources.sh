#!/bin/sh
# What is in the tree is in the build.
. "$(dirname "$0")/common.inc"

# listed NAME: Makefile.am has it as a word.
sed 's/#.*//' Makefile.am | tr -s ' \t\\=' '\n\n\n\n' | sort -u \
    >"$work/words"
listed()
{
	grep -qxF "$1" "$work/words"
}

for f in $(sources); do
	listed "$f" || listed "${f%.c}" || echo "$f"
done >"$found"
verdict "each file of src is in Makefile.am"

for f in tests/unit/test_*.c tests/fuzz/fuzz_*.c tests/tools/*.c; do
	[ -f "$f" ] || continue
	listed "$f" || listed "${f%.c}" || echo "$f"
done >"$found"
verdict "each test program is in Makefile.am"

for f in doc/* completions/* debian/* debian/*/* packaging/* packaging/*/* \
    systemd/*; do
	[ -f "$f" ] || continue
	case $f in
	# What dpkg-buildpackage leaves.
	debian/files|debian/*.substvars|debian/*.debhelper*) continue ;;
	debian/debhelper-*|debian/autoreconf.*) continue ;;
	esac
	listed "$f" || echo "$f"
done >"$found"
verdict "each document, completion and package is in Makefile.am"

while IFS= read -r name; do
	[ -f "tests/unit/$name.c" ] || [ -f "tests/cli/$name" ] ||
	    [ -f "tests/fault/$name" ] || echo "$name"
done <tests/slow >"$found"
verdict "each name in tests/slow is a test program"

# A script that the runner does not find by its name would never run.
for f in tests/cli/*.sh tests/fault/*.sh tests/packages/*.sh; do
	[ -f "$f" ] || continue
	case ${f##*/} in
	test_*|lib*.sh) ;;
	*)	echo "$f: neither test_*.sh nor lib*.sh" ;;
	esac
done >"$found"
verdict "each test script has a name that the runner finds"

end
