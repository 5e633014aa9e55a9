# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Completion of rlctl(1) for bash. Commands and their words are those of rlctl's own --help; names of limits are asked of
# rld, which has one second to answer. What stands here is the words of limits and options.

_rlctl_conditions='tcp udp icmp icmpv6 igmp gre esp ah sctp dccp udplite ospf vrrp proto dport sport src dst syn flags icmp-type fragment length ip-length vlan iface'
_rlctl_clauses='per match strategy burst monitor ban on-full action comment'
_rlctl_options='sources-max idle-timeout events-per-second metrics-top log on-malformed on-deep exempt-rate protect-port'

# The words that may stand at a place of a limit or of a packet, by the one before.
_rlctl_after() { # WORD IN-MATCH
	case $1 in
	per) echo 'source destination dport sport proto all app' ;;
	match) echo "any not $_rlctl_conditions" ;;
	not) echo "$_rlctl_conditions" ;;
	strategy) echo 'fixed-window sliding-window moving-window elastic token-bucket' ;;
	on-full) echo 'spread shared pass drop' ;;
	action) echo drop ;;
	ban) echo 'for up after everywhere' ;;
	up) echo to ;;
	iface) command ls /sys/class/net ;;
	flags) echo 'fin syn rst psh ack urg ece cwr none' ;;
	proto | dport | sport | src | dst | icmp-type | length | ip-length | vlan | burst | comment | for | to | after | bytes) ;;
	*) echo "${2:+not $_rlctl_conditions} $_rlctl_clauses" ;;
	esac
}

_rlctl_limits() { # [rlctl's OPTION]...
	command rlctl -j -t 1 "$@" show limits 2>/dev/null | command grep -o '"name":"[^"]*"' | command cut -d '"' -f 4
}

_rlctl_lists() { # [rlctl's OPTION]...
	command rlctl -j -t 1 "$@" show lists 2>/dev/null | command grep -o '"name":"[^"]*"' | command cut -d '"' -f 4
}

# What a word of a command's usage stands for, such as NAME or add|del. FILE is left to _rlctl.
_rlctl_stand() { # WORD OF USAGE
	local word

	for word in ${1//|/ }; do
		case $word in
		NAME) _rlctl_limits "${asked[@]}" ;;
		IFACE) command ls /sys/class/net ;;
		FILE | [a-z]*) echo "$word" ;;
		esac
	done
}

# By the usage of the command: what stands at the first place, or behind the word before; else the words that stand alone.
_rlctl_usage() { # COMMAND FIRST
	local usage own alone=() here=$2 word

	usage=$(command rlctl "$1" --help 2>/dev/null | command head -n 1)
	usage=${usage#"Usage: rlctl $1"}
	read -r -a own <<<"${usage//[][\{\}]/ }"
	for word in "${own[@]}"; do
		if [[ $word = [a-z-]* && $word != *'|'* ]]; then
			alone+=("$word")
		elif [[ -n $here ]]; then
			_rlctl_stand "$word"
			return
		fi
		here=
		[[ "|$word|" != *"|$prev|"* ]] || here=1
	done
	echo "${alone[@]}"
}

_rlctl_words() {
	local command='' first='' asked=() in_match='' i

	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-s | --socket | -t | --timeout | --color)
			[[ ${COMP_WORDS[i]} != -s && ${COMP_WORDS[i]} != --socket ]] || asked=(-s "${COMP_WORDS[i + 1]}")
			((++i))
			;;
		-*) ;;
		*)
			command=${COMP_WORDS[i]}
			break
			;;
		esac
	done
	((i + 1 < COMP_CWORD)) || first=1
	[[ " ${COMP_WORDS[*]:i} " != *' match '* ]] || in_match=1

	case $command,$prev in
	,-s | ,--socket | *,--config) echo FILE ;;
	,-t | ,--timeout) ;;
	,--color) echo auto always never ;;
	,*)
		command rlctl --help 2>/dev/null |
			command sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p; s/^  \(-.,\)\{0,1\} *\(--[a-z][a-z-]*\).*/\2/p'
		;;
	list,file) echo FILE ;;
	list,list | del-list,del-list | show,lists) _rlctl_lists "${asked[@]}" ;;
	list,*) [[ ${COMP_WORDS[COMP_CWORD - 2]} != list ]] || echo 'add del file' ;;
	*,--limit) _rlctl_limits "${asked[@]}" ;;
	set-option,set-option) echo "$_rlctl_options" ;;
	set-limit,set-limit) _rlctl_limits "${asked[@]}" ;;
	set-limit,*) _rlctl_after "$prev" "$in_match" ;;
	explain,* | test,*)
		case $prev in
		explain | test | not) ;;
		*) [[ -n $first ]] || _rlctl_after "$prev" 1 | command sed "s/^not .*/$_rlctl_conditions bytes/" ;;
		esac
		;;
	*) _rlctl_usage "$command" "$first" ;;
	esac
}

_rlctl() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} words

	words=$(_rlctl_words)
	if [[ $words = FILE ]]; then
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
	else
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
	fi
}

complete -F _rlctl rlctl
