/* SPDX-License-Identifier: GPL-2.0-only */
/* What a client may say, and what of it is understood. */
#include "base/addr.h"
#include "rl/proto.h"
#include "rld/request/query.h"
#include "rld/request/request.h"
#include "unit.h"

/* A line that is understood. */
static struct request good(const char *line)
{
	struct request request = {0};
	struct diag d;

	if (request_parse(line, strlen(line), &request, &d))
		fail_msg("%s: %s", line, d.message);
	return request;
}

static void bad(const char *line, const char *why)
{
	struct request request = {.words = 7};
	struct diag d = {0};

	if (!request_parse(line, strlen(line), &request, &d))
		fail_msg("not refused: %s", line);
	if (!strstr(d.message, why))
		fail_msg("%s: %s", line, d.message);
	assert_int_equal(d.kind, DIAG_USAGE);
	assert_int_equal(request.words, 7);
}

static void members_of_a_request_are_taken(void **state)
{
	struct request r = good("{\"command\":[\"deny\",\"add\",\"192.0.2.1\"],\"yes\":true,"
				"\"session\":{\"peer\":\"203.0.113.9\",\"port\":22},"
				"\"config\":\"mode off\\n\",\"unknown\":[1]}");
	char text[ADDR_TEXT];

	assert_int_equal(r.words, 3);
	assert_string_equal(r.word[2], "192.0.2.1");
	assert_null(r.word[3]);
	assert_true(r.yes);
	assert_string_equal(addr_format(&r.session.addr, text), "203.0.113.9");
	assert_int_equal(r.session.port, 22);
	assert_string_equal(r.config, "mode off\n");
	request_done(&r);
	assert_null(r.word);

	r = good("{\"command\":[\"status\"]}");
	assert_false(r.yes);
	assert_null(r.config);
	assert_int_equal(r.session.port, 0);
	request_done(&r);
}

static void what_is_no_request_is_refused(void **state)
{
	bad("", "one JSON object a line");
	bad("status", "one JSON object a line");
	bad("[\"status\"]", "one JSON object a line");
	bad("{\"command\":[\"status\"]} x", "one JSON object a line");
	bad("{\"command\":[\"status\"],\"command\":[\"save\"]}", "one JSON object a line");
	bad("{\"command\":[\"\xff\"]}", "one JSON object a line");
	bad("{}", "list of 1 to 512 words");
	bad("{\"command\":[]}", "list of 1 to 512 words");
	bad("{\"command\":\"status\"}", "list of 1 to 512 words");
	bad("{\"command\":[\"show\",1]}", "word 2 of \"command\" is not a text");
	bad("{\"command\":[\"show\",\"a\\u0000b\"]}", "one JSON object a line");
	bad("{\"command\":[\"status\"],\"yes\":1}", "\"yes\" must be true or false");
	bad("{\"command\":[\"status\"],\"config\":7}", "\"config\" must be a text");
	bad("{\"command\":[\"status\"],\"session\":{}}", "\"session\" must have");
	bad("{\"command\":[\"status\"],\"session\":{\"peer\":\"x\",\"port\":22}}", "\"session\"");
	bad("{\"command\":[\"status\"],\"session\":{\"peer\":\"::1\",\"port\":0}}", "\"session\"");
	bad("{\"command\":[\"status\"],\"session\":{\"peer\":\"::1\",\"port\":65536}}",
	    "\"session\"");
}

static char *with_words(size_t count, const char *config, size_t config_len)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	fputs("{\"command\":[\"check\"", out);
	for (size_t i = 1; i < count; i++)
		fputs(",\"x\"", out);
	fputs("]", out);
	if (config)
		fprintf(out, ",\"%s\":\"%*s\"", config, (int)config_len, "");
	fputs("}", out);
	fclose(out);
	return text;
}

static void words_and_bytes_have_a_bound(void **state)
{
	char *line = with_words(REQUEST_WORDS_MAX, NULL, 0);
	struct request r = good(line);

	assert_int_equal(r.words, REQUEST_WORDS_MAX);
	request_done(&r);
	free(line);
	line = with_words(REQUEST_WORDS_MAX + 1, NULL, 0);
	bad(line, "list of 1 to 512 words");
	free(line);
	/* Only what a check is about may be long. */
	line = with_words(1, "comment", RL_REQUEST_MAX);
	bad(line, "a request is longer than 65536 bytes");
	free(line);
	line = with_words(1, "config", RL_REQUEST_MAX);
	r = good(line);
	assert_int_equal(strlen(r.config), RL_REQUEST_MAX);
	request_done(&r);
	free(line);
}

#define ALL                                                                                        \
	(QUERY_WORD | QUERY_LIMIT | QUERY_TOPN | QUERY_SORT | QUERY_SOURCE | QUERY_FOLLOW |        \
	 QUERY_SINCE)

static int parse(const char *line, unsigned fields, struct query *ret, struct diag *d)
{
	static char text[256];
	char *words[16], *rest = text;
	size_t count = 0;

	snprintf(text, sizeof(text), "%s", line);
	while (rest && *rest)
		words[count++] = strsep(&rest, " ");
	return query_parse(words, count, fields, ret, d);
}

static void assert_not_asked(const char *line, unsigned fields, const char *message,
			     const char *hint)
{
	struct query q = {.top = 5};
	struct diag d = {0};

	if (!parse(line, fields, &q, &d))
		fail_msg("not refused: %s", line);
	assert_string_equal(d.message, message);
	assert_int_equal(d.kind, DIAG_USAGE);
	if (hint)
		assert_non_null(strstr(d.hint, hint));
	assert_int_equal(q.top, 5);
}

static void options_of_a_query_are_taken(void **state)
{
	struct query q;
	struct diag d;

	assert_int_equal(parse("", ALL, &q, &d), 0);
	assert_int_equal(q.top, QUERY_TOP);
	assert_int_equal(q.sort, SORT_REFUSED);
	assert_null(q.word);
	assert_int_equal(parse("--limit ssh --top 3 --sort would_drop --source 192.0.2.0/24 -f "
			       "--since 10m word",
			       ALL, &q, &d),
			 0);
	assert_string_equal(q.limit, "ssh");
	assert_int_equal(q.top, 3);
	assert_int_equal(q.sort, SORT_WOULD_DROP);
	assert_true(q.by_source && q.follow);
	assert_int_equal(q.source.len, 120);
	assert_int_equal(q.since_ns, 600000000000ull);
	assert_string_equal(q.word, "word");
	/* A command that reads its words itself is left alone. */
	assert_int_equal(parse("--what --ever", QUERY_OWN, &q, &d), 0);
}

static void what_a_command_does_not_take_is_refused_with_a_suggestion(void **state)
{
	assert_not_asked("x", 0, "\"x\" is not expected here", NULL);
	assert_not_asked("a b", QUERY_WORD, "\"b\" is not expected here", NULL);
	assert_not_asked("-x", QUERY_WORD, "\"-x\" is not expected here", NULL);
	assert_not_asked("--top 3", QUERY_LIMIT, "\"--top\" is not expected here", NULL);
	assert_not_asked("--follow", QUERY_LIMIT, "\"--follow\" is not expected here", NULL);
	assert_not_asked("--limt ssh", QUERY_LIMIT, "\"--limt\" is not expected here", "--limit");
	assert_not_asked("--folow", QUERY_FOLLOW, "\"--folow\" is not expected here", "--follow");
	assert_not_asked("--jsn", 0, "\"--jsn\" is not expected here", "--json");
	assert_not_asked("--top", QUERY_TOPN, "--top needs a value", NULL);
	assert_not_asked("--top 0", QUERY_TOPN, "--top takes a number from 1 to 10000, not \"0\"",
			 NULL);
	assert_not_asked("--top -1", QUERY_TOPN, "--top takes a number from 1 to 10000, not \"-1\"",
			 NULL);
	assert_not_asked("--top 10001", QUERY_TOPN,
			 "--top takes a number from 1 to 10000, not \"10001\"", NULL);
	assert_not_asked("--top 3x", QUERY_TOPN, "--top takes a number from 1 to 10000, not \"3x\"",
			 NULL);
	assert_not_asked("--sort dropp", QUERY_SORT,
			 "--sort takes refused, drop, would_drop, pass or seen, not \"dropp\"",
			 "\"drop\"");
	assert_not_asked("--source 192.0.2.1/24", QUERY_SOURCE,
			 "\"192.0.2.1/24\" is not an address or a prefix without host bits", NULL);
	assert_not_asked("--since now", QUERY_SINCE,
			 "--since takes a duration such as 10m, not \"now\"", NULL);
}

static void parameters_of_http_are_the_same_options(void **state)
{
	struct query q = {0};
	struct diag d;

	assert_int_equal(query_set(&q, "top", "7", &d), 0);
	assert_int_equal(q.top, 7);
	assert_int_not_equal(query_set(&q, "top", "", &d), 0);
	assert_int_not_equal(query_set(&q, "tpo", "7", &d), 0);
	assert_string_equal(d.message, "unknown parameter \"tpo\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_of_a_request_are_taken),
		cmocka_unit_test(what_is_no_request_is_refused),
		cmocka_unit_test(words_and_bytes_have_a_bound),
		cmocka_unit_test(options_of_a_query_are_taken),
		cmocka_unit_test(what_a_command_does_not_take_is_refused_with_a_suggestion),
		cmocka_unit_test(parameters_of_http_are_the_same_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
