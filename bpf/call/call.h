/* SPDX-License-Identifier: GPL-2.0-only */
/* What the stages of a packet hand on to each other. Pure. */
#ifndef RL_CALL_H
#define RL_CALL_H

#include "bpf/parse/packet.h"

/* No answers: how the limiter is to go on. */
enum rl_ask {
	RL_ASK_STATE = RL_ANSWERS, /* not for a way without a lock */
	RL_ASK_LOGS,		   /* not for rl_limit_locked() */
	RL_ABSENT,		   /* no state of the source */
	RL_MOVED,		   /* it was moved meanwhile: asked again where it is now */
};

/* A ban is due under the lock, and made or not after it: whom it would hit is to be asked, and
 * under a lock nothing can be. */
enum rl_ban_step { RL_BAN_NONE, RL_BAN_DUE, RL_BAN_MADE, RL_BAN_SPARED };

/* What a limit says of one hit, for all that follows: verdict, events, explain. Where the answer
 * came without the lock (rl_limit_fast()) there is nothing but the answer; rl_results switches that
 * off. */
struct rl_result {
	__u8 answer; /* enum rl_answer; noted where rl_results is set */
	__u8 verdict;
	__u8 untracked; /* the source had no state: the limit's policy for a full table decided */
	__u8 found;	/* the state was the key's */
	__u8 refused;
	__u8 breach;
	__u8 recovered;
	__u8 banned;   /* a ban refused it, until `until` */
	__u8 ban;      /* enum rl_ban_step, of this refusal */
	__u8 window;   /* index of the one that refused it */
	__u64 count;   /* hits in that window, this one included if it counts */
	__u64 until;   /* when that window frees */
	__u64 blocked; /* until then the front table can refuse */
	__u64 refused_before;
	__u64 ban_until;
	__u64 lost; /* refusals that no source's counter holds */
};

/* What the stages hand on. Plain numbers only, since it crosses into functions that are verified on
 * their own. */
struct rl_call {
	union {
		struct rl_packet pkt;
		struct rl_subject subject; /* its first member: all that limits read */
	};
	__u64 now;
	__u32 ifindex;
	__u32 generation;
	__u16 slot;   /* of the interface */
	__u16 count;  /* limits that judge, in `index` */
	__u8 monitor; /* the whole rule set is in monitor mode */
	__u8 exact;   /* `now` is no tick's */
	__u8 from;    /* windows below have counted the packet */
	__u8 edge;    /* `result` has something to tell */
	__u8 hit;     /* no packet (hit.bpf.h): subject.bytes is what it costs */
	__u16 index[RL_JUDGE_MAX];
	/* Of the limit that judges at the moment. */
	__u64 fingerprint;
	struct rl_result result;
	/* What follows outlives the packet, and so does `fingerprint`. */
	__u64 hot;	    /* whom this CPU counts apart (hot.bpf.h), or 0 */
	__u64 last_of_tick; /* whose packet was the last one that was judged in the tick before */
	__u64 full_until;   /* no time below has room for a new state */
	/* Of a hit: the window that decided, after it. */
	struct rl_window_state decided;
	/* The last tick that a packet saw, and the time then (clock.bpf.h). */
	__u64 jiffies;
	__u64 tick;
	/* Of each limit, in the order of `index`, where rl_results is set; last, since no packet needs
	 * it. */
	struct rl_result results[RL_JUDGE_MAX];
};

#endif
