// SPDX-License-Identifier: GPL-2.0-only
/* Statements of a configuration as text that loads again to the same thing. */

#include "base/names.h"
#include "base/units.h"
#include "conf/grammar/lex.h"
#include "conf/grammar/cond_names.h"
#include "conf/grammar/print.h"
#include "conf/model/conf_internal.h"

static void print_duration(const char *before, __u64 ns, FILE *out)
{
	char buf[UNITS_TEXT];

	fprintf(out, "%s%s", before, units_format_duration(ns, buf));
}

void conf_print_window(const struct rl_limit *l, unsigned window, FILE *out)
{
	char buf[UNITS_TEXT];

	fputs(units_format_amount(l->window[window].amount, (enum rl_unit)l->unit, buf), out);
	print_duration("/", l->window[window].period_ns, out);
}

static void print_rates(const struct rl_limit *l, FILE *out)
{
	for (unsigned i = 0; i < l->windows; i++) {
		fputs(i ? ", " : "", out);
		conf_print_window(l, i, out);
	}
}

void conf_print_per(const struct rl_limit *l, FILE *out)
{
	static const char *const parts[] = {"source", "destination", "dport", "sport", "proto"};
	bool first = true;

	if (l->key & RL_KEY_APP) {
		fputs("app", out);
		return;
	}
	if (l->key == 0)
		fputs("all", out);
	for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (!(l->key & 1u << i))
			continue;
		fprintf(out, "%s%s", first ? "" : ",", parts[i]);
		first = false;
		if (i != 0 || (l->prefix4 == 32 && l->prefix6 == 64))
			continue;
		fprintf(out, "/%u", l->prefix4);
		if (l->prefix6 != 64)
			fprintf(out, "/%u", l->prefix6);
	}
}
_Static_assert(RL_KEY_SOURCE == 1 && RL_KEY_DESTINATION == 2 && RL_KEY_DPORT == 4 &&
		       RL_KEY_SPORT == 8 && RL_KEY_PROTO == 16,
	       "the order of parts[]");

static bool all_named(const struct conf_cond *cond)
{
	for (size_t i = 0; i < cond->count; i++)
		if (cond->range[i].first != cond->range[i].last ||
		    !proto_name(cond->range[i].first))
			return false;
	return true;
}

static void print_element(const struct conf_cond *cond, size_t i, FILE *out)
{
	char buf[ADDR_TEXT], flags[FLAGS_TEXT];

	if (cond->prefix) {
		fputs(addr_format_prefix(&cond->prefix[i], buf), out);
	} else if (cond->kind == CONF_COND_FLAGS) {
		fputs(flags_format(cond->range[i].first, flags), out);
	} else if (cond->kind == CONF_COND_PROTO && all_named(cond)) {
		fputs(proto_name(cond->range[i].first), out);
	} else {
		fprintf(out, "%u", cond->range[i].first);
		if (cond->range[i].last != cond->range[i].first)
			fprintf(out, "-%u", cond->range[i].last);
	}
}

/* Names of interfaces may need quotes, and the list is one word. */
static void print_ifaces(const struct conf_cond *cond, FILE *out)
{
	char list[CONF_LINE_MAX + 1];
	size_t at = 0;

	for (size_t i = 0; i < cond->count && at < sizeof(list); i++)
		at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%s", i ? "," : "",
				       cond->iface[i]);
	word_print(list, out);
}

static void print_lists(const struct conf_cond *cond, FILE *out)
{
	char buf[ADDR_TEXT];

	for (size_t i = 0; i < cond->lists; i++)
		fprintf(out, "%s@%s", i ? "," : "", cond->list[i]);
	for (size_t i = 0; i < cond->saids; i++)
		fprintf(out, ",%s", addr_format_prefix(&cond->said[i], buf));
}

void conf_print_cond(const struct conf_cond *cond, FILE *out)
{
	bool bare = cond->kind == CONF_COND_PROTO && all_named(cond);

	fputs(cond->negated ? "not " : "", out);
	if (!bare)
		fputs(conf_cond_word(cond->kind), out);
	fputs((cond->count || cond->lists) && !bare ? " " : "", out);
	if (cond->iface || cond->lists) {
		cond->iface ? print_ifaces(cond, out) : print_lists(cond, out);
		return;
	}
	for (size_t i = 0; i < cond->count; i++) {
		fputs(i ? "," : "", out);
		print_element(cond, i, out);
	}
}

void conf_print_match(const struct conf_limit *l, FILE *out)
{
	if (l->any)
		fputs("any", out);
	for (size_t i = 0; i < l->conds; i++) {
		fputs(i ? " " : "", out);
		conf_print_cond(&l->cond[i], out);
	}
}

void conf_print_ban(const struct rl_limit *l, FILE *out)
{
	if (!l->ban_ns)
		return;
	print_duration("", l->ban_ns, out);
	if (l->ban_max_ns != l->ban_ns)
		print_duration(" up to ", l->ban_max_ns, out);
	if (l->ban_within_ns) {
		fprintf(out, " after %u breaches", l->ban_after);
		print_duration(" in ", l->ban_within_ns, out);
	}
	if (l->flags & RL_LIMIT_BAN_EVERYWHERE)
		fputs(" everywhere", out);
}

/* The clauses that are not what they are by default, after per and match. */
static void print_clauses(const struct conf_limit *l, FILE *out)
{
	const struct rl_limit *abi = &l->abi;

	if (abi->strategy != RL_STRATEGY_FIXED_WINDOW)
		fprintf(out, " strategy %s", names_text(&names_strategy, abi->strategy));
	if (abi->burst)
		fprintf(out, " burst %llu", (unsigned long long)abi->burst);
	if (abi->on_full != RL_ON_FULL_SPREAD)
		fprintf(out, " on-full %s", names_text(&names_on_full, abi->on_full));
	if (abi->ban_ns) {
		fputs(" ban for ", out);
		conf_print_ban(abi, out);
	}
	if (abi->flags & RL_LIMIT_MONITOR)
		fputs(" monitor", out);
	if (l->comment[0]) {
		fputs(" comment ", out);
		word_print(l->comment, out);
	}
}

void conf_print_set_limit(const struct conf_limit *l, FILE *out)
{
	fprintf(out, "set-limit %s ", l->abi.name);
	print_rates(&l->abi, out);
	fputs(" per ", out);
	conf_print_per(&l->abi, out);
	if (l->any || l->conds) {
		fputs(" match ", out);
		conf_print_match(l, out);
	}
	print_clauses(l, out);
	fputc('\n', out);
}

void conf_export_limit(const struct conf_limit *l, FILE *out)
{
	conf_print_set_limit(l, out);
	if (!l->enabled)
		fprintf(out, "disable %s\n", l->abi.name);
}

void conf_print_attach(const struct conf_attach *a, FILE *out)
{
	fputs("attach ", out);
	word_print(a->iface, out);
	if (a->mode != CONF_ATTACH_AUTO)
		fprintf(out, " mode %s", conf_attach_mode_text(a->mode));
	fputc('\n', out);
}

void conf_print_option(const struct conf *c, size_t i, FILE *out)
{
	char buf[CONF_TEXT];

	fprintf(out, "set-option %s ", conf_option_info(i)->name);
	word_print(conf_option_format(c, i, buf), out);
	fputc('\n', out);
}

void conf_print_end(const struct conf_entry *e, __s64 now_s, FILE *out)
{
	char time[UNITS_TEXT];

	if (e->elapsed && now_s)
		fprintf(out, " for %llds", (long long)(e->until_s - now_s));
	else if (e->timed)
		fprintf(out, " until %s",
			e->until_s ? units_format_time(e->until_s, time) : "never");
	if (e->comment) {
		fputs(" comment ", out);
		word_print(e->comment, out);
	}
}

static void print_entry(const char *list, const struct conf_entry *e, __s64 now_s, FILE *out)
{
	char buf[ADDR_TEXT];

	fprintf(out, "%s add %s", list, addr_format_prefix(&e->prefix, buf));
	conf_print_end(e, now_s, out);
	fputc('\n', out);
}

void conf_print_entry(const char *list, const struct conf_entry *e, FILE *out)
{
	print_entry(list, e, 0, out);
}

static void export_list(const char *name, const struct conf_list *l, __s64 now_s, FILE *out)
{
	const struct conf_entry *e;

	conf_list_each (e, at, l)
		if (!now_s || !e->elapsed || e->until_s > now_s)
			print_entry(name, e, now_s, out);
}

/* The default limit, which judges last wherever it stands, stands last. */
void conf_export_left(const struct conf *c, __s64 now_s, FILE *out)
{
	const struct conf_limit *last;

	fprintf(out, "mode %s\n", names_text(&names_mode, c->mode));
	for (size_t i = 0; i < conf_option_count(); i++)
		if (c->options_set & 1u << i)
			conf_print_option(c, i, out);
	for (size_t i = 0; i < c->attaches; i++)
		conf_print_attach(&c->attach[i], out);
	conf_export_nameds(c, out);
	export_list("allow", &c->allow, now_s, out);
	conf_export_uses(c, false, now_s, out);
	export_list("deny", &c->deny, now_s, out);
	conf_export_uses(c, true, now_s, out);
	for (size_t i = 0; i < c->limits; i++)
		if (!conf_limit_is_default(c->limit[i]))
			conf_export_limit(c->limit[i], out);
	last = conf_find_limit(c, "default");
	if (last)
		conf_export_limit(last, out);
}

void conf_export(const struct conf *c, FILE *out)
{
	conf_export_left(c, 0, out);
}

char *conf_export_text(const struct conf *c)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (out) {
		conf_export(c, out);
		fclose(out);
	}
	return text;
}
