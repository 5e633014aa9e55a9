/* SPDX-License-Identifier: GPL-2.0-only */
/* What files of lists had when they were last good, in the state directory: for a start that finds one it cannot
 * use. */
#ifndef RLD_LISTS_KEPT_H
#define RLD_LISTS_KEPT_H

#include "conf/model/named.h"

/* From any thread; waits for the disk. Those that `before` (may be NULL) has with the same entries
 * are kept already. The first error, which is logged. */
int lists_kept_write(const char *dir, const struct conf *now, const struct conf *before);
/* To lists whose files were refused, as far as something of them is kept. -ENOMEM. */
int lists_kept_read(const char *dir, struct conf *conf);

#endif
