// SPDX-License-Identifier: GPL-2.0-only
/* The presence filter: whoever has a state is never told to have none. */
#include "bpf/state/presence.h"
#include "unit.h"

#define WORDS 4
#define SOURCES 96

static __u64 words[WORDS];

static __u64 *word_of(__u64 fingerprint)
{
	return &words[rl_present_word(fingerprint) % WORDS];
}

static void come(__u64 fingerprint)
{
	*word_of(fingerprint) += rl_present_one(*word_of(fingerprint), fingerprint);
}

static void go(__u64 fingerprint)
{
	*word_of(fingerprint) -= rl_present_one(*word_of(fingerprint), fingerprint);
}

static bool may_be(__u64 fingerprint)
{
	return rl_present_count(*word_of(fingerprint), fingerprint);
}

static __u64 random_fingerprint(void)
{
	return (__u64)unit_random(~0u) << 32 | unit_random(~0u) | 1ull << 63;
}

static void each_place_counts_for_itself(void **state)
{
	for (__u64 place = 0; place < 16; place++) {
		__u64 word = 0;

		for (unsigned n = 0; n < RL_PRESENT_STUCK; n++) {
			assert_int_equal(rl_present_count(word, place << 56), n);
			word += rl_present_one(word, place << 56);
		}
		for (__u64 other = 0; other < 16; other++)
			assert_int_equal(rl_present_count(word, other << 56),
					 other == place ? RL_PRESENT_STUCK : 0);
	}
}

static void as_many_come_as_go(void **state)
{
	__u64 word = 0, f = 5ull << 56;

	for (unsigned n = 0; n < RL_PRESENT_STUCK - 1; n++)
		word += rl_present_one(word, f);
	for (unsigned n = 0; n < RL_PRESENT_STUCK - 1; n++) {
		assert_true(rl_present_count(word, f));
		word -= rl_present_one(word, f);
	}
	assert_int_equal(word, 0);
}

static void a_counter_that_is_stuck_stays(void **state)
{
	__u64 word = 0, f = 5ull << 56;

	for (int n = 0; n < 100; n++)
		word += rl_present_one(word, f);
	assert_int_equal(word, (__u64)RL_PRESENT_STUCK << 20);
	for (int n = 0; n < 100; n++)
		word -= rl_present_one(word, f);
	assert_int_equal(word, (__u64)RL_PRESENT_STUCK << 20);
}

/* Some counters get stuck on the way: so many sources are there at times. */
static void nobody_who_is_there_is_missed(void **state)
{
	__u64 source[SOURCES];
	bool there[SOURCES] = {false};
	unsigned vain = 0;

	unit_seed("nobody_who_is_there_is_missed");
	for (int i = 0; i < SOURCES; i++)
		source[i] = random_fingerprint();
	for (int step = 0; step < 200000; step++) {
		unsigned i = unit_random(SOURCES);

		/* Few most of the time, nearly all now and then. */
		if (there[i] && unit_chance(step / 5000 % 8 ? 90 : 20)) {
			there[i] = false;
			go(source[i]);
		} else if (!there[i]) {
			there[i] = true;
			come(source[i]);
		}
		for (int k = 0; k < SOURCES; k++) {
			if (there[k] && !may_be(source[k]))
				fail_msg("step %d: source %d is missed", step, k);
		}
		vain += !may_be(random_fingerprint());
	}
	assert_true(vain > 0); /* a filter that says yes to all is none */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_place_counts_for_itself),
		cmocka_unit_test(as_many_come_as_go),
		cmocka_unit_test(a_counter_that_is_stuck_stays),
		cmocka_unit_test(nobody_who_is_there_is_missed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
