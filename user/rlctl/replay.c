// SPDX-License-Identifier: GPL-2.0-only
/* `replay FILE`: run by the rld beside this program, since only that knows the kernel; no daemon is
 * asked but for the configuration at work. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "conf/grammar/nearest.h"
#include "rlctl/output.h"
#include "rlctl/rlctl.h"
#include "rlctl/session.h"

#define PATH_BYTES 4096
#define ANSWER_CHUNK 65536

/* The words of the command that go on to rld as they stand. */
static const char *const passed_on[] = {"--config", "--iface", "--filter", "--top"};
#define PASSED_ON (sizeof(passed_on) / sizeof(*passed_on))
#define CONFIG 0

struct replay_words {
	const char *file;
	const char *value[PASSED_ON];
};

static int fail_unexpected(const char *word, struct diag *d)
{
	const char *known[PASSED_ON];

	for (size_t i = 0; i < PASSED_ON; i++)
		known[i] = passed_on[i] + 2;
	diag_set(d, DIAG_USAGE, "\"%s\" is not expected here", word);
	nearest_option_hint(d, word, known, PASSED_ON);
	return -EINVAL;
}

static int take_words(char *const words[], size_t count, struct replay_words *ret, struct diag *d)
{
	for (size_t i = 1; i < count; i++) {
		size_t k = 0;

		while (k < PASSED_ON && strcmp(words[i], passed_on[k]))
			k++;
		if (k < PASSED_ON && i + 1 == count)
			return diag_set(d, DIAG_USAGE, "%s needs a value", words[i]);
		if (k < PASSED_ON)
			ret->value[k] = words[++i];
		else if (ret->file || (words[i][0] == '-' && words[i][1]))
			return fail_unexpected(words[i], d);
		else
			ret->file = words[i];
	}
	return ret->file ? 0 : diag_set(d, DIAG_USAGE, "replay takes the name of a capture file");
}

/* The configuration at work, as text to be freed. */
static int ask_export(const struct options *options, char **ret, struct diag *d)
{
	json_auto_t *request = json_pack("{s:[s]}", "command", "export");
	json_auto_t *data = NULL;
	int err = session_ask(options->socket, options->timeout_s, request, &data, d);

	if (err == 0)
		*ret = strdup(json_text(data, "config", ""));
	else if (d->kind == DIAG_NOT_RUNNING)
		diag_hint(d, "--config FILE replays without a running rld");
	return err;
}

/* A file without a name that holds the configuration; rld inherits it. Returns its descriptor. */
static int running_config(const struct options *options, char path[static 32], struct diag *d)
{
	_cleanup_free_ char *text = NULL;
	int err = ask_export(options, &text, d);
	size_t len;
	int fd;

	if (err)
		return err;
	len = text ? strlen(text) : 0;
	fd = memfd_create("running configuration", 0);
	if (!text || fd < 0 || write(fd, text, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET))
		return diag_errno(d, errno ? errno : ENOMEM, "cannot hand on the configuration");
	snprintf(path, 32, "/dev/fd/%d", fd);
	return fd;
}

/* Of this program's directory: ./rld in a build, ../sbin/rld when installed. */
static void exec_beside(const char *relative, char *const argv[])
{
	char path[PATH_BYTES + 32];
	ssize_t len = readlink("/proc/self/exe", path, PATH_BYTES);
	char *slash;

	if (len < 0)
		return;
	path[len] = 0;
	slash = strrchr(path, '/');
	strcpy(slash ? slash + 1 : path, relative);
	execv(path, argv);
}

__attribute__((noreturn)) static void become_rld(const struct replay_words *words, int out)
{
	char *argv[4 + 2 * PASSED_ON] = {"rld", "--replay", (char *)words->file};
	size_t count = 3;

	for (size_t i = 0; i < PASSED_ON; i++) {
		if (!words->value[i])
			continue;
		argv[count++] = (char *)passed_on[i];
		argv[count++] = (char *)words->value[i];
	}
	dup2(out, STDOUT_FILENO);
	exec_beside("rld", argv);
	exec_beside("../sbin/rld", argv);
	execvp("rld", argv);
	_exit(127);
}

static json_t *read_answer(int fd)
{
	_cleanup_free_ char *data = NULL;
	size_t used = 0;
	ssize_t len;

	do {
		char *more = realloc(data, used + ANSWER_CHUNK);

		if (!more)
			return NULL;
		data = more;
		len = read(fd, data + used, ANSWER_CHUNK);
		used += len > 0 ? (size_t)len : 0;
	} while (len > 0 || (len < 0 && errno == EINTR));
	return json_loadb(data, used, 0, NULL);
}

/* What rld answers: an object, or NULL with `d`. */
static json_t *run_rld(const struct replay_words *words, struct diag *d)
{
	int pipe_fd[2];
	json_t *answer;
	int status = 0;
	pid_t pid;

	if (pipe(pipe_fd)) {
		diag_errno(d, errno, "cannot run rld");
		return NULL;
	}
	pid = fork();
	if (!pid)
		become_rld(words, pipe_fd[1]);
	close(pipe_fd[1]);
	answer = pid > 0 ? read_answer(pipe_fd[0]) : NULL;
	close(pipe_fd[0]);
	if (pid > 0)
		waitpid(pid, &status, 0);
	if (json_is_object(answer))
		return answer;
	json_decref(answer);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		diag_set(d, DIAG_FAILED,
			 "there is no rld beside rlctl, in ../sbin or in PATH to replay with");
	else
		diag_set(d, DIAG_FAILED, "rld ended without an answer (status %d)", status);
	return NULL;
}

static int show(const struct options *options, char *const words[], json_t *answer)
{
	const json_t *error = json_object_get(answer, "error");
	struct diag d;

	if (error) {
		json_to_diag(error, &d);
		return cli_fail(options, &d);
	}
	if (options->json) {
		cli_print_json(options, answer);
	} else if (!options->quiet) {
		json_clean(answer, "");
		print_replay(words, json_object_get(answer, "data"));
	}
	return 0;
}

int replay_file(const struct options *options, char *const words[], size_t count)
{
	struct replay_words given = {0};
	_cleanup_close_ int fd = -1;
	struct diag d = {0};
	char path[32];
	json_auto_t *answer = NULL;

	if (take_words(words, count, &given, &d))
		return cli_fail(options, &d);
	if (!given.value[CONFIG]) {
		fd = running_config(options, path, &d);
		given.value[CONFIG] = path;
		if (fd < 0)
			return cli_fail(options, &d);
	}
	answer = run_rld(&given, &d);
	if (!answer)
		return cli_fail(options, &d);
	return show(options, words, answer);
}
