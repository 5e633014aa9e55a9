#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Do the tests notice mistakes? mutate.sh [NAME...] puts those of tests/mutations, or the named ones of them, one by one into
# a scratch copy of the tree, builds it, and runs the suites unit and bpf until something fails. As root; some 15 seconds each.
# The exit status is 1 if a mistake survived, or no longer applies to what is there.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d /tmp/rld-mutate-XXXXXX)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
slow='test_cpus test_vectors test_torn' # the last to be asked
killed=0 survived='' stale='' unbuilt=''

build() { make -s -C "$work" -j"$(nproc)" B="$work/build" CFLAGS=-O0 tests >"$work/log" 2>&1; }

# Tests that were built anew since the mistake went in: the others cannot know of it.
candidates() {
	local all t
	all=$(find "$work/build/tests/unit" "$work/build/tests/bpf" -type f -name 'test_*' ! -name '*.*' -newer "$work/stamp" | sort)
	for t in $all; do [[ " $slow " = *" ${t##*/} "* ]] || echo "$t"; done
	for t in $slow; do grep "/$t\$" <<<"$all"; done
}

# Prints which test failed; fails if none did.
who_notices() {
	local t
	for t in $(candidates); do
		if ! timeout --kill-after=5 60 "$t" >"$work/log" 2>&1 </dev/null; then
			echo "${t##*/}"
			return 0
		fi
	done
	return 1
}

try() { # NAME FILE SCRIPT
	local file=$work/$2 by
	cp "$file" "$work/original"
	sed -i -e "$3" "$file"
	touch "$work/stamp"
	if cmp -s "$file" "$work/original"; then
		stale+=" $1"
		by='does not apply any more'
	elif ! build; then
		unbuilt+=" $1"
		by='does not build'
	elif by=$(who_notices); then
		if grep -q 'cannot load the BPF program' "$work/log"; then
			unbuilt+=" $1"
			by='is refused by the verifier'
		else
			killed=$((killed + 1))
			by="noticed by $by"
		fi
	else
		survived+=" $1"
		by='SURVIVED'
	fi
	printf '%-28s %s\n' "$1" "$by"
	cp "$work/original" "$file"
}

[ "$(id -u)" = 0 ] || { echo "mutate: needs root" >&2 && exit 1; }
cd "$top" || exit 1
git ls-files -z | tar -c --null -T - | tar -x -C "$work"
touch -d '1 hour ago' "$work/stamp"
build || { tail -n 20 "$work/log" >&2 && exit 1; }
if by=$(who_notices); then
	echo "mutate: $by fails without a mistake" >&2
	exit 1
fi
while read -r name file script; do
	case $name in '' | '#'*) continue ;; esac
	[ $# -eq 0 ] || [[ " $* " = *" $name "* ]] || continue
	try "$name" "$file" "$script"
done <tests/mutations
echo "$killed noticed; survived:${survived:- none}; do not apply:${stale:- none}; neither built nor loaded:${unbuilt:- none}"
[ -z "$survived$stale$unbuilt" ]
