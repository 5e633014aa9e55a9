#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs the tests of the BPF object on another kernel, in a virtual machine without network: run.sh BUILD [VMLINUZ]
# Without VMLINUZ: on Debian's kernel for x86-64, which apt fetches and nobody installs. `make check-kernel` brings what
# it needs. The machine is emulated, so that it runs anywhere: a minute or some.
set -euo pipefail
if [ $# -lt 1 ] || [ $# -gt 2 ]; then
	echo "usage: $0 BUILD [VMLINUZ]" >&2
	exit 2
fi
build=$1 vmlinuz=${2:-}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
root=$dir/root log=$dir/log

fetch() { # of the package that the newest one depends on
	local package
	package=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p')
	[ -n "$package" ] || return 1
	chmod 755 "$dir"
	(cd "$dir" && apt-get download -q "$package" >&2 && dpkg -x ./*.deb kernel) && echo "$dir"/kernel/boot/vmlinuz-*
}
if [ -z "$vmlinuz" ] && ! vmlinuz=$(fetch); then
	echo "$0: apt has no linux-image-cloud-amd64 (Debian, x86-64): give the path of a kernel" >&2
	exit 1
fi

# What runs there, in order. test_vectors is left out: it needs Python.
programs=()
for program in "$build"/tests/bpf/test_*; do
	case $program in *.o | *.d | */test_vectors) continue ;; esac
	[ -x "$program" ] && programs+=("$program")
done
if [ ${#programs[@]} -eq 0 ] || [ ! -x "$build/rld" ]; then
	echo "$0: no tests in $build: make all tests" >&2
	exit 2
fi

mkdir -p "$root"/{bin,dev,proc,sys,tmp,test}
cp "$(command -v busybox)" "$root/bin/busybox"
cp "${programs[@]}" "$build/rld" "$root/test/"
ldd "${programs[@]}" "$build/rld" | grep -o '/[^ ]* (0x' | sed 's/ (0x//' | sort -u | while read -r lib; do
	mkdir -p "$root${lib%/*}"
	cp -L "$lib" "$root$lib"
done

cat >"$root/init" <<'EOF'
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin CMOCKA_MESSAGE_OUTPUT=TAP
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t bpf bpf /sys/fs/bpf
mount -t tmpfs tmpfs /tmp
ip link set lo up
echo "# kernel $(uname -rv)"
for program in /test/test_*; do
	echo "# ${program##*/}"
	"$program" 2>&1
	echo "exit ${program##*/} $?"
done
/test/rld --version 2>&1
echo "exit rld $?"
poweroff -f
EOF
chmod 755 "$root/init"
(cd "$root" && find . | cpio --quiet -o -H newc -R 0:0) | gzip -1 >"$dir/initrd"

timeout 900 qemu-system-x86_64 -accel tcg -m 2048 -smp 2 -nographic -no-reboot -nic none \
	-kernel "$vmlinuz" -initrd "$dir/initrd" -append "console=ttyS0 panic=-1 quiet" </dev/null |
	tr -d '\r' | tee "$log" || echo "# the machine was stopped: $?"

# A program that did not get to its end counts as failed, whatever it printed before.
failed=0
for program in "${programs[@]}" rld; do
	grep -q "^exit ${program##*/} 0\$" "$log" && continue
	echo "# FAILED: ${program##*/}"
	failed=1
done
! grep -q '^not ok ' "$log" || failed=1
exit $failed
