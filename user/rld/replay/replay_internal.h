/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of a replay share. */
#ifndef RLD_REPLAY_INTERNAL_H
#define RLD_REPLAY_INTERNAL_H

#include "base/json.h"
#include "rld/replay/replay.h"
#include "rld/replay/replay_frame.h"
#include "rld/replay/replay_pcap.h"
#include "rld/sources/tally.h"

struct replay {
	const struct replay_options *options;
	struct rld rld; /* of it: options, conf and dp */
	size_t top;
	char iface[IF_NAMESIZE]; /* empty: none */
	__u32 slot;		 /* under which the program counts: that of the interface, or 0 */
	struct capture *capture;
	struct replay_frame frame;
	struct replay_clock clock;
	__u64 first_ns; /* of the clock; 0: no record came */
	__u64 pass_ns;	/* when sources are to be forgotten next */
	__u64 records[REPLAY_FATE_COUNT];
	__u64 cut;	   /* of those that were run */
	struct tally gone; /* sources that the table has forgotten */
	__u64 forgotten;
};

/* Loads the configuration as of the capture's begin, and the program with it. */
int replay_rules(struct replay *replay, struct diag *d);
/* Moves the counts of what the table holds to the tally: of idle sources, which it then forgets. */
int replay_forget(struct replay *replay, __u64 now_ns, struct diag *d);
/* The "data" of the answer. NULL on failure. */
json_t *replay_view(struct replay *replay, struct diag *d);

#endif
