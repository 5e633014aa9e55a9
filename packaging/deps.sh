#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Installs the Debian (or Ubuntu) packages that building and testing need and that are missing, and says so.
set -eu

build='gcc make clang llvm pkg-config libbpf-dev libelf-dev zlib1g-dev libmicrohttpd-dev libjansson-dev linux-libc-dev'
tests='libcmocka-dev libasan8 iproute2 iputils-ping curl jq hping3 nginx-light ethtool prometheus python3 procps
	clang-format shellcheck mandoc git'

if ! command -v dpkg-query >/dev/null; then
	echo "deps: this is no Debian or Ubuntu; install the equivalents of: bpftool $build" $tests >&2
	exit 0
fi
# Ubuntu ships bpftool with its kernel tools.
bpftool=bpftool
if [ -e /etc/os-release ] && grep -q '^ID=ubuntu' /etc/os-release; then
	bpftool=linux-tools-generic
fi
missing=
for package in $bpftool $build $tests; do
	dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^i' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
echo "deps: installing$missing"
if [ "$(id -u)" != 0 ]; then
	echo "deps: run 'make deps' as root, or install them by hand" >&2
	exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# Servers that come with the test tools must not start on this machine.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
	printf '#!/bin/sh\nexit 101\n' >$policy
	chmod 755 $policy
	trap 'rm -f $policy' EXIT
fi
# shellcheck disable=SC2086
apt-get install -y -qq --no-install-recommends $missing >/dev/null
