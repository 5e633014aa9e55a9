// SPDX-License-Identifier: GPL-2.0-only
/* Loading an object in a thread: the verifier takes half a second, in which the loop goes on. */
#include <errno.h>
#include <signal.h>

#include "dp/internal.h"

static void *load(void *arg)
{
	struct dp_loader *loader = arg;

	dp_capture_messages();
	loader->err = rl__load(loader->skel);
	__atomic_store_n(&loader->done, true, __ATOMIC_RELEASE);
	return NULL;
}

int dp_loader_start(struct dp_loader *loader, struct rl *skel)
{
	sigset_t all, before;
	int r;

	*loader = (struct dp_loader){.skel = skel};
	/* Signals are for the daemon's loop. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&loader->thread, NULL, load, loader);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r) {
		rl__destroy(skel);
		loader->skel = NULL;
	}
	return -r;
}

bool dp_loader_done(const struct dp_loader *loader)
{
	return !loader->skel || __atomic_load_n(&loader->done, __ATOMIC_ACQUIRE);
}

int dp_loader_take(struct dp_loader *loader, struct rl **ret)
{
	if (!loader->skel)
		return -ENOMEM;
	pthread_join(loader->thread, NULL);
	if (loader->err)
		rl__destroy(loader->skel);
	else
		*ret = loader->skel;
	loader->skel = NULL;
	return loader->err;
}

void dp_loader_drop(struct dp_loader *loader)
{
	struct rl *skel = NULL;

	if (loader->skel && !dp_loader_take(loader, &skel))
		rl__destroy(skel);
}
