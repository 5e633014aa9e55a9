#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Files and functions stay small enough to be read at once. Aim far below: these are the ends of patience.
# Columns are left to clang-format (format.sh).
. "$(dirname "$0")/tap.bash"

FILE_LINES=350
FUNCTION_LINES=60

# Of files: path, two blanks, the reason.
exceptions='
include/rl/abi.h  one contract in one file: two would have to be kept in step
'
excepted() { grep -q "^$1  " <<<"$exceptions"; }

sources=$(files '*.c' '*.h')

long_files=
while IFS= read -r file; do
	lines=$(wc -l <"$file")
	[ "$lines" -le $FILE_LINES ] || excepted "$file" || long_files+="$file: $lines lines"$'\n'
done <<<"$sources"
result "files have at most $FILE_LINES lines" "${long_files%$'\n'}"

# In this style only a function's body opens with a brace at the start of a line.
# shellcheck disable=SC2086
result "functions have at most $FUNCTION_LINES lines" "$(awk -v max=$FUNCTION_LINES '
	FNR == 1 { start = 0 }
	/^{$/ { start = FNR; name = previous }
	/^}/ && start { if (FNR - start - 1 > max) print FILENAME ":" start ": " FNR - start - 1 " lines: " name; start = 0 }
	/^[a-z_].*\(/ { previous = $0 }' $sources)"

# An exception for what is small by now hides what grows next.
stale=
while read -r file _; do
	[ -z "$file" ] || { [ -f "$file" ] && [ "$(wc -l <"$file")" -gt $FILE_LINES ]; } || stale+="$file "
done <<<"$exceptions"
result "every exception is still needed" "$stale"
finish
