#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The stack of all calls in flight has 512 bytes. Linux 6.1 counts each frame in steps of 32, newer ones in steps of 16,
# so that what loads here might not load there.
. "$(dirname "$0")/tap.bash"
build=${1:-build}

if ! command -v llvm-objdump >/dev/null || [ ! -f "$build/bpf/rl.bpf.o" ]; then
	skip "all calls in flight fit into 512 bytes of stack" "needs llvm-objdump and $build/bpf/rl.bpf.o"
	finish
fi
# Lines "FRAME name bytes", the deepest byte below r10 that the function names, and "CALL name callee".
frames() { # OBJECT
	llvm-objdump -d -r "$1" | awk '
		function number(text,   i, n) {
			if (text !~ /^0x/) return text + 0
			for (i = 3; i <= length(text); i++) n = n * 16 + index("123456789abcdef", substr(text, i, 1))
			return n
		}
		/^[0-9a-f]+ <.*>:$/ { if ($2 !~ /^<LBB/) { name = $2; gsub(/[<>:]/, "", name); frame[name] += 0 } next }
		match($0, /r10 - 0x[0-9a-f]+|r10 - [0-9]+/) { at = substr($0, RSTART + 6, RLENGTH - 6) }
		match($0, /r[0-9] \+= -(0x)?[0-9a-f]+$/) { at = substr($0, RSTART + 7, RLENGTH - 7) }
		at != "" { at = number(at); if (at > frame[name] && at <= 512) frame[name] = at; at = "" }
		/R_BPF_64_32/ { print "CALL", name, $NF }
		END { for (name in frame) print "FRAME", name, frame[name] }'
}

deepest() { # OBJECT
	frames "$1" | awk '
		$1 == "FRAME" { frame[$2] = int(($3 + 31) / 32) * 32; if (!frame[$2]) frame[$2] = 32 }
		$1 == "CALL" { calls[$2] = calls[$2] " " $3 }
		function depth(name,   list, i, n, most, d) {
			n = split(calls[name], list, " ")
			for (i = 1; i <= n; i++) { d = depth(list[i]); if (d > most) most = d }
			return frame[name] + most
		}
		END { for (name in frame) if (depth(name) > max) { max = depth(name); at = name } print max, at }'
}

for object in "$build"/bpf/rl.bpf.o "$build"/clang-*/rl.bpf.o; do
	[ -f "$object" ] || continue
	read -r bytes at <<<"$(deepest "$object")"
	echo "# $object: the deepest is $at, $bytes bytes"
	bad=
	[ "$bytes" -ge 64 ] || bad="cannot read the frames of $object"
	[ "$bytes" -le 512 ] || bad="$at needs $bytes bytes"
	result "all calls in flight fit into 512 bytes of stack: $object" "$bad"
done
finish
