#!/bin/sh
# The build file of Alpine parses, has what abuild asks for, and its functions
# build and install the program.
# timeout: 600
# shellcheck disable=SC1090
. "$(dirname "$0")/lib.sh"

need sh
apkbuild=$TOP_SRCDIR/packaging/alpine/APKBUILD

# abuild reads the file with the shell, and asks for these variables.
is_whole()
{
	sh -n "$apkbuild" && . "$apkbuild" &&
	    [ "$pkgname-$pkgver.tar.gz" = "$(basename "$ARCHIVE")" ] &&
	    for value in "$pkgrel" "$pkgdesc" "$url" "$arch" "$license" \
	        "$makedepends" "$source"; do
		[ -n "$value" ] || return
	    done && [ "${#pkgdesc}" -lt 128 ]
}

builds()
{
	CBUILD=$(uname -m)-linux-gnu
	CHOST=$CBUILD pkgdir=$work/pkg CFLAGS=-O0 MAKEFLAGS=-sj2
	export CFLAGS MAKEFLAGS
	. "$apkbuild"
	mkdir "$work/src" && tar -xzf "$ARCHIVE" -C "$work/src" &&
	    cd "$work/src/$pkgname-$pkgver" && build && package &&
	    "$pkgdir/usr/bin/sockcat" --version >/dev/null
}

test_the_build_file_builds_the_program()
{
	check "it has what abuild asks for" is_whole
	if command -v shellcheck >/dev/null; then
		check "shellcheck finds nothing" shellcheck -s sh -e SC2034,SC2154 \
		    "$apkbuild"
	else
		skip "shellcheck finds nothing: it is not installed"
	fi
	check "its functions build and install the program" builds
}

run_tests "$@"
