// SPDX-License-Identifier: GPL-2.0-only
/* The parser of plain frames says what the general one says, or nothing. */
#include <stdint.h>
#include <string.h>

#include "bpf/parse/parse_plain.h"
#include "frames.h"
#include "unit.h"

#define ROUNDS 400000
#define SEED "20260711" /* the same frames each time, as many as take seconds */

struct parsed {
	bool plain;	       /* of rl_parse_plain() */
	enum rl_reason reason; /* of rl_parse() */
	struct rl_packet pkt;
};

/* Both parsers on one copy of the frame, which ends with its allocation. As in the kernel, the IP
 * header is at a multiple of 4. What a parser leaves alone is the same before. */
static void parse_both(const struct frame *m, struct parsed *plain, struct parsed *general)
{
	uint8_t *copy = malloc(m->len + 2);
	struct rl_cursor c = {.pos = copy + 2, .end = copy + 2 + m->len}, again = c;

	memcpy(copy + 2, m->data, m->len);
	memset(plain, 0x5a, sizeof(*plain));
	memset(general, 0x5a, sizeof(*general));
	/* The program may not see all of a long frame. */
	plain->pkt.subject.bytes = general->pkt.subject.bytes =
		(__u32)m->len + (unit_random(8) ? 0 : unit_random(90));
	plain->pkt.link = general->pkt.link = RL_LINK_ETHERNET;
	plain->plain = rl_parse_plain(&c, &plain->pkt);
	general->reason = rl_parse(&again, &general->pkt);
	free(copy);
}

static bool may_be_dhcp(const struct rl_packet *pkt)
{
	__u16 first = pkt->subject.ipv4 ? 67 : 546, port = rl_ntohs(pkt->subject.sport);

	return pkt->subject.proto == IPPROTO_UDP && (port == first || port == first + 1);
}

/* What the plain one does not say, as nobody asks it of such packets. */
static void leave_out(struct rl_packet *pkt)
{
	pkt->hop_limit = 0;
	pkt->addressed = 0;
	pkt->ip_at = 0;
	pkt->vlan_ids = 0;
}

/* Returns whether the frame was taken as plain. */
static bool agrees(const struct frame *m)
{
	struct parsed plain, general;

	parse_both(m, &plain, &general);
	if (!plain.plain)
		return false;
	assert_false(may_be_dhcp(&plain.pkt));
	assert_int_equal(general.reason, RL_GO);
	assert_int_equal(plain.pkt.hop_limit, 0);
	leave_out(&general.pkt);
	leave_out(&plain.pkt);
	assert_memory_equal(&plain.pkt, &general.pkt, sizeof(plain.pkt));
	return true;
}

static void with_the_seed(const char *test)
{
	setenv("RLD_TEST_SEED", SEED, 0);
	unit_seed(test);
}

static void plain_frames_are_taken_but_for_dhcp(void **state)
{
	struct parsed plain, general;
	unsigned left = 0;
	struct frame m;

	with_the_seed("plain_frames_are_taken_but_for_dhcp");
	for (int i = 0; i < ROUNDS / 2; i++) {
		frame_plain(&m);
		if (agrees(&m))
			continue;
		parse_both(&m, &plain, &general);
		assert_int_equal(general.reason, RL_GO);
		assert_true(may_be_dhcp(&general.pkt));
		left++;
	}
	assert_true(left > 0 && left < ROUNDS / 100);
}

static void damaged_plain_frames_are_parsed_alike_or_left(void **state)
{
	unsigned taken = 0, left = 0;
	struct frame m;

	with_the_seed("damaged_plain_frames_are_parsed_alike_or_left");
	for (int i = 0; i < ROUNDS; i++) {
		frame_plain(&m);
		frame_damage(&m);
		*(agrees(&m) ? &taken : &left) += 1;
	}
	assert_true(taken > ROUNDS / 10);
	assert_true(left > ROUNDS / 10);
}

static void frames_of_all_kinds_are_parsed_alike_or_left(void **state)
{
	unsigned taken = 0;
	struct frame m;

	with_the_seed("frames_of_all_kinds_are_parsed_alike_or_left");
	for (int i = 0; i < ROUNDS; i++) {
		frame_random(&m);
		taken += agrees(&m);
	}
	assert_true(taken > ROUNDS / 100);
}

/* Each bit of the headers of sound frames, one at a time, and each length. */
static void no_single_bit_makes_them_differ(void **state)
{
	struct frame m;

	with_the_seed("no_single_bit_makes_them_differ");
	for (int i = 0; i < 200; i++) {
		frame_plain(&m);
		for (size_t bit = 12 * 8; bit < m.len * 8; bit++) {
			m.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
			agrees(&m);
			m.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
		for (; m.len; m.len--)
			agrees(&m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_frames_are_taken_but_for_dhcp),
		cmocka_unit_test(damaged_plain_frames_are_parsed_alike_or_left),
		cmocka_unit_test(frames_of_all_kinds_are_parsed_alike_or_left),
		cmocka_unit_test(no_single_bit_makes_them_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
