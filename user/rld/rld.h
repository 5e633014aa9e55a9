/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the daemon share: where things are, the configuration at work, and each other.
 *
 *   1. `conf` is what the kernel enforces: it is replaced only by apply_conf(), and its limits
 *      carry the ids and slots of the kernel. List entries that ended are dropped from it by
 *      lists_expire().
 *   2. `files` is what the configuration files said when they were last read without an error.
 *   3. One thread. A handler returns soon; long work goes through scan.h in pieces.
 */
#ifndef RLD_RLD_H
#define RLD_RLD_H

#include <stdbool.h>

#include "base/json.h"
#include "base/ports.h"
#include "conf/model/conf.h"
#include "dp/dp.h"
#include "enforce/limit_index.h"
#include "rld/loop/clock.h"
#include "rld/loop/loop.h"

struct rld_options {
	const char *config; /* NULL: the default file and its rld.d */
	const char *socket;
	const char *bpffs;
	const char *state_dir;
	const char *listen; /* "none": no HTTP */
	bool detach_on_exit;
};

/* How the configuration came to be what it is, for `status` and the metrics. */
struct rld_config_state {
	const char *source; /* "files", "commands" */
	__s64 applied_wall_ns;
	__s64 reload_wall_ns; /* last reload, or start, that succeeded */
	bool reload_ok;
	int start_action;    /* enum event_action; of what the start has to tell */
	json_t *start_event; /* owned; NULL: nothing */
	char *start_unsaved; /* owned; what running statements were, while no files say it */
};

struct rld {
	struct rld_options options;
	struct loop *loop;
	struct dp *dp;
	struct conf *conf;
	struct conf *files;
	struct limit_index by_id; /* of the limits of `conf` */
	struct ctl *ctl;
	struct digest_secret *app_secret; /* what keys of applications are hashed under */
	struct events *events;
	struct expiry *expiry;
	struct http *http;
	struct ifaces *ifaces;
	struct kept *kept;
	struct move *move;
	struct persist *persist;
	struct queue *queue;
	struct save *save;
	struct scans *scans;
	struct sinks *sinks;
	struct spare *spare;
	struct dp_trial *trial; /* what the guard asks; NULL: there is none yet */
	struct guard_seen *seen;
	struct texts *texts;
	struct rld_config_state config;
	const char *held; /* why the rules of an earlier rld are held (change/held.h); NULL: they
			     are not */
	bool changing;	  /* a change that grew from `conf` is on its way, so that stays as it is */
	bool lists_stale; /* the kernel's lists are not yet those of `conf` (change/lists.h) */
	struct clock clock;	  /* of entries with an end */
	bool after_crash;	  /* the last rld of the state directory did not stop properly */
	struct ports named_ports; /* of SSH sessions from which commands came */
	__u64 version;		  /* counts the changes of `conf` and `files` */
	__u64 started_ns;
};

/* Where the files are: conf_load() with the options' paths, and durations counted from that second
 * since the epoch on. */
int rld_load_files_at(const struct rld *rld, struct conf *into, __s64 now_s, struct diag *d);
/* After `conf` was replaced. */
static inline void rld_limits_changed(struct rld *rld)
{
	rld->version++;
	limit_index_make(&rld->by_id, rld->conf);
}

/* The limit that an id belongs to, or NULL when it is in no rule set any more. */
static inline const struct conf_limit *rld_limit_by_id(const struct rld *rld, __u32 id)
{
	return limit_index_find(&rld->by_id, id);
}

#endif
