// SPDX-License-Identifier: GPL-2.0-only
/* All combinations of what may be so or not, and frames of them. */
#include "rld/guard/trial_shapes.h"

#include <errno.h>
#include <linux/if_ether.h>

#include "base/cleanup.h"
#include "rld/guard/trial_axes.h"

#define TAG_BYTES 4

struct shaping {
	struct trial_axes axes;
	struct trial_shapes *ret;
};

static void add(struct shaping *s, const struct trial_shape *shape)
{
	struct trial_shapes *ret = s->ret;

	if (ret->count < TRIAL_SHAPES_MAX)
		ret->v[ret->count++] = *shape;
	else
		ret->all = false;
}

/* All that come by one place with one tag or none. */
static void combine(struct shaping *s, struct trial_shape shape)
{
	struct trial_axes *axes = &s->axes;
	bool tagged = shape.vlan != RL_VLAN_NONE;

	trial_lengths(axes, (shape.link == RL_LINK_IP ? 0 : ETH_HLEN) + (tagged ? TAG_BYTES : 0));
	for (size_t l = 0; l < axes->length.count; l++) {
		for (size_t p = 0; p < axes->sport.count; p++) {
			for (size_t i = 0; i < axes->flags.count * axes->destination.count; i++) {
				size_t f = i % axes->flags.count, to = i / axes->flags.count;

				shape.bytes = axes->length.v[l].value;
				shape.sport = (__u16)axes->sport.v[p].value;
				shape.flags = (__u8)axes->flags.v[f].value;
				shape.destination =
					trial_destination(axes, axes->destination.v[to].value);
				add(s, &shape);
			}
		}
	}
	s->ret->all &= !axes->length.more;
}

static __u8 link_of(const struct trial_places *places, __u32 slot)
{
	for (size_t i = 0; i < places->count; i++)
		if (places->v[i].slot == slot)
			return (__u8)places->v[i].link;
	return RL_LINK_ETHERNET;
}

int trial_shapes(const struct conf_image *image, const struct trial_places *places,
		 const struct peer *peer, struct trial_shapes *ret)
{
	_cleanup_free_ struct shaping *s = calloc(1, sizeof(*s));
	struct trial_axes *axes;

	if (!s)
		return -ENOMEM;
	axes = &s->axes;
	trial_axes(image, places, peer, axes);
	s->ret = ret;
	ret->count = 0;
	ret->all = !axes->place.more && !axes->vlan.more && !axes->sport.more &&
		   !axes->flags.more && !axes->destination.more;
	for (size_t p = 0; p < axes->place.count; p++) {
		for (size_t v = 0; v < axes->vlan.count; v++) {
			struct trial_shape shape = {
				.slot = axes->place.v[p].value,
				.vlan = (__u16)axes->vlan.v[v].value,
			};

			shape.link = link_of(places, shape.slot);
			if (shape.link != RL_LINK_IP || shape.vlan == RL_VLAN_NONE)
				combine(s, shape);
		}
	}
	return 0;
}

int trial_frame(const struct trial_shape *shape, const struct peer *peer, struct frame *f)
{
	static const __u8 nobody[6];

	frame_new(f);
	if (shape->link != RL_LINK_IP)
		frame_ethernet(f, nobody, nobody);
	if (shape->vlan != RL_VLAN_NONE)
		frame_vlan(f, ETH_P_8021Q, shape->vlan);
	frame_ip(f, &peer->addr, &shape->destination);
	frame_tcp(f, shape->sport, peer->port, shape->flags);
	frame_put(f, NULL, shape->bytes - f->len);
	return frame_end(f);
}
