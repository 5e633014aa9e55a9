// SPDX-License-Identifier: GPL-2.0-only
/* The lock-out guard. */
#include "rld/guard/guard.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "dp/trial.h"
#include "rld/guard/guard_cover.h"
#include "rld/guard/guard_look.h"
#include "rld/guard/guard_seen.h"
#include "rld/guard/protect.h"
#include "rld/links/ifaces.h"
#include "rld/loop/log.h"

#define WAY_OUT                                                                                    \
	"repeat it with --yes if it is meant; `rld --detach` on the machine's console undoes "     \
	"everything"
#define OBJECTIONS_MAX 64 /* that are told in full */

void look_object(struct look *look, const char *code, const char *format, ...)
{
	char text[sizeof(look->first.message)];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (!look->count++)
		diag_set(&look->first, DIAG_REFUSED, "%s", text);
	if (look->count <= OBJECTIONS_MAX)
		json_array_append_new(look->list,
				      json_pack("{s:s, s:s}", "code", code, "text", text));
}

static __u64 cover(const struct conf_list *list, bool ipv4, __s64 now_s)
{
	return list ? guard_cover(list, ipv4, now_s) : 0;
}

static void look_at_family(struct look *look, bool ipv4)
{
	const struct conf *old = look->old;
	__u64 was = cover(look->before ? conf_deny(look->before) : NULL, ipv4, look->now_s);
	__u64 is = guard_cover(conf_deny(look->new), ipv4, look->now_s);
	const char *family = ipv4 ? "IPv4" : "global IPv6";

	if (is >= GUARD_COVER_ALL && was < GUARD_COVER_ALL) {
		look_object(look, "lock-out",
			    "this would refuse every %s packet: the deny list covers all of them",
			    family);
	}
	was = cover(old ? conf_allow(old) : NULL, ipv4, look->now_s);
	is = guard_cover(conf_allow(look->new), ipv4, look->now_s);
	if (is < GUARD_COVER_ALL / 2 || (was >= GUARD_COVER_ALL / 2 && is < GUARD_COVER_ALL) ||
	    was >= GUARD_COVER_ALL)
		return;
	look_object(look, "lock-out",
		    "this would switch the protection off: the allow list covers %s %s addresses, "
		    "which no limit and no ban would refuse any more",
		    is < GUARD_COVER_ALL ? "half or more of all" : "all", family);
}

/* A link cannot change its mode, and the kernel has none of both kinds on one interface. */
static void look_at_modes(struct look *look, const struct rld *rld)
{
	struct dp_iface iface;

	for (size_t i = 0; i < look->new->attaches; i++) {
		if (!ifaces_has_other_mode(rld, &look->new->attach[i], &iface))
			continue;
		look_object(look, "unprotected",
			    "another mode of %s lets its packets pass unjudged while the program "
			    "is taken off and put on again, some milliseconds as a rule",
			    iface.name);
	}
}

/* What is at work refuses nothing on an interface that comes with the change. */
static bool attaches(const struct look *look)
{
	for (size_t i = 0; i < look->new->attaches; i++)
		if (!conf_find_attach(look->old, look->new->attach[i].iface))
			return true;
	return false;
}

static bool lists_changed(const struct look *look)
{
	const struct conf *old = look->before;

	return !old || old->mode != look->new->mode ||
	       !conf_list_equal(conf_deny(old), conf_deny(look->new)) ||
	       !conf_list_equal(conf_allow(old), conf_allow(look->new));
}

/* Whether somebody may be cut off. */
static bool can_refuse(const struct look *look)
{
	const struct conf *new = look->new;

	return new->mode == RL_MODE_ENFORCE && (new->limits || conf_deny(new)->count);
}

bool guard_is_long(const struct look *look)
{
	return can_refuse(look) || conf_allow(look->new)->count + conf_deny(look->new)->count;
}

void guard_run(struct look *look)
{
	bool lists = lists_changed(look);

	if (lists) {
		look_at_family(look, true);
		look_at_family(look, false);
	}
	if (can_refuse(look) && (lists || look_limits_changed(look)))
		look_at_peers(look);
}

static void find_ports(const struct rld *rld, struct look *look)
{
	const struct conf_options *options = &look->new->options;

	protect_ports(rld, options, &look->ports);
	for (size_t i = 0; i < look->clients.count; i++)
		if (options->protect_auto)
			ports_add(&look->ports, look->clients.v[i].port);
}

static int copy_clients(struct look *look, const struct peers *clients)
{
	int err = 0;

	for (size_t i = 0; clients && i < clients->count && !err; i++)
		err = peers_add(&look->clients, &clients->v[i]);
	return err;
}

struct look *guard_begin(const struct rld *rld, const struct guard_change *change)
{
	struct look *look = calloc(1, sizeof(*look));

	if (!look)
		return NULL;
	look->list = json_array();
	if (!look->list || copy_clients(look, change->clients)) {
		guard_drop(look);
		return NULL;
	}
	look->trial = rld->trial;
	look->seen = rld->seen;
	look->ifaces = rld->dp ? dp_ifaces(rld->dp, look->iface) : 0;
	look->now_s = clock_now_s(&rld->clock);
	look->old = change->old;
	look->new = change->new;
	look->before = look->old && !attaches(look) ? look->old : NULL;
	if (can_refuse(look))
		find_ports(rld, look);
	look_at_modes(look, rld);
	return look;
}

void guard_drop(struct look *look)
{
	if (!look)
		return;
	peers_done(&look->clients);
	json_decref(look->list);
	free(look);
}

int guard_end(struct look *look, json_t **ret_objections, struct diag *d)
{
	size_t count = look->count, len;

	if (count)
		*d = look->first;
	if (ret_objections)
		*ret_objections = TAKE_PTR(look->list);
	guard_drop(look);
	if (!count)
		return 0;
	len = strlen(d->message);
	if (count > 1)
		snprintf(d->message + len, sizeof(d->message) - len, " (and %zu more)", count - 1);
	diag_hint(d, WAY_OUT);
	return -EPERM;
}

int guard_check(const struct rld *rld, const struct guard_change *change, json_t **ret_objections,
		struct diag *d)
{
	struct look *look = guard_begin(rld, change);

	if (!look)
		return diag_errno(d, ENOMEM, "cannot ask the guard");
	guard_run(look);
	return guard_end(look, ret_objections, d);
}

int guard_open(struct rld *rld)
{
	struct diag d;

	if (dp_trial_open(rld->dp, &rld->trial, &d))
		log_diag(&d);
	rld->seen = guard_seen_new();
	return rld->seen ? 0 : -ENOMEM;
}

void guard_close(struct rld *rld)
{
	dp_trial_leave(rld->trial);
	rld->trial = NULL;
	guard_seen_free(rld->seen);
	rld->seen = NULL;
}
