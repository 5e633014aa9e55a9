#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Do the tests notice mistakes? mutate.sh [PATTERN...] puts those of tests/mutations, or those of them whose name or file is
# as a PATTERN says, one by one into a scratch copy of the tree, builds what has it, and asks tests of the suites unit and bpf
# until one fails. As root; CC and CLANG may be "ccache gcc" and "ccache clang". The copy takes a minute or two of two CPUs, a
# mistake some 10 seconds of one, and one that no test notices 5 minutes: all of it an hour or more.
# The exit status is 1 if a mistake survived, or no longer applies to what is there. WRITE_TESTS=FILE gets a line NAME TEST for
# each that was noticed.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d /tmp/rld-mutate-XXXXXX)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
build=$work/build base=$work/base by=''
killed=0 survived='' stale='' unbuilt=''
declare -A noticed # by file and by folder: the tests that noticed mistakes there, once for each
declare -A sound   # tests that are known to pass without a mistake

slow='bpf/test_clock bpf/test_cpus bpf/test_explain bpf/test_filter bpf/test_hammer bpf/test_layout bpf/test_move_hammer'
slow+=' bpf/test_torn bpf/test_vectors'
slow+=' unit/test_contradiction unit/test_compile unit/test_export unit/test_overlap unit/test_packet'

# What is likely to know of a mistake in FILE, where no test has its name.
likely() { # FILE
	case $1 in
	bpf/parse/* | bpf/frame.*) echo bpf/test_{packets,odd,parted} ;;
	bpf/match/* | bpf/state/* | bpf/call/*) echo bpf/test_{match,rules,state,full,peers} ;;
	bpf/strategy/*) echo unit/test_strategy bpf/test_{models,windows,front,admit,edges,vectors} ;;
	bpf/quick/*) echo unit/test_strategy bpf/test_{models,front,admit,hot,full,state,windows} ;;
	bpf/*) echo bpf/test_{models,windows,front,full,admit,bans,hot} ;;
	user/dp/trial*) echo bpf/test_trial ;;
	user/dp/*) echo bpf/test_{front,rules,state,bans,peers,filter} ;;
	user/conf/compile/*) echo bpf/test_{match,rules} ;;
	user/conf/*) echo unit/test_{statements,bad_lines,parse,list,derive} ;;
	user/rld/http/*) echo unit/test_{http_admit,http,access} ;;
	user/rld/guard/*) echo bpf/test_trial unit/test_{guard_check,guard_trial,guard} ;;
	user/rld/*) echo unit/test_{kept,kept_file,kept_records,guard,guard_check,client,restart} ;;
	esac
}

others() { # SUITE: all but the slow ones
	local t
	for t in "$work/tests/$1"/test_*.c; do
		t=$1/$(basename "$t" .c)
		[[ " $slow " = *" $t "* ]] || printf '%s ' "$t"
	done
}

# Those that noticed most first.
known() { # FILE|FOLDER
	tr ' ' '\n' <<<"${noticed[$1]-}" | sort | uniq -c | sort -rn | awk '{print $2}'
}

# Who is asked, a line after the other, and who may know first: tests that knew, that have the name of FILE, that are likely to.
groups() { # FILE [TEST]
	local own=${1##*/} order='unit bpf' suite
	[[ $1 != bpf/* && $1 != user/dp/* ]] || order='bpf unit'
	echo "${2-}"
	known "$1"
	for suite in $order; do
		[ ! -e "$work/tests/$suite/test_${own%%.*}.c" ] || echo "$suite/test_${own%%.*}"
	done
	known "${1%/*}"
	likely "$1" | tr ' ' '\n'
	for suite in $order; do others "$suite" && echo; done
	tr ' ' '\n' <<<"$slow"
}

build() { # TARGET...
	make -s -C "$work" -j"$(nproc)" CFLAGS=-O0 "${@/#/build/}" >"$work/log" 2>&1
}

run() { # FOLDER TEST
	local seconds=240
	[[ " $slow " != *" $2 "* ]] || seconds=600
	(
		cd "$work" && CMOCKA_TEST_ABORT=1 RL_OBJECT=$1/bpf/rl.bpf.o \
			timeout --kill-after=5 $seconds "$1/tests/$2" >"$1/log" 2>&1 </dev/null
	) 2>/dev/null
}

# A test that is what it is without a mistake cannot know of one.
differs() { # TEST
	! cmp -s {"$build","$base"}/tests/"$1" || { [[ $1 = bpf/* ]] && ! cmp -s {"$build","$base"}/bpf/rl.bpf.o; }
}

check_sound() { # TEST
	[ -z "${sound[$1]-}" ] || return 0
	run "$base" "$1" || { echo "mutate: $1 fails without a mistake" >&2 && tail -n 20 "$base/log" >&2 && exit 1; }
	sound[$1]=yes
}

# Sets by; 1: nobody did, 2: a test was not built.
who_notices() { # FILE TEST
	local group left t
	local -A asked=()
	while read -r -a group; do
		left=()
		for t in "${group[@]}"; do
			[ -n "${asked[$t]-}" ] || left+=("$t")
			asked[$t]=yes
		done
		[ ${#left[@]} -eq 0 ] || build bpf/rl.bpf.o "${left[@]/#/tests/}" || return 2
		for t in "${left[@]}"; do
			! differs "$t" || run "$build" "$t" || { by=$t && return 0; }
		done
	done < <(groups "$@")
	return 1
}

remember() { # FILE TEST
	local where
	for where in "$1" "${1%/*}"; do noticed[$where]="$2 ${noticed[$where]-}"; done
}

note() { # NAME TEST
	[ -z "${WRITE_TESTS-}" ] || printf '%s %s\n' "$1" "$2" >>"$WRITE_TESTS"
}

try() { # NAME FILE TEST SCRIPT
	local file=$work/$2 start=$SECONDS
	cp "$file" "$work/original"
	sed -i -e "$4" "$file"
	if cmp -s "$file" "$work/original"; then
		stale+=" $1"
		by='does not apply any more'
	else
		who_notices "$2" "${3#-}"
		case $? in
		0)
			check_sound "$by"
			remember "$2" "$by"
			if grep -q 'cannot load the BPF program' "$build/log"; then
				unbuilt+=" $1"
				by='is refused by the verifier'
			else
				killed=$((killed + 1))
				note "$1" "$by"
				by="noticed by ${by##*/}"
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
	printf '%-28s %s, %d s\n' "$1" "$by" $((SECONDS - start))
	cp "$work/original" "$file"
}

is_asked_for() { # NAME FILE PATTERN...
	local name=$1 file=$2 pattern
	shift 2
	[ $# -gt 0 ] || return 0
	for pattern; do
		# shellcheck disable=SC2053
		[[ $name != $pattern && $file != $pattern ]] || return 0
	done
	return 1
}

# What includes the skeleton knows only the object's maps, which no mistake changes, so it is made once: the tests read the
# object from its file.
copy() {
	local tests t
	git ls-files -z | tar -c --null -T - | tar -x -C "$work"
	read -r -a tests < <(groups none | tr '\n' ' ')
	if ! build rl.skel.h "${tests[@]/#/tests/}"; then
		tail -n 20 "$work/log" >&2
		exit 1
	fi
	sed -i '/%.skel.h: .*bpf.o$/s/:.*/:/' "$work/Makefile"
	mkdir -p "$base"/{bpf,tests/bpf,tests/unit}
	cp {"$build","$base"}/bpf/rl.bpf.o
	for t in "${tests[@]}"; do cp {"$build","$base"}/tests/"$t"; done
	export CCACHE_DISABLE=1 # nothing with a mistake in it is compiled twice
}

[ "$(id -u)" = 0 ] || { echo "mutate: needs root" >&2 && exit 1; }
cd "$top" || exit 1
copy
while read -r name file test script; do
	case $name in '' | '#'*) continue ;; esac
	! is_asked_for "$name" "$file" "$@" || try "$name" "$file" "$test" "$script"
done <tests/mutations
echo "$killed noticed; survived:${survived:- none}; do not apply:${stale:- none}; neither built nor loaded:${unbuilt:- none}"
[ -z "$survived$stale$unbuilt" ]
