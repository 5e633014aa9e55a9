#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# `make bench` measures, says what it left out, can be drawn, and leaves nothing behind. Figures are not judged.
. "$(dirname "$0")/lib.sh"
need_root
[ "$(nproc)" -ge 2 ] || skip_all "one CPU: none is left to receive"
[ "$(cat /proc/2/comm 2>/dev/null)" = kthreadd ] || skip_all "in a PID namespace: the threads that receive are not to be seen"

report=$tmp/bench.json
bench() { "$top/tests/bench/bench.py" --build "$build" --reps 1 --secs 0.1 --json "$report" "$@"; }
of_json() { jq -r "$1" "$report"; }
left_behind() {
	find /run/netns /sys/fs/bpf "${TMPDIR:-/tmp}" -maxdepth 1 -name "rld-bench-$1*"
	pgrep -af "rld-bench-$1"
}

rows='^wire/over-1k$|^run/windows-3$|^run/cpus-2-one$|^control/set-limit-300$'
check "a row of each group is measured" bench --rows "$rows"
is "with the rows that they are compared with" "$(of_json '[.rows[].name] | sort | join(" ")')" \
	"control/set-limit-1 control/set-limit-300 run/cpus-1-one run/cpus-2-one run/windows-1 run/windows-3 wire/drop-1k wire/over-1k"
is "each has a figure between its lowest and its highest" \
	"$(of_json '[.rows[] | .low <= .value and .value <= .high and .value > 0] | all')" true
is "each has a unit and says what it is" "$(of_json '[.rows[] | (.unit | length > 0) and (.about | length > 0)] | all')" true
is "a ratio is there" "$(of_json '.rows[] | select(.name == "wire/over-1k") | .ratio["wire/drop-1k"] > 0')" true
is "what was admitted on two CPUs is the amount" "$(of_json '.rows[] | select(.name == "run/cpus-2-one") | .extra.admitted')" 1

check "it can be drawn" python3 "$top/tests/bench/plot.py" "$report" "$tmp/plots"
check "as well-formed pictures" python3 -c 'import sys, xml.dom.minidom as x; [x.parse(f) for f in sys.argv[1:]]' \
	"$tmp"/plots/{wire,run,control}.svg

# Commands that are there and do not work stand for a kernel that lacks what they need.
mkdir "$tmp/bin"
for name in nft iptables-legacy; do
	printf '#!/bin/sh\necho "%s: not here" >&2\nexit 1\n' $name >"$tmp/bin/$name"
	chmod +x "$tmp/bin/$name"
done
PATH=$tmp/bin:$PATH check "it measures without other filters" bench --rows 'drop-1k|nftables|hashlimit'
is "what it leaves out it names" "$(of_json '.left_out | keys | join(" ")')" \
	"wire/hashlimit-1M wire/hashlimit-1k wire/nftables-1M wire/nftables-1k"
like "and says why" "$(of_json '.left_out["wire/nftables-1k"]')" "not here"

is "a row that does not exist is a mistake" "$(bench --rows no-such-row 2>&1)" "bench: there is no row like no-such-row"
"$top/tests/bench/bench.py" --build "$build" --rows '^wire/spoofed-kept$' --json "$report" >/dev/null 2>&1 &
pid=$!
check "it runs an rld of its own" wait_for test -e "/sys/fs/bpf/rld-bench-$pid"
kill -TERM $pid
wait $pid
is "stopped by a signal it leaves nothing behind" "$(left_behind $pid)" ""
finish
