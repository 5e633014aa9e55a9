/* SPDX-License-Identifier: GPL-2.0-only */
/* Arrays that grow. */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include <stdlib.h>

/* Room for one more than `count` elements of so many bytes, of *size that there is room for. The
 * array, which may have moved; NULL: no memory, and all is as it was. */
static inline void *array_grow(void *v, size_t *size, size_t count, size_t bytes)
{
	size_t room = *size ? 2 * *size : 16;

	if (count < *size)
		return v;
	v = reallocarray(v, room, bytes);
	if (v)
		*size = room;
	return v;
}

#endif
