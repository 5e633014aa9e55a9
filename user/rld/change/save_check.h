/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether files say what is at work. */
#ifndef RLD_SAVE_CHECK_H
#define RLD_SAVE_CHECK_H

#include "conf/model/conf.h"

/* Files add and replace, they take nothing away: what commands deleted or put into another order
 * comes back with the next reload, and so does what a file says that is read later. */
struct save_check {
	const struct conf *others; /* what the other files say */
	const struct conf *after;  /* what a reload would bring: they and the one that is saved */
	const struct conf *now;	   /* at work */
	__s64 now_s;
};

/* Before it is written: what a later file says of a limit cannot be changed by an earlier one. */
int save_check_limits(const struct conf *others, const struct conf *now, struct diag *d);
/* 0 if `after` is `now` but for entries with an end. Else -EINVAL, and `d` names the first
 * difference, file and line. */
int save_check(const struct save_check *check, struct diag *d);

#endif
