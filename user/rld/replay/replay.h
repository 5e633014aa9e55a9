/* SPDX-License-Identifier: GPL-2.0-only */
/* `rld --replay`: a capture through the program, by the capture's own clock, in maps of its own.
 * Touches nothing that is pinned, attached or running. */
#ifndef RLD_REPLAY_H
#define RLD_REPLAY_H

#include "rld/rld.h"

#define REPLAY_TOP 10 /* sources, unless told otherwise */

struct replay_options {
	const char *file; /* NULL: no replay; "-": the standard input */
	const char
		*iface; /* what the packets came in on; NULL: the only one of the configuration */
	const char *filter; /* pcap-filter(7), or NULL */
	const char *top;    /* as text; NULL: REPLAY_TOP */
};

/* Prints one answer of schema rld/1 on the standard output. The exit status. */
int replay_run(const struct replay_options *options, const struct rld_options *places);

#endif
