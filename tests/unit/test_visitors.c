/* SPDX-License-Identifier: GPL-2.0-only */
/* Who is connected for HTTP: how long, how many, and who goes for whom. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/time.h"
#include "rld/http/visitors.h"
#include "unit.h"

#define COME_MAX 400

static struct visitors all;
static struct visitor *come[COME_MAX]; /* in order; of those who are let in */
static int other_end[COME_MAX];
static size_t comes;
static __u64 now_ns;

__u64 __wrap_time_mono_ns(void);

__u64 __wrap_time_mono_ns(void)
{
	return now_ns;
}

static int set_up(void **state)
{
	all = (struct visitors){0};
	comes = 0;
	now_ns = TIME_NS;
	return 0;
}

static int tear_down(void **state)
{
	while (comes) {
		close(come[--comes]->fd);
		close(other_end[comes]);
		visitor_remove(&all, come[comes]);
	}
	return 0;
}

/* A millisecond after the last one. */
static bool enters(const char *addr, bool crowded)
{
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	struct sockaddr_in in = {.sin_family = AF_INET};
	const struct sockaddr *from = (const struct sockaddr *)&in;
	int pair[2];

	if (inet_pton(AF_INET, addr, &in.sin_addr) != 1) {
		assert_int_equal(inet_pton(AF_INET6, addr, &in6.sin6_addr), 1);
		from = (const struct sockaddr *)&in6;
	}
	now_ns += 1000000;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	come[comes] = visitors_add(&all, pair[0], from, crowded);
	if (!come[comes]) {
		close(pair[0]);
		close(pair[1]);
		return false;
	}
	other_end[comes++] = pair[1];
	return true;
}

static void enter(const char *format, size_t count)
{
	char addr[64];

	for (size_t i = 0; i < count; i++) {
		snprintf(addr, sizeof(addr), format, i);
		assert_true(enters(addr, false));
	}
}

static bool gone(size_t i)
{
	char byte;
	bool hung_up = recv(other_end[i], &byte, 1, MSG_DONTWAIT) == 0;

	assert_int_equal(hung_up, come[i]->state == VISITOR_GONE);
	return hung_up;
}

static size_t those_here(void)
{
	size_t count = 0;

	for (size_t i = 0; i < comes; i++)
		count += !gone(i);
	return count;
}

static void set(size_t from, size_t count, enum visitor_state state)
{
	for (size_t i = from; i < from + count; i++) {
		now_ns += 1000000;
		visitor_set(&all, come[i], state);
	}
}

static void each_has_its_time_for_a_head_as_a_whole(void **state)
{
	enter("192.0.2.%zu", 1);
	now_ns += 2 * TIME_NS;
	enter("192.0.3.%zu", 1);
	assert_int_equal(visitors_expire(&all), 3 * TIME_NS - 1000000);
	now_ns += 3 * TIME_NS - 1000000;
	assert_int_equal(visitors_expire(&all), 2 * TIME_NS + 1000000);
	assert_true(gone(0));
	assert_false(gone(1));
	set(1, 1, VISITOR_ANSWER);
	assert_int_equal(visitors_expire(&all), 30 * TIME_NS);
	set(1, 1, VISITOR_IDLE);
	assert_int_equal(visitors_expire(&all), 15 * TIME_NS);
	set(1, 1, VISITOR_WALK);
	assert_int_equal(visitors_expire(&all), 0);
	assert_false(gone(1));
}

static void a_head_goes_for_a_new_one(void **state)
{
	enter("192.0.2.%zu", VISITORS_HEADS);
	assert_int_equal(those_here(), VISITORS_HEADS);
	enter("192.0.3.%zu", 1);
	assert_int_equal(those_here(), VISITORS_HEADS);
	assert_true(gone(0));
	enter("192.0.4.%zu", 250);
	assert_int_equal(those_here(), VISITORS_HEADS);
	assert_false(gone(comes - VISITORS_HEADS));
}

static void who_has_asked_is_not_put_out_by_who_has_not(void **state)
{
	enter("192.0.2.%zu", 20);
	set(0, 10, VISITOR_ANSWER);
	set(10, 10, VISITOR_IDLE);
	enter("192.0.4.%zu", 250);
	assert_int_equal(those_here(), 20 + VISITORS_HEADS);
	for (size_t i = 0; i < 20; i++)
		assert_false(gone(i));
}

static void who_asks_puts_out_who_is_idle_before_who_is_answered(void **state)
{
	enter("192.0.2.%zu", VISITORS_HEADS);
	set(0, VISITORS_HEADS, VISITOR_ANSWER);
	set(7, 1, VISITOR_IDLE);
	enter("192.0.3.%zu", 2);
	assert_int_equal(those_here(), VISITORS_HEADS + 2);
	set(VISITORS_HEADS, 1, VISITOR_ANSWER);
	assert_int_equal(those_here(), VISITORS_HEADS + 1);
	assert_true(gone(7));
	set(0, 1, VISITOR_IDLE); /* again, and new */
	set(0, 1, VISITOR_ANSWER);
	set(VISITORS_HEADS + 1, 1, VISITOR_ANSWER);
	assert_int_equal(those_here(), VISITORS_HEADS);
	assert_true(gone(1));
}

static void an_address_has_places_of_its_own(void **state)
{
	enter("192.0.2.1", VISITORS_OF_ADDRESS);
	enter("2001:db8::%zx", VISITORS_OF_ADDRESS / 2);
	set(0, VISITORS_OF_ADDRESS, VISITOR_IDLE);
	enter("192.0.2.1", 1);
	assert_true(gone(0));
	assert_int_equal(those_here(), VISITORS_OF_ADDRESS * 3 / 2);
	enter("2001:db8::1:%zx", VISITORS_OF_ADDRESS / 2);
	assert_int_equal(those_here(), VISITORS_OF_ADDRESS * 2);
	enter("2001:db8::2", 1); /* the /64 counts */
	assert_true(gone(VISITORS_OF_ADDRESS));
	enter("2001:db8:0:1::%zx", 1);
	assert_int_equal(those_here(), VISITORS_OF_ADDRESS * 2 + 1);
}

static void loopback_is_one_address_with_more(void **state)
{
	enter("127.0.0.%zu", VISITORS_HEADS);
	set(0, VISITORS_HEADS, VISITOR_IDLE);
	enter("127.9.0.%zu", VISITORS_OF_LOOPBACK - VISITORS_HEADS + 1);
	assert_int_equal(those_here(), VISITORS_OF_LOOPBACK);
	assert_true(gone(VISITORS_HEADS)); /* the first that has asked for nothing */
	enter("::1", 1);
	assert_int_equal(those_here(), VISITORS_OF_LOOPBACK + 1);
}

static void walks_stay(void **state)
{
	enter("192.0.2.1", VISITORS_OF_ADDRESS);
	set(0, VISITORS_OF_ADDRESS, VISITOR_WALK);
	assert_false(enters("192.0.2.1", false));
	assert_false(enters("192.0.2.2", true));
	assert_true(enters("192.0.2.2", false));
	assert_int_equal(those_here(), VISITORS_OF_ADDRESS + 1);
}

static void without_descriptors_one_goes_for_each(void **state)
{
	assert_true(enters("192.0.2.1", true)); /* nobody else is here */
	assert_true(enters("192.0.2.2", true));
	assert_true(gone(0));
	assert_int_equal(those_here(), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_has_its_time_for_a_head_as_a_whole),
		TEST(a_head_goes_for_a_new_one),
		TEST(who_has_asked_is_not_put_out_by_who_has_not),
		TEST(who_asks_puts_out_who_is_idle_before_who_is_answered),
		TEST(an_address_has_places_of_its_own),
		TEST(loopback_is_one_address_with_more),
		TEST(walks_stay),
		TEST(without_descriptors_one_goes_for_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
