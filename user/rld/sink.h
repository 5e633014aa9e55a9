/* SPDX-License-Identifier: GPL-2.0-only */
/* Where event lines go: stderr, files, syslog; any number, none of which may block the loop. */
#ifndef RLD_SINK_H
#define RLD_SINK_H

#include "conf/conf.h"

struct sinks;

struct sinks *sinks_new(void);
void sinks_free(struct sinks *sinks);
/* Opens what `log` names. A sink that cannot be opened is reported, left out, and tried again by
 * the next call. */
void sinks_open(struct sinks *sinks, const struct conf_options *options);
void sinks_reopen(struct sinks *sinks); /* files anew, after a rotation */
/* `line` ends with a newline. */
void sinks_write(struct sinks *sinks, const char *line);
__u64 sinks_lost(
	const struct sinks *sinks); /* lines that a full pipe, disk or socket did not take */

#endif
