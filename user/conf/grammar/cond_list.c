// SPDX-License-Identifier: GPL-2.0-only
/* The lists of conditions: ports, protocols, prefixes, interfaces. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/grammar/cond_list.h"
#include "conf/grammar/cond_list_internal.h"
#include "conf/grammar/cond_names.h"
#include "conf/model/conf_internal.h"

static size_t elements(const struct word *w)
{
	size_t count = 1;

	for (size_t i = 0; i < w->len; i++)
		count += w->text[i] == ',';
	return count;
}

/* Calls `take` for each element of the next word; it writes element `cond->count`. */
static int take_list(struct stmt *s, struct conf_cond *cond, __u32 max, take_element take)
{
	const struct word *w = stmt_peek(s);
	struct element e = {.w = w, .max = max};
	int err;

	s->at++;
	for (; e.from <= w->len; e.from += e.len + 1, cond->count++) {
		const char *comma = memchr(w->text + e.from, ',', w->len - e.from);

		e.len = comma ? (size_t)(comma - w->text) - e.from : w->len - e.from;
		if (e.len == 0) {
			stmt_fail(s, w, e.from, 1, "list with an empty element");
			return diag_expect(s->d, "elements with \",\" between and no blanks");
		}
		err = take(s, cond, &e);
		if (err)
			return err;
	}
	return 0;
}

int cond_list_require(struct stmt *s, const char *what)
{
	if (stmt_peek(s))
		return 0;
	stmt_fail_end(s, "%s is missing", what);
	return diag_expect(s->d, "%s", what);
}

int cond_list_compare_ranges(const void *a, const void *b)
{
	const struct conf_range *x = a, *y = b;

	return x->first != y->first ? (x->first > y->first) - (x->first < y->first)
				    : (x->last > y->last) - (x->last < y->last);
}

/* Sorted, and joined where they touch: two spellings of one set are the same text. */
static void join_ranges(struct conf_cond *cond)
{
	size_t count = 1;

	qsort(cond->range, cond->count, sizeof(*cond->range), cond_list_compare_ranges);
	for (size_t i = 1; i < cond->count; i++) {
		struct conf_range *last = &cond->range[count - 1];

		if (cond->range[i].first > last->last + 1)
			cond->range[count++] = cond->range[i];
		else if (cond->range[i].last > last->last)
			last->last = cond->range[i].last;
	}
	cond->count = count;
}

static int fail_range(struct stmt *s, const struct element *e, const char *what)
{
	stmt_fail(s, e->w, e->from, e->len, "%s \"%.*s\"", what, e->len > 64 ? 64 : (int)e->len,
		  e->w->text + e->from);
	return diag_expect(s->d, "a number or a range A-B, 0 to %u", e->max);
}

static int take_range(struct stmt *s, struct conf_cond *cond, const struct element *e)
{
	const char *text = e->w->text + e->from;
	const char *dash = memchr(text, '-', e->len);
	size_t first_len = dash ? (size_t)(dash - text) : e->len;
	__u64 first, last;

	if (units_parse_u64(text, first_len, &first))
		return fail_range(s, e, "bad number or range");
	last = first;
	if (dash && units_parse_u64(dash + 1, e->len - first_len - 1, &last))
		return fail_range(s, e, "bad number or range");
	if (first > e->max || last > e->max)
		return fail_range(s, e, "out of range:");
	if (first > last)
		return fail_range(s, e, "range that ends before it begins:");
	cond->range[cond->count] = (struct conf_range){(__u32)first, (__u32)last};
	return 0;
}

static int take_proto(struct stmt *s, struct conf_cond *cond, const struct element *e)
{
	int number = proto_find(e->w->text + e->from, e->len);
	char first = e->w->text[e->from];

	if (number < 0 && (e->max == 0 || first < '0' || first > '9'))
		return stmt_fail_part(s, e->w, e->from, e->len, "protocol", proto_list());
	if (number < 0)
		return take_range(s, cond, e);
	cond->range[cond->count] = (struct conf_range){(__u32)number, (__u32)number};
	return 0;
}

int cond_list_take_ranges(struct stmt *s, struct conf_cond *cond, __u32 max, take_element take)
{
	cond->range = calloc(elements(stmt_peek(s)), sizeof(*cond->range));
	if (!cond->range)
		return diag_errno(s->d, ENOMEM, "cannot read a list");
	return take_list(s, cond, max, take);
}

static int take_ranges(struct stmt *s, struct conf_cond *cond, __u32 max, take_element take)
{
	int err = cond_list_take_ranges(s, cond, max, take);

	if (!err)
		join_ranges(cond);
	return err;
}

int cond_take_ranges(struct stmt *s, struct conf_cond *cond, __u32 max)
{
	int err = cond_list_require(s, "list of numbers");

	return err ? err : take_ranges(s, cond, max, take_range);
}

int cond_take_protos(struct stmt *s, struct conf_cond *cond, __u32 max)
{
	int err = cond_list_require(s, "protocol");

	return err ? err : take_ranges(s, cond, max, take_proto);
}

int cond_take_proto_names(struct stmt *s, struct conf_cond *cond)
{
	return take_ranges(s, cond, 0, take_proto);
}

static int take_prefix(struct stmt *s, struct conf_cond *cond, const struct element *e)
{
	char name[RL_NAME_LEN];
	int err;

	if (e->w->text[e->from] != '@')
		return stmt_parse_prefix(s, e->w, e->from, e->len, &cond->said[cond->saids++]);
	err = stmt_parse_list_name(s, e->w, e->from, e->len, name);
	for (size_t i = 0; !err && i < cond->lists; i++)
		if (!strcmp(cond->list[i], name))
			return 0;
	if (!err)
		memcpy(cond->list[cond->lists++], name, sizeof(name));
	return err;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Without lists the prefixes are those that were said. */
static void settle_prefixes(struct conf_cond *cond)
{
	cond->saids = conf_prefixes_join(cond->said, cond->saids);
	cond->count = 0;
	if (cond->lists) {
		qsort(cond->list, cond->lists, sizeof(*cond->list), compare_names);
		return;
	}
	free(cond->prefix);
	free(cond->list);
	cond->list = NULL;
	cond->prefix = cond->said;
	cond->count = cond->saids;
	cond->said = NULL;
	cond->saids = 0;
}

int cond_take_prefixes(struct stmt *s, struct conf_cond *cond, __u32 max)
{
	int err = cond_list_require(s, "prefix");
	size_t room;

	if (err)
		return err;
	room = elements(stmt_peek(s));
	cond->said = calloc(room, sizeof(*cond->said));
	cond->list = calloc(room, sizeof(*cond->list));
	cond->prefix = calloc(1, sizeof(*cond->prefix));
	if (!cond->said || !cond->list || !cond->prefix)
		return diag_errno(s->d, ENOMEM, "cannot read a list");
	err = take_list(s, cond, max, take_prefix);
	if (!err)
		settle_prefixes(cond);
	return err;
}

static int take_iface(struct stmt *s, struct conf_cond *cond, const struct element *e)
{
	int err = stmt_check_iface(s, e->w, e->from, e->len);

	if (!err)
		memcpy(cond->iface[cond->count], e->w->text + e->from, e->len);
	return err;
}

static int compare_ifaces(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void join_ifaces(struct conf_cond *cond)
{
	size_t count = 1;

	qsort(cond->iface, cond->count, sizeof(*cond->iface), compare_ifaces);
	for (size_t i = 1; i < cond->count; i++)
		if (strcmp(cond->iface[i], cond->iface[count - 1]) != 0)
			memmove(cond->iface[count++], cond->iface[i], sizeof(*cond->iface));
	cond->count = count;
}

int cond_take_ifaces(struct stmt *s, struct conf_cond *cond, __u32 max)
{
	int err = cond_list_require(s, "name of an interface");

	if (err)
		return err;
	cond->iface = calloc(elements(stmt_peek(s)), sizeof(*cond->iface));
	if (!cond->iface)
		return diag_errno(s->d, ENOMEM, "cannot read a list");
	err = take_list(s, cond, max, take_iface);
	if (!err)
		join_ifaces(cond);
	return err;
}
