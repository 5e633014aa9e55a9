/* SPDX-License-Identifier: GPL-2.0-only */
/* Forgetting sources: marked dead under the lock, then deleted, so that a CPU that still holds the
 * element sees it. */
#ifndef RL_SWEEP_BPF_H
#define RL_SWEEP_BPF_H

#include "bpf/limit/settle.bpf.h"
#include "bpf/report/event.bpf.h"
#include "bpf/state/key.h"
#include "bpf/state/logs.bpf.h"
#include "bpf/state/presence.bpf.h"

/* What a look at a source decides. */
struct rl_expired {
	int dead;
	__u32 logs;    /* those that go with it */
	__u64 refused; /* it has recovered after so many refusals; 0: no news */
	int unbanned;  /* its ban is over */
};

/* Where the front table would hold a key. */
struct rl_place {
	__u64 fingerprint;
	struct rl_front_bucket *bucket;
};

/* An entry that still refuses stays in, unless its state goes in any case. */
static __always_inline int rl_entry_ends(const struct rl_place *place, __u64 now, int always)
{
	struct rl_front_entry *entry = rl_front_find(place->bucket, place->fingerprint);

	return entry && (always || !rl_front_waits(entry->who, rl_front_time(now)));
}

/* Without its tag a window counts nothing any more, with the lock or without. */
static __always_inline void rl_state_invalidate(struct rl_state *st)
{
	st->fingerprint = RL_DEAD;
	rl_no_unroll
	for (__u32 i = 0; i < RL_WINDOWS_MAX; i++)
		__sync_lock_test_and_set(&st->window[i].a, 0);
}

/* A source may be forgotten when it was idle since before `cutoff` and no window and no ban
 * needs it. One that fell silent sends no packet that could tell of its recovery, so that is
 * told here. */
static __always_inline void rl_expire(struct rl_state *st, const struct rl_place *place,
				      __u64 cutoff, __u64 now, int always, struct rl_expired *fate)
{
	int hot = 0;

	rl_settle_cpus(st, place->fingerprint, now);
	bpf_spin_lock(&st->lock);
	if (st->fingerprint == place->fingerprint) {
		if (rl_entry_ends(place, now, always))
			rl_settle_entry(st, place->bucket, 0, now);
		fate->logs = st->logs;
		fate->dead = always || (st->last_seen < cutoff && st->keep_until <= now &&
					st->banned_until <= now);
		if (!always && now >= st->recover_at && now >= st->banned_until) {
			fate->refused = st->refused;
			st->refused = 0;
		}
		fate->unbanned = st->ban_open && (always || now >= st->banned_until);
		if (fate->unbanned)
			st->ban_open = 0;
		if (fate->dead) {
			rl_state_invalidate(st);
			hot = st->hot;
		}
	}
	bpf_spin_unlock(&st->lock);
	/* A CPU has begun to count it apart since: it must not go on with that in its next life. */
	if (hot)
		rl_hot_gather(place->fingerprint, now);
}

static __always_inline void rl_tell_quiet(const struct rl_key *key, __u32 slot, __u64 refused,
					  __u64 now, enum rl_event_kind kind)
{
	__u32 zero = 0;
	struct rl_control *ctl = bpf_map_lookup_elem(&control, &zero);
	struct rl_limit_budget *budget = bpf_map_lookup_elem(&limit_budgets, &slot);
	struct rl_event *event;
	__u64 suppressed = 0;

	if (!ctl || !budget || !rl_budget_take(budget, now, ctl->events_per_second, &suppressed))
		return;
	event = rl_event_reserve();
	if (!event)
		return;
	__builtin_memset(event, 0, sizeof(*event));
	event->time = now;
	event->kind = kind;
	event->count = refused;
	event->key = *key;
	event->source = key->source;
	event->destination = key->destination;
	event->dport = key->dport;
	event->proto = key->proto;
	event->suppressed = suppressed;
	event->verdict = RL_VERDICT_PASS;
	event->ipv4 = rl_is_mapped(&key->source);
	bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
}

/* Deletes a source that was marked dead. */
static __always_inline void rl_state_delete(__u64 fingerprint, __u32 logs)
{
	if (logs)
		rl_logs_delete(fingerprint, logs);
	if (!bpf_map_delete_elem(&states, &fingerprint))
		rl_absent(fingerprint);
}

/* A full table with no daemon alive to sweep it: one packet in RL_SELF_SWEEP_EVERY_NS walks it on
 * its CPU (some 100 ns an element), or it would stay full for ever. */
#define RL_SELF_SWEEP_AFTER_NS (30 * RL_SECOND_NS)
#define RL_SELF_SWEEP_EVERY_NS (10 * RL_SECOND_NS)

struct rl_self_sweep {
	__u64 now;
	__u64 cutoff;
};

/* Counts in a map: a counter in a register would make each call another state to the verifier.
 * Looks the state up again: Linux 6.1 refuses the lock of the element that the walk hands over. */
static long rl_self_sweep_one(void *map, const __u64 *fingerprint, void *value,
			      struct rl_self_sweep *a)
{
	struct rl_place place = {.fingerprint = *fingerprint};
	struct rl_losses *l = rl_losses();
	struct rl_state *st = bpf_map_lookup_elem(&states, &place.fingerprint);
	struct rl_expired fate = {};

	place.bucket = rl_front_bucket(place.fingerprint);
	if (!st || !place.bucket)
		return 0;
	rl_expire(st, &place, a->cutoff, a->now, 0, &fate);
	if (fate.dead) {
		rl_state_delete(place.fingerprint, fate.logs);
		if (l)
			l->swept++;
	}
	return 0;
}

static __always_inline int rl_self_sweep_claim(struct rl_control *ctl, __u64 now)
{
	__u64 last = ctl->sweep_claim;

	if (now < ctl->heartbeat + RL_SELF_SWEEP_AFTER_NS ||
	    (last && now < last + RL_SELF_SWEEP_EVERY_NS))
		return 0;
	return __sync_val_compare_and_swap(&ctl->sweep_claim, last, now) == last;
}

/* Returns 0 if it is not for this packet to do. */
__attribute__((noinline)) int rl_self_sweep(__u64 now)
{
	__u32 zero = 0;
	struct rl_control *ctl = bpf_map_lookup_elem(&control, &zero);
	struct rl_self_sweep a = {.now = now};
	struct rl_losses *l = rl_losses();

	if (rl_moves && rl_move_phase() != RL_MOVE_NEW)
		return 0;
	if (!ctl || !l || !ctl->idle_ns || now < ctl->idle_ns || !rl_self_sweep_claim(ctl, now))
		return 0;
	a.cutoff = now - ctl->idle_ns;
	l->sweeps++;
	bpf_for_each_map_elem(&states, rl_self_sweep_one, &a, 0);
	return 1;
}

#endif
