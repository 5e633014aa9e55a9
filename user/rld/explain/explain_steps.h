/* SPDX-License-Identifier: GPL-2.0-only */
/* The steps of one explanation, and which of them decided. */
#ifndef RLD_EXPLAIN_STEPS_H
#define RLD_EXPLAIN_STEPS_H

#include "base/json.h"
#include "conf/grammar/grammar.h"
#include "rld/rld.h"

/* Those before the limits, in the order in which a packet meets them. */
enum stage { STAGE_MODE, STAGE_PROTECTED, STAGE_ALLOW, STAGE_DENY, STAGE_BAN, STAGE_LIMITS };

struct explaining {
	struct rld *rld;
	struct conf_packet packet;
	struct dp_explained e;
};

/* The one that decided. */
enum stage explain_stage_of(const struct dp_explained *e);
bool explain_is_default(const struct rl_limit *limit);
json_t *explain_steps_json(const struct explaining *x);
json_t *explain_decided_json(const struct explaining *x);

#endif
