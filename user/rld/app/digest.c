// SPDX-License-Identifier: GPL-2.0-only
/* Digests of applications' keys, and the file of their secret: 32 hexadecimal digits. */
#include "rld/app/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/replace.h"
#include "rld/loop/log.h"
#include "rld/persist/persist_files.h"

#define FILE_NAME "app-secret"
#define TEXT_LEN (2 * DIGEST_SECRET_BYTES)

_Static_assert(DIGEST_SECRET_BYTES == crypto_shorthash_siphashx24_KEYBYTES, "SipHash's key");
_Static_assert(sizeof(union rl_addr) == crypto_shorthash_siphashx24_BYTES, "a digest");

void digest_make(const struct digest_secret *secret, const void *key, size_t len,
		 union rl_addr *ret)
{
	crypto_shorthash_siphashx24(ret->byte, key, len, secret->byte);
}

static int parse(const char *text, ssize_t len, struct digest_secret *ret)
{
	size_t bytes;

	if (len != TEXT_LEN + 1 || text[TEXT_LEN] != '\n' ||
	    sodium_hex2bin(ret->byte, sizeof(ret->byte), text, TEXT_LEN, NULL, &bytes, NULL) ||
	    bytes != sizeof(ret->byte))
		return -EBADMSG;
	return 0;
}

static int read_file(const char *state_dir, struct digest_secret *ret)
{
	_cleanup_close_ int fd = -1;
	char text[TEXT_LEN + 2];
	ssize_t len;
	int err = persist_open(state_dir, FILE_NAME, &fd);

	if (err)
		return err;
	len = read(fd, text, sizeof(text));
	return len < 0 ? -errno : parse(text, len, ret);
}

static int write_file(const char *path, const struct digest_secret *secret)
{
	_cleanup_free_ char *temporary = NULL;
	char text[TEXT_LEN + 1];
	FILE *file;
	int fd;

	if (asprintf(&temporary, "%s.new", path) < 0)
		return -ENOMEM;
	fd = persist_make(temporary, O_WRONLY | O_TRUNC);
	file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!file)
		return -errno;
	fprintf(file, "%s\n",
		sodium_bin2hex(text, sizeof(text), secret->byte, sizeof(secret->byte)));
	return replace_file(file, temporary, path);
}

int digest_secret_load(const char *state_dir, struct digest_secret *ret, struct diag *d)
{
	_cleanup_free_ char *path = persist_path(state_dir, FILE_NAME);
	int err = path ? read_file(state_dir, ret) : -ENOMEM;

	if (!err)
		return 0;
	while (getrandom(ret->byte, sizeof(ret->byte), 0) != sizeof(ret->byte))
		;
	if (err == -ENOENT)
		err = write_file(path, ret);
	if (!err)
		return 0;
	diag_set(d, DIAG_FAILED, "cannot keep the secret of applications' keys in %s: %s",
		 path ? path : state_dir,
		 err == -EBADMSG ? "expected 32 hexadecimal digits" : persist_open_error(err));
	return diag_hint(d, "their counts begin anew at each start; remove it for a new one");
}

int digest_secret_new(const char *state_dir, struct digest_secret **ret)
{
	struct diag d = {0};

	*ret = malloc(sizeof(**ret));
	if (!*ret)
		return -ENOMEM;
	if (digest_secret_load(state_dir, *ret, &d))
		log_line("%s; %s", d.message, d.hint);
	return 0;
}
