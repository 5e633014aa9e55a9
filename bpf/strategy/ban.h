/* SPDX-License-Identifier: GPL-2.0-only */
/* Bans that a limit gives: after so many breaches within a time, longer for who comes again. Pure;
 * runs under the state's lock.
 *
 * Breaches are counted from the first of them on, for ban_within_ns, in which the state is kept.
 * Each ban is twice the one before, at most ban_max_ns; a source without a ban for that long after
 * its last one is forgiven, and starts with ban_ns again.
 */
#ifndef RL_BAN_H
#define RL_BAN_H

#include "bpf/parse/packet.h"

rl_inline __u64 rl_ban_length(const struct rl_limit *limit, __u32 times)
{
	if (times > 62 || limit->ban_ns > limit->ban_max_ns >> times)
		return limit->ban_max_ns;
	return limit->ban_ns << times;
}

/* A window may need the state for longer. */
rl_inline void rl_keep(struct rl_state *st, __u64 until)
{
	if (st->keep_until < until)
		st->keep_until = until;
}

/* To be called for each breach of a limit with bans. Returns 1 if one is due, made or not: it is
 * asked for again after as many breaches. */
rl_inline int rl_note_breach(struct rl_state *st, const struct rl_limit *limit, __u64 now)
{
	if (!st->ban_breaches || now - st->ban_from >= limit->ban_within_ns) {
		st->ban_from = now;
		st->ban_breaches = 0;
	}
	st->ban_breaches++;
	rl_keep(st, st->ban_from + limit->ban_within_ns);
	if (st->ban_breaches < limit->ban_after)
		return 0;
	st->ban_breaches = 0;
	return 1;
}

rl_inline void rl_make_ban(struct rl_state *st, const struct rl_limit *limit, __u64 now)
{
	if (now - st->banned_until >= limit->ban_max_ns)
		st->ban_times = 0;
	st->banned_until = now + rl_ban_length(limit, st->ban_times);
	rl_keep(st, st->banned_until + limit->ban_max_ns);
	st->ban_times++;
	st->ban_open = 1;
}

#endif
