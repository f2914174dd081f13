#!/bin/sh
# ./bootstrap installs what the whole program needs, and says what a build
# lacks. The package manager, configure and the program are stand-ins.
. "$(dirname "$0")/lib.sh"

# A tree with a configure that takes a moment, and a machine with a compiler
# that lacks the libraries named in $T/missing.
prepare()
{
	mkdir -p "$T/tree" "$T/bin"
	cp "$TOP_SRCDIR/bootstrap" "$T/tree"
	: >"$T/tree/configure.ac"
	: >"$T/tree/Makefile.am"
	: >"$T/tree/Makefile.in"
	mkdir -p "$T/tree/src"
	cat >"$T/tree/configure" <<'END'
#!/bin/sh
printf '%s\n' "$*" >>../configured
printf 'all:\n' >Makefile
cat >sockcat <<'PROGRAM'
#!/bin/sh
has()
{
	! grep -qx "$1" "$(dirname "$0")/../../missing"
}
case $1 in --version) ;; *) echo "ran: $*"; exit ;; esac
has libbsd-overlay && echo 'libbsd: static' || echo 'libbsd: own functions'
has libedit && echo 'libedit: shared' || echo 'libedit: none'
has openssl && echo 'TLS: OpenSSL' || echo 'TLS: not built in'
has libseccomp && echo 'sandbox: Landlock, seccomp' || echo 'sandbox: Landlock'
PROGRAM
chmod +x sockcat
END
	cat >"$T/bin/pkg-config" <<END
#!/bin/sh
! grep -qx "\$2" "$T/missing"
END
	cat >"$T/bin/apt-get" <<END
#!/bin/sh
echo "\$*" >>"$T/installed"
exit 1
END
	for tool in sudo id; do
		printf '#!/bin/sh\n[ $# = 0 ] || [ "$1" != -u ] || { echo 0; exit; }\nexec "$@"\n' \
		    >"$T/bin/$tool"
	done
	chmod +x "$T/tree/configure" "$T/bin"/*
	: >"$T/missing"
	: >"$T/installed"
}

boot()	# ARG...
{
	run env -u CI -u BUILDDIR -u CONFIGURE_ARGS PATH="$T/bin:$PATH" \
	    "$T/tree/bootstrap" "$@" </dev/null
}

test_libraries_are_installed_though_the_compiler_is_there()
{
	prepare
	printf 'openssl\nlibseccomp\n' >"$T/missing"
	boot
	same "exit status" 0 "$RC"
	holds "the packages" "$(cat "$T/installed")" "install libseccomp-dev libssl-dev"
}

test_the_last_line_names_what_could_not_be_had()
{
	prepare
	printf 'openssl\nlibedit\n' >"$T/missing"
	boot
	same "the last line" \
	    "bootstrap: built without: the line editor (libedit-dev), TLS (libssl-dev)" \
	    "$(printf '%s\n' "$ERR" | tail -n 1)"
	: >"$T/missing"
	boot
	same "the last line, once the libraries are there" \
	    "bootstrap: built: $T/tree/build/sockcat" \
	    "$(printf '%s\n' "$ERR" | tail -n 1)"
	same "how often it was configured" 2 \
	    "$(wc -l <"$T/tree/configured")"
}

test_a_whole_build_says_nothing_of_libraries_and_is_not_made_twice()
{
	prepare
	boot run a b
	same "output" "ran: a b" "$OUT"
	lacks "standard error" "$ERR" without
	boot run c
	same "the second time" "ran: c" "$OUT"
	same "standard error, the second time" "" "$ERR"
	same "how often it was configured" 1 \
	    "$(wc -l <"$T/tree/configured")"
}

test_minimal_installs_and_links_no_optional_library()
{
	prepare
	echo openssl >"$T/missing"
	boot --minimal
	same "exit status" 0 "$RC"
	same "what was installed" "" "$(cat "$T/installed")"
	for name in libbsd libedit libunistring seccomp openssl; do
		holds "the arguments of configure" \
		    "$(cat "$T/tree/configured")" "--without-$name"
	done
	boot
	same "the arguments after that, without the word" "" \
	    "$(tail -n 1 "$T/tree/configured")"
}

run_tests "$@"
