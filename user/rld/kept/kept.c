// SPDX-License-Identifier: GPL-2.0-only
/* Writing the file of sources: a walk through the table in turns, the disk in a thread. */
#include "rld/kept/kept.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/replace.h"
#include "base/time.h"
#include "rld/kept/kept_write.h"
#include "rld/loop/log.h"
#include "rld/sources/expiry.h"
#include "rld/sources/scan.h"

#define FIRST_NS (10 * TIME_NS) /* after the start: what came back is safe again soon */
#define EVERY_NS (60 * TIME_NS)
#define AT_LEAST 60 /* of those: the time in the file is renewed though nothing else is new */

struct kept {
	struct rld *rld;
	struct loop_timer *timer;
	char *path;
	char *temporary;
	struct kept_write write;
	struct dp_bans_at bans_at; /* where the walk through the bans goes on ... */
	bool in_bans;		   /* ... during it */
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

static void discard(struct kept *kept)
{
	if (kept->write.file)
		fclose(kept->write.file);
	kept->write.file = NULL;
	unlink(kept->temporary);
}

/* All that waits for a disk. */
static void *sync_file(void *ctx)
{
	struct kept *kept = ctx;

	kept->sync_err = -replace_file(kept->write.file, kept->temporary, kept->path);
	return NULL;
}

static void settle(struct kept *kept)
{
	kept->syncing = false;
	kept->write.file = NULL;
	if (kept->sync_err)
		complain(kept, kept->sync_err);
	else
		kept->complained = false;
	kept->written = !kept->sync_err;
	kept->sync_err = 0;
}

static bool is_news(const struct kept *kept)
{
	return !kept->written || kept->write.news != kept->last_news || kept->age >= AT_LEAST;
}

static void end(struct kept *kept, bool wait)
{
	kept_write_end(&kept->write);
	if (!wait && !is_news(kept))
		return discard(kept);
	kept->last_news = kept->write.news;
	kept->age = 0;
	kept->syncing = !wait && !pthread_create(&kept->thread, NULL, sync_file, kept);
	if (!kept->syncing) {
		sync_file(kept);
		settle(kept);
	}
}

static bool take_states(void *ctx, const struct rl_key *keys, const struct rl_state *states,
			size_t count)
{
	struct kept *kept = ctx;

	kept_write_states(&kept->write, keys, states, count);
	return true;
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

static void fail(struct kept *kept, int err)
{
	complain(kept, err);
	discard(kept);
}

/* A piece of the bans; after the last one the states. */
static void take_bans(struct kept *kept)
{
	int r = dp_bans_look(kept->rld->dp, &kept->bans_at, kept_write_ban, &kept->write);

	kept->in_bans = r > 0;
	if (kept->in_bans)
		return loop_timer_set(kept->timer, 0);
	if (!r)
		r = scan_start(kept->rld->scans, take_states, on_scanned, kept);
	if (r)
		fail(kept, -r);
}

static void begin(struct kept *kept)
{
	int err = kept_write_begin(&kept->write, kept->temporary);

	if (err)
		return fail(kept, -err);
	kept->bans_at = (struct dp_bans_at){0};
	take_bans(kept);
}

static void forget(struct kept *kept)
{
	unlink(kept->path);
	kept->written = false;
}

static void turn(void *ctx)
{
	struct kept *kept = ctx;

	loop_timer_set(kept->timer, EVERY_NS);
	if (kept->rld->held)
		return;
	if (kept->in_bans)
		return take_bans(kept);
	/* A disk that hangs is not waited for. */
	if (kept->syncing && !pthread_tryjoin_np(kept->thread, NULL))
		settle(kept);
	if (kept->write.file)
		return; /* the disk, or the walk through a large table, is still at it */
	kept->age++;
	if (!kept_write_limits(kept->rld->conf))
		forget(kept);
	else if (!is_quiet(kept))
		begin(kept);
}

static int write_bans(struct kept *kept)
{
	struct dp_bans_at at = {0};
	int r;

	do
		r = dp_bans_look(kept->rld->dp, &at, kept_write_ban, &kept->write);
	while (r > 0);
	return r;
}

static int write_states(struct kept *kept)
{
	const struct rl_state *states;
	const struct rl_key *keys;
	struct dp_scan *scan;
	int r = dp_scan_open(kept->rld->dp, &scan);

	if (r)
		return r;
	while ((r = dp_scan_next(scan, &keys, &states)) > 0)
		kept_write_states(&kept->write, keys, states, (size_t)r);
	dp_scan_close(scan);
	return r;
}

/* In one go: nobody is served any more. */
static void write_now(struct kept *kept)
{
	int err;

	if (!kept_write_limits(kept->rld->conf))
		return forget(kept);
	err = kept_write_begin(&kept->write, kept->temporary);
	if (!err)
		err = write_bans(kept);
	if (!err)
		err = write_states(kept);
	if (err)
		fail(kept, -err);
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
	kept->write.rld = rld;
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
	if (kept->write.file)
		discard(kept);
	if (!kept->rld->held)
		write_now(kept);
	loop_timer_stop(kept->timer);
	free(kept->path);
	free(kept->temporary);
	free(kept);
}
