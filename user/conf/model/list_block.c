// SPDX-License-Identifier: GPL-2.0-only
/* Lists as a whole: their blocks, copies that share them, and what is put in bulk. */
#include "conf/model/list_block.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"

/* So many to an entry that was put in bulk, and each goes to its place by itself: blocks stay
 * shared. */
#define FEW 16

static void block_free(struct conf_block *b)
{
	if (__atomic_fetch_sub(&b->shares, 1, __ATOMIC_ACQ_REL))
		return;
	for (unsigned i = 0; b->comments && i < b->count; i++)
		free(b->entry[i].comment);
	free(b);
}

void list_block_settle(struct conf_block *b)
{
	b->timed = b->comments = false;
	b->soonest_s = 0;
	for (unsigned i = 0; i < b->count; i++) {
		const struct conf_entry *e = &b->entry[i];

		b->timed |= e->timed;
		b->comments |= e->comment != NULL;
		if (e->until_s && (!b->soonest_s || e->until_s < b->soonest_s))
			b->soonest_s = e->until_s;
	}
}

struct conf_block *list_block_own(struct conf_list *l, size_t i)
{
	struct conf_block *b = l->block[i], *copy;

	if (!__atomic_load_n(&b->shares, __ATOMIC_ACQUIRE))
		return b;
	copy = malloc(sizeof(*copy));
	if (!copy)
		return NULL;
	*copy = (struct conf_block){
		.timed = b->timed, .comments = b->comments, .soonest_s = b->soonest_s};
	for (; copy->count < b->count; copy->count++) {
		struct conf_entry *e = &copy->entry[copy->count];

		*e = b->entry[copy->count];
		if (!e->comment || (e->comment = strdup(e->comment)))
			continue;
		block_free(copy);
		return NULL;
	}
	block_free(b);
	return l->block[i] = copy;
}

struct conf_block *list_block_add(struct conf_list *l, size_t i)
{
	struct conf_block *b = malloc(sizeof(*b));
	struct conf_block **grown = array_grow(l->block, &l->room, l->blocks, sizeof(*grown));

	if (grown)
		l->block = grown;
	if (!grown || !b) {
		free(b);
		return NULL;
	}
	b->shares = b->count = 0;
	memmove(&grown[i + 1], &grown[i], sizeof(*grown) * (l->blocks - i));
	l->blocks++;
	return grown[i] = b;
}

void list_block_drop(struct conf_list *l, size_t i)
{
	block_free(l->block[i]);
	l->blocks--;
	memmove(&l->block[i], &l->block[i + 1], sizeof(*l->block) * (l->blocks - i));
}

int list_block_split(struct conf_list *l, struct conf_at *at)
{
	struct conf_block *left = list_block_own(l, at->block);
	struct conf_block *right = left ? list_block_add(l, at->block + 1) : NULL;

	if (!right)
		return -ENOMEM;
	left->count = CONF_BLOCK / 2;
	right->count = CONF_BLOCK - left->count;
	memcpy(right->entry, &left->entry[left->count], sizeof(*right->entry) * right->count);
	list_block_settle(left);
	list_block_settle(right);
	if (at->nth > left->count) {
		at->block++;
		at->nth -= left->count;
	}
	return 0;
}

int conf_list_copy(const struct conf_list *l, struct conf_list *ret)
{
	*ret = *l;
	ret->loose = NULL;
	ret->loose_count = ret->loose_room = 0;
	ret->room = l->blocks + 1;
	ret->block = reallocarray(NULL, ret->room, sizeof(struct conf_block *));
	if (!ret->block) {
		*ret = (struct conf_list){0};
		return -ENOMEM;
	}
	for (size_t i = 0; i < l->blocks; i++) {
		ret->block[i] = l->block[i];
		__atomic_fetch_add(&l->block[i]->shares, 1, __ATOMIC_RELAXED);
	}
	return 0;
}

void conf_list_done(struct conf_list *l)
{
	for (size_t i = 0; i < l->blocks; i++)
		block_free(l->block[i]);
	for (size_t i = 0; i < l->loose_count; i++)
		free(l->loose[i].comment);
	free(l->block);
	free(l->loose);
	*l = (struct conf_list){0};
}

struct ordered {
	struct addr_prefix prefix; /* that of the entry, near at hand */
	const struct conf_entry *entry;
};

static int compare_ordered(const void *a, const void *b)
{
	const struct ordered *x = a, *y = b;
	int order = conf_prefix_compare(&x->prefix, &y->prefix);

	return order ? order : (x->entry > y->entry) - (x->entry < y->entry);
}

/* Sorts what was put in bulk, of which a later one replaces those before it. */
static int sort_loose(struct conf_list *l)
{
	_cleanup_free_ struct ordered *sorted = calloc(l->loose_count, sizeof(*sorted));
	struct conf_entry *v = reallocarray(NULL, l->loose_count, sizeof(*v));
	size_t count = 0;

	if (!sorted || !v) {
		free(v);
		return -ENOMEM;
	}
	for (size_t i = 0; i < l->loose_count; i++)
		sorted[i] = (struct ordered){l->loose[i].prefix, &l->loose[i]};
	qsort(sorted, l->loose_count, sizeof(*sorted), compare_ordered);
	for (size_t i = 0; i < l->loose_count; i++) {
		if (count && !conf_prefix_compare(&v[count - 1].prefix, &sorted[i].entry->prefix))
			free(v[--count].comment);
		v[count++] = *sorted[i].entry;
	}
	free(l->loose);
	l->loose = v;
	l->loose_room = l->loose_count;
	l->loose_count = count;
	return 0;
}

static int append(struct conf_list *l, const struct conf_entry *e)
{
	struct conf_block *b = l->blocks ? l->block[l->blocks - 1] : NULL;
	struct conf_entry own = *e;

	if (e->comment && !(own.comment = strdup(e->comment)))
		return -ENOMEM;
	if (!b || b->count == CONF_BLOCK)
		b = list_block_add(l, l->blocks);
	if (!b) {
		free(own.comment);
		return -ENOMEM;
	}
	b->entry[b->count++] = own;
	l->count++;
	l->of_len[addr_is_ipv4(&e->prefix.addr)][e->prefix.len]++;
	return 0;
}

/* Both lists, of which `l` has its loose entries sorted, into new blocks. */
static int merge(struct conf_list *l)
{
	struct conf_list merged = {0};
	struct conf_at at = conf_list_begin(l);
	int err = 0;

	for (size_t i = 0; !err && (conf_at_entry(&at) || i < l->loose_count);) {
		const struct conf_entry *e = conf_at_entry(&at);
		int order = !e ? 1
			    : i == l->loose_count
				    ? -1
				    : conf_prefix_compare(&e->prefix, &l->loose[i].prefix);

		err = append(&merged, order < 0 ? e : &l->loose[i]);
		if (order <= 0)
			conf_at_next(&at);
		i += order >= 0;
	}
	for (size_t i = 0; i < merged.blocks; i++)
		list_block_settle(merged.block[i]);
	if (err) {
		for (size_t i = 0; i < merged.blocks; i++)
			merged.block[i]->comments = true;
		conf_list_done(&merged);
		return err;
	}
	conf_list_done(l);
	*l = merged;
	return 0;
}

int conf_list_sort(struct conf_list *l)
{
	bool few = l->loose_count < l->count / FEW;
	int err = l->loose_count ? sort_loose(l) : 0;

	if (err || !l->loose_count)
		return err;
	if (!few)
		return merge(l);
	for (size_t i = 0; !err && i < l->loose_count; i++) {
		err = conf_list_put(l, &l->loose[i], false) < 0 ? -ENOMEM : 0;
		free(TAKE_PTR(l->loose[i].comment));
	}
	if (!err)
		l->loose_count = 0;
	return err;
}
