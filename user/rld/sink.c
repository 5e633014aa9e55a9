// SPDX-License-Identifier: GPL-2.0-only
/* Sinks of event lines. */
#include "rld/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "rld/log.h"

#define SYSLOG_SOCKET "/dev/log"
#define SYSLOG_TAG "<30>rld: " /* daemon.info */
#define FILE_PREFIX "file:"

enum sink_kind { SINK_STDERR, SINK_FILE, SINK_SYSLOG };

struct sink {
	enum sink_kind kind;
	int fd;
	char path[256];
};

struct sinks {
	struct sink v[CONF_LOGS_MAX];
	size_t count;
	__u64 lost;
};

struct sinks *sinks_new(void)
{
	return calloc(1, sizeof(struct sinks));
}

static void close_all(struct sinks *sinks)
{
	for (size_t i = 0; i < sinks->count; i++)
		if (sinks->v[i].kind != SINK_STDERR && sinks->v[i].fd >= 0)
			close(sinks->v[i].fd);
	sinks->count = 0;
}

void sinks_free(struct sinks *sinks)
{
	if (!sinks)
		return;
	close_all(sinks);
	free(sinks);
}

static int open_syslog(void)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX, .sun_path = SYSLOG_SOCKET};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd >= 0 && connect(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static int open_sink(const struct sink *sink)
{
	if (sink->kind == SINK_STDERR)
		return STDERR_FILENO;
	if (sink->kind == SINK_SYSLOG)
		return open_syslog();
	/* A FIFO without a reader or a stuck device must not stop the daemon. */
	return open(sink->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0640);
}

static void add_sink(struct sinks *sinks, const char *text)
{
	struct sink *sink = &sinks->v[sinks->count];

	*sink = (struct sink){.kind = SINK_STDERR};
	if (!strncmp(text, FILE_PREFIX, strlen(FILE_PREFIX))) {
		sink->kind = SINK_FILE;
		snprintf(sink->path, sizeof(sink->path), "%s", text + strlen(FILE_PREFIX));
	} else if (!strcmp(text, "syslog")) {
		sink->kind = SINK_SYSLOG;
		snprintf(sink->path, sizeof(sink->path), "%s", SYSLOG_SOCKET);
	}
	sink->fd = open_sink(sink);
	if (sink->fd < 0)
		log_line("cannot log events to %s: %s", sink->path, strerror(errno));
	else
		sinks->count++;
}

void sinks_open(struct sinks *sinks, const struct conf_options *options)
{
	close_all(sinks);
	for (size_t i = 0; i < options->logs; i++)
		add_sink(sinks, options->log[i]);
}

void sinks_reopen(struct sinks *sinks)
{
	for (size_t i = 0; i < sinks->count; i++) {
		struct sink *sink = &sinks->v[i];
		int fd;

		if (sink->kind == SINK_STDERR)
			continue;
		fd = open_sink(sink);
		if (fd < 0) {
			log_line("cannot reopen %s: %s; going on with the old one", sink->path,
				 strerror(errno));
			continue;
		}
		close(sink->fd);
		sink->fd = fd;
	}
}

static ssize_t write_syslog(const struct sink *sink, const char *line, size_t len)
{
	char message[8192];
	int used = snprintf(message, sizeof(message), SYSLOG_TAG "%.*s", (int)len - 1, line);

	return send(sink->fd, message,
		    (size_t)used < sizeof(message) ? (size_t)used : sizeof(message) - 1,
		    MSG_NOSIGNAL);
}

/* A pipe that is writable takes PIPE_BUF bytes at once; setting O_NONBLOCK on it would set it for
 * the whole session. */
static bool stderr_ready(void)
{
	struct pollfd pollfd = {.fd = STDERR_FILENO, .events = POLLOUT};

	return poll(&pollfd, 1, 0) == 1 && (pollfd.revents & POLLOUT);
}

void sinks_write(struct sinks *sinks, const char *line)
{
	size_t len = strlen(line);

	for (size_t i = 0; i < sinks->count; i++) {
		const struct sink *sink = &sinks->v[i];
		ssize_t done = -1;

		if (sink->kind == SINK_SYSLOG)
			done = write_syslog(sink, line, len);
		else if (sink->kind == SINK_FILE || stderr_ready())
			done = write(sink->fd, line, len);
		if (done < 0)
			sinks->lost++;
	}
}

__u64 sinks_lost(const struct sinks *sinks)
{
	return sinks->lost;
}
