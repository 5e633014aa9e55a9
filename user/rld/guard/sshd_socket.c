// SPDX-License-Identifier: GPL-2.0-only
/* Reads ListenStream of a socket unit as systemd does: the first file of the unit, then its
 * drop-ins by name; an empty ListenStream forgets those before it. */
#include "rld/guard/sshd_socket.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define DROPINS_MAX 64
#define KEY "ListenStream"

/* A file in one of them hides that of the same name in those behind it. */
static const char *const dirs[] = {
	"/etc/systemd/system",		 "/run/systemd/system",	    "/run/systemd/generator",
	"/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system",
};
#define DIRS (sizeof(dirs) / sizeof(*dirs))

static char *trim(char *text)
{
	char *end;

	text += strspn(text, " \t\r\n");
	end = text + strlen(text);
	while (end > text && strchr(" \t\r\n", end[-1]))
		*--end = 0;
	return text;
}

static void listen_on(struct ports *ports, const char *value)
{
	char *end;
	unsigned long port = strtoul(value, &end, 10);

	if (!*value)
		*ports = (struct ports){0};
	else if (!*end && port <= USHRT_MAX)
		ports_add(ports, (__u16)port);
	else if (value[0] != '/' && value[0] != '@')
		ports_add(ports, sshd_port_of_address(value));
}

static void take_line(struct ports *ports, char *line, bool *in_socket)
{
	char *equals;

	line = trim(line);
	if (*line == '[')
		*in_socket = !strcmp(line, "[Socket]");
	equals = strchr(line, '=');
	if (!*in_socket || *line == '#' || *line == ';' || !equals)
		return;
	*equals = 0;
	if (!strcmp(trim(line), KEY))
		listen_on(ports, trim(equals + 1));
}

/* False: there is no such file. */
static bool read_unit(const char *path, struct ports *ports, int *err)
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");
	_cleanup_free_ char *line = NULL;
	bool in_socket = false;
	size_t size = 0;

	if (!file && (errno == ENOENT || errno == ENOTDIR))
		return false;
	if (!file)
		*err = -errno;
	while (file && getline(&line, &size, file) > 0)
		take_line(ports, line, &in_socket);
	return true;
}

static const char *base_of(const char *path)
{
	return strrchr(path, '/') + 1;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(base_of(*(char *const *)a), base_of(*(char *const *)b));
}

struct dropins {
	char *path[DROPINS_MAX];
	size_t count;
};

static void take_dropin(struct dropins *dropins, const char *path)
{
	for (size_t i = 0; i < dropins->count; i++)
		if (!strcmp(base_of(dropins->path[i]), base_of(path)))
			return;
	if (dropins->count < DROPINS_MAX && (dropins->path[dropins->count] = strdup(path)))
		dropins->count++;
}

static void read_dropins(const char *root, const char *unit, struct ports *ports, int *err)
{
	struct dropins dropins = {0};
	char pattern[PATH_MAX];

	for (size_t i = 0; i < DIRS; i++) {
		glob_t found = {0};

		snprintf(pattern, sizeof(pattern), "%s%s/%s.d/*.conf", root, dirs[i], unit);
		if (!glob(pattern, 0, NULL, &found))
			for (size_t f = 0; f < found.gl_pathc; f++)
				take_dropin(&dropins, found.gl_pathv[f]);
		globfree(&found);
	}
	qsort(dropins.path, dropins.count, sizeof(*dropins.path), by_name);
	for (size_t i = 0; i < dropins.count; i++) {
		read_unit(dropins.path[i], ports, err);
		free(dropins.path[i]);
	}
}

int sshd_socket_ports(const char *root, struct ports *ret)
{
	static const char *const units[] = {"ssh.socket", "sshd.socket"};
	char path[PATH_MAX];
	int err = 0;

	for (size_t u = 0; u < 2; u++) {
		struct ports ports = {0};
		bool found = false;

		for (size_t i = 0; i < DIRS && !found; i++) {
			snprintf(path, sizeof(path), "%s%s/%s", root, dirs[i], units[u]);
			found = read_unit(path, &ports, &err);
		}
		if (found)
			read_dropins(root, units[u], &ports, &err);
		ports_add_all(ret, &ports);
	}
	return err;
}
