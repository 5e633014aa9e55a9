#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Every example statement of the README, the manual pages and the example configuration is one that rld takes.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

# Lines of code: of Markdown between fences or indented, of man pages between .Bd -literal and .Ed and behind .Dl, of
# *.conf all, commented-out statements too. Roff's escapes go; so do prompts, sudo and what a shell would do after the command.
code_of() { # FILE
	case $1 in
	*.md) awk '/^ *```/ { code = !code; next } code || /^    / { sub(/^    /, ""); print }' "$1" ;;
	*.[158]) awk '/^\.(Bd|EX|nf)/ { code = 1; next } /^\.(Ed|EE|fi)/ { code = 0 } code || /^\.Dl/' "$1" |
		sed -E 's/^\.Dl //; s/\\f[BIRP]//g; s/\\-/-/g; s/\\(dq|\[dq\])/"/g; s/\\(aq|\[aq\])/'"'"'/g; s/\\&//g; s/\\e/\\/g' ;;
	*.conf) sed -E 's/^# ?(attach|set-limit|allow|deny|mode|set-option|disable) /\1 /' "$1" ;;
	esac
}

# The statements among lines on standard input; not those whose refusal is shown in the next line. Placeholders in capitals, "..." and brackets are no examples,
# nor are rows of tables, which have several blanks behind the first word.
statements() {
	awk '/^rlctl: / { last = "" } NR > 1 { print last } { last = $0 } END { print last }' |
		sed -nE 's/^([$#>] *)?(sudo +)?(rlctl +((-[jpqyn]|--yes|--json|--dry-run) +)*)?((attach|set-limit|allow add|deny add|mode|set-option|disable|ban) .*)$/\6/p' |
		sed -E 's/ +(&&|\|\||\|| #|[0-9]?>).*$//; s/ +#.*$//' |
		grep -Ev '^[a-z]+  |\.\.\.|…|[][{}]|(^| )[A-Z]{2,}( |$)|<[a-z]+>' | awk '!seen[$0]++'
}

files=()
for file in "$top"/README.md "$top"/man/*.[158] "$top"/packaging/rld.conf "$top"/docs/*.md; do
	[ ! -e "$file" ] || files+=("$file")
done
[ ${#files[@]} -gt 0 ] || skip_all "there is no README.md, manual page or packaging/rld.conf yet"

total=0
for file in "${files[@]}"; do
	wrong='' found=0
	while IFS= read -r line; do
		found=$((found + 1))
		name=$(awk '{ print $2 }' <<<"$line")
		case $line in
		ban\ *) line="deny add ${line#ban }" ;; # in a file a ban is a deny
		# What is disabled must be there.
		disable\ *) line="set-limit $name 1/second match any"$'\n'"$line" ;;
		esac
		# So must a list that is named.
		line=$({ grep -o '@[a-z]*' <<<"$line" | sed 's/^@/list /'; } || true)$'\n'$line
		printf '%s\n' "$line" >"$tmp/example.conf"
		out=$("$build/rlctl" check "$tmp/example.conf" 2>&1) || wrong+="$line"$'\n'"$out"$'\n'
	done < <(code_of "$file" | statements)
	total=$((total + found))
	is "${file#"$top"/}: $found examples load" "$wrong" ""
done
if [ -e "$top/README.md" ]; then
	between "there are examples" "$total" 10 10000
else
	skip "there are examples" "no README.md yet"
fi
[ ! -e "$top/packaging/rld.conf" ] || check "packaging/rld.conf loads as it is" "$build/rlctl" check "$top/packaging/rld.conf"
finish
