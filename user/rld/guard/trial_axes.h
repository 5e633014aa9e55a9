/* SPDX-License-Identifier: GPL-2.0-only */
/* What is not known of a session's packets, a dimension at a time: of each set of limits that its
 * values leave, one. */
#ifndef RLD_TRIAL_AXES_H
#define RLD_TRIAL_AXES_H

#include "rld/guard/trial_rules.h"

#define TRIAL_BYTES 1500 /* where lengths make no difference */
#define TRIAL_AXIS_MAX 64

/* Limits, by their index. */
struct trial_limits {
	__u64 word[RL_LIMITS_MAX / 64];
};

/* Values of one dimension. */
struct trial_axis {
	size_t count;
	bool more; /* than are here */
	struct {
		__u32 value;
		struct trial_limits limits; /* that such a packet leaves */
	} v[TRIAL_AXIS_MAX];
};

struct trial_axes {
	const struct rl_rules *rules;
	const struct conf_image *image;
	const struct peer *peer;
	struct trial_limits known; /* what can judge the session, by what is known */
	struct trial_axis place, vlan, length, sport, flags, destination;
};

/* All but the lengths. Values of `place` are slots, those of `destination` are for
 * trial_destination(). */
void trial_axes(const struct conf_image *image, const struct trial_places *places,
		const struct peer *peer, struct trial_axes *ret);
union rl_addr trial_destination(const struct trial_axes *axes, __u32 nth);
/* Of frames with so many bytes before the IP header. */
void trial_lengths(struct trial_axes *axes, __u32 before_ip);

#endif
