// SPDX-License-Identifier: GPL-2.0-only
/* Sources without room, and the room that they have not. */
#include "strangers.h"

#include <stdio.h>

#include "bpf/state/key.h"

#define DUMMIES 1024

void strangers_take_room(struct harness *h)
{
	static const struct rl_state nobody;
	int fd = bpf_map__fd(h->dp->skel->maps.states);

	for (__u64 key = 1; key <= DUMMIES; key++)
		bpf_map_update_elem(fd, &key, &nobody, BPF_ANY);
}

void strangers_make_room(struct harness *h)
{
	int fd = bpf_map__fd(h->dp->skel->maps.states);

	for (__u64 key = 1; key <= DUMMIES; key++)
		bpf_map_delete_elem(fd, &key);
	h->now++; /* a CPU remembers for a moment that there was none */
}

const struct rl_limit *strangers_limit(struct harness *h)
{
	return &dp_rules(h->dp)->limit[harness_index(h, "a")];
}

static __u64 fingerprint_of(struct harness *h, const char *src)
{
	struct rl_key key = source_key(h, "a", src);

	return rl_fingerprint(&key, h->dp->control->secret);
}

static __u32 place_of(struct harness *h, const char *src)
{
	return rl_spread_place(strangers_limit(h), fingerprint_of(h, src));
}

void strangers_next(struct harness *h, const char *like, bool same, char ret[static STRANGER_TEXT])
{
	static unsigned n;

	do {
		n++;
		snprintf(ret, STRANGER_TEXT, "10.%u.%u.%u", n >> 16 & 255, n >> 8 & 255, n & 255);
	} while ((place_of(h, ret) == place_of(h, like)) != same);
}

unsigned strangers_passed(struct harness *h, const char *src, unsigned count)
{
	struct frame f;

	return harness_passed(h, packet_udp(&f, src, "192.0.2.2", 1, 2), count);
}

bool strangers_tracked(struct harness *h, const char *src, struct rl_state *st)
{
	struct rl_state unused;

	return !dp_state_read(h->dp, fingerprint_of(h, src), st ? st : &unused);
}
