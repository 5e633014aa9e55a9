// SPDX-License-Identifier: GPL-2.0-only
/* sock_diag, resolv.conf and own addresses, each read into a list. */
#include "rld/guard/peers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "base/array.h"
#include "base/cleanup.h"
#include "base/dump.h"

#define TCP_ESTABLISHED 1
#define RESOLV_CONF "/etc/resolv.conf"
#define RESOLVED_CONF "/run/systemd/resolve/resolv.conf" /* whom the stub asks */

union rl_addr peers_addr(int family, const void *bytes)
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

int peers_add(struct peers *peers, const struct peer *peer)
{
	struct peer *v = array_grow(peers->v, &peers->size, peers->count, sizeof(*v));

	if (!v)
		return -ENOMEM;
	peers->v = v;
	peers->v[peers->count++] = *peer;
	return 0;
}

struct visit {
	peers_fn take;
	void *ctx;
};

static int take_session(void *ctx, const struct nlmsghdr *message)
{
	const struct inet_diag_msg *msg = NLMSG_DATA(message);
	const struct visit *visit = ctx;
	struct peer peer = {
		.kind = PEER_SESSION,
		.addr = peers_addr(msg->idiag_family, msg->id.idiag_dst),
		.port = ntohs(msg->id.idiag_sport),
	};

	return visit->take(visit->ctx, &peer);
}

/* The kernel sorts out the port: all sessions of a busy server are a hundred megabytes. It walks
 * through its whole table for each request, some 3 ms for 262144 buckets: the older form of them
 * asks for both families at once. -EINVAL: this kernel does not know it any more. */
static int visit_port(struct visit *visit, __u16 port)
{
	struct {
		struct nlmsghdr head;
		struct inet_diag_req body;
	} request = {
		.head = {.nlmsg_len = sizeof(request),
			 .nlmsg_type = TCPDIAG_GETSOCK,
			 .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
		.body = {.idiag_states = 1 << TCP_ESTABLISHED, .id.idiag_sport = htons(port)},
	};

	return dump_run(NETLINK_SOCK_DIAG, &request.head, take_session, visit);
}

static int visit_port_of(struct visit *visit, int family, __u16 port)
{
	struct {
		struct nlmsghdr head;
		struct inet_diag_req_v2 body;
	} request = {
		.head = {.nlmsg_len = sizeof(request),
			 .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			 .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
		.body = {.sdiag_family = (__u8)family,
			 .sdiag_protocol = IPPROTO_TCP,
			 .idiag_states = 1 << TCP_ESTABLISHED,
			 .id.idiag_sport = htons(port)},
	};
	int err = dump_run(NETLINK_SOCK_DIAG, &request.head, take_session, visit);

	return err == -ENOENT ? 0 : err; /* a kernel without IPv6 has none to tell of */
}

int peers_visit(const struct ports *ports, peers_fn take, void *ctx)
{
	struct visit visit = {take, ctx};
	int err = 0;

	for (size_t i = 0; i < ports->count && !err; i++) {
		err = visit_port(&visit, ports->v[i]);
		if (err != -EINVAL)
			continue;
		err = visit_port_of(&visit, AF_INET, ports->v[i]);
		if (!err)
			err = visit_port_of(&visit, AF_INET6, ports->v[i]);
	}
	/* Nor has one without inet_diag. */
	return err == -EOPNOTSUPP ? 0 : err;
}

static int add_session(void *ctx, const struct peer *peer)
{
	return peers_add(ctx, peer);
}

int peers_sessions(struct peers *peers, const struct ports *ports)
{
	return peers_visit(ports, add_session, peers);
}

static int read_resolvers(struct peers *peers, const char *path)
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");
	struct peer peer = {.kind = PEER_RESOLVER};
	char line[512];
	char text[64];
	int err = 0;

	while (file && !err && fgets(line, sizeof(line), file))
		if (sscanf(line, "nameserver %63[0-9a-fA-F:.]", text) == 1 &&
		    !addr_parse(text, strlen(text), &peer.addr))
			err = peers_add(peers, &peer);
	return err;
}

int peers_resolvers(struct peers *peers)
{
	int err = read_resolvers(peers, RESOLV_CONF);

	return err ? err : read_resolvers(peers, RESOLVED_CONF);
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
			peer.addr = peers_addr(AF_INET,
					       &((struct sockaddr_in *)at->ifa_addr)->sin_addr);
		else
			peer.addr = peers_addr(AF_INET6,
					       &((struct sockaddr_in6 *)at->ifa_addr)->sin6_addr);
		err = peers_add(peers, &peer);
	}
	freeifaddrs(list);
	return err;
}

static int compare(const void *a, const void *b)
{
	const struct peer *x = a;
	const struct peer *y = b;
	int order = (int)x->kind - (int)y->kind;

	if (!order)
		order = memcmp(&x->addr, &y->addr, sizeof(x->addr));
	return order ? order : (int)x->port - (int)y->port;
}

void peers_sort(struct peers *peers)
{
	size_t kept = 0;

	if (peers->count)
		qsort(peers->v, peers->count, sizeof(*peers->v), compare);
	for (size_t i = 0; i < peers->count; i++)
		if (!kept || compare(&peers->v[kept - 1], &peers->v[i]))
			peers->v[kept++] = peers->v[i];
	peers->count = kept;
}

void peers_done(struct peers *peers)
{
	free(peers->v);
	*peers = (struct peers){0};
}
