/* SPDX-License-Identifier: GPL-2.0-only */
/* A file of sources while it is being written, in the form of persist_files.h: begun, bans, states,
 * ended. Writes to memory and the page cache only; who began it closes the file. */
#ifndef RLD_KEPT_WRITE_H
#define RLD_KEPT_WRITE_H

#include "rld/persist/persist_files.h"
#include "rld/rld.h"

struct kept_write {
	const struct rld *rld;
	FILE *file; /* NULL: none is being written */
	__u64 sum;
	__u64 news; /* the sum of the records alone */
	struct sources_tail tail;
	__u32 id[RL_SLOTS_MAX]; /* of the limit in the table, by slot ... */
	__u32 index[RL_SLOTS_MAX];
};

size_t kept_write_limits(const struct conf *conf); /* of which something is kept */
int kept_write_begin(struct kept_write *w, const char *path);
/* `ctx` is the struct kept_write. */
void kept_write_ban(void *ctx, const struct rl_ban_key *key, const struct rl_ban *ban);
void kept_write_states(struct kept_write *w, const struct rl_key *keys,
		       const struct rl_state *states, size_t count);
void kept_write_end(struct kept_write *w);

#endif
