// SPDX-License-Identifier: GPL-2.0-only
/* From a configuration to what the kernel enforces: all of it or nothing. */
#include "rld/change/apply.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/time.h"
#include "conf/compile/compile.h"
#include "enforce/identity.h"
#include "enforce/publish.h"
#include "rld/events/event.h"
#include "rld/events/sink.h"
#include "rld/guard/spare.h"
#include "rld/kept/kept.h"
#include "rld/links/ifaces.h"
#include "rld/sources/ring.h"

static __u32 iface_slot(void *ctx, const char *name)
{
	return dp_iface_slot(ctx, name);
}

/* What an option means outside of the rule set: sinks, idle time, event budget. */
static void apply_options(struct rld *rld, const struct conf_options *before)
{
	const struct conf_options *now = &rld->conf->options;

	dp_control(rld->dp)->idle_ns = now->idle_timeout_ns;
	dp_control(rld->dp)->events_per_second = now->events_per_second;
	if (!before || before->logs != now->logs || memcmp(before->log, now->log, sizeof(now->log)))
		sinks_open(rld->sinks, now);
}

static void tell_applied(struct rld *rld)
{
	json_t *body = json_pack("{s:{s:I, s:s, s:I}}", "rld", "generation",
				 (json_int_t)dp_rules(rld->dp)->generation, "source",
				 rld->config.source, "limits", (json_int_t)rld->conf->limits);

	events_emit(rld->events, EVENT_CONFIG_APPLIED, body, NULL);
}

static void commit(struct rld *rld, struct conf *cand, const struct apply_how *how)
{
	struct conf *old = rld->conf;

	if (old)
		ring_now(rld); /* what waits is told by the names of limits that may go now */
	rld->conf = cand;
	if (how->lists && how->lists->renew[DP_SET_DENY])
		rld->lists_stale = false;
	rld->config.source = how->source;
	rld->config.applied_wall_ns = time_wall_ns();
	rld_limits_changed(rld);
	apply_options(rld, old ? &old->options : NULL);
	ifaces_commit(rld, cand, how->by_name);
	tell_applied(rld);
	conf_free(old);
}

/* With the interfaces attached. */
static int compile_and_publish(struct rld *rld, struct conf *cand, const struct apply_how *how,
			       struct diag *d)
{
	_cleanup_(conf_image_done) struct conf_image image = {0};
	_cleanup_(conf_free_ptr) struct conf *adopted =
		rld->conf ? NULL : identity_adopted(rld->dp);
	const struct conf *old = rld->conf ? rld->conf : adopted;
	int err;

	if (!old)
		return diag_errno(d, ENOMEM, "cannot adopt the limits");
	err = conf_compile(cand, iface_slot, rld->dp, &image, d);
	if (err)
		return err;
	err = identity_assign(rld->dp, old, cand, image.rules, d);
	if (err)
		return err;
	if (!rld->conf)
		kept_restore(rld, cand);
	spare_renew(rld->spare, cand);
	err = publish_rules(rld->dp, &image, how->lists ? how->lists->fill : NULL, d);
	if (err)
		identity_undo(rld->dp, old, cand);
	else
		identity_retire(rld->dp, old, cand);
	return err;
}

int apply_conf(struct rld *rld, struct conf *cand, const struct apply_how *how, struct diag *d)
{
	int err = ifaces_prepare(rld, cand, how->lenient, d);

	if (err)
		return err;
	err = compile_and_publish(rld, cand, how, d);
	if (err) {
		ifaces_undo(rld);
		return err;
	}
	commit(rld, cand, how);
	return 0;
}
