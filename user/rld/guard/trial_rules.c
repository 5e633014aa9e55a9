// SPDX-License-Identifier: GPL-2.0-only
/* Compiled rules, and the few entries of lists that matter. */
#include "rld/guard/trial_rules.h"

#include <errno.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/time.h"
#include "enforce/publish.h"
#include "rld/guard/guard_ends.h"

#define BEGIN_S 1000 /* by the trial's clock: nothing is older than so */

static const struct dp_iface *find(const struct dp_iface *iface, size_t ifaces, const char *name)
{
	for (size_t i = 0; i < ifaces; i++)
		if (!strcmp(iface[i].name, name))
			return &iface[i];
	for (size_t i = 0; i < ifaces; i++)
		if (!strcmp(iface[i].attached_as, name))
			return &iface[i];
	return NULL;
}

static __u32 free_slot(const struct dp_iface *iface, size_t ifaces,
		       const struct trial_places *places)
{
	__u32 slot = 1;

	for (bool taken = true; taken && slot < RL_IFACES_MAX; slot += taken) {
		taken = false;
		for (size_t i = 0; i < ifaces; i++)
			taken |= iface[i].slot == slot;
		for (size_t i = 0; i < places->count; i++)
			taken |= places->v[i].slot == slot;
	}
	return slot % RL_IFACES_MAX;
}

void trial_places(const struct conf *conf, const struct dp_iface *iface, size_t ifaces,
		  struct trial_places *ret)
{
	ret->count = 0;
	for (size_t i = 0; i < conf->attaches && ret->count < RL_IFACES_MAX; i++) {
		const char *name = conf->attach[i].iface;
		const struct dp_iface *at = find(iface, ifaces, name);
		struct trial_place place = {
			.slot = at ? at->slot : free_slot(iface, ifaces, ret),
			.link = at ? at->link : RL_LINK_ETHERNET,
		};

		memcpy(place.name, at ? at->name : name, sizeof(place.name));
		memcpy(place.other, at ? at->attached_as : name, sizeof(place.other));
		ret->v[ret->count++] = place;
	}
}

static __u32 slot_of(void *ctx, const char *name)
{
	const struct trial_places *places = ctx;

	for (size_t i = 0; i < places->count; i++)
		if (!strcmp(places->v[i].name, name) || !strcmp(places->v[i].other, name))
			return places->v[i].slot;
	return 0;
}

__u64 trial_clock(__s64 now_s, __s64 wall_s)
{
	return (__u64)(wall_s - now_s + BEGIN_S) * TIME_NS;
}

static __u64 clock_at_second(const void *now_s, __s64 wall_s)
{
	return wall_s ? trial_clock(*(const __s64 *)now_s, wall_s) : 0;
}

/* Those that cover several peers are there several times. */
static int list_make(const struct conf_list *list, const struct trial_peers *peers,
		     struct dp_prefixes *ret)
{
	const struct publish_clock clock = {clock_at_second, &peers->now_s};
	_cleanup_free_ struct dp_prefix *v = NULL;
	size_t size = 0, count = 0;

	for (size_t i = 0; i < peers->count; i++) {
		const struct conf_entry *entry[GUARD_COVERING_MAX];
		size_t entries = guard_covering(list, &peers->v[i]->addr, peers->now_s, entry);

		for (size_t e = 0; e < entries; e++) {
			struct dp_prefix *grown = array_grow(v, &size, count, sizeof(*v));

			if (!grown)
				return -ENOMEM;
			v = grown;
			v[count++] = publish_entry(list, entry[e], &clock);
		}
	}
	*ret = (struct dp_prefixes){.v = TAKE_PTR(v), .count = count};
	return 0;
}

static bool covers_one(const struct dp_prefix *prefix, const struct trial_peers *peers)
{
	const struct addr_prefix p = {.addr = prefix->addr, .len = prefix->len};

	for (size_t i = 0; i < peers->count; i++)
		if (addr_in(&peers->v[i]->addr, &p))
			return true;
	return false;
}

/* Of a long list few prefixes are about a peer. */
static void keep_covering(struct dp_prefixes *set, const struct trial_peers *peers)
{
	struct dp_prefix *v = (struct dp_prefix *)set->v;
	size_t count = 0;

	for (size_t i = 0; i < set->count; i++)
		if (covers_one(&v[i], peers))
			v[count++] = v[i];
	set->count = count;
}

static int put_in(struct dp_trial *trial, unsigned nth, const struct conf *conf,
		  const struct conf_image *image, const struct trial_peers *peers, struct diag *d)
{
	_cleanup_(publish_conditions_free) struct publish_conditions conditions = {0};
	struct dp_prefixes allow = {0}, deny = {0};
	const struct dp_ruleset set = {
		.rules = image->rules,
		.rows_used = image->rows_used,
		.set = {&allow, &deny, &conditions.source, &conditions.destination},
	};
	int err = publish_conditions_make(image, &conditions);

	if (!err)
		keep_covering(&conditions.source, peers);
	if (!err)
		err = list_make(conf_allow(conf), peers, &allow);
	if (!err)
		err = list_make(conf_deny(conf), peers, &deny);
	err = err ? diag_errno(d, -err, "cannot try the rules")
		  : dp_trial_rules(trial, nth, &set, d);
	free((void *)allow.v);
	free((void *)deny.v);
	return err;
}

int trial_rules(struct dp_trial *trial, unsigned nth, const struct conf *conf,
		const struct trial_places *places, const struct trial_peers *peers,
		struct conf_image *ret_image, struct diag *d)
{
	if (conf_compile(conf, slot_of, (void *)places, ret_image, d))
		return -ECANCELED;
	return put_in(trial, nth, conf, ret_image, peers, d);
}
