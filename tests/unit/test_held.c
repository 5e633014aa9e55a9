/* SPDX-License-Identifier: GPL-2.0-only */
/* A state directory that does not say any more what is enforced: the rules go on until a reload. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon.h"
#include "rld/persist/persist.h"

#define FILE_TEXT "attach eth0\nset-limit ssh 1000/second match tcp dport 22\n"
#define TEXT_MAX 4096
#define EACH 11 /* bytes; test_persist.c looks at each */

/* What a daemon that was killed left, beside what is pinned. */
static struct left {
	const char *name;
	char text[TEXT_MAX];
	size_t len;
} left[] = {{.name = "running.conf"}, {.name = "running.log"}, {.name = "owner"}};
#define LEFT (sizeof(left) / sizeof(*left))
static struct rl_control control;

static const char *state_path(const char *name)
{
	char text[80];

	snprintf(text, sizeof(text), "state/%s", name);
	return daemon_path(text);
}

static void put(const char *name, const char *text, size_t len)
{
	FILE *file = fopen(state_path(name), "we");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	fclose(file);
}

static void take(struct left *file)
{
	FILE *in = fopen(state_path(file->name), "re");

	assert_non_null(in);
	file->len = fread(file->text, 1, sizeof(file->text), in);
	fclose(in);
}

static void put_back(void)
{
	char name[64];

	for (size_t i = 0; i < LEFT; i++) {
		remove(state_path(left[i].name));
		snprintf(name, sizeof(name), "%s.bad", left[i].name);
		remove(state_path(name));
		put(left[i].name, left[i].text, left[i].len);
	}
	fake_dp()->control = control;
}

static int set_up(void **state)
{
	int err = daemon_set_up(state);

	fake_dp_device("eth0");
	daemon_write_config(FILE_TEXT);
	daemon_start();
	daemon_good("set-limit x 2000/second match udp");
	daemon_good("set-limit y 2000/second match icmp");
	/* Both in the log, which a proper stop would empty. */
	take(&left[0]);
	take(&left[1]);
	control = fake_dp()->control;
	daemon_crash();
	take(&left[2]);
	put_back();
	return err;
}

static bool enforced(const char *name)
{
	const struct rl_rules *rules = &fake_dp()->rules;

	for (__u32 i = 0; i < rules->limits; i++)
		if (!strcmp(rules->limit[i].name, name))
			return true;
	return false;
}

/* Starts on what there is now: no limit may be gone. True: rules are held. */
static bool start(void)
{
	unsigned publishes = fake_dp()->publishes;
	bool held;

	daemon_start();
	held = strcmp(daemon_at("status", "held"), "null") != 0;
	if (held)
		assert_int_equal(fake_dp()->publishes, publishes);
	assert_true(enforced("ssh") && enforced("x") && enforced("y"));
	daemon_crash();
	return held;
}

static void what_was_left_whole_goes_on(void **state)
{
	assert_false(start());
}

static void bytes_of_the_files_may_be_wrong(void **state)
{
	size_t held = 0, all = 0;

	for (size_t f = 0; f < LEFT; f++)
		for (size_t i = f; i < left[f].len; i += EACH) {
			put_back();
			left[f].text[i] ^= 1 << i % 7;
			put(left[f].name, left[f].text, left[f].len);
			left[f].text[i] ^= 1 << i % 7;
			held += start();
			all++;
		}
	/* All of the snapshot and the log, none of the owner. */
	assert_int_equal(held, all - (left[2].len + EACH - 3) / EACH);
}

static void the_files_may_end_anywhere(void **state)
{
	for (size_t f = 0; f < LEFT; f++)
		for (size_t len = f; len < left[f].len; len += EACH) {
			put_back();
			put(left[f].name, left[f].text, len);
			assert_int_equal(start(), f != 2);
		}
}

static void make_directory(const char *path)
{
	assert_int_equal(mkdir(path, 0755), 0);
}

static void make_fifo(const char *path)
{
	assert_int_equal(mkfifo(path, 0644), 0);
}

static void make_dangling(const char *path)
{
	assert_int_equal(symlink("nowhere/at/all", path), 0);
}

static void make_nothing(const char *path)
{
}

static void make_empty(const char *path)
{
	unit_write(path, "");
}

static void make_foreign(const char *path)
{
	unit_write(path, "root:x:0:0::/:/bin/sh\n");
}

static void make_newer(const char *path)
{
	unit_write(path, "# rld running 77 0123456789abcdef\n");
}

/* In the place of each file, and of each two. */
static void whatever_stands_in_their_place(void **state)
{
	static void (*const makes[])(const char *path) = {
		make_nothing, make_empty,     make_foreign,  make_newer,
		make_fifo,    make_directory, make_dangling,
	};
	const size_t count = sizeof(makes) / sizeof(*makes);

	for (size_t a = 0; a < count; a++) {
		for (size_t b = 0; b <= count; b++) {
			put_back();
			remove(state_path("running.conf"));
			makes[a](state_path("running.conf"));
			if (b < count) {
				remove(state_path("running.log"));
				makes[b](state_path("running.log"));
			}
			assert_true(start());
		}
		put_back();
		remove(state_path("running.log"));
		makes[a](state_path("running.log"));
		assert_true(start());
	}
	for (size_t i = 0; i < LEFT; i++)
		remove(state_path(left[i].name));
	assert_true(start());
	assert_true(start()); /* and the next one, too */
}

static const char *code_of(const char *line)
{
	static char code[64];
	json_t *answer = daemon_ask(line);

	snprintf(code, sizeof(code), "%s",
		 json_text(json_object_get(answer, "error"), "code", "ok"));
	json_decref(answer);
	return code;
}

static void until_a_reload_nothing_changes(void **state)
{
	static const char *const refused[] = {"set-limit z 5/second match udp",
					      "mode off",
					      "deny add 192.0.2.1",
					      "save",
					      "export",
					      "show limits",
					      "sources",
					      "clear all",
					      "explain 192.0.2.1"};
	static const char *const answered[] = {"status", "stats", "events --since 1m", "version"};

	remove(state_path("running.conf"));
	daemon_start();
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		assert_string_equal(code_of(refused[i]), "refused");
	for (size_t i = 0; i < sizeof(answered) / sizeof(*answered); i++)
		assert_string_equal(code_of(answered[i]), "ok");
	assert_string_equal(daemon_at("status", "limits"), "3");
	assert_string_equal(daemon_at("stats x", "limits.0.windows.0"), "2000/1s");
	assert_string_equal(daemon_at("events --since 1m", "events.0.event.action"), "rules-held");
	assert_int_not_equal(access(state_path("running.conf"), F_OK), 0);
	daemon_write_config(FILE_TEXT "nonsense\n");
	assert_string_equal(code_of("reload"), "config-invalid");
	assert_true(enforced("x"));
	daemon_write_config(FILE_TEXT);
	assert_string_equal(daemon_at("reload", "dropped.0"), "limit x");
	assert_false(enforced("x"));
	assert_true(enforced("ssh"));
	assert_string_equal(daemon_at("status", "held"), "null");
	daemon_good("set-limit z 5/second match udp");
	daemon_crash();
	daemon_start();
	assert_string_equal(daemon_at("stats z", "limits.0.name"), "z");
}

static void counts_outlive_it(void **state)
{
	__u32 id = fake_dp()->rules.limit[0].id;

	remove(state_path("running.conf"));
	daemon_start();
	daemon_good("reload");
	assert_int_equal(fake_dp()->rules.limit[0].id, id);
}

static void without_commands_the_files_decide(void **state)
{
	daemon_start();
	daemon_good("reload");
	daemon_crash();
	remove(state_path("running.conf"));
	daemon_write_config(FILE_TEXT "set-limit more 5/second match udp\n");
	daemon_start();
	assert_string_equal(daemon_at("status", "held"), "null");
	assert_true(enforced("more"));
}

static void after_a_reboot_the_files_decide(void **state)
{
	remove(state_path("running.conf"));
	fake_dp_reset();
	fake_dp_device("eth0");
	daemon_start();
	assert_string_equal(daemon_at("status", "held"), "null");
	assert_true(enforced("ssh") && !enforced("x"));
}

static void a_ban_by_hand_is_held_as_well(void **state)
{
	daemon_start();
	daemon_good("reload");
	daemon_good("ban 192.0.2.7 for 1h");
	daemon_good("reload"); /* keeps it */
	daemon_crash();
	remove(state_path("running.conf"));
	daemon_start();
	assert_string_not_equal(daemon_at("status", "held"), "null");
	assert_non_null(fake_dp_entry(DP_SET_DENY, "192.0.2.7"));
}

/* Version 2 had no sums: an upgrade takes it up. */
static void the_version_before_is_read(void **state)
{
	const char *body = memchr(left[0].text, '\n', left[0].len);
	const char *json[2];
	char text[TEXT_MAX];
	int n;

	fake_dp()->control.statements = 0;
	n = snprintf(text, sizeof(text), "# rld running 2\n%.*s",
		     (int)(left[0].len - (size_t)(body + 1 - left[0].text)), body + 1);
	put("running.conf", text, (size_t)n);
	left[1].text[left[1].len] = 0;
	json[0] = strchr(left[1].text, '{');
	json[1] = strchr(strchr(json[0], '\n'), '{');
	n = snprintf(text, sizeof(text), "%.*s\n%s", (int)strcspn(json[0], "\n"), json[0], json[1]);
	put("running.log", text, (size_t)n);
	assert_false(start());
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, daemon_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_left_whole_goes_on),	 TEST(bytes_of_the_files_may_be_wrong),
		TEST(the_files_may_end_anywhere),	 TEST(whatever_stands_in_their_place),
		TEST(until_a_reload_nothing_changes),	 TEST(counts_outlive_it),
		TEST(without_commands_the_files_decide), TEST(after_a_reboot_the_files_decide),
		TEST(a_ban_by_hand_is_held_as_well),	 TEST(the_version_before_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
