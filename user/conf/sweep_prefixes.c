/* SPDX-License-Identifier: GPL-2.0-only */
/* Rows of the addresses: a walk over all prefixes as a tree, into a prefix and out again behind
 * what it covers. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "conf/dims.h"
#include "conf/internal.h"

#define MAPPED_BITS 96

/* A prefix of a condition; cond is NULL for the one that parts IPv4 from IPv6. */
struct use {
	struct addr_prefix prefix;
	const struct dim_cond *cond;
};

/* A prefix that the walk is in. What its children leave of it is a class, unless they leave
 * nothing. */
struct open {
	struct addr_prefix prefix;
	size_t first, last;	   /* its uses */
	unsigned __int128 covered; /* addresses in its children; 2^128 wraps to 0, but then there
				      are children */
	bool children;
	__u32 row;
};

struct walk {
	struct sweep sweep;
	struct use *use;
	struct open stack[130]; /* a prefix of each length, and what is in none */
	int depth;
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

static unsigned __int128 addresses(unsigned len)
{
	return len ? (unsigned __int128)1 << (128 - len) : 0;
}

static bool is_ipv4(const struct open *o)
{
	return o->prefix.len >= MAPPED_BITS && addr_is_ipv4(&o->prefix.addr);
}

static int leave(struct walk *w)
{
	struct open *o = &w->stack[w->depth];
	bool empty = o->children && o->covered == addresses(o->prefix.len);

	for (size_t i = o->first; i < o->last; i++)
		if (w->use[i].cond)
			sweep_cross(&w->sweep, w->use[i].cond, false);
	w->depth--;
	if (w->depth >= 0) {
		w->stack[w->depth].covered += addresses(o->prefix.len);
		w->stack[w->depth].children = true;
	}
	return empty ? 0 : dim_add_class(w->dim, o->row, is_ipv4(o) ? 4 : 6);
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

		/* The bottom of the stack holds all addresses, and is left last. */
		while (w->depth > 0 && !addr_in(&prefix->addr, &w->stack[w->depth].prefix)) {
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
	struct addr_prefix ipv4 = {.addr.byte = {[10] = 0xff, [11] = 0xff}, .len = MAPPED_BITS};
	size_t count = 0;

	w->use[count++] = (struct use){.prefix = ipv4};
	for (size_t i = 0; i < dim->conds; i++)
		for (size_t j = 0; j < dim->cond[i].count; j++)
			w->use[count++] = (struct use){dim->cond[i].prefix[j], &dim->cond[i]};
	qsort(w->use, count, sizeof(*w->use), compare_uses);
	return count;
}

int sweep_prefixes(struct dim *dim, size_t limits, struct rows *rows, struct conf_prefixes *ret,
		   __u32 *ret_any)
{
	_cleanup_(walk_done) struct walk w = {.dim = dim, .rows = rows};
	size_t count = 1;
	int err = sweep_init(&w.sweep, dim, limits);

	for (size_t i = 0; i < dim->conds; i++)
		count += dim->cond[i].count;
	w.use = calloc(count, sizeof(*w.use));
	w.out.v = calloc(count, sizeof(*w.out.v));
	if (err || !w.use || !w.out.v)
		return -ENOMEM;
	count = collect(&w, dim);
	err = rows_number(rows, &w.sweep.row, &w.stack[0].row);
	*ret_any = w.stack[0].row;
	if (!err)
		err = walk_all(&w, count);
	if (err)
		return err;
	*ret = w.out;
	w.out = (struct conf_prefixes){0};
	return 0;
}
