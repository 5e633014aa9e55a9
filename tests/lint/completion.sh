#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The completion for bash knows the words that there are, at the places where they are taken.
. "$(dirname "$0")/tap.bash"
build=${1:-build}

if [ ! -x "$build/rlctl" ]; then
	skip "completion has every word" "$build/rlctl was not built"
	finish
fi
PATH=$(realpath "$build"):$PATH
# shellcheck source=packaging/rlctl.bash
. packaging/rlctl.bash

# offered WORD...: what may stand behind these; the last one is begun only, and may be empty.
offered() {
	COMP_WORDS=(rlctl "$@")
	COMP_CWORD=$#
	COMPREPLY=()
	_rlctl
	printf '%s\n' "${COMPREPLY[@]}" | grep . | sort -u
}

# same NAME SEEN EXPECTED: as sets.
same() {
	result "$1" "$(diff <(sort -u <<<"$2") <(sort -u <<<"$3") |
		sed -n 's/^</offered, but there is no such word:/p; s/^>/packaging\/rlctl.bash does not offer/p')"
}

# quoted FILE FIRST LAST: the strings between two lines.
quoted() { sed -n "/$2/,/$3/p" "$1" | grep -o '"[a-z][a-z0-9-]*"' | tr -d '"'; }
enum_texts() { sed -n "/^#define RL_$1(X)/,/^\$/s/.*\"\\(.*\\)\".*/\\1/p" include/rl/names.h; }
lines() { tr ' ' '\n' <<<"$*"; }

conditions=$(quoted user/conf/grammar/cond_names.c '^static const struct name protos' '^};'
	sed -n 's/.*\[CONF_COND_[A-Z_]*\] = {"\([a-z-]*\)".*/\1/p' user/conf/model/cond.c; lines not any)
commands=$("$build/rlctl" --help | sed -n 's/^  \([a-z-]*\) .*/\1/p')
same "commands and options" "$(offered '')" \
	"$commands"$'\n'"$("$build/rlctl" --help | grep '^  ' | grep -o -- '--[a-z-]*[a-z]')"
same "conditions" "$(offered set-limit ssh 6/minute match '')" "$conditions"
same "... behind another one, with the clauses" "$(offered set-limit ssh 6/minute match tcp '')" \
	"$(grep -vx any <<<"$conditions")"$'\n'"$(offered set-limit ssh 6/minute '')"
# `fleet-wide` and the other actions are words that are refused.
same "clauses" "$(offered set-limit ssh 6/minute '')" \
	"$(quoted user/conf/grammar/clauses.c '^} clauses' '^};' | grep -vx fleet-wide)"
same "strategies" "$(offered set-limit ssh 6/minute strategy '')" "$(enum_texts STRATEGIES)"
same "what to do with a full table" "$(offered set-limit ssh 6/minute on-full '')" "$(enum_texts ON_FULLS)"
same "keys" "$(offered set-limit ssh 6/minute per '')" "$(quoted user/conf/grammar/per.c '^} parts' '^};')"$'\nall\napp'
same "bans" "$(offered set-limit ssh 6/minute ban '')" "$(quoted user/conf/grammar/ban.c '^} parts' '^};')"
same "options of the configuration" "$(offered set-option '')" \
	"$(sed -n 's/^\t{*{"\([a-z-]*\)", .*/\1/p' user/conf/model/options.c)"
same "flags" "$(offered set-limit ssh 6/minute match flags '')" "$(quoted user/conf/grammar/cond_names.c '^static const struct name flags' '^};')"
same "modes" "$(offered mode '')" "$(enum_texts MODES)"
same "modes of attaching" "$(offered attach eth0 mode '')" "$(lines auto native generic)"
same "lists" "$(offered allow '')" "$(lines add del)"
same "... and more" "$(offered deny add 192.0.2.1 '')" "$(lines for until comment)"
same "what to show" "$(offered show '')" "$(lines limits options lists)"
same "options of a command" "$(offered sources '')" \
	"$("$build/rlctl" sources --help | head -n 1 | grep -o -- '--[a-z]*')"
same "... and their values" "$(offered sources --top 3 --sort '')" "$(lines refused drop would_drop pass seen)"
same "interfaces" "$(offered detach '')" "$(ls /sys/class/net)"
same "files" "$(cd packaging && offered check 'rld.c')" rld.conf
same "a packet" "$(offered explain 192.0.2.1 '')" "$(grep -vx -e not -e any <<<"$conditions")"$'\nbytes'
same "what was begun" "$(offered set-limit ssh 6/minute match ic)" "$(grep '^ic' <<<"$conditions")"
same "nothing where any text may stand" "$(offered ban '')$(offered set-limit ssh 6/m comment '')" ""

# Each command has a usage that completion can make something of.
odd=
for command in $commands; do
	usage=$("$build/rlctl" "$command" --help | head -n 1)
	[ "$usage" = "Usage: rlctl $command" ] || grep -qE '[A-Z]|\|' <<<"$usage" || odd+="$command: $usage"$'\n'
done
result "each usage says what follows" "${odd%$'\n'}"
finish
