#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The Debian package: lintian finds nothing, and inside.sh installs, upgrades and removes it in a Debian made for that,
# of the release that built it. run.sh BUILD
set -euo pipefail
build=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. tests/fresh/root.bash

packages=("$build"/rld_*.deb)
package=${packages[0]}
[ -e "$package" ] || root_fail "first make deb"
if said=$(lintian --allow-root --fail-on error,warning "$package" 2>&1); then
	echo "ok - lintian finds nothing"
else
	echo "not ok - lintian finds nothing"
	printf '# %s\n' "${said//$'\n'/$'\n# '}"
fi

root_make "$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)" iproute2,iputils-ping,jq,procps,logrotate
mkdir -p "$root/t/tests/e2e" "$root/t/tests/deb" "$root/t/new"
cp tests/e2e/lib.sh "$root/t/tests/e2e"
cp tests/deb/inside.sh tests/deb/systemctl "$root/t/tests/deb"
cp "$package" "$root/t/rld.deb"

# The next version: the same but for its number.
dpkg-deb -R "$package" "$root/t/new"
sed -i 's/^Version: .*/&+next/' "$root/t/new/DEBIAN/control"
dpkg-deb --root-owner-group -b "$root/t/new" "$root/t/rld-next.deb" >/dev/null
rm -r "$root/t/new"

root_run apt-get update -qq >/dev/null
root_run bash /t/tests/deb/inside.sh /t
