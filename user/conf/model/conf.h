/* SPDX-License-Identifier: GPL-2.0-only */
/* A configuration as it stands in memory, and what its parts mean: limits and their conditions,
 * lists, options, and packets as conditions see them.
 *
 * Knows neither the kernel nor the words of statements. Functions return 0 or -errno; nothing is
 * changed by a call that failed.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <net/if.h>
#include <stdbool.h>

#include "base/addr.h"
#include "base/diag.h"
#include "rl/abi.h"

#define CONF_LINE_MAX 4096
#define CONF_NAME_MAX (RL_NAME_LEN - 1)
#define CONF_CONDS_MAX 16
#define CONF_COMMENT_MAX 255

enum conf_cond_kind { /* the dimension that it narrows says the rest */
		      CONF_COND_PROTO,
		      CONF_COND_DPORT,
		      CONF_COND_SPORT,
		      CONF_COND_SRC,
		      CONF_COND_DST,
		      CONF_COND_SYN,
		      CONF_COND_FLAGS,
		      CONF_COND_ICMP_TYPE,
		      CONF_COND_FRAGMENT,
		      CONF_COND_LENGTH,
		      CONF_COND_IP_LENGTH,
		      CONF_COND_VLAN,
		      CONF_COND_IFACE,
		      CONF_COND_KIND_COUNT,
};

struct conf_range { /* inclusive */
	__u32 first;
	__u32 last;
};

struct conf_cond {
	enum conf_cond_kind kind;
	bool negated;
	size_t count; /* elements of the one below that the kind uses; of a mere word: 0 */
	struct conf_range *range;   /* owned; flags: one set in each */
	struct addr_prefix *prefix; /* owned; with what the lists below have */
	char (*iface)[IF_NAMESIZE]; /* owned */
	char (*list)[RL_NAME_LEN];  /* owned; names of lists, see named.h */
	size_t lists;
	struct addr_prefix *said; /* owned; beside `lists`: the prefixes that were written */
	size_t saids;
};

struct conf_limit {
	struct rl_limit abi; /* all but id and slot, which the daemon gives; windows sorted */
	bool enabled;
	bool any; /* `match any`; with conds == 0 and !any it is the default limit */
	size_t conds;
	struct conf_cond cond[CONF_CONDS_MAX];
	char comment[CONF_COMMENT_MAX + 1];
	char file[256]; /* where it was set; empty: by a command */
	int line;
	unsigned shares; /* configurations that it is in beside the first, of any thread: not to be
			    changed then */
};

/* Where a statement was read, see conf_place_file(). */
struct conf_place {
	__u16 file; /* 0: it came as a command */
	__u32 line;
};

/* An entry of the allow or the deny list. */
struct conf_entry {
	struct addr_prefix prefix;
	__s64 until_s; /* seconds since the epoch; 0: no end */
	char *comment; /* owned; NULL: none */
	bool timed;    /* given with for/until or by `ban`: state, which a reload keeps */
	bool elapsed;  /* its end was given as a duration */
	struct conf_place place;
};

/* A part of a list. Lists share it, and then nobody changes it. */
#define CONF_BLOCK 1024
struct conf_block {
	unsigned shares; /* lists that it is in beside the first; of any thread */
	unsigned count;	 /* not 0 */
	bool timed;	 /* some entry is */
	bool comments;	 /* some entry has one */
	__s64 soonest_s; /* the first end of its entries; 0: none has one */
	struct conf_entry entry[CONF_BLOCK];
};

/* Sorted by address, IPv4 first, then by length: what a prefix covers follows it. A copy shares all
 * blocks, so it and one change cost the same whether there are a thousand entries or a million. */
struct conf_list {
	struct conf_block **block;
	size_t blocks;
	size_t room;
	size_t count;
	struct conf_entry *loose; /* put in bulk, not among the others yet */
	size_t loose_count;
	size_t loose_room;
	__u32 of_len[2][129]; /* entries of that length; IPv4 in [1] */
};

enum conf_attach_mode { CONF_ATTACH_AUTO, CONF_ATTACH_NATIVE, CONF_ATTACH_GENERIC };

struct conf_attach {
	char iface[IF_NAMESIZE];
	enum conf_attach_mode mode;
	struct conf_place place;
};

#define CONF_OPTIONS_MAX 32
#define CONF_LOGS_MAX 4
#define CONF_PROTECT_MAX 16
struct conf_options {
	__u32 sources_max; /* needs a restart */
	__u64 idle_timeout_ns;
	__u32 events_per_second; /* budget of each limit */
	__u32 metrics_top;
	char log[CONF_LOGS_MAX]
		[256]; /* stderr, syslog, file:PATH; comma-separated in the option's value */
	size_t logs;
	bool malformed_drop;
	bool deep_judge;
	__u32 exempt_rate;
	__u16 protect_port[CONF_PROTECT_MAX];
	size_t protect_ports;
	bool protect_auto; /* ... and where sshd listens */
};

struct conf {
	enum rl_mode mode;
	struct conf_limit **limit; /* in the order of judgement, `default` anywhere */
	size_t limits;
	struct conf_attach *attach;
	size_t attaches;
	struct conf_list allow; /* entries of their own: see conf_allow() */
	struct conf_list deny;
	struct conf_named *named; /* lists of prefixes with a name (named.h) */
	size_t nameds;
	struct conf_use *use; /* those that the allow and the deny list have */
	size_t uses;
	struct conf_list whole_allow, whole_deny; /* with those; only while there is such a use */
	struct conf_options options;
	__u32 options_set; /* bit i: option i of the table was given */
	struct conf_place mode_place;
	struct conf_place option_place[CONF_OPTIONS_MAX];
	__u64 hash; /* of the words of all statements that were read from files, in their order */
	char (*path)[256]; /* of files that places name */
	__u16 paths;
};

/* An empty configuration with every option at its default. */
struct conf *conf_new(void);
struct conf *conf_copy(const struct conf *c); /* the limits are shared, see conf_limit.shares */
void conf_free(struct conf *c);

static inline void conf_free_ptr(struct conf **c) /* for _cleanup_() */
{
	conf_free(*c);
}

struct conf_limit *conf_find_limit(const struct conf *c, const char *name);
struct conf_attach *conf_find_attach(const struct conf *c, const char *iface);
const char *conf_place_file(const struct conf *c, struct conf_place place); /* NULL: a command */
/* Counts keys of applications: no packet is judged by it. */
bool conf_limit_is_app(const struct conf_limit *l);
/* True if the state of one can go on under the other: same per, strategy, unit and periods. */
bool conf_same_state(const struct rl_limit *a, const struct rl_limit *b);

/* What is enforced: each entry of the list, and of those that it has by name. */
const struct conf_list *conf_allow(const struct conf *c);
const struct conf_list *conf_deny(const struct conf *c);

#define CONF_TEXT 512 /* bytes of a buffer for the text of a part */

/* The table of options, for `show options`. */
struct conf_option_info {
	const char *name;
	const char *range;    /* in words */
	const char *fallback; /* the default as text */
	bool restart;	      /* a change acts after a restart of rld */
};
size_t conf_option_count(void);
const struct conf_option_info *conf_option_info(size_t i);
const char *conf_option_format(const struct conf *c, size_t i, char buf[static CONF_TEXT]);

/* A packet as `explain` is told of it. */
struct conf_packet {
	union rl_addr source;
	union rl_addr destination; /* unspecified, if not said */
	char iface[IF_NAMESIZE];   /* empty: not said */
	__u32 bytes;		   /* of the frame; the headers alone, if not said */
	__u16 dport;
	__u16 sport;
	__u16 vlan; /* RL_VLAN_NONE: untagged */
	__u8 icmp_type;
	__u8 proto;
	__u8 link; /* enum rl_link */
	bool syn;
	__u16 flags;	  /* of TCP, as its header has them */
	bool established; /* any packet of an open connection to here: not SYN or RST, but ACK */
	__u32 said; /* bit k: something was said of condition kind k, or follows from what was */
	__u32 known; /* bit k: whether it meets such a condition does not depend on what was not said */
};
__u32 conf_packet_ip(const struct conf_packet *p);	/* bytes before the IP header */
__u32 conf_packet_headers(const struct conf_packet *p); /* of all headers */
bool conf_packet_has_ports(const struct conf_packet *p);
bool conf_packet_has_icmp(const struct conf_packet *p); /* a message of its version of IP */
/* Whether the limit would judge it, if it were enabled; as if all of it were known. */
bool conf_packet_matches(const struct conf_packet *p, const struct conf_limit *l);

/* Lists. A place in one, which holds as long as the list is not changed. */
struct conf_at {
	const struct conf_list *list;
	size_t block;
	unsigned nth;
};
static inline struct conf_at conf_list_begin(const struct conf_list *l)
{
	return (struct conf_at){.list = l};
}
/* The entry there; NULL: behind the last one. */
static inline const struct conf_entry *conf_at_entry(const struct conf_at *at)
{
	return at->block < at->list->blocks ? &at->list->block[at->block]->entry[at->nth] : NULL;
}
static inline void conf_at_next(struct conf_at *at)
{
	if (at->block < at->list->blocks && ++at->nth == at->list->block[at->block]->count) {
		at->block++;
		at->nth = 0;
	}
}
#define conf_list_each(e, at, l)                                                                   \
	for (struct conf_at at = conf_list_begin(l); ((e) = conf_at_entry(&(at)));                 \
	     conf_at_next(&(at)))
/* The first entry that does not sort before `prefix`: what it covers stands from there on. */
struct conf_at conf_list_from(const struct conf_list *l, const struct addr_prefix *prefix);
/* NULL: it has none of that prefix. */
const struct conf_entry *conf_list_find(const struct conf_list *l,
					const struct addr_prefix *prefix);
/* To the next entry that has an end, from there on; quick where few have. NULL: none has. */
const struct conf_entry *conf_at_timed(struct conf_at *at);
/* The effective end of an entry: the latest of its own and of those that cover it; 0: no end. */
__s64 conf_list_until(const struct conf_list *l, const struct conf_entry *e);
/* Two lists side by side: prefix by prefix what each has of it, if it has. */
struct conf_pair {
	struct conf_at a, b;
	const struct conf_entry *old, *new;
};
static inline struct conf_pair conf_pair_begin(const struct conf_list *old,
					       const struct conf_list *new)
{
	return (struct conf_pair){.a = conf_list_begin(old), .b = conf_list_begin(new)};
}
/* Goes on to the next prefix; `changes`: leaves out blocks that both share. False: at the end. */
bool conf_pair_next(struct conf_pair *p, bool changes);
/* One address that is state, by `ban` or, which is the same, `deny add ADDR for D`: a ban by hand.
 * Only of the deny list. */
bool conf_entry_is_ban(const struct conf_entry *e);
bool conf_same_comment(const struct conf_entry *a, const struct conf_entry *b);
/* The same entries with the same ends. */
bool conf_list_equal(const struct conf_list *a, const struct conf_list *b);
/* Copies the entries of `from` that are state (timed, bans), have not ended, and are of a prefix
 * that `to` has nothing of. */
int conf_list_carry(struct conf_list *to, const struct conf_list *from, __s64 now_s);
/* The wall clock was set by so much: what was given as a duration ends as much later. */
void conf_list_step(struct conf_list *l, __s64 step_s);
/* Drops entries that have ended by now_s, `max` at most, and tells each to `drop` (may be NULL)
 * before. Returns how many. */
struct conf_expiry {
	__s64 now_s;
	size_t max;
	void (*drop)(void *ctx, const struct conf_entry *entry);
	void *ctx;
};
size_t conf_list_expire(struct conf_list *l, const struct conf_expiry *expiry);
/* The unexpired entry with the longest prefix that covers all of `prefix`, or NULL. */
const struct conf_entry *conf_list_cover(const struct conf_list *l,
					 const struct addr_prefix *prefix, __s64 now_s);
/* Number of unexpired entries that `prefix` covers; `ret_first` is the first, if there is one. */
size_t conf_list_inside(const struct conf_list *l, const struct addr_prefix *prefix, __s64 now_s,
			const struct conf_entry **ret_first);
/* The covering, unexpired entry of an address with the longest prefix, or NULL. */
const struct conf_entry *conf_list_match(const struct conf_list *l, const union rl_addr *addr,
					 __s64 now_s);

#endif
