#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Percent of the lines of user/ that the unit tests of a build with COV=1 have run, a line a room: coverage.sh BUILD [PATTERN]
# With PATTERN, a line a file of the rooms that match it.
set -eu
build=$1 pattern=${2:-}
[ -d "$build/san/user" ] || { echo "coverage.sh: $build was not built with COV=1" >&2; exit 2; }

# "FILE LINES PERCENT" of each source: what headers have in line is counted nowhere.
measure() {
	find "$build/san/user" -name '*.gcno' | sort | while read -r notes; do
		source=${notes#"$build"/san/} source=${source%.gcno}.c
		[ -e "$source" ] || continue # of a file that has moved since
		gcov -n -o "${notes%/*}" "$notes" 2>/dev/null | awk -v source="$source" '
			$1 == "File" { at = $2 == "\x27" source "\x27" }
			at && /^Lines executed/ { split($2, part, /[:%]/); print source, $NF, part[2]; exit }'
	done
}

measure | awk -v pattern="$pattern" '
	{
		room = $1; sub(/\/[^\/]*$/, "", room)
		ran = $2 * $3 / 100
		lines[room] += $2; hit[room] += ran
		if (room ~ /^user\/(rld|rlctl)/) { lines["= rld and rlctl"] += $2; hit["= rld and rlctl"] += ran }
		if (pattern != "" && room ~ pattern) printf "%-40s %6d %6.1f %%\n", $1, $2, $3
	}
	END {
		for (room in lines)
			printf "%-40s %6d %6.1f %%\n", room, lines[room], 100 * hit[room] / lines[room] | "LC_ALL=C sort -k1,1"
	}'
