#!/bin/sh
# Boots a kernel that has kTLS in a virtual machine, and runs a script there.
# Fails unless the script says that all its tests have run, and none FAILED.
#
# usage: tests/vm/ktls.sh KERNEL BUILD SCRIPT [MEMORY]
#
# KERNEL is a directory into which a package of a kernel was unpacked, as by
# `apt-get download linux-image-...-amd64` and `dpkg-deb -x`; BUILD is where
# sockcat was built; SCRIPT runs as /script. The system in the machine is a
# file system in memory with sockcat, openssl, strace and busybox. Part of
# `make check-ktls`, not of `make check`: the tool needs qemu-system-x86_64,
# busybox, strace, cpio and kmod. ACCEL=kvm is faster, LIMIT is in seconds,
# TOOLS names more programs for /bin in the machine.
set -eu

kernel=$1
build=$2
script=$3
memory=${4:-1024}
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

version=$(basename "$(echo "$kernel"/lib/modules/*)")
modules=lib/modules/$version

# Copies a program and the libraries that it names.
take()
{
	cp "$1" "$root/bin/"
	ldd "$1" | grep -o '/[^ ]*' | while read -r lib; do
		mkdir -p "$root$(dirname "$lib")"
		[ -e "$root$lib" ] || cp -L "$lib" "$root$lib"
	done
}

mkdir -p "$root/bin" "$root/tmp" "$root/proc" "$root/sys" "$root/dev" \
    "$root/etc/ssl" "$root/usr/lib/ssl" "$root/root" "$root/$modules"
[ -e "$kernel/$modules/modules.dep" ] || depmod -b "$kernel" "$version"
for module in tls gcm aesni_intel ghash_clmulni_intel chacha20poly1305 \
    chacha_x86_64 poly1305_x86_64; do
	modprobe -d "$kernel" -S "$version" --show-depends "$module" \
	    2>/dev/null | sed -n 's/^insmod \([^ ]*\).*/\1/p' |
	while read -r file; do
		cp "$file" "$root/$modules/"
	done
done
depmod -b "$root" "$version" 2>/dev/null
take "$(command -v busybox)"
take "$build/sockcat"
take "$build/sockcat-tls.so"
take "$(command -v openssl)"
take "$(command -v strace)"
for tool in ${TOOLS:-}; do take "$tool"; done
cp "$script" "$root/script"
cat >"$root/init" <<'END'
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin HOME=/root
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
mount -t tmpfs none /tmp
ip link set lo up
modprobe -a tls aesni_intel gcm ghash_clmulni_intel chacha20poly1305 \
    chacha_x86_64 poly1305_x86_64
sh /script </dev/null 2>&1
poweroff -f
END
chmod 755 "$root/init"
(cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"$root.cpio"
trap 'rm -rf "$root" "$root.cpio" "$root.log"' EXIT
accel=tcg cpu=max
if [ "${ACCEL:-}" ]; then
	accel=$ACCEL cpu=${CPU:-host}
fi
timeout "${LIMIT:-600}" qemu-system-x86_64 -accel "$accel" \
    -cpu "$cpu" -m "$memory" \
    -smp 1 -nographic -no-reboot -nodefaults -serial stdio \
    -kernel "$(echo "$kernel"/boot/vmlinuz-*)" -initrd "$root.cpio" \
    -append "console=ttyS0 quiet mitigations=off nokaslr panic=-1" \
    </dev/null | tee "$root.log"
grep -q 'all tests have run' "$root.log" && ! grep -q '^FAILED' "$root.log"
