// SPDX-License-Identifier: GPL-2.0-only
/* Listening sockets: accepting at a bounded pace. */
#include "rld/loop/door.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/time.h"
#include "rld/loop/log.h"

#define REST_NS (2 * 1000000ULL)
#define NO_FD_REST_NS TIME_NS
#define SPARE_FDS 32 /* one instance of the object takes some twenty */
#define QUIET_NS (60 * TIME_NS)

struct door {
	struct loop_fd *watch;
	struct loop_timer *timer;
	const char *name;
	door_fn fn;
	void *ctx;
	int fd;
	rlim_t fds;	  /* of this process, at most */
	__u64 crowded_ns; /* when it was last; 0: never */
};

static void rest(struct door *door, __u64 delay_ns)
{
	loop_fd_set(door->watch, 0);
	loop_timer_set(door->timer, delay_ns);
}

static void on_timer(void *ctx)
{
	struct door *door = ctx;

	loop_fd_set(door->watch, EPOLLIN);
}

static void tell(struct door *door, const char *why)
{
	__u64 now = time_mono_ns();
	bool known = door->crowded_ns && now - door->crowded_ns < QUIET_NS;

	door->crowded_ns = now;
	if (!known)
		log_line("file descriptors run short at %s (%s; at most %llu, see ulimit -n or "
			 "LimitNOFILE=): idle clients are dropped, others may be turned away",
			 door->name, why, (unsigned long long)door->fds);
}

static bool is_spare(const struct door *door, int fd)
{
	rlim_t spare = door->fds / 8 < SPARE_FDS ? door->fds / 8 : SPARE_FDS;

	return door->fds != RLIM_INFINITY && (rlim_t)fd + spare >= door->fds;
}

/* False: nobody else is to be let in now. */
static bool let_in(struct door *door)
{
	struct sockaddr_storage from = {0};
	socklen_t size = sizeof(from);
	int fd = accept4(door->fd, (struct sockaddr *)&from, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
	bool crowded;

	if (fd < 0) {
		if (errno == EAGAIN)
			return false;
		if (errno == EINTR || errno == ECONNABORTED)
			return true;
		tell(door, strerror(errno));
		rest(door, NO_FD_REST_NS);
		return false;
	}
	crowded = is_spare(door, fd);
	if (crowded)
		tell(door, "few are left");
	door->fn(door->ctx, fd, (const struct sockaddr *)&from, crowded);
	return true;
}

static void on_event(void *ctx, __u32 events)
{
	struct door *door = ctx;

	for (int i = 0; i < DOOR_AT_ONCE; i++)
		if (!let_in(door))
			return;
	rest(door, REST_NS);
}

struct door *door_open(struct loop *loop, int fd, const char *name, door_fn fn, void *ctx)
{
	struct door *door = calloc(1, sizeof(*door));
	struct rlimit limit;

	if (!door)
		return NULL;
	*door = (struct door){.name = name, .fn = fn, .ctx = ctx, .fd = fd, .fds = RLIM_INFINITY};
	if (!getrlimit(RLIMIT_NOFILE, &limit))
		door->fds = limit.rlim_cur;
	door->timer = loop_timer_add(loop, on_timer, door);
	door->watch = door->timer ? loop_fd_add(loop, fd, EPOLLIN, on_event, door) : NULL;
	if (door->watch)
		return door;
	free(door);
	return NULL;
}

int door_lower(int fd)
{
	int lower = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (lower < 0)
		return fd;
	close(lower < fd ? fd : lower);
	return lower < fd ? lower : fd;
}

void door_close(struct door *door)
{
	if (!door)
		return;
	loop_timer_stop(door->timer);
	loop_fd_del(door->watch);
	free(door);
}
