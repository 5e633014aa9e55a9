#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Who may include whom: abi.h <- bpf/*.h <- bpf/*.bpf.h <- rl.bpf.c; abi.h <- base <- {conf, dp} <- rld;
# {base, conf} <- rlctl; and one place in the tree for each third-party library.
. "$(dirname "$0")/tap.bash"

# "FILE:LINE:INCLUDED" of everything outside of tests/.
includes=$(files 'include/*' 'bpf/*' 'user/*' | grep '\.[ch]$' | xargs grep -Hno '^#include *[<"][^>"]*' |
	sed 's/:#include *[<"]/:/')

# forbid NAME FILES INCLUDED [EXCEPT-FILES]: regular expressions on the file, on what it includes, on files let off.
forbid() {
	result "$1" "$(awk -F : -v files="$2" -v included="$3" -v except="${4:-^$}" \
		'$1 ~ files && $3 ~ included && $1 !~ except' <<<"$includes")"
}

# allow NAME FILES INCLUDED: these files include nothing else.
allow() {
	result "$1" "$(awk -F : -v files="$2" -v included="$3" '$1 ~ files && $3 !~ included' <<<"$includes")"
}

pure='^bpf/[a-z0-9_]+\.h$'
allow "abi.h and proto.h stand alone" '^include/' '^linux/|^rl/'
allow "bpf/*.h use neither helpers nor maps" "$pure" '^linux/|^rl/abi\.h$|^[a-z0-9_]+\.h$'
allow "bpf/*.bpf.h know only the kernel's side" '^bpf/.*\.bpf\.h$' '^linux/|^bpf/bpf_|^rl/abi\.h$|^[a-z0-9_]+(\.bpf)?\.h$'
allow "bpf/*.bpf.c know only the kernel's side" '^bpf/.*\.bpf\.c$' '^linux/|^bpf/bpf_|^rl/abi\.h$|^[a-z0-9_]+(\.bpf)?\.h$'
result "programs stand only in bpf/*.bpf.c" \
	"$(files 'bpf/*' | grep -v '\.bpf\.c$' | xargs grep -n 'SEC("\(xdp\|tc\|license\)')"
forbid "base knows no other module" '^user/base/' '^(conf|dp|rld|rlctl)/'
forbid "conf knows neither dp nor the programs" '^user/conf/' '^(dp|rld|rlctl)/'
forbid "dp knows neither conf nor the programs" '^user/dp/' '^(conf|rld|rlctl)/'
forbid "rld does not know rlctl" '^user/rld/' '^rlctl/'
forbid "rlctl does not know dp or rld" '^user/rlctl/' '^(dp|rld)/'
forbid "only dp includes libbpf, bpf/ and the skeleton" '^user/' '^bpf/|\.bpf\.h$|\.skel\.h$' '^user/dp/'
forbid "only rld/http* includes libmicrohttpd" '^user/' '^microhttpd\.h$' '^user/rld/http[a-z_]*\.[ch]$'
forbid "only base/json* includes jansson" '^user/' '^jansson\.h$' '^user/base/json[a-z_]*\.[ch]$'
forbid "only rld/replay_pcap includes libpcap" '^user/' '^pcap([./]|$)' '^user/rld/replay_pcap\.c$'
forbid "nobody includes libelf or zlib" '^(user|bpf|include)/' '^(libelf|gelf|zlib)\.h$'
finish
