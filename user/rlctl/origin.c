// SPDX-License-Identifier: GPL-2.0-only
/* SSH_CONNECTION of this process or of the nearest ancestor that has it: sudo and su take it
 * away. */
#include "rlctl/origin.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/cleanup.h"

#define VARIABLE "SSH_CONNECTION"
#define ANCESTORS_MAX 64

/* The parent of a process; 0 if that cannot be told. The name, in parentheses, may hold
 * anything. */
static pid_t parent_of(pid_t pid)
{
	_cleanup_fclose_ FILE *file = NULL;
	char path[64];
	char line[512];
	const char *after;
	int parent;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file || !fgets(line, sizeof(line), file))
		return 0;
	after = strrchr(line, ')');
	return after && sscanf(after, ") %*c %d", &parent) == 1 ? parent : 0;
}

/* From the environment that the process was started with. */
static bool read_environment(pid_t pid, char *ret, size_t size)
{
	static const char name[] = VARIABLE "=";
	_cleanup_fclose_ FILE *file = NULL;
	_cleanup_free_ char *entry = NULL;
	size_t room = 0;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
	file = fopen(path, "re");
	while (file && getdelim(&entry, &room, 0, file) > 0) {
		if (strncmp(entry, name, sizeof(name) - 1))
			continue;
		snprintf(ret, size, "%s", entry + sizeof(name) - 1);
		return true;
	}
	return false;
}

static bool find_connection(char *ret, size_t size)
{
	const char *own = getenv(VARIABLE);
	pid_t pid = getppid();

	if (own) {
		snprintf(ret, size, "%s", own);
		return true;
	}
	for (int i = 0; i < ANCESTORS_MAX && pid > 0; i++) {
		if (read_environment(pid, ret, size))
			return true;
		pid = parent_of(pid);
	}
	return false;
}

/* "PEER PORT OURS PORT"; a link-local address is followed by its interface. */
static json_t *parse(const char *connection)
{
	char peer[128];
	char text[ADDR_TEXT];
	char after[2];
	unsigned port;
	union rl_addr addr;

	if (sscanf(connection, "%127s %*u %*s %u%1s", peer, &port, after) != 2)
		return NULL;
	if (addr_parse(peer, strcspn(peer, "%"), &addr) || !port || port > 65535)
		return NULL;
	return json_pack("{s:s, s:i}", "peer", addr_format(&addr, text), "port", (int)port);
}

json_t *origin_session(void)
{
	char connection[256];

	return find_connection(connection, sizeof(connection)) ? parse(connection) : NULL;
}
