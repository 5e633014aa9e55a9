// SPDX-License-Identifier: GPL-2.0-only
/* Feeding the object frames, and what it makes of them. */
#include <stdio.h>
#include <string.h>

#include "harness.h"

bool harness_has_parts(struct harness *h)
{
	const struct xdp_md ctx = {.data_end = 1};
	__u8 frame[64] = {};
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame, .data_size_in = sizeof(frame),
		    .ctx_in = &ctx, .ctx_size_in = sizeof(ctx), .repeat = 1);

	return !bpf_prog_test_run_opts(bpf_program__fd(h->dp->skel->progs.rld), &run);
}

__u32 harness_run(struct harness *h, const struct frame *f)
{
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = f->data, .data_size_in = f->len,
		    .ctx_in = h->ctx, .ctx_size_in = h->ctx ? sizeof(*h->ctx) : 0, .repeat = 1);
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

unsigned harness_walk(struct harness *h)
{
	const struct rl_state *states;
	const struct rl_key *keys;
	struct dp_scan *scan;
	unsigned seen = 0;
	int n;

	assert_int_equal(dp_scan_open(h->dp, &scan), 0);
	while ((n = dp_scan_next(scan, &keys, &states)) > 0)
		for (int i = 0; i < n; i++)
			seen += states[i].fingerprint != RL_DEAD;
	dp_scan_close(scan);
	return seen;
}
