/* SPDX-License-Identifier: GPL-2.0-only */
/* A data path in memory: it takes dp's place in a test of the daemon that calls fake_dp(), so that
 * what the daemon does needs no kernel and no root.
 *
 *   1. It judges no packet but those of a trial. What the program would have counted and told
 * stands in here, put by the test while the daemon waits.
 *   2. What is pinned outlives dp_close(), as it would in the kernel, until fake_dp_reset().
 */
#ifndef UNIT_FAKE_DP_H
#define UNIT_FAKE_DP_H

#include "dp/dp.h"

#define FAKE_SOURCES 2048
#define FAKE_BANS 16
#define FAKE_EVENTS 16
#define FAKE_PREFIXES 64

struct fake_source {
	struct rl_key key;
	struct rl_state state;
};
struct fake_ban {
	struct rl_ban_key key;
	struct rl_ban ban;
};

struct fake_dp {
	/* Put by the test. */
	struct dp_device device[8]; /* interfaces that are there */
	size_t devices;
	struct rl_iface_counters iface_counters[RL_IFACES_MAX]; /* by slot */
	struct rl_limit_counters limit_counters[RL_SLOTS_MAX];
	struct rl_losses losses;
	struct rl_event event[FAKE_EVENTS];
	size_t events;
	struct dp_explained explained;
	bool no_generation; /* all wait for a grace period */
	bool publish_fails;
	bool trial_fails;
	bool trial_waits;    /* what is tried stops there until it is unset */
	bool trials_waiting; /* something does */
	bool fill_fails;     /* lists on their way ... */
	bool fill_waits;     /* ... stop there until it is unset */
	unsigned fills_free; /* ... but for so many pieces */
	bool fills_waiting;  /* one does */

	/* Put by the test, changed by the daemon. */
	struct fake_source source[FAKE_SOURCES];
	size_t sources;
	struct fake_ban ban[FAKE_BANS];
	size_t bans;

	/* What the daemon has made of it. */
	struct rl_control control;
	struct rl_rules rules;
	struct dp_iface iface[RL_IFACES_MAX];
	size_t ifaces;
	struct rl_limit limit[RL_SLOTS_MAX]; /* by slot; id 0: nobody has it */
	struct dp_prefix set[DP_SET_COUNT][FAKE_PREFIXES];
	size_t set_size[DP_SET_COUNT];
	union rl_addr peer[RL_PEERS_MAX]; /* whom no limit bans */
	size_t peers;
	__u32 last_id;
	__u32 sources_max;
	unsigned publishes;
	unsigned trials; /* rule sets that were put into one */
	int grace_fd;
	bool open;
};

struct fake_dp *fake_dp(void);
void fake_dp_reset(void);
/* An interface of that name, Ethernet, is there. */
void fake_dp_device(const char *name);
/* A source of the limit of that name, which is published; its state is to be filled in. */
struct fake_source *fake_dp_source(const char *limit, const char *addr);
/* The entry of that address or prefix in the set; NULL: there is none. */
const struct dp_prefix *fake_dp_entry(enum dp_set set, const char *prefix);
/* A generation is free again: what waits for one goes on. */
void fake_dp_grace(void);

void fake_dp_table(void); /* has the other parts linked */
void fake_dp_trial(void);
/* Returns when `*hold` is unset, and sets `*ret_waiting` until then; from any thread. */
void fake_dp_wait(const bool *hold, bool *ret_waiting);
void fake_dp_take_sets(const struct dp_ruleset *set);

#endif
