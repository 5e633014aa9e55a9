#!/usr/bin/awk -f
# SPDX-License-Identifier: GPL-2.0-only
# The table of docs/compilers.md from the lines of tests/bpf/verify and of tests/lint/stack.sh.
function series(release) {
	match(release, /^[0-9]+\.[0-9]+/)
	return "Linux " substr(release, 1, RLENGTH)
}
function cell(kernel, compiler) {
	if ((kernel, compiler) in refused) return "refused"
	return (kernel, compiler) in looked ? looked[kernel, compiler] : "-"
}
$1 == "stack" { stack[$3] = $4; next }
!($2 in known) { known[$2] = 1; kernel[++kernels] = $2 }
!($3 in listed) { listed[$3] = 1; compiler[++compilers] = $3 }
$1 == "refused" { refused[$2, $3] = 1 }
$1 == "verified" && $4 == "rld" { looked[$2, $3] = $5 }
END {
	head = "| compiler |"
	rule = "|---|"
	for (k = 1; k <= kernels; k++) { head = head " " series(kernel[k]) " |"; rule = rule "--:|" }
	print head " stack |\n" rule "--:|"
	for (c = 1; c <= compilers; c++) {
		line = "| " compiler[c] " |"
		for (k = 1; k <= kernels; k++) line = line " " cell(kernel[k], compiler[c]) " |"
		print line " " (compiler[c] in stack ? stack[compiler[c]] : "-") " |"
	}
}
