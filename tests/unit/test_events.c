/* SPDX-License-Identifier: GPL-2.0-only */
/* Events: the rings of the last ones, who follows them, and the places that they are written to. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rld/events/event.h"
#include "rld/events/refusals.h"
#include "rld/events/sink.h"
#include "rld/events/sink_fd.h"
#include "rld/loop/loop.h"
#include "unit.h"

static char dir[64], path[128], option[160];
static struct loop *loop;
static struct sinks *sinks;
static struct events *events;

static int set_up(void **state)
{
	strcpy(dir, "/tmp/rld-unit-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/events", dir);
	snprintf(option, sizeof(option), "file:%s", path);
	loop = loop_new();
	sinks = sinks_new(loop);
	events = events_new(sinks);
	return events ? 0 : -1;
}

static int tear_down(void **state)
{
	events_free(events);
	sinks_free(sinks);
	loop_free(loop);
	unlink(path);
	return rmdir(dir);
}

/* Who asks: counts answers and keeps the last one. */
struct asker {
	struct answer answer;
	json_t *last;
	size_t answers;
	bool finished;
};

static void take(struct answer *answer, json_t *message, bool last)
{
	struct asker *asker = (struct asker *)answer;

	json_decref(asker->last);
	asker->last = message;
	asker->answers++;
	asker->finished |= last;
}

static struct asker *asker_new(void)
{
	struct asker *asker = calloc(1, sizeof(*asker));

	asker->answer.send = take;
	return asker;
}

static void asker_free(struct asker *asker)
{
	json_decref(asker->last);
	free(asker);
}

static json_t *list_kept(const struct event_filter *filter)
{
	struct asker *asker = asker_new();
	json_t *list;

	assert_int_equal(events_query(events, filter, &asker->answer), 0);
	list = json_incref(json_object_get(json_object_get(asker->last, "data"), "events"));
	assert_true(asker->finished);
	asker_free(asker);
	return list;
}

static size_t kept(const struct event_filter *filter)
{
	json_t *list = list_kept(filter);
	size_t count = json_array_size(list);

	json_decref(list);
	return count;
}

static void emit(const char *addr, __s64 wall_ns)
{
	struct addr_prefix about;

	if (addr)
		assert_int_equal(addr_parse_prefix(addr, strlen(addr), &about), 0);
	events_emit_at(events, EVENT_BREACH, NULL, addr ? &about : NULL, wall_ns);
}

static void the_ring_keeps_the_last_ones(void **state)
{
	for (int i = 0; i < EVENTS_KEPT; i++)
		emit(NULL, 1000 + i);
	assert_int_equal(kept(&(struct event_filter){0}), EVENTS_KEPT);
	emit(NULL, 1000 + EVENTS_KEPT);
	assert_int_equal(kept(&(struct event_filter){0}), EVENTS_KEPT);
	/* The first has gone, the second is still there. */
	assert_int_equal(kept(&(struct event_filter){.since_wall_ns = 1001}), EVENTS_KEPT);
	assert_int_equal(kept(&(struct event_filter){.since_wall_ns = 1002}), EVENTS_KEPT - 1);
	assert_int_equal(events_count(events, EVENT_BREACH), EVENTS_KEPT + 1);
}

static void control(uid_t uid, const char *error)
{
	const struct access who = {.uid = uid, .pid = 1};

	events_emit_control(events, &who, "mode off", error);
}

/* Of all that is kept, what an event says; 0: nothing. */
static __s64 number_of(const json_t *list, size_t i, const char *object, const char *name)
{
	const json_t *event = json_array_get(list, i);

	return json_integer_value(json_object_get(json_object_get(event, object), name));
}

static void no_kind_of_event_pushes_out_another(void **state)
{
	json_t *list;
	__s64 before = 0;

	control(7, "no");
	control(8, NULL);
	for (int i = 0; i < 3 * EVENTS_KEPT; i++)
		emit(NULL, 1);
	for (int i = 0; i < 2 * EVENTS_KEPT_CONFIGURATION; i++)
		control(8, NULL);
	for (uid_t uid = 100; uid < 100 + 2 * EVENTS_KEPT_REFUSED / REFUSALS_BURST; uid++)
		for (int i = 0; i < REFUSALS_BURST; i++)
			control(uid, "no");
	emit(NULL, 1);
	list = list_kept(&(struct event_filter){0});
	assert_int_equal(json_array_size(list),
			 EVENTS_KEPT + EVENTS_KEPT_CONFIGURATION + EVENTS_KEPT_REFUSED);
	for (size_t i = 0; i < json_array_size(list); i++) {
		__s64 sequence = number_of(list, i, "event", "sequence");

		assert_true(sequence > before); /* in the order in which they came */
		before = sequence;
	}
	json_decref(list);
}

static void refused_commands_have_a_budget_for_each_user(void **state)
{
	json_t *list;

	for (int i = 0; i < 1000; i++)
		control(7, "no");
	assert_int_equal(events_count(events, EVENT_CONTROL), REFUSALS_BURST);
	control(8, "no");
	assert_int_equal(events_count(events, EVENT_CONTROL), REFUSALS_BURST + 1);
	for (int i = 0; i < 1000; i++)
		control(7, NULL); /* what was done is told, always */
	assert_int_equal(events_count(events, EVENT_CONTROL), REFUSALS_BURST + 1001);
	list = list_kept(&(struct event_filter){0});
	for (size_t i = 0; i < json_array_size(list); i++)
		assert_int_equal(number_of(list, i, "rld", "suppressed"), 0);
	json_decref(list);
}

static void a_filter_takes_what_it_overlaps(void **state)
{
	struct event_filter filter = {.by_source = true};

	emit("192.0.2.7", 1);
	emit("192.0.2.0/24", 2);
	emit("198.51.100.1", 3);
	emit(NULL, 4);
	assert_int_equal(addr_parse_prefix("192.0.2.0/28", 12, &filter.source), 0);
	assert_int_equal(kept(&filter), 2);
	filter.since_wall_ns = 2;
	assert_int_equal(kept(&filter), 1);
}

static void who_follows_gets_what_he_asked_for(void **state)
{
	struct event_filter filter = {.follow = true, .history = true, .by_source = true};
	struct asker *asker = asker_new();

	assert_int_equal(addr_parse_prefix("192.0.2.7", 9, &filter.source), 0);
	emit("192.0.2.7", 1);
	assert_int_equal(events_query(events, &filter, &asker->answer), 0);
	assert_int_equal(asker->answers, 1); /* what was kept */
	emit("192.0.2.8", 2);
	emit("192.0.2.7", 3);
	assert_int_equal(asker->answers, 2);
	assert_int_equal(events_followers(events), 1);
	asker->answer.gone = true;
	assert_int_equal(events_followers(events), 0);
	emit("192.0.2.7", 4);
	assert_true(asker->finished);
	asker_free(asker);
}

static void followers_have_a_bound_and_an_end(void **state)
{
	const struct event_filter filter = {.follow = true};
	struct asker *asker[17];
	int taken = 0;

	for (int i = 0; i < 17; i++) {
		asker[i] = asker_new();
		taken += !events_query(events, &filter, &asker[i]->answer);
	}
	assert_int_equal(taken, 16);
	asker[3]->answer.gone = true; /* makes room */
	assert_int_equal(events_query(events, &filter, &asker[16]->answer), 0);
	assert_true(asker[3]->finished);
	events_stop(events);
	for (int i = 0; i < 17; i++) {
		assert_true(asker[i]->finished);
		assert_true(i == 3 || json_object_get(asker[i]->last, "error"));
		asker_free(asker[i]);
	}
}

static void open_sink(void)
{
	struct conf_options options = {.logs = 1};

	strcpy(options.log[0], option);
	sinks_open(sinks, &options);
}

static size_t lines_of_file(void)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t count = 0, size = 0;

	while (file && getline(&line, &size, file) > 0) {
		json_t *json = json_loads(line, 0, NULL);

		assert_non_null(json); /* each a whole one */
		json_decref(json);
		count++;
	}
	free(line);
	if (file)
		fclose(file);
	return count;
}

static void a_file_gets_a_line_an_event(void **state)
{
	open_sink();
	emit("192.0.2.7", 1);
	emit(NULL, 2);
	assert_int_equal(lines_of_file(), 2);
	unlink(path); /* into a file without a name nothing is written */
	emit(NULL, 3);
	assert_int_equal(lines_of_file(), 1);
}

static void stop(void *ctx)
{
	loop_stop(loop);
}

/* A FIFO that nobody reads is a sink that fails; a reader makes it work again. */
static void a_sink_that_fails_counts_what_it_misses_and_is_tried_again(void **state)
{
	struct loop_timer *timer = loop_timer_add(loop, stop, NULL);
	struct sink_view view;
	char text[4096];
	ssize_t len;
	int reader;

	assert_int_equal(mkfifo(path, 0600), 0);
	open_sink();
	sinks_view(sinks, 0, &view);
	assert_int_equal(view.state, SINK_FAILED);
	assert_int_equal(view.error, ENXIO);
	emit(NULL, 1);
	emit(NULL, 2);
	assert_int_equal(sinks_lost(sinks), 2);
	reader = open(path, O_RDONLY | O_NONBLOCK);
	loop_timer_set(timer, 1500000000ull); /* past the first retry */
	loop_run(loop);
	sinks_view(sinks, 0, &view);
	assert_int_equal(view.state, SINK_OPEN);
	len = read(reader, text, sizeof(text) - 1);
	assert_true(len > 0);
	text[len] = 0;
	assert_non_null(strstr(text, "\"action\":\"events-lost\""));
	assert_non_null(strstr(text, "\"count\":2"));
	close(reader);
}

static void a_full_pipe_tears_no_line(void **state)
{
	struct sink_fd sink;
	char text[1 << 17], *line = malloc(70002);
	int reader;
	ssize_t len;

	memset(line, 'x', 70000);
	strcpy(line + 70000, "\n");
	assert_int_equal(mkfifo(path, 0600), 0);
	reader = open(path, O_RDONLY | O_NONBLOCK);
	sink_fd_init(&sink, option);
	assert_int_equal(sink_fd_open(&sink), 0);
	assert_true(sink_fd_write(&sink, line) < 0); /* more than the pipe holds */
	assert_int_equal(sink_fd_write(&sink, "next\n"), -EAGAIN);
	len = read(reader, text, sizeof(text));
	assert_true(len > 0 && text[len - 1] == 'x');
	assert_int_equal(sink_fd_write(&sink, "next\n"), 0);
	len = read(reader, text, sizeof(text));
	assert_int_equal(len, 6);
	assert_memory_equal(text, "\nnext\n", 6); /* behind the torn one */
	sink_fd_close(&sink);
	close(reader);
	free(line);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_ring_keeps_the_last_ones),
		TEST(no_kind_of_event_pushes_out_another),
		TEST(refused_commands_have_a_budget_for_each_user),
		TEST(a_filter_takes_what_it_overlaps),
		TEST(who_follows_gets_what_he_asked_for),
		TEST(followers_have_a_bound_and_an_end),
		TEST(a_file_gets_a_line_an_event),
		TEST(a_sink_that_fails_counts_what_it_misses_and_is_tried_again),
		TEST(a_full_pipe_tears_no_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
