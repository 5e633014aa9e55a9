// SPDX-License-Identifier: GPL-2.0-only
/* The two rule sets, as statements, and the packets. */
#include <stdio.h>
#include <string.h>

#include "two_sets.h"

#define LIMITS 900 /* l0, l1, ... of one port each */
#define PORT 2000  /* of l0 */

#define OUT(r, v)                                                                                  \
	{                                                                                          \
		RL_REASON_##r, RL_VERDICT_##v                                                      \
	}
#define ONLY(r, v)                                                                                 \
	{                                                                                          \
		OUT(r, v), OUT(r, v)                                                               \
	}

static const struct packet_kind kinds[] = {
	{"denied, then allowed", "192.0.2.10", 17, 1, ONLY(DENY_LIST, DROP),
	 ONLY(ALLOW_LIST, PASS)},
	{"limited, then denied", "192.0.2.20", 17, 1999, ONLY(OVER_LIMIT, DROP),
	 ONLY(DENY_LIST, WOULD_DROP)},
	{"in no limit, then in default", "192.0.2.30", 1, 0, ONLY(NO_LIMIT, PASS),
	 ONLY(OVER_LIMIT, WOULD_DROP)},
	{"in a prefix of the first", "203.0.113.5", 6, 99, ONLY(OVER_LIMIT, DROP),
	 ONLY(OVER_LIMIT, WOULD_DROP)},
	{"in a prefix of the second", "198.51.100.5", 6, 99, ONLY(NO_LIMIT, PASS),
	 ONLY(OVER_LIMIT, WOULD_DROP)},
	{"judged by eight", "192.0.2.40", 17, 5000, ONLY(UNDER_LIMIT, PASS),
	 ONLY(OVER_LIMIT, WOULD_DROP)},
	{"slow", "192.0.2.70", 17, 5000, ONLY(STATE_FULL, PASS), ONLY(STATE_FULL, WOULD_DROP)},
	{"in the same limit of both",
	 "192.0.2.50",
	 6,
	 22,
	 {OUT(UNDER_LIMIT, PASS), OUT(OVER_LIMIT, DROP)},
	 {OUT(UNDER_LIMIT, PASS), OUT(OVER_LIMIT, WOULD_DROP)}},
};
_Static_assert(sizeof(kinds) / sizeof(kinds[0]) == FRAME_NUMBERED, "kinds");

static const struct packet_kind numbered = {"in one of 900",	    "192.0.2.60",	    17, 0,
					    ONLY(OVER_LIMIT, DROP), ONLY(UNDER_LIMIT, PASS)};

const struct packet_kind *two_sets_kind(size_t frame)
{
	return frame < FRAME_NUMBERED ? &kinds[frame] : &numbered;
}

static unsigned number_of(size_t frame)
{
	return (frame - FRAME_NUMBERED) * (LIMITS / (FRAMES - FRAME_NUMBERED));
}

void two_sets_limit(size_t i, char name[static RL_NAME_LEN])
{
	snprintf(name, RL_NAME_LEN, "l%u", number_of(i));
}

void two_sets_frames(struct frame frame[static FRAMES])
{
	for (size_t i = 0; i < FRAMES; i++) {
		const struct packet_kind *k = two_sets_kind(i);
		__u16 dport = i < FRAME_NUMBERED ? k->dport : PORT + number_of(i);

		if (k->proto == 17)
			packet_udp(&frame[i], k->src, "192.0.2.1", 1, dport);
		else if (k->proto == 6)
			packet_tcp(&frame[i], k->src, "192.0.2.1", 1, dport, TCP_SYN);
		else
			packet_icmp(&frame[i], k->src, "192.0.2.1", 8, 0);
	}
}

/* l0 to l899 in one order or in the other. */
static void set_numbered(struct harness *h, bool backwards, const char *rate)
{
	char line[96];

	for (int i = 0; i < LIMITS; i++) {
		int n = backwards ? LIMITS - 1 - i : i;

		snprintf(line, sizeof(line), "set-limit l%d %s match udp dport %d on-full drop", n,
			 rate, PORT + n);
		harness_apply(h, line);
	}
}

static void set_heavy(struct harness *h, int first_amount, const char *on_full)
{
	char line[160];

	for (int i = 0; i < 8; i++) {
		snprintf(line, sizeof(line),
			 "set-limit h%d %d/minute,1000M/hour,1000M/day match udp dport 5000 "
			 "on-full %s",
			 i, i ? 100000000 : first_amount, on_full);
		harness_apply(h, line);
	}
}

static void set_same(struct harness *h)
{
	char line[128];

	snprintf(
		line, sizeof(line),
		"set-limit same %u/hour match tcp dport 22\nset-limit fill 1/day match udp dport 2",
		SAME_AMOUNT);
	harness_apply(h, line);
}

void two_sets_first(struct harness *h, struct harness_rules *ret)
{
	harness_apply(h, "mode enforce\ndeny add 192.0.2.10\ndeny add 192.0.2.128/25\n"
			 "set-limit one 0/minute match udp dport 1999\n"
			 "set-limit src 0/minute match tcp src 203.0.113.0/24");
	set_numbered(h, false, "0/minute");
	set_heavy(h, 100000000, "pass");
	set_same(h);
	harness_rules_make(h, ret);
}

void two_sets_second(struct harness *h, struct harness_rules *ret)
{
	conf_free(h->conf);
	h->conf = conf_new();
	set_same(h);
	set_heavy(h, 0, "drop");
	set_numbered(h, true, "4000M/minute");
	harness_apply(h, "mode monitor\nallow add 192.0.2.10\ndeny add 192.0.2.20\n"
			 "set-limit src 0/minute match tcp src 198.51.100.0/24\nset-limit 0/hour");
	harness_rules_make(h, ret);
}
