// SPDX-License-Identifier: GPL-2.0-only
/* Netlink dumps (sock_diag, routes) and resolv.conf, each read into a list of addresses. */
#include "rld/peers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/cleanup.h"

#define TCP_ESTABLISHED 1
#define RESOLV_CONF "/etc/resolv.conf"

static union rl_addr from_bytes(int family, const void *bytes)
{
	union rl_addr addr = {0};

	if (family == AF_INET6) {
		memcpy(addr.byte, bytes, 16);
	} else {
		addr.byte[10] = 0xff;
		addr.byte[11] = 0xff;
		memcpy(addr.byte + 12, bytes, 4);
	}
	return addr;
}

static int add(struct peers *peers, const struct peer *peer)
{
	if (peers->count == peers->size) {
		size_t size = peers->size ? peers->size * 2 : 16;
		struct peer *v = reallocarray(peers->v, size, sizeof(*v));

		if (!v)
			return -ENOMEM;
		peers->v = v;
		peers->size = size;
	}
	peers->v[peers->count++] = *peer;
	return 0;
}

struct dump {
	struct peers *peers;
	const __u16 *ports;
	size_t count;
	int (*take)(struct dump *dump, const struct nlmsghdr *message);
};

/* Reads answers up to the end of the dump. */
static int read_dump(int fd, struct dump *dump)
{
	char buf[32768] __attribute__((aligned(8)));

	for (;;) {
		ssize_t len = recv(fd, buf, sizeof(buf), 0);
		const struct nlmsghdr *message = (const struct nlmsghdr *)buf;

		if (len < 0)
			return -errno;
		for (; NLMSG_OK(message, len); message = NLMSG_NEXT(message, len)) {
			int err;

			if (message->nlmsg_type == NLMSG_DONE)
				return 0;
			if (message->nlmsg_type == NLMSG_ERROR)
				return ((const struct nlmsgerr *)NLMSG_DATA(message))->error;
			err = dump->take(dump, message);
			if (err)
				return err;
		}
	}
}

static int run_dump(int protocol, const struct nlmsghdr *request, struct dump *dump)
{
	_cleanup_close_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		return -errno;
	if (send(fd, request, request->nlmsg_len, 0) < 0)
		return -errno;
	return read_dump(fd, dump);
}

static int take_session(struct dump *dump, const struct nlmsghdr *message)
{
	const struct inet_diag_msg *msg = NLMSG_DATA(message);
	struct peer peer = {
		.kind = PEER_SESSION,
		.addr = from_bytes(msg->idiag_family, msg->id.idiag_dst),
		.port = ntohs(msg->id.idiag_sport),
	};

	for (size_t i = 0; i < dump->count; i++)
		if (dump->ports[i] == peer.port)
			return add(dump->peers, &peer);
	return 0;
}

int peers_sessions(struct peers *peers, const __u16 *ports, size_t count)
{
	static const int families[] = {AF_INET, AF_INET6};
	struct dump dump = {peers, ports, count, take_session};
	int err = 0;

	for (int i = 0; i < 2 && !err && count; i++) {
		struct {
			struct nlmsghdr head;
			struct inet_diag_req_v2 body;
		} request = {
			.head = {.nlmsg_len = sizeof(request),
				 .nlmsg_type = SOCK_DIAG_BY_FAMILY,
				 .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
			.body = {.sdiag_family = (__u8)families[i],
				 .sdiag_protocol = IPPROTO_TCP,
				 .idiag_states = 1 << TCP_ESTABLISHED},
		};

		err = run_dump(NETLINK_SOCK_DIAG, &request.head, &dump);
		/* A kernel without IPv6, or without inet_diag, has none to tell of. */
		if (err == -ENOENT || err == -EOPNOTSUPP)
			err = 0;
	}
	return err;
}

static int take_route(struct dump *dump, const struct nlmsghdr *message)
{
	const struct rtmsg *route = NLMSG_DATA(message);
	const struct rtattr *attr = RTM_RTA(route);
	int len = (int)RTM_PAYLOAD(message);
	struct peer peer = {.kind = PEER_GATEWAY};

	if (route->rtm_dst_len || route->rtm_type != RTN_UNICAST)
		return 0;
	for (; RTA_OK(attr, len); attr = RTA_NEXT(attr, len)) {
		if (attr->rta_type != RTA_GATEWAY)
			continue;
		peer.addr = from_bytes(route->rtm_family, RTA_DATA(attr));
		return add(dump->peers, &peer);
	}
	return 0;
}

int peers_gateways(struct peers *peers)
{
	static const int families[] = {AF_INET, AF_INET6};
	struct dump dump = {.peers = peers, .take = take_route};
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

		err = run_dump(NETLINK_ROUTE, &request.head, &dump);
	}
	return err;
}

int peers_resolvers(struct peers *peers)
{
	_cleanup_fclose_ FILE *file = fopen(RESOLV_CONF, "re");
	struct peer peer = {.kind = PEER_RESOLVER};
	char line[512];
	char text[64];
	int err = 0;

	while (file && !err && fgets(line, sizeof(line), file))
		if (sscanf(line, "nameserver %63[0-9a-fA-F:.]", text) == 1 &&
		    !addr_parse(text, strlen(text), &peer.addr))
			err = add(peers, &peer);
	return err;
}

int peers_own(struct peers *peers)
{
	struct ifaddrs *list;
	struct peer peer = {.kind = PEER_OWN};
	int err = 0;

	if (getifaddrs(&list))
		return -errno;
	for (const struct ifaddrs *at = list; at && !err; at = at->ifa_next) {
		if (!at->ifa_addr ||
		    (at->ifa_addr->sa_family != AF_INET && at->ifa_addr->sa_family != AF_INET6))
			continue;
		if (at->ifa_addr->sa_family == AF_INET)
			peer.addr = from_bytes(AF_INET,
					       &((struct sockaddr_in *)at->ifa_addr)->sin_addr);
		else
			peer.addr = from_bytes(AF_INET6,
					       &((struct sockaddr_in6 *)at->ifa_addr)->sin6_addr);
		err = add(peers, &peer);
	}
	freeifaddrs(list);
	return err;
}

void peers_done(struct peers *peers)
{
	free(peers->v);
	*peers = (struct peers){0};
}
