/* SPDX-License-Identifier: GPL-2.0-only */
/* What a limit counts per, in the same words for `sources`, bans, explanations, events and
 * metrics. */
#ifndef RLD_KEY_H
#define RLD_KEY_H

#include "base/addr.h"
#include "base/json.h"
#include "conf/model/conf.h"

/* What the limit counts a packet under. */
void key_make(const struct rl_limit *limit, const struct conf_packet *packet, struct rl_key *ret);
/* The sources that the key stands for; false if the limit does not count per source. */
bool key_prefix(const struct rl_limit *limit, const struct rl_key *key, struct addr_prefix *ret);
/* "source": a prefix, or "all" where it is not counted per source; beside it "destination",
 * "dport", "sport" and "proto", as far as they are part of the key. */
void key_set(json_t *into, const struct rl_limit *limit, const struct rl_key *key);
/* Of "source" alone. */
const char *key_source_text(const struct rl_limit *limit, const struct rl_key *key,
			    char buf[static ADDR_TEXT]);
/* The key counts sources in `prefix`, be they some of it or more than it. */
bool key_is_about(const struct rl_limit *limit, const struct rl_key *key,
		  const struct addr_prefix *prefix);

#endif
