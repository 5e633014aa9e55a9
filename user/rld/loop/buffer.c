// SPDX-License-Identifier: GPL-2.0-only
/* A byte queue in one piece of memory. */
#include "rld/loop/buffer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define KEEP 65536 /* memory of an empty buffer beyond which it is given back */

int buffer_reserve(struct buffer *buffer, size_t len)
{
	size_t need = buffer->end + len;
	size_t size = buffer->size ? buffer->size : 1024;
	char *data;

	if (buffer->start && need > buffer->size) {
		memmove(buffer->data, buffer->data + buffer->start, buffer_len(buffer));
		buffer->end -= buffer->start;
		buffer->start = 0;
		need = buffer->end + len;
	}
	if (need <= buffer->size)
		return 0;
	while (size < need)
		size *= 2;
	data = realloc(buffer->data, size);
	if (!data)
		return -ENOMEM;
	buffer->data = data;
	buffer->size = size;
	return 0;
}

int buffer_append(struct buffer *buffer, const char *data, size_t len)
{
	int err = buffer_reserve(buffer, len);

	if (err)
		return err;
	memcpy(buffer->data + buffer->end, data, len);
	buffer->end += len;
	return 0;
}

int buffer_adopt(struct buffer *buffer, char *data, size_t len)
{
	int err = 0;

	if (buffer_len(buffer)) {
		err = buffer_append(buffer, data, len);
		free(data);
	} else {
		free(buffer->data);
		*buffer = (struct buffer){.data = data, .end = len, .size = len};
	}
	return err;
}

void buffer_take(struct buffer *buffer, size_t len)
{
	buffer->start += len;
	if (buffer->start != buffer->end)
		return;
	buffer->start = 0;
	buffer->end = 0;
	if (buffer->size > KEEP)
		buffer_done(buffer);
}

size_t buffer_len(const struct buffer *buffer)
{
	return buffer->end - buffer->start;
}

void buffer_done(struct buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct buffer){0};
}
