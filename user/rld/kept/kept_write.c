// SPDX-License-Identifier: GPL-2.0-only
/* The records of a file of sources. */
#include "rld/kept/kept_write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "rld/kept/kept_shift.h"

static void put(struct kept_write *w, const void *data, size_t len)
{
	fwrite(data, len, 1, w->file);
	w->sum = kept_sum(w->sum, data, len);
}

static void put_record(struct kept_write *w, const void *data, size_t len)
{
	put(w, data, len);
	w->news = kept_sum(w->news, data, len);
}

size_t kept_write_limits(const struct conf *conf)
{
	size_t count = 0;

	for (size_t i = 0; i < conf->limits; i++)
		count += kept_limit_matters(&conf->limit[i]->abi);
	return count;
}

static void put_limit(struct kept_write *w, const struct rl_limit *limit, __u32 index)
{
	struct sources_limit record = {0};

	RL_COPY_SHAPE(&record, limit);
	memcpy(record.name, limit->name, sizeof(record.name));
	for (int i = 0; i < RL_WINDOWS_MAX; i++)
		record.period_ns[i] = limit->window[i].period_ns;
	w->id[limit->slot % RL_SLOTS_MAX] = limit->id;
	w->index[limit->slot % RL_SLOTS_MAX] = index;
	put_record(w, &record, sizeof(record));
}

static const struct rl_limit *limit_of(const struct kept_write *w, __u32 id, __u32 *ret_index)
{
	const struct conf_limit *limit = rld_limit_by_id(w->rld, id);

	if (!limit || w->id[limit->abi.slot % RL_SLOTS_MAX] != id)
		return NULL;
	*ret_index = w->index[limit->abi.slot % RL_SLOTS_MAX];
	return &limit->abi;
}

void kept_write_ban(void *ctx, const struct rl_ban_key *key, const struct rl_ban *ban)
{
	struct kept_write *w = ctx;
	struct sources_ban record = {.key = *key, .until = ban->until};
	__u32 index;

	if (ban->until > time_mono_ns() && w->tail.bans < RL_BANS_MAX &&
	    limit_of(w, ban->limit_id, &index)) {
		record.limit = index;
		put_record(w, &record, sizeof(record));
		w->tail.bans++;
	}
}

int kept_write_begin(struct kept_write *w, const char *path)
{
	const struct conf *conf = w->rld->conf;
	struct sources_head head = {
		.magic = SOURCES_MAGIC,
		.version = SOURCES_VERSION,
		.limits = (__u32)kept_write_limits(conf),
		.state_bytes = sizeof(struct rl_state),
		.written = clock_moment(),
	};
	__u32 index = 0;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	w->file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!w->file)
		return -errno;
	persist_boot(head.boot);
	w->sum = w->news = 0;
	w->tail = (struct sources_tail){0};
	memset(w->id, 0, sizeof(w->id));
	put(w, &head, sizeof(head));
	for (size_t i = 0; i < conf->limits; i++)
		if (kept_limit_matters(&conf->limit[i]->abi))
			put_limit(w, &conf->limit[i]->abi, index++);
	return 0;
}

void kept_write_states(struct kept_write *w, const struct rl_key *keys,
		       const struct rl_state *states, size_t count)
{
	__u64 now_ns = time_mono_ns();

	for (size_t i = 0; i < count; i++) {
		struct rl_state state = states[i];
		__u32 index;
		const struct rl_limit *limit = limit_of(w, keys[i].limit_id, &index);

		if (!limit || state.fingerprint == RL_DEAD || !kept_matters(limit, &state, now_ns))
			continue;
		memset(&state.lock, 0, sizeof(state.lock));
		state.fingerprint = 0;
		state.hot = 0;
		state.key.limit_id = index;
		put_record(w, &state, sizeof(state));
		w->tail.states++;
	}
}

void kept_write_end(struct kept_write *w)
{
	put(w, &w->tail, offsetof(struct sources_tail, sum));
	w->tail.sum = w->sum;
	fwrite(&w->tail.sum, sizeof(w->tail.sum), 1, w->file);
}
