/* SPDX-License-Identifier: GPL-2.0-only */
/* A configuration: what the statements of the files and of the commands add up to.
 *
 * Knows nothing of the kernel but abi.h: conf_compile() makes the arrays that the program reads.
 * Every function returns 0 or -errno, and fills `d` on failure; nothing is changed by a call that
 * failed.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>

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
		      CONF_COND_ICMP_TYPE,
		      CONF_COND_FRAGMENT,
		      CONF_COND_LENGTH,
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
	size_t count; /* elements of the one below that the kind uses; SYN and FRAGMENT: 0 */
	struct conf_range *range;   /* owned */
	struct addr_prefix *prefix; /* owned */
	char (*iface)[IF_NAMESIZE]; /* owned */
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
	unsigned shares; /* configurations that it is in beside the first: not to be changed then */
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

/* Sorted by address, IPv4 first, then by length: what a prefix covers follows it. */
struct conf_list {
	struct conf_entry *entry;
	size_t count;
	size_t size;
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
	struct conf_list allow;
	struct conf_list deny;
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

/* What a statement did, for the answer to the user. */
struct conf_change {
	enum {
		CONF_CHANGE_NONE, /* already so: "changed": false */
		CONF_CHANGE_ATTACH,
		CONF_CHANGE_DETACH,
		CONF_CHANGE_LIMIT, /* set, deleted, enabled, disabled */
		CONF_CHANGE_ALLOW,
		CONF_CHANGE_DENY,
		CONF_CHANGE_MODE,
		CONF_CHANGE_OPTION,
	} kind;
	char name[256]; /* of the limit, interface or option; the prefix of a list entry as text */
	bool replaced;	/* a limit of that name was there before */
	bool counts_kept;  /* ... with the same per, strategy, unit and periods */
	char warning[512]; /* e.g. that `per all` lets a stranger use the bucket up; empty: none */
};

/* Where a statement comes from, for messages and for what a file may not hold. */
struct conf_origin {
	const char *file; /* NULL: a command */
	int line;
	const char *text; /* the line as written; NULL: the words, joined */
};

/* True if the first word is that of a statement (attach, set-limit, ban, mode, …). */
bool conf_is_statement(const char *word);
/* Applies one statement given as argv-like words. Positions in `d` count in the words joined by
 * blanks, quoted as export would. `now_s`: seconds since the epoch, for `for` and `until`. */
int conf_apply(struct conf *c, char *const words[], size_t count, __s64 now_s,
	       struct conf_change *ret, struct diag *d);

/* Reads a file's statements into `c`. The first error stops, at its file:line:column, and leaves
 * `c` as it was. `notices`, if not NULL, gets a line for each limit that replaces one of an earlier
 * file, and for each warning. */
int conf_load_file(struct conf *c, const char *path, __s64 now_s, FILE *notices, struct diag *d);
/* PATH, then DIR/?*.conf in name order. An absent PATH or DIR is an empty one if `optional`. */
int conf_load(struct conf *c, const char *path, const char *dir, bool optional, __s64 now_s,
	      FILE *notices, struct diag *d);
/* The same of a text in memory, such as an export; its lines are those of a file "config". */
int conf_load_text(struct conf *c, const char *text, __s64 now_s, struct diag *d);

/* Statements, one a line, that load again to the same configuration; timed entries as `until TIME`.
 */
void conf_export(const struct conf *c, FILE *out);
/* The same, but durations are said again, by what is left of them at now_s. */
void conf_export_left(const struct conf *c, __s64 now_s, FILE *out);
/* One statement (or two: a disabled limit's set-limit and disable), newlines included. */
void conf_export_limit(const struct conf_limit *l, FILE *out);
/* Those of the statements of `c` that `base` has not got, in order: what `save` writes. Returns the
 * count of differing statements, those counted too that only `base` has, which go to `gone` as the
 * commands that take them away. Both may be NULL. */
size_t conf_diff(const struct conf *base, const struct conf *c, FILE *out, FILE *gone);
bool conf_same_limit(const struct conf_limit *a, const struct conf_limit *b);

struct conf_limit *conf_find_limit(const struct conf *c, const char *name);
struct conf_attach *conf_find_attach(const struct conf *c, const char *iface);
const char *conf_place_file(const struct conf *c, struct conf_place place); /* NULL: a command */
/* True if the state of one can go on under the other: same per, strategy, unit and periods. */
bool conf_same_state(const struct rl_limit *a, const struct rl_limit *b);

/* Text of the parts of a limit, into a buffer of 512 bytes, for `show` and JSON. */
#define CONF_TEXT 512
const char *conf_format_window(const struct rl_limit *l, unsigned window,
			       char buf[static CONF_TEXT]); /* "5MB/1s" */
const char *conf_format_per(const struct rl_limit *l,
			    char buf[static CONF_TEXT]); /* "source/24,dport" */
const char *conf_format_match(const struct conf_limit *l,
			      char buf[static CONF_TEXT]); /* "tcp dport 22 syn", cut with … */
const char *
conf_format_ban(const struct rl_limit *l,
		char buf[static CONF_TEXT]); /* "1h up to 1d after 3 breaches in 10m", or "" */

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

/* A prefix of a set that the program looks up. */
struct conf_prefix {
	struct addr_prefix prefix;
	__u32 row;
};
struct conf_prefixes {
	struct conf_prefix *v; /* owned */
	size_t count;
	__u32 none; /* the row of what is in none of them */
};

/* Everything that one generation is made of. */
struct conf_image {
	struct rl_rules *rules; /* owned; generation and set ids are filled by dp; ids and slots by
				   the caller */
	__u32 rows_used;	/* words of rules->row in use */
	struct conf_prefixes source;	  /* of conditions src */
	struct conf_prefixes destination; /* of conditions dst */
};
void conf_image_done(struct conf_image *image);

/* Compiles the limits. rules->limit[i] is c->limit[i] (in order), so the caller can fill in ids and
 * slots. `iface_slot(ctx, name)` gives the slot of an attached interface, or 0. Refuses sets in
 * which more than RL_JUDGE_MAX limits can match one packet, naming them, and ones that need more
 * rows than RL_ROW_WORDS or ban by more prefixes than RL_BAN_PREFIXES. */
int conf_compile(const struct conf *c, __u32 (*iface_slot)(void *ctx, const char *name), void *ctx,
		 struct conf_image *ret, struct diag *d);

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
	__u32 said; /* bit k: something was said of condition kind k, or follows from what was */
};
/* "explain ADDR {COND} [bytes N]": conditions that say of one packet what it is. `link_of(ctx,
 * name)` says what packets that come in there begin with, or -1 if none do; where no name was said
 * it puts one if there is no choice. */
int conf_packet_parse(char *const words[], size_t count,
		      int (*link_of)(void *ctx, char name[static IF_NAMESIZE]), void *ctx,
		      struct conf_packet *ret, struct diag *d);
__u32 conf_packet_ip(const struct conf_packet *p);	  /* bytes before the IP header */
__u32 conf_packet_transport(const struct conf_packet *p); /* ... before what it carries */
__u32 conf_packet_headers(const struct conf_packet *p);	  /* of all headers */
bool conf_packet_has_ports(const struct conf_packet *p);
bool conf_packet_has_icmp(const struct conf_packet *p); /* a message of its version of IP */
bool conf_cond_has_value(const struct conf_cond *cond, __u32 value); /* of its ranges */
bool conf_cond_has_addr(const struct conf_cond *cond, const union rl_addr *addr); /* its prefixes */
/* Whether the limit would judge it, if it were enabled. */
bool conf_packet_matches(const struct conf_packet *p, const struct conf_limit *l);

/* Whether it would judge what was said of the packet. */
enum conf_fit {
	CONF_FIT_NO,
	CONF_FIT_YES,
	CONF_FIT_SYN,  /* if the packet were the first of a connection, which was not said */
	CONF_FIT_OPEN, /* that depends on what was not said */
};
/* `needs` gets the words that decide it, empty for NO and YES; *ret_keyed: without them, too, it is
 * known what the limit would count the packet under. */
enum conf_fit conf_packet_fit(const struct conf_packet *p, const struct conf_limit *l,
			      char needs[static CONF_TEXT], bool *ret_keyed);

/* Lists. The first entry that does not sort before `prefix`: what it covers stands from there on.
 */
size_t conf_list_from(const struct conf_list *l, const struct addr_prefix *prefix);
/* `index` of an entry, or -ENOENT. */
int conf_list_find(const struct conf_list *l, const struct addr_prefix *prefix);
/* The effective end of entry i: the latest of its own and of those that cover it; 0: no end. */
__s64 conf_list_until(const struct conf_list *l, size_t i);
/* Number of entries from i on that entry i covers, itself included. */
size_t conf_list_covered(const struct conf_list *l, size_t i);
/* One address that is state, by `ban` or, which is the same, `deny add ADDR for D`: a ban by hand.
 * Only of the deny list. */
bool conf_entry_is_ban(const struct conf_entry *e);
/* The same entries with the same ends. */
bool conf_list_equal(const struct conf_list *a, const struct conf_list *b);
/* Copies the entries of `from` that are state (timed, bans), have not ended, and are of a prefix
 * that `to` has nothing of. */
int conf_list_carry(struct conf_list *to, const struct conf_list *from, __s64 now_s);
/* The wall clock was set by so much: what was given as a duration ends as much later. */
void conf_list_step(struct conf_list *l, __s64 step_s);
/* Drops what ended before now_s; returns how many. */
size_t conf_list_expire(struct conf_list *l, __s64 now_s);
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
