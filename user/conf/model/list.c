// SPDX-License-Identifier: GPL-2.0-only
/* The allow and the deny list: sorted prefixes with an end and a comment. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "conf/model/conf_internal.h"

int conf_prefix_compare(const struct addr_prefix *a, const struct addr_prefix *b)
{
	bool ipv4 = addr_is_ipv4(&a->addr);
	int order = memcmp(&a->addr, &b->addr, sizeof(a->addr));

	if (ipv4 != addr_is_ipv4(&b->addr))
		return ipv4 ? -1 : 1;
	return order ? order : (int)a->len - (int)b->len;
}

size_t conf_list_from(const struct conf_list *l, const struct addr_prefix *prefix)
{
	size_t low = 0, high = l->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (conf_prefix_compare(&l->entry[middle].prefix, prefix) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int conf_list_find(const struct conf_list *l, const struct addr_prefix *prefix)
{
	size_t i = conf_list_from(l, prefix);

	if (i < l->count && conf_prefix_compare(&l->entry[i].prefix, prefix) == 0)
		return (int)i;
	return -ENOENT;
}

static int reserve(struct conf_list *l)
{
	struct conf_entry *grown = array_grow(l->entry, &l->size, l->count, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	l->entry = grown;
	return 0;
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

int conf_list_put(struct conf_list *l, const struct conf_entry *e, bool bulk)
{
	_cleanup_free_ char *comment = e->comment ? strdup(e->comment) : NULL;
	int found = bulk ? -ENOENT : conf_list_find(l, &e->prefix);
	struct conf_entry *place;
	size_t i;

	if ((e->comment && !comment) || (found < 0 && reserve(l)))
		return -ENOMEM;
	if (found >= 0 && same_entry(&l->entry[found], e))
		return 0;
	if (found >= 0) {
		place = &l->entry[found];
		free(place->comment);
	} else {
		i = bulk ? l->count : conf_list_from(l, &e->prefix);
		place = &l->entry[i];
		memmove(place + 1, place, sizeof(*place) * (l->count - i));
		l->count++;
	}
	*place = *e;
	place->comment = TAKE_PTR(comment);
	return 1;
}

static void drop(struct conf_list *l, size_t i)
{
	free(l->entry[i].comment);
	memmove(l->entry + i, l->entry + i + 1, sizeof(*l->entry) * (l->count - i - 1));
	l->count--;
}

int conf_list_remove(struct conf_list *l, const struct addr_prefix *prefix)
{
	int found = conf_list_find(l, prefix);

	if (found < 0)
		return 0;
	drop(l, (size_t)found);
	return 1;
}

struct ordered {
	struct conf_entry entry;
	size_t order;
};

static int compare_ordered(const void *a, const void *b)
{
	const struct ordered *x = a, *y = b;
	int order = conf_prefix_compare(&x->entry.prefix, &y->entry.prefix);

	return order ? order : (x->order > y->order) - (x->order < y->order);
}

int conf_list_sort(struct conf_list *l)
{
	_cleanup_free_ struct ordered *sorted = calloc(l->count ? l->count : 1, sizeof(*sorted));
	size_t count = 0;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < l->count; i++)
		sorted[i] = (struct ordered){.entry = l->entry[i], .order = i};
	qsort(sorted, l->count, sizeof(*sorted), compare_ordered);
	for (size_t i = 0; i < l->count; i++) {
		if (count &&
		    conf_prefix_compare(&l->entry[count - 1].prefix, &sorted[i].entry.prefix) == 0)
			free(l->entry[--count].comment);
		l->entry[count++] = sorted[i].entry;
	}
	l->count = count;
	return 0;
}

int conf_list_copy(const struct conf_list *l, struct conf_list *ret)
{
	for (size_t i = 0; i < l->count; i++)
		if (conf_list_put(ret, &l->entry[i], true) < 0)
			return -ENOMEM;
	return 0;
}

int conf_list_carry(struct conf_list *to, const struct conf_list *from, __s64 now_s)
{
	size_t own = to->count;

	for (size_t i = 0; i < from->count; i++) {
		struct conf_entry e = from->entry[i];
		const struct conf_list sorted = {.entry = to->entry, .count = own};

		if (!e.timed || (e.until_s && e.until_s <= now_s) ||
		    conf_list_find(&sorted, &e.prefix) >= 0)
			continue;
		e.place = (struct conf_place){0};
		if (conf_list_put(to, &e, true) < 0)
			return -ENOMEM;
	}
	return to->count == own ? 0 : conf_list_sort(to);
}

void conf_list_done(struct conf_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->entry[i].comment);
	free(l->entry);
	*l = (struct conf_list){0};
}

bool conf_entry_is_ban(const struct conf_entry *e)
{
	return e->timed && e->prefix.len == 128;
}

void conf_list_step(struct conf_list *l, __s64 step_s)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->entry[i].elapsed)
			l->entry[i].until_s += step_s;
}

size_t conf_list_expire(struct conf_list *l, __s64 now_s)
{
	size_t kept = 0, before = l->count;

	for (size_t i = 0; i < before; i++) {
		if (l->entry[i].until_s != 0 && l->entry[i].until_s <= now_s)
			free(l->entry[i].comment);
		else
			l->entry[kept++] = l->entry[i];
	}
	l->count = kept;
	return before - kept;
}

bool conf_list_equal(const struct conf_list *a, const struct conf_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!addr_same_prefix(&a->entry[i].prefix, &b->entry[i].prefix) ||
		    a->entry[i].until_s != b->entry[i].until_s ||
		    conf_entry_is_ban(&a->entry[i]) != conf_entry_is_ban(&b->entry[i]))
			return false;
	return true;
}
