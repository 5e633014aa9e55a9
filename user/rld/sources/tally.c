// SPDX-License-Identifier: GPL-2.0-only
/* A tree of sources by key. */
#include "rld/sources/tally.h"

#include <errno.h>
#include <search.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct node {
	struct rl_key key; /* first: what the tree compares */
	struct rl_state state;
};

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct rl_key));
}

static void add(struct rl_state *to, const struct rl_state *from)
{
	to->pass_packets += from->pass_packets;
	to->pass_bytes += from->pass_bytes;
	to->drop_packets += from->drop_packets;
	to->drop_bytes += from->drop_bytes;
	to->would_packets += from->would_packets;
	if (!to->first_seen || from->first_seen < to->first_seen)
		to->first_seen = from->first_seen;
	if (from->last_seen > to->last_seen)
		to->last_seen = from->last_seen;
}

int tally_add(struct tally *tally, const struct rl_key *key, const struct rl_state *state)
{
	struct node *node = calloc(1, sizeof(*node));
	struct node **place;
	bool fresh;

	if (!node)
		return -ENOMEM;
	node->key = *key;
	place = tsearch(node, &tally->root, compare);
	fresh = place && *place == node;
	if (!fresh)
		free(node);
	if (!place)
		return -ENOMEM;
	tally->count += fresh;
	add(&(*place)->state, state);
	return 0;
}

static void offer(const void *place, VISIT visit, void *top)
{
	const struct node *node = *(struct node *const *)place;

	if (visit == postorder || visit == leaf)
		topn_offer(top, node->state.drop_packets + node->state.would_packets, &node->key,
			   &node->state);
}

void tally_offer(const struct tally *tally, struct topn *top)
{
	twalk_r(tally->root, offer, top);
}

void tally_done(struct tally *tally)
{
	tdestroy(tally->root, free);
	*tally = (struct tally){0};
}
