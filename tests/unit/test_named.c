// SPDX-License-Identifier: GPL-2.0-only
/* Lists with a name: what they have is where they are used, whatever changes when. */
#include "conf/compile/compile.h"
#include "conf/grammar/grammar.h"
#include "conf/model/named.h"
#include "unit.h"

static bool has(const struct conf_list *l, const char *text)
{
	struct addr_prefix prefix;

	assert_int_equal(addr_parse_prefix(text, strlen(text), &prefix), 0);
	return conf_list_match(l, &prefix.addr, NOW) != NULL;
}

static size_t prefixes(const struct conf *c, const char *limit)
{
	return conf_find_limit(c, limit)->cond[0].count;
}

static struct conf *load(const char *text)
{
	struct conf *c = conf_new();
	struct diag d;

	if (conf_load_text(c, text, NOW, &d))
		fail_msg("%d:%d: %s", d.line, d.column, d.message);
	return c;
}

static void assert_export(const struct conf *c, const char *expected)
{
	char *text = unit_export(c);

	assert_non_null(strstr(text, expected));
	free(text);
}

static void a_condition_has_what_its_lists_have(void **state)
{
	struct conf *c = conf_new();

	unit_good(c, "list bad add 198.51.100.0/24,2001:db8::/32");
	unit_good(c, "list worse add 203.0.113.7");
	unit_good(c, "set-limit a 1/s match src @worse,192.0.2.1,@bad,192.0.2.1,@bad");
	assert_int_equal(prefixes(c, "a"), 4);
	assert_export(c, " match src @bad,@worse,192.0.2.1\n");
	unit_good(c, "list bad add 198.51.100.0/25,198.51.0.0/16");
	assert_int_equal(prefixes(c, "a"), 4); /* one covers two others */
	unit_good(c, "list bad del 198.51.0.0/16");
	unit_good(c, "list bad del 198.51.100.0/24");
	assert_int_equal(prefixes(c, "a"), 4);
	unit_good(c, "list bad del 198.51.100.0/25,2001:db8::/32");
	assert_int_equal(prefixes(c, "a"), 2);
	conf_free(c);
}

static bool judges(const struct conf *c, const char *limit, const char *source)
{
	struct conf_packet p = {.proto = 6, .bytes = 60};

	addr_parse(source, strlen(source), &p.source);
	addr_parse("192.0.2.200", 11, &p.destination);
	return conf_packet_matches(&p, conf_find_limit(c, limit));
}

static void an_empty_list_is_nobody(void **state)
{
	struct conf *c = conf_new();
	struct conf_image image = {0};
	struct diag d;

	unit_good(c, "list none");
	unit_good(c, "set-limit in 1/s match tcp src @none");
	unit_good(c, "set-limit out 1/s match tcp not src @none");
	unit_good(c, "deny add @none");
	assert_false(judges(c, "in", "192.0.2.1"));
	assert_true(judges(c, "out", "192.0.2.1"));
	assert_int_equal(conf_compile(c, NULL, NULL, &image, &d), 0);
	conf_image_done(&image);
	unit_good(c, "list none add 192.0.2.0/24");
	assert_true(judges(c, "in", "192.0.2.1"));
	assert_false(judges(c, "out", "192.0.2.1"));
	assert_true(has(conf_deny(c), "192.0.2.1"));
	conf_free(c);
}

static void the_longest_end_holds(void **state)
{
	struct conf *c = conf_new();

	unit_good(c, "list bad add 192.0.2.1,192.0.2.2");
	unit_good(c, "ban 192.0.2.1 for 1h");
	assert_int_equal(conf_deny(c)->count, 1);
	unit_good(c, "deny add @bad for 2h comment x");
	assert_int_equal(conf_deny(c)->count, 2);
	assert_int_equal(conf_deny(c)->block[0]->entry[0].until_s, NOW + 7200);
	assert_false(conf_entry_is_ban(&conf_deny(c)->block[0]->entry[0]));
	unit_good(c, "ban 192.0.2.1");
	assert_int_equal(conf_deny(c)->block[0]->entry[0].until_s, 0);
	assert_true(conf_entry_is_ban(&conf_deny(c)->block[0]->entry[0]));
	unit_good(c, "unban 192.0.2.1");
	assert_int_equal(conf_deny(c)->block[0]->entry[0].until_s, NOW + 7200);
	assert_int_equal(c->deny.count, 0);
	unit_good(c, "deny del @bad");
	assert_int_equal(conf_deny(c)->count, 0);
	conf_free(c);
}

static void a_warning_says_what_still_has_it(void **state)
{
	struct conf *c = conf_new();
	struct conf_change change;

	unit_good(c, "list bad add 192.0.2.1");
	unit_good(c, "deny add @bad");
	change = unit_good(c, "deny del 192.0.2.1");
	assert_int_equal(change.kind, CONF_CHANGE_NONE);
	assert_non_null(strstr(change.warning, "still has it"));
	unit_good(c, "allow add 192.0.2.0/24");
	change = unit_good(c, "deny add 192.0.2.9");
	assert_non_null(strstr(change.warning, "no effect while the allow list has 192.0.2.0/24"));
	conf_free(c);
}

static void who_uses_a_list_keeps_it(void **state)
{
	struct conf *c = conf_new();
	struct diag d;

	unit_good(c, "list bad add 192.0.2.1");
	unit_good(c, "set-limit a 1/s match not dst @bad");
	unit_good(c, "allow add @bad");
	d = unit_bad(c, "del-list bad");
	assert_int_equal(d.kind, DIAG_REFUSED);
	assert_non_null(strstr(d.message, "used by the allow list, limit a"));
	unit_good(c, "del-limit a");
	unit_good(c, "allow del @bad");
	assert_int_equal(unit_good(c, "allow del @bad").kind, CONF_CHANGE_NONE);
	assert_int_equal(unit_good(c, "del-list bad").kind, CONF_CHANGE_LIST);
	assert_int_equal(unit_good(c, "del-list bad").kind, CONF_CHANGE_NONE);
	d = unit_bad(c, "deny add @bad");
	assert_non_null(strstr(d.message, "there is no list \"bad\""));
	assert_non_null(strstr(d.hint, "list NAME add"));
	conf_free(c);
}

static void an_export_loads_to_the_same(void **state)
{
	struct conf *a = load("list empty\nlist bad add 192.0.2.1,2001:db8::/32\n"
			      "allow add @empty comment 'a b'\ndeny add @bad\n"
			      "deny add 198.51.100.1\n"
			      "set-limit x 1/s match tcp src @bad,10.0.0.0/8 not dst @empty\n"
			      "list bad add 203.0.113.0/24\n");
	char *text = unit_export(a), *again;
	struct conf *b = load(text);
	size_t count;

	again = unit_export(b);
	assert_string_equal(text, again);
	assert_int_equal(conf_deny(b)->count, 4);
	assert_int_equal(prefixes(b, "x"), 1); /* tcp */
	assert_int_equal(conf_find_limit(b, "x")->cond[1].count, 4);
	free(again);
	unit_good(b, "list bad del 192.0.2.1");
	unit_good(b, "deny del @bad");
	unit_good(b, "list more add 192.0.2.9");
	unit_good(b, "deny add @more for 1h"); /* state */
	again = unit_diff(a, b, &count);
	assert_string_equal(again, "list more add 192.0.2.9\n");
	assert_int_equal(count, 3);
	free(again);
	free(text);
	conf_free(a);
	conf_free(b);
}

static void copies_stay_as_they_are(void **state)
{
	struct conf *a = load("list bad add 192.0.2.1\ndeny add @bad\n"
			      "set-limit x 1/s match src @bad\n");
	struct conf *b = conf_copy(a);

	unit_good(b, "list bad add 192.0.2.2");
	assert_int_equal(prefixes(a, "x"), 1);
	assert_int_equal(prefixes(b, "x"), 2);
	assert_int_equal(conf_deny(a)->count, 1);
	assert_int_equal(conf_deny(b)->count, 2);
	assert_ptr_not_equal(a->limit[0], b->limit[0]); /* the guard sees that it is another */
	conf_free(a);
	assert_true(has(conf_deny(b), "192.0.2.1"));
	conf_free(b);
}

static void what_has_an_end_is_carried_and_ends(void **state)
{
	struct conf *a = load("list bad add 192.0.2.1\nlist gone add 192.0.2.2\n");
	struct conf *b = load("list bad add 192.0.2.1,192.0.2.3\n");

	unit_good(a, "deny add @bad for 1h");
	unit_good(a, "deny add @gone for 1h");
	unit_good(a, "allow add @bad");
	assert_int_equal(conf_uses_carry(b, a, NOW), 0);
	assert_int_equal(b->uses, 1);
	assert_int_equal(conf_deny(b)->count, 2);
	conf_uses_step(b, 10);
	conf_uses_expire(b, NOW + 3609);
	assert_int_equal(b->uses, 1);
	conf_uses_expire(b, NOW + 3610);
	assert_int_equal(b->uses, 0);
	assert_int_equal(conf_deny(b)->count, 0);
	conf_free(a);
	conf_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_condition_has_what_its_lists_have),
		cmocka_unit_test(an_empty_list_is_nobody),
		cmocka_unit_test(the_longest_end_holds),
		cmocka_unit_test(a_warning_says_what_still_has_it),
		cmocka_unit_test(who_uses_a_list_keeps_it),
		cmocka_unit_test(an_export_loads_to_the_same),
		cmocka_unit_test(copies_stay_as_they_are),
		cmocka_unit_test(what_has_an_end_is_carried_and_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
