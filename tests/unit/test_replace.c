// SPDX-License-Identifier: GPL-2.0-only
/* What is on the disk when a file takes the place of another, and in which order. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/replace.h"
#include "unit.h"

static char dir[] = "/tmp/rld-unit-replace-XXXXXX";
static char path[64], temporary[64];
static char syncs[8]; /* a letter each: f of a file, d of the directory, x of anything else */
static int failing;   /* the sync that fails with EIO, from 1 on */

/* The library's, for the program that is tested too. */
int fsync(int fd)
{
	struct stat st, of_dir;
	size_t used = strlen(syncs);

	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(stat(dir, &of_dir), 0);
	assert_true(used + 1 < sizeof(syncs));
	syncs[used] = S_ISREG(st.st_mode) ? 'f' : st.st_ino == of_dir.st_ino ? 'd' : 'x';
	/* The file before it has its name, the directory after that. */
	assert_int_equal(access(temporary, F_OK), S_ISREG(st.st_mode) ? 0 : -1);
	if (S_ISREG(st.st_mode))
		assert_int_equal(st.st_size, 4);
	errno = EIO;
	return (int)used + 1 == failing ? -1 : 0;
}

static int replace(const char *mode)
{
	FILE *file;

	unit_write(path, "old\n");
	unit_write(temporary, "");
	file = fopen(temporary, mode);
	assert_non_null(file);
	memset(syncs, 0, sizeof(syncs));
	fputs("new\n", file);
	return replace_file(file, temporary, path);
}

static void assert_says(const char *what)
{
	char text[8] = "";
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	assert_non_null(fgets(text, sizeof(text), file));
	fclose(file);
	assert_string_equal(text, what);
	assert_int_equal(access(temporary, F_OK), -1);
}

static void test_the_file_is_synced_then_renamed_then_its_directory_is(void **state)
{
	failing = 0;
	assert_int_equal(replace("w"), 0);
	assert_string_equal(syncs, "fd");
	assert_says("new\n");
}

static void test_a_file_that_is_not_on_the_disk_replaces_nothing(void **state)
{
	failing = 1;
	assert_int_equal(replace("w"), -EIO);
	assert_string_equal(syncs, "f");
	assert_says("old\n");
}

static void test_a_file_that_was_not_written_replaces_nothing(void **state)
{
	failing = 0;
	assert_int_equal(replace("r"), -EIO);
	assert_string_equal(syncs, "");
	assert_says("old\n");
}

static void test_a_name_that_is_not_on_the_disk_is_said(void **state)
{
	failing = 2;
	assert_int_equal(replace("w"), -EIO);
	assert_says("new\n");
}

static int set_up(void **state)
{
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/a", dir);
	snprintf(temporary, sizeof(temporary), "%s/a.new", dir);
	return 0;
}

static int tear_down(void **state)
{
	unlink(path);
	unlink(temporary);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_file_is_synced_then_renamed_then_its_directory_is),
		cmocka_unit_test(test_a_file_that_is_not_on_the_disk_replaces_nothing),
		cmocka_unit_test(test_a_file_that_was_not_written_replaces_nothing),
		cmocka_unit_test(test_a_name_that_is_not_on_the_disk_is_said),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
