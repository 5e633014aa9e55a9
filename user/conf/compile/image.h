/* SPDX-License-Identifier: GPL-2.0-only */
/* What one generation of rules is made of, on its way from a configuration to the kernel. */
#ifndef CONF_IMAGE_H
#define CONF_IMAGE_H

#include <stddef.h>

#include "base/addr.h"
#include "rl/abi.h"

/* A prefix of a set that the program looks up. */
struct conf_prefix {
	struct addr_prefix prefix;
	__u32 row;
};
struct conf_prefixes {
	struct conf_prefix *v; /* owned */
	size_t count;
	__u32 none; /* the row of what is in none of them */
};

/* Everything that one generation is made of. */
struct conf_image {
	struct rl_rules *rules; /* owned; generation and set ids are filled by dp; ids and slots by
				   the caller */
	__u32 rows_used;	/* words of rules->row in use */
	struct conf_prefixes source;	  /* of conditions src */
	struct conf_prefixes destination; /* of conditions dst */
};
void conf_image_done(struct conf_image *image);

#endif
