// SPDX-License-Identifier: GPL-2.0-only
/* The poll for events: often while some come or somebody follows, seldom when all is quiet. */
#include "rld/feed.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "base/json.h"
#include "base/names.h"
#include "base/time.h"
#include "rld/event.h"

#define POLL_MIN_NS (TIME_NS / 20)
#define POLL_MAX_NS TIME_NS

static struct {
	struct loop_timer *timer;
	__u64 delay_ns;
	__u64 lost; /* as of the last look */
} feed;

static const enum event_action action_of[] = {
	[RL_EVENT_BREACH] = EVENT_BREACH,	  [RL_EVENT_RECOVERED] = EVENT_RECOVERED,
	[RL_EVENT_BANNED] = EVENT_BANNED,	  [RL_EVENT_UNBANNED] = EVENT_UNBANNED,
	[RL_EVENT_STATE_FULL] = EVENT_STATE_FULL,
};

static const char *transport(__u8 proto)
{
	switch (proto) {
	case 6:
		return "tcp";
	case 17:
		return "udp";
	case 1:
		return "icmp";
	case 58:
		return "ipv6-icmp";
	default:
		return NULL;
	}
}

static json_t *network(const struct rl_event *event)
{
	json_t *network = json_pack("{s:s}", "type", event->ipv4 ? "ipv4" : "ipv6");
	const char *name = transport(event->proto);

	if (name)
		json_set_text(network, "transport", name);
	else if (event->proto)
		json_set_u64(network, "iana_number", event->proto);
	return network;
}

static json_t *details(const struct rl_event *event, const struct conf_limit *limit)
{
	json_t *rld = json_object();
	__u64 now_ns = time_mono_ns();
	char text[CONF_TEXT];

	if (limit && event->window < limit->abi.windows)
		json_set_text(rld, "window", conf_format_window(&limit->abi, event->window, text));
	json_set_u64(rld, "count", event->count);
	json_set_u64(rld, "reset_in_ns", event->until > now_ns ? event->until - now_ns : 0);
	json_set_text(rld, "verdict", names_text(&names_verdict, event->verdict));
	json_set_u64(rld, "suppressed", event->suppressed);
	return rld;
}

/* A recovery is found by the sweep, which knows the key but no packet: then the key's source stands
 * for it. */
static const union rl_addr *source_of(const struct rl_event *event)
{
	static const union rl_addr none;

	return memcmp(&event->source, &none, sizeof(none)) ? &event->source : &event->key.source;
}

static void handle(void *ctx, const struct rl_event *event)
{
	const struct rld *rld = ctx;
	const struct conf_limit *limit = rld_limit_by_id(rld, event->key.limit_id);
	const union rl_addr *source = source_of(event);
	json_t *body = json_object();
	char name[IF_NAMESIZE];
	json_t *observer = json_pack("{s:s}", "product", "rld");

	if (event->kind >= RL_EVENT_COUNT)
		return;
	json_object_set_new(body, "rule",
			    json_pack("{s:s}", "name", limit ? limit->abi.name : "?"));
	json_object_set_new(body, "source", json_object());
	json_set_addr(json_object_get(body, "source"), "ip", source);
	if (event->dport)
		json_object_set_new(body, "destination", json_pack("{s:i}", "port", event->dport));
	json_object_set_new(body, "network", network(event));
	if (event->ifindex && if_indextoname(event->ifindex, name))
		json_object_set_new(observer, "ingress",
				    json_pack("{s:{s:s}}", "interface", "name", name));
	json_object_set_new(body, "observer", observer);
	json_object_set_new(body, "rld", details(event, limit));
	events_emit_at(rld->events, action_of[event->kind], body, source,
		       time_mono_to_wall(event->time));
}

static void tell_lost(struct rld *rld)
{
	struct rl_losses losses;

	if (dp_losses(rld->dp, &losses))
		return;
	if (losses.events_lost > feed.lost)
		events_emit(rld->events, EVENT_EVENTS_LOST,
			    json_pack("{s:{s:I}}", "rld", "count",
				      (json_int_t)(losses.events_lost - feed.lost)),
			    NULL);
	feed.lost = losses.events_lost;
}

static int fetch(struct rld *rld)
{
	int count = dp_events(rld->dp, handle, rld);

	if (count > 0)
		tell_lost(rld);
	return count;
}

void feed_now(struct rld *rld)
{
	fetch(rld);
	feed.delay_ns = POLL_MIN_NS;
	loop_timer_set(feed.timer, feed.delay_ns);
}

static void poll_events(void *ctx)
{
	struct rld *rld = ctx;
	bool busy = fetch(rld) > 0 || events_followers(rld->events);

	feed.delay_ns = busy ? POLL_MIN_NS : feed.delay_ns * 2;
	if (feed.delay_ns > POLL_MAX_NS)
		feed.delay_ns = POLL_MAX_NS;
	loop_timer_set(feed.timer, feed.delay_ns);
}

int feed_start(struct rld *rld)
{
	struct rl_losses losses;

	feed.timer = loop_timer_add(rld->loop, poll_events, rld);
	if (!feed.timer)
		return -ENOMEM;
	/* What an earlier daemon lost was its to tell. */
	feed.lost = dp_losses(rld->dp, &losses) ? 0 : losses.events_lost;
	feed.delay_ns = POLL_MIN_NS;
	loop_timer_set(feed.timer, 0);
	return 0;
}
