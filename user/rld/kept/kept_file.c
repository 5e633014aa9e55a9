// SPDX-License-Identifier: GPL-2.0-only
/* Reading a file of sources, whatever is in it. */
#include "rld/kept/kept_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rld/kept/kept_shift.h"

#define STATES_MAX 16777216 /* of the option sources-max */
#define FIXED (sizeof(struct sources_head) + sizeof(struct sources_tail))

_Static_assert(sizeof(struct sources_head) % 8 == 0, "records are whole words");
_Static_assert(sizeof(struct sources_limit) % 8 == 0, "records are whole words");
_Static_assert(sizeof(struct sources_ban) % 8 == 0, "records are whole words");
_Static_assert(sizeof(struct rl_state) % 8 == 0, "records are whole words");

static size_t size_of(__u64 limits, __u64 bans, __u64 states)
{
	return FIXED + limits * sizeof(struct sources_limit) + bans * sizeof(struct sources_ban) +
	       states * sizeof(struct rl_state);
}

/* The counts are the last of it: those of a cut file are anything. */
static bool fits(const struct sources_head *head, const struct sources_tail *tail, size_t size)
{
	return head->limits <= RL_LIMITS_MAX && tail->bans <= RL_BANS_MAX &&
	       tail->states <= STATES_MAX &&
	       size == size_of(head->limits, tail->bans, tail->states);
}

const char *kept_file_judge(const void *bytes, size_t size, struct kept_file *ret)
{
	const struct sources_head *head = bytes;
	const struct sources_tail *tail;

	if (size < FIXED)
		return "it is cut";
	if (memcmp(head->magic, SOURCES_MAGIC, sizeof(head->magic)))
		return "it is no such file";
	if (head->version != SOURCES_VERSION || head->state_bytes != sizeof(struct rl_state))
		return "it is of another version of rld, which can read it";
	if (size > size_of(RL_LIMITS_MAX, RL_BANS_MAX, STATES_MAX))
		return "it is larger than any such file";
	tail = (const void *)((const char *)bytes + size / 8 * 8 - sizeof(*tail));
	if (size % 8 || !fits(head, tail, size))
		return "its size is not that of what it counts: it is cut, or something was added";
	if (kept_sum(0, bytes, size - sizeof(tail->sum)) != tail->sum)
		return "it is damaged";
	*ret = (struct kept_file){.head = head, .tail = tail};
	ret->limit = (const void *)(head + 1);
	ret->ban = (const void *)(ret->limit + head->limits);
	ret->state = (const void *)(ret->ban + tail->bans);
	return NULL;
}

static const struct rl_limit *find(const struct conf *conf, const struct sources_limit *kept)
{
	struct rl_limit like = {0};
	const struct conf_limit *found;
	char name[RL_NAME_LEN];

	RL_COPY_SHAPE(&like, kept);
	snprintf(name, sizeof(name), "%.*s", RL_NAME_LEN - 1, kept->name);
	found = conf_find_limit(conf, name);
	for (int i = 0; found && i < RL_WINDOWS_MAX; i++) {
		like.window[i].period_ns = kept->period_ns[i];
		like.window[i].amount = found->abi.window[i].amount; /* logs are not kept */
	}
	return found && conf_same_state(&found->abi, &like) ? &found->abi : NULL;
}

/* Times of then, in this boot's clock: as much later as the clocks differ, but for the time that
 * has passed. */
static void set_clock(struct kept_file *file, const struct moment *now, const char *boot)
{
	bool same_boot = !strncmp(boot, file->head->boot, sizeof(file->head->boot));
	__u64 since = clock_since(&file->head->written, now, same_boot);

	file->now_ns = now->mono_ns;
	file->shift_ns = (__s64)(now->mono_ns - since - file->head->written.mono_ns);
}

int kept_file_open(struct kept_file *file, const struct conf *conf, const struct moment *now,
		   const char *boot)
{
	file->like = calloc(file->head->limits + 1, sizeof(*file->like));
	if (!file->like)
		return -ENOMEM;
	for (__u32 i = 0; i < file->head->limits; i++)
		file->like[i] = find(conf, &file->limit[i]);
	set_clock(file, now, boot);
	return 0;
}

void kept_file_close(struct kept_file *file)
{
	free(file->like);
	file->like = NULL;
}

static const struct rl_limit *limit_at(const struct kept_file *file, __u64 index)
{
	return index < file->head->limits ? file->like[index] : NULL;
}

enum kept_fate kept_file_ban(const struct kept_file *file, __u64 i, struct rl_ban *ret)
{
	const struct sources_ban *kept = &file->ban[i];
	const struct rl_limit *limit = limit_at(file, kept->limit);
	__u64 until = kept_shift_time(kept->until, file->shift_ns);

	if (until <= file->now_ns)
		return KEPT_OVER;
	/* With other prefixes than its limit's it would be found by no packet. */
	if (!limit || kept->key.prefix4 != limit->prefix4 || kept->key.prefix6 != limit->prefix6)
		return KEPT_STRANGE;
	*ret = (struct rl_ban){.until = until, .limit_id = limit->id};
	return KEPT_LIVE;
}

enum kept_fate kept_file_state(const struct kept_file *file, __u64 i,
			       const struct rl_limit **ret_limit, struct rl_state *ret)
{
	struct rl_state state = file->state[i];
	const struct rl_limit *limit = limit_at(file, state.key.limit_id);

	if (!limit)
		return KEPT_STRANGE;
	kept_shift(&state, limit, file->shift_ns, file->now_ns);
	if (!kept_matters(limit, &state, file->now_ns))
		return KEPT_OVER;
	*ret_limit = limit;
	*ret = state;
	return KEPT_LIVE;
}
