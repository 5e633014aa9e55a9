#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Who may include whom: the table of rooms, and what holds inside of them.
. "$(dirname "$0")/tap.bash"
table=tests/lint/rooms

# "FILE LINE INCLUDED" of everything outside of tests/; <name> of a library's header.
includes=$(files 'include/*' 'bpf/*' 'user/*' | grep '\.[ch]$' | xargs grep -Hno '^#include *[<"][^>"]*[>"]' |
	sed -E 's/:([0-9]+):#include */ \1 /; s/"//g')
libraries='^<(bpf/.*|jansson\.h|microhttpd\.h|sodium\.h|pcap(/.*)?\.h|libelf\.h|gelf\.h|zlib\.h|rl\.skel\.h)>$'

# The file behind each include, or the library's header; nothing for what any file may include.
resolved=$(while read -r file line included; do
	case $included in
	*.skel.h) echo "$file $line <$included>" ;;
	\<*) [[ $included =~ $libraries ]] && echo "$file $line $included" ;;
	*)
		for path in "$(dirname "$file")/$included" "include/$included" "user/$included" "$included"; do
			[ -e "$path" ] && break
		done
		echo "$file $line $path"
		;;
	esac
done <<<"$includes")

# Each complaint of the table about itself or about an include. A file that has a line of its own is its own room;
# "@" is what user/rld/rld.h may include, and itself; "." nothing.
complaints() {
	awk -v part="$1" '
	function room(path) {
		if (path in row)
			return path
		sub("/[^/]*$", "", path)
		return path
	}
	function say(what, text) {
		if (what == part)
			print text
	}
	FILENAME == ARGV[1] {
		if (/^#/ || !NF)
			next
		row[$1] = NR
		for (i = 2; i <= NF; i++) {
			if ($i == "@") {
				n = split(shared, also, " ")
				for (k = 1; k <= n; k++)
					may[$1, also[k]] = 1
			} else {
				if ($i !~ /^[<.]/ && !($i in row))
					say("order", $1 " may not include " $i ": it does not stand above")
				may[$1, $i] = 1
			}
		}
		if ($1 == "user/rld/rld.h")
			shared = $0
		next
	}
	{
		from = room($1)
		to = $3 ~ /^</ ? $3 : room($3)
		if (!(from in row))
			say("rooms", $1 ": " from " is no room of the table")
		else if (from != to && !((from, to) in may))
			say("includes", $1 ":" $2 ": " from " may not include " $3)
	}' "$table" - <<<"$resolved" | sort -u
}
result "no room of the table includes one below it" "$(complaints order)"
result "each file is in a room of the table" "$(complaints rooms)"
result "each room includes what the table says" "$(complaints includes)"

# forbid NAME FILES INCLUDED: regular expressions on the file and on what it includes.
forbid() {
	result "$1" "$(awk -v files="$2" -v included="$3" '$1 ~ files && $3 ~ included' <<<"$resolved")"
}
forbid "bpf/*.h, which are pure, include no .bpf.h and no helpers" '^bpf/([a-z]+/)?[a-z0-9_]+\.h$' '\.bpf\.h$|^<bpf/'
result "programs stand only in bpf/*.bpf.c" \
	"$(files 'bpf/*' | grep -v '\.bpf\.c$' | xargs grep -n 'SEC("\(xdp\|tc\|license\)')"

# Which file uses the header of which other: a circle is one file in disguise. What the parts of one share is internal.
modules=$(sed -E 's#([^/ ]+)/internal\.h#\1/\1.h#g; s/_internal\.h//g; s/\.[ch]( |$)/\1/g' <<<"$resolved" |
	awk '$1 ~ /^user/ && $3 ~ /^user/ && $1 != $3 { print $1, $3 }')
result "no files include each other in a circle" "$(tsort <<<"$modules" 2>&1 >/dev/null | sed 's/^tsort: //')"
finish
