// SPDX-License-Identifier: GPL-2.0-only
/* A configuration to the arrays that the program reads. */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "conf/compile/compile.h"
#include "conf/compile/dims.h"
#include "conf/compile/rules.h"

struct compile {
	const struct conf *c;
	struct dims dims;
	struct rows rows;
	struct conf_image image;
	__u32 (*iface_slot)(void *ctx, const char *name);
	void *ctx;
};

static void compile_done(struct compile *k)
{
	conf_image_done(&k->image);
	rows_done(&k->rows);
	dims_done(&k->dims);
}

static int compile_numbers(struct compile *k, enum rl_dim which, __u16 *map, size_t size)
{
	struct dim *dim = &k->dims.dim[which];
	int err;

	if (dim->conds == 0)
		return 0;
	k->image.rules->dims |= 1u << which;
	err = sweep_numbers(dim, k->c->limits, &k->rows, map, size);
	return err ? err : overlap_classes(&k->dims, which, map, size);
}

/* The dimension's values are names: the answer must not depend on which of them are attached by
 * now. */
static int compile_ifaces(struct compile *k)
{
	size_t values = k->dims.ifaces + 1;
	_cleanup_free_ __u16 *map = calloc(values, sizeof(*map));
	__u16 *slots = k->image.rules->row_iface;
	int err = map ? compile_numbers(k, RL_DIM_IFACE, map, values) : -ENOMEM;

	if (err || k->dims.ifaces == 0)
		return err;
	for (unsigned slot = 0; slot < RL_IFACES_MAX; slot++)
		slots[slot] = map[0];
	for (size_t i = 0; i < k->dims.ifaces; i++) {
		__u32 slot = k->iface_slot ? k->iface_slot(k->ctx, k->dims.iface[i]) : 0;

		if (slot > 0 && slot < RL_IFACES_MAX)
			slots[slot] = map[i + 1];
	}
	return 0;
}

static int compile_addresses(struct compile *k, enum rl_dim which, struct conf_prefixes *ret,
			     __u32 *ret_any)
{
	struct dim *dim = &k->dims.dim[which];
	int err;

	if (dim->conds == 0)
		return 0;
	k->image.rules->dims |= 1u << which;
	err = sweep_prefixes(dim, k->c->limits, &k->rows, ret);
	if (!err)
		*ret_any = ret->none;
	return err;
}

static int compile_dims(struct compile *k)
{
	struct rl_rules *r = k->image.rules;
	const struct {
		enum rl_dim dim;
		__u16 *map;
		size_t size;
	} numbers[] = {
#define X(dim, field, values) {RL_DIM_##dim, r->field, values},
		RL_MAPS(X)
#undef X
	};
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (numbers[i].dim != RL_DIM_IFACE)
			err = compile_numbers(k, numbers[i].dim, numbers[i].map, numbers[i].size);
	if (!err)
		err = compile_ifaces(k);
	if (!err)
		err = compile_addresses(k, RL_DIM_SOURCE, &k->image.source, &r->source_any);
	if (!err)
		err = compile_addresses(k, RL_DIM_DESTINATION, &k->image.destination,
					&r->destination_any);
	return err;
}

static int refuse_overlap(const struct compile *k, const __u64 *witness, struct diag *d)
{
	char names[384];
	size_t at = 0;
	unsigned count = 0;

	for (size_t i = 0; i < k->c->limits; i++) {
		if (!limit_set_has(witness, i))
			continue;
		if (at + RL_NAME_LEN + 8 < sizeof(names))
			at += (size_t)snprintf(names + at, sizeof(names) - at, "%s%s",
					       count ? ", " : "", k->c->limit[i]->abi.name);
		else if (names[at - 1] != '.')
			at += (size_t)snprintf(names + at, sizeof(names) - at, ", ...");
		count++;
	}
	diag_set(d, DIAG_REFUSED, "%u limits can match one packet, at most %d may judge it: %s",
		 count, RL_JUDGE_MAX, names);
	return diag_hint(
		d, "make their matches narrower, join some into one limit with several rates, or "
		   "disable some");
}

/* Two searches: one for the limits; one for `default` with the monitored ones, which shield nothing
 * from it. Where eight monitored ones match, an enforcing one beside them that would shield it is
 * already one too many. */
static int check_overlap(const struct compile *k, struct diag *d)
{
	const struct rl_rules *r = k->image.rules;
	__u64 witness[ROW_WORDS_MAX], set[ROW_WORDS_MAX];

	if (overlap_exceeds(&k->dims, r, RL_JUDGE_MAX, r->live, witness))
		return refuse_overlap(k, witness, d);
	if (r->default_limit == RL_LIMITS_MAX)
		return 0;
	for (unsigned i = 0; i < ROW_WORDS_MAX; i++)
		set[i] = r->live[i] & ~r->enforcing[i];
	limit_set_add(set, r->default_limit);
	if (overlap_exceeds(&k->dims, r, RL_JUDGE_MAX, set, witness))
		return refuse_overlap(k, witness, d);
	return 0;
}

static int compile_all(struct compile *k)
{
	int err;

	k->image.rules = calloc(1, sizeof(*k->image.rules));
	if (!k->image.rules)
		return -ENOMEM;
	rules_fill(k->image.rules, k->c);
	err = rows_init(&k->rows, k->image.rules->row, k->image.rules->words);
	if (!err)
		err = dims_init(&k->dims, k->c);
	if (!err)
		err = compile_dims(k);
	if (!err)
		k->image.rules->sole = rules_sole_limit(k->image.rules);
	return err;
}

bool conf_limit_matches_any(const struct conf_limit *l)
{
	struct conf_limit *alone = (struct conf_limit *)l;
	const struct conf c = {.limit = &alone, .limits = 1};
	_cleanup_(compile_done) struct compile k = {.c = &c};
	__u64 witness[ROW_WORDS_MAX], set[ROW_WORDS_MAX] = {1};

	return compile_all(&k) || overlap_exceeds(&k.dims, k.image.rules, 0, set, witness);
}

int conf_compile(const struct conf *c, __u32 (*iface_slot)(void *ctx, const char *name), void *ctx,
		 struct conf_image *ret, struct diag *d)
{
	_cleanup_(compile_done) struct compile k = {.c = c, .iface_slot = iface_slot, .ctx = ctx};
	int err;

	if (c->limits > RL_LIMITS_MAX)
		return diag_set(d, DIAG_REFUSED, "more than %d limits", RL_LIMITS_MAX);
	err = compile_all(&k);
	if (err == -ENOSPC) {
		diag_set(d, DIAG_REFUSED, "the conditions of all limits need more than %u rows",
			 k.rows.max);
		return diag_hint(d, "use fewer different ports, prefixes and lengths");
	}
	if (err)
		return diag_errno(d, ENOMEM, "cannot compile the limits");
	err = check_overlap(&k, d);
	if (!err)
		err = rules_collect_ban_prefixes(k.image.rules, c, d);
	if (err)
		return err;
	k.image.rows_used = k.rows.count * RL_ROW_STRIDE(k.rows.words);
	*ret = k.image;
	k.image = (struct conf_image){0};
	return 0;
}
