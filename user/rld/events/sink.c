// SPDX-License-Identifier: GPL-2.0-only
/* Sinks of event lines: one that fails is tried again by a timer. */
#include "rld/events/sink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "rld/events/sink_fd.h"
#include "rld/loop/log.h"

#define RETRY_MIN_NS TIME_NS
#define RETRY_MAX_NS (60 * TIME_NS)

struct sink {
	char name[256];
	struct sink_fd fd;
	int error; /* 0: it works */
	__u64 lost;
	__u64 untold;	   /* of them, those that it has not heard of */
	__u64 delay_ns;	   /* before the try after the next */
	__u64 retry_at_ns; /* 0: nothing to do */
};

struct sinks {
	struct loop_timer *timer;
	sinks_lost_fn tell;
	void *ctx;
	struct sink v[CONF_LOGS_MAX];
	size_t count;
	__u64 lost;
};

static void arm(struct sinks *sinks)
{
	__u64 now_ns = time_mono_ns(), first_ns = 0;

	for (size_t i = 0; i < sinks->count; i++) {
		__u64 at_ns = sinks->v[i].retry_at_ns;

		if (at_ns && (!first_ns || at_ns < first_ns))
			first_ns = at_ns;
	}
	if (first_ns)
		loop_timer_set(sinks->timer, first_ns > now_ns ? first_ns - now_ns : 0);
}

static void retry_later(struct sinks *sinks, struct sink *sink)
{
	sink->delay_ns = sink->delay_ns ? sink->delay_ns * 2 : RETRY_MIN_NS;
	if (sink->delay_ns > RETRY_MAX_NS)
		sink->delay_ns = RETRY_MAX_NS;
	sink->retry_at_ns = time_mono_ns() + sink->delay_ns;
	arm(sinks);
}

static void fail(struct sinks *sinks, struct sink *sink, int error)
{
	if (!sink->error)
		log_line("cannot log events to %s: %s; it is tried again, `rlctl status` says more",
			 sink->name, strerror(error));
	sink->error = error;
	/* What is only full for a moment stays open. */
	if (error != EAGAIN)
		sink_fd_close(&sink->fd);
	retry_later(sinks, sink);
}

static void miss(struct sinks *sinks, struct sink *sink)
{
	sink->lost++;
	sink->untold++;
	sinks->lost++;
}

static void works(struct sink *sink)
{
	if (sink->error)
		log_line("events are logged to %s again", sink->name);
	sink->error = 0;
	sink->delay_ns = 0;
}

static void write_one(struct sinks *sinks, struct sink *sink, const char *line)
{
	int err;

	if (sink->fd.kind == SINK_FD_TERMINAL)
		return;
	if (!sink_fd_is_open(&sink->fd)) {
		miss(sinks, sink);
		return;
	}
	err = sink_fd_write(&sink->fd, line);
	if (!err) {
		works(sink);
		return;
	}
	miss(sinks, sink);
	fail(sinks, sink, -err);
}

void sinks_write(struct sinks *sinks, const char *line)
{
	for (size_t i = 0; i < sinks->count; i++)
		write_one(sinks, &sinks->v[i], line);
}

/* The line that tells of lost ones is the first to be tried: if it is lost as well, all of them are
 * told the next time. */
static void tell_lost(struct sinks *sinks, struct sink *sink)
{
	__u64 untold = sink->untold, lost = sink->lost;

	if (!untold) {
		works(sink);
		return;
	}
	sinks->tell(sinks->ctx, sink->name, untold);
	if (sink->lost == lost)
		sink->untold -= untold;
}

static void try_again(struct sinks *sinks, struct sink *sink)
{
	int err = sink_fd_is_open(&sink->fd) ? 0 : sink_fd_open(&sink->fd);

	sink->retry_at_ns = 0;
	if (err)
		fail(sinks, sink, -err);
	else
		tell_lost(sinks, sink);
}

static void on_timer(void *ctx)
{
	struct sinks *sinks = ctx;

	for (size_t i = 0; i < sinks->count; i++) {
		__u64 at_ns = sinks->v[i].retry_at_ns;

		if (at_ns && at_ns <= time_mono_ns())
			try_again(sinks, &sinks->v[i]);
	}
	arm(sinks);
}

struct sinks *sinks_new(struct loop *loop)
{
	struct sinks *sinks = calloc(1, sizeof(struct sinks));

	if (!sinks)
		return NULL;
	sinks->timer = loop_timer_add(loop, on_timer, sinks);
	if (sinks->timer)
		return sinks;
	free(sinks);
	return NULL;
}

void sinks_free(struct sinks *sinks)
{
	if (!sinks)
		return;
	for (size_t i = 0; i < sinks->count; i++)
		sink_fd_close(&sinks->v[i].fd);
	loop_timer_stop(sinks->timer);
	free(sinks);
}

void sinks_tell(struct sinks *sinks, sinks_lost_fn fn, void *ctx)
{
	sinks->tell = fn;
	sinks->ctx = ctx;
}

static void add_new(struct sinks *sinks, const char *name)
{
	struct sink *sink = &sinks->v[sinks->count++];
	int err;

	*sink = (struct sink){0};
	strncpy(sink->name, name, sizeof(sink->name) - 1);
	sink_fd_init(&sink->fd, name);
	err = sink_fd_open(&sink->fd);
	if (err)
		fail(sinks, sink, -err);
	if (sink->fd.kind == SINK_FD_TERMINAL)
		log_line("events are not written to a terminal: `rlctl events -f` shows them, "
			 "`set-option log file:PATH` keeps them");
}

/* Moves the one of that name out of `from`; false: there is none. */
static bool keep_old(struct sinks *sinks, struct sinks *from, const char *name)
{
	for (size_t i = 0; i < from->count; i++) {
		if (strcmp(from->v[i].name, name) != 0)
			continue;
		sinks->v[sinks->count++] = from->v[i];
		from->v[i] = from->v[--from->count];
		return true;
	}
	return false;
}

void sinks_open(struct sinks *sinks, const struct conf_options *options)
{
	struct sinks old = *sinks;

	sinks->count = 0;
	for (size_t i = 0; i < options->logs; i++)
		if (!keep_old(sinks, &old, options->log[i]))
			add_new(sinks, options->log[i]);
	for (size_t i = 0; i < old.count; i++)
		sink_fd_close(&old.v[i].fd);
	arm(sinks);
}

/* The old one stays until there is a new one: after a rotation it still has a name. */
static void reopen(struct sinks *sinks, struct sink *sink)
{
	struct sink_fd fresh;
	int err;

	sink_fd_init(&fresh, sink->name);
	err = sink_fd_open(&fresh);
	if (err && sink_fd_is_open(&sink->fd)) {
		log_line("cannot reopen %s: %s; going on with the old one", sink->name,
			 strerror(-err));
		return;
	}
	sink_fd_close(&sink->fd);
	sink->fd = fresh;
	try_again(sinks, sink);
}

void sinks_reopen(struct sinks *sinks)
{
	for (size_t i = 0; i < sinks->count; i++)
		if (sinks->v[i].fd.kind != SINK_FD_TERMINAL)
			reopen(sinks, &sinks->v[i]);
	arm(sinks);
}

size_t sinks_count(const struct sinks *sinks)
{
	return sinks->count;
}

void sinks_view(const struct sinks *sinks, size_t i, struct sink_view *ret)
{
	const struct sink *sink = &sinks->v[i];
	__u64 now_ns = time_mono_ns();

	*ret = (struct sink_view){.name = sink->name, .error = sink->error, .lost = sink->lost};
	if (sink->fd.kind == SINK_FD_TERMINAL)
		ret->state = SINK_OFF;
	else if (sink->error)
		ret->state = SINK_FAILED;
	if (sink->retry_at_ns > now_ns)
		ret->retry_ns = sink->retry_at_ns - now_ns;
}

__u64 sinks_lost(const struct sinks *sinks)
{
	return sinks->lost;
}
