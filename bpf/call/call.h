/* SPDX-License-Identifier: GPL-2.0-only */
/* What the stages of a packet hand on to each other. Pure. */
#ifndef RL_CALL_H
#define RL_CALL_H

#include "bpf/parse/packet.h"

/* A ban is due under the lock, and made or not after it: whom it would hit is to be asked, and
 * under a lock nothing can be. */
enum rl_ban_step { RL_BAN_NONE, RL_BAN_DUE, RL_BAN_MADE, RL_BAN_SPARED };

/* What happened under the lock, for what follows it. */
struct rl_outcome {
	__u8 found; /* the state was the key's */
	__u8 refused;
	__u8 breach;
	__u8 recovered;
	__u8 banned; /* a ban refused it */
	__u8 ban;    /* enum rl_ban_step, of this refusal */
	__u16 window;
	__u64 count;
	__u64 until;
	__u64 blocked; /* until then the front table can refuse */
	__u64 refused_before;
	__u64 ban_until;
	__u64 lost; /* refusals that no source's counter holds */
};

/* What the stages hand on. Plain numbers only, since it crosses into functions that are verified on
 * their own. */
struct rl_call {
	struct rl_packet pkt;
	__u64 now;
	__u32 ifindex;
	__u32 generation;
	__u16 slot;   /* of the interface */
	__u16 count;  /* limits that judge, in `index` */
	__u8 monitor; /* the whole rule set is in monitor mode */
	__u8 exact;   /* `now` is no tick's */
	__u8 from;    /* windows below have counted the packet */
	__u8 edge;    /* `out` has something to tell */
	__u16 index[RL_JUDGE_MAX];
	/* Of the limit that judges at the moment. */
	__u64 fingerprint;
	struct rl_outcome out;
	/* What follows outlives the packet, and so does `fingerprint`. */
	__u64 hot;	    /* whom this CPU counts apart (hot.bpf.h), or 0 */
	__u64 last_of_tick; /* whose packet was the last one that was judged in the tick before */
	__u64 full_until;   /* no time below has room for a new state */
	/* The last tick that a packet saw, and the time then (clock.bpf.h). */
	__u64 jiffies;
	__u64 tick;
};

#endif
