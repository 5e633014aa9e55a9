// SPDX-License-Identifier: GPL-2.0-only
/* Another sources-max: what a daemon finds that comes in the middle of the move, and what is left of
 * the former table. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pins.h"
#include "source.h"

#define SRC "192.0.2.1"
#define DST "192.0.2.2"
#define MANY 3000 /* more than one piece of the walk */

static unsigned passed(struct harness *h, const char *src, unsigned count)
{
	struct frame f;

	return harness_passed(h, packet_udp(&f, src, DST, 1, 2), count);
}

/* As many as give the walk more than one piece, some of them moved. */
static void leave_half_moved(struct harness *h)
{
	struct dp_moved moved;
	struct diag d;

	harness_conf(h, "set-limit a 2/minute match udp");
	assert_int_equal(harness_strangers(h, 0, MANY), MANY);
	harness_open_resized(h, 6000);
	harness_publish(h);
	assert_int_equal(dp_move_some(h->dp, &moved, &d), 1);
	assert_true(h->dp->move.moved.kept > 0 && h->dp->move.moved.kept < MANY);
	assert_int_equal(harness_strangers(h, MANY, 50), 50);
	assert_int_equal(harness_walk(h), MANY + 50);
}

static void see_all_moved(struct harness *h)
{
	assert_false(dp_moving(h->dp));
	assert_int_equal(harness_strangers(h, 0, MANY + 50), MANY + 50);
	assert_int_equal(harness_strangers(h, 0, MANY + 50), 0);
	assert_int_equal(source_presence(h), MANY + 50);
}

static void a_move_that_was_cut_short_goes_on(void **state)
{
	struct harness *h = harness_new(4000);

	(void)state;
	leave_half_moved(h);
	harness_open_resized(h, 6000);
	assert_true(dp_moving(h->dp));
	assert_true(dp_adopted(h->dp));
	assert_null(strstr(h->notice, "another version"));
	harness_publish(h);
	harness_move(h);
	see_all_moved(h);
	harness_free(h);
}

static void a_third_size_waits_for_the_second(void **state)
{
	struct harness *h = harness_new(4000);

	(void)state;
	leave_half_moved(h);
	harness_open_resized(h, 5000);
	assert_true(dp_moving(h->dp));
	assert_null(strstr(h->notice, "another version"));
	harness_publish(h);
	assert_int_equal(harness_move(h).kept, MANY + 50);
	see_all_moved(h);
	harness_free(h);
}

/* Before anything lives in the new table. */
static void a_move_that_has_not_begun_is_taken_back(void **state)
{
	static const __u32 sizes[] = {4096, 2048, 1024, 512, 512};
	struct harness *h = *state;

	harness_conf(h, "set-limit a 5/minute match udp");
	assert_int_equal(passed(h, SRC, 2), 2);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		harness_open_resized(h, sizes[i]);
		assert_int_equal(dp_moving(h->dp), sizes[i] != 1024);
		assert_true(dp_adopted(h->dp));
	}
	assert_int_equal(passed(h, SRC, 2), 2);
	harness_publish(h);
	harness_move(h);
	assert_int_equal(passed(h, SRC, 9), 1);
}

static void move_pin(struct harness *h, const char *from, const char *to)
{
	char path[128], new[128];

	pins_path(h, from, path, sizeof(path));
	pins_path(h, to, new, sizeof(new));
	assert_int_equal(rename(path, new), 0);
}

/* What a daemon leaves that is killed between two of its steps. */
static void pins_that_are_half_set_aside_are_found(void **state)
{
	struct harness *h = *state;

	harness_conf(h, "set-limit a 5/minute match udp");
	assert_int_equal(passed(h, SRC, 3), 3);
	move_pin(h, "front", "front_old");
	harness_open_resized(h, 1024);
	assert_string_equal(h->notice, "");
	move_pin(h, "front", "front_old");
	move_pin(h, "states", "states_old");
	harness_open_resized(h, 2048);
	assert_true(dp_adopted(h->dp));
	harness_publish(h);
	harness_move(h);
	assert_int_equal(passed(h, SRC, 9), 2);
}

static void the_former_table_is_given_back(void **state)
{
	struct harness *h = *state;
	__u32 id = pins_id(h, "states");
	int fd = 0;

	harness_conf(h, "set-limit a 5/minute match udp");
	harness_resize(h, 4096);
	for (int i = 0; i < 100 && fd >= 0; i++) {
		fd = bpf_map_get_fd_by_id(id);
		if (fd < 0)
			break;
		close(fd);
		usleep(20000);
	}
	assert_int_equal(fd, -ENOENT);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, harness_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_move_that_was_cut_short_goes_on),
		cmocka_unit_test(a_third_size_waits_for_the_second),
		TEST(a_move_that_has_not_begun_is_taken_back),
		TEST(pins_that_are_half_set_aside_are_found),
		TEST(the_former_table_is_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
