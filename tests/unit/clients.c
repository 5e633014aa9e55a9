/* SPDX-License-Identifier: GPL-2.0-only */
/* Clients of the control socket whose commands are stubs. */
#include "clients.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

struct answer *clients_open[ASKED_MAX];
size_t clients_asked;
enum access_level clients_level;
bool clients_crowded;
struct clients clients_all;
int clients_fd;
static char asked[ASKED_MAX][16]; /* by what each was asked for */
static struct rld rld;

int __wrap_access_of(int fd, struct access *ret)
{
	*ret = (struct access){.uid = 1000, .pid = 77, .level = clients_level};
	return 0;
}

bool __wrap_command_is_statement(const struct request *request)
{
	return request->word[0][0] == 's'; /* "s1", "s2" ... wait in the queue */
}

/* "now" is answered at once, all others when the test says so. */
void __wrap_command_run(struct rld *unused, struct request *request)
{
	if (!strcmp(request->word[0], "now")) {
		answer_data(request->answer, json_string("now"));
	} else {
		assert_true(clients_asked < ASKED_MAX);
		snprintf(asked[clients_asked], sizeof(asked[0]), "%s", request->word[0]);
		clients_open[clients_asked++] = request->answer;
	}
	request_done(request);
}

static void stop(void *ctx)
{
	loop_stop(ctx);
}

/* All that can be done now is done. */
void clients_settle(void)
{
	struct loop_timer *timer = loop_timer_add(rld.loop, stop, rld.loop);

	for (int i = 0; i < 32; i++) {
		loop_timer_set(timer, 0);
		assert_int_equal(loop_run(rld.loop), 0);
	}
}

int clients_join(void)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	clients_add(&clients_all, pair[0], clients_crowded);
	return pair[1];
}

int clients_set_up(void **state)
{
	clients_asked = 0;
	clients_level = ACCESS_CHANGE;
	clients_crowded = false;
	rld = (struct rld){.loop = loop_new()};
	assert_int_equal(clients_init(&clients_all, &rld), 0);
	clients_fd = clients_join();
	return 0;
}

int clients_tear_down(void **state)
{
	clients_done(&clients_all);
	loop_free(rld.loop);
	if (clients_fd >= 0)
		close(clients_fd);
	return 0;
}

void clients_say(const char *text)
{
	assert_int_equal(write(clients_fd, text, strlen(text)), strlen(text));
	clients_settle();
}

void clients_request(const char *word)
{
	char line[64];

	snprintf(line, sizeof(line), "{\"command\":[\"%s\"]}\n", word);
	clients_say(line);
}

/* All that has come, as the data or the errors' codes of its answers: "now usage ". */
const char *clients_heard(int fd)
{
	static char text[1 << 16], words[4096];
	ssize_t len;
	size_t used = 0;
	char *rest = text, *line;

	while ((len = read(fd, text + used, sizeof(text) - 1 - used)) > 0)
		used += (size_t)len;
	text[used] = 0;
	words[0] = 0;
	while ((line = strsep(&rest, "\n")) && *line) {
		json_t *json = json_loads(line, 0, NULL);
		const json_t *error = json_object_get(json, "error");

		assert_non_null(json);
		snprintf(words + strlen(words), sizeof(words) - strlen(words), "%s ",
			 error ? json_text(error, "code", "?") : json_text(json, "data", "?"));
		json_decref(json);
	}
	return words;
}

/* How many lines have come, however long. */
size_t clients_lines_heard(void)
{
	static char text[65536];
	size_t lines = 0;
	ssize_t len;

	while ((len = read(clients_fd, text, sizeof(text))) > 0) {
		for (ssize_t i = 0; i < len; i++)
			lines += text[i] == '\n';
		clients_settle();
	}
	return lines;
}

bool clients_hung_up(int fd)
{
	char byte;

	return read(fd, &byte, 1) == 0;
}

/* Those that wait are, in order, */
void clients_waiting(const char *expected)
{
	char text[256] = "";

	for (size_t i = 0; i < clients_asked; i++)
		if (clients_open[i])
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s ", asked[i]);
	assert_string_equal(text, expected);
}

void clients_answer(const char *word)
{
	for (size_t i = 0; i < clients_asked; i++) {
		struct answer *at = clients_open[i];

		if (!at || strcmp(asked[i], word))
			continue;
		clients_open[i] = NULL;
		answer_data(at, json_string(word));
		clients_settle();
		return;
	}
	fail_msg("nobody asked for %s", word);
}

/* As much as fits at once. */
void clients_pour(const char *text, size_t len)
{
	while (len) {
		ssize_t done = write(clients_fd, text, len);

		if (done < 0 && (errno == EPIPE || errno == ECONNRESET))
			return;
		if (done > 0) {
			text += done;
			len -= (size_t)done;
		}
		clients_settle();
	}
}
