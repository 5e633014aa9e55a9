// SPDX-License-Identifier: GPL-2.0-only
/* Whether a configuration may name its sinks, and whether they can be written to. */
#include <errno.h>
#include <string.h>

#include "rl/proto.h"
#include "rld/events/sink.h"
#include "rld/events/sink_fd.h"

static int check_one(const char *name, struct diag *d)
{
	struct sink_fd fd;
	int err;

	sink_fd_init(&fd, name);
	err = sink_fd_open(&fd);
	sink_fd_close(&fd);
	if (!err)
		return 0;
	diag_set(d, DIAG_FAILED, "cannot log events to %s: %s", name, strerror(-err));
	diag_hint(d, "%s", sink_fd_hint(&fd));
	return err;
}

static bool names(const struct conf_options *options, const char *name)
{
	for (size_t i = 0; i < options->logs; i++)
		if (!strcmp(options->log[i], name))
			return true;
	return false;
}

int sinks_check_place(const struct conf_options *options, const struct conf_options *const known[2],
		      struct diag *d)
{
	for (size_t i = 0; i < options->logs; i++) {
		const char *name = options->log[i];

		if (sink_fd_is_tame(name) || names(known[0], name) || names(known[1], name))
			continue;
		diag_set(d, DIAG_PERMISSION, "%s is not below " RL_LOG_DIR, name);
		diag_hint(d, "only root may have events logged elsewhere, by a command or in a "
			     "configuration file");
		return -EPERM;
	}
	return 0;
}

int sinks_check(const struct conf_options *options, struct diag *d)
{
	int err = 0;

	for (size_t i = 0; !err && i < options->logs; i++)
		err = check_one(options->log[i], d);
	return err;
}
