/* SPDX-License-Identifier: GPL-2.0-only */
/* What a record of a capture is to the program: an Ethernet frame at a time that never runs
 * backwards. Pure. */
#ifndef RLD_REPLAY_FRAME_H
#define RLD_REPLAY_FRAME_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

#define REPLAY_FRAME_MAX 131072 /* bytes; more than any kernel takes for a test run */
#define REPLAY_ETHERNET_LEN 14

/* How a capture's records begin. */
enum replay_link {
	REPLAY_LINK_ETHERNET,
	REPLAY_LINK_COOKED,   /* tcpdump -i any, before libpcap 1.10 */
	REPLAY_LINK_COOKED_2, /* ... since then */
	REPLAY_LINK_RAW,      /* begins with the IP header */
	REPLAY_LINK_NULL,     /* 4 bytes of an address family, then the IP header */
};

enum replay_fate {
	REPLAY_RUN,
	REPLAY_OUTGOING,  /* XDP never sees these */
	REPLAY_TOO_SHORT, /* for the headers of its link, or for a test run */
	REPLAY_TOO_LONG,  /* for a test run */
	REPLAY_FATE_COUNT,
};

/* As captured: `caplen` bytes of the `len` that there were. */
struct replay_record {
	const unsigned char *data;
	size_t caplen;
	size_t len;
	__s64 s; /* since the epoch */
	__u64 ns;
};

struct replay_frame {
	unsigned char data[REPLAY_FRAME_MAX];
	size_t len;
	bool cut; /* the capture had less of it; zeros stand for the rest */
};

/* Whether frames begin with the IP header, as on the device that a raw capture is of. All others
 * begin with an Ethernet header, which is without addresses if the capture has none. */
bool replay_frame_is_bare(enum replay_link link);
/* Fills `ret` if it is to be run. */
enum replay_fate replay_frame_make(enum replay_link link, const struct replay_record *record,
				   struct replay_frame *ret);

/* The clock of the program: that of the capture, so far from 0 that no span of the past is before
 * it, and so far from 2^64 that none of the future is behind it. */
struct replay_clock {
	__u64 now_ns;	 /* never decreases; 0: not set yet */
	__u64 backwards; /* records that were stamped before their predecessor */
};
__u64 replay_clock_set(struct replay_clock *clock, const struct replay_record *record);
/* The clock's time of a second since the epoch; 0 stays 0 (no end). */
__u64 replay_clock_of_wall(__s64 wall_s);
__s64 replay_clock_to_wall_ns(__u64 clock_ns);

#endif
