# What the tests of packages share. They use the archive of `make dist`, whose
# path is in ARCHIVE, and never change the system.
# shellcheck shell=sh

. "${TOP_SRCDIR:-$(dirname "$0")/../..}/tests/lib/tests.sh"

# A package is built as its own tools do it, not as a part of this make.
unset MAKEFLAGS MAKELEVEL MFLAGS CC CFLAGS LDFLAGS SANITIZED T KINDS

version=$(sed -n 's/^AC_INIT(\[sockcat\], \[\(.*\)\])$/\1/p' \
    "$TOP_SRCDIR/configure.ac")

# need COMMAND ...: without these the whole script is one skipped test.
need()
{
	for command do
		command -v "$command" >/dev/null || skip_all "no $command"
	done
	[ -f "${ARCHIVE:-}" ] || skip_all "no archive: make check-packages"
}

skip_all()	# REASON
{
	skip "$(basename "$0" .sh): $1"
	end
}

# check NAME COMMAND ...: a test that passes if the command succeeds, in a shell
# of its own. Its output is shown otherwise.
check()
{
	check_name=$1
	shift
	( "$@" ) >"$work/log" 2>&1 </dev/null
	judge $? "$check_name" "$(tail -n 60 "$work/log")"
}

# A bare tree in the directory, as of a clone: only what people wrote.
bare_tree()	# DIRECTORY
{
	mkdir -p "$1" &&
	    tar -xzf "$ARCHIVE" -C "$1" --strip-components 1 &&
	    ( cd "$1" && rm -rf configure aclocal.m4 config.h.in Makefile.in \
	        build-aux/ar-lib build-aux/compile build-aux/config.guess \
	        build-aux/config.sub build-aux/depcomp \
	        build-aux/install-sh build-aux/missing )
}

# The system as it is, without network but loopback, in $root, where things can
# be installed; $upper has what is not as before. Both are there for this
# process and its children alone, and end with them. A script that needs them
# begins with `in_own_world "$@"`.
world=$work/world
root=$world/root
upper=$world/upper

in_own_world()	# ARG ...: of the script
{
	if [ -n "${OWN_WORLD:-}" ] || [ "$(id -u)" != 0 ]; then
		return
	fi
	if unshare --mount --net true 2>/dev/null; then
		rm -rf "$work_place"
		OWN_WORLD=yes exec unshare --mount --net sh "$0" "$@"
	fi
}

# The names of the three directories are relative, for a comma or a colon in
# the path would end an option.
overlay()
{
	[ -n "${OWN_WORLD:-}" ] && ip link set lo up && mkdir "$world" &&
	    mount -t tmpfs none "$world" &&
	    ( cd "$world" && mkdir root upper work &&
	        mount -t overlay none root \
	        -o lowerdir=/,upperdir=upper,workdir=work ) &&
	    mount -t proc none "$root/proc" && mknods "$root/dev" &&
	    in_root true
}

# Nothing is removed through a mount.
at_exit()
{
	if mountpoint -q "$world"; then
		umount -R -l "$world"
	fi
}

# Not a mount of /dev, in which something might be removed by mistake.
mknods()	# DIRECTORY
{
	mount -t tmpfs none "$1" &&
	    mknod -m 666 "$1/null" c 1 3 && mknod -m 666 "$1/zero" c 1 5 &&
	    mknod -m 666 "$1/urandom" c 1 9 && ln -s /proc/self/fd "$1/fd"
}

in_root()	# COMMAND ...
{
	chroot "$root" env -i HOME=/root LC_ALL=C.UTF-8 \
	    PATH=/usr/sbin:/usr/bin:/sbin:/bin \
	    DEBIAN_FRONTEND=noninteractive "$@"
}
