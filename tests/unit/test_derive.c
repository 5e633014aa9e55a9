// SPDX-License-Identifier: GPL-2.0-only
/* What follows from what is said of a limit, against what it means: products in 128 bits where the
 * program divides, bits one by one where it masks. */
#include <errno.h>

#include "base/units.h"
#include "conf/compile/derive.h"
#include "unit.h"

#define PICK(list) (list)[unit_random(sizeof(list) / sizeof(*(list)))]
#define ROUNDS 200000

typedef unsigned __int128 u128;

static const __u64 amounts[] = {
	1, 2, 3, 7, 16, 17, 64, 65, 256, 257, 1024, 999999937, RL_AMOUNT_MAX - 1, RL_AMOUNT_MAX};
static const __u64 periods_ns[] = {1,
				   1000,
				   1000000,
				   UNITS_NS_PER_S - 1,
				   UNITS_NS_PER_S,
				   UNITS_NS_PER_S + 1,
				   60 * UNITS_NS_PER_S,
				   UNITS_SPAN_MAX - 2,
				   UNITS_SPAN_MAX - 1};

static __u64 random_amount(void)
{
	return unit_chance(70) ? PICK(amounts) : 1 + unit_random(1u << 31);
}

static void draw_windows(struct rl_limit *l)
{
	for (unsigned i = 0; i < l->windows; i++) {
		__u64 after = i ? l->window[i - 1].period_ns : 0;

		l->window[i].amount = l->strategy == RL_STRATEGY_MOVING_WINDOW
					      ? unit_random(RL_LOG_MAX + 1)
					      : random_amount();
		l->window[i].period_ns =
			unit_chance(50) ? PICK(periods_ns) : 1 + (__u64)unit_random(1u << 31) * 99;
		if (l->window[i].period_ns <= after)
			l->window[i].period_ns = after + (after < UNITS_SPAN_MAX - 1);
	}
}

/* All that is said, and rubbish in what follows from it. */
static void draw_limit(struct rl_limit *l)
{
	memset(l, 0xa5, sizeof(*l));
	l->strategy = (__u8)unit_random(RL_STRATEGY_COUNT);
	l->key = (__u8)unit_random(32);
	l->prefix4 = (__u8)unit_random(33);
	l->prefix6 = (__u8)unit_random(129);
	l->flags = (__u8)unit_random(8);
	l->windows = l->strategy == RL_STRATEGY_TOKEN_BUCKET
			     ? 1
			     : (__u8)(1 + unit_random(RL_WINDOWS_MAX));
	l->burst = l->strategy == RL_STRATEGY_TOKEN_BUCKET && unit_chance(70) ? random_amount() : 0;
	draw_windows(l);
}

/* Of both families: bit 0 is the first of the address. */
static void assert_mask(const union rl_addr *mask, unsigned ones)
{
	for (unsigned bit = 0; bit < 128; bit++)
		assert_int_equal(mask->byte[bit / 8] >> (7 - bit % 8) & 1, bit < ones);
}

static void assert_masks(const struct rl_limit *l)
{
	bool source = l->key & RL_KEY_SOURCE;

	assert_mask(&l->mask4, source ? 96 + l->prefix4 : 0);
	assert_mask(&l->mask6, source ? l->prefix6 : 0);
}

/* What fills it, in ns times the amount of its rate. */
static u128 burst_span(const struct rl_limit *l)
{
	return (u128)(l->burst ? l->burst : l->window[0].amount) * l->window[0].period_ns;
}

static bool same(u128 a, u128 b)
{
	return a == b;
}

static void assert_bucket(const struct rl_limit *l)
{
	const struct rl_window *w = &l->window[0];
	bool bucket = l->strategy == RL_STRATEGY_TOKEN_BUCKET;

	for (unsigned i = bucket; i < RL_WINDOWS_MAX; i++)
		assert_true(!l->window[i].step_ns && !l->window[i].step_rem);
	if (!bucket) {
		assert_true(!l->burst_ns && !l->burst_rem);
		return;
	}
	assert_true(same((u128)w->step_ns * w->amount + w->step_rem, w->period_ns));
	assert_true(same((u128)l->burst_ns * w->amount + l->burst_rem, burst_span(l)));
	assert_true(w->step_rem < w->amount && l->burst_rem < w->amount);
}

/* No shorter than each of these, and as long as one of them. */
static void assert_keep(const struct rl_limit *l)
{
	unsigned factor = l->strategy == RL_STRATEGY_SLIDING_WINDOW ? 2 : 1;
	bool reached = l->keep_ns == l->burst_ns;

	assert_true(l->keep_ns >= l->burst_ns);
	for (unsigned i = 0; i < l->windows; i++) {
		u128 span = (u128)l->window[i].period_ns * factor;

		assert_true(l->keep_ns >= span);
		reached |= same(l->keep_ns, span);
	}
	assert_true(reached);
}

/* The smallest log that has room for the amount, counted from 1. */
static void assert_logs(const struct rl_limit *l)
{
	for (unsigned i = 0; i < 8; i++) {
		unsigned log = l->logs >> 4 * i & 15;

		if (l->strategy != RL_STRATEGY_MOVING_WINDOW || i >= l->windows) {
			assert_int_equal(log, 0);
			continue;
		}
		assert_in_range(log, 1, RL_LOG_CLASSES);
		assert_true(l->window[i].amount <= 4u << 2 * log);
		assert_true(log == 1 || l->window[i].amount > 4u << 2 * (log - 1));
	}
}

static void assert_clock(const struct rl_limit *l, __u8 said)
{
	bool fine = l->strategy == RL_STRATEGY_MOVING_WINDOW;

	if (l->strategy == RL_STRATEGY_TOKEN_BUCKET)
		fine = burst_span(l) < (u128)l->window[0].amount * 1000000000;
	for (unsigned i = 0; l->strategy != RL_STRATEGY_TOKEN_BUCKET && i < l->windows; i++)
		fine |= l->window[i].period_ns < 1000000000;
	assert_int_equal(l->flags,
			 (said & ~RL_LIMIT_FINE_CLOCK) | (fine ? RL_LIMIT_FINE_CLOCK : 0));
}

static void assert_derived(const struct rl_limit *l, __u8 said)
{
	assert_masks(l);
	assert_bucket(l);
	assert_keep(l);
	assert_logs(l);
	assert_clock(l, said);
}

static void each_field_is_what_it_means(void **state)
{
	unsigned strategies = 0, refused = 0;

	unit_seed("each_field_is_what_it_means");
	for (int i = 0; i < ROUNDS; i++) {
		struct rl_limit l;
		__u8 said;
		bool endless;

		draw_limit(&l);
		said = l.flags;
		endless = l.strategy == RL_STRATEGY_TOKEN_BUCKET &&
			  burst_span(&l) >= (u128)UNITS_SPAN_MAX * l.window[0].amount;
		assert_int_equal(conf_derive(&l), endless ? -ERANGE : 0);
		refused += endless;
		strategies |= endless ? 0 : 1u << l.strategy;
		if (!endless)
			assert_derived(&l, said);
	}
	assert_int_equal(strategies, (1u << RL_STRATEGY_COUNT) - 1);
	assert_in_range(refused, ROUNDS / 1000, ROUNDS / 5);
}

static void a_burst_of_292_years_is_too_long(void **state)
{
	struct rl_limit l = {.strategy = RL_STRATEGY_TOKEN_BUCKET, .windows = 1};

	l.window[0] = (struct rl_window){.amount = 1, .period_ns = 1ull << 32};
	l.burst = 1ull << 31;
	assert_int_equal(conf_derive(&l), -ERANGE);
	l.window[0].period_ns--;
	assert_int_equal(conf_derive(&l), 0);
	assert_derived(&l, 0);
}

/* The fields that conf_derive() makes, and no other. */
static void spoil(struct rl_limit *l)
{
	memset(&l->mask4, 0xa5, sizeof(l->mask4));
	memset(&l->mask6, 0xa5, sizeof(l->mask6));
	for (unsigned i = 0; i < RL_WINDOWS_MAX; i++)
		l->window[i].step_ns = l->window[i].step_rem = 0xa5a5;
	l->burst_ns = l->burst_rem = l->keep_ns = l->logs = 0xa5a5;
	l->flags ^= RL_LIMIT_FINE_CLOCK;
}

static void assert_survives_print(const char *line)
{
	struct conf *first = conf_new(), *second = conf_new();
	struct rl_limit again;
	char *text, *printed;

	unit_good(first, line);
	text = unit_export(first);
	printed = strstr(text, "set-limit");
	printed[strcspn(printed, "\n")] = 0;
	unit_good(second, printed);
	assert_memory_equal(&first->limit[0]->abi, &second->limit[0]->abi, sizeof(again));
	again = first->limit[0]->abi;
	assert_derived(&again, again.flags);
	spoil(&again);
	assert_int_equal(conf_derive(&again), 0);
	assert_memory_equal(&first->limit[0]->abi, &again, sizeof(again));
	free(text);
	conf_free(first);
	conf_free(second);
}

static void a_printed_limit_has_the_same_fields(void **state)
{
	static const char *const extreme[] = {
		"set-limit 1/ms",
		"set-limit 1/106751 days",
		"set-limit 0/999ms, 1/1s per all",
		"set-limit 1/s per source/0/0",
		"set-limit 1/s per destination,dport",
		"set-limit 1/s per source/1/127,sport",
		"set-limit a 1/106751 days match any strategy token-bucket",
		"set-limit a 7/ms match any strategy token-bucket burst 6999",
		"set-limit a 7/ms match any strategy token-bucket burst 7001",
		"set-limit a 999GB/s match any strategy token-bucket burst 1",
		"set-limit a 3GB/d match any strategy token-bucket burst 10GB",
		"set-limit a 16/ms,17/s,256/m,1024/292 years match any strategy moving-window",
		"set-limit a 5/ms,7/106751 days match any strategy sliding-window",
	};
	char line[1024];

	unit_seed("a_printed_limit_has_the_same_fields");
	for (size_t i = 0; i < sizeof(extreme) / sizeof(*extreme); i++)
		assert_survives_print(extreme[i]);
	for (int i = 0; i < 2000; i++) {
		unit_random_limit("a", line, sizeof(line));
		assert_survives_print(line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_field_is_what_it_means),
		cmocka_unit_test(a_burst_of_292_years_is_too_long),
		cmocka_unit_test(a_printed_limit_has_the_same_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
