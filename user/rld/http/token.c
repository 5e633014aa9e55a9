// SPDX-License-Identifier: GPL-2.0-only
/* The secret that the views ask for, and its file. */
#include "rld/http/token.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/replace.h"
#include "rl/proto.h"
#include "rld/loop/log.h"
#include "rld/request/access.h"

#define FILE_NAME "http-token"
#define SCHEME "Bearer"
#define BLANKS " \t"

static void draw(char text[static TOKEN_CHARS + 1])
{
	unsigned char bytes[TOKEN_BYTES];

	while (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		;
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

/* The mode comes last: until then nobody else reads it, whatever its group was. */
static int hand_over(int fd, const char *path)
{
	gid_t readers;

	if (access_readers(&readers) && fchown(fd, (uid_t)-1, readers))
		log_line("the group %s cannot read %s: %s", RL_GROUP_READ, path, strerror(errno));
	return fchmod(fd, 0640) ? -errno : 0;
}

static int fill(FILE *file, struct token *token)
{
	struct stat st;
	int err = hand_over(fileno(file), token->path);

	if (!err && (fprintf(file, "%s\n", token->text) < 0 || fstat(fileno(file), &st)))
		err = -errno;
	if (!err) {
		token->dev = st.st_dev;
		token->ino = st.st_ino;
	}
	return err;
}

static int put(struct token *token)
{
	char temporary[PATH_MAX + 8];
	FILE *file;
	int fd, err;

	snprintf(temporary, sizeof(temporary), "%s.XXXXXX", token->path);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	file = fdopen(fd, "w");
	err = file ? fill(file, token) : -errno;
	if (!err)
		return replace_file(file, temporary, token->path);
	if (file)
		fclose(file);
	else
		close(fd);
	unlink(temporary);
	return err;
}

int token_make(const char *socket, struct token *ret, struct diag *d)
{
	const char *slash = strrchr(socket, '/');
	int dir = slash ? (int)(slash - socket) + 1 : 0;
	int err;

	*ret = (struct token){0};
	if (snprintf(ret->path, sizeof(ret->path), "%.*s" FILE_NAME, dir, socket) >=
	    (int)sizeof(ret->path))
		return diag_errno(d, ENAMETOOLONG, "cannot write a token beside %s", socket);
	draw(ret->text);
	err = put(ret);
	if (!err)
		return 0;
	token_remove(ret);
	ret->text[0] = 0;
	return diag_errno(d, -err, "cannot write %s", ret->path);
}

void token_remove(struct token *token)
{
	struct stat st;

	if (token->ino && !lstat(token->path, &st) && st.st_dev == token->dev &&
	    st.st_ino == token->ino)
		unlink(token->path);
	token->ino = 0;
}

static bool same(const char *given, const char *text)
{
	volatile unsigned char differs = 0;

	for (size_t i = 0; i < TOKEN_CHARS; i++)
		differs |= (unsigned char)(given[i] ^ text[i]);
	return !differs;
}

bool token_is(const struct token *token, const char *authorization)
{
	const char *given;
	size_t len;

	if (!authorization || strncasecmp(authorization, SCHEME, strlen(SCHEME)) != 0)
		return false;
	given = authorization + strlen(SCHEME);
	len = strspn(given, BLANKS);
	if (!len)
		return false;
	given += len;
	len = strcspn(given, BLANKS);
	return len == TOKEN_CHARS && !given[len + strspn(given + len, BLANKS)] &&
	       same(given, token->text);
}
