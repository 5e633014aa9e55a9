// SPDX-License-Identifier: GPL-2.0-only
/* Compiled rows against the conditions themselves, on random limits and random packets. */
#include <stdio.h>

#include "unit.h"
#include "conf/compile/compile.h"

static __u32 slot_of(void *ctx, const char *name)
{
	return strcmp(name, "eth0") == 0 ? 1 : strcmp(name, "eth1") == 0 ? 5 : 0;
}

static const struct conf_prefix *longest(const struct conf_prefixes *set, const union rl_addr *addr)
{
	const struct conf_prefix *best = NULL;

	for (size_t i = 0; i < set->count; i++)
		if (addr_in(addr, &set->v[i].prefix) &&
		    (!best || set->v[i].prefix.len > best->prefix.len))
			best = &set->v[i];
	return best;
}

/* What the program does with a rule set. */
static void judge(const struct conf_image *image, const struct unit_packet *p, __u64 *ret)
{
	const struct rl_rules *r = image->rules;
	const struct conf_prefix *source = longest(&image->source, &p->source);
	const struct conf_prefix *destination = longest(&image->destination, &p->destination);
	__u32 row[RL_DIM_COUNT] = {
		[RL_DIM_PROTO] = r->row_proto[p->proto],
		[RL_DIM_DPORT] = r->row_dport[p->dport],
		[RL_DIM_SPORT] = r->row_sport[p->sport],
		[RL_DIM_SOURCE] = source ? source->row : r->source_any,
		[RL_DIM_DESTINATION] = destination ? destination->row : r->destination_any,
		[RL_DIM_ICMP_TYPE] = r->row_icmp[p->icmp],
		[RL_DIM_TRAITS] = r->row_traits[p->traits],
		[RL_DIM_LENGTH] = r->row_length[p->length],
		[RL_DIM_FLAGS] = r->row_flags[p->flags],
		[RL_DIM_IP_LENGTH] = r->row_ip_length[p->ip_length],
		[RL_DIM_VLAN] = r->row_vlan[p->vlan],
		[RL_DIM_IFACE] = r->row_iface[slot_of(NULL, p->iface)],
	};

	for (unsigned w = 0; w < r->words; w++) {
		ret[w] = ~0ull;
		for (unsigned d = 0; d < RL_DIM_COUNT; d++)
			if (r->dims & 1u << d)
				ret[w] &= r->row[row[d] * RL_ROW_STRIDE(r->words) + 1 + w];
	}
}

static void check_packet(const struct conf *c, const struct conf_image *image)
{
	__u64 got[RL_LIMITS_MAX / 64] = {0};
	struct unit_packet p;

	unit_random_packet(&p);
	judge(image, &p, got);
	for (size_t i = 0; i < c->limits; i++) {
		const struct conf_limit *l = c->limit[i];
		bool live = image->rules->live[i / 64] >> i % 64 & 1;

		assert_int_equal(live, l->enabled && strcmp(l->abi.name, "default") != 0);
		assert_int_equal(image->rules->enforcing[i / 64] >> i % 64 & 1,
				 live && !(l->abi.flags & RL_LIMIT_MONITOR));
		if (l->enabled && (got[i / 64] >> i % 64 & 1) != unit_matches(l, &p)) {
			char text[CONF_TEXT];

			fail_msg("limit %zu (%s): rows say %d", i, conf_format_match(l, text),
				 !unit_matches(l, &p));
		}
	}
}

static void test_rows_say_what_the_conditions_say(void **state)
{
	unsigned compiled = 0;

	unit_seed("compile");
	for (unsigned round = 0; round < 800; round++) {
		struct conf *c = unit_random_conf(1 + unit_random(round % 10 == 0 ? 150 : 10));
		struct conf_image image = {0};
		struct diag d = {0};

		if (conf_compile(c, slot_of, NULL, &image, &d) == 0) {
			compiled++;
			for (unsigned i = 0; i < 200; i++)
				check_packet(c, &image);
			conf_image_done(&image);
		} else {
			assert_non_null(strstr(d.message, "limits can match one packet"));
		}
		conf_free(c);
	}
	assert_true(compiled > 400);
}

static void test_unused_dimensions_stay_unused(void **state)
{
	struct conf *c = conf_new();
	struct conf_image image = {0};
	struct diag d = {0};

	unit_good(c, "mode monitor");
	unit_good(c, "set-option on-malformed drop");
	assert_int_equal(conf_compile(c, slot_of, NULL, &image, &d), 0);
	assert_int_equal(image.rules->words, 0);
	assert_int_equal(image.rules->dims, 0);
	assert_int_equal(image.rules->mode, RL_MODE_MONITOR);
	assert_int_equal(image.rules->flags, RL_RULES_MALFORMED_DROP);
	assert_int_equal(image.rules->exempt_rate, 5000);
	conf_image_done(&image);
	unit_good(c, "set-limit a 1/s match tcp dport 22");
	unit_good(c, "set-option on-malformed pass");
	unit_good(c, "set-option on-deep judge");
	unit_good(c, "set-option exempt-rate 70000");
	assert_int_equal(conf_compile(c, slot_of, NULL, &image, &d), 0);
	assert_int_equal(image.rules->flags, RL_RULES_DEEP_JUDGE);
	assert_int_equal(image.rules->exempt_rate, 70000);
	assert_int_equal(image.rules->dims,
			 1u << RL_DIM_PROTO | 1u << RL_DIM_DPORT | 1u << RL_DIM_TRAITS);
	assert_int_equal(image.rows_used, 2 * RL_ROW_STRIDE(1));
	conf_image_done(&image);
	conf_free(c);
}

struct sole {
	const char *statement; /* in addition to those above it */
	const char *sole;      /* "": none */
};

static const struct sole SOLE[] = {
	{"mode enforce", ""},
	{"set-limit 9/s", "default"},
	{"set-limit every 5/s match any", "every"}, /* which leaves the one before nothing to say */
	{"set-limit every 5/s match any monitor", ""},
	{"disable default", "every"},
	{"set-limit more 6/s match any", ""},
	{"disable every", "more"},
	{"enable default", "more"},
	{"set-limit more 6/s match udp", ""},
	{"del-limit more", "default"},
};

static void test_a_limit_for_every_packet_is_known(void **state)
{
	struct conf *c = conf_new();

	for (size_t i = 0; i < sizeof(SOLE) / sizeof(*SOLE); i++) {
		struct conf_image image = {0};
		struct diag d = {0};

		unit_good(c, SOLE[i].statement);
		assert_int_equal(conf_compile(c, slot_of, NULL, &image, &d), 0);
		print_message("after %s\n", SOLE[i].statement);
		assert_string_equal(image.rules->sole == RL_LIMITS_MAX
					    ? ""
					    : image.rules->limit[image.rules->sole].name,
				    SOLE[i].sole);
		conf_image_done(&image);
	}
	conf_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_say_what_the_conditions_say),
		cmocka_unit_test(test_unused_dimensions_stay_unused),
		cmocka_unit_test(test_a_limit_for_every_packet_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
