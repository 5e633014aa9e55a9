#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The sentences of tests/promises stand in the files that it names, and so do the checks that show them. The tests that
# the table of docs/security.md names are there, too.
. "$(dirname "$0")/tap.bash"
list=tests/promises

# Only letters and digits, so that lines may be broken anywhere.
fold() { tr -cs '[:alnum:]' ' '; }

declare -A texts
# text_of FILE: what it says without roff's macros; the page's name for .Nm, and a blank for the \n of a string in C.
text_of() {
	local page=${1##*/}
	[ -n "${texts[$1]:-}" ] || texts[$1]=" $(sed -E "s/^\\.Nm( [^a-z]|\$)/${page%%.*} /"'
		s/^\.[A-Z][a-z] //; t macro; s/^\.[A-Z].*//; b end
		: macro; s/(^| )(Ar|Cm|Dv|Fl|Ic|Li|No|Ns|Oc|Oo|Op|Pa|Pq|Ql)( |$)/ /g
		: end; s/\\n/ /g' "$1" | fold)"
	text=${texts[$1]}
}

# has_check TEST NAME: as the name of a check, as a whole line that makes some, or as a test of cmocka.
has_check() {
	case $1 in
	*.c) grep -qF -e "($2)" -e "($2," "$1" ;;
	*) grep -qF -e "\"$2\"" "$1" || grep -qxF -e "$2" <(sed 's/^[[:blank:]]*//' "$1") ;;
	esac
}

missing='' unshown='' unsaid='' shown=1 promise=''
while IFS= read -r line; do
	case $line in
	'' | '#'*) continue ;;
	$'\t'*) # TEST: NAME
		shown=1 test=${line#$'\t'}
		name=${test#*: } test=${test%%: *}
		{ [ -f "$test" ] && has_check "$test" "$name"; } || unshown+="$test has no check \"$name\" ($promise)"$'\n'
		;;
	*) # FILE: WORDS
		[ "$shown" = 1 ] || missing+="$promise"$'\n'
		shown=0 promise=$line file=${line%%: *}
		text=
		[ ! -f "$file" ] || text_of "$file"
		words=$(fold <<<" ${line#*: }")
		[[ $text = *"$words"* ]] || unsaid+="$promise"$'\n'
		;;
	esac
done <"$list"
[ "$shown" = 1 ] || missing+="$promise"$'\n'

result "each sentence stands in its file" "${unsaid%$'\n'}"
result "each check stands in its test" "${unshown%$'\n'}"
result "each sentence has a check" "${missing%$'\n'}"
result "there are sentences" "$([ ${#texts[@]} -gt 0 ] || echo "$list has none")"

# Its last column: "bpf/test_a, test_b; e2e/10-c".
absent=
while IFS=/ read -r suite names; do
	for name in ${names//,/ }; do
		compgen -G "tests/$suite/$name.*" >/dev/null || absent+="tests/$suite has no $name"$'\n'
	done
done < <(sed -n 's/^|.*| \([^|]*\/[^|]*\) |$/\1/p' docs/security.md | tr ';' '\n' | tr -d ' ')
result "the tests that docs/security.md names are there" "${absent%$'\n'}"
finish
