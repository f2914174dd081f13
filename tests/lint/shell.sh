#!/bin/sh
# Every script parses in its own shell.
. "$(dirname "$0")/common.inc"

find bootstrap .ci build-aux/release debian/tests packaging tests tools \
    -type f | sort | while IFS= read -r f; do
	head=$(head -n 1 "$f" | tr -d '\0')
	case $head in
	'#!'*bash*)	bash -n "$f" 2>&1 ;;
	'#!'*sh)	sh -n "$f" 2>&1 ;;
	*)	case $f in
		*.inc|*.sh|*/APKBUILD) sh -n "$f" 2>&1 ;;
		esac ;;
	esac
done >"$found"
verdict "each script parses"

# A script that is run by its name must be executable.
for f in bootstrap .ci/run build-aux/release debian/rules \
    debian/tests/smoke tests/run tests/worlds; do
	[ -x "$f" ] || echo "$f"
done >"$found"
verdict "bootstrap and the runners are executable"

# parses SHELL FILE
parses()
{
	if [ ! -f "$2" ]; then
		skip "there is no $2"
	elif ! command -v "$1" >/dev/null 2>&1; then
		skip "$1 is not installed"
	else
		"$1" -n "$2" >"$found" 2>&1 || echo "status $?" >>"$found"
		verdict "$1 parses $2"
	fi
}

for f in completions/*.bash; do
	parses bash "$f"
done
parses zsh completions/_sockcat
for f in completions/*.fish; do
	parses fish "$f"
done

end
