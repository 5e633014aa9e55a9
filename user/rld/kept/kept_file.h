/* SPDX-License-Identifier: GPL-2.0-only */
/* A file of sources in memory, as it was read: what is wrong with it, and its records for the
 * limits and by the clock of today. Pure; takes any bytes. */
#ifndef RLD_KEPT_FILE_H
#define RLD_KEPT_FILE_H

#include "conf/model/conf.h"
#include "rld/persist/persist_files.h"

struct kept_file {
	const struct sources_head *head; /* in what was judged, like the next four */
	const struct sources_limit *limit;
	const struct sources_ban *ban;
	const struct rl_state *state;
	const struct sources_tail *tail;
	const struct rl_limit **like; /* owned; of each of them; NULL: there is none like it now */
	__s64 shift_ns;
	__u64 now_ns;
};

enum kept_fate {
	KEPT_OVER,
	KEPT_STRANGE, /* of a limit that is gone or counts otherwise, or of none at all */
	KEPT_LIVE,
};

/* What is wrong with it, or NULL. `bytes` are aligned as a map is. */
const char *kept_file_judge(const void *bytes, size_t size, struct kept_file *ret);
/* Before the records are asked for: limits of now and moment of now, in this boot. */
int kept_file_open(struct kept_file *file, const struct conf *conf, const struct moment *now,
		   const char *boot);
void kept_file_close(struct kept_file *file);
/* Records by number, below the counts of `tail`; `*ret` only if LIVE. */
enum kept_fate kept_file_ban(const struct kept_file *file, __u64 i, struct rl_ban *ret);
enum kept_fate kept_file_state(const struct kept_file *file, __u64 i,
			       const struct rl_limit **ret_limit, struct rl_state *ret);

#endif
