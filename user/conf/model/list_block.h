/* SPDX-License-Identifier: GPL-2.0-only */
/* The blocks of a list.
 *
 *   1. A block with shares is not changed: who wants to owns a copy first.
 *   2. After a change of its entries it is settled; one without entries is dropped.
 */
#ifndef CONF_LIST_BLOCK_H
#define CONF_LIST_BLOCK_H

#include "conf/model/conf_internal.h"

/* Block i, to be changed. NULL: no memory. */
struct conf_block *list_block_own(struct conf_list *l, size_t i);
/* An empty one in that place. NULL: no memory. */
struct conf_block *list_block_add(struct conf_list *l, size_t i);
void list_block_drop(struct conf_list *l, size_t i);
/* Halves the full block at `at`, which then is the same place in one of them. -ENOMEM. */
int list_block_split(struct conf_list *l, struct conf_at *at);
/* What a block says of its entries. */
void list_block_settle(struct conf_block *b);

#endif
