// SPDX-License-Identifier: GPL-2.0-only
/* Two threads, each on a CPU of its own, one of which moves the clock. */
#include "hammer.h"

#include <pthread.h>
#include <sched.h>

struct sender {
	struct harness *h;
	struct frame frame;
	int cpu;
	const __u64 *times; /* of the clock that the first one moves */
	int steps;
	volatile unsigned *sent; /* of both, in this step */
	volatile bool *over;
	int *waiting;
	unsigned passed;
	bool failed;
};

static void send_one(struct sender *s)
{
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = s->frame.data, .data_size_in = s->frame.len,
		    .repeat = 1);

	s->failed |= !!bpf_prog_test_run_opts(bpf_program__fd(s->h->dp->skel->progs.rld), &run);
	s->passed += run.retval == XDP_PASS;
	__atomic_add_fetch(&s->sent[s->cpu], 1, __ATOMIC_SEQ_CST);
}

/* The clock moves when both have sent enough at this time, the one in flight at its start not
 * among them. */
static bool move_clock(struct sender *s, int *step)
{
	if (s->sent[0] <= HAMMER_EACH || s->sent[1] <= HAMMER_EACH)
		return true;
	if (++*step == s->steps)
		return false;
	__atomic_store_n(&dp_control(s->h->dp)->test_now, s->times[*step], __ATOMIC_SEQ_CST);
	__atomic_store_n(&s->sent[0], 0, __ATOMIC_SEQ_CST);
	__atomic_store_n(&s->sent[1], 0, __ATOMIC_SEQ_CST);
	return true;
}

static void *send_all(void *arg)
{
	struct sender *s = arg;
	cpu_set_t cpus;
	int step = 0;

	CPU_ZERO(&cpus);
	CPU_SET(s->cpu, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	__atomic_sub_fetch(s->waiting, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(s->waiting, __ATOMIC_SEQ_CST) > 0)
		;
	while (!*s->over && !s->failed) {
		send_one(s);
		if (!s->cpu && !move_clock(s, &step))
			*s->over = true;
	}
	*s->over = true;
	return NULL;
}

unsigned hammer(struct harness *h, const __u64 *times, int steps,
		void (*meanwhile)(struct harness *h, const volatile bool *over))
{
	volatile unsigned sent[2] = {0, 0};
	volatile bool over = false;
	int waiting = 2;
	struct sender s[2];
	pthread_t thread[2];

	dp_control(h->dp)->test_now = times[0];
	for (int i = 0; i < 2; i++) {
		s[i] = (struct sender){.h = h,
				       .cpu = i,
				       .times = times,
				       .steps = steps,
				       .sent = sent,
				       .over = &over,
				       .waiting = &waiting};
		packet_udp(&s[i].frame, HAMMER_SRC, HAMMER_DST, 1, 2);
		assert_int_equal(pthread_create(&thread[i], NULL, send_all, &s[i]), 0);
	}
	if (meanwhile)
		meanwhile(h, &over);
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	assert_false(s[0].failed | s[1].failed);
	return s[0].passed + s[1].passed;
}
