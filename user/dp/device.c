// SPDX-License-Identifier: GPL-2.0-only
/* Devices as rtnetlink describes them, and which of them can be attached to. */
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>

#include "base/dump.h"
#include "dp/internal.h"

/* Of linux/if_arp.h, which net/if.h does not go with. */
enum {
	TYPE_CAN = 280,
	TYPE_RAWIP = 519,
	TYPE_IP6GRE = 823,
	TYPE_NETLINK = 824,
	TYPE_6LOWPAN = 825,
};

#define READABLE                                                                                   \
	"Ethernet and loopback devices, and of those without a header tun, WireGuard, PPP, raw "   \
	"IP (WWAN), ipip, ip6tnl and ip6gre can be attached"

static const struct type {
	__u16 type;
	const char *name;
	int link;	 /* enum rl_link, or -1 */
	const char *why; /* not; NULL: its headers are not known here */
} types[] = {
	{ARPHRD_ETHER, "ETHER", RL_LINK_ETHERNET, NULL},
	{ARPHRD_LOOPBACK, "LOOPBACK", RL_LINK_ETHERNET, NULL},
	{ARPHRD_NONE, "NONE", RL_LINK_IP, NULL},
	{ARPHRD_PPP, "PPP", RL_LINK_IP, NULL},
	{TYPE_RAWIP, "RAWIP", RL_LINK_IP, NULL},
	{ARPHRD_TUNNEL, "TUNNEL", RL_LINK_IP, NULL},
	{ARPHRD_TUNNEL6, "TUNNEL6", RL_LINK_IP, NULL},
	{TYPE_IP6GRE, "IP6GRE", RL_LINK_IP, NULL},
	{ARPHRD_IPGRE, "IPGRE", -1, "the kernel shows XDP the outer IP header there"},
	{ARPHRD_SIT, "SIT", -1, "the kernel shows XDP the outer IP header there"},
	{ARPHRD_PIMREG, "PIMREG", -1, "the kernel shows XDP the outer IP header there"},
	{TYPE_CAN, "CAN", -1, "it carries no IP"},
	{TYPE_NETLINK, "NETLINK", -1, "it carries no IP"},
	{ARPHRD_SLIP, "SLIP", -1, NULL},
	{ARPHRD_INFINIBAND, "INFINIBAND", -1, NULL},
	{ARPHRD_IEEE1394, "IEEE1394", -1, NULL},
	{ARPHRD_HDLC, "HDLC", -1, NULL},
	{ARPHRD_FRAD, "FRAD", -1, NULL},
	{ARPHRD_IEEE80211, "IEEE80211", -1, NULL},
	{ARPHRD_IEEE80211_PRISM, "IEEE80211_PRISM", -1, NULL},
	{ARPHRD_IEEE80211_RADIOTAP, "IEEE80211_RADIOTAP", -1, NULL},
	{ARPHRD_IEEE802154, "IEEE802154", -1, NULL},
	{TYPE_6LOWPAN, "6LOWPAN", -1, NULL},
};

/* Of types that could be read: what the kernel hands to XDP there begins with a copy of the header
 * of the device below. */
static const char *const unreadable_kinds[] = {"xfrm", "vti", "vti6"};

static const struct type *type_of(const struct dp_device *device)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (types[i].type == device->type)
			return &types[i];
	return NULL;
}

static bool is_unreadable_kind(const struct dp_device *device)
{
	for (size_t i = 0; i < sizeof(unreadable_kinds) / sizeof(*unreadable_kinds); i++)
		if (!strcmp(device->kind, unreadable_kinds[i]))
			return true;
	return false;
}

static int refuse(const struct dp_device *device, const struct type *type, struct diag *d)
{
	const char *why = type ? type->why : NULL;

	if (is_unreadable_kind(device))
		why = "the kernel shows XDP a header of another device there";
	if (d)
		diag_set(d, DIAG_REFUSED,
			 "%s is a device of type %s (ARPHRD %u%s%s), whose packets cannot be read: "
			 "%s",
			 device->name, type ? type->name : "unknown", device->type,
			 device->kind[0] ? ", " : "", device->kind,
			 why ? why : "its headers are not known");
	if (d)
		diag_hint(d, "attach the interface whose packets carry it; " READABLE);
	return -EOPNOTSUPP;
}

int dp_device_link(const struct dp_device *device, enum rl_link *ret, struct diag *d)
{
	const struct type *type = type_of(device);

	if (!type || type->link < 0 || is_unreadable_kind(device))
		return refuse(device, type, d);
	*ret = (enum rl_link)type->link;
	return 0;
}

struct request {
	struct nlmsghdr header;
	struct ifinfomsg info;
	struct rtattr attr;
	char name[IF_NAMESIZE];
};

static void make_request(struct request *q, __u32 ifindex, const char *name)
{
	size_t len = ifindex ? 0 : strlen(name) + 1;

	memset(q, 0, sizeof(*q));
	q->header.nlmsg_len = NLMSG_LENGTH(sizeof(q->info));
	q->header.nlmsg_type = RTM_GETLINK;
	q->header.nlmsg_flags = NLM_F_REQUEST;
	q->info.ifi_index = (int)ifindex;
	if (ifindex)
		return;
	q->attr.rta_type = IFLA_IFNAME;
	q->attr.rta_len = (unsigned short)RTA_LENGTH(len);
	memcpy(q->name, name, len);
	q->header.nlmsg_len += RTA_LENGTH(len);
}

static void take_kind(const struct rtattr *nest, struct dp_device *ret)
{
	int left = (int)RTA_PAYLOAD(nest);

	for (struct rtattr *a = RTA_DATA(nest); RTA_OK(a, left); a = RTA_NEXT(a, left))
		if (a->rta_type == IFLA_INFO_KIND)
			snprintf(ret->kind, sizeof(ret->kind), "%.*s", (int)RTA_PAYLOAD(a),
				 (char *)RTA_DATA(a));
}

static void take(const struct nlmsghdr *header, struct dp_device *ret)
{
	const struct ifinfomsg *info = NLMSG_DATA(header);
	int left = (int)IFLA_PAYLOAD(header);
	bool elsewhere = false;

	*ret = (struct dp_device){.ifindex = (__u32)info->ifi_index, .type = info->ifi_type};
	for (struct rtattr *a = IFLA_RTA(info); RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		if (a->rta_type == IFLA_IFNAME)
			snprintf(ret->name, sizeof(ret->name), "%s", (char *)RTA_DATA(a));
		else if (a->rta_type == IFLA_MASTER)
			memcpy(&ret->master, RTA_DATA(a), sizeof(ret->master));
		else if (a->rta_type == IFLA_LINK)
			memcpy(&ret->lower, RTA_DATA(a), sizeof(ret->lower));
		else if (a->rta_type == IFLA_LINK_NETNSID)
			elsewhere = true;
		else if (a->rta_type == IFLA_LINKINFO)
			take_kind(a, ret);
	}
	/* What it is made on may be in another network namespace, and some name themselves. */
	if (elsewhere || ret->lower == ret->ifindex)
		ret->lower = 0;
}

static int take_one(void *ctx, const struct nlmsghdr *header)
{
	take(header, ctx);
	return 0;
}

int dp_device_find(__u32 ifindex, const char *name, struct dp_device *ret)
{
	struct request q;

	if (!ifindex && (!*name || strlen(name) >= IF_NAMESIZE))
		return -ENODEV;
	make_request(&q, ifindex, name);
	q.header.nlmsg_flags |= NLM_F_ACK; /* that is the end of the answer */
	return dump_run(NETLINK_ROUTE, &q.header, take_one, ret);
}

struct device_list {
	struct dp_device *v; /* owned */
	size_t count;
};

static int add_device(void *ctx, const struct nlmsghdr *header)
{
	struct device_list *list = ctx;

	/* Doubled at each power of two. */
	if (!(list->count & (list->count - 1))) {
		size_t room = list->count ? 2 * list->count : 1;
		struct dp_device *v = reallocarray(list->v, room, sizeof(*v));

		if (!v)
			return -ENOMEM;
		list->v = v;
	}
	take(header, &list->v[list->count++]);
	return 0;
}

int dp_devices(struct dp_device **ret, size_t *ret_count)
{
	struct device_list list = {0};
	struct request q;
	int r;

	make_request(&q, 0, "");
	q.header.nlmsg_flags |= NLM_F_DUMP;
	q.header.nlmsg_len = NLMSG_LENGTH(sizeof(q.info));
	r = dump_run(NETLINK_ROUTE, &q.header, add_device, &list);
	if (r) {
		free(list.v);
		return r;
	}
	*ret = list.v;
	*ret_count = list.count;
	return 0;
}
