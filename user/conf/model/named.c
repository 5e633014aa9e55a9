// SPDX-License-Identifier: GPL-2.0-only
/* Lists with a name as objects, and who uses them. */
#include "conf/model/named.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "conf/model/conf_internal.h"

struct conf_named *conf_find_named(const struct conf *c, const char *name)
{
	for (size_t i = 0; i < c->nameds; i++)
		if (strcmp(c->named[i].name, name) == 0)
			return &c->named[i];
	return NULL;
}

struct conf_named *conf_named_make(struct conf *c, const char *name, struct conf_place place)
{
	struct conf_named *found = conf_find_named(c, name), *grown;

	if (found)
		return found;
	grown = reallocarray(c->named, c->nameds + 1, sizeof(*grown));
	if (!grown)
		return NULL;
	c->named = grown;
	found = &grown[c->nameds++];
	*found = (struct conf_named){.place = place};
	snprintf(found->name, sizeof(found->name), "%s", name);
	return found;
}

static void named_done(struct conf_named *named)
{
	conf_list_done(&named->said);
	conf_list_done(&named->read);
	conf_list_done(&named->both);
	free(named->path);
	free(named->trouble);
}

void conf_named_del(struct conf *c, struct conf_named *named)
{
	named_done(named);
	c->nameds--;
	memmove(named, named + 1, sizeof(*named) * (size_t)(c->named + c->nameds - named));
}

const struct conf_list *conf_named_all(const struct conf_named *named)
{
	if (named->both.count)
		return &named->both;
	return named->read.count ? &named->read : &named->said;
}

int conf_named_set_path(struct conf_named *named, const char *path, bool strict)
{
	bool same = named->path && !strcmp(named->path, path) && named->strict == strict;
	char *copy = strdup(path);

	if (!copy)
		return -ENOMEM;
	free(named->path);
	named->path = copy;
	named->strict = strict;
	named->unread = true;
	return !same;
}

static size_t add_user(char *buf, size_t size, size_t at, const char *user)
{
	if (at >= size)
		return at;
	return at + (size_t)snprintf(buf + at, size - at, "%s%s", at ? ", " : "", user);
}

const char *conf_named_users(const struct conf *c, const char *name, char *buf, size_t size)
{
	char limit[RL_NAME_LEN + 8];
	size_t at = 0;

	buf[0] = 0;
	if (conf_find_use(c, false, name))
		at = add_user(buf, size, at, "the allow list");
	if (conf_find_use(c, true, name))
		at = add_user(buf, size, at, "the deny list");
	for (size_t i = 0; i < c->limits; i++) {
		if (!conf_limit_has_list(c->limit[i], name))
			continue;
		snprintf(limit, sizeof(limit), "limit %s", c->limit[i]->abi.name);
		at = add_user(buf, size, at, limit);
	}
	return buf;
}

int conf_nameds_sort(struct conf *c)
{
	int err = 0;

	for (size_t i = 0; !err && i < c->nameds; i++)
		err = conf_list_sort(&c->named[i].said);
	return err;
}

const struct conf_use *conf_find_use(const struct conf *c, bool deny, const char *name)
{
	for (size_t i = 0; i < c->uses; i++)
		if (c->use[i].deny == deny && !strcmp(c->use[i].name, name))
			return &c->use[i];
	return NULL;
}

static bool same_use(const struct conf_entry *a, const struct conf_entry *b)
{
	return a->until_s == b->until_s && a->timed == b->timed && a->elapsed == b->elapsed &&
	       conf_same_comment(a, b);
}

int conf_use_put(struct conf *c, const struct conf_use *use)
{
	struct conf_use *old = (struct conf_use *)conf_find_use(c, use->deny, use->name), *grown;
	char *comment;

	if (old && same_use(&old->how, &use->how))
		return 0;
	comment = use->how.comment ? strdup(use->how.comment) : NULL;
	grown = old ? c->use : reallocarray(c->use, c->uses + 1, sizeof(*grown));
	if (grown)
		c->use = grown;
	if (!grown || (use->how.comment && !comment)) {
		free(comment);
		return -ENOMEM;
	}
	if (old)
		free(old->how.comment);
	else
		old = &c->use[c->uses++];
	*old = *use;
	old->how.comment = comment;
	return 1;
}

static void use_del(struct conf *c, struct conf_use *use)
{
	free(use->how.comment);
	c->uses--;
	memmove(use, use + 1, sizeof(*use) * (size_t)(c->use + c->uses - use));
}

int conf_use_remove(struct conf *c, bool deny, const char *name)
{
	struct conf_use *use = (struct conf_use *)conf_find_use(c, deny, name);

	if (use)
		use_del(c, use);
	return use != NULL;
}

bool conf_has_timed_use(const struct conf *c)
{
	for (size_t i = 0; i < c->uses; i++)
		if (c->use[i].how.timed)
			return true;
	return false;
}

static bool ended(const struct conf_entry *how, __s64 now_s)
{
	return how->until_s && how->until_s <= now_s;
}

void conf_uses_expire(struct conf *c, __s64 now_s)
{
	for (size_t i = c->uses; i-- > 0;)
		if (ended(&c->use[i].how, now_s))
			use_del(c, &c->use[i]);
}

int conf_uses_carry(struct conf *to, const struct conf *from, __s64 now_s)
{
	for (size_t i = 0; i < from->uses; i++) {
		struct conf_use use = from->use[i];

		use.how.place = (struct conf_place){0};
		if (!use.how.timed || ended(&use.how, now_s) ||
		    conf_find_use(to, use.deny, use.name) || !conf_find_named(to, use.name))
			continue;
		if (conf_use_put(to, &use) < 0)
			return -ENOMEM;
	}
	return conf_settle_whole(to);
}

void conf_uses_step(struct conf *c, __s64 step_s)
{
	for (size_t i = 0; i < c->uses; i++)
		if (c->use[i].how.elapsed)
			c->use[i].how.until_s += step_s;
	conf_list_step(&c->whole_allow, step_s);
	conf_list_step(&c->whole_deny, step_s);
}

static int copy_named(const struct conf_named *from, struct conf_named *to)
{
	to->path = from->path ? strdup(from->path) : NULL;
	to->strict = from->strict;
	to->unread = from->unread;
	to->path_place = from->path_place;
	to->trouble = from->trouble ? strdup(from->trouble) : NULL;
	if (conf_list_copy(&from->said, &to->said) || conf_list_copy(&from->read, &to->read) ||
	    conf_list_copy(&from->both, &to->both))
		return -ENOMEM;
	return (from->path && !to->path) || (from->trouble && !to->trouble) ? -ENOMEM : 0;
}

static int copy_uses(const struct conf *c, struct conf *to)
{
	for (size_t i = 0; i < c->uses; i++)
		if (conf_use_put(to, &c->use[i]) < 0)
			return -ENOMEM;
	return 0;
}

int conf_nameds_copy(const struct conf *c, struct conf *to)
{
	for (size_t i = 0; i < c->nameds; i++) {
		struct conf_named *named = conf_named_make(to, c->named[i].name, c->named[i].place);

		if (!named || copy_named(&c->named[i], named))
			return -ENOMEM;
	}
	if (copy_uses(c, to))
		return -ENOMEM;
	if (conf_list_copy(&c->whole_allow, &to->whole_allow))
		return -ENOMEM;
	return conf_list_copy(&c->whole_deny, &to->whole_deny);
}

void conf_nameds_move(struct conf *to, struct conf *from)
{
	to->named = TAKE_PTR(from->named);
	to->nameds = from->nameds;
	to->use = TAKE_PTR(from->use);
	to->uses = from->uses;
	to->whole_allow = from->whole_allow;
	to->whole_deny = from->whole_deny;
	from->nameds = from->uses = 0;
	from->whole_allow = from->whole_deny = (struct conf_list){0};
}

void conf_nameds_done(struct conf *c)
{
	for (size_t i = 0; i < c->nameds; i++)
		named_done(&c->named[i]);
	free(c->named);
	while (c->uses)
		use_del(c, &c->use[c->uses - 1]);
	free(c->use);
	conf_list_done(&c->whole_allow);
	conf_list_done(&c->whole_deny);
}
