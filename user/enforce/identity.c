// SPDX-License-Identifier: GPL-2.0-only
/* Identities of limits across changes, reloads and restarts. */
#include "enforce/identity.h"

#include <stdlib.h>
#include <string.h>

struct conf *identity_adopted(struct dp *dp)
{
	struct conf *conf = conf_new();

	if (!conf)
		return NULL;
	conf->limit = calloc(RL_SLOTS_MAX, sizeof(*conf->limit));
	for (__u32 slot = 0; conf->limit && slot < RL_SLOTS_MAX; slot++) {
		struct rl_limit known;
		struct conf_limit *limit;

		if (!dp_limit_of_slot(dp, slot, &known))
			continue;
		limit = calloc(1, sizeof(*limit));
		if (!limit)
			break;
		limit->abi = known;
		conf->limit[conf->limits++] = limit;
	}
	return conf;
}

/* By name; `hint` is where it most likely is, as most changes leave most limits in their places. */
static const struct rl_limit *find(const struct conf *conf, const char *name, size_t hint)
{
	const struct conf_limit *limit;

	if (hint < conf->limits && !strcmp(conf->limit[hint]->abi.name, name))
		return &conf->limit[hint]->abi;
	limit = conf_find_limit(conf, name);
	return limit ? &limit->abi : NULL;
}

static bool has(const struct conf *conf, const struct rl_limit *limit, size_t hint)
{
	const struct rl_limit *found = find(conf, limit->name, hint);

	return found && found->id == limit->id;
}

int identity_assign(struct dp *dp, const struct conf *old, struct conf *cand,
		    struct rl_rules *rules, struct diag *d)
{
	/* What both have in common has its identity, and is not to be changed. */
	for (size_t i = 0; i < cand->limits; i++)
		if (find(old, cand->limit[i]->abi.name, i) != &cand->limit[i]->abi)
			cand->limit[i]->abi.id = 0;
	for (size_t i = 0; i < cand->limits; i++) {
		struct rl_limit *limit = &cand->limit[i]->abi;
		const struct rl_limit *found = find(old, limit->name, i);
		int err = 0;

		if (found && found->id && conf_same_state(found, limit)) {
			limit->id = found->id;
			limit->slot = found->slot;
		} else {
			err = dp_limit_new(dp, &limit->id, &limit->slot, d);
		}
		if (err) {
			identity_undo(dp, old, cand);
			return err;
		}
		rules->limit[i].id = limit->id;
		rules->limit[i].slot = limit->slot;
	}
	return 0;
}

/* Retires what only `a` has. */
static void retire(struct dp *dp, const struct conf *a, const struct conf *b)
{
	for (size_t i = 0; i < a->limits; i++) {
		const struct rl_limit *limit = &a->limit[i]->abi;

		if (limit->id && !has(b, limit, i))
			dp_limit_retire(dp, limit->id, limit->slot);
	}
}

void identity_retire(struct dp *dp, const struct conf *old, const struct conf *cand)
{
	retire(dp, old, cand);
}

void identity_undo(struct dp *dp, const struct conf *old, const struct conf *cand)
{
	retire(dp, cand, old);
}
