// SPDX-License-Identifier: GPL-2.0-only
/* The event loop on epoll, with the timeout computed from the nearest timer. */
#include "rld/loop/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/time.h"

#define TURN_EVENTS 64

struct loop_fd {
	struct loop *loop;
	struct loop_fd *next_dead;
	loop_fd_fn fn; /* NULL: removed, freed at the end of the turn */
	void *ctx;
	int fd;
	__u32 events;
};

struct loop_timer {
	struct loop_timer *next;
	struct loop *loop;
	loop_timer_fn fn;
	void *ctx;
	__u64 due; /* 0: not armed */
};

struct loop {
	struct loop_fd *dead;
	struct loop_timer *timers; /* a dozen: not worth a heap */
	int epoll_fd;
	bool stop;
};

struct loop *loop_new(void)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return NULL;
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll_fd < 0) {
		free(loop);
		return NULL;
	}
	return loop;
}

static void free_dead(struct loop *loop)
{
	struct loop_fd *handle;

	while ((handle = loop->dead)) {
		loop->dead = handle->next_dead;
		free(handle);
	}
}

void loop_free(struct loop *loop)
{
	struct loop_timer *timer;

	if (!loop)
		return;
	free_dead(loop);
	while ((timer = loop->timers)) {
		loop->timers = timer->next;
		free(timer);
	}
	close(loop->epoll_fd);
	free(loop);
}

struct loop_fd *loop_fd_add(struct loop *loop, int fd, __u32 events, loop_fd_fn fn, void *ctx)
{
	struct loop_fd *handle = calloc(1, sizeof(*handle));
	struct epoll_event event = {.events = events, .data.ptr = handle};

	if (!handle)
		return NULL;
	*handle = (struct loop_fd){.loop = loop, .fn = fn, .ctx = ctx, .fd = fd, .events = events};
	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event)) {
		free(handle);
		return NULL;
	}
	return handle;
}

void loop_fd_set(struct loop_fd *handle, __u32 events)
{
	struct epoll_event event = {.events = events, .data.ptr = handle};

	if (handle->events == events)
		return;
	handle->events = events;
	epoll_ctl(handle->loop->epoll_fd, EPOLL_CTL_MOD, handle->fd, &event);
}

void loop_fd_del(struct loop_fd *handle)
{
	if (!handle)
		return;
	epoll_ctl(handle->loop->epoll_fd, EPOLL_CTL_DEL, handle->fd, NULL);
	handle->fn = NULL;
	handle->next_dead = handle->loop->dead;
	handle->loop->dead = handle;
}

struct loop_timer *loop_timer_add(struct loop *loop, loop_timer_fn fn, void *ctx)
{
	struct loop_timer *timer = calloc(1, sizeof(*timer));

	if (!timer)
		return NULL;
	*timer = (struct loop_timer){.next = loop->timers, .loop = loop, .fn = fn, .ctx = ctx};
	loop->timers = timer;
	return timer;
}

void loop_timer_set(struct loop_timer *timer, __u64 delay_ns)
{
	timer->due = time_mono_ns() + delay_ns;
}

void loop_timer_stop(struct loop_timer *timer)
{
	timer->due = 0;
}

static int timeout_ms(const struct loop *loop)
{
	__u64 due = 0;
	__u64 now;

	for (const struct loop_timer *timer = loop->timers; timer; timer = timer->next)
		if (timer->due && (!due || timer->due < due))
			due = timer->due;
	if (!due)
		return -1;
	now = time_mono_ns();
	return due <= now ? 0 : (int)((due - now + 999999) / 1000000);
}

static void fire_timers(struct loop *loop)
{
	__u64 now = time_mono_ns();

	for (struct loop_timer *timer = loop->timers; timer && !loop->stop; timer = timer->next) {
		if (!timer->due || timer->due > now)
			continue;
		timer->due = 0;
		timer->fn(timer->ctx);
	}
}

int loop_run(struct loop *loop)
{
	struct epoll_event events[TURN_EVENTS];

	loop->stop = false;
	while (!loop->stop) {
		int count = epoll_wait(loop->epoll_fd, events, TURN_EVENTS, timeout_ms(loop));

		if (count < 0 && errno != EINTR)
			return -errno;
		for (int i = 0; i < count; i++) {
			struct loop_fd *handle = events[i].data.ptr;

			if (handle->fn)
				handle->fn(handle->ctx, events[i].events);
		}
		fire_timers(loop);
		free_dead(loop);
	}
	return 0;
}

void loop_stop(struct loop *loop)
{
	loop->stop = true;
}
