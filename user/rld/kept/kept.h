/* SPDX-License-Identifier: GPL-2.0-only */
/* What limits know of sources, kept in a file for the time after a reboot: bans and what makes the
 * next one longer, and all of limits with a window of an hour or more.
 *
 *   1. The file is written once a minute while packets come, if something in it is new, once an
 *      hour otherwise, and at a proper stop. Without such limits there is none.
 *   2. It is read when the kernel's maps are new, and before any rule set is published. Limits are
 *      known again by name, key, strategy, unit and periods.
 *   3. A file that is damaged, cut or of another version is set aside as a whole.
 */
#ifndef RLD_KEPT_H
#define RLD_KEPT_H

#include "rld/rld.h"

int kept_new(struct rld *rld, struct kept **ret);
void kept_free(struct kept *kept); /* writes it once more */
/* Something was forgotten without a packet: write it next time. NULL: nothing. */
void kept_touch(struct kept *kept);

/* Into the maps that are new; `conf` has the ids of its limits. Logs what came of it. */
void kept_restore(const struct rld *rld, const struct conf *conf);

#endif
