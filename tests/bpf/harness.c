/* SPDX-License-Identifier: GPL-2.0-only */
/* Loading the object for a test, feeding it rules and frames. */
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

static void die(const struct diag *d)
{
	diag_print(stderr, d, "test", 0);
	fail_msg("%s", d->message);
}

static void open_dp(struct harness *h, __u32 sources_max)
{
	struct dp_options options = {
		.bpffs = h->bpffs, .sources_max = sources_max, .test_clock = true};
	char notice[512];
	struct diag d;

	if (dp_open(&options, &h->dp, notice, &d))
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
	open_dp(h, sources_max);
	harness_publish(h);
	return h;
}

void harness_resize(struct harness *h, __u32 sources_max)
{
	dp_close(h->dp);
	open_dp(h, sources_max);
}

void harness_reopen(struct harness *h)
{
	harness_resize(h, dp_sources_max(h->dp));
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

static void identify(struct harness *h, struct rl_rules *rules)
{
	const struct rl_rules *old = dp_rules(h->dp);
	struct diag d;

	for (__u32 i = 0; i < rules->limits; i++) {
		struct rl_limit *l = &rules->limit[i];

		for (__u32 k = 0; k < old->limits && !l->id; k++) {
			if (strcmp(old->limit[k].name, l->name) ||
			    !conf_same_state(&old->limit[k], l))
				continue;
			l->id = old->limit[k].id;
			l->slot = old->limit[k].slot;
		}
		if (!l->id && dp_limit_new(h->dp, &l->id, &l->slot, &d))
			die(&d);
	}
}

static struct dp_prefix *list_prefixes(const struct conf_list *l, __u64 now,
				       struct dp_prefixes *ret)
{
	struct dp_prefix *v = calloc(l->count + 1, sizeof(*v));

	for (size_t i = 0; i < l->count; i++) {
		__s64 until = conf_list_until(l, i);

		v[i].addr = l->entry[i].prefix.addr;
		v[i].len = l->entry[i].prefix.len;
		/* The test's wall clock starts at the program's. */
		v[i].until_ns = until ? until * SECOND : 0;
	}
	*ret = (struct dp_prefixes){v, l->count};
	return v;
}

static struct dp_prefix *cond_prefixes(const struct conf_prefixes *p, struct dp_prefixes *ret)
{
	struct dp_prefix *v = calloc(p->count + 1, sizeof(*v));

	for (size_t i = 0; i < p->count; i++) {
		v[i].addr = p->v[i].prefix.addr;
		v[i].len = p->v[i].prefix.len;
		v[i].row = p->v[i].row;
	}
	*ret = (struct dp_prefixes){v, p->count};
	return v;
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
	ret->owned[0] = list_prefixes(&h->conf->allow, h->now, &ret->sets[DP_SET_ALLOW]);
	ret->owned[1] = list_prefixes(&h->conf->deny, h->now, &ret->sets[DP_SET_DENY]);
	ret->owned[2] = cond_prefixes(&ret->image.source, &ret->sets[DP_SET_SOURCE]);
	ret->owned[3] = cond_prefixes(&ret->image.destination, &ret->sets[DP_SET_DESTINATION]);
}

void harness_rules_publish(struct harness *h, const struct harness_rules *rules)
{
	struct dp_ruleset set = {.rules = rules->image.rules, .rows_used = rules->image.rows_used};
	struct diag d;

	harness_wait_free(h);
	for (int i = 0; i < DP_SET_COUNT; i++)
		set.set[i] = &rules->sets[i];
	if (dp_publish(h->dp, &set, &d))
		die(&d);
}

void harness_rules_done(struct harness_rules *rules)
{
	for (int i = 0; i < DP_SET_COUNT; i++)
		free(rules->owned[i]);
	conf_image_done(&rules->image);
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

__u32 harness_run(struct harness *h, const struct frame *f)
{
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = f->data, .data_size_in = f->len,
		    .repeat = 1);
	int r;

	dp_control(h->dp)->test_now = h->now;
	r = bpf_prog_test_run_opts(bpf_program__fd(h->dp->skel->progs.rld), &run);
	if (r)
		fail_msg("test run of %zu bytes: %s", f->len, strerror(-r));
	return run.retval;
}

unsigned harness_passed(struct harness *h, const struct frame *f, unsigned count)
{
	unsigned passed = 0;

	while (count--)
		passed += harness_run(h, f) == XDP_PASS;
	return passed;
}

/* All interfaces' slots that a test run can count under. */
static void read_counters(struct harness *h, struct rl_iface_counters *sum)
{
	struct rl_iface_counters c[2];

	if (dp_iface_counters(h->dp, 0, &c[0]) || dp_iface_counters(h->dp, 5, &c[1]))
		fail_msg("cannot read the counters");
	for (size_t i = 0; i < sizeof(*sum) / 8; i++)
		((__u64 *)sum)[i] = ((__u64 *)&c[0])[i] + ((__u64 *)&c[1])[i];
}

enum rl_reason harness_reason(struct harness *h, const struct frame *f, __u32 *ret_verdict)
{
	struct rl_iface_counters before, after;
	int changed = 0, reason = -1, verdict = -1;
	__u32 action;

	read_counters(h, &before);
	action = harness_run(h, f);
	read_counters(h, &after);
	for (int r = 0; r < RL_REASON_COUNT; r++) {
		for (int v = 0; v < RL_VERDICT_COUNT; v++) {
			__u64 packets = after.reason[r][v].packets - before.reason[r][v].packets;

			changed += packets;
			if (!packets)
				continue;
			reason = r;
			verdict = v;
			assert_int_equal(after.reason[r][v].bytes - before.reason[r][v].bytes,
					 f->len);
		}
	}
	assert_int_equal(changed, 1);
	assert_int_equal(action, verdict == RL_VERDICT_DROP ? XDP_DROP : XDP_PASS);
	if (ret_verdict)
		*ret_verdict = verdict;
	return reason;
}

__u32 harness_index(struct harness *h, const char *name)
{
	const struct rl_rules *r = dp_rules(h->dp);

	for (__u32 i = 0; i < r->limits; i++) {
		if (!strcmp(r->limit[i].name, name))
			return i;
	}
	fail_msg("no limit %s", name);
	return 0;
}

struct rl_limit_counters harness_limit(struct harness *h, const char *name)
{
	static struct rl_limit_counters all[RL_SLOTS_MAX];

	assert_int_equal(dp_limit_counters(h->dp, all), 0);
	return all[dp_rules(h->dp)->limit[harness_index(h, name)].slot];
}

unsigned harness_strangers(struct harness *h, unsigned first, unsigned count)
{
	unsigned passed = 0;
	struct frame f;
	char src[32];

	for (unsigned i = first; i < first + count; i++) {
		snprintf(src, sizeof(src), "198.51.%u.%u", i / 256, i % 256);
		passed += harness_passed(h, packet_udp(&f, src, "192.0.2.2", 1, 2), 1);
	}
	return passed;
}

unsigned harness_sweep(struct harness *h, enum rl_sweep_op op, __u64 cutoff)
{
	const struct rl_key *keys;
	const struct rl_state *states;
	size_t deleted, total = 0;
	struct dp_scan *scan;
	int n;

	assert_int_equal(dp_scan_open(h->dp, &scan), 0);
	while ((n = dp_scan_next(scan, &keys, &states)) > 0) {
		assert_int_equal(dp_sweep(h->dp, op, keys, n, cutoff, &deleted), 0);
		total += deleted;
	}
	assert_int_equal(n, 0);
	dp_scan_close(scan);
	return total;
}
