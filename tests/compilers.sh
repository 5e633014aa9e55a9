#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The object of one compiler does what the shipped one does: compilers.sh BUILD COMPILER
# The tests of the shipped object run on it; those that take long, for reasons that no compiler changes, are left out.
build=${1:-build} compiler=${2:-clang-14}
. "$(dirname "$0")/lint/tap.bash"
object=$build/$compiler/rl.bpf.o

# The constants that the daemon sets, as the skeleton of an object has them.
settings() {
	sed -n '/struct rl__rodata_settings {/,/}/p' "$1"
}

found=$("$build/tests/bpf/verify" "$compiler" "$object" 2>&1) && why='' || why=${found:-the object cannot be loaded}
grep '^verified ' <<<"$found" | sed 's/^/# /'
result "the verifier takes the object of $compiler" "$why"
why=
got=$(settings "$build/$compiler/rl.skel.h")
[ -n "$got" ] && [ "$got" = "$(settings "$build/rl.skel.h")" ] || why="other constants than the daemon's: ${got:-none}"
result "the daemon sets its constants in the object of $compiler" "$why"
# Nothing new would be seen where suite `bpf` has run the same bytes.
if cmp -s "$object" "$build/bpf/rl.bpf.o"; then
	echo "# $compiler made the shipped object"
	finish
fi
for test in packets odd rules windows models match bans peers front hot full state admit edges; do
	why=$(RL_OBJECT=$object CMOCKA_MESSAGE_OUTPUT=TAP timeout 120 "$build/tests/bpf/test_$test" 2>&1) && why='' ||
		why=$(grep -v '^ok ' <<<"$why" | head -n 12)
	result "$compiler: test_$test" "$why"
done
finish
