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

static void check_entry(const struct conf_list *l, const struct conf_entry *e)
{
	__s64 until = e->until_s;
	const struct conf_entry *other;

	conf_list_each (other, at, l) {
		if (!covers(&other->prefix, &e->prefix))
			continue;
		if (until && (other->until_s == 0 || other->until_s > until))
			until = other->until_s;
	}
	assert_int_equal(conf_list_until(l, e), until);
	assert_ptr_equal(conf_list_find(l, &e->prefix), e);
}

static void check_match(const struct conf_list *l, __s64 now)
{
	const struct conf_entry *best = NULL, *e;
	struct addr_prefix p;

	random_prefix(&p);
	conf_list_each (e, at, l)
		if (addr_in(&p.addr, &e->prefix) && (e->until_s == 0 || e->until_s > now) &&
		    (!best || e->prefix.len > best->prefix.len))
			best = e;
	assert_ptr_equal(conf_list_match(l, &p.addr, now), best);
}

/* What a list says of itself; returns how many of its entries end by then. */
static size_t check_list(const struct conf_list *l, __s64 now_s)
{
	const struct conf_entry *e, *before = NULL;
	__u32 of_len[2][129] = {0};
	size_t count = 0, gone = 0, timed = 0;

	conf_list_each (e, at, l) {
		if (before)
			assert_true(conf_prefix_compare(&before->prefix, &e->prefix) < 0);
		before = e;
		gone += e->until_s != 0 && e->until_s <= now_s;
		timed += e->until_s != 0;
		of_len[addr_is_ipv4(&e->prefix.addr)][e->prefix.len]++;
		count++;
	}
	assert_int_equal(l->count, count);
	assert_memory_equal(l->of_len, of_len, sizeof(of_len));
	for (struct conf_at at = conf_list_begin(l); conf_at_timed(&at); conf_at_next(&at))
		timed--;
	assert_int_equal(timed, 0);
	return gone;
}

static void count_dropped(void *ctx, const struct conf_entry *e)
{
	assert_true(e->until_s != 0);
	++*(size_t *)ctx;
}

/* Some at a time. */
static size_t expired_in_parts(struct conf_list *l, __s64 now_s)
{
	size_t told = 0, gone = 0, part;
	const struct conf_expiry expiry = {now_s, 1 + unit_random(40), count_dropped, &told};

	do {
		part = conf_list_expire(l, &expiry);
		assert_true(part <= expiry.max);
		gone += part;
	} while (part == expiry.max);
	assert_int_equal(told, gone);
	assert_int_equal(check_list(l, now_s), 0);
	return gone;
}

static void take_apart(struct conf_list *l)
{
	while (l->count) {
		const struct conf_block *b = l->block[unit_random((unsigned)l->blocks)];
		struct addr_prefix p = b->entry[unit_random(b->count)].prefix;

		assert_int_equal(conf_list_remove(l, &p), 1);
		assert_int_equal(conf_list_remove(l, &p), 0);
	}
	assert_int_equal(l->blocks, 0);
}

static void test_lists_agree_with_a_search(void **state)
{
	unit_seed("list");
	for (unsigned round = 0; round < 3000; round++) {
		bool bulk = unit_chance(50);
		const struct conf_entry *each;
		struct conf_list l = {0};
		size_t before, gone;

		for (unsigned i = unit_chance(30) ? ENTRIES - 2 : 0; i < ENTRIES; i++) {
			struct conf_entry e = {.until_s =
						       unit_chance(30) ? 0 : 100 + unit_random(50),
					       .comment = "x"};

			random_prefix(&e.prefix);
			assert_true(conf_list_put(&l, &e, bulk) >= 0);
		}
		assert_int_equal(conf_list_sort(&l), 0);
		gone = check_list(&l, 125);
		conf_list_each (each, at, &l)
			check_entry(&l, each);
		for (unsigned i = 0; i < 20; i++)
			check_match(&l, 100 + unit_random(60));
		before = l.count;
		assert_int_equal(expired_in_parts(&l, 125), gone);
		assert_int_equal(l.count, before - gone);
		take_apart(&l);
		conf_list_done(&l);
	}
}

/* Of thirty thousand. */
static void random_entry(struct conf_entry *e)
{
	static char comment[] = "x";

	*e = (struct conf_entry){.prefix.len = 128, .timed = unit_chance(20)};
	e->until_s = e->timed ? unit_random(1000) : 0;
	e->elapsed = e->until_s && unit_chance(50);
	e->comment = unit_chance(10) ? comment : NULL;
	e->prefix.addr.half[0] = 0x20;
	e->prefix.addr.word[3] = __builtin_bswap32(unit_random(30000));
}

static void change(struct conf_list *l)
{
	struct conf_entry e;
	bool was;

	random_entry(&e);
	was = conf_list_find(l, &e.prefix);
	if (unit_chance(50)) {
		assert_int_equal(conf_list_remove(l, &e.prefix), was);
		assert_null(conf_list_find(l, &e.prefix));
	} else {
		assert_true(conf_list_put(l, &e, false) >= 0);
		assert_int_equal(conf_list_find(l, &e.prefix)->until_s, e.until_s);
	}
}

/* With and without a look at what they share. */
static size_t differences(const struct conf_list *a, const struct conf_list *b, bool changes)
{
	struct conf_pair p = conf_pair_begin(a, b);
	size_t count = 0;

	while (conf_pair_next(&p, changes))
		count += !p.old || !p.new || p.old->until_s != p.new->until_s;
	return count;
}

static void test_a_copy_shares_and_stays_what_it_is(void **state)
{
	struct conf_list l = {0}, copy;
	const struct conf_entry *each;
	struct conf_entry e;

	unit_seed("blocks");
	for (unsigned i = 0; i < 6000; i++) {
		random_entry(&e);
		assert_int_equal(conf_list_put(&l, &e, true), 1);
	}
	assert_int_equal(conf_list_sort(&l), 0);
	for (unsigned round = 0; round < 60; round++) {
		struct conf_list other = {0};

		assert_int_equal(conf_list_copy(&l, &copy), 0);
		conf_list_each (each, at, &l) /* apart: shares nothing */
			assert_int_equal(conf_list_put(&other, each, true), 1);
		assert_int_equal(conf_list_sort(&other), 0);
		for (unsigned i = unit_random(200); i; i--)
			change(&copy);
		if (unit_chance(10))
			conf_list_step(&copy, 1);
		if (unit_chance(10))
			expired_in_parts(&copy, 100);
		check_list(&copy, 500);
		assert_int_equal(differences(&l, &other, false), 0);
		assert_int_equal(differences(&l, &copy, true), differences(&other, &copy, false));
		assert_int_equal(differences(&copy, &l, true), differences(&copy, &other, false));
		assert_int_equal(conf_list_equal(&copy, &l), !differences(&copy, &other, false));
		conf_list_done(&other);
		conf_list_done(&l);
		l = copy;
	}
	take_apart(&l);
	conf_list_done(&l);
}

/* Into few of the blocks: those that are as they were stay shared. */
static void test_few_in_bulk_go_to_their_places(void **state)
{
	struct conf_list l = {0}, copy;
	struct conf_entry e;
	size_t shared = 0;

	for (unsigned i = 0; i < 20 * CONF_BLOCK; i++) {
		random_entry(&e);
		e.prefix.addr.word[3] = __builtin_bswap32(2 * i);
		assert_int_equal(conf_list_put(&l, &e, true), 1);
	}
	assert_int_equal(conf_list_sort(&l), 0);
	assert_int_equal(l.blocks, 20);
	assert_int_equal(conf_list_copy(&l, &copy), 0);
	for (unsigned i = 0; i < 10; i++) {
		e.prefix.addr.word[3] = __builtin_bswap32(2 * i + 1);
		assert_int_equal(conf_list_put(&copy, &e, true), 1);
	}
	assert_int_equal(conf_list_sort(&copy), 0);
	check_list(&copy, 500);
	assert_int_equal(copy.count, l.count + 10);
	for (size_t i = 0; i < l.blocks; i++)
		shared += l.block[i]->shares;
	assert_int_equal(shared, 19);
	conf_list_done(&copy);
	conf_list_done(&l);
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
	assert_string_equal(l.block[0]->entry[0].comment, "second");
	assert_int_equal(l.block[0]->entry[0].until_s, 3);
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
	const struct conf_entry *entry;

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
	entry = to.block[0]->entry;
	for (size_t i = 0; i < to.count; i++)
		assert_int_equal(entry[i].prefix.addr.byte[15], "\0\1\2\5\x9"[i]);
	assert_true(entry[1].timed && entry[1].until_s == 200 && !entry[1].comment);
	assert_true(entry[2].timed && entry[2].until_s == 0);
	assert_string_equal(entry[2].comment, "for ever");
	assert_false(entry[3].timed);
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
		cmocka_unit_test(test_a_copy_shares_and_stays_what_it_is),
		cmocka_unit_test(test_few_in_bulk_go_to_their_places),
		cmocka_unit_test(test_the_later_of_two_in_bulk_stays),
		cmocka_unit_test(test_what_is_carried_is_state_and_stays_what_it_is),
		cmocka_unit_test(test_who_allows_half_of_a_family_is_warned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
