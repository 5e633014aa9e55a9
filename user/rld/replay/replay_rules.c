// SPDX-License-Identifier: GPL-2.0-only
/* The rules of a replay: a configuration, compiled for one interface, in a program that nobody else
 * has. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/units.h"
#include "conf/compile/compile.h"
#include "conf/grammar/list_file.h"
#include "enforce/identity.h"
#include "enforce/publish.h"
#include "rld/replay/replay_internal.h"

#define SLOT 1 /* of the interface that packets come in on */

static __u32 iface_slot(void *ctx, const char *name)
{
	const struct replay *replay = ctx;

	return !strcmp(replay->iface, name) ? replay->slot : 0;
}

/* The one that was asked for, or the only one that the configuration attaches. */
static int set_iface(struct replay *replay, struct diag *d)
{
	const struct conf *conf = replay->rld.conf;
	const char *name = replay->options->iface;

	if (!name && conf->attaches == 1)
		name = conf->attach[0].iface;
	if (name && strlen(name) >= sizeof(replay->iface))
		return diag_set(d, DIAG_USAGE, "\"%s\" is too long for an interface's name", name);
	strcpy(replay->iface, name ? name : "");
	replay->slot = name ? SLOT : 0;
	return 0;
}

static int load_conf(struct replay *replay, struct diag *d)
{
	__s64 now_s = replay_clock_to_wall_ns(replay->clock.now_ns) / (__s64)UNITS_NS_PER_S;
	_cleanup_(conf_free_ptr) struct conf *conf = conf_new();
	int err;

	if (!conf)
		return diag_errno(d, ENOMEM, "cannot read the configuration");
	err = rld_load_files_at(&replay->rld, conf, now_s, d);
	if (!err && conf_read_lists(conf, stderr))
		err = diag_errno(d, ENOMEM, "cannot read the lists");
	if (err) {
		if (d->file[0])
			d->kind = DIAG_CONFIG;
		return err;
	}
	replay->rld.conf = TAKE_PTR(conf);
	return set_iface(replay, d);
}

static int open_program(struct replay *replay, struct diag *d)
{
	const struct dp_options options = {
		.sources_max = replay->rld.conf->options.sources_max,
		.test_clock = true,
	};
	enum rl_link link = RL_LINK_ETHERNET;
	char notice[512];
	int err = dp_open(&options, &replay->rld.dp, notice, d);

	if (replay_frame_is_bare(capture_link(replay->capture)))
		link = RL_LINK_IP;
	if (!err && dp_run_iface(replay->rld.dp, replay->slot, link))
		err = diag_set(d, DIAG_FAILED, "cannot set the interface of the replay");
	return err;
}

static __u64 clock_of_wall(const void *ctx, __s64 wall_s)
{
	return replay_clock_of_wall(wall_s);
}

static int publish(struct replay *replay, const struct conf_image *image, struct diag *d)
{
	const struct publish_clock clock = {clock_of_wall, NULL};
	struct dp_fill *lists = NULL;
	int err = publish_lists(replay->rld.dp, replay->rld.conf, &clock, &lists, d);

	if (!err)
		err = publish_rules(replay->rld.dp, image, lists, d);
	dp_fill_end(lists);
	return err;
}

int replay_rules(struct replay *replay, struct diag *d)
{
	_cleanup_(conf_image_done) struct conf_image image = {0};
	_cleanup_(conf_free_ptr) struct conf *nothing = conf_new();
	int err = nothing ? load_conf(replay, d) : diag_errno(d, ENOMEM, "cannot replay");

	if (!err)
		err = conf_compile(replay->rld.conf, iface_slot, replay, &image, d);
	if (!err)
		err = open_program(replay, d);
	if (!err)
		err = identity_assign(replay->rld.dp, nothing, replay->rld.conf, image.rules, d);
	if (!err)
		err = publish(replay, &image, d);
	if (err)
		return err;
	/* Nobody reads events. */
	dp_control(replay->rld.dp)->events_per_second = 0;
	dp_control(replay->rld.dp)->idle_ns = replay->rld.conf->options.idle_timeout_ns;
	rld_limits_changed(&replay->rld);
	return 0;
}
