/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of match conditions, one row each, and what a condition says of a packet: for the
 * compiler, the grammar, the guard and explain alike.
 *
 * A condition is a set of values of one dimension of packets (RL_DIMS in abi.h), or with `not` all
 * others. All conditions of a limit must hold, those of one kind too: `dport 1-100 not dport 22`.
 * What one says of packets that have no such field:
 *   - on ports, negated too: holds only for packets with ports (TCP, UDP, UDP-Lite, SCTP, DCCP; no
 *     later fragments). A key that names a port asks for ports as well.
 *   - on the ICMP type, negated too: holds only for ICMP and ICMPv6 messages.
 *   - on flags, negated too: holds only for TCP whose header is in reach, or would be but for a
 *     first fragment that ends before it. Such a one meets each condition on flags.
 *   - on the VLAN: the first tag with an id; `not vlan 10` holds for untagged packets.
 *   - unit connections implies `syn`, which is TCP with SYN and without ACK.
 *   - on addresses: a prefix is of one family, so `not src ::/0` is every address of IPv4.
 */
#ifndef CONF_COND_H
#define CONF_COND_H

#include "conf/model/conf.h"

/* What follows the word of a condition. */
enum cond_form {
	COND_WORD,     /* nothing: the set stands in the table */
	COND_NUMBERS,  /* numbers and ranges, up to `max` */
	COND_PROTOS,   /* ... and names of protocols, which may stand alone */
	COND_FLAGS,    /* names of TCP flags */
	COND_PREFIXES, /* addresses and prefixes */
	COND_IFACES,   /* names of interfaces */
	COND_FORM_COUNT,
};

struct cond_set { /* of values of a dimension */
	const struct conf_range *range;
	size_t count;
};

struct cond_kind {
	const char *word;
	enum cond_form form;
	__u32 max;
	enum rl_dim dim;
	struct cond_set set; /* of a COND_WORD */
	struct cond_set
		implied; /* values of `implied_dim` that must hold as well, also if negated */
	enum rl_dim implied_dim;
	/* Protocols whose packets have it, so that who names it has said the protocol; NULL:
	 * all. */
	bool (*only_of)(const struct conf_packet *p);
	const char *untold; /* why `explain` takes no such condition; NULL: it does */
	bool settled;	    /* it is known of every packet that is explained */
};
const struct cond_kind *cond_kind(enum conf_cond_kind kind);
/* The kind of a word, or CONF_COND_KIND_COUNT. */
enum conf_cond_kind cond_kind_of(const char *word, size_t len);

/* The values that the condition names, without `not`: of numbers, words and flags. `buf` holds them
 * where they do not stand in `cond`. */
#define COND_RANGES_MAX 130
struct cond_set cond_values(const struct conf_cond *cond, struct conf_range buf[COND_RANGES_MAX]);

extern const struct cond_set cond_syn, cond_ports; /* of RL_DIM_TRAITS: what units and keys imply */

/* Whether the packet meets it: MAYBE if that depends on what p->known leaves open. */
enum cond_met { COND_NO, COND_MAYBE, COND_YES };
enum cond_met cond_met(const struct conf_cond *cond, const struct conf_packet *p);

#endif
