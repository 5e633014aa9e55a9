/* SPDX-License-Identifier: GPL-2.0-only */
/* The interfaces that the configuration names: attached, or pending until they appear. */
#ifndef RLD_IFACES_H
#define RLD_IFACES_H

#include "base/json.h"
#include "rld/rld.h"

int ifaces_new(struct rld *rld, struct ifaces **ret, struct diag *d);
void ifaces_free(struct ifaces *ifaces);

/* Attaches what `cand` names and is there; an absent one is no error. On failure nothing stays
 * changed. A lenient call reports what cannot be attached, and tries it again later. */
int ifaces_prepare(struct rld *rld, const struct conf *cand, bool lenient, struct diag *d);
/* Undoes the last ifaces_prepare(). */
void ifaces_undo(struct rld *rld);
/* After `cand` became the configuration: detaches what it does not name, tells what is new. */
void ifaces_commit(struct rld *rld, const struct conf *cand);

/* False: nothing of ours is attached there. */
bool ifaces_get(struct dp *dp, const char *name, struct dp_iface *ret);
/* Why it is not attached, or what to know about how it is; empty: nothing. */
const char *ifaces_note(const struct rld *rld, const char *name);

/* [{name, attach_mode, state, packets, note}] */
json_t *ifaces_json(struct rld *rld);
/* Adds "state", "attach_mode" and "note" of one to the answer to its attach. */
void ifaces_describe(struct rld *rld, const char *name, json_t *into);

#endif
