#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Nothing half done and no stray white space is left in the tree.
. "$(dirname "$0")/tap.bash"

mapfile -t text < <(files '*' | grep -v -e '^LICENSE$' -e '^tests/.*/data/' -e '\.\(png\|pcap\)$')
later="TO""DO|FIX""ME|XX""X"
result "no note of things to be done" "$(grep -nEw "$later" -- "${text[@]}")"
result "no white space at the end of a line" "$(grep -nE '[[:blank:]]+$' -- "${text[@]}" | cut -c 1-120)"
result "each file ends with a newline" "$(for file in "${text[@]}"; do
	[ ! -s "$file" ] || [ -z "$(tail -c 1 "$file")" ] || echo "$file"
done)"
result "no carriage returns" "$(grep -lU $'\r' -- "${text[@]}")"
finish
