#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Builds the Debian package in a copy of the tree, as Debian would: deb.sh BUILD, which then has rld_VERSION_ARCH.deb.
set -euo pipefail
build=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
dir=$build/deb tree=$build/deb/rld

# What is in git, with what was changed since; without git (a tarball) all but what was built.
sources() {
	if git rev-parse --git-dir >/dev/null 2>&1; then
		git ls-files -z --cached --others --exclude-standard
	else
		find . -path "./${build#"$PWD"/}" -prune -o \( -type f -o -type l \) -print0
	fi | while IFS= read -r -d '' file; do [ ! -e "$file" ] || printf '%s\0' "$file"; done
}

rm -rf "$dir"
mkdir -p "$tree"
sources | tar -c --null -T - | tar -x -C "$tree"
cp -rL packaging/debian "$tree/debian" # debhelper wants some files of packaging/ there
(cd "$tree" && env -u MAKEFLAGS -u MAKELEVEL -u B dpkg-buildpackage --build=binary --no-sign) >"$dir/log" 2>&1 || {
	tail -n 40 "$dir/log" >&2
	echo "deb: the package was not built; all of it is in $dir/log" >&2
	exit 1
}
rm -rf "$tree"
rm -f "$build"/rld_*.deb
mv "$dir"/rld_*.deb "$build"
ls "$build"/rld_*.deb
