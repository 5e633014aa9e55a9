/* SPDX-License-Identifier: GPL-2.0-only */
/* The data path as the daemon sees it: load or adopt, attach, publish rules, read state, counters
 * and events.
 *
 * The only part of the tree that knows libbpf. Functions return 0 or -errno and fill `d` where they
 * take one; output parameters are written only on success. One thread, but for dp_fill_add(); only
 * dp_publish and dp_close hand work to another (waiting for grace periods), which is reported by
 * dp_grace_fd().
 */
#ifndef DP_DP_H
#define DP_DP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "base/diag.h"
#include "rl/abi.h"

struct dp;

struct dp_options {
	const char *bpffs; /* directory of the pins, made if absent; bpffs is mounted on /sys/fs/bpf
			      if nothing is. NULL: nothing is pinned, found or locked, and all is
			      gone with dp_close() */
	__u32 sources_max;
	bool test_clock; /* the clock is rl_control.test_now */
};

/* Takes the lock on the directory (-EBUSY: another daemon runs, `d` names its pid), loads the
 * program, and adopts what an earlier daemon left there: rule sets, state, counters, links, which
 * are switched to the new program. Maps of another layout are made anew, each part by itself
 * (`notice` says what starts afresh and what is kept) without a moment of no enforcement. */
int dp_open(const struct dp_options *options, struct dp **ret, char notice[static 512],
	    struct diag *d);
/* Leaves everything pinned and enforcing. */
void dp_close(struct dp *dp);
/* Detaches and unpins everything below `bpffs`; needs neither daemon nor configuration. Writes a
 * line a removed interface to `out`. -EBUSY while a daemon runs there, unless `force`. */
int dp_remove_all(const char *bpffs, FILE *out, bool force, struct diag *d);
/* Text of the interfaces that pinned links of `bpffs` enforce on ("eth0, eth1"), without loading
 * anything. */
int dp_enforcing(const char *bpffs, char *buf, size_t size);
/* What the pins of `bpffs` say of themselves, without loading anything; all 0 where there are
 * none. */
struct dp_pinned {
	bool enforcing;
	__u32 statements;  /* of rl_control; 0 if that is another version's */
	__u32 sources_max; /* 0: none */
};
void dp_look(const char *bpffs, struct dp_pinned *ret);

/* After a change of sources_max the former table still has sources, each of them judged as ever.
 * dp_publish() begins to move them. Until it is done no walk through the sources sees all of them,
 * and nothing is to be swept. */
bool dp_moving(const struct dp *dp);
struct dp_moved {
	__u32 from; /* sources_max before */
	size_t kept;
	size_t lost; /* no room for them */
};
/* Moves some, in about a millisecond. 1: there are more; 2: none, but what ends it is still being
 * loaded by a thread; 0: that was all, of which `ret` tells. */
int dp_move_some(struct dp *dp, struct dp_moved *ret, struct diag *d);

/* dp_open found the states of limits, or bans from everything, that an earlier daemon published
 * rules for. A start that failed before that leaves maps in which nothing is. */
bool dp_adopted(const struct dp *dp);
bool dp_adopted_bans(const struct dp *dp);
struct rl_control *dp_control(struct dp *dp);	/* mmapped */
const struct rl_rules *dp_rules(struct dp *dp); /* the active generation, mmapped */

/* An interface as the kernel describes it. */
struct dp_device {
	char name[16];
	char kind[16]; /* of a virtual one: "tun", "bridge", ...; else empty */
	__u32 ifindex;
	__u32 master; /* ifindex of the bridge or bond that it is a port of; 0: none */
	__u32 lower;  /* ... of the device that it is made on (VLAN, macvlan); 0: none here */
	__u16 type;   /* ARPHRD_* */
};
/* By ifindex, or where that is 0 by name. -ENODEV: there is none. */
int dp_device_find(__u32 ifindex, const char *name, struct dp_device *ret);
/* All of this network namespace; `*ret` is to be freed. */
int dp_devices(struct dp_device **ret, size_t *ret_count);
/* What its packets begin with. -EOPNOTSUPP: nothing that can be read; `d`, if not NULL, says what
 * it is. */
int dp_device_link(const struct dp_device *device, enum rl_link *ret, struct diag *d);

/* Interfaces. */
enum dp_attach_mode { DP_ATTACH_AUTO, DP_ATTACH_NATIVE, DP_ATTACH_GENERIC };
struct dp_iface {
	char name[16];	      /* now */
	char attached_as[16]; /* what it was attached by; differs after it was renamed */
	__u32 ifindex;
	__u32 slot;
	enum rl_link link;
	enum dp_attach_mode mode; /* what it became: native or generic */
	char note[256];		  /* e.g. why auto fell back to generic; empty: nothing to say */
};
/* -ENODEV: absent. -EBUSY: `d` names the program that holds it. -EOPNOTSUPP: packets of such a
 * device cannot be read. Attaching twice is no error (mode of the first). */
int dp_attach(struct dp *dp, const char *name, enum dp_attach_mode mode, struct dp_iface *ret,
	      struct diag *d);
int dp_detach(struct dp *dp, __u32 ifindex, struct diag *d);
/* Its name of now is what it is attached by. */
void dp_iface_settle(struct dp *dp, __u32 ifindex);
size_t dp_ifaces(struct dp *dp, struct dp_iface ret[static RL_IFACES_MAX]);
/* What became of what is attached: interfaces that were renamed, and those that went away, out of
 * this network namespace too, which are forgotten. Returns how many. */
struct dp_iface_news {
	char before[16];
	struct dp_iface now; /* ifindex 0: it went away */
};
size_t dp_ifaces_refresh(struct dp *dp, struct dp_iface_news ret[static RL_IFACES_MAX]);
/* Of the interface of that name, or else of what was attached by it and renamed; 0: there is
 * none. */
__u32 dp_iface_slot(struct dp *dp, const char *name);

/* Rules. */
struct dp_prefix {
	union rl_addr addr;
	__u32 len;	/* of 128 */
	__u32 row;	/* of the deny list: 1 of a ban, else 0 */
	__u64 until_ns; /* CLOCK_MONOTONIC; 0: no end */
};
/* IPv6 prefixes hold no IPv4 address, also those that have the bits of ::ffff:0:0/96. */
struct dp_prefixes {
	const struct dp_prefix *v;
	size_t count;
	__u32 none; /* the row of an address in none of them */
};
#define DP_LISTS 2 /* the first sets; the others are of conditions */
enum dp_set { DP_SET_ALLOW, DP_SET_DENY, DP_SET_SOURCE, DP_SET_DESTINATION, DP_SET_COUNT };

/* Lists on their way into the kernel, beside those at work. One at a time. */
struct dp_fill;
/* `renew`: which of them; the other stays as it is. */
int dp_fill_begin(struct dp *dp, const bool renew[static DP_LISTS], struct dp_fill **ret,
		  struct diag *d);
/* From any thread, one call at a time. */
int dp_fill_add(struct dp_fill *fill, enum dp_set set, const struct dp_prefix *v, size_t count,
		struct diag *d);
/* Whether they were published or not. NULL: nothing. */
void dp_fill_end(struct dp_fill *fill);

struct dp_ruleset {
	const struct rl_rules *rules; /* complete but for generation and set ids */
	__u32 rows_used;
	const struct dp_prefixes
		*set[DP_SET_COUNT]; /* of conditions; trial.h takes lists here, too */
	struct dp_fill *lists;	    /* NULL: those of the active generation stay */
};
/* Publishes a rule set atomically and without waiting. -EAGAIN: all generations wait for a grace
 * period; try again when dp_grace_fd() was readable. */
int dp_publish(struct dp *dp, const struct dp_ruleset *set, struct diag *d);
bool dp_can_publish(const struct dp *dp);
int dp_grace_fd(const struct dp *dp); /* readable: call dp_grace_done() */
void dp_grace_done(struct dp *dp);
/* Changes one entry of the allow or deny set in place. A set that was empty needs a dp_publish. */
int dp_set_put(struct dp *dp, enum dp_set set, const struct dp_prefix *prefix, struct diag *d);
int dp_set_del(struct dp *dp, enum dp_set set, const struct dp_prefix *prefix, struct diag *d);
/* Makes many such changes in a row cheap, until they are released. Nothing is published
 * meanwhile. */
void dp_lists_hold(struct dp *dp);
void dp_lists_release(struct dp *dp);

/* A new identity for a limit: an id that was never used and a free slot with counters at zero.
 * -EAGAIN: slots wait for a grace period. */
int dp_limit_new(struct dp *dp, __u32 *ret_id, __u16 *ret_slot, struct diag *d);
/* What is known of the limit that has that slot: name, id, slot, and what conf_same_state() asks
 * for. False: none has. */
bool dp_limit_of_slot(const struct dp *dp, __u32 slot, struct rl_limit *ret);
/* To be called after the rule set without it was published. Its slot is given back after a grace
 * period; its states are those that dp_sweep() should CLEAR. */
void dp_limit_retire(struct dp *dp, __u32 id, __u16 slot);

/* Counters, summed over the CPUs. */
int dp_iface_counters(struct dp *dp, __u32 slot, struct rl_iface_counters *ret);
/* All slots at once: ret[slot]. */
int dp_limit_counters(struct dp *dp, struct rl_limit_counters ret[static RL_SLOTS_MAX]);
int dp_losses(struct dp *dp, struct rl_losses *ret);
__u32 dp_sources_max(const struct dp *dp);

/* A walk through the state table in pieces; the table may change meanwhile. All counts of a source
 * are in its state then, those too that the program keeps elsewhere for a while (settled). */
struct dp_scan;
int dp_scan_open(struct dp *dp, struct dp_scan **ret);
/* Up to RL_SWEEP_MAX sources. Returns their count, 0 at the end. The arrays belong to the scan. */
int dp_scan_next(struct dp_scan *scan, const struct rl_key **ret_keys,
		 const struct rl_state **ret_states);
void dp_scan_close(struct dp_scan *scan);
/* The state of one source, settled. -ENOENT. */
int dp_lookup(struct dp *dp, const struct rl_key *key, struct rl_state *ret);
/* Hits in one moving window of a source that are inside at `now_ns`, and when the oldest of them
 * leaves it (0: none). `st` as read before; the log may have moved on since. */
int dp_log_inside(struct dp *dp, const struct rl_key *key, const struct rl_state *st,
		  const struct rl_limit *limit, unsigned window, __u64 now_ns, __u64 *ret_inside,
		  __u64 *ret_leaves_ns);
/* Judges hits on limits per app, each counted before the next, and answers in place; RL_HITS_MAX at
 * most. -errno: none of them is answered. */
int dp_hit(struct dp *dp, struct rl_hit *hits, size_t count);
/* Looks at each key under its lock and deletes it if it is idle (or always: CLEAR). At most
 * RL_SWEEP_MAX. */
int dp_sweep(struct dp *dp, enum rl_sweep_op op, const struct rl_key *keys, size_t count,
	     __u64 cutoff_ns, size_t *ret_deleted);

/* Ends those of the next few bans from everything that `lift` says: all of them are seen in 128
 * calls at most. */
typedef bool (*dp_lift_fn)(void *ctx, const struct rl_ban_key *key, const struct rl_ban *ban);
void dp_bans_lift_some(struct dp *dp, dp_lift_fn lift, void *ctx);

/* Whom no limit bans from now on; RL_PEERS_MAX at most. Not to be called twice within the time of a
 * packet. */
void dp_peers_set(struct dp *dp, const union rl_addr *v, size_t count);

/* For who only looks: the next bans from *at on, DP_BANS_PIECE at most, in the order of the
 * kernel's table. Each is seen once, but for those that come or go meanwhile. 0: they were the
 * last; 1: there may be more; or -errno. */
#define DP_BANS_PIECE 512
struct dp_bans_at { /* {0}: the beginning */
	__u32 bucket;
	bool begun;
};
typedef void (*dp_ban_fn)(void *ctx, const struct rl_ban_key *key, const struct rl_ban *ban);
int dp_bans_look(struct dp *dp, struct dp_bans_at *at, dp_ban_fn look, void *ctx);
/* The same, but ends those that `lift` says, which is asked of some twice. */
int dp_bans_lift_piece(struct dp *dp, struct dp_bans_at *at, dp_lift_fn lift, void *ctx);

/* What an earlier program knew, into maps that were made anew, before the first rule set is
 * published: so no packet meets them half filled. */
struct dp_put;
int dp_put_open(struct dp *dp, struct dp_put **ret);
/* One source of `limit`, which has its id and slot; `state` as a scan gave it. Fingerprint and tags
 * are made, logs are empty. -E2BIG: no room. */
int dp_put_state(struct dp_put *put, const struct rl_limit *limit, const struct rl_state *state);
int dp_put_ban(struct dp_put *put, const struct rl_ban_key *key, const struct rl_ban *ban);
void dp_put_close(struct dp_put *put);

/* Events. Nothing wakes a poller: call it every few milliseconds to seconds. Returns the number
 * handled. */
int dp_events(struct dp *dp, void (*handle)(void *ctx, const struct rl_event *event), void *ctx);

/* With test_clock: runs one frame through the program at `now_ns`, as if a daemon were alive then.
 * -EMSGSIZE: it is shorter or longer than the kernel takes for such a run. */
int dp_run(struct dp *dp, const void *frame, size_t len, __u64 now_ns);
/* Frames of dp_run() begin so and come in on the interface of that slot; Ethernet on none (slot 0)
 * without it. */
int dp_run_iface(struct dp *dp, __u32 slot, enum rl_link link);

/* A limit that matches a packet, and what it says of it. */
struct dp_explained_limit {
	__u32 index;  /* in rl_rules.limit */
	bool asked;   /* else something before it has decided */
	bool tracked; /* the source has a state */
	bool full;    /* no room for one: `on-full` judges */
	bool banned;  /* a ban by this limit refuses the packet */
	int window;   /* that refuses it; -1: none does */
	enum rl_verdict verdict;
	__u64 ban_until; /* of a ban that the packet would bring about; 0: none */
	struct rl_key key;
	struct rl_state state; /* before the packet; where full the overflow bucket */
};
struct dp_explained {
	__u64 now_ns;
	enum rl_reason reason;
	enum rl_verdict verdict;
	int decided;	   /* index of the limit that did; -1: none */
	struct rl_ban ban; /* from everything, that refuses the packet; until 0: none */
	size_t limits;
	struct dp_explained_limit limit[RL_JUDGE_MAX]; /* in the order of judgement */
};
/* What the program would do now with a frame that comes in on the interface of that slot (0: on
 * none). Changes nothing; whether there is room for a new source is tried out for a moment. The
 * first call loads an instance of the program. */
int dp_explain(struct dp *dp, const void *frame, size_t len, __u32 slot, struct dp_explained *ret,
	       struct diag *d);

#endif
