/* SPDX-License-Identifier: GPL-2.0-only */
/* What packets of an established session can look like, as far as a rule set tells them apart.
 *
 * The peer and its port are known, and that they are whole TCP packets with ACK and without SYN, RST
 * and FIN. Interface, VLAN, length, source port, destination and the other flags are not: of each
 * that conditions look at there is one value of each kind that the limits which can judge the
 * session make a difference between, in all combinations.
 */
#ifndef RLD_TRIAL_SHAPES_H
#define RLD_TRIAL_SHAPES_H

#include "base/frame.h"
#include "rld/guard/trial_rules.h"

#define TRIAL_SHAPES_MAX 256

struct trial_shape {
	union rl_addr destination;
	__u32 slot;
	__u32 bytes; /* of the frame */
	__u16 sport;
	__u16 vlan; /* RL_VLAN_NONE: untagged */
	__u8 flags;
	__u8 link;
};
struct trial_shapes {
	size_t count;
	bool all; /* there are no more */
	struct trial_shape v[TRIAL_SHAPES_MAX];
};

/* -ENOMEM. */
int trial_shapes(const struct conf_image *image, const struct trial_places *places,
		 const struct peer *peer, struct trial_shapes *ret);
int trial_frame(const struct trial_shape *shape, const struct peer *peer, struct frame *f);

#endif
