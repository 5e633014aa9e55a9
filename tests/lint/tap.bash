# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# TAP for the lint scripts: each check is a name and the complaints it found, one a line.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
tap_count=0 tap_failed=0

# result NAME COMPLAINTS: passes if there is no complaint.
result() {
	tap_count=$((tap_count + 1))
	if [ -z "$2" ]; then
		echo "ok $tap_count - $1"
	else
		tap_failed=1
		echo "not ok $tap_count - $1"
		printf '# %s\n' "${2//$'\n'/$'\n# '}"
	fi
}

# skip NAME WHY
skip() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

finish() {
	echo "1..$tap_count"
	exit $tap_failed
}

# files GLOB...: what is in git and on disk. Without git (a tarball) everything below the top counts, but for build/.
files() {
	{
		if git rev-parse --git-dir >/dev/null 2>&1; then
			git ls-files --cached --others --exclude-standard -- "$@"
		else
			local glob
			for glob in "$@"; do
				find . -path ./build -prune -o -type f -path "./$glob" -print | sed 's|^\./||'
			done
		fi
	} | sort -u | while IFS= read -r f; do [ ! -f "$f" ] || echo "$f"; done
}
