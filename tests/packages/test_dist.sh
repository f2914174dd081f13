#!/bin/sh
# `make dist` gives the same bytes wherever and whenever it is made, and the
# archive has the files of the tree, and no others.
# timeout: 600
. "$(dirname "$0")/lib.sh"

need autoreconf automake

generated='configure|aclocal\.m4|config\.h\.in|Makefile\.in'
generated="$generated|build-aux/(ar-lib|compile|config.guess|config.sub|depcomp|install-sh|missing)"

unpack()	# DIRECTORY TAR-OPTION ...
{
	unpack_to=$1
	shift
	mkdir "$unpack_to" && tar -xzf "$ARCHIVE" -C "$unpack_to" \
	    --strip-components 1 "$@"
}

dist_of()	# TREE BUILD: leaves the archive in the build
{
	mkdir -p "$2" && cd "$2" &&
	    "$1/configure" -q --without-musl && make -s dist-gzip
}

# In the tree itself. The date is that of the archive's files.
unpacked_again()
{
	umask 027
	TZ=Asia/Kathmandu LC_ALL=C.UTF-8
	export TZ LC_ALL
	unpack "$work/again" && touch "$work/again/tests/unit/x.o" &&
	    dist_of "$work/again" "$work/again" &&
	    cmp "$work/again/sockcat-$version.tar.gz" "$ARCHIVE"
}

# As of a clone, with files of today, which only their owner can read.
from_a_bare_tree()
{
	umask 077
	SOURCE_DATE_EPOCH=$(stat -c %Y "$work/again/NEWS.md")
	export SOURCE_DATE_EPOCH
	bare_tree "$work/bare" &&
	    ( cd "$work/bare" && find . -exec touch {} + &&
	    chmod -R go= . && autoreconf -fi ) &&
	    dist_of "$work/bare" "$work/bare-build" &&
	    cmp "$work/bare-build/sockcat-$version.tar.gz" "$ARCHIVE"
}

git_of()
{
	git -C "$work/again" -c user.name=x -c user.email=x@localhost "$@"
}

# 2001-09-09 01:46:40 UTC.
has_the_date_of_the_commit()
{
	git_of init -q && git_of add README.md &&
	    GIT_COMMITTER_DATE="1000000000 +0300" git_of commit -q -m x &&
	    dist_of "$work/again" "$work/again" &&
	    TZ=UTC tar -tvzf "$work/again/sockcat-$version.tar.gz" \
	        >"$work/dates" &&
	    ! grep -v ' 0/0 .* 2001-09-09 01:46 ' "$work/dates"
}

is_complete()
{
	tar -tzf "$ARCHIVE" | sed -n 's|^[^/]*/\(.*[^/]\)$|\1|p' |
	    sort >"$work/shipped"
	( cd "$TOP_SRCDIR" && git ls-files -co --exclude-standard |
	    while IFS= read -r file; do
		[ ! -f "$file" ] || printf '%s\n' "$file"
	    done ) | grep -vx '\.gitignore' | sort >"$work/kept"
	comm -3 "$work/kept" "$work/shipped" |
	    grep -vxE "	($generated)" >"$work/odd"
	cat "$work/odd"
	[ ! -s "$work/odd" ]
}

test_an_archive_is_the_same_wherever_it_is_made()
{
	check "an archive that was unpacked makes the same archive" unpacked_again
	check "a bare tree makes the same archive" from_a_bare_tree
	if ! command -v git >/dev/null; then
		skip "the archive has the date of the commit: no git"
		skip "the archive is complete: no git"
	else
		check "the archive has the date of the commit" \
		    has_the_date_of_the_commit
		if [ -e "$TOP_SRCDIR/.git" ]; then
			check "the archive is complete" is_complete
		else
			skip "the archive is complete: no clone"
		fi
	fi
}

run_tests "$@"
