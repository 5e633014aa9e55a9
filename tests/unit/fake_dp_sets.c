/* SPDX-License-Identifier: GPL-2.0-only */
/* The data path in memory: sets of prefixes. */
#include "fake_dp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The fake's lists on their way: the first FAKE_PREFIXES of each. */
struct dp_fill {
	bool renew[DP_LISTS];
	size_t size[DP_LISTS];
	struct dp_prefix set[DP_LISTS][FAKE_PREFIXES];
};

int dp_fill_begin(struct dp *dp, const bool renew[static DP_LISTS], struct dp_fill **ret,
		  struct diag *d)
{
	struct dp_fill *fill = calloc(1, sizeof(*fill));

	memcpy(fill->renew, renew, sizeof(fill->renew));
	*ret = fill;
	return 0;
}

static bool is_held(void)
{
	if (!__atomic_load_n(&fake_dp()->fill_waits, __ATOMIC_ACQUIRE))
		return false;
	if (!fake_dp()->fills_free)
		return true;
	fake_dp()->fills_free--;
	return false;
}

void fake_dp_wait(const bool *hold, bool *ret_waiting)
{
	while (__atomic_load_n(hold, __ATOMIC_ACQUIRE)) {
		__atomic_store_n(ret_waiting, true, __ATOMIC_RELEASE);
		usleep(1000);
	}
	__atomic_store_n(ret_waiting, false, __ATOMIC_RELEASE);
}

int dp_fill_add(struct dp_fill *fill, enum dp_set set, const struct dp_prefix *v, size_t count,
		struct diag *d)
{
	if (!count)
		return 0;
	if (is_held())
		fake_dp_wait(&fake_dp()->fill_waits, &fake_dp()->fills_waiting);
	if (fake_dp()->fill_fails)
		return diag_errno(d, ENOSPC, "the table of prefixes cannot hold all entries");
	for (size_t i = 0; i < count && fill->size[set] < FAKE_PREFIXES; i++)
		fill->set[set][fill->size[set]++] = v[i];
	return 0;
}

void dp_fill_end(struct dp_fill *fill)
{
	free(fill);
}

void dp_lists_hold(struct dp *dp)
{
}

void dp_lists_release(struct dp *dp)
{
}

static void take_set(enum dp_set set, const struct dp_prefix *v, size_t count)
{
	fake_dp()->set_size[set] = count < FAKE_PREFIXES ? count : FAKE_PREFIXES;
	if (count)
		memcpy(fake_dp()->set[set], v, fake_dp()->set_size[set] * sizeof(*v));
}

void fake_dp_take_sets(const struct dp_ruleset *set)
{
	for (int i = 0; i < DP_LISTS; i++)
		if (set->lists && set->lists->renew[i])
			take_set(i, set->lists->set[i], set->lists->size[i]);
	for (int i = DP_LISTS; i < DP_SET_COUNT; i++)
		take_set(i, set->set[i]->v, set->set[i]->count);
}

static struct dp_prefix *find_entry(enum dp_set set, const union rl_addr *addr, __u32 len)
{
	for (size_t i = 0; i < fake_dp()->set_size[set]; i++) {
		struct dp_prefix *entry = &fake_dp()->set[set][i];

		if (entry->len == len && !memcmp(&entry->addr, addr, sizeof(*addr)))
			return entry;
	}
	return NULL;
}

const struct dp_prefix *fake_dp_entry(enum dp_set set, const char *text)
{
	struct addr_prefix prefix;

	if (addr_parse_prefix(text, strlen(text), &prefix))
		abort();
	return find_entry(set, &prefix.addr, prefix.len);
}

int dp_set_put(struct dp *dp, enum dp_set set, const struct dp_prefix *prefix, struct diag *d)
{
	struct dp_prefix *entry = find_entry(set, &prefix->addr, prefix->len);

	if (!entry && fake_dp()->set_size[set] == FAKE_PREFIXES)
		return diag_errno(d, ENOSPC, "no room for an entry");
	if (!entry)
		entry = &fake_dp()->set[set][fake_dp()->set_size[set]++];
	*entry = *prefix;
	return 0;
}

int dp_set_del(struct dp *dp, enum dp_set set, const struct dp_prefix *prefix, struct diag *d)
{
	struct dp_prefix *entry = find_entry(set, &prefix->addr, prefix->len);

	if (!entry)
		return -ENOENT;
	*entry = fake_dp()->set[set][--fake_dp()->set_size[set]];
	return 0;
}
