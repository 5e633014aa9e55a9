/* SPDX-License-Identifier: GPL-2.0-only */
/* What the service manager is told, and that nobody waits long for one that does not listen. */
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/time.h"
#include "rld/loop/notify.h"
#include "unit.h"

static struct sockaddr_un addr = {.sun_family = AF_UNIX};
static socklen_t addr_size;
static int manager;

static int set_up(void **state)
{
	char name[64];

	snprintf(name, sizeof(name), "@rld-unit-%d", getpid());
	strcpy(addr.sun_path, name);
	addr.sun_path[0] = 0;
	addr_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
	setenv("NOTIFY_SOCKET", name, 1);
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	return bind(manager, (struct sockaddr *)&addr, addr_size);
}

static int tear_down(void **state)
{
	unsetenv("NOTIFY_SOCKET");
	return close(manager);
}

static void it_is_told(void **state)
{
	char text[64] = "";

	notify_ready();
	assert_int_equal(recv(manager, text, sizeof(text) - 1, 0), 7);
	assert_string_equal(text, "READY=1");
}

static void one_that_does_not_listen_costs_little(void **state)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	__u64 before_ns;

	while (sendto(fd, "x", 1, 0, (struct sockaddr *)&addr, addr_size) == 1)
		continue;
	before_ns = time_mono_ns();
	notify_reloading();
	assert_true(time_mono_ns() - before_ns < TIME_NS / 2);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_that_does_not_listen_costs_little, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
