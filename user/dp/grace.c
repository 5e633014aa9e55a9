/* SPDX-License-Identifier: GPL-2.0-only */
/* A thread that waits for RCU grace periods, so that the loop need not, and then deletes prefixes
 * of dead sets.
 *
 * An update of an array of maps returns only after every program that might still use the former
 * map has ended (maybe_wait_bpf_programs() in the kernel's kernel/bpf/syscall.c): a documented
 * grace period for what a daemon has.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "dp/internal.h"

static void *wait_for_grace(void *arg)
{
	struct dp *dp = arg;
	struct dp_grace *g = &dp->grace;
	struct dp_grace work;
	__u32 zero = 0;
	__u64 one = 1;

	pthread_mutex_lock(&g->lock);
	for (;;) {
		while (!g->wanted && !g->stop)
			pthread_cond_wait(&g->wake, &g->lock);
		if (g->stop)
			break;
		g->wanted = false;
		work = *g;
		pthread_mutex_unlock(&g->lock);
		bpf_map_update_elem(g->outer_fd, &zero, &g->inner_fd, 0);
		if (work.sweep)
			dp_sets_sweep(bpf_map__fd(dp->skel->maps.prefixes), &work);
		if (write(g->done_fd, &one, sizeof(one)) != sizeof(one))
			break; /* cannot happen: an eventfd far from its end */
		pthread_mutex_lock(&g->lock);
	}
	pthread_mutex_unlock(&g->lock);
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
	g->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (g->done_fd < 0)
		return dp_fail(d, errno, "eventfd");
	pthread_mutex_init(&g->lock, NULL);
	pthread_cond_init(&g->wake, NULL);
	/* Signals are for the daemon's loop. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&g->thread, NULL, wait_for_grace, dp);
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
	for (int *fd = (int[]){g->done_fd, g->outer_fd, g->inner_fd, -1}; *fd >= 0; fd++)
		close(*fd);
}
