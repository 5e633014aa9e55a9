/* SPDX-License-Identifier: GPL-2.0-only */
/* A file that takes the place of another in one step, and has it after a power cut too. */
#ifndef BASE_REPLACE_H
#define BASE_REPLACE_H

#include <stdio.h>

/* Closes `file`, which was written as `temporary`, and makes it `path`: what it holds is on the
 * disk before the name is, and the name when this returns. Waits for the disk. -errno: unless only
 * the name may not be on the disk, `path` is what it was; `temporary` is gone. */
int replace_file(FILE *file, const char *temporary, const char *path);

#endif
