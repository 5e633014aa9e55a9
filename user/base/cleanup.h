/* SPDX-License-Identifier: GPL-2.0-only */
/* Resources that go with the block that holds them, instead of ladders of goto. */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_free_ptr(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_fclose_ptr(FILE **f)
{
	if (*f)
		fclose(*f);
}

static inline void cleanup_close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#define _cleanup_(function) __attribute__((cleanup(function)))
#define _cleanup_free_ _cleanup_(cleanup_free_ptr)
#define _cleanup_fclose_ _cleanup_(cleanup_fclose_ptr)
#define _cleanup_close_ _cleanup_(cleanup_close_fd) /* a descriptor that starts at -1 */

/* The pointer's value; the variable is left NULL, so that its cleanup does nothing. */
#define TAKE_PTR(p)                                                                                \
	({                                                                                         \
		__typeof__(p) taken_ = (p);                                                        \
		(p) = NULL;                                                                        \
		taken_;                                                                            \
	})

#endif
