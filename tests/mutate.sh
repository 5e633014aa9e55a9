#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Do the tests notice mistakes? mutate.sh [NAME...] puts those of tests/mutations, or the named ones of them, one by one into
# a scratch copy of the tree, builds it, and runs the suites unit and bpf until something fails. As root; some 5 seconds each.
# The exit status is 1 if a mistake survived, or no longer applies to what is there.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d /tmp/rld-mutate-XXXXXX)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
killed=0 survived='' stale='' unbuilt=''

# Asked in this order, the next group only if none of those before noticed; each is built when its turn comes.
groups() {
	local first='bpf/test_models bpf/test_front bpf/test_full bpf/test_admit bpf/test_bans bpf/test_windows bpf/test_hot'
	local last='bpf/test_filter bpf/test_clock bpf/test_hammer bpf/test_cpus bpf/test_vectors bpf/test_torn' rest='' t
	for t in "$work"/tests/bpf/test_*.c; do
		t=bpf/$(basename "$t" .c)
		[[ " $first $last " = *" $t "* ]] || rest+=" $t"
	done
	for t in "$work"/tests/unit/test_*.c; do printf 'unit/%s ' "$(basename "$t" .c)"; done
	printf '\n%s\n%s\n%s\n' "$first" "$rest" "$last"
}

build() { # TARGET...
	make -s -C "$work" -j"$(nproc)" B="$work/build" CFLAGS=-O0 "${@/#/$work/build/}" >"$work/log" 2>&1
}

# The object goes into open.c; what else includes its skeleton knows only its maps, which no mistake changes. So that is not
# compiled again unless it includes FILE itself.
spare() { # FILE
	local d
	build rl.skel.h || return
	grep -LF "$1" "$work"/build/user/dp/*.d "$work"/build/tests/bpf/*.d | while read -r d; do
		[ "${d##*/}" = open.d ] || touch "${d%.d}.o"
	done
}

# Prints which test failed; 1: none did, 2: one was not built. Of tests that were not built anew since the mistake went in
# none can know of it.
who_notices() {
	local group t
	while read -r -a group; do
		build "${group[@]/#/tests/}" || return 2
		for t in "${group[@]}"; do
			[ "$work/build/tests/$t" -nt "$work/stamp" ] || continue
			if ! timeout --kill-after=5 60 "$work/build/tests/$t" >"$work/log" 2>&1 </dev/null; then
				echo "${t##*/}"
				return 0
			fi
		done
	done < <(groups)
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
	else
		by=$(spare "$2" || exit 2; who_notices)
		case $? in
		0)
			if grep -q 'cannot load the BPF program' "$work/log"; then
				unbuilt+=" $1"
				by='is refused by the verifier'
			else
				killed=$((killed + 1))
				by="noticed by $by"
			fi
			;;
		1)
			survived+=" $1"
			by='SURVIVED'
			;;
		*)
			unbuilt+=" $1"
			by='does not build'
			;;
		esac
	fi
	printf '%-28s %s\n' "$1" "$by"
	cp "$work/original" "$file"
}

[ "$(id -u)" = 0 ] || { echo "mutate: needs root" >&2 && exit 1; }
cd "$top" || exit 1
git ls-files -z | tar -c --null -T - | tar -x -C "$work"
touch -d '1 hour ago' "$work/stamp"
by=$(who_notices)
case $? in
0) echo "mutate: $by fails without a mistake" >&2 && exit 1 ;;
2) tail -n 20 "$work/log" >&2 && exit 1 ;;
esac
while read -r name file script; do
	case $name in '' | '#'*) continue ;; esac
	[ $# -eq 0 ] || [[ " $* " = *" $name "* ]] || continue
	try "$name" "$file" "$script"
done <tests/mutations
echo "$killed noticed; survived:${survived:- none}; do not apply:${stale:- none}; neither built nor loaded:${unbuilt:- none}"
[ -z "$survived$stale$unbuilt" ]
