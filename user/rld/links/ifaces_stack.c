// SPDX-License-Identifier: GPL-2.0-only
/* Bridges and their ports, VLANs and their parents: a packet that goes through two interfaces is
 * seen by the program on each. */
#include "rld/links/ifaces_stack.h"

#include <stdio.h>
#include <stdlib.h>

#include "rld/links/layers.h"

#define NAMED 4 /* of those that are met; the others are a number */

struct ifaces_stack {
	struct layers *layers;
	struct dp_iface attached[RL_IFACES_MAX];
	size_t count;
};

struct ifaces_stack *ifaces_stack_new(struct dp *dp)
{
	struct ifaces_stack *stack = calloc(1, sizeof(*stack));
	struct dp_device *v;
	size_t count;

	if (!stack)
		return NULL;
	stack->count = dp_ifaces(dp, stack->attached);
	if (stack->count > 1 && !dp_devices(&v, &count))
		stack->layers = layers_new(v, count);
	if (stack->layers)
		return stack;
	ifaces_stack_free(stack);
	return NULL;
}

void ifaces_stack_free(struct ifaces_stack *stack)
{
	if (stack)
		layers_free(stack->layers);
	free(stack);
}

/* "a", "a and b", "a, b and c", "a, b, c, d and 3 more" */
static void list_names(const struct dp_iface *const met[], size_t count, char *buf, size_t size)
{
	size_t named = count > NAMED ? NAMED : count, used = 0;

	for (size_t i = 0; i < named && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s",
					 !i		  ? ""
					 : i == count - 1 ? " and "
							  : ", ",
					 met[i]->name);
	if (count > named && used < size)
		snprintf(buf + used, size - used, " and %zu more", count - named);
}

bool ifaces_stacked(struct ifaces_stack *stack, const struct dp_iface *iface, char *buf,
		    size_t size)
{
	const struct dp_iface *met[RL_IFACES_MAX];
	char names[(NAMED + 1) * 24];
	size_t count = 0;

	layers_walk(stack->layers, iface->ifindex);
	for (size_t i = 0; i < stack->count; i++)
		if (stack->attached[i].ifindex != iface->ifindex &&
		    layers_met(stack->layers, stack->attached[i].ifindex))
			met[count++] = &stack->attached[i];
	list_names(met, count, names, sizeof(names));
	if (count == 1)
		snprintf(buf, size,
			 "packets of %s go through %s as well, which is attached too: limits count "
			 "them twice; detach one of the two",
			 iface->name, names);
	else if (count)
		snprintf(buf, size,
			 "packets of %s go through %s as well, which are attached too: limits "
			 "count them on each; detach %s or those",
			 iface->name, names, iface->name);
	return count;
}
