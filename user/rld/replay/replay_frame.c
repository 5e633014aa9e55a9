// SPDX-License-Identifier: GPL-2.0-only
/* Records of a capture to frames, by the layout of their link type, and to times. */
#include "rld/replay/replay_frame.h"

#include <net/ethernet.h>
#include <string.h>

#include "base/time.h"

/* 36 years in nanoseconds: the sum with any time of a capture and any span stays below 2^64. */
#define CLOCK_START (1ULL << 60)
#define SECONDS_MAX 0xffffffffLL /* what a pcap file can say */

#define BY_VERSION (-1)
#define COOKED_OUTGOING 4 /* PACKET_OUTGOING of linux/if_packet.h, on its way out */

/* Formats: LINKTYPE_* of www.tcpdump.org/linktypes.html. */
static const struct layout {
	size_t header;
	int proto;     /* offset of the EtherType, or BY_VERSION of the IP header */
	int direction; /* offset of the byte that tells it; -1: none does */
} layouts[] = {
	[REPLAY_LINK_ETHERNET] = {0, 0, -1},	  [REPLAY_LINK_COOKED] = {16, 14, 1},
	[REPLAY_LINK_COOKED_2] = {20, 0, 10},	  [REPLAY_LINK_RAW] = {0, BY_VERSION, -1},
	[REPLAY_LINK_NULL] = {4, BY_VERSION, -1},
};

static unsigned ethertype(const struct layout *layout, const unsigned char *data)
{
	if (layout->proto != BY_VERSION)
		return (unsigned)data[layout->proto] << 8 | data[layout->proto + 1];
	switch (data[layout->header] >> 4) {
	case 4:
		return ETHERTYPE_IP;
	case 6:
		return ETHERTYPE_IPV6;
	}
	return 0;
}

/* The header that takes the place of the link's own. */
static void put_header(const struct layout *layout, const unsigned char *data,
		       unsigned char to[static REPLAY_ETHERNET_LEN])
{
	unsigned type = ethertype(layout, data);

	memset(to, 0, REPLAY_ETHERNET_LEN);
	to[12] = (unsigned char)(type >> 8);
	to[13] = (unsigned char)type;
}

bool replay_frame_is_bare(enum replay_link link)
{
	return link == REPLAY_LINK_RAW;
}

enum replay_fate replay_frame_make(enum replay_link link, const struct replay_record *record,
				   struct replay_frame *ret)
{
	const struct layout *layout = &layouts[link];
	bool as_is = link == REPLAY_LINK_ETHERNET || replay_frame_is_bare(link);
	size_t added = as_is ? 0 : REPLAY_ETHERNET_LEN;
	size_t wire = record->len > record->caplen ? record->len : record->caplen;
	size_t least = layout->header + (layout->proto == BY_VERSION);
	size_t have;

	/* The kernel runs nothing that is shorter than an Ethernet header, of whatever link. */
	if (as_is ? wire < REPLAY_ETHERNET_LEN : record->caplen < least)
		return REPLAY_TOO_SHORT;
	if (layout->direction >= 0 && record->data[layout->direction] == COOKED_OUTGOING)
		return REPLAY_OUTGOING;
	ret->len = wire - layout->header + added;
	if (ret->len > sizeof(ret->data))
		return REPLAY_TOO_LONG;
	have = record->caplen - layout->header;
	if (added)
		put_header(layout, record->data, ret->data);
	memcpy(ret->data + added, record->data + layout->header, have);
	memset(ret->data + added + have, 0, ret->len - added - have);
	ret->cut = wire > record->caplen;
	return REPLAY_RUN;
}

static __u64 clock_of(__s64 s, __u64 ns)
{
	if (s < 0)
		return CLOCK_START;
	return CLOCK_START + (__u64)(s < SECONDS_MAX ? s : SECONDS_MAX) * TIME_NS + ns;
}

__u64 replay_clock_set(struct replay_clock *clock, const struct replay_record *record)
{
	__u64 now_ns = clock_of(record->s, record->ns % TIME_NS);

	if (now_ns < clock->now_ns)
		clock->backwards++;
	else
		clock->now_ns = now_ns;
	return clock->now_ns;
}

__u64 replay_clock_of_wall(__s64 wall_s)
{
	return wall_s ? clock_of(wall_s, 0) : 0;
}

__s64 replay_clock_to_wall_ns(__u64 clock_ns)
{
	return (__s64)(clock_ns - CLOCK_START);
}
