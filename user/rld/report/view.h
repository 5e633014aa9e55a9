/* SPDX-License-Identifier: GPL-2.0-only */
/* Answers made of what is at hand: the same JSON for the socket and for HTTP. The caller owns
 * it. */
#ifndef RLD_VIEW_H
#define RLD_VIEW_H

#include "base/json.h"
#include "rld/rld.h"

json_t *view_status(struct rld *rld);
/* `name` NULL: all limits. NULL, with `d`: there is no such limit. */
json_t *view_stats(struct rld *rld, const char *name, struct diag *d);
/* ... of these counters and all limits of rld->conf. */
json_t *view_stats_of(struct rld *rld, const struct rl_iface_counters *sum);
json_t *view_limits(const struct rld *rld);
json_t *view_options(const struct rld *rld);
/* Without the bans that limits gave (bans.h). */
json_t *view_lists(const struct conf *conf); /* from any thread */

/* Lists with a name, and which of them the allow and the deny list have. */
void view_add_named(const struct conf *conf, json_t *into);
/* One of them with all its prefixes, or NULL; from any thread. */
json_t *view_list(const struct conf *conf, const char *name);

json_t *view_windows(const struct rl_limit *limit); /* as texts */
size_t view_unsaved(const struct rld *rld);

#endif
