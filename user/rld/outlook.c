// SPDX-License-Identifier: GPL-2.0-only
/* A candidate configuration beside the one at work: the guard's objections, interfaces, options. */
#include "rld/outlook.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/time.h"
#include "rld/guard.h"
#include "rld/ifaces.h"
#include "rld/lists.h"
#include "rld/log.h"
#include "rld/sink.h"

static void free_conf(struct conf **conf)
{
	conf_free(*conf);
}

/* Before it was tried to attach them: those that are not there. */
static json_t *pending_of(const struct rld *rld, const struct conf *cand)
{
	json_t *list = json_array();
	struct dp_iface iface;
	char none[64];

	for (size_t i = 0; i < cand->attaches; i++) {
		const char *name = cand->attach[i].iface;
		const char *note = ifaces_note(rld, name);

		if (ifaces_get(rld->dp, name, &iface) ||
		    (cand != rld->conf && if_nametoindex(name)))
			continue;
		snprintf(none, sizeof(none), "there is no interface %s", name);
		json_array_append_new(
			list, json_pack("{s:s, s:s}", "name", name, "note", note[0] ? note : none));
	}
	return list;
}

static bool names_iface(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->attaches; i++)
		if (!strcmp(conf->attach[i].iface, name))
			return true;
	return false;
}

static json_t *detached_of(const struct rld *rld, const struct conf *cand)
{
	struct dp_iface v[RL_IFACES_MAX];
	size_t count = dp_ifaces(rld->dp, v);
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		if (!names_iface(cand, v[i].name))
			json_array_append_new(list, json_string(v[i].name));
	return list;
}

bool outlook_waits(const struct rld *rld, const struct conf *conf, const char *option)
{
	return !strcmp(option, "sources-max") &&
	       conf->options.sources_max != dp_sources_max(rld->dp);
}

static json_t *restarts_of(const struct rld *rld, const struct conf *cand)
{
	json_t *list = json_array();

	for (size_t i = 0; i < conf_option_count(); i++)
		if (outlook_waits(rld, cand, conf_option_info(i)->name))
			json_array_append_new(list, json_string(conf_option_info(i)->name));
	return list;
}

static char *diff_text(const struct conf *base, const struct conf *conf)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	conf_diff(base, conf, out, out);
	fclose(out);
	return text;
}

/* As names, for there may be a hundred thousand. */
static json_t *set_of_lines(char *text)
{
	json_t *set = json_object();
	char *line;

	while ((line = strsep(&text, "\n")))
		json_object_set_new(set, line, json_true());
	return set;
}

/* Statements at work that neither the files say nor the candidate does. */
static json_t *dropped_of(const struct rld *rld, const struct conf *cand)
{
	_cleanup_free_ char *unsaved = rld->files ? diff_text(rld->files, rld->conf) : NULL;
	_cleanup_free_ char *missing = unsaved && *unsaved ? diff_text(cand, rld->conf) : NULL;
	json_t *set = set_of_lines(missing);
	json_t *list = json_array();
	char *rest = unsaved, *line;

	while ((line = strsep(&rest, "\n")))
		if (*line && json_object_get(set, line))
			json_array_append_new(list, json_string(line));
	json_decref(set);
	return list;
}

static json_t *failed_logs(const struct rld *rld)
{
	json_t *list = json_array();

	for (size_t i = 0; i < sinks_count(rld->sinks); i++) {
		struct sink_view view;

		sinks_view(rld->sinks, i, &view);
		if (view.state == SINK_FAILED)
			json_array_append_new(list, json_pack("{s:s, s:s}", "log", view.name,
							      "error", strerror(view.error)));
	}
	return list;
}

json_t *outlook_of(const struct rld *rld, const struct guard_change *change)
{
	const struct conf *cand = change->new;

	return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o}", "limits", (json_int_t)cand->limits,
			 "warnings", guard_objections(rld, change), "pending",
			 pending_of(rld, cand), "detached", detached_of(rld, cand),
			 "restart_needed", restarts_of(rld, cand), "dropped",
			 change->old ? dropped_of(rld, cand) : json_array());
}

void outlook_done(const struct rld *rld, json_t *outlook)
{
	json_set_u64(outlook, "generation", dp_rules(rld->dp)->generation);
	json_object_set_new(outlook, "pending", pending_of(rld, rld->conf));
	json_object_set_new(outlook, "logs_failed", failed_logs(rld));
}

/* What the interfaces and the notices of the files come to stands there already. */
void outlook_log(const json_t *outlook)
{
	size_t i;
	const json_t *item;

	json_array_foreach (json_object_get(outlook, "warnings"), i, item)
		log_line("warning: %s", json_text(item, "text", ""));
	json_array_foreach (json_object_get(outlook, "restart_needed"), i, item)
		log_line("%s acts after a restart", json_string_value(item));
	json_array_foreach (json_object_get(outlook, "dropped"), i, item)
		log_line("dropped, as no file says it: %s", json_string_value(item));
}

static __u32 any_slot(void *ctx, const char *name)
{
	return 1;
}

json_t *outlook_check(const struct rld *rld, const struct request *request, struct diag *d)
{
	_cleanup_(free_conf) struct conf *cand = conf_new();
	_cleanup_(conf_image_done) struct conf_image image = {0};
	struct peer session = request->session;
	const struct peers clients = {.v = &session, .count = session.port != 0};
	const struct guard_change change = {.old = rld->conf, .new = cand, .clients = &clients};

	if (!request->config) {
		diag_set(d, DIAG_USAGE, "check needs the statements as text in \"config\"");
		return NULL;
	}
	if (!cand) {
		diag_errno(d, ENOMEM, "cannot check a configuration");
		return NULL;
	}
	if (conf_load_text(cand, request->config, clock_now_s(&rld->clock), d) ||
	    lists_carry_timed(rld, cand, rld->conf, d) ||
	    conf_compile(cand, any_slot, NULL, &image, d)) {
		d->kind = DIAG_CONFIG;
		return NULL;
	}
	return outlook_of(rld, &change);
}
