#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Types README's two commands in a clean clone on a Debian as new, with nothing but make, git and ca-certificates:
#   tests/fresh/run.sh bookworm|trixie [COMMAND...]
# What is not committed is not in the clone. Another COMMAND runs in the clone instead of the two.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. ./root.bash
[ $# -gt 0 ] || root_fail "usage: $0 SUITE [COMMAND...]"
suite=$1
shift
[ $# -gt 0 ] || set -- bash -ec 'make demo; make check'

# timed WHAT COMMAND...
timed() {
	local what=$1 start=$SECONDS status=0

	shift
	"$@" || status=$?
	echo "# $suite: $what: exit $status, $((SECONDS - start)) s"
	return $status
}

timed debootstrap root_make "$suite" make,git,ca-certificates
git clone -q --no-local "$(git rev-parse --show-toplevel)" "$root/root/rld"
timed "$*" root_run bash -c 'cd /root/rld && exec "$@"' - "$@"
