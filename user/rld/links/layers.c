// SPDX-License-Identifier: GPL-2.0-only
/* The ways of packets through devices: from a port to what it is a port of, and from a device to
 * the VLANs and the like that are made on it. */
#include "rld/links/layers.h"

#include <stdlib.h>
#include <string.h>

/* Made on another device, whose packets they get. Tunnels get others, those inside, and so does
 * MACsec, whose packets are sealed below. */
static const char *const slices[] = {"vlan", "macvlan", "macvtap", "ipvlan", "ipvtap", NULL};

/* Masters that run no program of their own on what their ports get: a VRF is a table of routes, and
 * where Open vSwitch takes a packet is said by its flows. */
static const char *const bystanders[] = {"vrf", "openvswitch", NULL};

enum { UP = 1, DOWN = 2 };

/* What comes in on one comes to the other then; positions. */
struct step {
	size_t low;
	size_t high;
};

struct layers {
	struct dp_device *device; /* by ifindex */
	__u8 *marks;		  /* UP, DOWN: how the walk came to each */
	size_t count;
	struct step *steps;
	size_t steps_count;
};

static bool is_kind(const struct dp_device *device, const char *const kinds[])
{
	for (size_t i = 0; kinds[i]; i++)
		if (!strcmp(device->kind, kinds[i]))
			return true;
	return false;
}

static int compare(const void *a, const void *b)
{
	const struct dp_device *x = a, *y = b;

	return x->ifindex < y->ifindex ? -1 : x->ifindex > y->ifindex;
}

static bool find(const struct layers *layers, __u32 ifindex, size_t *ret)
{
	const struct dp_device key = {.ifindex = ifindex};
	const struct dp_device *at =
		bsearch(&key, layers->device, layers->count, sizeof(key), compare);

	if (at)
		*ret = (size_t)(at - layers->device);
	return at != NULL;
}

static void add_steps(struct layers *layers, size_t i)
{
	const struct dp_device *device = &layers->device[i];
	size_t at;

	if (is_kind(device, slices) && find(layers, device->lower, &at))
		layers->steps[layers->steps_count++] = (struct step){.low = at, .high = i};
	if (find(layers, device->master, &at) && !is_kind(&layers->device[at], bystanders))
		layers->steps[layers->steps_count++] = (struct step){.low = i, .high = at};
}

struct layers *layers_new(struct dp_device *v, size_t count)
{
	struct layers *layers = calloc(1, sizeof(*layers));

	if (!layers) {
		free(v);
		return NULL;
	}
	layers->device = v;
	layers->count = count;
	layers->marks = calloc(count, 1);
	layers->steps = calloc(2 * count, sizeof(*layers->steps));
	if (!layers->marks || !layers->steps) {
		layers_free(layers);
		return NULL;
	}
	qsort(v, count, sizeof(*v), compare);
	for (size_t i = 0; i < count; i++)
		add_steps(layers, i);
	return layers;
}

void layers_free(struct layers *layers)
{
	if (!layers)
		return;
	free(layers->device);
	free(layers->marks);
	free(layers->steps);
	free(layers);
}

/* Goes on in one direction from where it got to. False: it is at the end. */
static bool go_on(struct layers *layers, __u8 direction)
{
	bool went = false;

	for (size_t i = 0; i < layers->steps_count; i++) {
		const struct step *step = &layers->steps[i];
		size_t from = direction == UP ? step->low : step->high;
		size_t to = direction == UP ? step->high : step->low;

		if (!(layers->marks[from] & direction) || layers->marks[to] & direction)
			continue;
		layers->marks[to] |= direction;
		went = true;
	}
	return went;
}

void layers_walk(struct layers *layers, __u32 ifindex)
{
	size_t start;

	memset(layers->marks, 0, layers->count);
	if (!find(layers, ifindex, &start))
		return;
	/* Each direction by itself: what shares only the device above or below is not met. */
	layers->marks[start] = UP | DOWN;
	while (go_on(layers, UP))
		;
	while (go_on(layers, DOWN))
		;
}

bool layers_met(const struct layers *layers, __u32 ifindex)
{
	size_t at;

	return find(layers, ifindex, &at) && layers->marks[at];
}
