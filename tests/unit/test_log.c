/* SPDX-License-Identifier: GPL-2.0-only */
/* Standard error that nobody reads: nobody waits for it, and what is lost is counted and told. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/time.h"
#include "rld/loop/log.h"
#include "rld/loop/stderr.h"
#include "unit.h"

#define SHORT_NS (TIME_NS / 4)

static char text[1 << 20];
static int real = -1, reader = -1;
static bool no_proc;

int __wrap_open(const char *path, int flags, ...);
int __real_open(const char *path, int flags, ...);

/* Without /proc, if the test says so. */
int __wrap_open(const char *path, int flags, ...)
{
	if (no_proc && !strcmp(path, "/proc/self/fd/2")) {
		errno = ENOENT;
		return -1;
	}
	return __real_open(path, flags);
}

/* The end that rld writes to. */
static void put_in_place(int fd)
{
	fflush(stderr);
	real = dup(STDERR_FILENO);
	assert_int_equal(dup2(fd, STDERR_FILENO), STDERR_FILENO);
	close(fd);
	fcntl(reader, F_SETFL, O_NONBLOCK);
}

static void pipe_in_place(void)
{
	int fd[2];

	assert_int_equal(pipe(fd), 0);
	reader = fd[0];
	put_in_place(fd[1]);
}

static int tear_down(void **state)
{
	dup2(real, STDERR_FILENO);
	close(real);
	close(reader);
	no_proc = false;
	return 0;
}

/* All that can be read now. */
static const char *drained(void)
{
	size_t used = 0;
	ssize_t len;

	while ((len = read(reader, text + used, sizeof(text) - 1 - used)) > 0)
		used += (size_t)len;
	text[used] = 0;
	return text;
}

static void log_many(void)
{
	__u64 before_ns = time_mono_ns();

	for (int i = 0; i < 4000; i++)
		log_line("line %d of many, with some words so that a pipe is soon full", i);
	assert_true(time_mono_ns() - before_ns < 4 * SHORT_NS);
}

static void assert_told_once(void)
{
	const char *told;

	assert_non_null(strstr(drained(), "rld: line 0 of"));
	assert_null(strstr(text, "are missing"));
	log_retry();
	told = strstr(drained(), "messages are missing here");
	assert_non_null(told);
	log_retry();
	log_line("the next");
	assert_string_equal(drained(), "rld: the next\n");
}

static void a_full_pipe_stops_nobody(void **state)
{
	pipe_in_place();
	log_many();
	assert_int_equal(fcntl(STDERR_FILENO, F_GETFL) & O_NONBLOCK, 0); /* others share it */
	assert_told_once();
}

static void a_full_pipe_without_proc_stops_nobody(void **state)
{
	no_proc = true;
	pipe_in_place();
	log_many();
	assert_told_once();
}

static void a_full_socket_stops_nobody(void **state)
{
	int fd[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	reader = fd[0];
	put_in_place(fd[1]);
	log_many();
	assert_told_once();
}

static void what_is_lost_is_counted(void **state)
{
	struct diag d;
	char expected[128];
	size_t lines = 0;

	pipe_in_place();
	log_many();
	diag_set(&d, DIAG_FAILED, "a diagnosis");
	log_diag(&d);
	for (const char *at = drained(); (at = strchr(at, '\n')); at++)
		lines++;
	log_line("the next");
	snprintf(expected, sizeof(expected), "rld: %zu messages are missing here: ", 4001 - lines);
	assert_memory_equal(drained(), expected, strlen(expected));
	assert_non_null(strstr(text, "\nrld: the next\n"));
}

static void a_long_text_is_torn_and_the_next_is_not(void **state)
{
	static char lines[200000];

	pipe_in_place();
	memset(lines, 'x', sizeof(lines));
	lines[sizeof(lines) - 1] = '\n';
	assert_int_equal(stderr_write(lines, sizeof(lines)), -EAGAIN);
	assert_int_equal(stderr_write("next\n", 5), -EAGAIN);
	drained();
	assert_int_equal(stderr_write("next\n", 5), 0);
	assert_string_equal(drained(), "\nnext\n");
}

static void what_cannot_be_written_to_says_so(void **state)
{
	reader = open("/dev/null", O_RDONLY);
	put_in_place(open("/dev/null", O_RDONLY));
	assert_int_equal(stderr_write("x\n", 2), -EBADF);
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_full_pipe_stops_nobody),
		TEST(a_full_pipe_without_proc_stops_nobody),
		TEST(a_full_socket_stops_nobody),
		TEST(what_is_lost_is_counted),
		TEST(a_long_text_is_torn_and_the_next_is_not),
		TEST(what_cannot_be_written_to_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
