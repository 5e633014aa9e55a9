// SPDX-License-Identifier: GPL-2.0-only
/* Writing the file of sources: a walk through the table in turns, the disk in a thread. */
#include "rld/kept.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/time.h"
#include "rld/expiry.h"
#include "rld/log.h"
#include "rld/persist_files.h"
#include "rld/scan.h"

#define FIRST_NS (10 * TIME_NS) /* after the start: what came back is safe again soon */
#define EVERY_NS (60 * TIME_NS)
#define AT_LEAST 60 /* of those: the time in the file is renewed though nothing else is new */

struct kept {
	struct rld *rld;
	struct loop_timer *timer;
	char *path;
	char *temporary;
	/* Of the file that is being written. */
	FILE *file;
	__u64 sum;
	__u64 news; /* the sum of the records alone */
	struct sources_tail tail;
	__u32 id[RL_SLOTS_MAX]; /* of the limit in the table, by slot ... */
	__u32 index[RL_SLOTS_MAX];
	/* Of the last one. */
	bool written;
	__u64 last_news;
	__u64 last_packets;
	__u64 last_version;
	unsigned age; /* turns since then */
	bool touched;
	bool complained;
	pthread_t thread;
	bool syncing; /* the thread is to be joined */
	int sync_err;
};

static void complain(struct kept *kept, int err)
{
	if (!kept->complained)
		log_line("cannot write %s (%s); a reboot would forget bans by limits", kept->path,
			 strerror(err));
	kept->complained = true;
}

static void put(struct kept *kept, const void *data, size_t len)
{
	fwrite(data, len, 1, kept->file);
	kept->sum = kept_sum(kept->sum, data, len);
}

static void put_record(struct kept *kept, const void *data, size_t len)
{
	put(kept, data, len);
	kept->news = kept_sum(kept->news, data, len);
}

static size_t count_limits(const struct conf *conf)
{
	size_t count = 0;

	for (size_t i = 0; i < conf->limits; i++)
		count += kept_limit_matters(&conf->limit[i]->abi);
	return count;
}

static void put_limit(struct kept *kept, const struct rl_limit *limit, __u32 index)
{
	struct sources_limit record = {
		.key = limit->key,
		.prefix4 = limit->prefix4,
		.prefix6 = limit->prefix6,
		.strategy = limit->strategy,
		.unit = limit->unit,
		.windows = limit->windows,
	};

	memcpy(record.name, limit->name, sizeof(record.name));
	for (int i = 0; i < RL_WINDOWS_MAX; i++)
		record.period_ns[i] = limit->window[i].period_ns;
	kept->id[limit->slot % RL_SLOTS_MAX] = limit->id;
	kept->index[limit->slot % RL_SLOTS_MAX] = index;
	put_record(kept, &record, sizeof(record));
}

static const struct rl_limit *limit_of(const struct kept *kept, __u32 id, __u32 *ret_index)
{
	const struct conf_limit *limit = rld_limit_by_id(kept->rld, id);

	if (!limit || kept->id[limit->abi.slot % RL_SLOTS_MAX] != id)
		return NULL;
	*ret_index = kept->index[limit->abi.slot % RL_SLOTS_MAX];
	return &limit->abi;
}

/* Lifts none. */
static bool put_ban(void *ctx, const struct rl_ban_key *key, const struct rl_ban *ban)
{
	struct kept *kept = ctx;
	struct sources_ban record = {.key = *key, .until = ban->until};
	__u32 index;

	if (ban->until > time_mono_ns() && kept->tail.bans < RL_BANS_MAX &&
	    limit_of(kept, ban->limit_id, &index)) {
		record.limit = index;
		put_record(kept, &record, sizeof(record));
		kept->tail.bans++;
	}
	return false;
}

static int begin(struct kept *kept, size_t limits)
{
	struct sources_head head = {
		.magic = SOURCES_MAGIC,
		.version = SOURCES_VERSION,
		.limits = (__u32)limits,
		.state_bytes = sizeof(struct rl_state),
		.written = clock_moment(),
	};
	const struct conf *conf = kept->rld->conf;
	__u32 index = 0;
	int fd = open(kept->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	kept->file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!kept->file)
		return -errno;
	persist_boot(head.boot);
	kept->sum = kept->news = 0;
	kept->tail = (struct sources_tail){0};
	memset(kept->id, 0, sizeof(kept->id));
	put(kept, &head, sizeof(head));
	for (size_t i = 0; i < conf->limits; i++)
		if (kept_limit_matters(&conf->limit[i]->abi))
			put_limit(kept, &conf->limit[i]->abi, index++);
	dp_bans_lift(kept->rld->dp, put_ban, kept);
	return 0;
}

static bool put_states(void *ctx, const struct rl_key *keys, const struct rl_state *states,
		       size_t count)
{
	struct kept *kept = ctx;
	__u64 now_ns = time_mono_ns();

	for (size_t i = 0; i < count; i++) {
		struct rl_state state = states[i];
		__u32 index;
		const struct rl_limit *limit = limit_of(kept, keys[i].limit_id, &index);

		if (!limit || state.fingerprint == RL_DEAD || !kept_matters(limit, &state, now_ns))
			continue;
		memset(&state.lock, 0, sizeof(state.lock));
		state.fingerprint = 0;
		state.hot = 0;
		state.key.limit_id = index;
		put_record(kept, &state, sizeof(state));
		kept->tail.states++;
	}
	return true;
}

static void discard(struct kept *kept)
{
	if (kept->file)
		fclose(kept->file);
	kept->file = NULL;
	unlink(kept->temporary);
}

/* All that waits for a disk. */
static void *sync_file(void *ctx)
{
	struct kept *kept = ctx;

	kept->sync_err = 0;
	if (fflush(kept->file) || ferror(kept->file) || fsync(fileno(kept->file)) ||
	    rename(kept->temporary, kept->path))
		kept->sync_err = errno ? errno : EIO;
	fclose(kept->file);
	return NULL;
}

static void settle(struct kept *kept)
{
	kept->syncing = false;
	kept->file = NULL;
	if (kept->sync_err)
		complain(kept, kept->sync_err);
	else
		kept->complained = false;
	kept->written = !kept->sync_err;
	kept->sync_err = 0;
}

static bool is_news(const struct kept *kept)
{
	return !kept->written || kept->news != kept->last_news || kept->age >= AT_LEAST;
}

static void end(struct kept *kept, bool wait)
{
	put(kept, &kept->tail, offsetof(struct sources_tail, sum));
	kept->tail.sum = kept->sum;
	fwrite(&kept->tail.sum, sizeof(kept->tail.sum), 1, kept->file);
	if (!wait && !is_news(kept))
		return discard(kept);
	kept->last_news = kept->news;
	kept->age = 0;
	kept->syncing = !wait && !pthread_create(&kept->thread, NULL, sync_file, kept);
	if (!kept->syncing) {
		sync_file(kept);
		settle(kept);
	}
}

static void on_scanned(void *ctx, int err)
{
	struct kept *kept = ctx;

	if (!err)
		return end(kept, false);
	discard(kept);
	kept->touched = true;
}

/* Without a packet or a command nothing has changed but the time. */
static bool is_quiet(struct kept *kept)
{
	__u64 count = expiry_packets(kept->rld->expiry);
	bool quiet = kept->written && !kept->touched && count == kept->last_packets &&
		     kept->rld->version == kept->last_version && kept->age < AT_LEAST;

	kept->last_packets = count;
	kept->last_version = kept->rld->version;
	kept->touched = false;
	return quiet;
}

static void turn(void *ctx)
{
	struct kept *kept = ctx;
	size_t limits = count_limits(kept->rld->conf);
	int err;

	loop_timer_set(kept->timer, EVERY_NS);
	/* A disk that hangs is not waited for. */
	if (kept->syncing && !pthread_tryjoin_np(kept->thread, NULL))
		settle(kept);
	if (kept->file)
		return; /* the disk, or the walk through a large table, is still at it */
	kept->age++;
	if (!limits) {
		unlink(kept->path);
		kept->written = false;
		return;
	}
	if (is_quiet(kept))
		return;
	err = begin(kept, limits);
	if (!err)
		err = scan_start(kept->rld->scans, put_states, on_scanned, kept);
	if (err) {
		complain(kept, -err);
		discard(kept);
	}
}

/* In one go: nobody is served any more. */
static void write_now(struct kept *kept)
{
	size_t limits = count_limits(kept->rld->conf);
	const struct rl_state *states;
	const struct rl_key *keys;
	struct dp_scan *scan;
	int count, err;

	if (!limits) {
		unlink(kept->path);
		return;
	}
	err = begin(kept, limits);
	if (!err)
		err = dp_scan_open(kept->rld->dp, &scan);
	if (err) {
		complain(kept, -err);
		return discard(kept);
	}
	while ((count = dp_scan_next(scan, &keys, &states)) > 0)
		put_states(kept, keys, states, (size_t)count);
	dp_scan_close(scan);
	if (count < 0)
		discard(kept);
	else
		end(kept, true);
}

void kept_touch(struct kept *kept)
{
	if (kept)
		kept->touched = true;
}

int kept_new(struct rld *rld, struct kept **ret)
{
	struct kept *kept = calloc(1, sizeof(*kept));

	if (!kept)
		return -ENOMEM;
	kept->rld = rld;
	kept->path = persist_path(rld->options.state_dir, PERSIST_SOURCES);
	kept->temporary = persist_path(rld->options.state_dir, PERSIST_SOURCES ".new");
	kept->timer = loop_timer_add(rld->loop, turn, kept);
	if (!kept->path || !kept->temporary || !kept->timer) {
		free(kept->path);
		free(kept->temporary);
		free(kept);
		return -ENOMEM;
	}
	loop_timer_set(kept->timer, FIRST_NS);
	*ret = kept;
	return 0;
}

void kept_free(struct kept *kept)
{
	if (!kept)
		return;
	if (kept->syncing && !pthread_join(kept->thread, NULL))
		settle(kept);
	if (kept->file)
		discard(kept);
	write_now(kept);
	loop_timer_stop(kept->timer);
	free(kept->path);
	free(kept->temporary);
	free(kept);
}
