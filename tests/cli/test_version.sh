#!/bin/sh
# --version and configure's summary say what is in the program; --help fits.
. "$(dirname "$0")/lib.sh"

# What --version says of something.
version_says()	# KEY
{
	"$SOCKCAT" --version | sed -n "s/^$1: //p"
}

# The libraries that the program loads when it starts.
needed()
{
	command -v readelf >/dev/null || { skip "no readelf"; return 1; }
	readelf -d "$SOCKCAT" | sed -n 's/.*(NEEDED).*\[\(.*\)\]$/\1/p' >"$T/needed"
}

test_each_library_is_there_as_version_says()
{
	needed || return 0
	for lib in bsd edit unistring; do
		is=$(version_says "lib$lib")
		case $lib:$is in
		*:static|bsd:"own functions"|*:none|*:"shared, opened when needed")
			true_that "lib$lib, which is $is, is not loaded" \
			    [ -z "$(grep "^lib$lib\." "$T/needed")" ] ;;
		*:shared)
			true_that "lib$lib, which is shared, is loaded" \
			    grep -q "^lib$lib\." "$T/needed" ;;
		*)	bad "lib$lib" "$is" ;;
		esac
	done
}

# What is linked statically has left its functions in the program.
test_functions_are_there_as_version_says()
{
	command -v nm >/dev/null || { skip "no nm"; return; }
	nm "$SOCKCAT" >"$T/names" 2>/dev/null
	grep -q ' T main$' "$T/names" || { skip "it is stripped"; return; }
	same "libbsd" "$(version_says libbsd)" "$(
	    if grep -q ' T bsd_strtonum$\| T bsd_readpassphrase$' "$T/names"
	    then echo "own functions"
	    elif grep -q ' T readpassphrase$' "$T/names"
	    then echo static
	    else echo shared
	    fi)"
	for lib in libedit libunistring; do
		same "$lib" "$(version_says $lib)" "$(
		    if grep -aq "lib${lib#lib}\.so\." "$SOCKCAT"
		    then echo "shared, opened when needed"
		    else echo none
		    fi)"
	done
}

test_each_feature_is_used_by_the_program()
{
	command -v nm >/dev/null || { skip "no nm"; return; }
	nm -D "$SOCKCAT" >"$T/names" 2>/dev/null
	grep -q ' U ' "$T/names" || { skip "it is static"; return; }
	for feature in $(version_says features); do
		true_that "it uses $feature" \
		    grep -q " U ${feature}[a-z0-9_]*\(@.*\)\{0,1\}$" "$T/names"
	done
}

test_what_is_not_built_in_is_not_loaded()
{
	needed || return 0
	same "other libraries" "" "$(grep -E 'ssl|crypto|gnutls|seccomp' \
	    "$T/needed")"
}

test_configure_says_the_same()
{
	log=$TOP_BUILDDIR/config.log
	[ -r "$log" ] && [ "$SOCKCAT" = "$TOP_BUILDDIR/sockcat" ] ||
	    { skip "no log of configure"; return; }
	for key in libbsd libedit libunistring TLS; do
		same "$key" "$(version_says $key)" \
		    "$(sed -n "s/^  $key  *//p" "$log" | tail -n 1)"
	done
}

test_help_fits_80_columns()
{
	for word in -h --help; do
		run_gives 0 "$NC" $word </dev/null
		same "lines over 80 columns" "" "$(printf '%s\n' "$OUT" |
		    expand | awk 'length($0) > 80')"
	done
}

run_tests "$@"
