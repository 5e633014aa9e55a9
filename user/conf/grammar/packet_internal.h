/* SPDX-License-Identifier: GPL-2.0-only */
/* A packet on its way from words to what it is: taken word by word, then settled. */
#ifndef CONF_PACKET_INTERNAL_H
#define CONF_PACKET_INTERNAL_H

#include "conf/grammar/stmt.h"

struct taking {
	struct stmt s;
	struct conf_packet *p;
	int (*link_of)(void *ctx, char name[static IF_NAMESIZE]);
	void *ctx;
	__u32 number[CONF_COND_KIND_COUNT];
	/* Where each kind was said: words [from, to) of the line; to == 0: not. */
	struct {
		size_t from;
		size_t to;
	} said[CONF_COND_KIND_COUNT];
};

static inline bool packet_has_said(const struct taking *t, enum conf_cond_kind kind)
{
	return t->said[kind].to;
}

/* Refuses what was said of a kind. */
int packet_refuse(struct taking *t, enum conf_cond_kind kind, const char *message,
		  const char *expected);
/* After the last word: fills in the rest of the packet, or refuses what does not go together. */
int packet_settle(struct taking *t);

#endif
