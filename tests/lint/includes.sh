#!/bin/sh
# The direction of dependence, read from the #include lines.
. "$(dirname "$0")/common.inc"

# "src/ROOM/FILE.c:LINE: HEADER" of each quoted include; main.c is a room.
code $(sources) | sed -n \
    's/^\([^:]*:[0-9]*\):[ \t]*#[ \t]*include[ \t]*"\([^"]*\)".*/\1: \2/p' \
    >"$work/quoted"

awk '
	BEGIN {
		may["bsd"] = "bsd"
		may["base"] = "base"
		may["io"] = "base io"
		may["loop"] = may["io"] " loop"
		may["http"] = "base http"
		may["layer"] = may["loop"] " http layer"
		may["endpoint"] = may["layer"] " endpoint"
		may["console"] = may["endpoint"] " console"
		may["filter"] = "base filter"
		may["frame"] = "base filter frame"
		may["pump"] = may["endpoint"] " filter frame pump"
		may["link"] = may["pump"] " link"
		may["hub"] = may["endpoint"] " hub"
		may["plan"] = "base plan"
		may["net"] = may["layer"] " net"
		may["reach"] = may["net"] " reach"
		may["door"] = may["reach"] " door"
		may["message"] = "base plan message"
		may["cli"] = "base io plan message cli"
		may["run"] = may["link"] " hub plan net reach door message sandbox run"
		may["peers"] = may["run"] " peers"
		may["serve"] = may["peers"] " serve"
		may["chat"] = may["serve"] " console chat"
		may["scan"] = may["run"] " scan"
		may["mode"] = may["chat"] " mode"
		may["main"] = may["mode"] " scan cli"
		may["sandbox"] = "base sandbox"
	}
	{
		split($1, path, /[\/:]/)
		room = path[2] == "main.c" ? "main" : path[2]
		header = $2
		if (header == "config.h") {
			if ($1 !~ /^src\/cli\/version\.c:/)
				print $0 ": config.h is for cli/version.c alone"
			next
		}
		if (!(room in may)) {
			print $0 ": no such room: " room
			next
		}
		if (header !~ /^[a-z]+\/[a-z0-9_]+\.(h|inc)$/) {
			print $0 ": not of the form room/file.h"
			next
		}
		split(header, h, "/")
		if ((room, header) in reads)
			next
		if (index(" " may[room] " ", " " h[1] " ") == 0)
			print $0 ": " room " may not include this"
	}' "$work/quoted" >"$found"
verdict "each room includes only the rooms below it"

code $(sources) | grep 'include[ 	]*<openssl/' |
    grep -v '^src/layer/\(layer_tls\|tls_[a-z]*\)\.c:' >"$found"
verdict "OpenSSL's headers stand in the files of its module alone"

code $(sources) | grep 'include[ 	]*<\(histedit\|editline\)' |
    grep -v '^src/console/editor_libedit\.c:' >"$found"
verdict "libedit's headers stand in editor_libedit.c alone"

code $(sources) | grep 'include[ 	]*<uni\(case\|ctype\|norm\|str\)' |
    grep -v '^src/chat/letters_unistring\.c:' >"$found"
verdict "libunistring's headers stand in letters_unistring.c alone"

for f in $(find src -name '*.h' | sort); do
	head -n 1 "$f" | grep -q '^/\*' || echo "$f"
done >"$found"
verdict "each header begins with a comment"

# A header must compile alone, as in a build without libbsd.
if [ -n "${CC:-}" ]; then
	compile="$CC -std=gnu11 -D_GNU_SOURCE -Isrc -Isrc/bsd/include"
	for f in $(find src -name '*.h' | sort); do
		printf '#include "%s"\n' "${f#src/}"
		printf '#include "%s"\n' "${f#src/}"
		echo 'extern int nothing;'
	done >"$work/all.c"
	for f in $(find src -name '*.h' | sort); do
		printf '#include "%s"\nextern int nothing;\n' "${f#src/}" \
		    >"$work/one.c"
		$compile -fsyntax-only "$work/one.c" \
		    >"$work/out" 2>&1 || {
			echo "$f"
			head -n 3 "$work/out"
		}
	done >"$found"
	$compile -fsyntax-only "$work/all.c" >>"$found" 2>&1
	verdict "each header compiles alone, and twice"
else
	skip "no compiler known, headers were not compiled"
fi

end
