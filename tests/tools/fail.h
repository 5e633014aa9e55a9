/* SPDX-License-Identifier: GPL-2.0-only */
/* What fail.c and the library failing.so share, in a file that both map. */
#ifndef TOOLS_FAIL_H
#define TOOLS_FAIL_H

enum fail_kind { FAIL_BPF, FAIL_MAPPING, FAIL_MEMORY, FAIL_UPDATE };

struct fail {
	int kind;
	int left; /* calls until the one that fails; 0: none does */
};

#endif
