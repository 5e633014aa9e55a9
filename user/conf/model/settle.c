// SPDX-License-Identifier: GPL-2.0-only
/* What lists with a name have, to where they are used: conditions, the allow and the deny list. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/model/conf_internal.h"
#include "conf/model/named.h"

static int compare_prefixes(const void *a, const void *b)
{
	return conf_prefix_compare(a, b);
}

size_t conf_prefixes_join(struct addr_prefix *v, size_t count)
{
	size_t kept = 0;

	qsort(v, count, sizeof(*v), compare_prefixes);
	for (size_t i = 0; i < count; i++)
		if (!kept || !addr_in(&v[i].addr, &v[kept - 1]))
			v[kept++] = v[i];
	return kept;
}

/* A list that is not there, which is an error elsewhere, has nothing. */
static const struct conf_list *all_of(const struct conf *c, const char *name)
{
	static const struct conf_list none;
	const struct conf_named *named = conf_find_named(c, name);

	return named ? conf_named_all(named) : &none;
}

static int settle_cond(const struct conf *c, struct conf_cond *cond)
{
	size_t count = cond->saids;
	const struct conf_entry *e;
	struct addr_prefix *v;

	for (size_t i = 0; i < cond->lists; i++)
		count += all_of(c, cond->list[i])->count;
	v = calloc(count + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	memcpy(v, cond->said, cond->saids * sizeof(*v));
	count = cond->saids;
	for (size_t i = 0; i < cond->lists; i++)
		conf_list_each (e, at, all_of(c, cond->list[i]))
			v[count++] = e->prefix;
	free(cond->prefix);
	cond->prefix = v;
	cond->count = conf_prefixes_join(v, count);
	return 0;
}

int conf_settle_limit(const struct conf *c, struct conf_limit *l)
{
	int err = 0;

	for (size_t i = 0; !err && i < l->conds; i++)
		if (l->cond[i].lists)
			err = settle_cond(c, &l->cond[i]);
	return err;
}

bool conf_limit_has_list(const struct conf_limit *l, const char *name)
{
	for (size_t i = 0; i < l->conds; i++)
		for (size_t k = 0; k < l->cond[i].lists; k++)
			if (!name || !strcmp(l->cond[i].list[k], name))
				return true;
	return false;
}

static bool has_use(const struct conf *c, bool deny)
{
	for (size_t i = 0; i < c->uses; i++)
		if (c->use[i].deny == deny)
			return true;
	return false;
}

const struct conf_list *conf_allow(const struct conf *c)
{
	return has_use(c, false) ? &c->whole_allow : &c->allow;
}

const struct conf_list *conf_deny(const struct conf *c)
{
	return has_use(c, true) ? &c->whole_deny : &c->deny;
}

static bool ends_later(const struct conf_entry *a, const struct conf_entry *b)
{
	return b->until_s && (!a->until_s || a->until_s > b->until_s);
}

/* That of the list itself, or of a list that it has which holds longer; false: there is none. */
static bool entry_of(const struct conf *c, bool deny, const struct addr_prefix *prefix,
		     struct conf_entry *ret)
{
	const struct conf_entry *own = conf_list_find(deny ? &c->deny : &c->allow, prefix);
	bool found = own != NULL;

	if (own)
		*ret = *own;
	for (size_t i = 0; i < c->uses; i++) {
		const struct conf_use *use = &c->use[i];

		if (use->deny != deny || !conf_list_find(all_of(c, use->name), prefix) ||
		    (found && !ends_later(&use->how, ret)))
			continue;
		*ret = (struct conf_entry){.prefix = *prefix,
					   .until_s = use->how.until_s,
					   .elapsed = use->how.elapsed};
		found = true;
	}
	return found;
}

const struct conf_use *conf_use_of(const struct conf *c, bool deny, const struct conf_entry *e)
{
	const struct conf_entry *own = conf_list_find(deny ? &c->deny : &c->allow, &e->prefix);

	if (own && own->until_s == e->until_s)
		return NULL;
	for (size_t i = 0; i < c->uses; i++)
		if (c->use[i].deny == deny && c->use[i].how.until_s == e->until_s &&
		    conf_list_find(all_of(c, c->use[i].name), &e->prefix))
			return &c->use[i];
	return NULL;
}

int conf_settle_entry(struct conf *c, bool deny, const struct addr_prefix *prefix)
{
	struct conf_list *whole = deny ? &c->whole_deny : &c->whole_allow;
	struct conf_entry entry;
	int r;

	if (!has_use(c, deny))
		return 0;
	if (entry_of(c, deny, prefix, &entry))
		r = conf_list_put(whole, &entry, false);
	else
		r = conf_list_remove(whole, prefix);
	return r < 0 ? r : 0;
}

static int add_use(struct conf *c, const struct conf_use *use, struct conf_list *whole)
{
	const struct conf_entry *e;
	struct conf_entry entry;

	conf_list_each (e, at, all_of(c, use->name))
		if (entry_of(c, use->deny, &e->prefix, &entry) &&
		    conf_list_put(whole, &entry, true) < 0)
			return -ENOMEM;
	return 0;
}

static int settle_list(struct conf *c, bool deny)
{
	struct conf_list *whole = deny ? &c->whole_deny : &c->whole_allow;
	struct conf_list all = {0};
	int err = 0;

	if (has_use(c, deny))
		err = conf_list_copy(deny ? &c->deny : &c->allow, &all);
	for (size_t i = 0; !err && i < c->uses; i++)
		if (c->use[i].deny == deny)
			err = add_use(c, &c->use[i], &all);
	if (!err)
		err = conf_list_sort(&all);
	if (err) {
		conf_list_done(&all);
		return err;
	}
	conf_list_done(whole);
	*whole = all;
	return 0;
}

int conf_settle_whole(struct conf *c)
{
	int err = settle_list(c, false);

	return err ? err : settle_list(c, true);
}

static bool is_used(const struct conf *c, const char *name)
{
	return !name || conf_find_use(c, false, name) || conf_find_use(c, true, name);
}

/* Both of a list with statements and a file. */
static int settle_named(struct conf_named *named)
{
	struct conf_list both = {0};
	const struct conf_entry *e;
	int err = 0;

	if (named->said.count && named->read.count)
		err = conf_list_copy(&named->read, &both);
	if (both.count)
		conf_list_each (e, at, &named->said)
			if (!err && conf_list_put(&both, e, true) < 0)
				err = -ENOMEM;
	if (!err)
		err = conf_list_sort(&both);
	if (err) {
		conf_list_done(&both);
		return err;
	}
	conf_list_done(&named->both);
	named->both = both;
	return 0;
}

int conf_settle(struct conf *c, const char *name)
{
	for (size_t i = 0; i < c->nameds; i++)
		if ((!name || !strcmp(c->named[i].name, name)) && settle_named(&c->named[i]))
			return -ENOMEM;
	for (size_t i = 0; i < c->limits; i++) {
		struct conf_limit *l = c->limit[i];

		if (!conf_limit_has_list(l, name))
			continue;
		l = conf_limit_own(c, i);
		if (!l || conf_settle_limit(c, l))
			return -ENOMEM;
	}
	return is_used(c, name) ? conf_settle_whole(c) : 0;
}
