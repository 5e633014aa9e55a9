// SPDX-License-Identifier: GPL-2.0-only
/* A new running.conf: made in memory, written beside the old one, renamed. */
#include "rld/persist/persist_shot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "conf/grammar/grammar.h"
#include "rld/persist/dropped.h"

static int copy_head(const struct persist_head *from, struct persist_head *to)
{
	*to = *from;
	to->unsaved = from->unsaved ? strdup(from->unsaved) : NULL;
	return from->unsaved && !to->unsaved ? -ENOMEM : 0;
}

struct persist_shot *persist_shot_take(const struct rld *rld, const struct persist_head *head)
{
	struct persist_shot *shot = calloc(1, sizeof(*shot));

	if (!shot)
		return NULL;
	shot->dir = rld->options.state_dir;
	shot->clock = rld->clock;
	shot->conf = conf_copy(rld->conf);
	shot->files = rld->files ? conf_copy(rld->files) : NULL;
	if (shot->conf && (shot->files || !rld->files) && !copy_head(head, &shot->head))
		return shot;
	persist_shot_free(shot);
	return NULL;
}

void persist_shot_free(struct persist_shot *shot)
{
	if (!shot)
		return;
	persist_head_done(&shot->head);
	conf_free(shot->conf);
	conf_free(shot->files);
	free(shot);
}

/* While the files cannot be read it stays as it was. */
static void renew_unsaved(struct persist_shot *shot)
{
	char *text = shot->files ? dropped_diff(shot->files, shot->conf) : NULL;

	if (!text)
		return;
	persist_head_done(&shot->head);
	shot->head.unsaved = text;
}

static char *make_text(struct persist_shot *shot, size_t *ret_len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, ret_len);

	if (!out)
		return NULL;
	renew_unsaved(shot);
	shot->head.written = clock_moment();
	persist_head_write(&shot->head, out);
	conf_export_left(shot->conf, clock_now_s(&shot->clock), out);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}

static int write_file(const char *dir, const char *text, size_t len)
{
	_cleanup_free_ char *path = persist_path(dir, PERSIST_SNAPSHOT);
	_cleanup_free_ char *temporary = persist_path(dir, PERSIST_SNAPSHOT ".new");
	int fd, err;

	if (!path || !temporary)
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

void persist_shot_write(struct persist_shot *shot)
{
	struct persist_order *order = shot->order;
	size_t len;
	_cleanup_free_ char *text = make_text(shot, &len);

	pthread_mutex_lock(&order->lock);
	if (order->written > shot->number)
		shot->err = -ESTALE;
	else
		shot->err = text ? write_file(shot->dir, text, len) : -ENOMEM;
	if (!shot->err)
		order->written = shot->number;
	pthread_mutex_unlock(&order->lock);
}
