// SPDX-License-Identifier: GPL-2.0-only
/* The elements of the maps at work that one packet will look up, into those of the dry instance. */
#include <errno.h>
#include <string.h>

#include "bpf/quick/front.h"
#include "bpf/state/key.h"
#include "dp/dry.h"

/* Elements that the packet will add. */
struct wanted {
	__u32 states;
	__u32 logs[RL_LOG_CLASSES];
};

/* False where there is none. */
static bool copy(const struct bpf_map *from, const struct bpf_map *to, const void *key, void *value)
{
	return !bpf_map_lookup_elem(bpf_map__fd(from), key, value) &&
	       !bpf_map_update_elem(bpf_map__fd(to), key, value, 0);
}

/* Counts those that are not there. */
static void copy_logs(struct dry_packet *p, const struct dry_judge *j, struct wanted *missing)
{
	struct rl_log1024 log;

	for (unsigned w = 0; w < j->limit->windows && j->limit->logs; w++) {
		unsigned class = RL_LOG_CLASS(j->limit->window[w].amount);
		__u64 owner = rl_log_owner(j->fingerprint, w);

		missing->logs[class] += !copy(dp_log_map(p->live, class),
					      dp_log_map(p->dry->skel, class), &owner, &log);
	}
}

static bool copy_own(struct dry_packet *p, struct dry_judge *j)
{
	return !dp_state_read(p->dp, j->fingerprint, &j->own) &&
	       !bpf_map_update_elem(bpf_map__fd(p->dry->skel->maps.states), &j->fingerprint,
				    &j->own, 0);
}

/* A log and its state are to be of one moment: while packets come they are read until they are. */
static bool copy_state(struct dry_packet *p, struct dry_judge *j, struct wanted *wanted)
{
	struct wanted missing = {};
	bool tracked = false;

	for (int i = 0; i < RL_RETRIES; i++) {
		struct rl_state before = j->own;

		tracked = copy_own(p, j);
		if (tracked && j->own.fingerprint == RL_DEAD) /* just being made or forgotten */
			continue;
		if (i && !memcmp(before.window, j->own.window, sizeof(before.window)))
			break;
		missing = (struct wanted){.states = !tracked};
		copy_logs(p, j, &missing);
		if (!tracked || !j->limit->logs)
			break;
	}
	wanted->states += missing.states;
	for (unsigned c = 0; c < RL_LOG_CLASSES; c++)
		wanted->logs[c] += missing.logs[c];
	return tracked;
}

/* To where the copy looks for it: one for each limit. */
static int copy_overflow(struct dry_packet *p, struct dry_judge *j)
{
	bool spread = j->limit->on_full == RL_ON_FULL_SPREAD;
	const struct rl *live = p->live, *dry = p->dry->skel;
	const struct bpf_map *from = spread ? live->maps.spread : live->maps.shared;
	const struct bpf_map *to = spread ? dry->maps.spread : dry->maps.shared;
	__u32 slot = j->limit->slot;
	__u32 place = spread ? rl_spread_place(j->limit, j->fingerprint) : slot;

	if (bpf_map_lookup_elem_flags(bpf_map__fd(from), &place, &j->overflow, BPF_F_LOCK) ||
	    bpf_map_update_elem(bpf_map__fd(to), &slot, &j->overflow, 0))
		return -errno;
	return 0;
}

static void copy_front(struct dry_packet *p, __u64 fingerprint)
{
	struct rl_front_entry *to = p->dry->front[fingerprint % DRY_BUCKETS].entry, *end;
	__u32 place = fingerprint & p->live->rodata_settings->rl_front_mask;
	struct rl_front_bucket bucket;

	if (bpf_map_lookup_elem(bpf_map__fd(p->live->maps.front), &place, &bucket))
		return;
	for (end = to + RL_FRONT_WAYS; to < end && to->who;)
		to++;
	for (int i = 0; to < end && i < RL_FRONT_WAYS; i++) {
		if (!rl_front_is(bucket.entry[i].who, fingerprint))
			continue;
		*to = bucket.entry[i];
		return;
	}
}

static void copy_bans(struct dry_packet *p)
{
	const struct rl_rules *rules = dp_rules(p->dp);
	const struct rl_packet *pkt = &p->call.pkt;

	for (__u32 i = 0; i < rules->ban_prefixes && i < RL_BAN_PREFIXES; i++) {
		const struct rl_ban_prefix *prefix = &rules->ban_prefix[i];
		struct rl_ban_key key = {.prefix4 = prefix->prefix4, .prefix6 = prefix->prefix6};
		struct rl_ban ban;

		rl_masked(&key.source, &pkt->subject.source,
			  pkt->subject.ipv4 ? &prefix->mask4 : &prefix->mask6);
		if (!copy(p->live->maps.bans, p->dry->skel->maps.bans, &key, &ban))
			continue;
		p->dry->control->bans++;
		if (ban.until > p->ret->ban.until)
			p->ret->ban = ban;
	}
}

/* How many of `wanted` elements the map at work has room for. Nothing else says it exactly: they
 * are put in, under keys that no fingerprint and no log's owner can be, and taken out. */
static __u32 room_in(const struct bpf_map *map, __u32 wanted, const void *value)
{
	int fd = bpf_map__fd(map);
	__u64 key = 1;
	__u32 room;

	while (key <= wanted &&
	       (!bpf_map_update_elem(fd, &key, value, BPF_NOEXIST) || errno == EEXIST))
		key++;
	room = key - 1;
	while (--key)
		bpf_map_delete_elem(fd, &key);
	return room;
}

/* Leaves as much room in the copy as there is. */
static void fit(const struct bpf_map *from, const struct bpf_map *to, __u32 wanted)
{
	static const struct rl_log1024 nothing; /* as long as any element */
	__u32 room = wanted ? room_in(from, wanted, &nothing) : 0;
	int fd = bpf_map__fd(to);

	if (room == wanted)
		return;
	for (__u64 key = 1; !bpf_map_update_elem(fd, &key, &nothing, BPF_NOEXIST);)
		key++;
	for (__u64 key = 1; key <= room; key++)
		bpf_map_delete_elem(fd, &key);
}

static int copy_limit(struct dry_packet *p, __u32 nth, struct wanted *wanted)
{
	struct dry_judge *j = &p->judge[nth];

	p->ret->limit[nth].tracked = copy_state(p, j, wanted);
	copy_front(p, j->fingerprint);
	return copy_overflow(p, j);
}

int dry_copy(struct dry_packet *p)
{
	struct rl *dry = p->dry->skel;
	struct wanted wanted = {};
	int r = 0;

	memset(p->dry->front, 0, DRY_BUCKETS * sizeof(*p->dry->front));
	copy_bans(p);
	for (__u32 i = 0; !r && i < p->call.count; i++)
		r = copy_limit(p, i, &wanted);
	fit(p->live->maps.states, dry->maps.states, wanted.states);
	for (unsigned c = 0; c < RL_LOG_CLASSES; c++)
		fit(dp_log_map(p->live, c), dp_log_map(dry, c), wanted.logs[c]);
	return r;
}
