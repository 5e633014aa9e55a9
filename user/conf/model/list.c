// SPDX-License-Identifier: GPL-2.0-only
/* The allow and the deny list: prefixes with an end and a comment, sorted, in blocks. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "conf/model/list_block.h"

int conf_prefix_compare(const struct addr_prefix *a, const struct addr_prefix *b)
{
	bool ipv4 = addr_is_ipv4(&a->addr);
	int order = memcmp(&a->addr, &b->addr, sizeof(a->addr));

	if (ipv4 != addr_is_ipv4(&b->addr))
		return ipv4 ? -1 : 1;
	return order ? order : (int)a->len - (int)b->len;
}

/* The first block whose last entry does not sort before `prefix`. */
static size_t block_from(const struct conf_list *l, const struct addr_prefix *prefix)
{
	size_t low = 0, high = l->blocks;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct conf_block *b = l->block[middle];

		if (conf_prefix_compare(&b->entry[b->count - 1].prefix, prefix) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct conf_at conf_list_from(const struct conf_list *l, const struct addr_prefix *prefix)
{
	struct conf_at at = {.list = l, .block = block_from(l, prefix)};
	unsigned low = 0, high = at.block < l->blocks ? l->block[at.block]->count : 0;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;

		if (conf_prefix_compare(&l->block[at.block]->entry[middle].prefix, prefix) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	at.nth = low;
	return at;
}

static bool is_at(const struct conf_at *at, const struct addr_prefix *prefix)
{
	const struct conf_entry *e = conf_at_entry(at);

	return e && conf_prefix_compare(&e->prefix, prefix) == 0;
}

const struct conf_entry *conf_list_find(const struct conf_list *l, const struct addr_prefix *prefix)
{
	struct conf_at at = conf_list_from(l, prefix);

	return is_at(&at, prefix) ? conf_at_entry(&at) : NULL;
}

bool conf_same_comment(const struct conf_entry *a, const struct conf_entry *b)
{
	return !a->comment == !b->comment && (!a->comment || strcmp(a->comment, b->comment) == 0);
}

static bool same_entry(const struct conf_entry *a, const struct conf_entry *b)
{
	return a->until_s == b->until_s && a->timed == b->timed && a->elapsed == b->elapsed &&
	       conf_same_comment(a, b);
}

static __u32 *of_len(struct conf_list *l, const struct addr_prefix *prefix)
{
	return &l->of_len[addr_is_ipv4(&prefix->addr)][prefix->len];
}

static int put_loose(struct conf_list *l, const struct conf_entry *e)
{
	char *comment = e->comment ? strdup(e->comment) : NULL;
	struct conf_entry *grown =
		array_grow(l->loose, &l->loose_room, l->loose_count, sizeof(*grown));

	if (grown)
		l->loose = grown;
	if (!grown || (e->comment && !comment)) {
		free(comment);
		return -ENOMEM;
	}
	grown[l->loose_count] = *e;
	grown[l->loose_count++].comment = comment;
	return 1;
}

/* Behind the last entry there is no block, but there may be room in the last one. */
static struct conf_block *make_room(struct conf_list *l, struct conf_at *at)
{
	if (at->block == l->blocks && l->blocks) {
		at->block--;
		at->nth = l->block[at->block]->count;
	}
	if (at->block == l->blocks)
		return list_block_add(l, at->block);
	if (l->block[at->block]->count == CONF_BLOCK && list_block_split(l, at))
		return NULL;
	return list_block_own(l, at->block);
}

static int replace(struct conf_list *l, const struct conf_at *at, const struct conf_entry *e)
{
	struct conf_block *b = list_block_own(l, at->block);
	char *comment = e->comment ? strdup(e->comment) : NULL;

	if (!b || (e->comment && !comment)) {
		free(comment);
		return -ENOMEM;
	}
	free(b->entry[at->nth].comment);
	b->entry[at->nth] = *e;
	b->entry[at->nth].comment = comment;
	list_block_settle(b);
	return 1;
}

/* Takes `e->comment` over. */
static int insert(struct conf_list *l, struct conf_at *at, const struct conf_entry *e)
{
	struct conf_block *b = make_room(l, at);

	if (!b)
		return -ENOMEM;
	memmove(&b->entry[at->nth + 1], &b->entry[at->nth], sizeof(*e) * (b->count - at->nth));
	b->entry[at->nth] = *e;
	b->count++;
	list_block_settle(b);
	l->count++;
	++*of_len(l, &e->prefix);
	return 1;
}

int conf_list_put(struct conf_list *l, const struct conf_entry *e, bool bulk)
{
	struct conf_at at;
	struct conf_entry own = *e;
	int r;

	if (bulk)
		return put_loose(l, e);
	at = conf_list_from(l, &e->prefix);
	if (is_at(&at, &e->prefix))
		return same_entry(conf_at_entry(&at), e) ? 0 : replace(l, &at, e);
	own.comment = e->comment ? strdup(e->comment) : NULL;
	r = e->comment && !own.comment ? -ENOMEM : insert(l, &at, &own);
	if (r < 0)
		free(own.comment);
	return r;
}

int conf_list_remove(struct conf_list *l, const struct addr_prefix *prefix)
{
	struct conf_at at = conf_list_from(l, prefix);
	struct conf_block *b;

	if (!is_at(&at, prefix))
		return 0;
	b = list_block_own(l, at.block);
	if (!b)
		return -ENOMEM;
	free(b->entry[at.nth].comment);
	b->count--;
	memmove(&b->entry[at.nth], &b->entry[at.nth + 1], sizeof(*b->entry) * (b->count - at.nth));
	l->count--;
	--*of_len(l, prefix);
	list_block_settle(b);
	if (!b->count)
		list_block_drop(l, at.block);
	return 1;
}

int conf_list_carry(struct conf_list *to, const struct conf_list *from, __s64 now_s)
{
	const struct conf_entry *e;

	conf_list_each (e, at, from) {
		struct conf_entry carried = *e;

		if (!from->block[at.block]->timed)
			at.nth = from->block[at.block]->count - 1;
		if (!e->timed || (e->until_s && e->until_s <= now_s) ||
		    conf_list_find(to, &e->prefix))
			continue;
		carried.place = (struct conf_place){0};
		if (conf_list_put(to, &carried, true) < 0)
			return -ENOMEM;
	}
	return conf_list_sort(to);
}

bool conf_entry_is_ban(const struct conf_entry *e)
{
	return e->timed && e->prefix.len == 128;
}

void conf_list_step(struct conf_list *l, __s64 step_s)
{
	for (size_t i = 0; i < l->blocks; i++) {
		struct conf_block *b = l->block[i]->soonest_s ? list_block_own(l, i) : NULL;

		if (!b)
			continue;
		for (unsigned k = 0; k < b->count; k++)
			if (b->entry[k].elapsed)
				b->entry[k].until_s += step_s;
		list_block_settle(b);
	}
}

const struct conf_entry *conf_at_timed(struct conf_at *at)
{
	const struct conf_list *l = at->list;

	for (; at->block < l->blocks; at->block++, at->nth = 0) {
		const struct conf_block *b = l->block[at->block];

		for (; b->soonest_s && at->nth < b->count; at->nth++)
			if (b->entry[at->nth].until_s)
				return &b->entry[at->nth];
	}
	return NULL;
}

static bool ended(const struct conf_entry *e, __s64 now_s)
{
	return e->until_s != 0 && e->until_s <= now_s;
}

/* Returns how many of at most `max` it dropped. */
static size_t expire_block(struct conf_list *l, struct conf_block *b,
			   const struct conf_expiry *expiry, size_t max)
{
	unsigned kept = 0, count = b->count;

	for (unsigned i = 0; i < count; i++) {
		struct conf_entry *e = &b->entry[i];

		if (!ended(e, expiry->now_s) || i - kept == max) {
			b->entry[kept++] = *e;
			continue;
		}
		if (expiry->drop)
			expiry->drop(expiry->ctx, e);
		l->count--;
		--*of_len(l, &e->prefix);
		free(e->comment);
	}
	b->count = kept;
	list_block_settle(b);
	return count - kept;
}

size_t conf_list_expire(struct conf_list *l, const struct conf_expiry *expiry)
{
	size_t dropped = 0;

	for (size_t i = l->blocks; i-- > 0 && dropped < expiry->max;) {
		struct conf_block *b = l->block[i];

		if (!b->soonest_s || b->soonest_s > expiry->now_s || !(b = list_block_own(l, i)))
			continue;
		dropped += expire_block(l, b, expiry, expiry->max - dropped);
		if (!b->count)
			list_block_drop(l, i);
	}
	return dropped;
}
