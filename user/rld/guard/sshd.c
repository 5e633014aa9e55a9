// SPDX-License-Identifier: GPL-2.0-only
/* Reads sshd_config as sshd does, as far as ports go: Port, ListenAddress and Include. */
#include "rld/guard/sshd.h"

#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "rld/guard/sshd_socket.h"

#define CONFIG_DIR "/etc/ssh"
#define DEPTH_MAX 16 /* of Include, as in sshd */

struct reader {
	const char *root;
	struct ports *ports;
	int depth;
	int err;
};

/* A number, or the name of a service. */
static __u16 port_of(const char *text)
{
	const struct servent *service;
	char *end;
	unsigned long port = strtoul(text, &end, 10);

	if (isdigit((unsigned char)*text) && !*end)
		return port <= USHRT_MAX ? (__u16)port : 0;
	service = getservbyname(text, "tcp");
	return service ? ntohs((__u16)service->s_port) : 0;
}

__u16 sshd_port_of_address(const char *text)
{
	const char *colon = strrchr(text, ':');

	/* More than one colon is an IPv6 address, unless it is in brackets. */
	if (!colon || (text[0] == '[' ? colon[-1] != ']' : strchr(text, ':') != colon))
		return 0;
	return port_of(colon + 1);
}

/* Takes the next word off the line, without its quotes; NULL at the end. */
static char *next_word(char **line)
{
	char *word = *line + strspn(*line, " \t\r\n");
	size_t len;

	if (!*word || *word == '#')
		return NULL;
	if (*word == '"') {
		word++;
		len = strcspn(word, "\"\n");
	} else {
		len = strcspn(word, " \t\r\n");
	}
	*line = word + len + (word[len] != 0);
	word[len] = 0;
	return word;
}

/* "Port 22", "Port=22", "port = 22": the word, with the line moved to what follows. */
static char *next_keyword(char **line)
{
	char *word = *line + strspn(*line, " \t\r\n");
	size_t len = strcspn(word, " \t\r\n=");
	char *rest = word + len;

	if (!len || *word == '#')
		return NULL;
	rest += strspn(rest, " \t");
	rest += *rest == '=';
	if (rest == word + len)
		rest += *rest != 0;
	*line = rest;
	word[len] = 0;
	return word;
}

static void read_config(struct reader *reader, const char *path, bool in_match);

static void include(struct reader *reader, const char *pattern, bool in_match)
{
	char path[PATH_MAX];
	glob_t found = {0};

	snprintf(path, sizeof(path), "%s%s%s", reader->root,
		 pattern[0] == '/' ? "" : CONFIG_DIR "/", pattern);
	if (!glob(path, 0, NULL, &found))
		for (size_t i = 0; i < found.gl_pathc; i++)
			read_config(reader, found.gl_pathv[i], in_match);
	globfree(&found);
}

static void take_line(struct reader *reader, char *line, bool *in_match)
{
	const char *keyword = next_keyword(&line);
	const char *word;

	if (!keyword)
		return;
	if (!strcasecmp(keyword, "match")) {
		*in_match = true;
		return;
	}
	while ((word = next_word(&line))) {
		if (!strcasecmp(keyword, "include"))
			include(reader, word, *in_match);
		else if (*in_match)
			return; /* sshd takes no port there */
		else if (!strcasecmp(keyword, "port"))
			ports_add(reader->ports, port_of(word));
		else if (!strcasecmp(keyword, "listenaddress"))
			ports_add(reader->ports, sshd_port_of_address(word));
	}
}

/* `in_match`: included from a Match block. One that begins in the file ends with it. */
static void read_config(struct reader *reader, const char *path, bool in_match)
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");
	_cleanup_free_ char *line = NULL;
	size_t size = 0;

	if (!file && errno != ENOENT && errno != ENOTDIR)
		reader->err = -errno;
	if (!file || reader->depth == DEPTH_MAX)
		return;
	reader->depth++;
	while (getline(&line, &size, file) > 0)
		take_line(reader, line, &in_match);
	reader->depth--;
}

int sshd_ports(const char *root, struct ports *ret)
{
	struct reader reader = {.root = root, .ports = ret};
	char path[PATH_MAX];
	int err;

	snprintf(path, sizeof(path), "%s" CONFIG_DIR "/sshd_config", root);
	read_config(&reader, path, false);
	err = sshd_socket_ports(root, ret);
	return err ? err : reader.err;
}
