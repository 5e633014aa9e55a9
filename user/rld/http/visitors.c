// SPDX-License-Identifier: GPL-2.0-only
/* Who is connected for HTTP. There are few: all are looked through each time. */
#include "rld/http/visitors.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/time.h"

/* How long one may be in a state; 0: for ever. */
static const __u64 may_take_ns[VISITOR_STATES] = {
	[VISITOR_HEAD] = 5 * TIME_NS,
	[VISITOR_IDLE] = 15 * TIME_NS,
	[VISITOR_ANSWER] = 30 * TIME_NS,
};

/* What counts as one address. */
static union rl_addr place_of(const struct sockaddr *from)
{
	union rl_addr addr = {0};

	if (from->sa_family == AF_INET6) {
		memcpy(&addr, &((const struct sockaddr_in6 *)from)->sin6_addr, sizeof(addr));
		if (!IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)from)->sin6_addr))
			addr_mask(&addr, 64);
		return addr;
	}
	if (from->sa_family == AF_INET) {
		__u32 host = ((const struct sockaddr_in *)from)->sin_addr.s_addr;

		if (ntohl(host) >> 24 == IN_LOOPBACKNET)
			host = htonl(INADDR_LOOPBACK);
		memset((char *)&addr + 10, 0xff, 2);
		memcpy((char *)&addr + 12, &host, sizeof(host));
	}
	return addr;
}

static size_t places_of(const union rl_addr *addr)
{
	static const unsigned char v4[16] = {[10] = 0xff, 0xff, 127, 0, 0, 1};
	static const unsigned char v6[16] = {[15] = 1};

	return !memcmp(addr, v4, 16) || !memcmp(addr, v6, 16) ? VISITORS_OF_LOOPBACK
							      : VISITORS_OF_ADDRESS;
}

static bool is_of(const struct visitor *visitor, const union rl_addr *addr)
{
	return visitor->state != VISITOR_GONE &&
	       (!addr || !memcmp(&visitor->addr, addr, sizeof(*addr)));
}

static size_t count(const struct visitors *all, const union rl_addr *addr)
{
	size_t count = 0;

	for (const struct visitor *at = all->first; at; at = at->next)
		count += is_of(at, addr);
	return count;
}

static size_t heads(const struct visitors *all)
{
	size_t count = 0;

	for (const struct visitor *at = all->first; at; at = at->next)
		count += at->state == VISITOR_HEAD;
	return count;
}

static void send_off(struct visitor *visitor)
{
	shutdown(visitor->fd, SHUT_RDWR);
	visitor->state = VISITOR_GONE;
}

/* Sends off whoever has been in this state longest; of an address, or NULL. */
static bool send_off_oldest(struct visitors *all, const union rl_addr *addr,
			    enum visitor_state state)
{
	struct visitor *oldest = NULL;

	for (struct visitor *at = all->first; at; at = at->next)
		if (at->state == state && is_of(at, addr) &&
		    (!oldest || at->since_ns < oldest->since_ns))
			oldest = at;
	if (oldest)
		send_off(oldest);
	return oldest;
}

static bool send_off_asked(struct visitors *all, const union rl_addr *addr)
{
	return send_off_oldest(all, addr, VISITOR_IDLE) ||
	       send_off_oldest(all, addr, VISITOR_ANSWER);
}

static bool send_off_any(struct visitors *all, const union rl_addr *addr)
{
	return send_off_oldest(all, addr, VISITOR_HEAD) || send_off_asked(all, addr);
}

static bool make_room(struct visitors *all, const union rl_addr *addr, bool crowded)
{
	if (count(all, addr) >= places_of(addr) && !send_off_any(all, addr))
		return false;
	if (crowded && count(all, NULL) && !send_off_any(all, NULL))
		return false;
	if (heads(all) >= VISITORS_HEADS)
		send_off_oldest(all, NULL, VISITOR_HEAD);
	return true;
}

struct visitor *visitors_add(struct visitors *all, int fd, const struct sockaddr *from,
			     bool crowded)
{
	union rl_addr addr = place_of(from);
	struct visitor **at = &all->first;
	struct visitor *visitor;

	if (!make_room(all, &addr, crowded))
		return NULL;
	visitor = calloc(1, sizeof(*visitor));
	if (!visitor)
		return NULL;
	*visitor = (struct visitor){.addr = addr, .since_ns = time_mono_ns(), .fd = fd};
	while (*at)
		at = &(*at)->next;
	*at = visitor;
	return visitor;
}

void visitor_set(struct visitors *all, struct visitor *visitor, enum visitor_state state)
{
	bool first = visitor->state == VISITOR_HEAD;

	if (visitor->state == VISITOR_GONE)
		return;
	if (first && count(all, NULL) - heads(all) >= VISITORS_ASKED)
		send_off_asked(all, NULL);
	visitor->state = state;
	visitor->since_ns = time_mono_ns();
}

void visitor_remove(struct visitors *all, struct visitor *visitor)
{
	struct visitor **at = &all->first;

	while (*at != visitor)
		at = &(*at)->next;
	*at = visitor->next;
	free(visitor);
}

__u64 visitors_expire(struct visitors *all)
{
	__u64 now = time_mono_ns(), next = 0;

	for (struct visitor *at = all->first; at; at = at->next) {
		__u64 end = at->since_ns + may_take_ns[at->state];

		if (!may_take_ns[at->state])
			continue;
		if (end <= now)
			send_off(at);
		else if (!next || end - now < next)
			next = end - now;
	}
	return next;
}
