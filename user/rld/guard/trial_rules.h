/* SPDX-License-Identifier: GPL-2.0-only */
/* A configuration on its way into the instance for trials: all of its limits, and of its lists what
 * covers one of the peers. */
#ifndef RLD_TRIAL_RULES_H
#define RLD_TRIAL_RULES_H

#include "conf/compile/compile.h"
#include "dp/trial.h"
#include "rld/guard/peers.h"

/* Where packets come in: on what the candidate attaches. */
struct trial_place {
	char name[IF_NAMESIZE];	 /* now ... */
	char other[IF_NAMESIZE]; /* ... and as it was attached */
	__u32 slot;
	enum rl_link link;
};
struct trial_places {
	size_t count;
	struct trial_place v[RL_IFACES_MAX];
};
/* `iface`: what is attached now. What is not there yet is taken for Ethernet. */
void trial_places(const struct conf *conf, const struct dp_iface *iface, size_t ifaces,
		  struct trial_places *ret);

/* The trial's clock at a second since the epoch; `now_s` is when it began. */
__u64 trial_clock(__s64 now_s, __s64 wall_s);

struct trial_peers { /* whom it is about */
	const struct peer *const *v;
	size_t count;
	__s64 now_s;
};
/* Puts them in as the nth rule set. `ret_image` is filled once it has been compiled; -ECANCELED: it
 * cannot be. */
int trial_rules(struct dp_trial *trial, unsigned nth, const struct conf *conf,
		const struct trial_places *places, const struct trial_peers *peers,
		struct conf_image *ret_image, struct diag *d);

#endif
