#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Installs the Debian (or Ubuntu) packages that building and testing need and that are missing, and says so.
# With `bench` also what only `make bench` calls, with `kernel` what only `make check-kernel` does, with `compilers` each
# clang from 14 on that apt offers, for the tests of what they make of the object; those go on without one.
# With `deb` what building the Debian package needs in place of what tests need, with `check-deb` what its test needs,
# with `fresh` what makes a Debian as new.
# The sanitizers' libraries come with gcc, the kernel's headers with the C library's.
set -eu

build='gcc libc6-dev make clang llvm pkg-config libbpf-dev libelf-dev zlib1g-dev libmicrohttpd-dev libjansson-dev libpcap-dev libsodium-dev'
tests='libcmocka-dev procps iproute2 iputils-ping tcpdump curl jq hping3 python3 clang-format shellcheck mandoc git'
compilers=
daemons=wanted
for what in "$@"; do
	case $what in
	kernel) tests="$tests qemu-system-x86 busybox-static cpio" ;;
	bench) tests="$tests iptables nftables" ;;
	fresh) tests=debootstrap daemons='' ;;
	compilers) compilers=wanted ;;
	deb) tests='build-essential debhelper' daemons='' ;;
	check-deb) tests='build-essential debhelper lintian debootstrap' daemons='' ;;
	esac
done
export DEBIAN_FRONTEND=noninteractive
servers='nginx prometheus' # what the two commands below come with; only the tests may run them

fail() {
	echo "deps: $*" >&2
	exit 1
}

has() {
	dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null | grep -q '^.i'
}

# The package of a command, unless some package has brought that already: flavours of nginx exclude each other.
unless() { # COMMAND PACKAGE
	command -v "$1" >/dev/null || echo "$2"
}

has_bpftool() {
	for tool in /usr/lib/linux-tools/*/bpftool /usr/sbin/bpftool; do
		! "$tool" version >/dev/null 2>&1 || return 0
	done
	return 1
}

# Older Ubuntus ship bpftool with the tools of their kernels.
bpftool_package() {
	if apt-cache show bpftool 2>/dev/null | grep -q '^Package'; then
		echo bpftool
	else
		echo linux-tools-common linux-tools-generic
	fi
}

# Mirrors out of reach do not matter as long as the packages are to be had.
update() {
	apt-get update -qq >/dev/null || echo "deps: apt-get update failed, trying without" >&2
}

# Each clang that apt offers and that is missing.
missing_compilers() {
	apt-cache search --names-only '^clang-[0-9]+$' | sed -n 's/^clang-\([0-9]*\) .*/\1/p' | sort -n |
		while read -r version; do
			[ "$version" -lt 14 ] || has "clang-$version" || echo "clang-$version"
		done
}

# Installs without starting anything on this machine, now or when it boots.
install_all() {
	policy=/usr/sbin/policy-rc.d
	if [ ! -e $policy ]; then
		trap 'rm -f "$policy"' EXIT
		trap 'exit 1' HUP INT TERM
		printf '#!/bin/sh\nexit 101\n' >$policy
		chmod 755 $policy
	fi
	if ! said=$(apt-get install -y -qq --no-install-recommends "$@" 2>&1); then
		echo "$said" >&2
		echo "deps: cannot install $*" >&2
		return 1
	fi
	for server in $servers; do
		case " $* " in
		*" $server"*) ! command -v systemctl >/dev/null || systemctl --quiet disable "$server" || : ;;
		esac
	done
}

if ! command -v dpkg-query >/dev/null; then
	echo "deps: this is no Debian or Ubuntu; what is needed has other names: bpftool" "$build" "$tests" >&2
	exit 0
fi
missing=
for package in $build $tests ${daemons:+$(unless nginx nginx-light) $(unless promtool prometheus)}; do
	has "$package" || missing="$missing $package"
done
has_bpftool || missing="$missing bpftool"
if [ -n "$missing" ]; then
	echo "deps: installing$missing"
	[ "$(id -u)" = 0 ] || fail "run 'make deps' as root, or install them by hand"
	update
	case $missing in
	*" bpftool") missing="${missing% bpftool} $(bpftool_package)" ;;
	esac
	# shellcheck disable=SC2086
	install_all $missing || exit 1
	has_bpftool || fail "there is no working bpftool, which the build needs"
fi
pkg-config --atleast-version=1.0 libbpf ||
	fail "libbpf is $(pkg-config --modversion libbpf), 1.0 or later is needed (Debian 12, Ubuntu 24.04)"

[ -n "$compilers" ] && [ "$(id -u)" = 0 ] || exit 0
apt-cache show clang >/dev/null 2>&1 || update
compilers=$(missing_compilers | tr '\n' ' ')
if [ -n "$compilers" ]; then
	echo "deps: installing $compilers"
	# shellcheck disable=SC2086
	install_all $compilers || echo "deps: going on with the compilers that there are" >&2
fi
