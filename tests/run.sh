#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs suites of tests and adds up what they print in TAP: run.sh BUILD SUITE...
# A test that dies without a "not ok" counts as one failure.
set -u
build=$1
shift
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
passed=0 failed=0 skipped=0

run() { # NAME COMMAND...
	local name=$1 out=$log/out ok bad skip status start=$SECONDS
	shift
	timeout --kill-after=10 600 "$@" >"$out" 2>&1 </dev/null
	status=$?
	skip=$(grep -c '^ok .*# SKIP' "$out")
	ok=$(($(grep -c '^ok ' "$out") - skip))
	bad=$(grep -c '^not ok ' "$out")
	[ $status -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
	[ $((ok + bad + skip)) -gt 0 ] || bad=1
	passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + skip))
	printf '%-6s %-36s %4d ok' "$([ "$bad" -eq 0 ] && echo PASS || echo FAIL)" "$name" "$ok"
	[ "$skip" -eq 0 ] || printf ', %d skipped' "$skip"
	[ "$bad" -eq 0 ] || printf ', %d failed (exit %d)' "$bad" "$status"
	printf '  %ds\n' $((SECONDS - start))
	[ "$skip" -eq 0 ] || grep '^ok .*# SKIP' "$out" | sed 's/^/       /'
	[ "$bad" -eq 0 ] || sed 's/^/       /' "$out" | tail -n 80
}

for suite in "$@"; do
	case $suite in
	lint) for t in tests/lint/*.sh; do run "$t" bash "$t" "$build"; done ;;
	unit | bpf) for t in "$build"/tests/"$suite"/test_*; do
		case $t in *.o | *.d) continue ;; esac
		CMOCKA_MESSAGE_OUTPUT=TAP run "${t#"$build"/}" "$t"
	done ;;
	compilers) for object in "$build"/clang-*/rl.bpf.o; do
		compiler=${object#"$build"/} compiler=${compiler%%/*}
		! command -v "$compiler" >/dev/null || run "tests/compilers.sh $compiler" bash tests/compilers.sh "$build" "$compiler"
	done ;;
	deb) run tests/deb/run.sh bash tests/deb/run.sh "$build" ;;
	e2e) for t in tests/e2e/[0-9]*.sh; do run "$t" bash "$t" "$build"; done ;;
	esac
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
