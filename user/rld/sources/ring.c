// SPDX-License-Identifier: GPL-2.0-only
/* The poll for events: often while some come or somebody follows, seldom when all is quiet. */
#include "rld/sources/ring.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>

#include "base/json.h"
#include "base/names.h"
#include "base/time.h"
#include "conf/grammar/grammar.h"
#include "rld/events/event.h"
#include "rld/sources/key.h"

#define POLL_MIN_NS (TIME_NS / 20)
#define POLL_MAX_NS TIME_NS

static struct {
	struct loop_timer *timer;
	__u64 delay_ns;
	__u64 lost; /* as of the last look */
} ring;

static const enum event_action action_of[] = {
	[RL_EVENT_BREACH] = EVENT_BREACH,	  [RL_EVENT_RECOVERED] = EVENT_RECOVERED,
	[RL_EVENT_BANNED] = EVENT_BANNED,	  [RL_EVENT_UNBANNED] = EVENT_UNBANNED,
	[RL_EVENT_STATE_FULL] = EVENT_STATE_FULL, [RL_EVENT_BAN_SPARED] = EVENT_BAN_SPARED,
};

static const char *const transports[] = {
	[IPPROTO_ICMP] = "icmp",
	[IPPROTO_TCP] = "tcp",
	[IPPROTO_UDP] = "udp",
	[IPPROTO_ICMPV6] = "ipv6-icmp",
};
#define TRANSPORTS (sizeof(transports) / sizeof(*transports))

static json_t *network(const struct rl_event *event, bool has_source)
{
	json_t *network = json_object();
	const char *name = event->proto < TRANSPORTS ? transports[event->proto] : NULL;

	if (has_source)
		json_set_text(network, "type", event->ipv4 ? "ipv4" : "ipv6");
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
	if (limit) {
		json_object_set_new(rld, "key", json_object());
		key_set(json_object_get(rld, "key"), &limit->abi, &event->key);
	}
	return rld;
}

static bool is_zero(const union rl_addr *addr)
{
	return !(addr->half[0] | addr->half[1]);
}

/* A recovery is found by the sweep, which knows the key but no packet: then the key's source stands
 * for it, or nothing, where the limit does not count per source. Who has hits of an application has
 * no address. */
static const union rl_addr *source_of(const struct rl_event *event, const struct conf_limit *limit)
{
	if (limit && conf_limit_is_app(limit))
		return NULL;
	if (!is_zero(&event->source))
		return &event->source;
	return is_zero(&event->key.source) ? NULL : &event->key.source;
}

/* Whose event it is: all that are counted together, or the one that sent the packet. */
static bool about(const struct rl_event *event, const struct conf_limit *limit,
		  const union rl_addr *source, struct addr_prefix *ret)
{
	if (limit && key_prefix(&limit->abi, &event->key, ret))
		return true;
	if (source)
		*ret = (struct addr_prefix){.addr = *source, .len = 128};
	return source;
}

static void set_destination(json_t *body, const struct rl_event *event)
{
	json_auto_t *to = json_object();

	if (!is_zero(&event->destination))
		json_set_addr(to, "ip", &event->destination);
	if (event->dport)
		json_object_set_new(to, "port", json_integer(event->dport));
	if (json_object_size(to))
		json_object_set(body, "destination", to);
}

static void set_packet(json_t *body, const struct rl_event *event, const union rl_addr *source)
{
	if (source) {
		json_object_set_new(body, "source", json_object());
		json_set_addr(json_object_get(body, "source"), "ip", source);
	}
	set_destination(body, event);
	json_object_set_new(body, "network", network(event, source));
}

static json_t *observer(const struct rl_event *event)
{
	json_t *observer = json_pack("{s:s}", "product", "rld");
	char name[IF_NAMESIZE];

	if (event->ifindex && if_indextoname(event->ifindex, name))
		json_object_set_new(observer, "ingress",
				    json_pack("{s:{s:s}}", "interface", "name", name));
	return observer;
}

static void handle(void *ctx, const struct rl_event *event)
{
	const struct rld *rld = ctx;
	const struct conf_limit *limit = rld_limit_by_id(rld, event->key.limit_id);
	const union rl_addr *source = source_of(event, limit);
	struct addr_prefix prefix;
	bool known = about(event, limit, source, &prefix);
	json_t *body;

	if (event->kind >= RL_EVENT_COUNT)
		return;
	body = json_pack("{s:{s:s}}", "rule", "name", limit ? limit->abi.name : "?");
	set_packet(body, event, source);
	json_object_set_new(body, "observer", observer(event));
	json_object_set_new(body, "rld", details(event, limit));
	events_emit_at(rld->events, action_of[event->kind], body, known ? &prefix : NULL,
		       time_mono_to_wall(event->time));
}

static void tell_lost(struct rld *rld)
{
	struct rl_losses losses;

	if (dp_losses(rld->dp, &losses))
		return;
	if (losses.events_lost > ring.lost)
		events_emit(rld->events, EVENT_EVENTS_LOST,
			    json_pack("{s:{s:I}}", "rld", "count",
				      (json_int_t)(losses.events_lost - ring.lost)),
			    NULL);
	ring.lost = losses.events_lost;
}

static int fetch(struct rld *rld)
{
	int count = dp_events(rld->dp, handle, rld);

	if (count > 0)
		tell_lost(rld);
	return count;
}

void ring_now(struct rld *rld)
{
	fetch(rld);
	ring.delay_ns = POLL_MIN_NS;
	loop_timer_set(ring.timer, ring.delay_ns);
}

static void poll_events(void *ctx)
{
	struct rld *rld = ctx;
	bool busy = fetch(rld) > 0 || events_followers(rld->events);

	ring.delay_ns = busy ? POLL_MIN_NS : ring.delay_ns * 2;
	if (ring.delay_ns > POLL_MAX_NS)
		ring.delay_ns = POLL_MAX_NS;
	loop_timer_set(ring.timer, ring.delay_ns);
}

int ring_start(struct rld *rld)
{
	struct rl_losses losses;

	ring.timer = loop_timer_add(rld->loop, poll_events, rld);
	if (!ring.timer)
		return -ENOMEM;
	/* What an earlier daemon lost was its to tell. */
	ring.lost = dp_losses(rld->dp, &losses) ? 0 : losses.events_lost;
	ring.delay_ns = POLL_MIN_NS;
	loop_timer_set(ring.timer, 0);
	return 0;
}
