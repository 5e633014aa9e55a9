// SPDX-License-Identifier: GPL-2.0-only
/* A new running.conf: made in memory, written beside the old one, renamed. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "conf/grammar/grammar.h"
#include "rld/persist/dropped.h"
#include "rld/persist/persist.h"

/* While the files cannot be read it stays as it was. */
static void renew_unsaved(const struct rld *rld, struct persist_head *head)
{
	char *text = rld->files ? dropped_diff(rld->files, rld->conf) : NULL;

	if (!text)
		return;
	persist_head_done(head);
	head->unsaved = text;
}

static char *snapshot_text(const struct rld *rld, struct persist_head *head, size_t *ret_len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, ret_len);

	if (!out)
		return NULL;
	renew_unsaved(rld, head);
	head->written = clock_moment();
	persist_head_write(head, out);
	conf_export_left(rld->conf, clock_now_s(&rld->clock), out);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}

int persist_snapshot(const struct rld *rld, struct persist_head *head)
{
	const char *dir = rld->options.state_dir;
	_cleanup_free_ char *path = persist_path(dir, PERSIST_SNAPSHOT);
	_cleanup_free_ char *temporary = persist_path(dir, PERSIST_SNAPSHOT ".new");
	size_t len;
	_cleanup_free_ char *text = snapshot_text(rld, head, &len);
	int fd, err;

	if (!path || !temporary || !text)
		return -ENOMEM;
	fd = persist_make(temporary, O_WRONLY | O_TRUNC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	err = persist_snapshot_write(fd, text, len);
	if (close(fd) && !err)
		err = -errno;
	if (!err && rename(temporary, path))
		err = -errno;
	if (err)
		unlink(temporary);
	return err;
}
