/* SPDX-License-Identifier: GPL-2.0-only */
/* The state directory as one finds it: damaged, cut, of another version, or not files at all. What
 * cannot be read is set aside as a whole. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "daemon.h"
#include "rld/persist/persist.h"

static char snapshot[4096], log_text[4096];
static struct rld rld;

static size_t slurp(const char *path, char *into, size_t size)
{
	FILE *file = fopen(path, "re");
	size_t len;

	assert_non_null(file);
	len = fread(into, 1, size - 1, file);
	into[len] = 0;
	fclose(file);
	return len;
}

static void put(const char *name, const char *text, size_t len)
{
	FILE *file = fopen(daemon_path(name), "we");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	fclose(file);
}

/* A snapshot of these lines. */
static void put_snapshot(const char *text)
{
	FILE *file = fopen(daemon_path("state/running.conf"), "we");

	assert_non_null(file);
	assert_int_equal(persist_snapshot_write(fileno(file), text, strlen(text)), 0);
	fclose(file);
}

/* A directory with a snapshot and a log, as a daemon that is killed leaves them. */
static int set_up(void **state)
{
	static char dir[200];
	struct moment now = clock_moment();
	int err = daemon_set_up(state);

	daemon_write_config("set-limit ssh 1000/second match tcp dport 22\n");
	daemon_start();
	daemon_good("set-limit x 2000/second match udp");
	daemon_good("deny add 192.0.2.0/24");
	slurp(daemon_path("state/running.log"), log_text, sizeof(log_text));
	daemon_stop();
	put("state/running.log", "", 0);
	slurp(daemon_path("state/running.conf"), snapshot, sizeof(snapshot));
	rld = (struct rld){.options = {.state_dir = strcpy(dir, daemon_path("state"))},
			   .clock = clock_at(&now)};
	return err;
}

/* What is loaded, as statements; NULL: it was refused, and is out of the way. */
static char *load(void)
{
	struct persisted p;
	char *text;

	unlink(daemon_path("state/running.conf.bad"));
	if (persist_load(&rld, &p)) {
		assert_int_equal(access(daemon_path("state/running.conf"), F_OK), -1);
		return NULL;
	}
	text = unit_export(p.conf);
	persisted_done(&p);
	return text;
}

static void assert_refused(void)
{
	assert_null(load());
	assert_int_equal(access(daemon_path("state/running.conf.bad"), F_OK), 0);
}

static void what_was_written_is_read(void **state)
{
	char *text = load();

	assert_non_null(text);
	assert_non_null(strstr(text, "set-limit x 2000/1s"));
	assert_non_null(strstr(text, "deny add 192.0.2.0/24"));
	free(text);
}

static void nothing_is_no_damage(void **state)
{
	unlink(daemon_path("state/running.conf"));
	assert_null(load());
	assert_int_not_equal(access(daemon_path("state/running.conf.bad"), F_OK), 0);
}

static void other_versions_and_other_files_are_set_aside(void **state)
{
	static const char *const texts[] = {
		"",
		"\n",
		"# rld running\n",
		"# rld running 1\n",
		"# rld running 999999999999\n# boot x sequence 1\n",
		"mode off\n",
		"# rld running 2\n# boot x sequence 1\n# clock 1 1\n",
		"# rld running 2\n# boot x sequence 1\n# clock 1 1\n# files 1 /x\nnonsense\n",
		"# rld running 3\n# boot x sequence 1\n# clock 1 1\n# files 1 /x\nmode off\n",
		"# rld running 4 0123456789abcdef\n# boot x sequence 1\n# clock 1 1\n# files 1 "
		"/x\n",
	};
	int fd;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		put("state/running.conf", texts[i], strlen(texts[i]));
		assert_refused();
	}
	/* A directory, or a FIFO that nobody writes to, must not be waited for. */
	assert_int_equal(mkdir(daemon_path("state/running.conf"), 0755), 0);
	assert_int_equal(persist_open(rld.options.state_dir, PERSIST_SNAPSHOT, &fd), -EMEDIUMTYPE);
	assert_null(load());
	assert_int_equal(rmdir(daemon_path("state/running.conf.bad")), 0);
	assert_int_equal(mkfifo(daemon_path("state/running.conf"), 0644), 0);
	assert_refused();
}

static void each_byte_may_be_wrong(void **state)
{
	static const unsigned char masks[] = {0xff, 0x01, 0x20, 0x80};
	size_t len = strlen(snapshot);

	for (size_t i = 0; i < len; i++)
		for (size_t k = 0; k < sizeof(masks); k++) {
			snapshot[i] = (char)((unsigned char)snapshot[i] ^ masks[k]);
			put("state/running.conf", snapshot, len);
			snapshot[i] = (char)((unsigned char)snapshot[i] ^ masks[k]);
			assert_refused();
		}
}

static void it_may_end_anywhere(void **state)
{
	for (size_t len = 0; len < strlen(snapshot); len++) {
		put("state/running.conf", snapshot, len);
		assert_refused();
	}
}

static size_t count_of(const char *text, const char *what)
{
	size_t count = 0;

	while ((text = strstr(text, what))) {
		text += strlen(what);
		count++;
	}
	return count;
}

#define SSH                                                                                        \
	"# boot x sequence 7\n# clock 1 1\n# files 1 /x\n"                                         \
	"set-limit ssh 1000/second match tcp dport 22\n"

static void a_cut_log_is_read_up_to_the_cut(void **state)
{
	size_t whole = strlen(log_text), first = strcspn(log_text, "\n");
	struct persisted p;

	put_snapshot(SSH);
	assert_int_equal(count_of(log_text, "\n"), 2);
	for (size_t len = 0; len <= whole; len++) {
		char *text;

		put("state/running.log", log_text, len);
		assert_int_equal(persist_load(&rld, &p), 0);
		assert_false(p.damaged);
		text = unit_export(p.conf);
		assert_non_null(strstr(text, "set-limit ssh"));
		assert_int_equal(count_of(text, "set-limit x"), len > first);
		assert_int_equal(count_of(text, "deny add"), len == whole);
		free(text);
		persisted_done(&p);
	}
}

static void each_byte_of_the_log_may_be_wrong(void **state)
{
	size_t len = strlen(log_text);
	struct persisted p;

	put_snapshot(SSH);

	for (size_t i = 0; i < len; i++) {
		log_text[i] ^= 1 << i % 7;
		put("state/running.log", log_text, len);
		log_text[i] ^= 1 << i % 7;
		assert_int_equal(persist_load(&rld, &p), 0);
		/* Without its end the last record is a torn one, which does not count. */
		assert_int_equal(p.damaged, i < len - 1);
		unlink(daemon_path("state/running.log.bad"));
		persisted_done(&p);
	}
}

static void put_record(FILE *log, const char *json)
{
	char line[200];
	int len = snprintf(line, sizeof(line), "%s\n", json);

	fprintf(log, "%016llx %s", persist_sum(line, (size_t)len), line);
}

static void the_log_goes_on_where_the_snapshot_ends(void **state)
{
	FILE *log = fopen(daemon_path("state/running.log"), "we");
	struct persisted p;
	char *text;

	put_snapshot("# boot x sequence 7\n# clock 1 1\n# files 1 /x\nmode off\n");
	put_record(log, "{\"sequence\":7,\"command\":[\"mode\",\"monitor\"]}");
	put_record(log, "{\"sequence\":8,\"command\":[\"set-option\",\"idle-timeout\",\"7m\"]}");
	fclose(log);
	assert_int_equal(persist_load(&rld, &p), 0);
	assert_false(p.damaged);
	assert_int_equal(p.sequence, 8);
	text = unit_export(p.conf);
	assert_non_null(strstr(text, "mode off\n")); /* the snapshot knows of 7 */
	assert_non_null(strstr(text, "set-option idle-timeout 7m\n"));
	free(text);
	persisted_done(&p);
}

/* Whole ones that no daemon wrote. */
static void a_record_that_says_nothing_is_damage(void **state)
{
	static const char *const records[] = {
		"nonsense",
		"[]",
		"{}",
		"{\"sequence\":9,\"command\":[1]}",
		"{\"sequence\":9,\"command\":\"mode\"}",
		"{\"sequence\":9,\"command\":[]}",
		"{\"sequence\":9,\"command\":[\"frobnicate\"]}",
		"{\"sequence\":9,\"command\":[\"allow\",\"del\"]}",
	};
	struct persisted p;

	put_snapshot(SSH);
	for (size_t i = 0; i < sizeof(records) / sizeof(*records); i++) {
		FILE *log = fopen(daemon_path("state/running.log"), "we");

		put_record(log, records[i]);
		fclose(log);
		assert_int_equal(persist_load(&rld, &p), 0);
		assert_true(p.damaged);
		persisted_done(&p);
		assert_int_equal(unlink(daemon_path("state/running.log.bad")), 0);
	}
}

static void a_head_is_read_as_it_was_written(void **state)
{
	struct persist_head head = {.boot = "some-boot", .sequence = 12, .hash = 0xabcdef}, read;
	FILE *file = fopen(daemon_path("state/running.conf"), "we");

	head.written = (struct moment){.wall_ns = 1234567890123, .mono_ns = 77};
	strcpy(head.path, "/etc/a path/rld.conf");
	head.unsaved = strdup("mode off\nset-limit x 1/s\n");
	fputs("# rld running 3 0123456789abcdef\n", file);
	persist_head_write(&head, file);
	fputs("# unsaid\nmode off\n", file);
	fclose(file);
	assert_int_equal(persist_head_read(daemon_path("state"), &read), 0);
	assert_string_equal(read.boot, "some-boot");
	assert_int_equal(read.sequence, 12);
	assert_int_equal(read.hash, 0xabcdef);
	assert_int_equal(read.written.wall_ns, 1234567890123);
	assert_string_equal(read.path, "/etc/a path/rld.conf");
	assert_string_equal(read.unsaved, head.unsaved);
	persist_head_done(&read);
	persist_head_done(&head);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, daemon_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_written_is_read),
		TEST(nothing_is_no_damage),
		TEST(other_versions_and_other_files_are_set_aside),
		TEST(each_byte_may_be_wrong),
		TEST(it_may_end_anywhere),
		TEST(a_cut_log_is_read_up_to_the_cut),
		TEST(each_byte_of_the_log_may_be_wrong),
		TEST(a_record_that_says_nothing_is_damage),
		TEST(the_log_goes_on_where_the_snapshot_ends),
		TEST(a_head_is_read_as_it_was_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
