// SPDX-License-Identifier: GPL-2.0-only
/* The pure parts of a replay: frames out of records of each link type, its clock, sums of sources.
 */
#include <arpa/inet.h>

#include "rld/replay/replay_frame.h"
#include "rld/sources/tally.h"
#include "unit.h"

#define SECOND 1000000000ull

static struct replay_frame frame;

static enum replay_fate make(enum replay_link link, const void *data, size_t caplen, size_t len)
{
	struct replay_record record = {.data = data, .caplen = caplen, .len = len};

	memset(frame.data, 0xee, sizeof(frame.data));
	return replay_frame_make(link, &record, &frame);
}

static unsigned type_of_frame(void)
{
	return (unsigned)frame.data[12] << 8 | frame.data[13];
}

static void an_ethernet_frame_stays_as_it_is(void **state)
{
	unsigned char data[60] = {1, 2, 3, [12] = 8, [59] = 9};

	assert_int_equal(make(REPLAY_LINK_ETHERNET, data, 60, 60), REPLAY_RUN);
	assert_int_equal(frame.len, 60);
	assert_memory_equal(frame.data, data, 60);
	assert_false(frame.cut);
	assert_int_equal(make(REPLAY_LINK_ETHERNET, data, 13, 13), REPLAY_TOO_SHORT);
	assert_int_equal(make(REPLAY_LINK_ETHERNET, data, 14, 14), REPLAY_RUN);
	/* Nonsense of a file: more captured than there was. */
	assert_int_equal(make(REPLAY_LINK_ETHERNET, data, 60, 20), REPLAY_RUN);
	assert_int_equal(frame.len, 60);
}

static void a_cut_frame_has_its_length_and_zeros(void **state)
{
	unsigned char data[40] = {[12] = 8, [39] = 7};
	static const unsigned char zeros[1460];

	assert_int_equal(make(REPLAY_LINK_ETHERNET, data, 40, 1500), REPLAY_RUN);
	assert_true(frame.cut);
	assert_int_equal(frame.len, 1500);
	assert_memory_equal(frame.data, data, 40);
	assert_memory_equal(frame.data + 40, zeros, sizeof(zeros));
	assert_int_equal(make(REPLAY_LINK_ETHERNET, data, 40, REPLAY_FRAME_MAX), REPLAY_RUN);
	assert_int_equal(make(REPLAY_LINK_ETHERNET, data, 40, REPLAY_FRAME_MAX + 1),
			 REPLAY_TOO_LONG);
	/* Cut within the link's header even: what is there is taken. */
	assert_int_equal(make(REPLAY_LINK_ETHERNET, data, 6, 60), REPLAY_RUN);
	assert_int_equal(type_of_frame(), 0);
}

static void other_links_get_an_ethernet_header(void **state)
{
	unsigned char cooked[36] = {[14] = 0x86, [15] = 0xdd, [16] = 0x60, [35] = 5};
	unsigned char cooked2[40] = {0x08, 0x06, [20] = 0x11, [39] = 6};
	unsigned char null[24] = {2, 0, 0, 0, 0x60, [23] = 8};

	assert_int_equal(make(REPLAY_LINK_COOKED, cooked, 36, 36), REPLAY_RUN);
	assert_int_equal(frame.len, 34);
	assert_int_equal(type_of_frame(), 0x86dd);
	assert_memory_equal(frame.data + 14, cooked + 16, 20);
	assert_int_equal(make(REPLAY_LINK_COOKED_2, cooked2, 40, 100), REPLAY_RUN);
	assert_int_equal(frame.len, 94);
	assert_int_equal(type_of_frame(), 0x0806);
	assert_memory_equal(frame.data + 14, cooked2 + 20, 20);
	assert_int_equal(make(REPLAY_LINK_NULL, null, 24, 24), REPLAY_RUN);
	assert_int_equal(frame.len, 34);
	assert_int_equal(type_of_frame(), 0x86dd);
	assert_memory_equal(frame.data + 14, null + 4, 20);
	null[4] = 0x55;
	assert_int_equal(make(REPLAY_LINK_NULL, null, 24, 24), REPLAY_RUN);
	assert_int_equal(type_of_frame(), 0);
}

static void raw_ip_is_run_as_it_is(void **state)
{
	unsigned char raw[20] = {0x45, [19] = 7};

	assert_true(replay_frame_is_bare(REPLAY_LINK_RAW));
	assert_false(replay_frame_is_bare(REPLAY_LINK_NULL));
	assert_int_equal(make(REPLAY_LINK_RAW, raw, 20, 24), REPLAY_RUN);
	assert_int_equal(frame.len, 24);
	assert_memory_equal(frame.data, raw, 20);
	assert_int_equal(make(REPLAY_LINK_RAW, raw, 13, 13), REPLAY_TOO_SHORT);
}

/* The sanitizers see a byte too far. */
static void a_record_shorter_than_its_links_header_is_left_out(void **state)
{
	static const struct {
		enum replay_link link;
		size_t least;
	} cases[] = {{REPLAY_LINK_COOKED, 16}, {REPLAY_LINK_COOKED_2, 20}, {REPLAY_LINK_NULL, 5}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		unsigned char *data = calloc(1, cases[i].least);
		unsigned char *less = calloc(1, cases[i].least);

		assert_int_equal(make(cases[i].link, data, cases[i].least, 100), REPLAY_RUN);
		assert_int_equal(make(cases[i].link, less, cases[i].least - 1, 100),
				 REPLAY_TOO_SHORT);
		free(data);
		free(less);
	}
}

static void what_was_sent_is_told_from_what_was_received(void **state)
{
	unsigned char cooked[36] = {0, 4, [14] = 8};
	unsigned char cooked2[40] = {8, [10] = 4};

	assert_int_equal(make(REPLAY_LINK_COOKED, cooked, 36, 36), REPLAY_OUTGOING);
	assert_int_equal(make(REPLAY_LINK_COOKED_2, cooked2, 40, 40), REPLAY_OUTGOING);
	cooked[1] = 3;
	cooked2[10] = 0;
	assert_int_equal(make(REPLAY_LINK_COOKED, cooked, 36, 36), REPLAY_RUN);
	assert_int_equal(make(REPLAY_LINK_COOKED_2, cooked2, 40, 40), REPLAY_RUN);
}

static __u64 at(struct replay_clock *clock, __s64 s, __u64 ns)
{
	struct replay_record record = {.s = s, .ns = ns};

	return replay_clock_set(clock, &record);
}

static void the_clock_never_runs_backwards_nor_near_zero(void **state)
{
	struct replay_clock clock = {0};
	__u64 start = at(&clock, 1700000000, 5);

	assert_int_equal(replay_clock_to_wall_ns(start), 1700000000 * SECOND + 5);
	assert_int_equal(at(&clock, 1700000000, 6), start + 1);
	assert_int_equal(at(&clock, 1699999999, 0), start + 1);
	assert_int_equal(clock.backwards, 1);
	assert_int_equal(at(&clock, 1700000001, 5), start + SECOND);
	assert_int_equal(clock.backwards, 1);
	assert_int_equal(replay_clock_of_wall(1700000000), start - 5);
	assert_int_equal(replay_clock_of_wall(0), 0);
	clock = (struct replay_clock){0};
	assert_true(at(&clock, 0, 0) > 30ull * 365 * 86400 * SECOND);
	assert_int_equal(at(&clock, -9, 0), clock.now_ns);
	/* The longest period may be added to the latest time. */
	assert_true(at(&clock, INT64_MAX, 999999999) < UINT64_MAX - (1ull << 63));
}

static struct rl_key key_of(unsigned i)
{
	return (struct rl_key){.limit_id = 1 + i % 2, .source.word[3] = htonl(i)};
}

static void sums_are_of_one_key_and_the_worst_come_first(void **state)
{
	struct tally tally = {0};
	struct topn top = {.max = 3};

	for (unsigned round = 0; round < 5; round++) {
		for (unsigned i = 0; i < 500; i++) {
			struct rl_key key = key_of(i * 7 % 500);
			struct rl_state s = {.pass_packets = 1,
					     .pass_bytes = 60,
					     .drop_packets = i * 7 % 500,
					     .would_packets = 1,
					     .first_seen = 100 - round,
					     .last_seen = 100 + round};

			assert_int_equal(tally_add(&tally, &key, &s), 0);
		}
	}
	assert_int_equal(tally.count, 500);
	tally_offer(&tally, &top);
	topn_sort(&top);
	assert_int_equal(top.count, 3);
	for (unsigned i = 0; i < 3; i++) {
		struct rl_key key = key_of(499 - i);

		assert_memory_equal(&top.v[i].key, &key, sizeof(key));
		assert_int_equal(top.v[i].rank, 5 * (500 - i));
		assert_int_equal(top.v[i].state.pass_packets, 5);
		assert_int_equal(top.v[i].state.pass_bytes, 300);
		assert_int_equal(top.v[i].state.first_seen, 96);
		assert_int_equal(top.v[i].state.last_seen, 104);
	}
	topn_done(&top);
	tally_done(&tally);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ethernet_frame_stays_as_it_is),
		cmocka_unit_test(a_cut_frame_has_its_length_and_zeros),
		cmocka_unit_test(other_links_get_an_ethernet_header),
		cmocka_unit_test(raw_ip_is_run_as_it_is),
		cmocka_unit_test(a_record_shorter_than_its_links_header_is_left_out),
		cmocka_unit_test(what_was_sent_is_told_from_what_was_received),
		cmocka_unit_test(the_clock_never_runs_backwards_nor_near_zero),
		cmocka_unit_test(sums_are_of_one_key_and_the_worst_come_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
