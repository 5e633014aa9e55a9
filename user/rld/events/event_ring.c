// SPDX-License-Identifier: GPL-2.0-only
/* A ring of events. */
#include "rld/events/event_ring.h"

#include <errno.h>
#include <stdlib.h>

int event_ring_init(struct event_ring *ring, size_t size)
{
	ring->size = size;
	ring->kept = calloc(size, sizeof(*ring->kept));
	return ring->kept ? 0 : -ENOMEM;
}

void event_ring_done(struct event_ring *ring)
{
	for (size_t i = 0; ring->kept && i < ring->size; i++)
		json_decref(ring->kept[i].event);
	free(ring->kept);
}

struct event_kept *event_ring_oldest(struct event_ring *ring)
{
	struct event_kept *kept = &ring->kept[ring->next];

	ring->next = (ring->next + 1) % ring->size;
	return kept;
}

const struct event_kept *event_ring_at(const struct event_ring *ring, size_t taken)
{
	bool full = ring->kept[ring->next].event;
	size_t first = full ? ring->next : 0;

	if (taken >= (full ? ring->size : ring->next))
		return NULL;
	return &ring->kept[(first + taken) % ring->size];
}
