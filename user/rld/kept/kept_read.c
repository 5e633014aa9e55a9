// SPDX-License-Identifier: GPL-2.0-only
/* The file of sources into maps that are new: all of it that still has a limit and a place. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "rld/kept/kept.h"
#include "rld/kept/kept_file.h"
#include "rld/loop/log.h"

struct reading {
	const struct rld *rld;
	struct kept_file file;
	size_t bans, states, strange, no_room;
};

/* The first of two with one key stands. */
static void count(struct reading *r, int err, size_t *taken)
{
	if (!err)
		++*taken;
	else if (err != -EEXIST)
		r->no_room++;
}

static void put_bans(struct reading *r, struct dp_put *put)
{
	for (__u64 i = 0; i < r->file.tail->bans; i++) {
		struct rl_ban ban;
		enum kept_fate fate = kept_file_ban(&r->file, i, &ban);

		r->strange += fate == KEPT_STRANGE;
		if (fate == KEPT_LIVE)
			count(r, dp_put_ban(put, &r->file.ban[i].key, &ban), &r->bans);
	}
}

static void put_states(struct reading *r, struct dp_put *put)
{
	for (__u64 i = 0; i < r->file.tail->states; i++) {
		const struct rl_limit *limit;
		struct rl_state state;
		enum kept_fate fate = kept_file_state(&r->file, i, &limit, &state);

		r->strange += fate == KEPT_STRANGE;
		if (fate == KEPT_LIVE)
			count(r, dp_put_state(put, limit, &state), &r->states);
	}
}

static void tell(const struct reading *r)
{
	log_line("of %s/%s: %zu sources with their bans and windows and %zu bans from everything "
		 "are back; %zu found no room, %zu are of limits that are gone or count otherwise",
		 r->rld->options.state_dir, PERSIST_SOURCES, r->states, r->bans, r->no_room,
		 r->strange);
}

static void restore(struct reading *r, const struct conf *conf)
{
	struct moment now = clock_moment();
	char boot[PERSIST_BOOT];
	struct dp_put *put;

	persist_boot(boot);
	if (kept_file_open(&r->file, conf, &now, boot) || dp_put_open(r->rld->dp, &put)) {
		log_line("cannot take up %s/%s: no memory", r->rld->options.state_dir,
			 PERSIST_SOURCES);
	} else {
		if (!dp_adopted_bans(r->rld->dp))
			put_bans(r, put);
		if (!dp_adopted(r->rld->dp))
			put_states(r, put);
		dp_put_close(put);
		tell(r);
	}
	kept_file_close(&r->file);
}

static void refuse(const struct reading *r, const char *what)
{
	const struct persist_refusal refusal = {
		.dir = r->rld->options.state_dir,
		.name = PERSIST_SOURCES,
		.what = what,
		.lost = "bans by limits and windows of an hour and more begin anew",
	};

	persist_refuse(&refusal);
}

static void read_map(struct reading *r, const struct conf *conf, int fd, size_t size)
{
	void *map = size ? mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
	const char *wrong = size ? strerror(errno) : "it is empty";

	if (map != MAP_FAILED)
		wrong = kept_file_judge(map, size, &r->file);
	if (wrong)
		refuse(r, wrong);
	else
		restore(r, conf);
	if (map != MAP_FAILED)
		munmap(map, size);
}

void kept_restore(const struct rld *rld, const struct conf *conf)
{
	struct reading r = {.rld = rld};
	_cleanup_close_ int fd = -1;
	struct stat st;
	int err;

	if (dp_adopted(rld->dp) && dp_adopted_bans(rld->dp))
		return;
	err = persist_open(rld->options.state_dir, PERSIST_SOURCES, &fd);
	if (!err && fstat(fd, &st))
		err = -errno;
	if (!err)
		read_map(&r, conf, fd, (size_t)st.st_size);
	else if (err != -ENOENT)
		refuse(&r, persist_open_error(err));
}
