/* SPDX-License-Identifier: GPL-2.0-only */
/* Doors: how many come in at once, and what happens where file descriptors run short. */
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/time.h"
#include "rld/loop/door.h"
#include "rld/loop/log.h"
#include "unit.h"

#define FDS 64 /* of this process */
#define CLIENTS_MAX 80

static struct loop *loop;
static struct door *door;
static struct sockaddr_un at;
static int listening;
static int client[CLIENTS_MAX], taken[CLIENTS_MAX];
static size_t clients, takes, crowds, tells;

void __wrap_log_line(const char *format, ...);

void __wrap_log_line(const char *format, ...)
{
	tells++;
}

static void take(void *ctx, int fd, const struct sockaddr *from, bool crowded)
{
	taken[takes++] = fd;
	crowds += crowded;
}

static void stop(void *ctx)
{
	loop_stop(ctx);
}

static void run_for(__u64 ns)
{
	struct loop_timer *timer = loop_timer_add(loop, stop, loop);

	loop_timer_set(timer, ns);
	assert_int_equal(loop_run(loop), 0);
}

/* What is due now is done, and no timer that is not. */
static void turn(void)
{
	run_for(0);
}

static void come(size_t count)
{
	while (count--) {
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

		assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
		client[clients++] = fd;
	}
}

static int set_up(void **state)
{
	struct rlimit limit = {FDS, FDS};

	clients = takes = crowds = tells = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	at = (struct sockaddr_un){.sun_family = AF_UNIX};
	snprintf(at.sun_path + 1, sizeof(at.sun_path) - 1, "rld-unit-door-%d", getpid());
	loop = loop_new();
	listening = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(listening, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(listening, CLIENTS_MAX), 0);
	door = door_open(loop, listening, "the test", take, NULL);
	assert_non_null(door);
	return 0;
}

static int tear_down(void **state)
{
	door_close(door);
	close(listening);
	while (clients)
		close(client[--clients]);
	while (takes)
		close(taken[--takes]);
	loop_free(loop);
	return 0;
}

static void a_crowd_comes_in_by_and_by(void **state)
{
	come(20);
	turn();
	assert_int_equal(takes, DOOR_AT_ONCE);
	turn();
	assert_int_equal(takes, DOOR_AT_ONCE); /* it rests */
	run_for(20 * 1000000);
	assert_int_equal(takes, 20);
	come(1);
	turn();
	assert_int_equal(takes, 21);
	assert_int_equal(crowds, 0);
	assert_int_equal(tells, 0);
}

/* Takes all descriptors below this one. */
static void fill_up_to(int end)
{
	while (clients < CLIENTS_MAX) {
		int fd = fcntl(listening, F_DUPFD, 0);

		if (fd < 0 || fd >= end) {
			if (fd >= 0)
				close(fd);
			return;
		}
		client[clients++] = fd;
	}
	fail_msg("more descriptors than expected");
}

static void the_last_descriptors_are_kept(void **state)
{
	int low;

	come(2);
	fill_up_to(FDS - FDS / 8 - 1);
	turn();
	assert_int_equal(takes, 2);
	assert_int_equal(crowds, 1);
	assert_int_equal(tells, 1);
	low = client[--clients];
	close(low);
	taken[1] = door_lower(taken[1]);
	assert_int_equal(taken[1], low);
	taken[1] = door_lower(taken[1]); /* none is lower */
	assert_int_equal(taken[1], low);
}

static void a_door_without_descriptors_rests(void **state)
{
	come(1);
	fill_up_to(FDS);
	turn();
	assert_int_equal(takes, 0);
	assert_int_equal(tells, 1);
	run_for(1200 * 1000000ULL);
	assert_int_equal(takes, 0);
	assert_int_equal(tells, 1); /* though it was tried again */
	close(client[--clients]);
	run_for(1200 * 1000000ULL);
	assert_int_equal(takes, 1);
}

static void a_resting_door_does_not_wake_the_loop(void **state)
{
	__u64 before;

	come(1);
	fill_up_to(FDS);
	turn();
	before = time_thread_ns();
	run_for(500 * 1000000ULL);
	assert_true(time_thread_ns() - before < 250 * 1000000ULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_crowd_comes_in_by_and_by),
		TEST(the_last_descriptors_are_kept),
		TEST(a_door_without_descriptors_rests),
		TEST(a_resting_door_does_not_wake_the_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
