/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists of addresses as the world publishes them: a line each. */
#ifndef CONF_LIST_PARSE_H
#define CONF_LIST_PARSE_H

#include "conf/model/conf.h"

#define LIST_PLACES 10		    /* that are told one by one */
#define LIST_PREFIXES_MAX (4 << 20) /* as many as the kernel's table has room for */

/* What of a text was no address, by its place: the words are a stranger's. */
struct list_report {
	size_t bad;
	size_t masked; /* had bits behind their length */
	struct {
		__u32 line;
		__u32 column;
	} place[LIST_PLACES]; /* of the first bad ones */
};

/* Puts into `into`, which is empty, what each line has first: an address, a prefix, ADDR/NETMASK,
 * "ADDR NETMASK" or a range A-B; IPv4 and IPv6. "#", ";" and "//" begin a comment, and what else
 * follows is another column. 0, -E2BIG or -ENOMEM. */
int list_parse(const char *text, size_t len, struct conf_list *into, struct list_report *ret);

#endif
