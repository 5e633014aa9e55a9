// SPDX-License-Identifier: GPL-2.0-only
/* Budgets of refused commands. */
#include "rld/events/refusals.h"

#include <stddef.h>

/* A user whose budget is whole, and who has nothing untold, is as good as one never heard of. */
static bool is_free(const struct refusals_user *user, __u64 now_ns)
{
	return !user->used || (!user->untold && user->full_ns <= now_ns);
}

static struct refusals_user *user_of(struct refusals *refusals, __u32 uid, __u64 now_ns)
{
	struct refusals_user *place = NULL;

	for (size_t i = 0; i < REFUSALS_USERS; i++) {
		struct refusals_user *user = &refusals->user[i];

		if (user->used && user->uid == uid)
			return user;
		if (!place && is_free(user, now_ns))
			place = user;
	}
	if (!place)
		return &refusals->user[REFUSALS_USERS];
	*place = (struct refusals_user){.uid = uid, .used = true};
	return place;
}

bool refusals_take(struct refusals *refusals, __u32 uid, __u64 now_ns, __u64 *ret_untold)
{
	struct refusals_user *user = user_of(refusals, uid, now_ns);
	__u64 full_ns = user->full_ns > now_ns ? user->full_ns : now_ns;

	if (full_ns - now_ns > (REFUSALS_BURST - 1) * REFUSALS_EACH_NS) {
		user->untold++;
		return false;
	}
	user->full_ns = full_ns + REFUSALS_EACH_NS;
	*ret_untold = user->untold;
	user->untold = 0;
	return true;
}
