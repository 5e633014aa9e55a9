#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs the tests of the BPF object on other kernels, in virtual machines without network: run.sh BUILD [VMLINUZ]
# Without VMLINUZ: on Debian's Linux 6.1 and 6.12 for x86-64, which apt fetches and nobody installs. `make check-kernel`
# brings what it needs. The machine is emulated, so that it runs anywhere: some minutes a kernel. Ends with a table of
# what each verifier, this machine's too, makes of each compiler's object (docs/compilers.md).
set -euo pipefail
if [ $# -lt 1 ] || [ $# -gt 2 ]; then
	echo "usage: $0 BUILD [VMLINUZ]" >&2
	exit 2
fi
build=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
chmod 755 "$dir"
root=$dir/root log=$dir/log

fetch() { # SERIES: the newest of it that apt offers
	local package pattern="^linux-image-${1//./\\.}\\.[0-9][^ ]*-cloud-amd64\$"
	package=$(apt-cache search --names-only "$pattern" | cut -d ' ' -f 1 | sort -V | tail -n 1)
	[ -n "$package" ] || return 1
	mkdir "$dir/$1"
	(cd "$dir/$1" && apt-get download -q -o APT::Sandbox::User=root "$package" >&2 && dpkg -x ./*.deb kernel) && echo "$dir/$1"/kernel/boot/vmlinuz-*
}

kernels=("${@:2}")
if [ ${#kernels[@]} -eq 0 ]; then
	for series in 6.1 6.12; do
		vmlinuz=$(fetch "$series") && kernels+=("$vmlinuz") || echo "# apt has no Linux $series for x86-64: not tested" >&2
	done
fi
if [ ${#kernels[@]} -eq 0 ]; then
	echo "$0: apt has no kernel to test on (Debian, x86-64): give the path of one" >&2
	exit 1
fi

# What runs there, in order: what the verifier makes of each object, then the tests on the shipped one. test_vectors is left out: it needs Python.
programs=()
for program in "$build"/tests/bpf/test_*; do
	case $program in *.o | *.d | */test_vectors) continue ;; esac
	[ -x "$program" ] && programs+=("$program")
done
if [ ${#programs[@]} -eq 0 ] || [ ! -x "$build/rld" ]; then
	echo "$0: no tests in $build: make all tests" >&2
	exit 2
fi

# Those of compilers that are here, which `make objects` has brought up to date.
objects=()
for object in "$build"/clang-*/rl.bpf.o; do
	compiler=${object#"$build"/} compiler=${compiler%%/*}
	! command -v "$compiler" >/dev/null || objects+=("$compiler")
done
[ ${#objects[@]} -gt 0 ] || objects=(shipped)

mkdir -p "$root"/{bin,dev,proc,sys,tmp,test,object}
for compiler in "${objects[@]}"; do
	object=$build/$compiler/rl.bpf.o
	[ "$compiler" != shipped ] || object=$build/bpf/rl.bpf.o
	cp "$object" "$root/object/$compiler"
done
cp "$(command -v busybox)" "$root/bin/busybox"
cp --parents -r tests/bpf/data "$root/"
cp "${programs[@]}" "$build/tests/bpf/verify" "$build/rld" "$root/test/"
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
for object in /object/*; do
	/test/verify ${object##*/} $object 2>&1
	echo "exit ${object##*/} $?"
done
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

# A program that did not get to its end counts as failed, whatever it printed before.
failed=0
for vmlinuz in "${kernels[@]}"; do
	timeout --foreground 1800 qemu-system-x86_64 -accel tcg -m 2048 -smp 2 -nographic -no-reboot -nic none \
		-kernel "$vmlinuz" -initrd "$dir/initrd" -append "console=ttyS0 panic=-1 quiet" </dev/null |
		tr -d '\r' | tee "$log" || echo "# the machine was stopped: $?"
	for program in "${objects[@]}" "${programs[@]}" rld; do
		grep -q "^exit ${program##*/} 0\$" "$log" && continue
		echo "# FAILED: ${program##*/} on ${vmlinuz##*/}"
		failed=1
	done
	! grep -q '^not ok ' "$log" || failed=1
	grep -E '^(verified|refused) ' "$log" >>"$dir/verdicts" || :
done

for compiler in "${objects[@]}"; do
	"$build/tests/bpf/verify" "$compiler" "$root/object/$compiler" >"$log" 2>&1 || failed=1
	grep -E '^(verified|refused) ' "$log" >>"$dir/verdicts" || :
done
bash tests/lint/stack.sh "$build" | sed -n "s|^# $build/\(clang-[0-9]*\)/.*, \([0-9]*\) bytes|stack - \1 \2|p" >>"$dir/verdicts"
tests/kernel/table.awk "$dir/verdicts"
exit $failed
