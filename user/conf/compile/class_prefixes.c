// SPDX-License-Identifier: GPL-2.0-only
/* Rows of the addresses: a walk over all prefixes as a tree, into a prefix and out again behind
 * what it covers. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "conf/compile/compile.h"
#include "conf/compile/dims.h"
#include "conf/model/conf_internal.h"

/* A prefix of a condition; cond is NULL for those of all IPv4 and of all IPv6, so that each class
 * is of one family. */
struct use {
	struct addr_prefix prefix;
	const struct dim_cond *cond;
};

/* A prefix that the walk is in. What its children leave of it is a class, unless they leave
 * nothing. */
struct open {
	struct addr_prefix prefix;
	size_t first, last;	   /* its uses */
	unsigned __int128 covered; /* addresses in its children */
	__u32 row;
};

struct walk {
	struct sweep sweep;
	struct use *use;
	struct open stack[129]; /* a prefix of each length */
	int depth;		/* -1: in none */
	struct dim *dim;
	struct rows *rows;
	struct conf_prefixes out;
};

static void walk_done(struct walk *w)
{
	sweep_done(&w->sweep);
	free(w->use);
	free(w->out.v);
}

static int compare_uses(const void *a, const void *b)
{
	const struct use *x = a, *y = b;

	return conf_prefix_compare(&x->prefix, &y->prefix);
}

static const struct addr_prefix ipv4 = {.addr.byte = {[10] = 0xff, [11] = 0xff},
					.len = ADDR_MAPPED_BITS};
static const struct addr_prefix ipv6;

/* Modulo 2^128. In a prefix of IPv6 the addresses of IPv4 are missing. */
static unsigned __int128 addresses(const struct addr_prefix *prefix)
{
	unsigned __int128 count = prefix->len ? (unsigned __int128)1 << (128 - prefix->len) : 0;
	union rl_addr head = ipv4.addr;

	addr_mask(&head, prefix->len);
	if (prefix->len < ipv4.len && !memcmp(&head, &prefix->addr, sizeof(head)))
		count -= addresses(&ipv4);
	return count;
}

static int leave(struct walk *w)
{
	struct open *o = &w->stack[w->depth];
	bool empty = o->covered == addresses(&o->prefix);

	for (size_t i = o->first; i < o->last; i++)
		if (w->use[i].cond)
			sweep_cross(&w->sweep, w->use[i].cond, false);
	w->depth--;
	if (w->depth >= 0)
		w->stack[w->depth].covered += addresses(&o->prefix);
	return empty ? 0 : dim_add_class(w->dim, o->row, addr_is_ipv4(&o->prefix.addr) ? 4 : 6);
}

static int enter(struct walk *w, size_t first, size_t last)
{
	struct open *o = &w->stack[++w->depth];
	bool used = false;
	int err;

	*o = (struct open){.prefix = w->use[first].prefix, .first = first, .last = last};
	for (size_t i = first; i < last; i++) {
		if (!w->use[i].cond)
			continue;
		sweep_cross(&w->sweep, w->use[i].cond, true);
		used = true;
	}
	err = rows_number(w->rows, &w->sweep.row, &o->row);
	if (!err && used)
		w->out.v[w->out.count++] = (struct conf_prefix){.prefix = o->prefix, .row = o->row};
	return err;
}

static int walk_all(struct walk *w, size_t count)
{
	size_t last;
	int err;

	for (size_t first = 0; first < count; first = last) {
		const struct addr_prefix *prefix = &w->use[first].prefix;

		while (w->depth >= 0 && !addr_in(&prefix->addr, &w->stack[w->depth].prefix)) {
			err = leave(w);
			if (err)
				return err;
		}
		for (last = first + 1; last < count; last++)
			if (conf_prefix_compare(&w->use[last].prefix, prefix) != 0)
				break;
		err = enter(w, first, last);
		if (err)
			return err;
	}
	for (err = 0; !err && w->depth >= 0;)
		err = leave(w);
	return err;
}

static size_t collect(struct walk *w, const struct dim *dim)
{
	size_t count = 0;

	w->use[count++] = (struct use){.prefix = ipv4};
	w->use[count++] = (struct use){.prefix = ipv6};
	for (size_t i = 0; i < dim->conds; i++)
		for (size_t j = 0; j < dim->cond[i].count; j++)
			w->use[count++] = (struct use){dim->cond[i].prefix[j], &dim->cond[i]};
	qsort(w->use, count, sizeof(*w->use), compare_uses);
	return count;
}

int sweep_prefixes(struct dim *dim, size_t limits, struct rows *rows, struct conf_prefixes *ret)
{
	_cleanup_(walk_done) struct walk w = {.dim = dim, .rows = rows, .depth = -1};
	size_t count = 2;
	int err = sweep_init(&w.sweep, dim, limits);

	for (size_t i = 0; i < dim->conds; i++)
		count += dim->cond[i].count;
	w.use = calloc(count, sizeof(*w.use));
	w.out.v = calloc(count, sizeof(*w.out.v));
	if (err || !w.use || !w.out.v)
		return -ENOMEM;
	count = collect(&w, dim);
	err = rows_number(rows, &w.sweep.row, &w.out.none);
	if (!err)
		err = walk_all(&w, count);
	if (err)
		return err;
	*ret = w.out;
	w.out = (struct conf_prefixes){0};
	return 0;
}
