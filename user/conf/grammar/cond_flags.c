// SPDX-License-Identifier: GPL-2.0-only
/* The lists of TCP flags: each element a mask, of which a packet has all. */
#include <stdlib.h>
#include <string.h>

#include "conf/grammar/cond_list.h"
#include "conf/grammar/cond_list_internal.h"
#include "conf/grammar/cond_names.h"

static int fail_flags(struct stmt *s, const struct element *e, size_t from, size_t len)
{
	int err = stmt_fail_part(s, e->w, from, len, "TCP flag", flags_list());

	diag_expect(s->d, "flags like syn+ack (both) or fin,rst (one of them), of %s",
		    flags_list());
	return err;
}

/* "syn+ack": all of these. */
static int take_flags(struct stmt *s, struct conf_cond *cond, const struct element *e)
{
	size_t from = e->from, end = e->from + e->len;
	__u32 mask = 0;
	int flag;

	for (; from <= end; from++) {
		const char *text = e->w->text + from;
		const char *plus = memchr(text, '+', end - from);
		size_t len = plus ? (size_t)(plus - text) : end - from;

		flag = flags_find(text, len);
		if (flag < 0 || (!flag && len != e->len))
			return fail_flags(s, e, from, len ? len : 1);
		mask |= (__u32)flag;
		from += len;
	}
	cond->range[cond->count] = (struct conf_range){mask, mask};
	return 0;
}

/* Whether who meets `mask` meets an element before it; "none" is met by nothing else. */
static bool is_more(const struct conf_cond *cond, size_t count, __u32 mask)
{
	for (size_t i = 0; i < count; i++) {
		__u32 less = cond->range[i].first;

		if (less ? (mask & less) == less : !mask)
			return true;
	}
	return false;
}

/* Sorted, without those that ask for more than another one does. */
static void join_flags(struct conf_cond *cond)
{
	size_t count = 0;

	qsort(cond->range, cond->count, sizeof(*cond->range), cond_list_compare_ranges);
	for (size_t i = 0; i < cond->count; i++)
		if (!is_more(cond, count, cond->range[i].first))
			cond->range[count++] = cond->range[i];
	cond->count = count;
}

int cond_take_flags(struct stmt *s, struct conf_cond *cond, __u32 max)
{
	int err = cond_list_require(s, "list of TCP flags");

	if (!err)
		err = cond_list_take_ranges(s, cond, max, take_flags);
	if (!err)
		join_flags(cond);
	return err;
}
