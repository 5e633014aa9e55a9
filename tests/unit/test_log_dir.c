/* SPDX-License-Identifier: GPL-2.0-only */
/* Which files events may be logged to by those who are not root. */
#include <errno.h>

#include "rld/events/sink.h"
#include "unit.h"

static const struct conf_options now = {.logs = 2, .log = {"stderr", "file:/srv/now"}};
static const struct conf_options files = {.logs = 1, .log = {"file:/srv/of-files"}};
static const struct conf_options *const known[] = {&now, &files};

static void assert_place(const char *name, int expected)
{
	struct conf_options options = {.logs = 2, .log = {"stderr"}};
	struct diag d = {0};

	strcpy(options.log[1], name);
	assert_int_equal(sinks_check_place(&options, known, &d), expected);
	assert_int_equal(strstr(d.message, name) && strstr(d.message, "/var/log/rld"),
			 expected != 0);
}

static void only_the_log_directory_and_what_root_named(void **state)
{
	assert_place("syslog", 0);
	assert_place("file:/var/log/rld/events.json", 0);
	assert_place("file:/srv/now", 0);
	assert_place("file:/srv/of-files", 0);
	assert_place("file:/srv/now2", -EPERM);
	assert_place("file:/var/log/rld", -EPERM);
	assert_place("file:/var/log/rld2/x", -EPERM);
	assert_place("file:/etc/cron.d/x", -EPERM);
	assert_place("file://var/log/rld/x", -EPERM); /* not worth a parser of paths */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_log_directory_and_what_root_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
