// SPDX-License-Identifier: GPL-2.0-only
/* Entries of the allow and deny lists: to the kernel, through a reload, and away when their time is
 * over. */
#include "rld/lists.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/json.h"
#include "rld/event.h"
#include "rld/log.h"
#include "rld/persist.h"

static struct dp_prefix to_dp(const struct addr_prefix *prefix, __u64 until_ns, __u32 row)
{
	return (struct dp_prefix){
		.addr = prefix->addr,
		.len = prefix->len,
		.row = row,
		.until_ns = until_ns,
	};
}

/* The row of an entry that allows is not looked at. */
static struct dp_prefix entry_to_dp(const struct conf_entry *entry, __u64 until_ns)
{
	return to_dp(&entry->prefix, until_ns, conf_entry_is_ban(entry));
}

__u64 lists_clock(const void *rld, __s64 wall_s)
{
	return clock_mono(&((const struct rld *)rld)->clock, wall_s);
}

int lists_compile(const struct conf_list *list, lists_clock_fn clock, const void *ctx,
		  struct dp_prefixes *ret)
{
	struct dp_prefix *v = calloc(list->count + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < list->count; i++)
		v[i] = entry_to_dp(&list->entry[i], clock(ctx, conf_list_until(list, i)));
	*ret = (struct dp_prefixes){.v = v, .count = list->count};
	return 0;
}

int lists_of_conditions(const struct conf_prefixes *prefixes, struct dp_prefixes *ret)
{
	struct dp_prefix *v = calloc(prefixes->count + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < prefixes->count; i++)
		v[i] = to_dp(&prefixes->v[i].prefix, 0, prefixes->v[i].row);
	*ret = (struct dp_prefixes){v, prefixes->count, prefixes->none};
	return 0;
}

static bool same_prefix(const struct addr_prefix *a, const struct addr_prefix *b)
{
	return a->len == b->len && !memcmp(&a->addr, &b->addr, sizeof(a->addr));
}

bool lists_equal(const struct conf_list *a, const struct conf_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!same_prefix(&a->entry[i].prefix, &b->entry[i].prefix) ||
		    a->entry[i].until_s != b->entry[i].until_s ||
		    conf_entry_is_ban(&a->entry[i]) != conf_entry_is_ban(&b->entry[i]))
			return false;
	return true;
}

int lists_sync(const struct rld *rld, enum dp_set set, const struct conf_list *list,
	       const struct addr_prefix *prefix, struct diag *d)
{
	size_t i = conf_list_from(list, prefix);
	struct dp_prefix own = to_dp(prefix, 0, 0);
	int err = 0;

	if (i == list->count || !same_prefix(&list->entry[i].prefix, prefix))
		err = dp_set_del(rld->dp, set, &own, d);
	if (err == -ENOENT)
		err = 0;
	/* A covering entry's end is also that of the entries inside it, so they change with it. */
	for (; !err && i < list->count && addr_in(&list->entry[i].prefix.addr, prefix); i++) {
		own = entry_to_dp(&list->entry[i], lists_clock(rld, conf_list_until(list, i)));
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
	struct diag d;

	for (size_t i = 0; i < list->count; i++) {
		const struct conf_entry *entry = &list->entry[i];
		struct dp_prefix prefix;

		if (!entry->until_s || entry->until_s > now_s)
			continue;
		/* Inside a longer-lived entry it went on with that one's end; that one answers from
		 * now on. */
		prefix = to_dp(&entry->prefix, 0, 0);
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
	struct diag d;

	for (size_t i = 0; i < list->count; i++) {
		const struct conf_entry *entry = &list->entry[i];

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

void lists_expire(struct rld *rld)
{
	__s64 now_s = clock_now_s(&rld->clock);

	expire_list(rld, DP_SET_ALLOW, &rld->conf->allow, now_s);
	expire_list(rld, DP_SET_DENY, &rld->conf->deny, now_s);
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
