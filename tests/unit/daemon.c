/* SPDX-License-Identifier: GPL-2.0-only */
/* The daemon in a thread. */
#include "daemon.h"

#include <errno.h>
#include <ftw.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/grammar/lex.h"
#include "rld/daemon.h"
#include "rld/persist/persist_files.h"
#include "rlctl/session.h"

#define ANSWER_S 20

char daemon_dir[64];
const char *daemon_listen;
static pthread_t thread;
static bool running;
static int status;

const char *daemon_path(const char *name)
{
	static char path[4][160];
	static int turn;

	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof(path[0]), "%s/%s", daemon_dir, name);
	return path[turn];
}

int daemon_set_up(void **state)
{
	alarm(100); /* SIGTERM is the daemon's: a test that hangs has to end, too */
	strcpy(daemon_dir, "/tmp/rld-unit-XXXXXX");
	fake_dp_reset();
	daemon_listen = NULL;
	daemon_peer = NULL;
	return mkdtemp(daemon_dir) ? 0 : -1;
}

static int take_away(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	return remove(path);
}

int daemon_tear_down(void **state)
{
	if (running)
		daemon_stop();
	return nftw(daemon_dir, take_away, 8, FTW_DEPTH | FTW_PHYS);
}

void daemon_write_config(const char *text)
{
	unit_write(daemon_path("rld.conf"), text);
}

/* Not by the thread: daemon_path() is for one. */
static struct rld_options options; /* the daemon has copied it when it answers */

static void make_options(void)
{
	static char config[160], sock[160], bpffs[160], state_dir[160];

	options = (struct rld_options){
		.config = strcpy(config, daemon_path("rld.conf")),
		.socket = strcpy(sock, daemon_path("rld.sock")),
		.bpffs = strcpy(bpffs, daemon_path("bpffs")),
		.state_dir = strcpy(state_dir, daemon_path("state")),
		.listen = daemon_listen ? daemon_listen : "none",
	};
}

static void *run_thread(void *ctx)
{
	status = daemon_run(&options);
	return NULL;
}

static void block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static json_t *request_of(const char *line, bool yes)
{
	json_t *list = json_array();
	struct words words;
	struct diag d;

	assert_int_equal(words_split(line, strlen(line), &words, &d), 0);
	for (size_t i = 0; i < words.count; i++)
		json_array_append_new(list, json_string(words.word[i].text));
	words_done(&words);
	return json_pack("{s:o, s:b}", "command", list, "yes", yes);
}

static json_t *ask(const char *line, bool yes, struct diag *d)
{
	json_t *request = request_of(line, yes), *answer = NULL;
	struct session session;

	if (!session_open(daemon_path("rld.sock"), ANSWER_S, &session, d)) {
		if (!session_send(&session, request, d))
			session_receive(&session, &answer, d);
		session_close(&session);
	}
	json_decref(request);
	return answer;
}

const char *daemon_together(const char *lines)
{
	static char codes[256];
	char text[1024], all[4096] = "", *rest = text;
	struct session session;
	size_t count = 0;
	struct diag d;
	char *line;

	snprintf(text, sizeof(text), "%s", lines);
	while ((line = strsep(&rest, ";"))) {
		json_t *request = request_of(line, false);
		char *dump = json_line(request);

		strcat(all, dump);
		free(dump);
		json_decref(request);
		count++;
	}
	codes[0] = 0;
	assert_int_equal(session_open(daemon_path("rld.sock"), ANSWER_S, &session, &d), 0);
	assert_int_equal(write(session.fd, all, strlen(all)), strlen(all));
	while (count--) {
		json_t *answer;

		assert_int_equal(session_receive(&session, &answer, &d), 0);
		assert_non_null(answer);
		snprintf(codes + strlen(codes), sizeof(codes) - strlen(codes), "%s ",
			 json_text(json_object_get(answer, "error"), "code", "ok"));
		json_decref(answer);
	}
	session_close(&session);
	return codes;
}

void daemon_start(void)
{
	json_t *answer = NULL;
	struct diag d;

	block_signals();
	make_options();
	assert_int_equal(pthread_create(&thread, NULL, run_thread, NULL), 0);
	running = true;
	for (int i = 0; i < 1000 && !answer; i++) {
		answer = ask("version", false, &d);
		if (!answer)
			usleep(10000);
	}
	if (!answer)
		fail_msg("it does not come up: %s", d.message);
	json_decref(answer);
}

int daemon_join(void)
{
	pthread_join(thread, NULL);
	running = false;
	return status;
}

int daemon_stop(void)
{
	kill(getpid(), SIGTERM);
	return daemon_join();
}

/* All but the owner's last word is what a crash leaves, too: a proper stop writes what is due. */
void daemon_crash(void)
{
	char text[400];

	daemon_stop();
	snprintf(text, sizeof(text), PERSIST_OWNER, 12345, daemon_path("bpffs"));
	unit_write(daemon_path("state/" PERSIST_OWNER_FILE), text);
}

int daemon_run_here(void)
{
	block_signals();
	make_options();
	return daemon_run(&options);
}

static json_t *must_answer(const char *line, bool yes)
{
	struct diag d = {0};
	json_t *answer = ask(line, yes, &d);

	if (!answer)
		fail_msg("%s: no answer: %s", line, d.message);
	return answer;
}

json_t *daemon_ask(const char *line)
{
	return must_answer(line, false);
}

json_t *daemon_ask_yes(const char *line)
{
	return must_answer(line, true);
}

json_t *daemon_data(const char *line)
{
	json_t *answer = daemon_ask(line);
	json_t *data = json_incref(json_object_get(answer, "data"));

	if (!data)
		fail_msg("%s: %s", line,
			 json_text(json_object_get(answer, "error"), "message", ""));
	assert_string_equal(json_text(answer, "schema", ""), "rld/1");
	json_decref(answer);
	return data;
}

void daemon_good(const char *line)
{
	json_decref(daemon_data(line));
}

void daemon_bad(const char *line, const char *code, const char *message)
{
	json_t *answer = daemon_ask(line);
	const json_t *error = json_object_get(answer, "error");

	if (!error)
		fail_msg("not refused: %s", line);
	assert_string_equal(json_text(error, "code", ""), code);
	assert_string_equal(json_text(error, "message", ""), message);
	json_decref(answer);
}

const char *json_at(const json_t *json, const char *path)
{
	static char buf[4][2048];
	static int turn;
	char text[256], *rest = text;
	const char *word;

	turn = (turn + 1) % 4;
	snprintf(text, sizeof(text), "%s", path);
	while ((word = strsep(&rest, ".")))
		json = json_is_array(json) ? json_array_get(json, strtoul(word, NULL, 10))
					   : json_object_get(json, word);
	if (!json)
		return "(none)";
	if (json_is_string(json)) {
		snprintf(buf[turn], sizeof(buf[0]), "%s", json_string_value(json));
	} else {
		char *dump = json_dumps(json, JSON_ENCODE_ANY | JSON_COMPACT);

		snprintf(buf[turn], sizeof(buf[0]), "%s", dump);
		free(dump);
	}
	return buf[turn];
}

const char *daemon_at(const char *line, const char *path)
{
	json_t *data = daemon_data(line);
	const char *text = json_at(data, path);

	json_decref(data);
	return text;
}
