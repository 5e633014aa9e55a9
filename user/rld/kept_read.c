// SPDX-License-Identifier: GPL-2.0-only
/* The file of sources into maps that are new: all of it that still has a limit and a place. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "rld/kept.h"
#include "rld/log.h"
#include "rld/persist_files.h"

struct reading {
	const struct rld *rld;
	const struct sources_head *head; /* mapped, like the next three */
	const struct sources_ban *ban;
	const struct rl_state *state;
	const struct sources_tail *tail;
	const struct rl_limit **limit; /* owned; of each index; NULL: there is none like it now */
	__s64 shift_ns;
	__u64 now_ns;
	size_t bans, states, strange, no_room;
};

/* What is wrong with it, or NULL. */
static const char *judge(const void *map, size_t size, struct reading *r)
{
	const struct sources_head *head = map;
	const struct sources_tail *tail;
	size_t fixed = sizeof(*head) + sizeof(*tail);

	if (size < fixed || size % 8)
		return "it is cut";
	if (memcmp(head->magic, SOURCES_MAGIC, sizeof(head->magic)))
		return "it is no such file";
	if (head->version != SOURCES_VERSION || head->state_bytes != sizeof(struct rl_state))
		return "it is of another version of rld";
	tail = (const void *)((const char *)map + size - sizeof(*tail));
	if (head->limits > RL_LIMITS_MAX || tail->bans > RL_BANS_MAX ||
	    tail->states > size / sizeof(struct rl_state) ||
	    size != fixed + head->limits * sizeof(struct sources_limit) +
			    tail->bans * sizeof(struct sources_ban) +
			    tail->states * sizeof(struct rl_state))
		return "it is cut";
	if (kept_sum(0, map, size - sizeof(tail->sum)) != tail->sum)
		return "it is damaged";
	r->head = head;
	r->tail = tail;
	r->ban = (const void *)((const struct sources_limit *)(head + 1) + head->limits);
	r->state = (const void *)(r->ban + tail->bans);
	return NULL;
}

static const struct rl_limit *find(const struct conf *conf, const struct sources_limit *kept)
{
	struct rl_limit like = {
		.key = kept->key,
		.prefix4 = kept->prefix4,
		.prefix6 = kept->prefix6,
		.strategy = kept->strategy,
		.unit = kept->unit,
		.windows = kept->windows,
	};
	const struct conf_limit *found;
	char name[RL_NAME_LEN];

	snprintf(name, sizeof(name), "%.*s", RL_NAME_LEN - 1, kept->name);
	found = conf_find_limit(conf, name);
	for (int i = 0; found && i < RL_WINDOWS_MAX; i++) {
		like.window[i].period_ns = kept->period_ns[i];
		like.window[i].amount = found->abi.window[i].amount; /* logs are not kept */
	}
	return found && conf_same_state(&found->abi, &like) ? &found->abi : NULL;
}

static int find_limits(struct reading *r, const struct conf *conf)
{
	const struct sources_limit *kept = (const void *)(r->head + 1);

	r->limit = calloc(r->head->limits + 1, sizeof(*r->limit));
	for (__u32 i = 0; r->limit && i < r->head->limits; i++)
		r->limit[i] = find(conf, &kept[i]);
	return r->limit ? 0 : -ENOMEM;
}

static const struct rl_limit *limit_at(const struct reading *r, __u64 index)
{
	return index < r->head->limits ? r->limit[index] : NULL;
}

static void put_bans(struct reading *r, struct dp_put *put)
{
	for (__u64 i = 0; i < r->tail->bans; i++) {
		const struct rl_limit *limit = limit_at(r, r->ban[i].limit);
		struct rl_ban ban = {.until = kept_shift_time(r->ban[i].until, r->shift_ns)};

		if (ban.until <= r->now_ns)
			continue;
		if (!limit) {
			r->strange++;
			continue;
		}
		ban.limit_id = limit->id;
		if (dp_put_ban(put, &r->ban[i].key, &ban))
			r->no_room++;
		else
			r->bans++;
	}
}

static void put_states(struct reading *r, struct dp_put *put)
{
	for (__u64 i = 0; i < r->tail->states; i++) {
		struct rl_state state = r->state[i];
		const struct rl_limit *limit = limit_at(r, state.key.limit_id);

		if (!limit) {
			r->strange++;
			continue;
		}
		kept_shift(&state, limit, r->shift_ns, r->now_ns);
		if (!kept_matters(limit, &state, r->now_ns))
			continue;
		if (dp_put_state(put, limit, &state))
			r->no_room++;
		else
			r->states++;
	}
}

static void tell(const struct reading *r)
{
	log_line("of %s/%s: %zu sources with their bans and windows and %zu bans from everything "
		 "are back; %zu found no room, %zu are of limits that are gone or count otherwise",
		 r->rld->options.state_dir, PERSIST_SOURCES, r->states, r->bans, r->no_room,
		 r->strange);
}

/* Times of then, in this boot's clock: as much later as the clocks differ, but for the time that
 * has passed. */
static void set_clock(struct reading *r)
{
	struct moment now = clock_moment();
	char boot[PERSIST_BOOT];
	__u64 since;

	persist_boot(boot);
	since = clock_since(&r->head->written, &now,
			    !strncmp(boot, r->head->boot, sizeof(r->head->boot)));
	r->now_ns = now.mono_ns;
	r->shift_ns = (__s64)(now.mono_ns - since - r->head->written.mono_ns);
}

static void restore(struct reading *r, const struct conf *conf)
{
	struct dp_put *put;

	set_clock(r);
	if (find_limits(r, conf) || dp_put_open(r->rld->dp, &put)) {
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
	free(r->limit);
}

static void set_aside(const char *dir, const char *path, const char *what)
{
	_cleanup_free_ char *bad = persist_path(dir, PERSIST_SOURCES_BAD);

	log_line("%s is not taken up: %s; bans by limits and windows of an hour and more begin "
		 "anew (it is now %s)",
		 path, what, PERSIST_SOURCES_BAD);
	if (bad)
		rename(path, bad);
}

void kept_restore(const struct rld *rld, const struct conf *conf)
{
	_cleanup_free_ char *path = persist_path(rld->options.state_dir, PERSIST_SOURCES);
	_cleanup_close_ int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	struct reading r = {.rld = rld};
	const char *wrong;
	struct stat st;
	void *map;

	if (fd < 0 || fstat(fd, &st) || (dp_adopted(rld->dp) && dp_adopted_bans(rld->dp)))
		return;
	map = st.st_size ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0)
			 : MAP_FAILED;
	wrong = map == MAP_FAILED ? "it is cut" : judge(map, (size_t)st.st_size, &r);
	if (wrong)
		set_aside(rld->options.state_dir, path, wrong);
	else
		restore(&r, conf);
	if (map != MAP_FAILED)
		munmap(map, (size_t)st.st_size);
}
