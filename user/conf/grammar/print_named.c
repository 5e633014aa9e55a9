// SPDX-License-Identifier: GPL-2.0-only
/* Lists with a name, and their use by the allow and the deny list, as statements. */
#include <string.h>

#include "conf/grammar/lex.h"
#include "conf/grammar/print.h"
#include "conf/model/conf_internal.h"
#include "conf/model/named.h"

static size_t print_new(const struct conf_named *named, FILE *out)
{
	if (out)
		fprintf(out, "list %s\n", named->name);
	return 1;
}

static void print_prefix(const char *name, const char *what, const struct conf_entry *e, FILE *out)
{
	char buf[ADDR_TEXT];

	fprintf(out, "list %s %s %s\n", name, what, addr_format_prefix(&e->prefix, buf));
}

/* What `new` has and `old` has not. */
static size_t diff_said(const char *name, const char *what, struct conf_pair p, FILE *out)
{
	size_t count = 0;

	while (conf_pair_next(&p, true)) {
		if (p.old || !p.new)
			continue;
		count++;
		if (out)
			print_prefix(name, what, p.new, out);
	}
	return count;
}

static size_t diff_path(const struct conf_named *old, const struct conf_named *new, FILE *out)
{
	if (!new->path ||
	    (old && old->path && !strcmp(old->path, new->path) && old->strict == new->strict))
		return 0;
	if (out) {
		fprintf(out, "list %s file ", new->name);
		word_print(new->path, out);
		fprintf(out, "%s\n", new->strict ? " strict" : "");
	}
	return 1;
}

/* A list that its prefixes or its file make needs no statement of its own. */
static size_t diff_named(const struct conf_named *old, const struct conf_named *new, FILE *out,
			 FILE *gone)
{
	static const struct conf_list none;
	const struct conf_list *before = old ? &old->said : &none;
	size_t count = 0;

	if (!old && !new->said.count && !new->path)
		count += print_new(new, out);
	count += diff_path(old, new, out);
	count += diff_said(new->name, "add", conf_pair_begin(before, &new->said), out);
	return count + diff_said(new->name, "del", conf_pair_begin(&new->said, before), gone);
}

size_t conf_diff_nameds(const struct conf *base, const struct conf *c, FILE *out, FILE *gone)
{
	size_t count = 0;

	for (size_t i = 0; i < c->nameds; i++)
		count += diff_named(conf_find_named(base, c->named[i].name), &c->named[i], out,
				    gone);
	return count;
}

size_t conf_gone_nameds(const struct conf *base, const struct conf *c, FILE *gone)
{
	size_t count = 0;

	for (size_t i = 0; i < base->nameds; i++) {
		if (conf_find_named(c, base->named[i].name))
			continue;
		count++;
		if (gone)
			fprintf(gone, "del-list %s\n", base->named[i].name);
	}
	return count;
}

void conf_export_nameds(const struct conf *c, FILE *out)
{
	static const struct conf none;

	conf_diff_nameds(&none, c, out, NULL);
}

static void print_use(const struct conf_use *use, __s64 now_s, FILE *out)
{
	fprintf(out, "%s add @%s", use->deny ? "deny" : "allow", use->name);
	conf_print_end(&use->how, now_s, out);
	fputc('\n', out);
}

void conf_export_uses(const struct conf *c, bool deny, __s64 now_s, FILE *out)
{
	for (size_t i = 0; i < c->uses; i++) {
		const struct conf_entry *how = &c->use[i].how;

		if (c->use[i].deny == deny && (!now_s || !how->elapsed || how->until_s > now_s))
			print_use(&c->use[i], now_s, out);
	}
}

/* What has an end is state, which no file is missing. */
static bool is_said(const struct conf_use *use)
{
	return use && !use->how.timed;
}

static size_t diff_uses(const struct conf *base, const struct conf *c, FILE *out)
{
	size_t count = 0;

	for (size_t i = 0; i < c->uses; i++) {
		const struct conf_use *new = &c->use[i];
		const struct conf_use *old = conf_find_use(base, new->deny, new->name);

		if (!is_said(new) || (is_said(old) && conf_same_comment(&old->how, &new->how)))
			continue;
		count++;
		if (out)
			print_use(new, 0, out);
	}
	return count;
}

static size_t gone_uses(const struct conf *base, const struct conf *c, FILE *gone)
{
	size_t count = 0;

	for (size_t i = 0; i < base->uses; i++) {
		const struct conf_use *old = &base->use[i];
		const struct conf_use *new = conf_find_use(c, old->deny, old->name);

		if (!is_said(old) || is_said(new))
			continue;
		count++;
		if (gone && new)
			print_use(new, 0, gone);
		else if (gone)
			fprintf(gone, "%s del @%s\n", old->deny ? "deny" : "allow", old->name);
	}
	return count;
}

size_t conf_diff_uses(const struct conf *base, const struct conf *c, FILE *out, FILE *gone)
{
	return diff_uses(base, c, out) + gone_uses(base, c, gone);
}
