// SPDX-License-Identifier: GPL-2.0-only
/* A thread that says by an eventfd that it is done. */
#include "rld/loop/work.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct work {
	pthread_t thread;
	bool threaded;
	work_fn run;
	work_fn done;
	void *ctx;
	int fd;
	struct loop_fd *watch;
};

static void *serve(void *arg)
{
	struct work *work = arg;

	work->run(work->ctx);
	eventfd_write(work->fd, 1);
	return NULL;
}

void work_join(struct work *work)
{
	if (!work)
		return;
	if (work->threaded)
		pthread_join(work->thread, NULL);
	loop_fd_del(work->watch);
	if (work->fd >= 0)
		close(work->fd);
	free(work);
}

static void on_end(void *ctx, __u32 events)
{
	struct work *work = ctx;
	work_fn done = work->done;
	void *of = work->ctx;

	work_join(work);
	done(of);
}

struct work *work_start(struct loop *loop, work_fn run, work_fn done, void *ctx)
{
	struct work *work = calloc(1, sizeof(*work));

	if (!work)
		return NULL;
	*work = (struct work){.run = run, .done = done, .ctx = ctx};
	work->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	work->watch = work->fd < 0 ? NULL : loop_fd_add(loop, work->fd, EPOLLIN, on_end, work);
	if (!work->watch) {
		work_join(work);
		return NULL;
	}
	work->threaded = !pthread_create(&work->thread, NULL, serve, work);
	if (!work->threaded)
		serve(work);
	return work;
}
