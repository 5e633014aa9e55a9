// SPDX-License-Identifier: GPL-2.0-only
/* Two tables of names. */
#include "conf/grammar/cond_names.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct name {
	const char *text;
	__u8 number;
};

static const struct name protos[] = {
	{"tcp", IPPROTO_TCP},
	{"udp", IPPROTO_UDP},
	{"icmp", IPPROTO_ICMP},
	{"icmpv6", IPPROTO_ICMPV6},
	{"igmp", IPPROTO_IGMP},
	{"gre", IPPROTO_GRE},
	{"esp", IPPROTO_ESP},
	{"ah", IPPROTO_AH},
	{"sctp", IPPROTO_SCTP},
	{"dccp", IPPROTO_DCCP},
	{"udplite", IPPROTO_UDPLITE},
	{"ospf", 89},
	{"vrrp", 112},
};
_Static_assert(COUNT(protos) <= PROTO_NAMES_MAX, "room for all names");

static const struct name flags[] = {
	{"fin", 1},  {"syn", 2},  {"rst", 4},	{"psh", 8},  {"ack", 16},
	{"urg", 32}, {"ece", 64}, {"cwr", 128}, {"none", 0},
};

static int find(const struct name *names, size_t count, const char *text, size_t len)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(names[i].text) == len && !memcmp(names[i].text, text, len))
			return names[i].number;
	return -ENOENT;
}

static const char *list(const struct name *names, size_t count, char *buf, size_t size)
{
	size_t at = 0;

	for (size_t i = 0; i < count && at < size; i++)
		at += (size_t)snprintf(buf + at, size - at, "%s%s", i ? " " : "", names[i].text);
	return buf;
}

int proto_find(const char *text, size_t len)
{
	return find(protos, COUNT(protos), text, len);
}

const char *proto_name(__u32 proto)
{
	for (size_t i = 0; i < COUNT(protos); i++)
		if (protos[i].number == proto)
			return protos[i].text;
	return NULL;
}

const char *proto_list(void)
{
	static _Thread_local char buf[128];

	return list(protos, COUNT(protos), buf, sizeof(buf));
}

size_t proto_names(const char *ret[static PROTO_NAMES_MAX])
{
	for (size_t i = 0; i < COUNT(protos); i++)
		ret[i] = protos[i].text;
	return COUNT(protos);
}

int flags_find(const char *text, size_t len)
{
	return find(flags, COUNT(flags), text, len);
}

const char *flags_list(void)
{
	static _Thread_local char buf[64];

	return list(flags, COUNT(flags), buf, sizeof(buf));
}

const char *flags_format(__u32 value, char buf[static FLAGS_TEXT])
{
	size_t at = 0;

	for (size_t i = 0; i < COUNT(flags); i++)
		if (value & flags[i].number)
			at += (size_t)snprintf(buf + at, FLAGS_TEXT - at, "%s%s", at ? "+" : "",
					       flags[i].text);
	if (!at)
		snprintf(buf, FLAGS_TEXT, "none");
	return buf;
}
