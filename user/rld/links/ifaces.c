// SPDX-License-Identifier: GPL-2.0-only
/* Attaching: at once where the interface is there, by rtnetlink's news and a timer where it is
 * not. */
#include "rld/links/ifaces.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/time.h"
#include "rld/links/known.h"
#include "rld/links/netlink.h"
#include "rld/loop/log.h"

#define RETRY_NS TIME_NS

struct ifaces {
	struct rld *rld;
	void (*changed)(struct rld *rld);
	struct loop_fd *watch;
	struct loop_timer *retry;
	int netlink_fd;
	struct known_ifaces known;
	char added[RL_IFACES_MAX][IF_NAMESIZE]; /* by the last ifaces_prepare() */
	struct dp_iface before[RL_IFACES_MAX];	/* ... and how each was attached, ifindex 0: not */
	size_t adds;
};

static enum dp_attach_mode to_dp(enum conf_attach_mode mode)
{
	static const enum dp_attach_mode modes[] = {
		[CONF_ATTACH_AUTO] = DP_ATTACH_AUTO,
		[CONF_ATTACH_NATIVE] = DP_ATTACH_NATIVE,
		[CONF_ATTACH_GENERIC] = DP_ATTACH_GENERIC,
	};

	return modes[mode];
}

/* A mode that differs from the one at work needs a moment without enforcement: links cannot change
 * theirs. */
static int attach_one(struct ifaces *ifaces, const struct conf_attach *attach, struct diag *d)
{
	struct dp *dp = ifaces->rld->dp;
	enum dp_attach_mode mode = to_dp(attach->mode);
	struct known *known = known_get(&ifaces->known, attach->iface);
	struct dp_iface iface;
	struct dp_iface before = {0};
	struct diag ignored;
	int err;

	if (!known)
		return diag_set(d, DIAG_REFUSED, "more than %d interfaces", RL_IFACES_MAX - 1);
	if (ifaces_get(dp, attach->iface, &iface)) {
		if (!ifaces_has_other_mode(ifaces->rld, attach, &iface))
			return 0;
		before = iface;
		err = dp_detach(dp, iface.ifindex, d);
		if (err)
			return err;
	}
	err = dp_attach(dp, attach->iface, mode, &iface, d);
	/* What was attached by the name is there, under another one. */
	if (err == -ENODEV && ifaces_find(dp, attach->iface, &iface))
		return 0;
	if (err) {
		snprintf(known->note, sizeof(known->note), "%.*s", (int)sizeof(known->note) - 1,
			 d->message);
		if (before.ifindex)
			dp_attach(dp, attach->iface, before.mode, &iface, &ignored);
		return err;
	}
	ifaces->before[ifaces->adds] = before;
	memcpy(known->note, iface.note, sizeof(known->note));
	strcpy(ifaces->added[ifaces->adds++], attach->iface);
	return 0;
}

int ifaces_prepare(struct rld *rld, const struct conf *cand, bool lenient, struct diag *d)
{
	struct ifaces *ifaces = rld->ifaces;

	ifaces->adds = 0;
	for (size_t i = 0; i < cand->attaches; i++) {
		int err = attach_one(ifaces, &cand->attach[i], d);

		if (err && err != -ENODEV && lenient) {
			log_diag(d);
		} else if (err && err != -ENODEV) {
			ifaces_undo(rld);
			return err;
		}
	}
	return 0;
}

void ifaces_undo(struct rld *rld)
{
	struct ifaces *ifaces = rld->ifaces;
	struct diag d;

	while (ifaces->adds) {
		const struct dp_iface *before = &ifaces->before[--ifaces->adds];
		const char *name = ifaces->added[ifaces->adds];
		struct dp_iface iface;

		if (!ifaces_get(rld->dp, name, &iface))
			continue;
		if (dp_detach(rld->dp, iface.ifindex, &d) ||
		    (before->ifindex && dp_attach(rld->dp, name, before->mode, &iface, &d)))
			log_diag(&d);
	}
}

static void tell_news(struct rld *rld, const struct conf *conf)
{
	for (size_t i = 0; i < conf->attaches; i++) {
		struct known *known = known_get(&rld->ifaces->known, conf->attach[i].iface);
		struct dp_iface iface;

		if (!known)
			continue;
		if (!ifaces_find(rld->dp, known->name, &iface)) {
			if (known->told_attached && !if_nametoindex(known->name))
				snprintf(known->note, sizeof(known->note),
					 "there is no interface %s", known->name);
			if (!known->told_pending)
				known_tell_pending(rld, known);
			loop_timer_set(rld->ifaces->retry, RETRY_NS);
		} else if (!known->told_attached) {
			known_tell_attached(rld, known, &iface);
		}
	}
}

static void forget_unnamed(struct ifaces *ifaces, const struct conf *conf)
{
	struct known_ifaces *known = &ifaces->known;

	for (size_t i = 0; i < known->count;) {
		if (conf_find_attach(conf, known->v[i].name))
			i++;
		else
			known->v[i] = known->v[--known->count];
	}
}

/* What bears a configured name is attached by it, by whichever it was before. */
static void settle_names(struct rld *rld, const struct conf *conf)
{
	struct dp_iface v[RL_IFACES_MAX];
	size_t count = dp_ifaces(rld->dp, v);

	for (size_t i = 0; i < count; i++)
		if (conf_find_attach(conf, v[i].name))
			dp_iface_settle(rld->dp, v[i].ifindex);
}

void ifaces_commit(struct rld *rld, const struct conf *cand, bool by_name)
{
	struct dp_iface v[RL_IFACES_MAX];
	size_t count = dp_ifaces(rld->dp, v);
	struct diag d;

	rld->ifaces->adds = 0;
	for (size_t i = 0; i < count; i++) {
		if (conf_find_attach(cand, v[i].name) ||
		    (!by_name && conf_find_attach(cand, v[i].attached_as)))
			continue;
		if (dp_detach(rld->dp, v[i].ifindex, &d))
			log_diag(&d);
		else
			log_line("%s: detached", v[i].name);
	}
	settle_names(rld, cand);
	forget_unnamed(rld->ifaces, cand);
	tell_news(rld, cand);
}

void ifaces_let_go(struct rld *rld, const char *name)
{
	struct dp_iface iface;

	if (ifaces_get(rld->dp, name, &iface))
		dp_iface_settle(rld->dp, iface.ifindex);
}

const char *ifaces_attached_as(struct rld *rld, const struct conf *conf, const char *name)
{
	static struct dp_iface iface;

	if (conf_find_attach(conf, name) || !ifaces_get(rld->dp, name, &iface))
		return NULL;
	return conf_find_attach(conf, iface.attached_as) ? iface.attached_as : NULL;
}

/* Takes note of what was renamed and what went away. Returns how many there were. */
static size_t take_news(struct ifaces *ifaces)
{
	struct dp_iface_news news[RL_IFACES_MAX];
	size_t count = dp_ifaces_refresh(ifaces->rld->dp, news);

	settle_names(ifaces->rld, ifaces->rld->conf);
	for (size_t i = 0; i < count; i++) {
		struct known *known = known_find(&ifaces->known, news[i].before);
		struct dp_iface iface;

		if (news[i].now.ifindex) {
			if (ifaces_get(ifaces->rld->dp, news[i].now.name, &iface))
				ifaces_tell_renamed(ifaces->rld, &iface, news[i].before);
		} else if (known) {
			strcpy(known->note, "the interface went away");
			known->told_attached = false;
		}
	}
	return count;
}

/* Attaches what came; the rule set is made anew if anything came, went or got another name. */
static void catch_up(void *ctx)
{
	struct ifaces *ifaces = ctx;
	struct rld *rld = ifaces->rld;
	size_t changes = take_news(ifaces);
	struct diag d;

	ifaces->adds = 0;
	for (size_t i = 0; i < rld->conf->attaches; i++)
		attach_one(ifaces, &rld->conf->attach[i], &d);
	changes += ifaces->adds;
	ifaces->adds = 0;
	tell_news(rld, rld->conf);
	if (changes)
		ifaces->changed(rld);
}

static void on_netlink(void *ctx, __u32 events)
{
	struct ifaces *ifaces = ctx;
	char buf[8192];

	/* What it says does not matter, that it speaks does; lost ones (ENOBUFS) are news too. */
	while (recv(ifaces->netlink_fd, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		;
	if (ifaces->rld->conf)
		catch_up(ifaces);
}

int ifaces_new(struct rld *rld, void (*changed)(struct rld *rld), struct ifaces **ret,
	       struct diag *d)
{
	struct ifaces *ifaces = calloc(1, sizeof(*ifaces));

	if (!ifaces)
		return diag_errno(d, ENOMEM, "cannot watch interfaces");
	ifaces->rld = rld;
	ifaces->changed = changed;
	ifaces->netlink_fd = netlink_open_links();
	ifaces->retry = loop_timer_add(rld->loop, catch_up, ifaces);
	if (ifaces->netlink_fd < 0 || !ifaces->retry) {
		free(ifaces);
		return diag_errno(d, errno, "cannot watch interfaces");
	}
	ifaces->watch = loop_fd_add(rld->loop, ifaces->netlink_fd, EPOLLIN, on_netlink, ifaces);
	*ret = ifaces;
	return 0;
}

void ifaces_free(struct ifaces *ifaces)
{
	if (!ifaces)
		return;
	loop_fd_del(ifaces->watch);
	close(ifaces->netlink_fd);
	free(ifaces);
}

const char *ifaces_note(const struct rld *rld, const char *name)
{
	const struct known *known = known_find(&rld->ifaces->known, name);

	return known ? known->note : "";
}
