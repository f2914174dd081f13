#!/bin/sh
# The Debian packages: they are built from a bare tree, lintian finds nothing,
# they are installed, used, removed and purged, and nothing is left of them.
# timeout: 900
. "$(dirname "$0")/lib.sh"

need dpkg-buildpackage dh lintian musl-gcc autoreconf
in_own_world "$@"
export DEB_BUILD_OPTIONS="nocheck parallel=2"

build()
{
	bare_tree "$work/tree" && tar -czf "$work/sockcat_$version.orig.tar.gz" \
	    --exclude=debian -C "$work" tree && cd "$work/tree" &&
	    dpkg-checkbuilddeps && dpkg-buildpackage -us -uc
}

lints()
{
	lintian --fail-on error,warning --allow-root "$work"/*.changes
}

# has DEB PATH ...: a regular file or a link at each of these paths.
has()
{
	dpkg-deb -c "$1" | awk '!/^d/ { print $6 }' >"$work/contents"
	cat "$work/contents"
	shift
	for path do
		grep -qx "\./usr/$path" "$work/contents" ||
		    { echo "there is no $path"; return 1; }
	done
}


hardened()
{
	dpkg-deb -x "$(echo "$work"/sockcat_*.deb)" "$work/x" &&
	    readelf -hlWd "$work/x/usr/bin/sockcat" >"$work/elf" &&
	    grep -q 'Type: *DYN' "$work/elf" &&
	    grep -q GNU_RELRO "$work/elf" && grep -q 'FLAGS.*NOW' "$work/elf"
}

# ---- In the overlay --------------------------------------------------------

install_packages()
{
	in_root dpkg -i /debs/sockcat.deb /debs/sockcat-static.deb
}

alternatives()
{
	in_root update-alternatives --display nc 2>/dev/null
}

best_of()	# FILE
{
	sed -n 's/^ *link currently points to //p' "$1"
}

is_alternative()	# PROGRAM PRIORITY
{
	cat "$work/after"
	grep -qx "/usr/bin/$1 - priority $2" "$work/after" &&
	    grep -qx "  slave netcat: /usr/bin/$1" "$work/after" &&
	    for name in nc netcat; do
		grep -qx "  slave $name.1.gz: /usr/share/man/man1/$1.1.gz" \
		    "$work/after" || return
	    done
}

forget_others()
{
	for name in nc.openbsd nc.traditional ncat; do
		in_root update-alternatives --remove nc "/bin/$name"
		in_root update-alternatives --remove nc "/usr/bin/$name"
	done >/dev/null 2>&1
}

leads_to()	# PATH: the end of the links from nc
{
	[ "$(in_root readlink -f /bin/nc)" = "$1" ]
}

# $upper has nothing that is not as in the system below, but for what dpkg and
# man keep about all packages.
nothing_is_left()
{
	( cd "$upper" && find . ! -type d ! -path './debs/*' \
	    ! -path './var/lib/dpkg/*' ! -path './var/log/*' \
	    ! -path './var/cache/*' ! -path ./var/lib/man-db/auto-update \
	    ! -path ./etc/ld.so.cache ) >"$work/upper"
	while IFS= read -r file; do
		if [ -L "$upper/$file" ]; then
			[ "$(readlink "$upper/$file")" = \
			    "$(readlink "/$file")" ]
		else
			cmp -s "$upper/$file" "/$file"
		fi || echo "left: $file"
	done <"$work/upper" >"$work/left"
	( cd "$upper" && find . -type d -name '*sockcat*' ) >>"$work/left"
	cat "$work/left"
	[ ! -s "$work/left" ]
}

use_packages()
{
	# Pages are found without the index, which would take its time.
	rm -f "$root/var/lib/man-db/auto-update"
	mkdir "$root/debs" && cp "$work"/tree/debian/tests/smoke \
	    "$root/debs/" || return
	for deb in sockcat sockcat-static; do
		cp "$work/${deb}_"*.deb "$root/debs/$deb.deb" || return
	done
	alternatives >"$work/before"
	check "dpkg installs the packages" install_packages || return
	alternatives >"$work/after"
	check "nc stays what it was beside another netcat" \
	    [ "$(best_of "$work/before")" = "$(best_of "$work/after")" ]
	check "sockcat is an alternative, with the manual page" \
	    is_alternative sockcat 5
	check "sockcat-static is an alternative, with the manual page" \
	    is_alternative sockcat-static 4
	check "nc does what it should under each alternative" \
	    in_root /debs/smoke
	check "a second installation changes nothing" install_packages
	in_root update-alternatives --set nc /usr/bin/sockcat
	check "dpkg removes the chosen netcat" in_root dpkg -r sockcat
	check "nc is another netcat then" \
	    leads_to "$(readlink -f "$(best_of "$work/before")")"
	check "dpkg purges the packages" \
	    in_root dpkg -P sockcat sockcat-static
	check "nothing is left of them" nothing_is_left
	forget_others
	install_packages >/dev/null 2>&1
	check "nc is sockcat where there is no other netcat" \
	    leads_to /usr/bin/sockcat
}

test_packages_are_built_installed_and_purged()
{
	check "the packages are built from a bare tree" build || return
	check "lintian has no error and no warning" lints
	check "sockcat has the program, the module and the page" \
	    has "$(echo "$work"/sockcat_*.deb)" bin/sockcat \
	    'lib/.*/sockcat/sockcat-tls\.so' 'share/man/man1/sockcat\.1\.gz' \
	    'share/doc/sockcat/changelog\.gz' share/doc/sockcat/copyright \
	    'share/doc/sockcat/examples/sockcat-echo@\.service'
	check "sockcat-static has the program and the page" \
	    has "$(echo "$work"/sockcat-static_*.deb)" bin/sockcat-static \
	    'share/man/man1/sockcat-static\.1\.gz'
	check "the program is hardened" hardened
	if overlay 2>"$work/log"; then
		use_packages
	else
		skip "the packages are not installed: no overlay of the system" \
		    "$(cat "$work/log")"
	fi
}

run_tests "$@"
