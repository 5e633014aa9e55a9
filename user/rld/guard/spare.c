// SPDX-License-Identifier: GPL-2.0-only
/* Whom no limit bans. */
#include "rld/guard/spare.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "rld/guard/peers.h"
#include "rld/guard/protect.h"
#include "rld/loop/log.h"

#define SHARE 200	     /* of a CPU, that looking takes at most */
#define SHARE_OF_COMMANDS 20 /* ... and what rule sets cost that come one after the other */
#define WAIT_NS (TIME_NS / 100)

/* One look at who is connected. */
struct look {
	struct ports ports;
	__u64 began_ns;
	__u64 took_ns;
	int err;
	bool more;
	size_t count;
	union rl_addr addr[RL_PEERS_MAX];
};

struct spare {
	struct rld *rld;
	struct loop_timer *timer;
	pthread_t thread;
	bool looking; /* the thread is to be joined; `look` is its own until then */
	struct look look;
	/* Of what the program has. */
	struct ports ports;
	__u64 began_ns; /* 0: nothing */
	__u64 took_ns;
	struct spare_view view;
	bool complained;
};

/* One address stands for all of its connections. */
static int take(void *ctx, const struct peer *peer)
{
	struct look *look = ctx;

	for (size_t i = look->count; i > 0; i--)
		if (!memcmp(&look->addr[i - 1], &peer->addr, sizeof(peer->addr)))
			return 0;
	if (look->count == RL_PEERS_MAX) {
		look->more = true;
		return -E2BIG;
	}
	look->addr[look->count++] = peer->addr;
	return 0;
}

static void *run(void *ctx)
{
	struct look *look = ctx;

	look->began_ns = time_mono_ns();
	look->more = false;
	look->count = 0;
	look->err = peers_visit(&look->ports, take, look);
	if (look->err == -E2BIG)
		look->err = 0;
	look->took_ns = time_mono_ns() - look->began_ns;
	return NULL;
}

static void complain(struct spare *spare, const struct look *look)
{
	if (look->err && !spare->complained)
		log_line("cannot find out who is connected to protected ports: %s; limits may ban "
			 "them",
			 strerror(-look->err));
	spare->complained = look->err;
	if (look->more && !spare->view.more)
		log_line("more than %d addresses are connected to protected ports; limits may ban "
			 "those beyond",
			 RL_PEERS_MAX);
}

/* A list that cannot be renewed stays. */
static void publish(struct spare *spare, const struct look *look)
{
	complain(spare, look);
	if (look->err || look->began_ns < spare->began_ns)
		return;
	spare->ports = look->ports;
	spare->began_ns = look->began_ns;
	spare->took_ns = look->took_ns;
	spare->view = (struct spare_view){look->count, look->more};
	dp_peers_set(spare->rld->dp, look->addr, look->count);
}

static bool has_bans(const struct conf *conf)
{
	for (size_t i = 0; conf && i < conf->limits; i++)
		if (conf->limit[i]->enabled && conf->limit[i]->abi.ban_ns)
			return true;
	return false;
}

static bool is_same(const struct ports *a, const struct ports *b)
{
	return a->count == b->count && !memcmp(a->v, b->v, a->count * sizeof(*a->v));
}

void spare_renew(struct spare *spare, const struct conf *cand)
{
	struct look look = {0};

	if (!has_bans(cand))
		return;
	protect_ports(spare->rld, &cand->options, &look.ports);
	if (spare->began_ns && is_same(&look.ports, &spare->ports) &&
	    time_mono_ns() - spare->began_ns < spare->took_ns * SHARE_OF_COMMANDS)
		return;
	run(&look);
	publish(spare, &look);
	if (!spare->looking)
		loop_timer_set(spare->timer, SPARE_EVERY_NS);
}

/* No limit bans any more: the next one that does finds the list renewed. */
static void rest(struct spare *spare)
{
	spare->view = (struct spare_view){0};
	spare->began_ns = 0;
}

static void begin(struct spare *spare)
{
	struct look *look = &spare->look;

	look->ports = (struct ports){0};
	protect_ports(spare->rld, &spare->rld->conf->options, &look->ports);
	spare->looking = !pthread_create(&spare->thread, NULL, run, look);
	loop_timer_set(spare->timer, spare->looking ? WAIT_NS : SPARE_EVERY_NS);
}

static void end(struct spare *spare)
{
	__u64 pause = spare->look.took_ns * SHARE;

	spare->looking = false;
	publish(spare, &spare->look);
	loop_timer_set(spare->timer, pause > SPARE_EVERY_NS ? pause : SPARE_EVERY_NS);
}

static void on_time(void *ctx)
{
	struct spare *spare = ctx;

	if (spare->looking && pthread_tryjoin_np(spare->thread, NULL))
		loop_timer_set(spare->timer, WAIT_NS);
	else if (spare->looking)
		end(spare);
	else if (has_bans(spare->rld->conf))
		begin(spare);
	else
		rest(spare);
}

struct spare_view spare_view(const struct spare *spare)
{
	return spare->view;
}

int spare_new(struct rld *rld, struct spare **ret)
{
	struct spare *spare = calloc(1, sizeof(*spare));

	if (!spare)
		return -ENOMEM;
	spare->rld = rld;
	spare->timer = loop_timer_add(rld->loop, on_time, spare);
	if (!spare->timer) {
		free(spare);
		return -ENOMEM;
	}
	*ret = spare;
	return 0;
}

void spare_free(struct spare *spare)
{
	if (spare && spare->looking)
		pthread_join(spare->thread, NULL);
	free(spare);
}
