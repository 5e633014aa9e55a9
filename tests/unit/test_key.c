// SPDX-License-Identifier: GPL-2.0-only
/* The short way to a fingerprint says what the long one says, and fingerprints are well spread. */
#include <string.h>

#include "bpf/state/key.h"
#include "unit.h"

static __u32 secret[RL_SECRET_WORDS];

static void draw_secret(const char *test)
{
	unit_seed(test);
	for (int i = 0; i < RL_SECRET_WORDS; i++)
		secret[i] = unit_random(1u << 16) << 16 | unit_random(1u << 16);
}

static void mask(union rl_addr *mask, unsigned bits)
{
	memset(mask, 0, sizeof(*mask));
	for (unsigned i = 0; i < bits; i++)
		mask->byte[i / 8] |= (__u8)(0x80 >> i % 8);
}

static void draw_limit(struct rl_limit *limit)
{
	*limit = (struct rl_limit){.id = 1 + unit_random(1000), .key = RL_KEY_SOURCE};
	limit->prefix4 = (__u8)unit_random(33);
	limit->prefix6 = (__u8)(unit_random(2) ? unit_random(129) : 63 + unit_random(3));
	mask(&limit->mask4, 96 + limit->prefix4);
	mask(&limit->mask6, limit->prefix6);
	rl_seal(limit, secret);
}

static void draw_subject(struct rl_subject *subject)
{
	*subject = (struct rl_subject){.source = RL_IPV4_0};
	subject->ipv4 = (__u8)unit_random(2);
	for (int i = subject->ipv4 ? 12 : 0; i < 16; i++)
		subject->source.byte[i] = (__u8)unit_random(256);
}

static void sealed_limits_give_the_fingerprint_of_the_key(void **state)
{
	draw_secret("sealed_limits_give_the_fingerprint_of_the_key");
	for (int i = 0; i < 100000; i++) {
		struct rl_subject subject = {};
		struct rl_limit limit;
		struct rl_key key;

		draw_limit(&limit);
		draw_subject(&subject);
		rl_make_key(&key, &limit, &subject);
		assert_int_equal(rl_fingerprint_source(&limit, &subject, secret),
				 rl_fingerprint(&key, secret));
	}
}

#define SOURCES (1u << 16)

/* Of sources one after the other, as networks have them: how many share a place of the front table
 * with more than it has room for, beside the same for places drawn at random. */
static unsigned crowded(const __u64 *fingerprint)
{
	static __u8 taken[SOURCES / 2];
	unsigned ret = 0;

	memset(taken, 0, sizeof(taken));
	for (unsigned i = 0; i < SOURCES; i++)
		ret += ++taken[fingerprint[i] % (SOURCES / 2)] > RL_FRONT_WAYS;
	return ret;
}

static void neighbours_are_spread_like_random_ones(void **state)
{
	static __u64 drawn[SOURCES], made[SOURCES];

	draw_secret("neighbours_are_spread_like_random_ones");
	for (unsigned shift = 0; shift <= 16; shift += 8) {
		struct rl_limit limit;
		struct rl_subject subject = {};
		unsigned expected;

		draw_limit(&limit);
		limit.prefix4 = 32;
		mask(&limit.mask4, 128);
		subject.source = RL_IPV4_0;
		subject.ipv4 = 1;
		for (unsigned i = 0; i < SOURCES; i++) {
			subject.source.word[3] = rl_ntohl(0x0a000000 + (i << shift));
			made[i] = rl_fingerprint_source(&limit, &subject, secret);
			drawn[i] = unit_random(SOURCES);
		}
		expected = crowded(drawn);
		assert_in_range(crowded(made), expected / 2, expected * 3 / 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sealed_limits_give_the_fingerprint_of_the_key),
		cmocka_unit_test(neighbours_are_spread_like_random_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
