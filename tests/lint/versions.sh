#!/bin/sh
# The version of configure.ac stands in every other place that has one. With
# RELEASE=yes (build-aux/release) their dates must be there, too.
. "$(dirname "$0")/common.inc"

version=$(sed -n 's/^AC_INIT(\[sockcat\], \[\(.*\)\])$/\1/p' configure.ac)
news=$(sed -n 's/^## //p' NEWS.md | head -n 1)
debian=$(sed -n '1s/^sockcat (\([^)]*\)-[^-)]*) .*/\1/p' debian/changelog)

# is FILE WANTED FOUND
is()
{
	[ "$2" = "$3" ] || echo "$1: $3, not $2"
}

{
	is configure.ac "a version" "${version:+a version}"
	is NEWS.md "$version" "${news%% *}"
	is doc/sockcat.1 "$version" \
	    "$(sed -n 's/^\.Os sockcat //p' doc/sockcat.1)"
	# Debian sorts 1.0~rc1 before 1.0.
	is debian/changelog "$version" "$(echo "$debian" | tr -d '~')"
	is packaging/sockcat.spec "$version" \
	    "$(sed -n 's/^Version: *//p' packaging/sockcat.spec)"
	is packaging/alpine/APKBUILD "$version" \
	    "$(sed -n 's/^pkgver=//p' packaging/alpine/APKBUILD | tr -d _)"
} >"$found"
verdict "each file has the version of configure.ac, $version"

if [ "${RELEASE:-no}" = yes ]; then
	day=$(echo "$news" | sed -n 's/.* (\([0-9-]\{10\}\))$/\1/p')
	is NEWS.md "a date of release" "${day:+a date of release}" >"$found"
	{
		is doc/sockcat.1 "$day" "$(date -u +%F -d \
		    "$(sed -n 's/^\.Dd //p' doc/sockcat.1)")"
		is debian/changelog "$day" "$(date -u +%F -d \
		    "$(sed -n 's/^ -- .*>  //p' debian/changelog |
		    head -n 1)")"
		is packaging/sockcat.spec "$day" "$(date -u +%F -d \
		    "$(sed -n 's/^\* [A-Z][a-z]* \([^<]* [0-9]\{4\}\) .*/\1/p' \
		    packaging/sockcat.spec | head -n 1)")"
	} >>"$found" 2>&1
	verdict "each file has the date of the release"
fi

end
