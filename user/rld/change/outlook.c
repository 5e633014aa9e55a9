// SPDX-License-Identifier: GPL-2.0-only
/* A candidate configuration beside the one at work: the guard's objections, interfaces, options. */
#include "rld/change/outlook.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "conf/grammar/grammar.h"
#include "rld/change/held.h"
#include "rld/events/sink.h"
#include "rld/links/ifaces.h"
#include "rld/loop/log.h"
#include "rld/persist/dropped.h"

#define DROPPED_MAX 100

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

static json_t *detached_of(const struct rld *rld, const struct conf *cand)
{
	struct dp_iface v[RL_IFACES_MAX];
	size_t count = dp_ifaces(rld->dp, v);
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		if (!conf_find_attach(cand, v[i].name))
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

/* The first of them, and how many there are: an answer has an end. */
static void set_dropped(const struct rld *rld, const struct conf *cand, json_t *outlook)
{
	_cleanup_free_ char *unsaved = rld->files ? dropped_diff(rld->files, rld->conf) : NULL;
	json_t *list = dropped_list(cand, rld->conf, unsaved);
	size_t total = json_array_size(list);

	while (json_array_size(list) > DROPPED_MAX)
		json_array_remove(list, json_array_size(list) - 1);
	json_object_set_new(outlook, "dropped", list);
	json_set_u64(outlook, "dropped_total", total);
}

static void set_held(const struct rld *rld, const struct conf *cand, json_t *outlook)
{
	json_t *list = held_dropped(rld, cand);

	json_set_u64(outlook, "dropped_total", json_array_size(list));
	json_object_set_new(outlook, "dropped", list);
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

json_t *outlook_of(const struct rld *rld, const struct conf *old, const struct conf *cand,
		   json_t *warnings)
{
	json_t *outlook =
		json_pack("{s:I, s:o, s:o, s:o, s:o}", "limits", (json_int_t)cand->limits,
			  "warnings", warnings, "pending", pending_of(rld, cand), "detached",
			  detached_of(rld, cand), "restart_needed", restarts_of(rld, cand));

	if (rld->held)
		set_held(rld, cand, outlook);
	else if (old) /* a start tells of it itself */
		set_dropped(rld, cand, outlook);
	return outlook;
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
	const json_t *item, *list;
	__u64 total;

	json_array_foreach (json_object_get(outlook, "warnings"), i, item)
		log_line("warning: %s", json_text(item, "text", ""));
	json_array_foreach (json_object_get(outlook, "restart_needed"), i, item)
		log_line("%s acts after a restart", json_string_value(item));
	list = json_object_get(outlook, "dropped");
	json_array_foreach (list, i, item)
		log_line("dropped, as no file says it: %s", json_string_value(item));
	total = json_u64(outlook, "dropped_total");
	if (total > json_array_size(list))
		log_line("dropped as well: %llu more, which no file says",
			 (unsigned long long)(total - json_array_size(list)));
}
