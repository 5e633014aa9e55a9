/* SPDX-License-Identifier: GPL-2.0-only */
/* How much of a family a list covers. */
#ifndef RLD_GUARD_COVER_H
#define RLD_GUARD_COVER_H

#include "conf/model/conf.h"

#define GUARD_COVER_ALL (1ull << 32)

/* In parts of which a family has GUARD_COVER_ALL: the IPv4 addresses, or the /35s of 2000::/3,
 * where all global IPv6 addresses are. Longer prefixes of IPv6 are too small to count. Many entries
 * that cover it together count as one that does. What cannot come to half of it, by the lengths of
 * its prefixes alone, counts as nothing. */
__u64 guard_cover(const struct conf_list *list, bool ipv4, __s64 now_s);

#endif
