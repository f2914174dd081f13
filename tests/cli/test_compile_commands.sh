#!/bin/sh
# compile_commands.json, by which editors know how each file is compiled.
. "$(dirname "$0")/lib.sh"

# The file of this build, in $T/json. make is not a part of the make that may
# have started the tests.
make_it()
{
	command -v python3 >/dev/null || { skip "no python3"; return 1; }
	[ -f "$TOP_BUILDDIR/Makefile" ] && [ -w "$TOP_BUILDDIR" ] ||
	    { skip "the build is not ours"; return 1; }
	(
		unset MAKEFLAGS MAKELEVEL MFLAGS
		"${MAKE:-make}" -s -C "$TOP_BUILDDIR" compile_commands.json
	) >"$T/log" 2>&1
	same "what make says" "" "$(cat "$T/log")"
	cp "$TOP_BUILDDIR/compile_commands.json" "$T/json"
}

test_c_files_are_there_once_and_are_compiled_by_their_commands()
{
	make_it || return 0
	run python3 - "$T/json" "$TOP_SRCDIR" <<'END'
import collections, glob, json, os, subprocess, sys

entries = json.load(open(sys.argv[1]))
seen = collections.Counter(os.path.realpath(entry["file"])
                           for entry in entries)
wanted = glob.glob(sys.argv[2] + "/tests/*/*.c") + [
    sys.argv[2] + name for name in (
        "/src/main.c", "/src/pump/flow.c", "/completions/gen_completions.c")]
print("twice:", [name for name, times in seen.items() if times > 1])
print("missing:", [name for name in map(os.path.realpath, wanted)
                   if name not in seen])
for entry in entries:
    if entry["file"].endswith(("/version.c", "/tls_dlopen.c", "/test_num.c")):
        if subprocess.call(entry["command"] + " -fsyntax-only -w", shell=True,
                           cwd=entry["directory"]):
            print("not compiled:", entry["file"])
END
	same "what is wrong" "$(printf 'twice: []\nmissing: []')" "$OUT"
	same "errors" "" "$ERR"
}

run_tests "$@"
