/* SPDX-License-Identifier: GPL-2.0-only */
/* A file of sources as an rld writes it, for tests that change it and have it read. */
#ifndef UNIT_KEPT_H
#define UNIT_KEPT_H

#include "rld/kept/kept_file.h"
#include "rld/kept/kept_shift.h"
#include "unit.h"

#define KEPT_BANS 5   /* 1, 2 ... hours long, all of the first limit */
#define KEPT_STATES 7 /* one of them of a limit of which nothing is kept */
#define KEPT_HOUR 3600000000000ull

/* A place of exactly this size, so that the sanitizer sees each byte that is read beyond it. */
struct kept_bytes {
	char *at;
	size_t size;
};
extern struct kept_bytes kept_good; /* what was written */
extern struct moment kept_now;	    /* when it is read: just then, until a test says otherwise */

struct kept_bytes kept_bytes_of(const char *from, size_t size); /* its `at` is to be freed */
struct sources_tail *kept_tail(const struct kept_bytes *bytes);
struct sources_ban *kept_bans(const struct kept_bytes *bytes);
struct rl_state *kept_states(const struct kept_bytes *bytes);
void kept_sum_again(const struct kept_bytes *bytes);

struct kept_seen {
	unsigned bans[3], states[3]; /* by enum kept_fate */
	__u64 latest;		     /* end of a ban */
};
/* Judges, and takes up what is good. What is wrong with it, or NULL. */
const char *kept_take(const struct kept_bytes *bytes, struct kept_seen *ret);
const char *kept_wrong_with(const struct kept_bytes *bytes);
void kept_assert_wrong(const struct kept_bytes *bytes, const char *start);

int kept_set_up(void **state);
int kept_tear_down(void **state);

#endif
