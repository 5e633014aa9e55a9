// SPDX-License-Identifier: GPL-2.0-only
/* The conversation with rld, and what to say when there is none. */
#include "rlctl/session.h"

#include <dirent.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "rl/proto.h"

#define LINK_PIN "link_"
#define ALIVE_S 3 /* that a daemon may take to say that it is there */
#define READ_CHUNK 65536

/* Links are pinned by the interface's index; one of another network namespace stays a number. */
static const char *iface_name(const char *index, char name[static IF_NAMESIZE])
{
	return if_indextoname((unsigned)atoi(index), name) ? name : index;
}

/* The pinned links tell without libbpf on which interfaces limits are still enforced. */
static size_t list_pinned(char *buf, size_t size)
{
	DIR *dir = opendir(RL_BPFFS);
	const struct dirent *entry;
	char name[IF_NAMESIZE];
	size_t used = 0;

	buf[0] = 0;
	while (dir && (entry = readdir(dir)) && used < size) {
		if (strncmp(entry->d_name, LINK_PIN, strlen(LINK_PIN)))
			continue;
		used += (size_t)snprintf(buf + used, size - used, "%s%s", used ? ", " : "",
					 iface_name(entry->d_name + strlen(LINK_PIN), name));
	}
	if (dir)
		closedir(dir);
	return used;
}

static int not_running(const char *path, int err, struct diag *d)
{
	char names[256];

	if (err == EACCES || err == EPERM) {
		diag_set(d, DIAG_PERMISSION, "no permission to use the socket %s", path);
		return -EACCES;
	}
	/* Where another socket's rld pins its limits is not known here. */
	if (strcmp(path, RL_SOCKET))
		diag_set(d, DIAG_NOT_RUNNING,
			 "rld is not running (no socket at %s); limits that an earlier run pinned "
			 "in its --bpffs directory, if any, still enforce",
			 path);
	else if (list_pinned(names, sizeof(names)))
		diag_set(d, DIAG_NOT_RUNNING,
			 "rld is not running (no socket at %s); limits pinned by an earlier run "
			 "still enforce on %s",
			 path, names);
	else
		diag_set(d, DIAG_NOT_RUNNING,
			 "rld is not running (no socket at %s); no limits are pinned at %s", path,
			 RL_BPFFS);
	diag_hint(d, "start rld; `rld --detach` removes what an earlier run left attached");
	return -ENOENT;
}

int session_open(const char *path, unsigned timeout_s, struct session *ret, struct diag *d)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof(addr.sun_path))
		return diag_set(d, DIAG_USAGE, "the socket path %s is too long", path);
	strcpy(addr.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return diag_errno(d, errno, "cannot make a socket");
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		int err = errno;

		close(fd);
		return not_running(path, err, d);
	}
	*ret = (struct session){.fd = fd, .timeout_s = timeout_s, .path = path};
	return 0;
}

int session_send(struct session *session, const json_t *request, struct diag *d)
{
	char *line = json_line(request);
	size_t len = line ? strlen(line) : 0;
	size_t sent = 0;

	while (sent < len) {
		ssize_t done = send(session->fd, line + sent, len - sent, MSG_NOSIGNAL);

		/* rld may have refused us and hung up: its reason waits to be read. */
		if (done < 0)
			break;
		sent += (size_t)done;
	}
	free(line);
	return len ? 0 : diag_errno(d, ENOMEM, "cannot send the request");
}

static bool is_alive(const char *path)
{
	json_auto_t *request = json_pack("{s:[s]}", "command", "version"), *answer = NULL;
	struct diag d;

	return !session_ask(path, ALIVE_S, request, &answer, &d);
}

static int wait_readable(const struct session *session, struct diag *d)
{
	bool patient = session->timeout_s == SESSION_PATIENT;
	unsigned seconds = patient ? SESSION_SILENCE_S : session->timeout_s;
	struct pollfd pollfd = {.fd = session->fd, .events = POLLIN};
	int ready;

	do
		ready = poll(&pollfd, 1, seconds ? (int)seconds * 1000 : -1);
	while (!ready && patient && is_alive(session->path));
	if (ready < 0)
		return diag_errno(d, errno, "cannot wait for the answer");
	if (!ready) {
		diag_set(d, DIAG_FAILED, "rld did not answer within %u seconds", seconds);
		diag_hint(d, "what was asked may be done or not: look when it answers again");
		return -ETIMEDOUT;
	}
	return 0;
}

/* Reads more. 0: the end of the stream. */
static ssize_t read_more(struct session *session, struct diag *d)
{
	ssize_t len;
	int err = wait_readable(session, d);

	if (err)
		return err;
	if (session->size - session->len < READ_CHUNK) {
		char *data = realloc(session->data, session->size * 2 + READ_CHUNK);

		if (!data)
			return diag_errno(d, ENOMEM, "cannot read the answer");
		session->data = data;
		session->size = session->size * 2 + READ_CHUNK;
	}
	len = recv(session->fd, session->data + session->len, READ_CHUNK, 0);
	if (len < 0 && errno != ECONNRESET)
		return diag_errno(d, errno, "cannot read the answer");
	if (len < 0)
		return 0;
	session->len += (size_t)len;
	return len;
}

static int parse(struct session *session, size_t len, json_t **ret, struct diag *d)
{
	json_t *message = json_loadb(session->data, len, 0, NULL);

	session->len -= len + 1;
	memmove(session->data, session->data + len + 1, session->len);
	if (!json_is_object(message)) {
		json_decref(message);
		return diag_set(d, DIAG_FAILED, "rld answered something that is not JSON");
	}
	*ret = message;
	return 0;
}

int session_receive(struct session *session, json_t **ret, struct diag *d)
{
	size_t seen = 0;

	for (;;) {
		char *end = session->len > seen
				    ? memchr(session->data + seen, '\n', session->len - seen)
				    : NULL;
		ssize_t more;

		if (end)
			return parse(session, (size_t)(end - session->data), ret, d);
		seen = session->len;
		more = read_more(session, d);
		if (more < 0)
			return (int)more;
		if (!more) {
			*ret = NULL;
			return 0;
		}
	}
}

void session_close(struct session *session)
{
	close(session->fd);
	free(session->data);
}

int session_ask(const char *path, unsigned timeout_s, const json_t *request, json_t **ret,
		struct diag *d)
{
	struct session session;
	json_auto_t *answer = NULL;
	int err = session_open(path, timeout_s, &session, d);

	if (err)
		return err;
	err = session_send(&session, request, d);
	if (!err)
		err = session_receive(&session, &answer, d);
	session_close(&session);
	if (err)
		return err;
	if (!answer) {
		diag_set(d, DIAG_NOT_RUNNING, "rld ended before it answered");
		return -EIO;
	}
	if (json_object_get(answer, "error")) {
		json_to_diag(json_object_get(answer, "error"), d);
		err = -EIO;
	} else {
		*ret = json_incref(json_object_get(answer, "data"));
	}
	return err;
}
