// SPDX-License-Identifier: GPL-2.0-only
/* Devices as rtnetlink describes them, and which of them can be attached to. */
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
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

union answer {
	struct nlmsghdr header;
	char byte[32768];
};

static int ask(const struct request *q, int *ret_fd)
{
	_cleanup_close_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0 || send(fd, q, q->header.nlmsg_len, 0) < 0)
		return -errno;
	*ret_fd = fd;
	fd = -1;
	return 0;
}

static int error_of(const struct nlmsghdr *header)
{
	return ((const struct nlmsgerr *)NLMSG_DATA(header))->error;
}

int dp_device_find(__u32 ifindex, const char *name, struct dp_device *ret)
{
	_cleanup_close_ int fd = -1;
	union answer answer;
	struct request q;
	ssize_t len;
	int r;

	if (!ifindex && (!*name || strlen(name) >= IF_NAMESIZE))
		return -ENODEV;
	make_request(&q, ifindex, name);
	r = ask(&q, &fd);
	if (r)
		return r;
	len = recv(fd, &answer, sizeof(answer), 0);
	if (len < 0)
		return -errno;
	if (!NLMSG_OK(&answer.header, (size_t)len))
		return -EBADMSG;
	if (answer.header.nlmsg_type == NLMSG_ERROR)
		return error_of(&answer.header);
	take(&answer.header, ret);
	return 0;
}

struct device_list {
	struct dp_device *v; /* owned */
	size_t count;
};

static int add_device(struct device_list *list, const struct nlmsghdr *header)
{
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

/* Returns 1 at the end of all messages. */
static int take_all(struct device_list *list, const union answer *answer, size_t len)
{
	int r = 0;

	for (const struct nlmsghdr *h = &answer->header; !r && NLMSG_OK(h, len);
	     h = NLMSG_NEXT(h, len)) {
		if (h->nlmsg_type == NLMSG_DONE)
			return 1;
		r = h->nlmsg_type == NLMSG_ERROR ? error_of(h) : add_device(list, h);
	}
	return r;
}

int dp_devices(struct dp_device **ret, size_t *ret_count)
{
	struct device_list list = {0};
	_cleanup_close_ int fd = -1;
	union answer answer;
	struct request q;
	int r;

	make_request(&q, 0, "");
	q.header.nlmsg_flags |= NLM_F_DUMP;
	q.header.nlmsg_len = NLMSG_LENGTH(sizeof(q.info));
	r = ask(&q, &fd);
	while (!r) {
		ssize_t len = recv(fd, &answer, sizeof(answer), 0);

		r = len < 0 ? -errno : take_all(&list, &answer, (size_t)len);
	}
	if (r < 0) {
		free(list.v);
		return r;
	}
	*ret = list.v;
	*ret_count = list.count;
	return 0;
}
