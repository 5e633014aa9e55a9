// SPDX-License-Identifier: GPL-2.0-only
/* A configuration and its limits as objects: new, copy, free, find. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "conf/model/conf_internal.h"

struct conf *conf_new(void)
{
	struct conf *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->mode = RL_MODE_ENFORCE;
	conf_options_default(&c->options);
	return c;
}

void conf_free(struct conf *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->limits; i++)
		conf_limit_free(c->limit[i]);
	free(c->limit);
	free(c->attach);
	free(c->path);
	conf_list_done(&c->allow);
	conf_list_done(&c->deny);
	conf_nameds_done(c);
	free(c);
}

static void *copy_array(const void *from, size_t count, size_t size)
{
	void *to = calloc(count ? count : 1, size);

	if (to && count)
		memcpy(to, from, count * size);
	return to;
}

static int share_limits(const struct conf *c, struct conf *to)
{
	to->limit = copy_array(c->limit, c->limits, sizeof(*c->limit));
	if (!to->limit)
		return -ENOMEM;
	to->limits = c->limits;
	for (size_t i = 0; i < c->limits; i++)
		__atomic_fetch_add(&c->limit[i]->shares, 1, __ATOMIC_RELAXED);
	return 0;
}

struct conf *conf_copy(const struct conf *c)
{
	_cleanup_(conf_free_ptr) struct conf *to = conf_new();

	if (!to)
		return NULL;
	to->mode = c->mode;
	to->options = c->options;
	to->options_set = c->options_set;
	to->attach = copy_array(c->attach, c->attaches, sizeof(*c->attach));
	to->attaches = c->attaches;
	to->mode_place = c->mode_place;
	to->hash = c->hash;
	memcpy(to->option_place, c->option_place, sizeof(to->option_place));
	to->path = copy_array(c->path, c->paths, sizeof(*c->path));
	to->paths = c->paths;
	if (!to->attach || !to->path || share_limits(c, to) ||
	    conf_list_copy(&c->allow, &to->allow) || conf_list_copy(&c->deny, &to->deny) ||
	    conf_nameds_copy(c, to))
		return NULL;
	return TAKE_PTR(to);
}

__u16 conf_path_index(struct conf *c, const char *path)
{
	char(*grown)[sizeof(*c->path)];

	for (__u16 i = 0; i < c->paths; i++)
		if (strcmp(c->path[i], path) == 0)
			return (__u16)(i + 1);
	if (c->paths == (__u16)-1)
		return 0;
	grown = reallocarray(c->path, c->paths + 1U, sizeof(*grown));
	if (!grown)
		return 0;
	c->path = grown;
	snprintf(c->path[c->paths], sizeof(*c->path), "%s", path);
	return ++c->paths;
}

const char *conf_place_file(const struct conf *c, struct conf_place place)
{
	return place.file && place.file <= c->paths ? c->path[place.file - 1] : NULL;
}

struct conf_limit *conf_limit_new(void)
{
	return calloc(1, sizeof(struct conf_limit));
}

void conf_cond_done(struct conf_cond *cond)
{
	free(cond->range);
	free(cond->prefix);
	free(cond->iface);
	free(cond->list);
	free(cond->said);
	*cond = (struct conf_cond){0};
}

void conf_limit_free(struct conf_limit *l)
{
	if (!l || __atomic_fetch_sub(&l->shares, 1, __ATOMIC_ACQ_REL))
		return;
	for (size_t i = 0; i < l->conds; i++)
		conf_cond_done(&l->cond[i]);
	free(l);
}

static int copy_cond(const struct conf_cond *from, struct conf_cond *to)
{
	size_t n = from->count;

	*to = *from;
	to->range = from->range ? copy_array(from->range, n, sizeof(*to->range)) : NULL;
	to->prefix = from->prefix ? copy_array(from->prefix, n, sizeof(*to->prefix)) : NULL;
	to->iface = from->iface ? copy_array(from->iface, n, sizeof(*to->iface)) : NULL;
	to->list = from->list ? copy_array(from->list, from->lists, sizeof(*to->list)) : NULL;
	to->said = from->said ? copy_array(from->said, from->saids, sizeof(*to->said)) : NULL;
	if ((from->range && !to->range) || (from->prefix && !to->prefix) ||
	    (from->iface && !to->iface) || (from->list && !to->list) || (from->said && !to->said))
		return -ENOMEM;
	return 0;
}

static struct conf_limit *copy_limit(const struct conf_limit *l)
{
	_cleanup_(conf_limit_free_ptr) struct conf_limit *to = conf_limit_new();

	if (!to)
		return NULL;
	*to = *l;
	to->shares = 0;
	memset(to->cond, 0, sizeof(to->cond));
	for (size_t i = 0; i < l->conds; i++)
		if (copy_cond(&l->cond[i], &to->cond[i]))
			return NULL;
	return TAKE_PTR(to);
}

struct conf_limit *conf_limit_own(struct conf *c, size_t i)
{
	struct conf_limit *copy;

	if (!__atomic_load_n(&c->limit[i]->shares, __ATOMIC_ACQUIRE))
		return c->limit[i];
	copy = copy_limit(c->limit[i]);
	if (!copy)
		return NULL;
	conf_limit_free(c->limit[i]);
	return c->limit[i] = copy;
}

bool conf_limit_is_app(const struct conf_limit *l)
{
	return l->abi.key & RL_KEY_APP;
}

bool conf_limit_is_default(const struct conf_limit *l)
{
	return strcmp(l->abi.name, "default") == 0;
}

struct conf_limit *conf_find_limit(const struct conf *c, const char *name)
{
	for (size_t i = 0; i < c->limits; i++)
		if (strcmp(c->limit[i]->abi.name, name) == 0)
			return c->limit[i];
	return NULL;
}

struct conf_attach *conf_find_attach(const struct conf *c, const char *iface)
{
	for (size_t i = 0; i < c->attaches; i++)
		if (strcmp(c->attach[i].iface, iface) == 0)
			return &c->attach[i];
	return NULL;
}

int conf_limit_put(struct conf *c, struct conf_limit *l)
{
	struct conf_limit **grown;

	for (size_t i = 0; i < c->limits; i++) {
		if (strcmp(c->limit[i]->abi.name, l->abi.name) != 0)
			continue;
		conf_limit_free(c->limit[i]);
		c->limit[i] = l;
		return 0;
	}
	grown = reallocarray(c->limit, c->limits + 1, sizeof(struct conf_limit *));
	if (!grown)
		return -ENOMEM;
	c->limit = grown;
	c->limit[c->limits++] = l;
	return 0;
}

bool conf_same_state(const struct rl_limit *a, const struct rl_limit *b)
{
	if (a->key != b->key || a->prefix4 != b->prefix4 || a->prefix6 != b->prefix6 ||
	    a->strategy != b->strategy || a->unit != b->unit || a->windows != b->windows)
		return false;
	for (unsigned i = 0; i < a->windows; i++) {
		if (a->window[i].period_ns != b->window[i].period_ns)
			return false;
		/* A log of another size is another log. */
		if (a->strategy == RL_STRATEGY_MOVING_WINDOW &&
		    RL_LOG_CLASS(a->window[i].amount) != RL_LOG_CLASS(b->window[i].amount))
			return false;
	}
	return true;
}
