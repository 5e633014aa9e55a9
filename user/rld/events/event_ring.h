/* SPDX-License-Identifier: GPL-2.0-only */
/* The last events of one kind: the oldest makes room for the next. */
#ifndef RLD_EVENT_RING_H
#define RLD_EVENT_RING_H

#include <stdbool.h>

#include "base/addr.h"
#include "base/json.h"

struct event_kept {
	json_t *event; /* NULL: none yet */
	__u64 sequence;
	__s64 wall_ns;
	struct addr_prefix about;
	bool has_source;
};

struct event_ring {
	struct event_kept *kept;
	size_t size, next; /* `next` is the oldest once it is full */
};

int event_ring_init(struct event_ring *ring, size_t size); /* 0 or -ENOMEM */
void event_ring_done(struct event_ring *ring);
/* The place of the next event, with the oldest one in it, which the caller frees. */
struct event_kept *event_ring_oldest(struct event_ring *ring);
/* The oldest one behind the first `taken`. NULL: there is none. */
const struct event_kept *event_ring_at(const struct event_ring *ring, size_t taken);

#endif
