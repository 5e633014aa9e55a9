// SPDX-License-Identifier: GPL-2.0-only
/* Replays decision vectors through the shipped object: one packet a row, with the row's key, cost
 * and time.
 *
 *   test_vectors          vectors of two seeds, made by tests/oracle/vectors.py
 *   test_vectors DIR      all TSV files of DIR; prints "N decisions, M differ", fails unless M is 0
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "source.h"

#define ROWS_SHOWN 10
#define BYTES_PER_COST 64 /* where a row has another cost than 1 */
#define START (1000 * SECOND)
#define FRAME_MAX 16000

struct tally {
	unsigned long decisions;
	unsigned long differ;
	unsigned files;
	unsigned skipped;
};

struct row {
	__u64 time;
	char key[64];
	unsigned long cost;
	int allowed;
	int refused_by;
};

static int read_row(FILE *in, struct row *r)
{
	char line[256];

	if (!fgets(line, sizeof(line), in))
		return 0;
	return sscanf(line, "%" SCNu64 " %63s %lu %d %d", (uint64_t *)&r->time, r->key, &r->cost,
		      &r->allowed, &r->refused_by) == 5;
}

/* Largest cost of a file, and whether it fits a frame. */
static unsigned long largest_cost(FILE *in)
{
	long start = ftell(in);
	unsigned long most = 1;
	struct row r;

	while (read_row(in, &r))
		most = r.cost > most ? r.cost : most;
	fseek(in, start, SEEK_SET);
	return most;
}

/* "# strategy=S limit=A/NS ..." -> a statement; *ret_periods for refused_by. */
static int make_statement(const char *header, int bytes, char *out, size_t size,
			  __u64 periods[RL_WINDOWS_MAX])
{
	char strategy[32];
	uint64_t amount, period;
	int n = 0, at, bucket;

	if (sscanf(header, "# strategy=%31s", strategy) != 1)
		return 0;
	bucket = !strcmp(strategy, "token-bucket");
	at = snprintf(out, size, "set-limit v ");
	for (const char *p = strstr(header, "limit="); p && n < RL_WINDOWS_MAX;
	     p = strstr(p + 1, "limit=")) {
		if (sscanf(p, "limit=%" SCNu64 "/%" SCNu64, &amount, &period) != 2 || period % MS)
			return 0;
		periods[n] = period;
		/* The part of a unit above the amount makes no window admit more, and lets the
		 * rounded-down weight of a sliding window come out as with whole units. A bucket's
		 * rate must not change. */
		if (bytes)
			amount = amount * BYTES_PER_COST + (bucket ? 0 : BYTES_PER_COST - 1);
		at += snprintf(out + at, size - at, "%s%" PRIu64 "%s/%" PRIu64 "ms", n++ ? "," : "",
			       amount, bytes ? " bytes" : "", (uint64_t)(period / MS));
	}
	snprintf(out + at, size - at, " per source/32/128 match any strategy %s", strategy);
	return bucket && n > 1 ? 0 : n; /* a bucket takes one rate */
}

/* Index of the window that refused last: the only one with that period; or the first, for which the
 * front table answered. */
static int refused_by(struct harness *h, const char *address, const __u64 *periods, int windows)
{
	struct rl_key key = {.limit_id = dp_rules(h->dp)->limit[harness_index(h, "v")].id};
	struct rl_state st;

	if (addr_parse(address, strlen(address), &key.source) || dp_lookup(h->dp, &key, &st))
		return -2;
	if (source_front_refused(h, &key))
		return 0;
	for (int i = 0; i < windows; i++) {
		if (st.recover_at - h->now == periods[i])
			return i;
	}
	return -2;
}

static struct frame *make_frame(struct frame *f, const struct row *r, int bytes)
{
	packet_udp(f, r->key, strchr(r->key, ':') ? "2001:db8:ff::1" : "198.51.100.1", 1, 2);
	if (!bytes)
		return f;
	return packet_end(frame_put(f, NULL, r->cost * BYTES_PER_COST - f->len));
}

static void replay_rows(struct harness *h, FILE *in, const char *name, int bytes,
			const __u64 *periods, int windows, struct tally *t)
{
	static struct frame f;
	struct row r;

	for (unsigned long line = 2; read_row(in, &r); line++) {
		int allowed, by = -1;

		h->now = START + r.time;
		allowed = harness_run(h, make_frame(&f, &r, bytes)) == XDP_PASS;
		if (!allowed)
			by = refused_by(h, r.key, periods, windows);
		t->decisions++;
		if (allowed == r.allowed && by == r.refused_by)
			continue;
		if (t->differ++ < ROWS_SHOWN)
			printf("# %s:%lu: %" PRIu64
			       " %s cost %lu: allowed %d by %d, expected %d by %d\n",
			       name, line, (uint64_t)r.time, r.key, r.cost, allowed, by, r.allowed,
			       r.refused_by);
	}
}

static void replay_file(struct harness *h, const char *dir, const char *name, struct tally *t)
{
	__u64 periods[RL_WINDOWS_MAX];
	char path[512], header[256], statement[512];
	unsigned long cost;
	int windows;
	FILE *in;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	in = fopen(path, "r");
	if (!in || !fgets(header, sizeof(header), in))
		fail_msg("cannot read %s", path);
	cost = largest_cost(in);
	windows = make_statement(header, cost > 1, statement, sizeof(statement), periods);
	if (!windows || cost * BYTES_PER_COST > FRAME_MAX) {
		printf("# skipped %s\n", name);
		t->skipped++;
		fclose(in);
		return;
	}
	harness_conf(h, statement);
	replay_rows(h, in, name, cost > 1, periods, windows, t);
	t->files++;
	harness_conf(h, "del-limit v");
	fclose(in);
}

static struct tally replay_dir(const char *path)
{
	struct harness *h = harness_new(65536);
	DIR *dir = opendir(path);
	struct tally t = {};
	struct dirent *e;

	if (!dir)
		fail_msg("cannot read %s: %s", path, strerror(errno));
	while ((e = readdir(dir))) {
		size_t n = strlen(e->d_name);

		if (n > 4 && !strcmp(e->d_name + n - 4, ".tsv"))
			replay_file(h, path, e->d_name, &t);
	}
	closedir(dir);
	harness_free(h);
	printf("%s%lu decisions, %lu differ (%u files, %u skipped)\n",
	       getenv("CMOCKA_MESSAGE_OUTPUT") ? "# " : "", t.decisions, t.differ, t.files,
	       t.skipped);
	return t;
}

static void replay_seed(unsigned seed, const char *limits)
{
	char dir[] = "/tmp/rld-vectors-XXXXXX", command[512];
	struct tally t;

	if (!mkdtemp(dir))
		fail_msg("mkdtemp: %s", strerror(errno));
	snprintf(command, sizeof(command),
		 "PYTHONDONTWRITEBYTECODE=1 python3 tests/oracle/vectors.py %s --seed %u --limits "
		 "'%s' >/dev/null",
		 dir, seed, limits);
	if (system(command))
		fail_msg("cannot make vectors: %s", command);
	t = replay_dir(dir);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	if (system(command))
		fail_msg("cannot remove %s", dir);
	assert_true(t.decisions > 1000);
	assert_int_equal(t.differ, 0);
}

static void decisions_are_those_of_the_models(void **state)
{
	replay_seed(1, "1/second|10/second|5/2 seconds|100/minute|2/second;5/10 seconds");
}

static void other_limits_decide_the_same(void **state)
{
	replay_seed(4711, "7/second|20/7 seconds|3/second;9/5 seconds;30/minute|1000/hour");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decisions_are_those_of_the_models),
		cmocka_unit_test(other_limits_decide_the_same),
	};

	if (argc > 1)
		return replay_dir(argv[1]).differ != 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
