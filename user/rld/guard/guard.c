// SPDX-License-Identifier: GPL-2.0-only
/* The lock-out guard. */
#include "rld/guard/guard.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/time.h"
#include "dp/trial.h"
#include "rld/guard/guard_cover.h"
#include "rld/guard/guard_look.h"
#include "rld/guard/guard_seen.h"
#include "rld/links/ifaces.h"
#include "rld/loop/log.h"

#define WAY_OUT                                                                                    \
	"repeat it with --yes if it is meant; `rld --detach` on the machine's console undoes "     \
	"everything"
#define OBJECTIONS_MAX 64 /* that are told in full */
#define WAIT_NS (TIME_NS / 10)

void look_object(struct look *look, const char *code, const char *format, ...)
{
	char text[sizeof(look->first.message)];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (!look->count++)
		diag_set(&look->first, DIAG_REFUSED, "%s", text);
	if (look->list && look->count <= OBJECTIONS_MAX)
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

static void run(const struct guard_change *change, struct look *look)
{
	bool lists;

	look->old = change->old;
	look->new = change->new;
	look->before = look->old && !attaches(look) ? look->old : NULL;
	look->now_s = clock_now_s(&look->rld->clock);
	look_at_modes(look, look->rld);
	lists = lists_changed(look);
	if (lists) {
		look_at_family(look, true);
		look_at_family(look, false);
	}
	if (look->new->mode == RL_MODE_ENFORCE && (lists || look_limits_changed(look)) &&
	    (look->new->limits || conf_deny(look->new)->count))
		look_at_peers(look, change->clients);
}

int guard_check(const struct rld *rld, const struct guard_change *change, json_t **ret_objections,
		struct diag *d)
{
	struct look look = {.rld = rld, .list = ret_objections ? json_array() : NULL};
	size_t len;

	run(change, &look);
	if (ret_objections)
		*ret_objections = look.list;
	if (!look.count)
		return 0;
	*d = look.first;
	len = strlen(d->message);
	if (look.count > 1)
		snprintf(d->message + len, sizeof(d->message) - len, " (and %zu more)",
			 look.count - 1);
	diag_hint(d, WAY_OUT);
	return -EPERM;
}

static struct loop_timer *timer;

/* Nobody waits for what the start of rld has to be warned of. */
static void look_at_start(void *ctx)
{
	struct rld *rld = ctx;
	const struct guard_change change = {.new = rld->conf};
	json_auto_t *warnings = NULL;
	const json_t *item;
	struct diag d;
	size_t i;

	if (rld->held)
		return;
	if (!dp_trial_ready(rld->trial)) {
		loop_timer_set(timer, WAIT_NS);
		return;
	}
	guard_check(rld, &change, &warnings, &d);
	json_array_foreach (warnings, i, item)
		log_line("warning: %s", json_text(item, "text", ""));
}

int guard_open(struct rld *rld)
{
	struct diag d;

	if (dp_trial_open(rld->dp, &rld->trial, &d))
		log_diag(&d);
	rld->seen = guard_seen_new();
	timer = loop_timer_add(rld->loop, look_at_start, rld);
	if (!timer || !rld->seen)
		return -ENOMEM;
	loop_timer_set(timer, 0);
	return 0;
}

void guard_close(struct rld *rld)
{
	dp_trial_leave(rld->trial);
	rld->trial = NULL;
	guard_seen_free(rld->seen);
	rld->seen = NULL;
}
