#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What the Debian package says twice, it says like the rest of the tree.
. "$(dirname "$0")/tap.bash"

version=$(sed -n 's/^VERSION := //p' Makefile)
result "the package has the version of the Makefile" "$(head -n 1 packaging/debian/changelog | grep -vF "rld ($version) ")"

# build-essential and bpftool, which has other names elsewhere, are matters of their own in both.
installed=$(sed -n "s/^build='\(.*\)'$/\1/p" packaging/deps.sh | tr ' ' '\n' | grep -vx -e gcc -e libc6-dev -e make)
required=$(sed -n '/^Build-Depends:/,/^[A-Z].*:/s/^ \([a-z0-9-]*\).*/\1/p' packaging/debian/control | grep -v -e '^bpftool$' -e '^debhelper-')
result "it is built with what packaging/deps.sh installs" "$(diff <(sort <<<"$installed") <(sort <<<"$required") |
	sed -n 's/^</not in Build-Depends:/p; s/^>/only in Build-Depends:/p')"
finish
