#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The manual pages are well formed, complete, and their examples load.
. "$(dirname "$0")/tap.bash"
build=${1:-build}

if command -v mandoc >/dev/null; then
	result "mandoc finds nothing" "$(mandoc -T lint -W warning man/*.[158] 2>&1)"
else
	skip "mandoc finds nothing" "mandoc is not installed"
fi

# named PAGE: the words on stdin that the page does not name.
named() {
	local word text
	text=$(sed 's/\\-/-/g; s/\\&//g; s/^\.[A-Z][a-z] //; s/ Ns / /g' "$1")
	while IFS= read -r word; do
		grep -qwF -e "$word" <<<"$text" || echo "$1 does not name $word"
	done
}
# shellcheck disable=SC2016
enum_texts() { sed -n "/^#define RL_$1(X)/,/^\$/s/.*\"\\(.*\\)\".*/\\1/p" include/rl/names.h; }

result "rld.conf(5) names every strategy, policy and mode" \
	"$({ enum_texts STRATEGIES; enum_texts ON_FULLS; enum_texts MODES; enum_texts UNITS; } | named man/rld.conf.5)"
result "rld(8) names every reason, verdict and event" \
	"$({ enum_texts REASONS; enum_texts VERDICTS; enum_texts EVENTS; } | named man/rld.8)"
if [ -d user/rld ]; then
	result "rld(8) names every metric" "$(grep -oh '"rld_[a-z_]*"' user/rld/report/metrics*.c | tr -d '"' | sort -u | named man/rld.8)"
fi
result "rld.conf(5) names every option" \
	"$(sed -n 's/^\t{*{"\([a-z-]*\)", .*/\1/p' user/conf/model/options.c | named man/rld.conf.5)"
result "rld.conf(5) names every condition" \
	"$(sed -n 's/.*\[CONF_COND_[A-Z_]*\] = {"\([a-z-]*\)".*/\1/p' user/conf/model/cond.c | named man/rld.conf.5)"

if [ ! -x "$build/rlctl" ] || [ ! -x "$build/rld" ]; then
	skip "the manual names every command and option" "$build/rlctl was not built"
	skip "every example loads" "$build/rlctl was not built"
	finish
fi
result "rlctl(1) names every command" "$("$build/rlctl" --help | sed -n 's/^  \([a-z-]*\) .*/\1/p' | named man/rlctl.1)"
result "rlctl(1) names every option" \
	"$("$build/rlctl" --help | grep -o -- '--[a-z][a-z-]*' | sed 's/^--//' | sort -u | named man/rlctl.1)"
result "rld(8) names every option" \
	"$("$build/rld" --help | grep -o -- '--[a-z][a-z-]*' | sed 's/^--//' | sort -u | named man/rld.8)"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Each literal block of the page about the file is a file.
mandoc_blocks() {
	awk -v dir="$work" '/^\.Bd -literal/ { out = sprintf("%s/block%02d.conf", dir, ++n); printf "" > out; next }
		/^\.Ed/ { out = ""; next }
		out { gsub(/\\-/, "-"); gsub(/\\&/, ""); gsub(/\\e/, "\\"); print > out }' "$1"
}
mandoc_blocks man/rld.conf.5
bad=
# What is wrong with a file; a warning says what it does, and the files of lists that it names are not here.
mistakes() { "$build/rlctl" -q check "$1" 2>&1 | grep -v -e ':[0-9]*: warning: ' -e '^list .*: No such file' | sed "s|$work/||"; } # FILE
for block in "$work"/block*.conf; do
	bad+=$(mistakes "$block")
done
result "every example of rld.conf(5) loads" "$bad"

# In the example configuration "#" before a letter hides a statement, "# " begins a sentence.
sed 's/^#\([a-z]\)/\1/' packaging/rld.conf >"$work/example.conf"
result "packaging/rld.conf loads" "$(mistakes packaging/rld.conf)"
result "packaging/rld.conf loads with everything uncommented" "$(mistakes "$work/example.conf")"
result "packaging/rld.conf does nothing until it is edited" "$(grep -n '^[^#]' packaging/rld.conf)"
finish
