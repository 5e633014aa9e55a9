/* SPDX-License-Identifier: GPL-2.0-only */
/* Where HTTP listens, as text. */
#include "rld/http/listen.h"
#include "unit.h"

static void assert_listens(const char *text, bool good, bool loopback)
{
	union listen_addr addr;

	assert_int_equal(listen_parse(text, &addr) == 0, good);
	if (good)
		assert_int_equal(listen_is_loopback(&addr), loopback);
}

static void places_to_listen_at(void **state)
{
	assert_listens("127.0.0.1:9779", true, true);
	assert_listens("127.9.9.9:1", true, true);
	assert_listens("0.0.0.0:9779", true, false);
	assert_listens("[::1]:9779", true, true);
	assert_listens("[::]:9779", true, false);
	assert_listens("[2001:db8::1]:65535", true, false);
	assert_listens("", false, false);
	assert_listens(":9779", false, false);
	assert_listens("9779", false, false);
	assert_listens("127.0.0.1:", false, false);
	assert_listens("127.0.0.1:-1", false, false);
	assert_listens("127.0.0.1:65536", false, false);
	assert_listens("127.0.0.1:1x", false, false);
	assert_listens("localhost:9779", false, false);
	assert_listens("::1:9779", false, false);
	assert_listens("[]:9779", false, false);
	assert_listens("[2001:db8:2001:db8:2001:db8:2001:db8:2001:db8:2001:db8]:1", false, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_to_listen_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
