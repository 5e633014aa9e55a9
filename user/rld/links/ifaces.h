/* SPDX-License-Identifier: GPL-2.0-only */
/* The interfaces that the configuration names: attached, or pending until they appear. */
#ifndef RLD_IFACES_H
#define RLD_IFACES_H

#include "base/json.h"
#include "rld/rld.h"

/* `changed` is called when an interface came, went or got another name. */
int ifaces_new(struct rld *rld, void (*changed)(struct rld *rld), struct ifaces **ret,
	       struct diag *d);
void ifaces_free(struct ifaces *ifaces);

/* Attaches what `cand` names and is there; an absent one is no error. On failure nothing stays
 * changed. A lenient call reports what cannot be attached, and tries it again later. */
int ifaces_prepare(struct rld *rld, const struct conf *cand, bool lenient, struct diag *d);
/* Undoes the last ifaces_prepare(). */
void ifaces_undo(struct rld *rld);
/* After `cand` became the configuration: detaches what it does not name, tells what is new. What
 * was renamed stays under the name that it was attached by, unless `by_name`. */
void ifaces_commit(struct rld *rld, const struct conf *cand, bool by_name);

/* Whether it is attached in another mode than is asked for; *ret is what is attached. */
bool ifaces_has_other_mode(const struct rld *rld, const struct conf_attach *attach,
			   struct dp_iface *ret);
/* The one of that name. False: nothing of ours is attached there. */
bool ifaces_get(struct dp *dp, const char *name, struct dp_iface *ret);
/* ... or else the one that was attached by that name, and renamed. */
bool ifaces_find(struct dp *dp, const char *name, struct dp_iface *ret);
/* The name in `conf` by which the interface of that name, which is not in it, was attached; NULL:
 * there is none. Holds until the next call. */
const char *ifaces_attached_as(struct rld *rld, const struct conf *conf, const char *name);
/* Forgets that it was renamed: the next commit detaches what `conf` does not name. */
void ifaces_let_go(struct rld *rld, const char *name);
/* Why it is not attached, or what to know about how it is; empty: nothing. */
const char *ifaces_note(const struct rld *rld, const char *name);

void ifaces_tell_renamed(struct rld *rld, const struct dp_iface *iface, const char *before);
/* [{name, attached_as, attach_mode, state, packets, note, warning}] */
json_t *ifaces_json(struct rld *rld);
/* Adds "state", "attach_mode" and "note" of one to the answer to its attach. */
void ifaces_describe(struct rld *rld, const char *name, json_t *into);

#endif
