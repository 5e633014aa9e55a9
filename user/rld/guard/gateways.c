// SPDX-License-Identifier: GPL-2.0-only
/* Gateways of default routes: of plain ones, of multipath ones, by way of another family, and as
 * nexthop objects. */
#include "rld/guard/peers.h"

#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "base/dump.h"

static int add(struct peers *peers, int family, const void *bytes)
{
	struct peer peer = {.kind = PEER_GATEWAY, .addr = peers_addr(family, bytes)};

	return peers_add(peers, &peer);
}

/* RTA_GATEWAY and RTA_VIA, of a route or of one way of a multipath one. */
static int take_gateway(struct peers *peers, int family, const struct rtattr *attr)
{
	const struct rtvia *via = RTA_DATA(attr);

	if (attr->rta_type == RTA_GATEWAY)
		return add(peers, family, RTA_DATA(attr));
	if (attr->rta_type == RTA_VIA && via->rtvia_family == AF_INET6)
		return add(peers, AF_INET6, via->rtvia_addr);
	return 0;
}

static int take_multipath(struct peers *peers, int family, const struct rtattr *attr)
{
	const struct rtnexthop *way = RTA_DATA(attr);
	int left = (int)RTA_PAYLOAD(attr);
	int err = 0;

	for (; !err && RTNH_OK(way, left); way = RTNH_NEXT(way)) {
		const struct rtattr *of_way = RTNH_DATA(way);
		int len = way->rtnh_len - (int)RTNH_LENGTH(0);

		left -= RTNH_ALIGN(way->rtnh_len);
		for (; !err && RTA_OK(of_way, len); of_way = RTA_NEXT(of_way, len))
			err = take_gateway(peers, family, of_way);
	}
	return err;
}

static int read_nexthop(struct peers *peers, __u32 id);

static int take_group(struct peers *peers, const struct rtattr *attr)
{
	const struct nexthop_grp *group = RTA_DATA(attr);
	size_t count = RTA_PAYLOAD(attr) / sizeof(*group);
	int err = 0;

	for (size_t i = 0; i < count && !err; i++)
		err = read_nexthop(peers, group[i].id);
	return err;
}

/* A group has no groups in it. */
static int take_nexthop(void *ctx, const struct nlmsghdr *message)
{
	const struct nhmsg *nexthop = NLMSG_DATA(message);
	const struct rtattr *attr =
		(const struct rtattr *)((const char *)nexthop + NLMSG_ALIGN(sizeof(*nexthop)));
	int len = (int)NLMSG_PAYLOAD(message, sizeof(*nexthop));
	int err = 0;

	for (; !err && RTA_OK(attr, len); attr = RTA_NEXT(attr, len)) {
		if (attr->rta_type == NHA_GATEWAY)
			err = add(ctx, nexthop->nh_family, RTA_DATA(attr));
		else if (attr->rta_type == NHA_GROUP)
			err = take_group(ctx, attr);
	}
	return err;
}

static int read_nexthop(struct peers *peers, __u32 id)
{
	struct {
		struct nlmsghdr head;
		struct nhmsg body;
		struct rtattr attr;
		__u32 id;
	} request = {
		.head = {.nlmsg_len = sizeof(request),
			 .nlmsg_type = RTM_GETNEXTHOP,
			 .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
		.attr = {.rta_len = RTA_LENGTH(sizeof(id)), .rta_type = NHA_ID},
		.id = id,
	};

	return dump_run(NETLINK_ROUTE, &request.head, take_nexthop, peers);
}

static int take_route(void *ctx, const struct nlmsghdr *message)
{
	const struct rtmsg *route = NLMSG_DATA(message);
	const struct rtattr *attr = RTM_RTA(route);
	int len = (int)RTM_PAYLOAD(message);
	int err = 0;

	if (route->rtm_dst_len || route->rtm_type != RTN_UNICAST)
		return 0;
	for (; !err && RTA_OK(attr, len); attr = RTA_NEXT(attr, len)) {
		if (attr->rta_type == RTA_MULTIPATH)
			err = take_multipath(ctx, route->rtm_family, attr);
		else if (attr->rta_type == RTA_NH_ID)
			err = read_nexthop(ctx, *(const __u32 *)RTA_DATA(attr));
		else
			err = take_gateway(ctx, route->rtm_family, attr);
	}
	return err;
}

int peers_gateways(struct peers *peers)
{
	static const int families[] = {AF_INET, AF_INET6};
	int err = 0;

	for (int i = 0; i < 2 && !err; i++) {
		struct {
			struct nlmsghdr head;
			struct rtmsg body;
		} request = {
			.head = {.nlmsg_len = sizeof(request),
				 .nlmsg_type = RTM_GETROUTE,
				 .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
			.body = {.rtm_family = (unsigned char)families[i]},
		};

		err = dump_run(NETLINK_ROUTE, &request.head, take_route, peers);
	}
	return err;
}
