// SPDX-License-Identifier: GPL-2.0-only
/* `show`: limits, options and lists as they are at work. */
#include "rld/report/view.h"

#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/names.h"
#include "base/time.h"
#include "conf/grammar/grammar.h"
#include "rld/guard/protect.h"

json_t *view_windows(const struct rl_limit *limit)
{
	json_t *list = json_array();
	char text[CONF_TEXT];

	for (unsigned i = 0; i < limit->windows; i++)
		json_array_append_new(list, json_string(conf_format_window(limit, i, text)));
	return list;
}

static json_t *limit_json(const struct conf_limit *limit)
{
	const struct rl_limit *abi = &limit->abi;
	json_t *json = json_object();
	char text[CONF_TEXT];

	json_set_text(json, "name", abi->name);
	json_object_set_new(json, "windows", view_windows(abi));
	json_set_text(json, "per", conf_format_per(abi, text));
	json_set_text(json, "match", conf_format_match(limit, text));
	json_set_text(json, "strategy", names_text(&names_strategy, abi->strategy));
	if (abi->burst)
		json_set_u64(json, "burst", abi->burst);
	json_set_text(json, "action", "drop");
	json_set_text(json, "mode", abi->flags & RL_LIMIT_MONITOR ? "monitor" : "enforce");
	json_set_text(json, "ban", abi->ban_ns ? conf_format_ban(abi, text) : NULL);
	json_set_text(json, "on_full", names_text(&names_on_full, abi->on_full));
	json_set_bool(json, "enabled", limit->enabled);
	json_set_text(json, "comment", limit->comment[0] ? limit->comment : NULL);
	json_set_text(json, "file", limit->file[0] ? limit->file : NULL);
	if (limit->line)
		json_set_u64(json, "line", (__u64)limit->line);
	return json;
}

json_t *view_limits(const struct rld *rld)
{
	json_t *list = json_array();

	for (size_t i = 0; i < rld->conf->limits; i++)
		json_array_append_new(list, limit_json(rld->conf->limit[i]));
	return json_pack("{s:o}", "limits", list);
}

/* The ports that `auto` found are worth knowing, and why it could not find more. */
static void add_protected(const struct rld *rld, json_t *into)
{
	struct ports ports;
	int err = protect_ports(rld, &rld->conf->options, &ports);
	json_t *list = json_array();
	char note[128];

	for (size_t i = 0; i < ports.count; i++)
		json_array_append_new(list, json_integer(ports.v[i]));
	json_object_set_new(into, "protected", list);
	if (!err)
		return;
	snprintf(note, sizeof(note), "cannot read all of sshd's configuration: %s", strerror(-err));
	json_set_text(into, "note", note);
}

json_t *view_options(const struct rld *rld)
{
	json_t *list = json_array();
	char text[CONF_TEXT];

	for (size_t i = 0; i < conf_option_count(); i++) {
		const struct conf_option_info *info = conf_option_info(i);
		json_t *option = json_object();

		json_set_text(option, "name", info->name);
		json_set_text(option, "value", conf_option_format(rld->conf, i, text));
		json_set_text(option, "default", info->fallback);
		json_set_text(option, "range", info->range);
		json_set_bool(option, "needs_restart", info->restart);
		if (!strcmp(info->name, "protect-port"))
			add_protected(rld, option);
		json_array_append_new(list, option);
	}
	return json_pack("{s:o}", "options", list);
}

static json_t *list_json(const struct conf_list *entries, bool deny)
{
	json_t *list = json_array();
	const struct conf_entry *entry;
	char text[ADDR_TEXT], until[TIME_TEXT];

	conf_list_each (entry, at, entries) {
		json_t *json = json_object();

		if (deny)
			json_set_text(json, "kind", conf_entry_is_ban(entry) ? "ban" : "deny");
		json_set_text(json, "prefix", addr_format_prefix(&entry->prefix, text));
		json_set_text(json, "until",
			      entry->until_s ? time_format_s(entry->until_s, until) : NULL);
		json_set_bool(json, "timed", entry->timed);
		json_set_text(json, "comment", entry->comment);
		json_array_append_new(list, json);
	}
	return list;
}

json_t *view_lists(const struct conf *conf)
{
	json_t *lists = json_pack("{s:o, s:o}", "allow", list_json(&conf->allow, false), "deny",
				  list_json(&conf->deny, true));

	view_add_named(conf, lists);
	return lists;
}
