/* SPDX-License-Identifier: GPL-2.0-only */
/* The lists of conditions: ports, protocols, prefixes, interfaces; each sorted and without what is
 * there twice. */
#ifndef CONF_COND_LIST_H
#define CONF_COND_LIST_H

#include "conf/grammar/stmt.h"

int cond_take_ranges(struct stmt *s, struct conf_cond *cond, __u32 max);
int cond_take_flags(struct stmt *s, struct conf_cond *cond, __u32 max);
int cond_take_protos(struct stmt *s, struct conf_cond *cond, __u32 max);
int cond_take_proto_names(struct stmt *s, struct conf_cond *cond);
int cond_take_prefixes(struct stmt *s, struct conf_cond *cond, __u32 max);
int cond_take_ifaces(struct stmt *s, struct conf_cond *cond, __u32 max);

#endif
