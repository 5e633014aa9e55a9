// SPDX-License-Identifier: GPL-2.0-only
/* What people see of an error. */
#include <errno.h>
#include <stdio.h>

#include "unit.h"

static void printed(const struct diag *d, const char *expected)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	diag_print(out, d, "rlctl", 0);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

static void test_parts_that_are_unset_are_left_out(void **state)
{
	struct diag d;

	assert_int_equal(diag_set(&d, DIAG_NOT_RUNNING, "rld is not %s", "running"), -EINVAL);
	printed(&d, "rlctl: rld is not running\n");
	diag_hint(&d, "start it");
	printed(&d, "rlctl: rld is not running\n    start it\n");
	strcpy(d.file, "a.conf");
	printed(&d, "a.conf: error: rld is not running\n    start it\n");
	d.line = 3;
	printed(&d, "a.conf:3: error: rld is not running\n    start it\n");
}

static void test_carets_stand_below_what_they_mean(void **state)
{
	struct diag d;

	diag_set(&d, DIAG_SYNTAX, "bad");
	strcpy(d.text, "\tZürich ö x");
	d.column = 10; /* bytes */
	d.width = 2;
	diag_expect(&d, "a");
	printed(&d, "rlctl: bad\n    \tZürich ö x\n    \t       ^   a\n");
	d.column = (int)strlen(d.text) + 2;
	d.width = 1;
	printed(&d, "rlctl: bad\n    \tZürich ö x\n    \t           ^   a\n");
	d.column = 4000;
	printed(&d, "rlctl: bad\n    \tZürich ö x\n    expected: a\n");
}

static void test_errno(void **state)
{
	struct diag d;

	assert_int_equal(diag_errno(&d, ENOENT, "cannot open %s", "x"), -ENOENT);
	assert_string_equal(d.message, "cannot open x: No such file or directory");
	assert_int_equal(d.kind, DIAG_FAILED);
	assert_int_equal(diag_errno(&d, EPERM, "x"), -EPERM);
	assert_int_equal(d.kind, DIAG_PERMISSION);
	assert_int_equal(diag_kind_status(d.kind), 4);
	assert_string_equal(diag_kind_name(DIAG_CONFIG), "config-invalid");
	assert_int_equal(diag_kind_status(DIAG_CONFIG), 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts_that_are_unset_are_left_out),
		cmocka_unit_test(test_carets_stand_below_what_they_mean),
		cmocka_unit_test(test_errno),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
