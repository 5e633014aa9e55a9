// SPDX-License-Identifier: GPL-2.0-only
/* Statements as text and random numbers for the unit tests. */
#include <stdio.h>
#include <time.h>

#include "unit.h"

int unit_line(struct conf *c, const char *line, const char *file, struct conf_change *change,
	      struct diag *d)
{
	struct words words = {0};
	struct conf_change unused = {0};
	struct conf_origin origin = {.file = file, .line = 1};
	struct stmt s = {.c = c, .words = &words, .now_s = NOW, .origin = &origin, .d = d};
	int err = words_split(line, strlen(line), &words, d);

	s.change = change ? change : &unused;
	if (!err)
		err = stmt_apply(&s);
	words_done(&words);
	return err;
}

struct conf_change unit_good(struct conf *c, const char *line)
{
	struct conf_change change = {0};
	struct diag d = {0};

	if (unit_line(c, line, NULL, &change, &d) != 0) {
		diag_print(stderr, &d, "test", 0);
		fail_msg("refused: %s", line);
	}
	return change;
}

struct diag unit_bad(struct conf *c, const char *line)
{
	struct diag d = {0};
	char *before = unit_export(c), *after;

	if (unit_line(c, line, NULL, NULL, &d) == 0)
		fail_msg("not refused: %s", line);
	after = unit_export(c);
	assert_string_equal(before, after);
	assert_true(d.message[0] != 0);
	free(before);
	free(after);
	return d;
}

void unit_limit_named(const char *limit, int column, const char *named)
{
	static const char name[] = "set-limit a ";
	struct conf *c = conf_new();
	struct diag d = {0};
	char line[256];

	snprintf(line, sizeof(line), "%s%s", name, limit);
	if (!column) {
		unit_good(c, line);
	} else {
		d = unit_bad(c, line);
		if (d.column != (int)strlen(name) + column || !strstr(d.message, named))
			fail_msg("%s: %d: %s", line, d.column - (int)strlen(name), d.message);
	}
	conf_free(c);
}

char *unit_export(const struct conf *c)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	conf_export(c, out);
	fclose(out);
	return text;
}

char *unit_diff(const struct conf *base, const struct conf *c, size_t *count)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	*count = conf_diff(base, c, out, NULL);
	fclose(out);
	return text;
}

void unit_write(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static uint64_t state;

void unit_seed(const char *test)
{
	const char *given = getenv("RLD_TEST_SEED");

	state = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL) * 1000003;
	fprintf(stderr, "# %s: RLD_TEST_SEED=%llu\n", test, (unsigned long long)state);
}

unsigned unit_random(unsigned below)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (unsigned)((z ^ z >> 31) >> 32) % below;
}

bool unit_chance(unsigned percent)
{
	return unit_random(100) < percent;
}
