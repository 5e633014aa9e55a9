// SPDX-License-Identifier: GPL-2.0-only
/* What of a rule set does not depend on which values the conditions name. */

#include "conf/compile/rules.h"
#include "conf/model/conf_internal.h"

static void copy_limits(struct rl_rules *rules, const struct conf *c)
{
	for (size_t i = 0; i < c->limits; i++) {
		const struct conf_limit *l = c->limit[i];

		rules->limit[i] = l->abi;
		if (!l->enabled)
			rules->limit[i].flags |= RL_LIMIT_DISABLED;
		if (!l->enabled || conf_limit_is_app(l))
			continue;
		if (conf_limit_is_default(l)) {
			rules->default_limit = (__u32)i;
			continue;
		}
		limit_set_add(rules->live, i);
		rules->live_words |= 1u << i / 64;
		if (!(l->abi.flags & RL_LIMIT_MONITOR))
			limit_set_add(rules->enforcing, i);
	}
}

static bool same_prefix(const struct rl_ban_prefix *p, const struct rl_limit *l)
{
	return p->prefix4 == l->prefix4 && p->prefix6 == l->prefix6;
}

int rules_collect_ban_prefixes(struct rl_rules *rules, const struct conf *c, struct diag *d)
{
	for (size_t i = 0; i < c->limits; i++) {
		const struct rl_limit *l = &c->limit[i]->abi;
		__u32 at = 0;

		if (!(l->flags & RL_LIMIT_BAN_EVERYWHERE) || !c->limit[i]->enabled)
			continue;
		while (at < rules->ban_prefixes && !same_prefix(&rules->ban_prefix[at], l))
			at++;
		if (at < rules->ban_prefixes)
			continue;
		if (at == RL_BAN_PREFIXES) {
			diag_set(d, DIAG_REFUSED,
				 "limit \"%s\": limits ban everywhere by more than %d different "
				 "prefixes",
				 l->name, RL_BAN_PREFIXES);
			return diag_hint(d, "count it per the same source/prefix as another one");
		}
		rules->ban_prefix[at].prefix4 = l->prefix4;
		rules->ban_prefix[at].prefix6 = l->prefix6;
		rules->ban_prefix[at].mask4 = l->mask4;
		rules->ban_prefix[at].mask6 = l->mask6;
		rules->ban_prefixes++;
	}
	return 0;
}

__u32 rules_sole_limit(const struct rl_rules *rules)
{
	__u32 sole = RL_LIMITS_MAX, enforcing = 0, count = 0;

	for (__u32 i = 0; i < rules->limits; i++) {
		if (!limit_set_has(rules->live, i))
			continue;
		sole = i;
		count++;
		enforcing += limit_set_has(rules->enforcing, i);
	}
	if (!enforcing && rules->default_limit != RL_LIMITS_MAX) {
		sole = rules->default_limit;
		count++;
	}
	return !rules->dims && count == 1 ? sole : RL_LIMITS_MAX;
}

void rules_fill(struct rl_rules *rules, const struct conf *c)
{
	rules->mode = (__u8)c->mode;
	rules->flags = (c->options.malformed_drop ? RL_RULES_MALFORMED_DROP : 0) |
		       (c->options.deep_judge ? RL_RULES_DEEP_JUDGE : 0);
	rules->exempt_rate = c->options.exempt_rate;
	rules->words = (__u8)((c->limits + 63) / 64);
	rules->limits = (__u32)c->limits;
	rules->default_limit = RL_LIMITS_MAX;
	copy_limits(rules, c);
}
