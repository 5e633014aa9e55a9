/* SPDX-License-Identifier: GPL-2.0-only */
/* What of a rule set does not depend on which values the conditions name. */
#ifndef CONF_RULES_H
#define CONF_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/model/conf.h"

/* Sets of limits, as rl_rules.live. */
static inline bool limit_set_has(const __u64 *set, size_t i)
{
	return set[i / 64] >> (i % 64) & 1;
}

static inline void limit_set_add(__u64 *set, size_t i)
{
	set[i / 64] |= 1ull << i % 64;
}

/* Mode, options and the limits, into zeroes. */
void rules_fill(struct rl_rules *rules, const struct conf *c);
/* The prefixes by which a source can be banned from everything; refuses too many of them. */
int rules_collect_ban_prefixes(struct rl_rules *rules, const struct conf *c, struct diag *d);
/* What every packet is judged by, if no condition is looked at (rules->dims is known) and it is one
 * limit; else RL_LIMITS_MAX. */
__u32 rules_sole_limit(const struct rl_rules *rules);

#endif
