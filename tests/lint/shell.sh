#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The linter of shells finds nothing in the shell scripts, and they can be run.
. "$(dirname "$0")/tap.bash"

scripts=$(files '*.sh' '*.bash' .ci/run)
if command -v shellcheck >/dev/null; then
	# shellcheck disable=SC2086
	result "shellcheck finds nothing" "$(shellcheck -x -P SCRIPTDIR -f gcc $scripts 2>&1)"
else
	skip "shellcheck finds nothing" "shellcheck is not installed"
fi
result "scripts that are called are executable" "$(for f in .ci/run packaging/deps.sh tests/run.sh tests/demo.sh tests/mutate.sh; do
	[ ! -f $f ] || [ -x $f ] || echo $f
done)"
finish
