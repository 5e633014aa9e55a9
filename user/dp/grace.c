// SPDX-License-Identifier: GPL-2.0-only
/* A thread that waits until no packet can still read an old rule set, so that the loop need not,
 * and then deletes prefixes of dead sets.
 *
 * The quick way is to run on every CPU once, some 0.03 ms for each. Packets are judged with bottom
 * halves disabled (linux/filter.h: "under local_bh_disable()"), so whatever is scheduled on a CPU
 * finds no program half done there. On PREEMPT_RT that does not hold, and a cpuset may keep CPUs
 * from us. Then an update of an array of maps serves, which returns only after every program that
 * might still use the former map has ended (maybe_wait_bpf_programs() in kernel/bpf/syscall.c): an
 * RCU grace period, 5 to 20 ms.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "dp/internal.h"

static bool visit(unsigned cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	return cpu < CPU_SETSIZE && !sched_setaffinity(0, sizeof(one), &one) &&
	       sched_getcpu() == (int)cpu;
}

/* `list` as in "0-3,8". A CPU that comes later sees the new rules from the start. */
static bool visit_all(const char *list)
{
	char *end = (char *)list;

	do {
		unsigned long first = strtoul(list, &end, 10), last = first;

		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		for (unsigned long cpu = first; cpu <= last; cpu++)
			if (!visit(cpu))
				return false;
		list = end + 1;
	} while (*end == ',');
	return true;
}

static bool read_online(char *buf, size_t size)
{
	_cleanup_close_ int fd = open("/sys/devices/system/cpu/online", O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, buf, size - 1);

	buf[len > 0 ? len : 0] = '\0';
	return len > 0;
}

/* True if this thread has been on every CPU that is online. As the first in line where it may be,
 * since a CPU that packets keep busy would make it wait. */
static bool visit_online(void)
{
	const struct sched_param first = {.sched_priority = 1}, normal = {0};
	char online[1024];
	cpu_set_t before;
	bool all, is_first;

	if (!read_online(online, sizeof(online)) || sched_getaffinity(0, sizeof(before), &before))
		return false;
	is_first = !sched_setscheduler(0, SCHED_FIFO, &first);
	all = visit_all(online);
	if (is_first)
		sched_setscheduler(0, SCHED_OTHER, &normal);
	sched_setaffinity(0, sizeof(before), &before);
	return all;
}

static bool is_realtime(void)
{
	struct utsname name;

	return uname(&name) || strstr(name.version, "PREEMPT_RT");
}

void dp_grace_wait(const struct dp *dp)
{
	const struct dp_grace *g = &dp->grace;
	__u32 zero = 0;

	if (!g->quick || !visit_online())
		bpf_map_update_elem(g->outer_fd, &zero, &g->inner_fd, 0);
}

/* Sleeps until there is something to do: to wait, which comes first, or to sweep. False: stop. */
static bool next_work(struct dp_grace *g, struct dp_sweep_sets *sweep, bool *ret_wait)
{
	bool go;

	pthread_mutex_lock(&g->lock);
	while (!g->wanted && !g->stop && !sweep->more)
		pthread_cond_wait(&g->wake, &g->lock);
	*ret_wait = g->wanted;
	if (g->wanted && g->sweep) {
		sweep->dead = g->dead;
		sweep->again = sweep->more;
		sweep->more = true;
	}
	g->wanted = false;
	go = !g->stop;
	pthread_mutex_unlock(&g->lock);
	return go;
}

static void *serve(void *arg)
{
	struct dp *dp = arg;
	struct dp_grace *g = &dp->grace;
	struct dp_sweep_sets sweep = {0};
	__u64 one = 1;
	bool wait;

	while (next_work(g, &sweep, &wait)) {
		if (wait) {
			dp_grace_wait(dp);
			if (write(g->done_fd, &one, sizeof(one)) != sizeof(one))
				break; /* cannot happen: an eventfd far from its end */
		}
		if (sweep.more)
			dp_sets_sweep(g->prefixes_fd, &sweep);
	}
	return NULL;
}

static int make_maps(struct dp_grace *g)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts);

	g->inner_fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "rld_grace_in", 4, 4, 1, NULL);
	if (g->inner_fd < 0)
		return g->inner_fd;
	opts.inner_map_fd = g->inner_fd;
	g->outer_fd = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "rld_grace", 4, 4, 1, &opts);
	return g->outer_fd < 0 ? g->outer_fd : 0;
}

int dp_grace_start(struct dp *dp, struct diag *d)
{
	struct dp_grace *g = &dp->grace;
	sigset_t all, before;
	int r = make_maps(g);

	if (r)
		return dp_fail(d, r, "cannot make the map that waits for grace periods");
	g->prefixes_fd = fcntl(bpf_map__fd(dp->skel->maps.prefixes), F_DUPFD_CLOEXEC, 0);
	if (g->prefixes_fd < 0)
		return dp_fail(d, errno, "cannot hold the map of prefixes");
	g->quick = !is_realtime();
	g->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (g->done_fd < 0)
		return dp_fail(d, errno, "eventfd");
	pthread_mutex_init(&g->lock, NULL);
	pthread_cond_init(&g->wake, NULL);
	/* Signals are for the daemon's loop. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&g->thread, NULL, serve, dp);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r)
		return dp_fail(d, r, "cannot start a thread");
	g->running = true;
	return 0;
}

void dp_grace_stop(struct dp *dp)
{
	struct dp_grace *g = &dp->grace;

	if (g->running) {
		pthread_mutex_lock(&g->lock);
		g->stop = true;
		pthread_cond_signal(&g->wake);
		pthread_mutex_unlock(&g->lock);
		pthread_join(g->thread, NULL);
	}
	for (int *fd = (int[]){g->done_fd, g->prefixes_fd, g->outer_fd, g->inner_fd, -1}; *fd >= 0;
	     fd++)
		close(*fd);
}
