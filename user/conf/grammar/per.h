/* SPDX-License-Identifier: GPL-2.0-only */
/* The clauses with a grammar of their own: per KEY and ban. */
#ifndef CONF_PER_H
#define CONF_PER_H

#include "conf/grammar/stmt.h"

int per_take(struct stmt *s, struct conf_limit *l);
/* `per source`: /32 and /64. */
void per_default(struct rl_limit *l);
#define BAN_WORDS "for up after everywhere"
int ban_take(struct stmt *s, struct conf_limit *l);

#endif
