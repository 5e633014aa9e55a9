/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes on their way in or out: appended at the end, taken from the front. */
#ifndef RLD_BUFFER_H
#define RLD_BUFFER_H

#include <stddef.h>

struct buffer {
	char *data;
	size_t start;
	size_t end;
	size_t size;
};

/* Room for `len` bytes at data + end; -ENOMEM. */
int buffer_reserve(struct buffer *buffer, size_t len);
/* Takes `data`, of malloc(), over, without a copy if the buffer is empty. */
int buffer_adopt(struct buffer *buffer, char *data, size_t len);
int buffer_append(struct buffer *buffer, const char *data, size_t len);
void buffer_take(struct buffer *buffer, size_t len);
size_t buffer_len(const struct buffer *buffer);
void buffer_done(struct buffer *buffer);

#endif
