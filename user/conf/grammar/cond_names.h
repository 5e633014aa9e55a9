/* SPDX-License-Identifier: GPL-2.0-only */
/* Names in the lists of conditions: protocols and TCP flags. */
#ifndef CONF_COND_NAMES_H
#define CONF_COND_NAMES_H

#include <linux/types.h>
#include <stddef.h>

/* Protocols, by their names in IANA's registry and /etc/protocols. */
int proto_find(const char *text, size_t len); /* its number, or -ENOENT */
const char *proto_name(__u32 proto);	      /* or NULL */
const char *proto_list(void);		      /* all names, with blanks between */
#define PROTO_NAMES_MAX 16
size_t proto_names(const char *ret[static PROTO_NAMES_MAX]); /* their number */

/* TCP flags (RFC 9293, RFC 3168), as bits of the header's byte: 0 for "none", or -ENOENT. */
int flags_find(const char *text, size_t len);
const char *flags_list(void);
/* "syn+ack"; "none" for 0. */
#define FLAGS_TEXT 40
const char *flags_format(__u32 flags, char buf[static FLAGS_TEXT]);

#endif
