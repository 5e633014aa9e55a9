// SPDX-License-Identifier: GPL-2.0-only
/* A bounded heap: an offer beats the lowest of those that are kept, or is forgotten. */
#include "rld/sources/topn.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/array.h"

static void swap(struct topn_source *a, struct topn_source *b)
{
	struct topn_source other = *a;

	*a = *b;
	*b = other;
}

static void sift_down(struct topn_source *heap, size_t count, size_t i)
{
	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= count)
			return;
		if (child + 1 < count && heap[child + 1].rank < heap[child].rank)
			child++;
		if (heap[i].rank <= heap[child].rank)
			return;
		swap(&heap[i], &heap[child]);
		i = child;
	}
}

static void sift_up(struct topn_source *heap, size_t i)
{
	while (i && heap[(i - 1) / 2].rank > heap[i].rank) {
		swap(&heap[(i - 1) / 2], &heap[i]);
		i = (i - 1) / 2;
	}
}

static bool grow(struct topn *topn)
{
	struct topn_source *v = array_grow(topn->v, &topn->size, topn->count, sizeof(*v));

	if (v)
		topn->v = v;
	return v;
}

void topn_offer(struct topn *topn, __u64 rank, const struct rl_key *key,
		const struct rl_state *state)
{
	struct topn_source source = {.rank = rank, .key = *key, .state = *state};

	if (topn->count < topn->max && grow(topn)) {
		topn->v[topn->count] = source;
		sift_up(topn->v, topn->count++);
	} else if (topn->count && rank > topn->v[0].rank) {
		topn->v[0] = source;
		sift_down(topn->v, topn->count, 0);
	}
}

static int by_rank(const void *a, const void *b)
{
	const struct topn_source *left = a;
	const struct topn_source *right = b;

	return (left->rank < right->rank) - (left->rank > right->rank);
}

void topn_sort(struct topn *topn)
{
	if (topn->count)
		qsort(topn->v, topn->count, sizeof(*topn->v), by_rank);
}

void topn_done(struct topn *topn)
{
	free(topn->v);
	*topn = (struct topn){0};
}
