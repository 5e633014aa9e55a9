/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of dp share: the one struct, and who owns which part of it. */
#ifndef DP_INTERNAL_H
#define DP_INTERNAL_H

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <pthread.h>

#include "base/cleanup.h"
#include "dp/dp.h"
#include "rl.skel.h"

#define DP_PATH 200	 /* bytes of the bpffs directory's path */
#define DP_RUN_IFINDEX 1 /* of the loopback, which receives the packets of test runs */
#define DP_LINK_PREFIX                                                                             \
	"link_" /* pins of links: bpffs allows no dot, so the ifindex and not the name follows */

#define DP_NAME_PREFIX                                                                             \
	"name_" /* symbolic links from the ifindex to the name that it was attached by */

#define DP_HOME "netns" /* symbolic link: the network namespace whose interfaces are attached */

struct dp_link {
	struct dp_iface iface; /* ifindex 0: free */
	int fd;		       /* of the bpf_link */
};

/* Prefix sets that no rule set names: a number below, and not in `live`. */
struct dp_dead_sets {
	__u32 below;
	__u32 live[DP_SET_COUNT + DP_LISTS]; /* with those that are being filled */
};

/* A walk through the prefixes that deletes those of dead sets. */
struct dp_sweep_sets {
	struct dp_dead_sets dead;
	bool more;  /* it is not at its end */
	bool again; /* more have died behind it */
	bool started;
	struct rl_prefix at;
};

/* grace.c: waits until old rule sets are out of use so that the loop need not. */
struct dp_grace {
	pthread_t thread;
	bool running;
	pthread_mutex_t lock; /* of what is below, done_fd and the maps excepted */
	pthread_cond_t wake;
	bool wanted;
	bool stop;
	bool sweep; /* prefix sets died with the generations */
	struct dp_dead_sets dead;
	bool quick;  /* running on every CPU is enough */
	int done_fd; /* eventfd */
	int prefixes_fd;
	int outer_fd; /* array of maps: an update waits for a grace period */
	int inner_fd;
};

/* Maps that are adopted together or made anew together (adopt.c). */
enum dp_part {
	DP_PART_IDENTITY,
	DP_PART_RULES,
	DP_PART_SOURCES,
	DP_PART_SHARED,
	DP_PART_SPREAD,
	DP_PART_FRONT,
	DP_PART_HOT,
	DP_PART_PRESENCE,
	DP_PART_MOVE,
	DP_PART_BANS,
	DP_PART_IFACES,
	DP_PART_LIMITS,
	DP_PART_BUDGETS,
	DP_PART_LOSSES,
	DP_PART_EVENTS,
	DP_PART_WORK,
	DP_PART_COUNT,
};

/* An object that a thread loads; loader.c. */
struct dp_loader {
	struct rl *skel; /* NULL: none */
	pthread_t thread;
	bool done;
	int err;
};

/* Out of a former table of another size (bpf/state/states.bpf.h). */
struct dp_move {
	bool on;
	__u32 phase;	      /* that an earlier daemon had come to */
	struct rl_move *at;   /* mmapped */
	struct dp_scan *scan; /* through the former table; NULL: none has begun */
	bool again;	      /* it is the second, for what found no room in the first */
	__u32 left;	      /* by this one */
	struct dp_moved moved;
	bool walked;		  /* all that there was is moved */
	bool loading;		  /* has begun */
	struct dp_loader without; /* the program without the former table */
};

struct dp {
	char bpffs[DP_PATH];
	__u32 kept; /* bit p: part p was adopted */
	bool used;  /* an earlier daemon has published rules on them */
	struct dp_move move;
	int lock_fd; /* of the directory, locked */
	struct rl *skel;
	struct dp_dry *dry; /* dry.c; NULL until somebody asks */
	bool links_stale;   /* adopted links still run the former program */
	int cpus;
	struct rl_control *control; /* mmapped, like the next four */
	struct rl_identity *identity;
	struct rl_identity *identity_before;	/* what a version without that map knew, or NULL */
	struct rl_rules *rules[RL_GENERATIONS]; /* the active one and a few others, else NULL */
	struct rl_sweep *work;
	struct rl_peers *peers;
	__u32 filter_of[RL_GENERATIONS]; /* the filter that a generation names */
	struct rl_front_bucket *front;	 /* while it is held, else NULL */
	unsigned front_holds;
	struct rl_ban_key bans_at; /* where a walk in pieces goes on, while there is one */
	bool bans_walk;
	struct ring_buffer *events;
	void (*handle)(void *ctx, const struct rl_event *event); /* during dp_events */
	void *handle_ctx;
	struct dp_link link[RL_IFACES_MAX]; /* index: slot */
	/* rules.c. `waiting`: ceased to be active since the last grace period began; `dying`:
	 * during it. */
	__u32 waiting;
	__u32 dying;
	bool sets_dead;
	struct dp_prefixes filled[DP_SET_COUNT]; /* sets.c, of conditions; `v` is owned */
	struct dp_fill *fill;			 /* the one that is under way, or NULL */
	struct rl_filter *filter;		 /* mmapped while lists are held, else NULL */
	struct dp_grace grace;
	__u32 slot_id[RL_SLOTS_MAX];   /* id of the limit that has the slot, 0: free */
	__u8 slot_state[RL_SLOTS_MAX]; /* 0, or retired: 1 waiting, 2 during a grace period */
};

/* libbpf's and the kernel's last complaint, for messages. */
const char *dp_libbpf_message(void);
void dp_capture_messages(void);

/* `count` elements of a map from `first` on, or NULL and errno. */
void *dp_memory_map(const struct bpf_map *map, __u32 first, __u32 count);
void dp_memory_unmap(const struct bpf_map *map, void *at, __u32 count); /* at NULL: nothing */

int dp_path(const struct dp *dp, const char *name, char *buf, size_t size);
int dp_fail(struct diag *d, int err, const char *what);
int dp_load_failed(struct diag *d, int err); /* ... with what the verifier said */

__u32 dp_link_slot_free(const struct dp *dp); /* 0: none */
/* The name that an earlier daemon attached it by; that of now, if there was none. */
void dp_link_name_adopt(const struct dp *dp, struct dp_iface *iface);
int dp_links_adopt(struct dp *dp, struct diag *d);
/* All of them, or none. */
int dp_links_switch(struct dp *dp, struct diag *d);
void dp_links_close(struct dp *dp);
void dp_link_drop(struct dp *dp, struct dp_link *l); /* detaches; its slot is free then */

/* slot 0 takes the interface out, unless its link is to be known. */
int dp_place_set(struct dp *dp, __u32 ifindex, __u32 slot, enum rl_link link);
__u32 dp_place_slot(struct dp *dp, __u32 ifindex);

int dp_grace_start(struct dp *dp, struct diag *d);
void dp_grace_stop(struct dp *dp);

/* Which of the pinned maps are of this version's layout: dp->kept. The others are taken out of the
 * way, and told in `notice`. Before the object is loaded. */
int dp_adopt(struct dp *dp, __u32 sources_max, char notice[static 512], struct diag *d);
/* After it was loaded, and before anything is read from the maps: says what layout they have, and
 * makes what was adopted and what is new fit each other. */
#define DP_STAMPS "layout" /* the pin of their map */
#define DP_STAMPS_MAX 256
int dp_adopt_stamp(struct dp *dp, struct diag *d);
int dp_adopt_mend(struct dp *dp, struct diag *d);
bool dp_kept(const struct dp *dp, enum dp_part part);
/* All bans there are into rl_control.bans. */
void dp_bans_recount(struct dp *dp);
/* Of each limit, by its slot, how many sources the table has. */
int dp_states_count(struct dp *dp, __u64 ret[static RL_SLOTS_MAX]);

void dp_identity_init(struct rl_identity *identity);
/* That those limits exist; before they are published. */
void dp_identity_note(struct dp *dp, const struct rl_rules *rules);
void dp_slots_adopt(struct dp *dp);
__u32 dp_slot_of(const struct dp *dp, __u32 limit_id);		  /* RL_SLOTS_MAX: none */
void dp_sets_sweep(int prefixes_fd, struct dp_sweep_sets *sweep); /* a piece of it */
/* Only what the program will read. */
void dp_rules_copy(struct rl_rules *to, const struct rl_rules *from, __u32 rows);
/* A prefix of a set as the trie has it. */
void dp_prefix_make(__u32 set, const struct dp_prefix *p, struct rl_prefix *key,
		    struct rl_prefix_value *value);
/* An entry of all IPv4 that says that an IPv4 address in none of the set's own prefixes of IPv4 is
 * in no prefix: else the trie would go on to those of IPv6 that have the bits of ::ffff:0:0/96.
 * Each set has it from its beginning on, unless 0.0.0.0/0 is in its place. No bit of a filter is
 * set for it. */
void dp_prefix_make_end(__u32 set, __u32 row, struct rl_prefix *key, struct rl_prefix_value *value);
/* From any thread; `first`: the set has nothing yet. -errno. */
int dp_sets_put(int prefixes_fd, __u32 id, const struct dp_prefixes *set, bool first);
/* Of conditions. */
int dp_sets_fill(struct dp *dp, const struct dp_prefixes *set, __u32 *ret_id, struct diag *d);
/* Before the prefix goes into the trie; from any thread. */
void dp_filter_add(struct rl_filter *f, const struct dp_prefix *p);
/* No packet looks any more at one that the active rule set does not name. */
bool dp_filter_is_idle(const struct dp *dp, __u32 filter);
/* Chooses the filter that `new` names and adds the prefixes of conditions to it. */
int dp_filter_fill(struct dp *dp, const struct dp_ruleset *set, struct rl_rules *new,
		   struct diag *d);
/* What the published source and destination sets hold, so that rule sets which hold the same can
 * share them. */
bool dp_sets_same(const struct dp *dp, enum dp_set set, const struct dp_prefixes *with);
void dp_sets_remember(struct dp *dp, enum dp_set set, const struct dp_prefixes *what);
void dp_sets_forget(struct dp *dp);

/* True if the interface of this network namespace runs the program. */
bool dp_runs(__u32 ifindex, __u32 prog_id);
int dp_mount(const char *path, struct diag *d);
int dp_lock(const char *path, int *ret_fd, struct diag *d);

/* move_pins.c, before the object is loaded. Of a move that was cut short: what its pins are to be
 * called for decide(); then, in the size that the object has been given, what is moved from. */
int dp_move_mend(struct dp *dp, __u32 sources_max, struct diag *d);
int dp_move_prepare(struct dp *dp, __u32 sources_max, struct diag *d);
bool dp_move_is_pinned(const struct dp *dp, const struct bpf_map *map);
void dp_move_unpin(const struct dp *dp);
/* The size of a table into which an earlier daemon has begun to move another, if it is not that
 * one; else 0. */
__u32 dp_move_unfinished(const char *bpffs, __u32 sources_max);
/* move.c: after the links run this program. */
void dp_move_begin(struct dp *dp);
int dp_move_finish(struct dp *dp, struct diag *d);
/* No program that was at work before this call still is. */
void dp_grace_wait(const struct dp *dp);
/* Pins by the name of their map. */
int dp_pin_open(const struct dp *dp, const char *name);
int dp_pin_remove(const struct dp *dp, const char *name, struct diag *d);
bool dp_map_info(int fd, struct bpf_map_info *ret);
__u64 dp_pin_stamp(const struct dp *dp, __u32 id); /* 0: none is known */

/* An element of a map of counters, summed over the CPUs. */
int dp_counters_read(const struct dp *dp, const struct bpf_map *map, __u32 key, void *ret);
/* Into the states what CPUs have counted apart (bpf/quick/hot.bpf.h). */
int dp_gather(struct dp *dp);
/* Into a copy of a state, which was gathered, what its entry of the front table has counted. `slot`
 * of its limit; RL_SLOTS_MAX: that is gone. */
void dp_settle(const struct dp *dp, __u32 slot, struct rl_state *st);
/* A walk through one table of states, which are not settled. */
int dp_scan_table(struct dp *dp, bool old, struct dp_scan **ret);
/* Where the source has one, under its lock; not settled. */
int dp_state_read(const struct dp *dp, __u64 fingerprint, struct rl_state *ret);
/* The map of the logs of that size. */
struct bpf_map *dp_log_map(const struct rl *skel, unsigned class);
/* A state that is not there yet, with the presence filter mapped. */
int dp_states_put(struct dp *dp, __u64 *presence, __u64 fingerprint, const struct rl_state *st);

/* rl__open(), which brings the whole object with it into each file that names it. */
struct rl *dp_object_open(void);
/* One frame through the program of that instance. */
int dp_run_once(const struct rl *skel, const void *frame, size_t len);
void dp_dry_close(struct dp *dp);
/* Begins to load `skel`, which is the loader's from then on, in case of an error, too. */
int dp_loader_start(struct dp_loader *loader, struct rl *skel);
/* Whether dp_loader_take() need not wait. */
bool dp_loader_done(const struct dp_loader *loader);
/* The caller's from then on, or why it could not be loaded. */
int dp_loader_take(struct dp_loader *loader, struct rl **ret);
void dp_loader_drop(struct dp_loader *loader);

__u32 dp_front_buckets(__u32 sources_max);
/* How many overflow buckets limits with on-full spread have among them: a power of two. */
__u32 dp_spread_buckets(__u32 sources_max);
/* Gives each such limit its share of them. */
void dp_spread_divide(const struct dp *dp, struct rl_rules *rules);
/* The mark of a rule set: that of the active one if its entries of the front table still hold. */
__u64 dp_front_mark(struct dp *dp, const struct rl_rules *old, const struct rl_rules *new);

bool dp_may_be_in_front(const struct rl_state *st);
void dp_front_prefetch(const struct dp *dp, __u64 fingerprint);
/* The count of the source's entry, in the words of bpf/quick/front.h; 0: it has none. */
__u64 dp_front_counted(const struct dp *dp, __u64 fingerprint);
/* Makes looking into the front table cheap, and the whole of it resident, until it is released. */
void dp_front_hold(struct dp *dp);
void dp_front_release(struct dp *dp);

/* What the program's clock says: CLOCK_MONOTONIC, or that of tests and replays. */
__u64 dp_clock_ns(const struct dp *dp);

#endif
