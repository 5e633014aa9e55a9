// SPDX-License-Identifier: GPL-2.0-only
/* Start, signals and end of the daemon. */
#include "rld/daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "rl/proto.h"
#include "rld/app/digest.h"
#include "rld/change/held.h"
#include "rld/change/lists.h"
#include "rld/change/queue.h"
#include "rld/change/reload.h"
#include "rld/change/save.h"
#include "rld/change/start.h"
#include "rld/control/ctl.h"
#include "rld/events/event.h"
#include "rld/events/sink.h"
#include "rld/guard/guard.h"
#include "rld/guard/spare.h"
#include "rld/http/http.h"
#include "rld/kept/kept.h"
#include "rld/links/ifaces.h"
#include "rld/loop/log.h"
#include "rld/loop/notify.h"
#include "rld/persist/owner.h"
#include "rld/persist/persist.h"
#include "rld/report/texts.h"
#include "rld/sources/expiry.h"
#include "rld/sources/move.h"
#include "rld/sources/ring.h"
#include "rld/sources/scan.h"

static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1};

struct signal_watch {
	struct rld *rld;
	struct loop_fd *handle;
	int fd;
};

/* The hold on the state directory, and who held it before. */
struct hold {
	struct owner before;
	int fd;
};

static void on_signal(void *ctx, __u32 events)
{
	struct signal_watch *watch = ctx;
	struct signalfd_siginfo info;

	if (read(watch->fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP)
		queue_reload(watch->rld->queue);
	else if (info.ssi_signo == SIGUSR1)
		sinks_reopen(watch->rld->sinks);
	else
		loop_stop(watch->rld->loop);
}

static int watch_signals(struct rld *rld, struct signal_watch *ret, struct diag *d)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error like a full disk */
	ret->rld = rld;
	ret->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (ret->fd < 0)
		return diag_errno(d, errno, "cannot watch for signals");
	ret->handle = loop_fd_add(rld->loop, ret->fd, EPOLLIN, on_signal, ret);
	return ret->handle ? 0 : diag_errno(d, errno, "cannot watch for signals");
}

static int make_parts(struct rld *rld, struct diag *d)
{
	rld->loop = loop_new();
	rld->sinks = rld->loop ? sinks_new(rld->loop) : NULL;
	rld->events = rld->sinks ? events_new(rld->sinks) : NULL;
	if (!rld->loop || !rld->events)
		return diag_errno(d, ENOMEM, "cannot start");
	return 0;
}

/* Before anything is touched: an address in use must not be found out with half of the work done.
 * The socket first, since whoever serves it can say who it is. Nobody is served before the loop
 * runs. */
static int open_servers(struct rld *rld, struct diag *d)
{
	int err = ctl_open(rld, &rld->ctl, d);

	return err ? err : http_open(rld, &rld->http, d);
}

/* What is held is not moved into another table. */
static int open_data_path(struct rld *rld, const struct conf *conf, const struct dp_pinned *pinned,
			  struct diag *d)
{
	struct dp_options options = {
		.bpffs = rld->options.bpffs,
		.sources_max = rld->held && pinned->sources_max ? pinned->sources_max
								: conf->options.sources_max,
	};
	char notice[512] = "";
	int err = dp_open(&options, &rld->dp, notice, d);

	if (notice[0])
		log_line("%s", notice);
	return err;
}

static void refresh(struct rld *rld)
{
	queue_refresh(rld->queue);
}

/* Takes `*conf` over. */
static int make_real(struct rld *rld, struct conf **conf, const char *source, struct diag *d)
{
	int err = rld->held ? held_begin(rld, *conf, d) : reload_start(rld, *conf, source, d);

	if (err || rld->held)
		return err;
	*conf = NULL;
	if (!strcmp(source, "files"))
		persist_files_decide(rld->persist);
	else
		persist_commands_decide(rld->persist);
	return 0;
}

/* What needs the data path; last, the configuration and the parts that show it to others. */
static int start_parts(struct rld *rld, struct conf **conf, const char *source, struct diag *d)
{
	int err;

	if (digest_secret_new(rld->options.state_dir, &rld->app_secret) ||
	    scans_new(rld, &rld->scans) || queue_new(rld, &rld->queue) ||
	    save_new(rld, &rld->save) || spare_new(rld, &rld->spare) ||
	    texts_new(rld, &rld->texts) || guard_open(rld))
		return diag_errno(d, ENOMEM, "cannot start");
	err = ifaces_new(rld, refresh, &rld->ifaces, d);
	if (!err)
		err = persist_new(rld, &rld->persist, d);
	if (!err)
		err = make_real(rld, conf, source, d);
	if (err)
		return err;
	start_tell(rld);
	if (lists_start(rld, refresh) || expiry_new(rld, &rld->expiry) || ring_start(rld) ||
	    kept_new(rld, &rld->kept) || move_new(rld, &rld->move))
		return diag_errno(d, ENOMEM, "cannot start");
	return 0;
}

static int take_state(struct rld *rld, struct hold *hold, struct diag *d)
{
	int err =
		owner_take(rld->options.state_dir, rld->options.bpffs, &hold->fd, &hold->before, d);

	rld->after_crash = !err && hold->before.pid;
	return err;
}

static int start(struct rld *rld, struct signal_watch *watch, struct hold *hold, struct diag *d)
{
	struct dp_pinned pinned;
	struct conf *conf = NULL;
	const char *source;
	int err = make_parts(rld, d);

	if (!err)
		err = watch_signals(rld, watch, d);
	if (!err)
		err = open_servers(rld, d);
	if (!err)
		err = take_state(rld, hold, d);
	dp_look(rld->options.bpffs, &pinned);
	if (!err)
		err = start_choose(rld, &pinned, &conf, &source, d);
	if (!err)
		err = open_data_path(rld, conf, &pinned, d);
	if (!err)
		err = start_parts(rld, &conf, source, d);
	conf_free(conf);
	return err;
}

static void stop(struct rld *rld, struct signal_watch *watch)
{
	scans_free(rld->scans);
	texts_free(rld->texts);
	save_free(rld->save);
	http_close(rld->http);
	queue_free(rld->queue);
	spare_free(rld->spare);
	events_stop(rld->events);
	ctl_close(rld->ctl);
	expiry_free(rld->expiry);
	move_free(rld->move);
	kept_free(rld->kept);
	persist_free(rld->persist);
	ifaces_free(rld->ifaces);
	guard_close(rld);
	if (rld->dp)
		dp_close(rld->dp);
	free(rld->app_secret);
	conf_free(rld->conf);
	conf_free(rld->files);
	json_decref(rld->config.start_event);
	free(rld->config.start_unsaved);
	loop_fd_del(watch->handle);
	if (watch->fd >= 0)
		close(watch->fd);
	events_free(rld->events);
	sinks_free(rld->sinks);
	loop_free(rld->loop);
}

/* A start that failed leaves no trace, so that the next one knows what the last rld did. */
static void leave_state(const struct rld *rld, struct hold *hold, bool ran)
{
	struct owner *left = &hold->before;

	if (ran) {
		left->pid = 0;
		owner_path(rld->options.bpffs, left->bpffs);
	}
	owner_release(hold->fd, left);
}

static void tell_ready(const struct rld *rld)
{
	log_line("version %s%s: %zu limits%s, socket %s, HTTP %s", RL_VERSION,
		 dp_adopted(rld->dp) ? ", went on with the state of an earlier rld" : "",
		 rld->conf->limits, rld->held ? " held" : "", rld->options.socket,
		 rld->options.listen);
}

static void tell_end(const struct rld *rld, bool ran)
{
	char names[512];

	if (!dp_enforcing(rld->options.bpffs, names, sizeof(names)) && names[0])
		log_line("%s; pinned limits still enforce on %s (`rld --detach` removes them)",
			 ran ? "stopped" : "not started", names);
}

static int detach_all(const struct rld *rld)
{
	struct diag d;

	if (!dp_remove_all(rld->options.bpffs, stderr, false, &d))
		return 0;
	log_diag(&d);
	return 1;
}

int daemon_run(const struct rld_options *options)
{
	struct moment now = clock_moment();
	struct rld rld = {
		.options = *options,
		.clock = clock_at(&now),
		.started_ns = now.mono_ns,
	};
	struct signal_watch watch = {.fd = -1};
	struct hold hold = {.fd = -1};
	struct diag d;
	int err = start(&rld, &watch, &hold, &d);
	bool ran = !err;

	if (err) {
		log_diag(&d);
	} else {
		http_open_views(rld.http);
		tell_ready(&rld);
		notify_ready();
		err = loop_run(rld.loop);
		notify_stopping();
	}
	stop(&rld, &watch);
	leave_state(&rld, &hold, ran);
	if (ran && options->detach_on_exit)
		return detach_all(&rld);
	if (err != -EBUSY)
		tell_end(&rld, ran);
	return err ? (ran ? 1 : diag_kind_status(d.kind)) : 0;
}
