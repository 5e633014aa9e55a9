// SPDX-License-Identifier: GPL-2.0-only
/* The allow and the deny list into sets of their own, at leisure. */
#include "dp/fill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void choose_filter(struct dp_fill *fill)
{
	struct dp *dp = fill->dp;
	__u32 active = dp_rules(dp)->filter % RL_FILTERS, other = !active;

	/* Bits of what is gone stay until all that there is goes into a filter anew. */
	fill->fresh = fill->renew[DP_SET_ALLOW] && fill->renew[DP_SET_DENY] &&
		      dp_filter_is_idle(dp, other);
	fill->filter_at = fill->fresh ? other : active;
}

int dp_fill_begin(struct dp *dp, const bool renew[static DP_LISTS], struct dp_fill **ret,
		  struct diag *d)
{
	struct dp_fill *fill = dp->fill ? NULL : calloc(1, sizeof(*fill));

	if (!fill)
		return diag_errno(d, dp->fill ? EBUSY : ENOMEM, "cannot fill the lists");
	fill->dp = dp;
	for (int s = 0; s < DP_LISTS; s++) {
		fill->renew[s] = renew[s];
		fill->id[s] = renew[s] ? dp->identity->next_set_id++ : 0;
	}
	choose_filter(fill);
	fill->prefixes_fd = fcntl(bpf_map__fd(dp->skel->maps.prefixes), F_DUPFD_CLOEXEC, 0);
	fill->filter = dp_memory_map(dp->skel->maps.filters, fill->filter_at, 1);
	dp->fill = fill;
	if (fill->prefixes_fd < 0 || !fill->filter) {
		dp_fill_end(fill);
		return diag_errno(d, ENOMEM, "cannot map the filter of prefixes");
	}
	if (fill->fresh)
		memset(fill->filter, 0, sizeof(*fill->filter));
	*ret = fill;
	return 0;
}

int dp_fill_add(struct dp_fill *fill, enum dp_set set, const struct dp_prefix *v, size_t count,
		struct diag *d)
{
	const struct dp_prefixes prefixes = {.v = v, .count = count};

	if (!count)
		return 0;
	for (size_t i = 0; i < count; i++)
		dp_filter_add(fill->filter, &v[i]);
	if (dp_sets_put(fill->prefixes_fd, fill->id[set], &prefixes, !fill->used[set]))
		return diag_errno(d, errno, "the table of prefixes cannot hold all entries");
	fill->used[set] = true;
	return 0;
}

__u32 dp_fill_id(const struct dp_fill *fill, enum dp_set set, __u32 old)
{
	if (!fill || !fill->renew[set])
		return old;
	return fill->used[set] ? fill->id[set] : 0;
}

void dp_fill_end(struct dp_fill *fill)
{
	struct dp *dp = fill ? fill->dp : NULL;

	if (!fill)
		return;
	dp->fill = NULL;
	dp->sets_dead |= !fill->published;
	dp_memory_unmap(dp->skel->maps.filters, fill->filter, 1);
	if (fill->prefixes_fd >= 0)
		close(fill->prefixes_fd);
	free(fill);
}
