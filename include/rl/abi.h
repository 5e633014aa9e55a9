/* SPDX-License-Identifier: GPL-2.0-only */
/* The contract between the program in the kernel and the daemon: every struct that crosses, and the
 * numbers and bits in it.
 *
 * Times are nanoseconds of CLOCK_MONOTONIC. Addresses are 16 bytes in network order, IPv4 as
 * ::ffff:a.b.c.d. Ports and other packet fields are in host order. Nothing here depends on the
 * configuration's size, so a pinned map made under one configuration serves the next.
 */
#ifndef RL_ABI_H
#define RL_ABI_H

#include <linux/bpf.h>
#include "rl/names.h"

#define RL_ABI_VERSION 3

#define RL_SLOTS_MAX 2048  /* places for counters: a reload may replace every limit at once */
#define RL_GENERATIONS 8   /* rule sets kept at once; see struct rl_control */
#define RL_ROW_WORDS 65536 /* 64-bit words for all match rows of one rule set */

/* What one limit counts per. Unused parts are zero. Written by the program, read by all. */
struct rl_key {
	union rl_addr source; /* masked by the limit's prefix */
	union rl_addr destination;
	__u32 limit_id;
	__u16 dport;
	__u16 sport;
	__u8 proto;
	__u8 pad[7];
};

/* Moving windows keep a log: the times of the last hits that were admitted, in a ring of a power of
 * two at least the amount, in a map for each size. Its key is its owner: the fingerprint of the
 * source, the window's index and 1 added. Only the `a` newest places hold anything (struct
 * rl_window_state), so that a ring need not be cleared. `owner` says whose it is as the fingerprint
 * of a state does. */
#define RL_LOG_CLASSES 4
#define RL_LOG_SIZE(class) (16u << (2 * (class))) /* 16, 64, 256, 1024 */
#define RL_LOG_CLASS(amount) (((amount) > 16) + ((amount) > 64) + ((amount) > 256))
struct rl_log16 {
	__u64 owner;
	__u64 time[16];
};
struct rl_log64 {
	__u64 owner;
	__u64 time[64];
};
struct rl_log256 {
	__u64 owner;
	__u64 time[256];
};
struct rl_log1024 {
	__u64 owner;
	__u64 time[1024];
};

/* State of one window; the words' meaning belongs to the strategy (bpf/strategy.h). */
struct rl_window_state {
	__u64 a;
	__u64 b;
	__u64 c;
};
/* `a` of a fixed window: who counts, by bits of the fingerprint, and the hits counted, in one word,
 * so that a packet that is admitted can be counted without the lock, by compare and swap: the word
 * of an element that was recycled meanwhile has another tag. Hits beyond RL_AMOUNT_MAX are not
 * counted any more, so no count gets into the tag. */
#define RL_COUNT_BITS 48
#define RL_COUNT ((1ull << RL_COUNT_BITS) - 1)
#define RL_AMOUNT_MAX (RL_COUNT / 2)

/* One source of one limit: counters and all stacked windows, in the map under the fingerprint of
 * its key. Written by the program under `lock`. `fingerprint` says whose it is: a deleted element
 * is recycled while another CPU still holds it, so it is compared under the lock, and made RL_DEAD
 * under the lock before the element is deleted. */
struct rl_state {
	struct bpf_spin_lock lock;
	__u32 breached; /* bit i: window i has refused since it opened; RL_INHERITED << i: see below */
	__u64 fingerprint;
	__u64 last_seen;
	__u64 banned_until;
	__u64 refused; /* packets since the last recovery */
	__u64 pass_packets;
	__u64 pass_bytes;
	struct rl_window_state window[RL_WINDOWS_MAX];
	__u64 keep_until; /* until then a window or a ban needs it, however idle it is */
	__u64 drop_packets;
	__u64 drop_bytes;
	__u64 would_packets; /* refused, but let go by monitor mode; not among pass_packets */
	__u64 blocked_until; /* a used-up window refuses everything until then; 0 when none does */
	__u64 recover_at;    /* with no refusal until then the source has recovered */
	__u64 first_seen;
	__u64 ban_from; /* start of the period in which breaches are counted for a ban */
	__u64 room[2];	/* see below */
	__u32 ban_breaches;
	__u32 ban_times; /* bans so far: each doubles the next */
	__u32 logs;	 /* moving windows: 4 bits each, 1 + the class of its log, 0: none */
	__u16 ban_open;	 /* its end is still to be told */
	__u16 hot;	 /* not 0: CPUs may count its refusals apart (struct rl_hot); see below */
	struct rl_key key;
};
#define RL_DEAD ((__u64)0)
/* Beside the bit of a sliding window that has refused: what it counts is in part not the source's
 * own, and weighs in the period after this one, too. */
#define RL_INHERITED 16u
/* `hot` is another number each time that a CPU begins to. `room` is for this: an element of the map
 * is 56 bytes of the kernel's and the state, five and a half cache lines of 64 bytes, so that what
 * each admitted packet writes (pass_packets, pass_bytes, window[0].a) is in one line, wherever the
 * element lies. */
_Static_assert((56 + sizeof(struct rl_state)) % 32 == 0, "rl_state");

/* An overflow bucket: sources without room for a state are counted in one, as if they were one
 * source. Written by the program under `lock`. Two cache lines. */
struct rl_overflow {
	struct bpf_spin_lock lock;
	__u32 limit_id; /* whose it is: who finds another's begins it anew */
	__u64 last_seen;
	__u64 blocked_until; /* a used-up window refuses everything until then ... */
	__u64 mark;	     /* ... under these limits (rl_rules.front_mark) */
	struct rl_window_state window[RL_WINDOWS_MAX];
};

/* The same bytes without the lock's type: what a new element is copied from. */
struct rl_state_template {
	__u32 lock;
	__u32 breached;
	__u64 fingerprint;
	__u64 zero[(sizeof(struct rl_state) - sizeof(struct rl_key)) / 8 - 3];
	__u32 logs;
	__u16 ban_open;
	__u16 hot;
	struct rl_key key;
};

/* The front table: sources that a used-up window or a ban refuses for a while, so that their
 * packets are refused at the price of one cache line, and counted there. Not a truth of its own:
 * what it does not know is asked of the states. Layout of the words and who may write them:
 * bpf/front.h. */
#define RL_FRONT_WAYS 4
struct rl_front_bucket {
	struct rl_front_entry {
		__u64 who;
		__u64 count;
	} entry[RL_FRONT_WAYS];
};

/* What a CPU has counted of the source that it refuses most, and that source's state has not heard
 * of yet. Per CPU, one element. Layout of the count and who may write: bpf/hot.bpf.h. */
struct rl_hot {
	__u64 fingerprint;
	__u64 count;
};

struct rl_window {
	__u64 amount; /* packets, bytes or connections */
	__u64 period_ns;
	__u64 step_ns;	/* token-bucket: period_ns / amount ... */
	__u64 step_rem; /* ... and period_ns % amount */
};

#define RL_LIMIT_MONITOR 1
#define RL_LIMIT_BAN_EVERYWHERE 2
#define RL_LIMIT_FINE_CLOCK 4 /* its windows are too short for the clock that ticks */
#define RL_LIMIT_DISABLED 8   /* judges no hit, as `live` says of packets */

/* One limit as the program reads it. Written by the daemon, immutable once its rule set is
 * published. */
struct rl_limit {
	__u32 id;   /* never 0, never reused */
	__u16 slot; /* index of its counters and of its overflow bucket, if that is `shared`; reused
		       only after the counters were reset */
	__u8 strategy;
	__u8 unit;
	__u8 key;     /* enum rl_key_part bits */
	__u8 prefix4; /* 0..32 */
	__u8 prefix6; /* 0..128 */
	__u8 windows; /* 1..4, shortest period first */
	__u8 on_full;
	__u8 flags;
	__u8 pad[2];
	union rl_addr mask4; /* for a v4-mapped address */
	struct rl_limit_nh {
		__u64 rest4;
		__u64 rest6;
		__u32 factor4;
		__u32 plus4;
	} nh[2]; /* of the fingerprints of its sources, what is the same for all; see rl_seal() */
	union rl_addr mask6;
	struct rl_window window[RL_WINDOWS_MAX];
	__u64 burst_ns;	 /* token-bucket: burst * period_ns / amount ... */
	__u64 burst_rem; /* ... and (burst * period_ns) % amount */
	__u64 burst;	 /* for people; 0 when it is the amount */
	__u64 ban_ns;	 /* 0: no ban */
	__u64 ban_max_ns;
	__u64 ban_within_ns; /* breaches older than this are forgotten; 0: none is needed beyond the
				first */
	__u64 keep_ns;	     /* how long after a hit its state can still matter */
	__u32 ban_after;     /* breaches that make a ban; at least 1 when ban_ns is set */
	__u32 logs;	     /* of moving windows, as in rl_state */
	__u32 spread_first;  /* its overflow buckets, if they are `spread` ... */
	__u32 spread_mask;   /* ... so many and one, a power of two */
	char name[RL_NAME_LEN]; /* NUL-terminated */
};

/* Sources that a limit has banned from everything. The program makes and prolongs bans, the daemon
 * deletes those that ended and counts them off rl_control.bans. */
#define RL_BANS_MAX 65536
struct rl_ban_key {
	union rl_addr source; /* masked by the limit's prefix ... */
	__u8 prefix4;	      /* ... which is this */
	__u8 prefix6;
	__u8 pad[6];
};
struct rl_ban {
	__u64 until;
	__u32 limit_id;
	__u32 pad;
};
/* Whom no limit bans: peers with an established connection to a protected port. Two lists, of which
 * the daemon writes the one that is not active; it is long out of use then. Asked only when a ban
 * is due. */
#define RL_PEERS_MAX 256
struct rl_peers {
	__u32 active; /* index into `list` */
	__u32 pad;
	struct rl_peer_list {
		__u32 count;
		__u32 pad;
		union rl_addr addr[RL_PEERS_MAX];
	} list[2];
};
/* The prefixes that limits of one rule set ban by: each is one look-up a packet while there are
 * bans. */
#define RL_BAN_PREFIXES 4
struct rl_ban_prefix {
	union rl_addr mask4;
	union rl_addr mask6;
	__u8 prefix4;
	__u8 prefix6;
	__u8 pad[6];
};

/* What conditions look at. Each dimension in use gives a packet one row of bits, one bit a limit;
 * the limits that match are the AND of the rows. */
#define RL_DIMS(X)                                                                                 \
	X(PROTO)                                                                                   \
	X(DPORT)                                                                                   \
	X(SPORT)                                                                                   \
	X(SOURCE)                                                                                  \
	X(DESTINATION)                                                                             \
	X(ICMP_TYPE)                                                                               \
	X(TRAITS)                                                                                  \
	X(LENGTH)                                                                                  \
	X(FLAGS)                                                                                   \
	X(IP_LENGTH)                                                                               \
	X(VLAN)                                                                                    \
	X(IFACE)

#define X(id) RL_DIM_##id,
enum rl_dim { RL_DIMS(X) RL_DIM_COUNT };
#undef X

/* Traits of a packet, or-ed into the index of the TRAITS dimension. */
enum rl_trait {
	RL_TRAIT_SYN = 1,      /* TCP with SYN and without ACK */
	RL_TRAIT_FRAGMENT = 2, /* first or later */
	RL_TRAIT_PORTS = 4,    /* TCP, UDP, UDP-Lite, SCTP or DCCP with its ports in reach */
};
#define RL_TRAITS 8
#define RL_ICMP_NONE 256  /* not an ICMP or ICMPv6 message with its type in reach */
#define RL_VLAN_NONE 4096 /* untagged */
#define RL_FLAGS_NONE 256 /* no TCP header with its flags in reach */
#define RL_FLAGS_ANY 257  /* ... since a first fragment ends before it: they may be any */

/* The maps of dimensions of numbers, from a value to its row: X(DIMENSION, field, values). What is
 * beyond the last value has its row. */
#define RL_MAPS(X)                                                                                 \
	X(PROTO, row_proto, 256)                                                                   \
	X(ICMP_TYPE, row_icmp, RL_ICMP_NONE + 1)                                                   \
	X(TRAITS, row_traits, RL_TRAITS)                                                           \
	X(FLAGS, row_flags, RL_FLAGS_ANY + 1)                                                      \
	X(IFACE, row_iface, RL_IFACES_MAX)                                                         \
	X(VLAN, row_vlan, RL_VLAN_NONE + 1)                                                        \
	X(DPORT, row_dport, RL_PORTS)                                                              \
	X(SPORT, row_sport, RL_PORTS)                                                              \
	X(LENGTH, row_length, RL_PORTS)                                                            \
	X(IP_LENGTH, row_ip_length, RL_PORTS)

#define RL_RULES_MALFORMED_DROP 1
#define RL_RULES_SOURCES 2    /* lists or bans from everything are to be asked about sources */
#define RL_RULES_DEEP_JUDGE 4 /* what is too deep is judged by what is known of it */

/* One rule set. `row_*` give the number of a row: its words begin at r * RL_ROW_STRIDE(words) of
 * `row`. The first is a summary: its bit w is set where the w-th of the others is not 0. Those have
 * one bit a limit. */
#define RL_ROW_STRIDE(words) (1 + (words))
struct rl_rules {
	__u32 generation; /* counts up; 0: nothing was published */
	__u8 mode;	  /* enum rl_mode */
	__u8 flags;
	__u8 words; /* (limits + 63) / 64, 0 when there is no limit */
	__u8 pad;
	__u32 dims;	     /* bit d: dimension d is in use */
	__u32 limits;	     /* used elements of `limit`, `default` included */
	__u32 default_limit; /* index, or RL_LIMITS_MAX when there is none */
	__u32 sole;	 /* the limit that judges every packet, and no other does; or as above */
	__u32 allow_set; /* prefix sets (struct rl_prefix), 0: empty */
	__u32 deny_set;
	__u32 source_set;
	__u32 destination_set;
	__u32 source_any; /* row of a source in no prefix of source_set */
	__u32 destination_any;
	__u32 filter;	    /* the bitmap that knows all four sets */
	__u32 ban_prefixes; /* used elements of `ban_prefix` */
	__u32 live_words;   /* bit w: live[w] is not 0 */
	__u32 exempt_rate;  /* packets a second, see struct rl_exempt */
	__u64 front_mark;   /* what entries of the front table say that hold under these limits */
	__u64 live[RL_LIMITS_MAX / 64];	     /* enabled limits except `default` */
	__u64 enforcing[RL_LIMITS_MAX / 64]; /* ... and not monitored */
	struct rl_ban_prefix ban_prefix[RL_BAN_PREFIXES];
#define X(dim, field, values) __u16 field[((values) + 3) & ~3];
	RL_MAPS(X)
#undef X
	__u64 row[RL_ROW_WORDS];
	struct rl_limit limit[RL_LIMITS_MAX];
};

/* Key and value of the one LPM trie that holds every prefix set. `bits` counts the 32 of `set` too.
 * IPv4 lies at ::ffff:0:0/96, and shorter prefixes are of IPv6 alone: each set has an entry there,
 * that of 0.0.0.0/0 or one that ended long ago, with the row of no prefix. */
struct rl_prefix {
	__u32 bits;
	__u32 set;
	union rl_addr addr;
};

struct rl_prefix_value {
	__u64 until; /* not in the list from then on; 0: no end. Never before that of a covering
			prefix */
	__u32 row;   /* source_set and destination_set; deny_set: 1 of a ban by hand, else 0 */
	__u32 pad;
};

#define RL_SECRET_WORDS 24

/* Two bitmaps by which an address is in no prefix set at all (bpf/filter.h): a rule set names the
 * one that knows all its sets, the other is free for the next. Written by the daemon. */
#define RL_FILTERS 2
#define RL_FILTER_BITS4 (1u << 24)
#define RL_FILTER_BITS6_LOG 22
#define RL_FILTER_BITS6 (1u << RL_FILTER_BITS6_LOG)
struct rl_filter {
	__u64 ipv4[RL_FILTER_BITS4 / 64];
	__u64 ipv6[RL_FILTER_BITS6 / 64];
	__u64 all; /* a prefix of that family is too short for bits of its own */
};
#define RL_FILTER_ALL4 1
#define RL_FILTER_ALL6 2

/* Place in the hash from ifindex to slot: probe RL_IFACE_PROBES of them from ifindex %
 * RL_IFACE_TABLE on. Written and read in one piece. */
#define RL_IFACE_TABLE 256
#define RL_IFACE_PROBES 4
union rl_iface {
	struct {
		__u32 ifindex; /* 0: free */
		__u16 slot;    /* 1..RL_IFACES_MAX-1 */
		__u16 link;    /* enum rl_link */
	};
	__u64 both;
};

/* The switch between rule sets, read once a packet, and what a later daemon needs to adopt the
 * maps.
 *   1. `active` names the generation in use. A generation is rewritten only after an RCU grace
 *      period that began after it ceased to be active.
 *   2. Only the daemon that holds the lock on the bpffs directory writes here, `test_now` excepted.
 */
struct rl_control {
	__u32 active; /* index into the rules map */
	__u32 pad;
	__u64 test_now;		 /* the clock, where the program was loaded with test_clock */
	__u64 idle_ns;		 /* a source idle for longer may be forgotten */
	__u32 events_per_second; /* budget of each limit */
	__u32 bans;		 /* from everything, ended ones too until the daemon sees them */
	__u32 secret[RL_SECRET_WORDS]; /* keys the fingerprints; set once, before the first
					  packet */
	__u64 line[3];		       /* what follows is cold */
	__u32 daemon_pid;
	__u32 statements;  /* the daemon's: what the rules have of commands; see persist.h */
	__u64 heartbeat;   /* last sign of life of the daemon */
	__u64 sweep_claim; /* when a packet last started a sweep of the full table */
	union rl_iface iface[RL_IFACE_TABLE];
};

/* What gives the states and the bans their meaning. A map of its own, which nothing but the daemon
 * reads, so that they outlive a change of any other struct. */
#define RL_IDENTITY_IFACES 256
struct rl_identity_limit {
	__u32 id; /* 0: nobody has the slot. Written last */
	__u8 strategy;
	__u8 unit;
	__u8 key;
	__u8 prefix4;
	__u8 prefix6;
	__u8 windows;
	__u8 pad[2];
	__u32 logs; /* as in rl_limit */
	__u64 period_ns[RL_WINDOWS_MAX];
	char name[RL_NAME_LEN];
};
/* Of a limit, be it of whatever struct: what its states depend on, but for its periods and logs. */
#define RL_COPY_SHAPE(to, from)                                                                    \
	do {                                                                                       \
		(to)->strategy = (from)->strategy;                                                 \
		(to)->unit = (from)->unit;                                                         \
		(to)->key = (from)->key;                                                           \
		(to)->prefix4 = (from)->prefix4;                                                   \
		(to)->prefix6 = (from)->prefix6;                                                   \
		(to)->windows = (from)->windows;                                                   \
	} while (0)
struct rl_identity {
	__u32 secret[RL_SECRET_WORDS]; /* of which rl_control has a copy */
	__u32 next_limit_id;
	__u32 next_set_id;
	__u64 front_mark;		   /* of the last rule set */
	__u32 ifindex[RL_IDENTITY_IFACES]; /* by slot; 0: nobody has it */
	struct rl_identity_limit limit[RL_SLOTS_MAX];
};
_Static_assert(RL_IFACES_MAX <= RL_IDENTITY_IFACES, "rl_identity");

struct rl_counter {
	__u64 packets;
	__u64 bytes;
};

/* Per CPU, one for each interface slot: exactly one element grows by one for each packet. */
struct rl_iface_counters {
	struct rl_counter reason[RL_REASON_COUNT][RL_VERDICT_COUNT];
};

/* Packets that are never refused, within a budget: of each class, interface and CPU so many a
 * second. Per CPU, one for each interface slot. */
#define RL_EXEMPT_CLASSES 4 /* RL_REASON_NEIGHBOUR_DISCOVERY and those after it */
struct rl_exempt {
	struct {
		__u64 until; /* of the second in which `spent` counts */
		__u64 spent;
	} class[RL_EXEMPT_CLASSES];
};

/* Per CPU, one for each limit slot. */
struct rl_limit_counters {
	struct rl_counter verdict[RL_VERDICT_COUNT]; /* packets that the limit judged */
	__u64 breaches;
	__u64 bans;
	__u64 created; /* sources; less `expired` it is what the table holds */
	__u64 expired;
	__u64 full;	   /* packets of sources that found no room in the table */
	__u64 bans_spared; /* bans that were due and not made, since a peer was among whom they hit
			    */
};

/* Shared by all CPUs, one for each limit slot, touched on edges only: the event budget. */
struct rl_limit_budget {
	__u64 second; /* of `now`, in which `spent` counts */
	__u64 spent;
	__u64 suppressed;  /* events since the last one that was sent */
	__u64 full_second; /* when the last state-full event was sent */
};
#define RL_FULL_EVENT_EVERY_S 10

/* One record of the ring buffer. */
struct rl_event {
	__u64 time;
	__u64 count; /* in the window, this packet included; recovered: packets refused */
	__u64 until; /* when the window frees, or the ban ends */
	struct rl_key key;
	union rl_addr source;	   /* the packet's own, not masked */
	union rl_addr destination; /* unspecified: no packet brought the event about */
	__u32 ifindex;
	__u32 suppressed; /* events of this limit withheld since the last one */
	__u16 dport;
	__u8 proto;
	__u8 kind;    /* enum rl_event_kind */
	__u8 window;  /* index */
	__u8 verdict; /* enum rl_verdict */
	__u8 ipv4;
	__u8 pad;
};

/* What a limit makes of a hit. */
enum rl_answer {
	RL_NO_ANSWER, /* internal */
	RL_ADMITTED,
	RL_REFUSED,
	RL_REFUSED_BANNED,
	RL_REFUSED_MONITORED, /* by a limit in monitor: would drop */
	RL_REFUSED_FULL,
	RL_ADMITTED_FULL,
	RL_ANSWERS,
};

/* A hit that no packet brings, under a limit per app. The hit program is given a frame that is an
 * array of them, and answers in place. */
#define RL_HITS_MAX 48 /* what fits in the linear part of a frame */
struct rl_hit {
	union rl_addr key; /* digest of the application's key */
	__u32 limit_id;	   /* of the limit ... */
	__u32 index;	   /* ... which is here in the active rule set */
	__u32 cost;	   /* 1 in a moving window */
	__u8 answer;	   /* enum rl_answer; RL_NO_ANSWER: no such limit, or it is disabled */
	__u8 mode;	   /* enum rl_mode of the rule set; RL_MODE_OFF: nothing was counted */
	__u8 window;	   /* the one that refused it, else the shortest ... */
	__u8 untracked;	   /* ... in a bucket that it shares, as there was no room for a state */
	__u64 now;
	__u64 until; /* refused: until then no hit of any cost passes; 0: not known */
	struct rl_window_state state; /* of `window`, after the hit */
};
_Static_assert(sizeof(struct rl_hit) * RL_HITS_MAX <= 4096 - 256 - 320, "XDP_PACKET_HEADROOM");

/* Work for the sweep program, which looks at each key under its lock. Written by the daemon,
 * answered in place. */
#define RL_SWEEP_MAX 1024
enum rl_sweep_op {
	RL_SWEEP_EXPIRE, /* delete if idle since before `cutoff` and not banned; recover if due */
	RL_SWEEP_CLEAR,	 /* delete; a ban goes with it */
	RL_SWEEP_GATHER, /* no keys: into the states what CPUs have counted apart (struct rl_hot) */
	RL_SWEEP_MOVE,	 /* out of the old table (struct rl_move) */
	RL_SWEEP_DROP,	 /* the same; delete what finds no room */
};
struct rl_sweep {
	__u32 op;
	__u32 count;
	__u64 cutoff;
	__u32 deleted;	 /* or moved */
	__u32 recovered; /* or left where they were */
	struct {
		struct rl_key key;
		__u32 slot; /* of the key's limit, for its counters; RL_LIMITS_MAX: its limit is
			       gone */
		__u32 pad;
	} item[RL_SWEEP_MAX];
};

/* Where new states are made while those of another table are moved into this one
 * (bpf/states.bpf.h). Between two phases a grace period goes by, so a packet sees two of them at
 * most. */
enum rl_move_phase {
	RL_MOVE_OLD,  /* in the old table, where the former program may look for them */
	RL_MOVE_BOTH, /* in the old one, with a place for them in the new one */
	RL_MOVE_NEW,  /* in the new one; the daemon moves the others */
};
struct rl_move {
	__u32 phase;
	__u32 pad;
	struct rl_state_template fresh; /* a place in the new table is copied from it */
};

/* Losses that no other counter holds. Per CPU, one element. */
struct rl_losses {
	__u64 events_lost;  /* ring buffer full */
	__u64 unattributed; /* refused packets that no source's counter holds */
	__u64 sweeps;	    /* sweeps that packets started because no daemon did */
	__u64 swept;	    /* sources that those forgot; not in rl_limit_counters.expired */
	__u64 bans_lost;    /* bans from everything that hold for their limit only: no room */
};
/* How often a packet tries to get hold of a state that others forget and make anew meanwhile, some
 * 100 ns each; an interrupt between the two may take a few us. Then it is refused: whatever let it
 * through could admit more than the limit. */
#define RL_RETRIES 64

_Static_assert(sizeof(struct rl_key) == 48, "rl_key");
_Static_assert(sizeof(struct rl_state) == 200 + 24 * RL_WINDOWS_MAX, "rl_state");
_Static_assert(sizeof(struct rl_overflow) == 128, "rl_overflow");
_Static_assert(sizeof(struct rl_state_template) == sizeof(struct rl_state), "rl_state_template");
_Static_assert(__builtin_offsetof(struct rl_state_template, key) ==
		       __builtin_offsetof(struct rl_state, key),
	       "rl_state_template");
_Static_assert(sizeof(struct rl_limit) % 8 == 0, "rl_limit");
_Static_assert(sizeof(struct rl_event) % 8 == 0, "rl_event");

#endif
