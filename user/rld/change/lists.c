// SPDX-License-Identifier: GPL-2.0-only
/* Entries of the allow and deny lists: to the kernel, through a reload, and away when their time is
 * over. */
#include "rld/change/lists.h"

#include <errno.h>

#include "base/addr.h"
#include "base/json.h"
#include "base/time.h"
#include "rld/events/event.h"
#include "rld/loop/log.h"
#include "rld/persist/persist.h"

static __u64 clock_at_second(const void *rld, __s64 wall_s)
{
	return clock_mono(&((const struct rld *)rld)->clock, wall_s);
}

struct publish_clock lists_clock(const struct rld *rld)
{
	return (struct publish_clock){clock_at_second, rld};
}

int lists_sync(const struct rld *rld, enum dp_set set, const struct conf_list *list,
	       const struct addr_prefix *prefix, struct diag *d)
{
	struct conf_at at = conf_list_from(list, prefix);
	const struct conf_entry *entry = conf_at_entry(&at);
	const struct publish_clock clock = lists_clock(rld);
	struct dp_prefix own = publish_prefix(prefix, 0, 0);
	int err = 0;

	if (!entry || !addr_same_prefix(&entry->prefix, prefix))
		err = dp_set_del(rld->dp, set, &own, d);
	if (err == -ENOENT)
		err = 0;
	/* A covering entry's end is also that of the entries inside it, so they change with it. */
	for (; !err && (entry = conf_at_entry(&at)) && addr_in(&entry->prefix.addr, prefix);
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

static void expire_list(struct rld *rld, enum dp_set set, struct conf_list *list, __s64 now_s)
{
	struct conf_at at = conf_list_begin(list);
	const struct conf_entry *entry;
	struct diag d;

	for (; (entry = conf_at_ended(&at, now_s)); conf_at_next(&at)) {
		/* Inside a longer-lived entry it went on with that one's end; that one answers from
		 * now on. */
		struct dp_prefix prefix = publish_prefix(&entry->prefix, 0, 0);

		dp_set_del(rld->dp, set, &prefix, &d);
		if (set == DP_SET_DENY)
			tell_unbanned(rld, entry);
	}
	if (conf_list_expire(list, now_s))
		rld->version++;
}

/* Ends that are times are now nearer or farther; those of what they cover as well. */
static void sync_times(struct rld *rld, enum dp_set set, const struct conf_list *list)
{
	const struct conf_entry *entry;
	struct diag d;

	conf_list_each (entry, at, list) {
		if (entry->until_s && !entry->elapsed &&
		    lists_sync(rld, set, list, &entry->prefix, &d))
			log_diag(&d);
	}
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
	sync_times(rld, DP_SET_ALLOW, &rld->conf->allow);
	sync_times(rld, DP_SET_DENY, &rld->conf->deny);
	rld->version++;
	persist_entries(rld->persist);
}

static void expire(struct rld *rld)
{
	__s64 now_s = clock_now_s(&rld->clock);

	expire_list(rld, DP_SET_ALLOW, &rld->conf->allow, now_s);
	expire_list(rld, DP_SET_DENY, &rld->conf->deny, now_s);
}

static struct loop_timer *timer;

static void tick(void *ctx)
{
	if (!((struct rld *)ctx)->held) {
		lists_follow_clock(ctx);
		expire(ctx);
	}
	loop_timer_set(timer, TIME_NS);
}

int lists_start(struct rld *rld)
{
	timer = loop_timer_add(rld->loop, tick, rld);
	if (!timer)
		return -ENOMEM;
	loop_timer_set(timer, 0);
	return 0;
}

int lists_carry_timed(const struct rld *rld, struct conf *to, const struct conf *from,
		      struct diag *d)
{
	__s64 now_s = clock_now_s(&rld->clock);

	if (conf_list_carry(&to->allow, &from->allow, now_s) ||
	    conf_list_carry(&to->deny, &from->deny, now_s))
		return diag_errno(d, ENOMEM, "cannot keep bans and timed entries");
	return 0;
}
