/* SPDX-License-Identifier: GPL-2.0-only */
/* Limits that would judge other packets of the source than the one that was described, and what
 * they hold against it. */
#ifndef RLD_EXPLAIN_OPEN_H
#define RLD_EXPLAIN_OPEN_H

#include "base/json.h"
#include "rld/rld.h"

struct explain_open {
	json_t *limits; /* those whose conditions or keys ask for words that were not said */
	bool depends;	/* one of them refuses, or may */
	bool shields;	/* ... keeps from `default` what it matches */
};
/* Each is asked for the source's state where its key is known without those words; nothing is
 * walked through. */
struct explain_open explain_open(struct rld *rld, const struct conf_packet *packet);

#endif
