// SPDX-License-Identifier: GPL-2.0-only
/* Lists against a table that is searched from end to end. */
#include <stdio.h>

#include "conf/model/conf_internal.h"
#include "unit.h"

#define ENTRIES 24

static void random_prefix(struct addr_prefix *p)
{
	static const unsigned lens[] = {0, 90, 96, 97, 100, 104, 105, 120, 127, 128, 32, 1, 95};

	*p = (struct addr_prefix){.len = (__u8)lens[unit_random(13)]};
	if (unit_chance(80))
		p->addr.byte[10] = p->addr.byte[11] = 0xff;
	for (unsigned i = 12; i < 16; i++)
		p->addr.byte[i] = (__u8)(unit_chance(50) ? 0 : 0x80 >> unit_random(8));
	if (unit_chance(10))
		p->addr.byte[0] = 0x20;
	addr_mask(&p->addr, p->len);
}

static bool covers(const struct addr_prefix *a, const struct addr_prefix *b)
{
	return a->len <= b->len && addr_in(&b->addr, a);
}

static void check_entry(const struct conf_list *l, size_t i)
{
	__s64 until = l->entry[i].until_s;
	size_t covered = 0;

	for (size_t j = 0; j < l->count; j++) {
		covered += covers(&l->entry[i].prefix, &l->entry[j].prefix);
		if (!covers(&l->entry[j].prefix, &l->entry[i].prefix))
			continue;
		if (until && (l->entry[j].until_s == 0 || l->entry[j].until_s > until))
			until = l->entry[j].until_s;
	}
	assert_int_equal(conf_list_until(l, i), until);
	assert_int_equal(conf_list_covered(l, i), covered);
	assert_int_equal(conf_list_find(l, &l->entry[i].prefix), i);
}

static void check_match(const struct conf_list *l, __s64 now)
{
	const struct conf_entry *best = NULL;
	struct addr_prefix p;

	random_prefix(&p);
	for (size_t i = 0; i < l->count; i++)
		if (addr_in(&p.addr, &l->entry[i].prefix) &&
		    (l->entry[i].until_s == 0 || l->entry[i].until_s > now) &&
		    (!best || l->entry[i].prefix.len > best->prefix.len))
			best = &l->entry[i];
	assert_ptr_equal(conf_list_match(l, &p.addr, now), best);
}

static void test_lists_agree_with_a_search(void **state)
{
	unit_seed("list");
	for (unsigned round = 0; round < 3000; round++) {
		bool bulk = unit_chance(50);
		struct conf_list l = {0};
		size_t before, gone = 0;

		for (unsigned i = unit_chance(30) ? ENTRIES - 2 : 0; i < ENTRIES; i++) {
			struct conf_entry e = {.until_s =
						       unit_chance(30) ? 0 : 100 + unit_random(50),
					       .comment = "x"};

			random_prefix(&e.prefix);
			assert_true(conf_list_put(&l, &e, bulk) >= 0);
		}
		assert_int_equal(conf_list_sort(&l), 0);
		for (size_t i = 0; i + 1 < l.count; i++)
			assert_true(conf_prefix_compare(&l.entry[i].prefix,
							&l.entry[i + 1].prefix) < 0);
		for (size_t i = 0; i < l.count; i++) {
			check_entry(&l, i);
			gone += l.entry[i].until_s != 0 && l.entry[i].until_s <= 125;
		}
		for (unsigned i = 0; i < 20; i++)
			check_match(&l, 100 + unit_random(60));
		before = l.count;
		assert_int_equal(conf_list_expire(&l, 125), gone);
		assert_int_equal(l.count, before - gone);
		while (l.count) {
			struct addr_prefix p = l.entry[unit_random((unsigned)l.count)].prefix;

			assert_int_equal(conf_list_remove(&l, &p), 1);
			assert_int_equal(conf_list_remove(&l, &p), 0);
		}
		conf_list_done(&l);
	}
}

static void test_the_later_of_two_in_bulk_stays(void **state)
{
	struct conf_entry e = {.prefix.len = 128, .until_s = 5, .comment = "first"};
	struct conf_list l = {0};

	conf_list_put(&l, &e, true);
	e.comment = "second";
	e.until_s = 3;
	conf_list_put(&l, &e, true);
	assert_int_equal(conf_list_sort(&l), 0);
	assert_int_equal(l.count, 1);
	assert_string_equal(l.entry[0].comment, "second");
	assert_int_equal(l.entry[0].until_s, 3);
	conf_list_done(&l);
}

static void put(struct conf_list *l, __u8 last, __s64 until_s, bool timed)
{
	struct conf_entry e = {.prefix.len = 128, .until_s = until_s, .timed = timed};

	e.prefix.addr.byte[15] = last;
	e.comment = until_s ? NULL : "for ever";
	assert_true(conf_list_put(l, &e, false) >= 0);
}

static void test_what_is_carried_is_state_and_stays_what_it_is(void **state)
{
	struct conf_list from = {0}, to = {0};

	put(&from, 1, 200, true);
	put(&from, 2, 0, true);
	put(&from, 3, 0, false);  /* a statement, which files decide on */
	put(&from, 4, 100, true); /* over */
	put(&from, 5, 300, true);
	put(&to, 0, 0, false);
	put(&to, 5, 0, false); /* what files say comes first */
	put(&to, 9, 0, false);
	assert_int_equal(conf_list_carry(&to, &from, 100), 0);
	assert_int_equal(to.count, 5);
	for (size_t i = 0; i < to.count; i++)
		assert_int_equal(to.entry[i].prefix.addr.byte[15], "\0\1\2\5\x9"[i]);
	assert_true(to.entry[1].timed && to.entry[1].until_s == 200 && !to.entry[1].comment);
	assert_true(to.entry[2].timed && to.entry[2].until_s == 0);
	assert_string_equal(to.entry[2].comment, "for ever");
	assert_false(to.entry[3].timed);
	conf_list_done(&from);
	conf_list_done(&to);
}

static void test_who_allows_half_of_a_family_is_warned(void **state)
{
	static const struct {
		const char *prefix;
		bool warned;
	} cases[] = {{"0.0.0.0/0", true},     {"128.0.0.0/1", true},
		     {"64.0.0.0/2", false},   {"::/0", true},
		     {"::/1", true},	      {"8000::/1", true},
		     {"2000::/3", true},      {"2000::/4", true},
		     {"3000::/4", true},      {"::/3", false},
		     {"4000::/2", false},     {"2000::/5", false},
		     {"::ffff:0:0/96", true}, {"::ffff:64.0.0.0/98", false},
		     {"fc00::/7", false}};
	char line[128];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct conf *c = conf_new();

		snprintf(line, sizeof(line), "deny add %s", cases[i].prefix);
		assert_false(unit_good(c, line).warning[0]);
		snprintf(line, sizeof(line), "allow add %s", cases[i].prefix);
		if (!!strstr(unit_good(c, line).warning, "half of all") != cases[i].warned)
			fail_msg("%s", line);
		snprintf(line, sizeof(line), "allow del %s", cases[i].prefix);
		assert_false(unit_good(c, line).warning[0]);
		conf_free(c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists_agree_with_a_search),
		cmocka_unit_test(test_the_later_of_two_in_bulk_stays),
		cmocka_unit_test(test_what_is_carried_is_state_and_stays_what_it_is),
		cmocka_unit_test(test_who_allows_half_of_a_family_is_warned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
