/* SPDX-License-Identifier: GPL-2.0-only */
/* What a client of the control socket may do, by its user and groups. */
#include <errno.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "rl/proto.h"
#include "rld/request/access.h"
#include "unit.h"

/* The peer of a socket, and the groups of this machine, are what a test says. */
static struct ucred peer;
static gid_t peer_groups[4];
static size_t peer_group_count;
static bool groups_known;
static unsigned groups_asked;
static struct stat group_file;
static __u64 now_ns = TIME_NS;
static uid_t daemon_uid;

int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *size);
struct group *__wrap_getgrnam(const char *name);
uid_t __wrap_geteuid(void);
int __wrap_stat(const char *path, struct stat *ret);
__u64 __wrap_time_mono_ns(void);

int __wrap_stat(const char *path, struct stat *ret)
{
	*ret = group_file;
	return 0;
}

__u64 __wrap_time_mono_ns(void)
{
	return now_ns;
}

int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *size)
{
	if (fd < 0 || (name != SO_PEERCRED && !groups_known)) {
		errno = ENOPROTOOPT;
		return -1;
	}
	if (name == SO_PEERCRED) {
		memcpy(value, &peer, sizeof(peer));
		return 0;
	}
	*size = (socklen_t)(peer_group_count * sizeof(gid_t));
	memcpy(value, peer_groups, *size);
	return 0;
}

struct group *__wrap_getgrnam(const char *name)
{
	static struct group readers = {.gr_gid = 500}, admins = {.gr_gid = 501};

	groups_asked++;
	if (!groups_known)
		return NULL;
	return !strcmp(name, RL_GROUP_READ) ? &readers : &admins;
}

uid_t __wrap_geteuid(void)
{
	return daemon_uid;
}

static void assert_access(uid_t uid, gid_t gid, gid_t other, enum access_level expected)
{
	struct access access;

	peer = (struct ucred){.pid = 77, .uid = uid, .gid = gid};
	peer_groups[0] = other;
	peer_group_count = other != 0;
	access_refresh();
	assert_int_equal(access_of(3, &access), 0);
	assert_int_equal(access.level, expected);
	assert_int_equal(access.uid, uid);
	assert_int_equal(access.pid, 77);
}

static void groups_decide_who_may_do_what(void **state)
{
	struct access access;

	groups_known = true;
	daemon_uid = 0;
	assert_access(0, 0, 0, ACCESS_CHANGE);
	assert_access(1000, 1000, 0, ACCESS_NONE);
	assert_access(1000, 1000, 1001, ACCESS_NONE);
	assert_access(1000, 500, 0, ACCESS_READ); /* its first group is not among the others */
	assert_access(1000, 1000, 500, ACCESS_READ);
	assert_access(1000, 1000, 501, ACCESS_CHANGE);
	assert_access(1000, 501, 500, ACCESS_CHANGE);
	assert_int_equal(access_of(-1, &access), -ENOPROTOOPT);
}

static void who_runs_rld_may_change_things(void **state)
{
	groups_known = true;
	daemon_uid = 1000;
	assert_access(1000, 1000, 0, ACCESS_CHANGE);
	assert_access(1001, 1000, 0, ACCESS_NONE);
}

static void without_groups_only_root_may_do_anything(void **state)
{
	groups_known = false;
	daemon_uid = 0;
	assert_access(1000, 501, 0, ACCESS_NONE);
	assert_access(0, 501, 0, ACCESS_CHANGE);
}

static enum access_level level_of(gid_t gid)
{
	struct access access;

	peer = (struct ucred){.pid = 77, .uid = 1000, .gid = gid};
	assert_int_equal(access_of(3, &access), 0);
	return access.level;
}

static void groups_are_not_asked_for_each_who_comes(void **state)
{
	groups_known = false;
	daemon_uid = 0;
	peer_group_count = 0;
	access_refresh();
	groups_known = true;
	groups_asked = 0;
	for (int i = 0; i < 100; i++) {
		now_ns += TIME_NS;
		assert_int_equal(level_of(501), ACCESS_NONE);
	}
	assert_int_equal(groups_asked, 0);
	group_file.st_mtim.tv_nsec++;
	assert_int_equal(level_of(501), ACCESS_NONE); /* within a second */
	now_ns += TIME_NS;
	assert_int_equal(level_of(501), ACCESS_CHANGE);
	assert_int_equal(level_of(500), ACCESS_READ);
	assert_int_equal(groups_asked, 2);
	groups_known = false;
	access_refresh();
	assert_int_equal(level_of(501), ACCESS_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_decide_who_may_do_what),
		cmocka_unit_test(who_runs_rld_may_change_things),
		cmocka_unit_test(without_groups_only_root_may_do_anything),
		cmocka_unit_test(groups_are_not_asked_for_each_who_comes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
