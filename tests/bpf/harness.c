// SPDX-License-Identifier: GPL-2.0-only
/* Loading the object for a test, and feeding it rules. */
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/names.h"
#include "harness.h"
#include "conf/compile/compile.h"
#include "conf/grammar/grammar.h"

static void die(const struct diag *d)
{
	diag_print(stderr, d, "test", 0);
	fail_msg("%s", d->message);
}

static void open_dp(struct harness *h, __u32 sources_max, bool test_clock)
{
	struct dp_options options = {
		.bpffs = h->bpffs, .sources_max = sources_max, .test_clock = test_clock};
	struct diag d;

	if (dp_open(&options, &h->dp, h->notice, &d))
		die(&d);
}

/* What test programs that were killed left behind. */
static void remove_stale(void)
{
	DIR *dir = opendir("/sys/fs/bpf");
	struct dirent *e;
	char path[300];
	struct diag d;
	int pid;

	while (dir && (e = readdir(dir))) {
		if (sscanf(e->d_name, "rld-test-%d-", &pid) != 1 || pid == getpid() ||
		    !kill(pid, 0))
			continue;
		snprintf(path, sizeof(path), "/sys/fs/bpf/%s", e->d_name);
		dp_remove_all(path, NULL, false, &d);
	}
	if (dir)
		closedir(dir);
}

struct harness *harness_new(__u32 sources_max)
{
	static int count;
	struct harness *h = calloc(1, sizeof(*h));

	if (!count)
		remove_stale();
	snprintf(h->bpffs, sizeof(h->bpffs), "/sys/fs/bpf/rld-test-%d-%d", getpid(), count++);
	h->now = 1000 * SECOND;
	h->conf = conf_new();
	open_dp(h, sources_max, true);
	harness_publish(h);
	return h;
}

void harness_open_resized(struct harness *h, __u32 sources_max)
{
	dp_close(h->dp);
	open_dp(h, sources_max, true);
	h->dp->grace.quick = false; /* test runs are no packets of a CPU's softirq */
}

struct dp_moved harness_move(struct harness *h)
{
	struct dp_moved moved = {0};
	struct diag d;
	int r = 1;

	while (r > 0)
		r = dp_move_some(h->dp, &moved, &d);
	if (r)
		die(&d);
	return moved;
}

void harness_resize(struct harness *h, __u32 sources_max)
{
	harness_open_resized(h, sources_max);
	if (!dp_moving(h->dp))
		return;
	harness_publish(h);
	harness_move(h);
}

void harness_reopen(struct harness *h)
{
	harness_resize(h, dp_sources_max(h->dp));
}

void harness_real_clock(struct harness *h)
{
	__u32 sources_max = dp_sources_max(h->dp);

	dp_close(h->dp);
	open_dp(h, sources_max, false);
	harness_publish(h);
}

void harness_free(struct harness *h)
{
	struct diag d;

	dp_close(h->dp);
	conf_free(h->conf);
	if (dp_remove_all(h->bpffs, NULL, false, &d))
		die(&d);
	free(h);
}

int harness_setup(void **state)
{
	*state = harness_new(1024);
	return 0;
}

int harness_teardown(void **state)
{
	harness_free(*state);
	return 0;
}

void harness_wait_free(struct harness *h)
{
	struct pollfd p = {.fd = dp_grace_fd(h->dp), .events = POLLIN};

	while (poll(&p, 1, dp_can_publish(h->dp) ? 0 : 2000) == 1)
		dp_grace_done(h->dp);
}

/* As the active rule set has it, or, where that did not outlive its layout, an earlier daemon. */
static bool known(struct harness *h, __u32 i, struct rl_limit *ret)
{
	const struct rl_rules *old = dp_rules(h->dp);

	if (!old->generation)
		return dp_limit_of_slot(h->dp, i, ret);
	if (i < old->limits)
		*ret = old->limit[i];
	return i < old->limits;
}

static void identify(struct harness *h, struct rl_rules *rules)
{
	struct rl_limit old;
	struct diag d;

	for (__u32 i = 0; i < rules->limits; i++) {
		struct rl_limit *l = &rules->limit[i];

		for (__u32 k = 0; k < RL_SLOTS_MAX && !l->id; k++) {
			if (!known(h, k, &old) || strcmp(old.name, l->name) ||
			    !conf_same_state(&old, l))
				continue;
			l->id = old.id;
			l->slot = old.slot;
		}
		if (!l->id && dp_limit_new(h->dp, &l->id, &l->slot, &d))
			die(&d);
	}
}

/* The test's wall clock starts at the program's. */
static __u64 clock_at(const void *ctx, __s64 wall_s)
{
	return wall_s * SECOND;
}

static __u32 no_iface(void *ctx, const char *name)
{
	return !strcmp(name, "lo") ? 5 : 0;
}

void harness_rules_make(struct harness *h, struct harness_rules *ret)
{
	struct diag d;

	memset(ret, 0, sizeof(*ret));
	if (conf_compile(h->conf, no_iface, NULL, &ret->image, &d))
		die(&d);
	identify(h, ret->image.rules);
	ret->conf = conf_copy(h->conf);
}

void harness_rules_publish(struct harness *h, const struct harness_rules *rules)
{
	const struct publish_clock clock = {clock_at, NULL};
	struct dp_fill *lists = NULL;
	struct diag d;

	harness_wait_free(h);
	if (publish_lists(h->dp, rules->conf, &clock, &lists, &d) ||
	    publish_rules(h->dp, &rules->image, lists, &d))
		die(&d);
	dp_fill_end(lists);
}

void harness_rules_done(struct harness_rules *rules)
{
	conf_image_done(&rules->image);
	conf_free(rules->conf);
}

void harness_publish(struct harness *h)
{
	struct harness_rules rules;

	harness_wait_free(h); /* a new limit may need the slot of one that is on its way out */
	harness_rules_make(h, &rules);
	harness_rules_publish(h, &rules);
	harness_rules_done(&rules);
}

static void apply_line(struct harness *h, char *line)
{
	struct conf_change change;
	char *words[64], *save;
	size_t n = 0;
	struct diag d;

	for (char *w = strtok_r(line, " ", &save); w; w = strtok_r(NULL, " ", &save))
		words[n++] = w;
	if (n && conf_apply(h->conf, words, n, h->now / SECOND, &change, &d))
		die(&d);
}

void harness_apply(struct harness *h, const char *statements)
{
	char *copy = strdup(statements), *save;

	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		apply_line(h, line);
	free(copy);
}

void harness_conf(struct harness *h, const char *statements)
{
	harness_apply(h, statements);
	harness_publish(h);
}
