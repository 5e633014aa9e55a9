/* SPDX-License-Identifier: GPL-2.0-only */
/* Where event lines go: stderr, files, syslog; any number, none of which may block the loop.
 *
 *   1. A sink that fails is left alone for a while, longer each time, and then tried again, without
 *      anybody's help: opened anew, and told how many events it has missed.
 *   2. What a sink missed is counted, and no event is missed unseen.
 */
#ifndef RLD_SINK_H
#define RLD_SINK_H

#include "conf/model/conf.h"
#include "rld/loop/loop.h"

struct sinks;

/* A sink has missed `lost` events and may take one again: to be told to it, and to the others. */
typedef void (*sinks_lost_fn)(void *ctx, const char *name, __u64 lost);

struct sinks *sinks_new(struct loop *loop);
void sinks_free(struct sinks *sinks);
void sinks_tell(struct sinks *sinks, sinks_lost_fn fn, void *ctx);
/* Whether somebody who is not root may have `log` say so: files have to be in the log directory,
 * unless one of `known` names them. */
int sinks_check_place(const struct conf_options *options, const struct conf_options *const known[2],
		      struct diag *d);
/* Tries out what `log` names. */
int sinks_check(const struct conf_options *options, struct diag *d);
/* Opens what `log` names; those that were open before stay so. One that cannot be opened has failed
 * as if it had later. */
void sinks_open(struct sinks *sinks, const struct conf_options *options);
void sinks_reopen(struct sinks *sinks); /* files anew, after a rotation */
/* `line` ends with a newline. */
void sinks_write(struct sinks *sinks, const char *line);

enum sink_state { SINK_OPEN, SINK_FAILED, SINK_OFF };
struct sink_view {
	const char *name; /* as in the option */
	enum sink_state state;
	int error;	/* why it failed last; 0: it has not */
	__u64 lost;	/* lines that it did not take */
	__u64 retry_ns; /* until it is tried again */
};
size_t sinks_count(const struct sinks *sinks);
void sinks_view(const struct sinks *sinks, size_t i, struct sink_view *ret);
__u64 sinks_lost(const struct sinks *sinks); /* of all, those too that are no sinks any more */

#endif
