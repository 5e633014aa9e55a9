// SPDX-License-Identifier: GPL-2.0-only
/* Entries of the allow and deny lists: to the kernel, through a reload, and away when their time is
 * over. */
#include "rld/change/lists.h"

#include <errno.h>

#include "base/addr.h"
#include "base/json.h"
#include "base/time.h"
#include "conf/model/named.h"
#include "rld/events/event.h"
#include "rld/loop/log.h"
#include "rld/persist/persist.h"

#define AT_ONCE 256 /* entries whose end is told in one turn of the loop */
#define STALE_TRY_S 5

static __u64 clock_at_second(const void *clock, __s64 wall_s)
{
	return clock_mono(clock, wall_s);
}

struct publish_clock lists_clock(const struct clock *clock)
{
	return (struct publish_clock){clock_at_second, clock};
}

static const struct conf_list *list_of(const struct conf *conf, enum dp_set set)
{
	return set == DP_SET_ALLOW ? conf_allow(conf) : conf_deny(conf);
}

void lists_compare(const struct conf *old, const struct conf *new, struct lists_fill *ret)
{
	bool differ = !old || !conf_list_equal(conf_allow(old), conf_allow(new)) ||
		      !conf_list_equal(conf_deny(old), conf_deny(new));

	/* Both, so that the filter of prefixes begins anew without what is gone. */
	ret->renew[DP_SET_ALLOW] = ret->renew[DP_SET_DENY] = differ;
}

bool lists_fill_is_long(const struct lists_fill *lists, const struct conf *conf)
{
	size_t count = 0;

	for (int s = 0; s < DP_LISTS; s++)
		count += lists->renew[s] ? list_of(conf, s)->count : 0;
	return count > LISTS_FEW;
}

int lists_fill_begin(const struct rld *rld, struct lists_fill *lists, struct diag *d)
{
	lists->clock = rld->clock;
	if (lists->fill || (!lists->renew[DP_SET_ALLOW] && !lists->renew[DP_SET_DENY]))
		return 0;
	return dp_fill_begin(rld->dp, lists->renew, &lists->fill, d);
}

int lists_fill_run(struct lists_fill *lists, const struct conf *conf, struct diag *d)
{
	const struct publish_clock clock = lists_clock(&lists->clock);
	int err = 0;

	for (int s = 0; s < DP_LISTS && !err; s++)
		if (lists->fill && lists->renew[s])
			err = publish_list(lists->fill, s, list_of(conf, s), &clock, d);
	return err;
}

void lists_fill_end(struct lists_fill *lists)
{
	dp_fill_end(lists->fill);
	*lists = (struct lists_fill){0};
}

bool lists_sync_is_long(const struct conf_list *list, const struct addr_prefix *prefix)
{
	struct conf_at at = conf_list_from(list, prefix);
	const struct conf_entry *entry;
	unsigned count = 0;

	for (; (entry = conf_at_timed(&at)) && addr_in(&entry->prefix.addr, prefix);
	     conf_at_next(&at))
		if (++count > LISTS_FEW)
			return true;
	return false;
}

/* A covering entry's end is also that of entries inside it with an end, so they change with it. */
int lists_sync(const struct rld *rld, enum dp_set set, const struct conf_list *list,
	       const struct addr_prefix *prefix, struct diag *d)
{
	const struct conf_entry *entry = conf_list_find(list, prefix);
	const struct publish_clock clock = lists_clock(&rld->clock);
	struct conf_at at = conf_list_from(list, prefix);
	struct dp_prefix own = publish_prefix(prefix, 0, 0);
	int err;

	if (entry)
		own = publish_entry(list, entry, &clock);
	err = entry ? dp_set_put(rld->dp, set, &own, d) : dp_set_del(rld->dp, set, &own, d);
	if (err == -ENOENT && !entry)
		err = 0;
	for (; !err && (entry = conf_at_timed(&at)) && addr_in(&entry->prefix.addr, prefix);
	     conf_at_next(&at)) {
		own = publish_entry(list, entry, &clock);
		err = dp_set_put(rld->dp, set, &own, d);
	}
	return err;
}

static void tell_unbanned(struct rld *rld, const struct conf_entry *entry)
{
	char addr[ADDR_TEXT], prefix[ADDR_TEXT];
	json_t *body = json_pack("{s:{s:s}, s:{s:s, s:{s:s}}}", "source", "ip",
				 addr_format(&entry->prefix.addr, addr), "rld", "list", "deny",
				 "key", "source", addr_format_prefix(&entry->prefix, prefix));

	if (conf_entry_is_ban(entry))
		json_set_text(json_object_get(body, "rld"), "ban", "by hand");
	events_emit(rld->events, EVENT_UNBANNED, body, &entry->prefix);
}

struct expiring {
	struct rld *rld;
	enum dp_set set;
	const struct conf_list *list; /* the entries' */
};

/* Where a list has others by name, what is enforced is a list of its own, of which entries end by
 * themselves. Inside a longer-lived entry it went on with that one's end; that one answers from now on. */
static void drop(void *ctx, const struct conf_entry *entry)
{
	const struct expiring *expiring = ctx;
	struct dp_prefix prefix = publish_prefix(&entry->prefix, 0, 0);
	struct diag d;

	if (list_of(expiring->rld->conf, expiring->set) == expiring->list)
		dp_set_del(expiring->rld->dp, expiring->set, &prefix, &d);
	if (expiring->set == DP_SET_DENY && expiring->list == &expiring->rld->conf->deny)
		tell_unbanned(expiring->rld, entry);
}

/* Ends that are times are now nearer or farther. False: there are too many for the loop. */
static bool sync_times(struct rld *rld, enum dp_set set, const struct conf_list *list)
{
	const struct publish_clock clock = lists_clock(&rld->clock);
	struct conf_at at = conf_list_begin(list);
	const struct conf_entry *entry;
	unsigned count = 0;
	struct diag d;

	for (; (entry = conf_at_timed(&at)); conf_at_next(&at)) {
		struct dp_prefix prefix = publish_entry(list, entry, &clock);

		if (++count > LISTS_FEW)
			return false;
		if (dp_set_put(rld->dp, set, &prefix, &d))
			log_diag(&d);
	}
	return true;
}

static void renew_times(struct rld *rld)
{
	dp_lists_hold(rld->dp);
	if (!sync_times(rld, DP_SET_ALLOW, conf_allow(rld->conf)) ||
	    !sync_times(rld, DP_SET_DENY, conf_deny(rld->conf)))
		rld->lists_stale = true;
	dp_lists_release(rld->dp);
}

void lists_follow_clock(struct rld *rld)
{
	struct moment now = clock_moment();
	__s64 step_s = clock_step(&rld->clock, &now);

	if (!step_s)
		return;
	if (step_s > 1 || step_s < -1) /* else it has drifted so far */
		log_line("the clock was set by %+lld s; what was given a duration ends when it "
			 "would have",
			 (long long)step_s);
	conf_list_step(&rld->conf->allow, step_s);
	conf_list_step(&rld->conf->deny, step_s);
	conf_uses_step(rld->conf, step_s);
	renew_times(rld);
	rld->version++;
	persist_entries(rld->persist);
}

/* True if there are more. */
static bool expire(struct rld *rld)
{
	struct conf *conf = rld->conf;
	const struct {
		enum dp_set set;
		struct conf_list *list;
	} of[] = {
		{DP_SET_ALLOW, &conf->allow},
		{DP_SET_DENY, &conf->deny},
		{DP_SET_ALLOW, &conf->whole_allow},
		{DP_SET_DENY, &conf->whole_deny},
	};
	__s64 now_s = clock_now_s(&rld->clock);
	bool more = false;

	for (size_t i = 0; i < sizeof(of) / sizeof(*of); i++) {
		struct expiring expiring = {rld, of[i].set, of[i].list};
		const struct conf_expiry expiry = {now_s, AT_ONCE, drop, &expiring};
		size_t dropped = conf_list_expire(of[i].list, &expiry);

		rld->version += dropped > 0;
		more |= dropped == AT_ONCE;
	}
	if (!more)
		conf_uses_expire(conf, now_s);
	return more;
}

static struct loop_timer *timer;
static void (*on_stale)(struct rld *rld);
static bool late;	 /* a change was on its way when it was time */
static unsigned stale_s; /* seconds for which they are */

static void see_to_stale(struct rld *rld)
{
	if (rld->lists_stale && stale_s++ % STALE_TRY_S == 0)
		on_stale(rld);
	if (!rld->lists_stale)
		stale_s = 0;
}

static void tick(void *ctx)
{
	struct rld *rld = ctx;
	bool more = false;

	late = rld->changing;
	if (!rld->held && !late) {
		lists_follow_clock(rld);
		more = expire(rld);
		see_to_stale(rld);
	}
	loop_timer_set(timer, more ? 0 : TIME_NS);
}

/* Where one change follows the other there is one on its way at almost any time. */
void lists_catch_up(struct rld *rld)
{
	if (late)
		tick(rld);
}

int lists_start(struct rld *rld, void (*stale)(struct rld *rld))
{
	on_stale = stale;
	timer = loop_timer_add(rld->loop, tick, rld);
	if (!timer)
		return -ENOMEM;
	loop_timer_set(timer, 0);
	return 0;
}

int lists_carry_timed(const struct clock *clock, struct conf *to, const struct conf *from,
		      struct diag *d)
{
	__s64 now_s = clock_now_s(clock);

	if (conf_list_carry(&to->allow, &from->allow, now_s) ||
	    conf_list_carry(&to->deny, &from->deny, now_s) || conf_uses_carry(to, from, now_s))
		return diag_errno(d, ENOMEM, "cannot keep bans and timed entries");
	return 0;
}
