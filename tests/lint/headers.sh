#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Licences, abi.h under each compiler that reads it, headers that stand on their own, and what is freed at a return.
. "$(dirname "$0")/tap.bash"
build=${1:-build}
multiarch=/usr/include/$(uname -m)-linux-gnu

sources=$(files '*.c' '*.h' '*.sh' '*.bash' '*.py' Makefile .ci/run packaging/rld.conf packaging/rld.service \
	packaging/rld.sysusers packaging/rld.logrotate packaging/debian/rules 'packaging/debian/*rm' 'man/*.[158]')
# shellcheck disable=SC2086
result "each file names its licence in its first two lines" "$(for file in $sources; do
	head -n 2 "$file" | grep -q 'SPDX-License-Identifier: GPL-2.0-only' || echo "$file"
done)"
# shellcheck disable=SC2086
result "each header is guarded" "$(for file in $(files '*.h'); do
	grep -q '^#ifndef [A-Z0-9_]*_H$' "$file" || echo "$file"
done)"
# A return before it is filled in would free what stands there by chance.
# shellcheck disable=SC2046
result "what is cleaned up has a value from the start" "$(grep -nE '_cleanup_[a-z_]*(\([a-z_]+\))? [^=]*;' $(files 'user/*.c' 'tests/*.c'))"

result "abi.h has no padding (gcc -Wpadded)" \
	"$(gcc -std=gnu11 -Iinclude -Wall -Wextra -Wpadded -Werror -fsyntax-only -x c include/rl/abi.h 2>&1)"
result "abi.h compiles under clang" \
	"$(clang -std=gnu11 -Iinclude -Wall -Wextra -Werror -fsyntax-only -x c include/rl/abi.h 2>&1)"
result "abi.h compiles for the kernel" "$(clang -target bpf -Iinclude -idirafter "$multiarch" -Wall -Werror \
	-fsyntax-only -x c include/rl/abi.h 2>&1)"

# alone COMPILER...: the headers on stdin, each the only one of an empty file.
alone() {
	local header complaint
	while IFS= read -r header; do
		complaint=$(echo "#include \"$header\"" | "$@" -fsyntax-only -x c - 2>&1) || echo "$header: ${complaint%%$'\n'*}"
	done
}
user=(gcc -std=gnu11 -Iinclude -Iuser -I. "-I$build" -D_GNU_SOURCE -Wall -Werror)
tests=("${user[@]}" -Itests/unit -Itests/bpf)

skel=
[ -e "$build/rl.skel.h" ] || skel=user/dp/
result "headers of include/ and user/ stand alone" \
	"$(files 'include/*.h' 'user/*.h' | grep -v "^${skel:-^}" | alone "${user[@]}")"
[ -z "$skel" ] || skip "headers of user/dp/ stand alone" "$build/rl.skel.h was not built"
result "bpf/*.h stand alone as plain C" \
	"$(files 'bpf/*.h' | grep -v '\.bpf\.h$' | alone gcc -std=gnu11 -Iinclude -I. -Wall -Wno-unused-function)"
# libbpf's bpf_helpers.h does not stand alone itself.
result "bpf/*.bpf.h stand alone for the kernel" "$(files 'bpf/*.bpf.h' |
	alone clang -target bpf -O2 -Iinclude -I. -idirafter "$multiarch" -include linux/bpf.h)"
result "headers of tests/ stand alone" "$(files 'tests/*.h' | alone "${tests[@]}")"
finish
