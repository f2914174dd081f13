#!/bin/sh
# The RPM package is built from the archive, as rpmbuild -ta does it.
# timeout: 900
. "$(dirname "$0")/lib.sh"

need rpmbuild rpm2cpio cpio

# Its build dependencies are not asked for: here they are no RPM packages. The
# tests of units are those of make check.
build()
{
	rpmbuild -ta --nodeps --nocheck -D "_topdir $work/rpm" \
	    -D "_smp_mflags -j2" -D "optflags -O0" -D "_dbpath $work/db" "$ARCHIVE" &&
	    cp "$work"/rpm/RPMS/*/sockcat-"$version"-*.rpm "$work/sockcat.rpm"
}

has()	# PATH ...
{
	rpm -qlp --dbpath "$work/db" "$work/sockcat.rpm" >"$work/list"
	cat "$work/list"
	for path do
		grep -qx "$path" "$work/list" ||
		    { echo "there is no $path"; return 1; }
	done
}

runs()
{
	mkdir "$work/x" && cd "$work/x" &&
	    rpm2cpio "$work/sockcat.rpm" | cpio -idm --quiet &&
	    ./usr/bin/sockcat --version | grep -qx "sockcat $version"
}

test_the_package_is_built_from_the_archive()
{
	check "the package is built" build || return
	check "it has the program, the module, the page and the examples" \
	    has /usr/bin/sockcat '/usr/lib.*/sockcat/sockcat-tls\.so' \
	    '/usr/share/man/man1/sockcat\.1\(\.gz\)*' '/usr/share/doc/.*/NEWS\.md' \
	    '/usr/share/.*/LICENSE' \
	    '/usr/share/doc/.*/examples/sockcat-echo@\.service'
	check "its program has its version" runs
}

run_tests "$@"
