// SPDX-License-Identifier: GPL-2.0-only
/* What one configuration has that another has not, as statements. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "conf/grammar/print.h"
#include "conf/model/conf_internal.h"

/* Bans and entries with an end are state, which no file is missing: they are no difference. */

static size_t diff_options(const struct conf *base, const struct conf *c, FILE *out)
{
	char a[CONF_TEXT], b[CONF_TEXT];
	size_t count = 0;

	for (size_t i = 0; i < conf_option_count(); i++) {
		if (strcmp(conf_option_format(base, i, a), conf_option_format(c, i, b)) == 0 &&
		    !(c->options_set & ~base->options_set & 1u << i))
			continue;
		count++;
		if (out)
			conf_print_option(c, i, out);
	}
	return count;
}

/* The command that takes a statement of `base` away. */
static size_t take_away(FILE *gone, const char *command, const char *what)
{
	if (gone)
		fprintf(gone, "%s %s\n", command, what);
	return 1;
}

static size_t diff_attaches(const struct conf *base, const struct conf *c, FILE *out, FILE *gone)
{
	size_t count = 0;

	for (size_t i = 0; i < c->attaches; i++) {
		const struct conf_attach *old = conf_find_attach(base, c->attach[i].iface);

		if (old && old->mode == c->attach[i].mode)
			continue;
		count++;
		if (out)
			conf_print_attach(&c->attach[i], out);
	}
	for (size_t i = 0; i < base->attaches; i++)
		if (!conf_find_attach(c, base->attach[i].iface))
			count += take_away(gone, "detach", base->attach[i].iface);
	return count;
}

static size_t diff_list(const struct conf_list *base, const struct conf_list *l, const char *name,
			FILE *out)
{
	struct conf_pair p = conf_pair_begin(base, l);
	size_t count = 0;

	while (conf_pair_next(&p, true)) {
		if (!p.new || p.new->timed ||
		    (p.old && !p.old->timed && conf_same_comment(p.old, p.new)))
			continue;
		count++;
		if (out)
			conf_print_entry(name, p.new, out);
	}
	return count;
}

/* Deleted, or replaced by a ban or an entry with an end. */
static size_t gone_list(const struct conf_list *base, const struct conf_list *l, const char *name,
			FILE *gone)
{
	struct conf_pair p = conf_pair_begin(base, l);
	char text[ADDR_TEXT];
	size_t count = 0;

	while (conf_pair_next(&p, true)) {
		if (!p.old || p.old->timed || (p.new && !p.new->timed))
			continue;
		count++;
		if (gone && p.new)
			conf_print_entry(name, p.new, gone);
		else if (gone)
			fprintf(gone, "%s del %s\n", name,
				addr_format_prefix(&p.old->prefix, text));
	}
	return count;
}

static size_t diff_lists(const struct conf *base, const struct conf *c, FILE *out, FILE *gone)
{
	return diff_list(&base->allow, &c->allow, "allow", out) +
	       diff_list(&base->deny, &c->deny, "deny", out) +
	       gone_list(&base->allow, &c->allow, "allow", gone) +
	       gone_list(&base->deny, &c->deny, "deny", gone);
}

static int compare_prefixes(const struct addr_prefix *a, const struct addr_prefix *b, size_t count)
{
	int order = 0;

	for (size_t i = 0; !order && i < count; i++)
		order = conf_prefix_compare(&a[i], &b[i]);
	return order;
}

static int compare_lists(const struct conf_cond *a, const struct conf_cond *b)
{
	int order;

	if (a->lists) {
		order = memcmp(a->list, b->list, a->lists * sizeof(*a->list));
		return order ? order : compare_prefixes(a->said, b->said, a->saids);
	}
	if (a->range)
		return memcmp(a->range, b->range, a->count * sizeof(*a->range));
	if (a->iface)
		return memcmp(a->iface, b->iface, a->count * sizeof(*a->iface));
	return a->prefix ? compare_prefixes(a->prefix, b->prefix, a->count) : 0;
}

/* How many elements were written: what lists have does not matter. */
static int compare_counts(const struct conf_cond *a, const struct conf_cond *b)
{
	if (a->lists != b->lists)
		return a->lists < b->lists ? -1 : 1;
	if (a->lists)
		return (a->saids > b->saids) - (a->saids < b->saids);
	return (a->count > b->count) - (a->count < b->count);
}

static int compare_conds(const void *a, const void *b)
{
	const struct conf_cond *x = a, *y = b;
	int order = compare_counts(x, y);

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->negated != y->negated)
		return x->negated ? 1 : -1;
	return order ? order : compare_lists(x, y);
}

/* All conditions hold in whatever order, and one that stands twice holds once. */
static void sort_conds(struct conf_limit *l)
{
	size_t count = l->conds;

	qsort(l->cond, count, sizeof(*l->cond), compare_conds);
	l->conds = 0;
	for (size_t i = 0; i < count; i++)
		if (!i || compare_conds(&l->cond[i], &l->cond[l->conds - 1]) != 0)
			l->cond[l->conds++] = l->cond[i];
}

/* The set-limit statement, owned by the caller; NULL without memory. */
static char *statement(const struct conf_limit *l)
{
	struct conf_limit sorted = *l; /* owns nothing */
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	sort_conds(&sorted);
	conf_print_set_limit(&sorted, out);
	fclose(out);
	return text;
}

/* In whatever words and order; whether they are enabled does not matter. */
bool conf_same_limit(const struct conf_limit *a, const struct conf_limit *b)
{
	_cleanup_free_ char *x = statement(a);
	_cleanup_free_ char *y = statement(b);

	return x && y && strcmp(x, y) == 0;
}

/* A file cannot enable: set-limit does, as it replaces the whole limit. */
static size_t diff_limit(const struct conf_limit *old, const struct conf_limit *l, FILE *out)
{
	bool same = old && conf_same_limit(old, l);
	bool disable = !l->enabled && (!same || old->enabled);
	bool set = !same || (l->enabled && !old->enabled);

	if (out && set)
		conf_print_set_limit(l, out);
	if (out && disable)
		fprintf(out, "disable %s\n", l->abi.name);
	return (size_t)set + disable;
}

static size_t diff_limits(const struct conf *base, const struct conf *c, FILE *out, FILE *gone)
{
	size_t count = 0;

	for (size_t i = 0; i < c->limits; i++)
		count += diff_limit(conf_find_limit(base, c->limit[i]->abi.name), c->limit[i], out);
	for (size_t i = 0; i < base->limits; i++)
		if (!conf_find_limit(c, base->limit[i]->abi.name))
			count += take_away(gone, "del-limit", base->limit[i]->abi.name);
	return count;
}

size_t conf_diff(const struct conf *base, const struct conf *c, FILE *out, FILE *gone)
{
	size_t count = base->mode != c->mode;

	if (out && count)
		fprintf(out, "mode %s\n", names_text(&names_mode, c->mode));
	count += diff_options(base, c, out);
	count += diff_attaches(base, c, out, gone);
	count += conf_diff_nameds(base, c, out, gone);
	count += diff_lists(base, c, out, gone);
	count += conf_diff_uses(base, c, out, gone);
	count += diff_limits(base, c, out, gone);
	return count + conf_gone_nameds(base, c, gone);
}
