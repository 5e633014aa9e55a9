#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Files and functions stay small enough to be read at once. Aim far below: these are the ends of patience.
# Columns are left to clang-format (format.sh).
. "$(dirname "$0")/tap.bash"

# Tests list cases, so they may be longer.
FILE_LINES=300 TEST_FILE_LINES=350
FUNCTION_LINES=40 TEST_FUNCTION_LINES=60

# Of files: path, two blanks, the reason.
exceptions='
include/rl/abi.h  one contract in one file: two would have to be kept in step
'
excepted() { grep -q "^$1  " <<<"$exceptions"; }
file_lines() { case $1 in tests/*) echo $TEST_FILE_LINES ;; *) echo $FILE_LINES ;; esac }

sources=$(files '*.c' '*.h')

long_files=
while IFS= read -r file; do
	lines=$(wc -l <"$file")
	[ "$lines" -le "$(file_lines "$file")" ] || excepted "$file" || long_files+="$file: $lines lines"$'\n'
done <<<"$sources"
result "files have at most $FILE_LINES lines, tests $TEST_FILE_LINES" "${long_files%$'\n'}"

# In this style only a function's body opens with a brace at the start of a line.
# shellcheck disable=SC2086
result "functions have at most $FUNCTION_LINES lines, those of tests $TEST_FUNCTION_LINES" "$(awk -v program=$FUNCTION_LINES -v tests=$TEST_FUNCTION_LINES '
	FNR == 1 { start = 0; max = FILENAME ~ /^tests\// ? tests : program }
	/^{$/ { start = FNR; name = previous }
	/^}/ && start { if (FNR - start - 1 > max) print FILENAME ":" start ": " FNR - start - 1 " lines: " name; start = 0 }
	/^[a-z_].*\(/ { previous = $0 }' $sources)"

# An exception for what is small by now hides what grows next.
stale=
while read -r file _; do
	[ -z "$file" ] || { [ -f "$file" ] && [ "$(wc -l <"$file")" -gt "$(file_lines "$file")" ]; } || stale+="$file "
done <<<"$exceptions"
result "every exception is still needed" "$stale"
finish
