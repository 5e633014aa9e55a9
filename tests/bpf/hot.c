// SPDX-License-Identifier: GPL-2.0-only
/* Sources that CPUs count apart. */
#include "hot.h"

#include <sched.h>

#include "bpf/call/call.h"
#include "bpf/quick/front.h"
#include "bpf/state/key.h"
#include "source.h"

#define DST "192.0.2.2"

void hot_run_on(int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	assert_int_equal(sched_setaffinity(0, sizeof(cpus), &cpus), 0);
}

__u64 hot_fingerprint(struct harness *h, const char *source)
{
	struct rl_key key = source_key(h, "a", source);

	return rl_fingerprint(&key, dp_control(h->dp)->secret);
}

void hot_watch(struct harness *h, const char *source)
{
	static struct rl_call calls[HOT_CPUS_MAX];
	int fd = bpf_map__fd(h->dp->skel->maps.calls);
	__u32 zero = 0;

	assert_true(h->dp->cpus <= HOT_CPUS_MAX);
	assert_int_equal(bpf_map_lookup_elem(fd, &zero, calls), 0);
	for (int i = 0; i < h->dp->cpus; i++)
		calls[i].hot = hot_fingerprint(h, source);
	assert_int_equal(bpf_map_update_elem(fd, &zero, calls, 0), 0);
}

unsigned hot_send(struct harness *h, int cpu, const char *source, unsigned count)
{
	struct frame f;

	hot_run_on(cpu);
	packet_udp(&f, source, DST, 1, 2);
	f.len = 60;
	return harness_passed(h, &f, count);
}

struct rl_hot hot_place(struct harness *h, int cpu)
{
	static struct rl_hot all[HOT_CPUS_MAX];
	__u32 zero = 0;

	assert_int_equal(bpf_map_lookup_elem(bpf_map__fd(h->dp->skel->maps.hot), &zero, all), 0);
	return all[cpu];
}

__u64 hot_held(struct harness *h, int cpu)
{
	return rl_front_packets(hot_place(h, cpu).count);
}

struct rl_state hot_seen(struct harness *h, const char *source)
{
	return source_settled(h, "a", source);
}

void hot_expect_refused(struct harness *h, const char *source, __u64 packets)
{
	struct rl_state st = hot_seen(h, source);

	assert_int_equal(st.drop_packets, packets);
	assert_int_equal(st.drop_bytes, 60 * packets);
	assert_int_equal(st.refused, packets);
}

static void see_recovered(void *ctx, const struct rl_event *event)
{
	struct hot_told *told = ctx;

	if (event->kind != RL_EVENT_RECOVERED)
		return;
	told->times++;
	told->packets += event->count;
}

struct hot_told hot_told_recovered(struct harness *h)
{
	struct hot_told told = {};

	dp_events(h->dp, see_recovered, &told);
	return told;
}
