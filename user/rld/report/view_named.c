// SPDX-License-Identifier: GPL-2.0-only
/* `show lists`: lists with a name, what they have and who has them. */
#include "rld/report/view.h"

#include <string.h>

#include "base/addr.h"
#include "base/time.h"
#include "conf/model/named.h"

static json_t *limits_with(const struct conf *conf, const char *name)
{
	json_t *list = json_array();

	for (size_t i = 0; i < conf->limits; i++)
		if (conf_limit_has_list(conf->limit[i], name))
			json_array_append_new(list, json_string(conf->limit[i]->abi.name));
	return list;
}

static json_t *named_json(const struct conf *conf, const struct conf_named *named)
{
	json_t *json = json_object(), *users = json_object();

	json_set_text(json, "name", named->name);
	json_set_u64(json, "entries", conf_named_all(named)->count);
	json_set_text(json, "file", named->path);
	if (named->path)
		json_set_bool(json, "strict", named->strict);
	json_set_text(json, "error", named->trouble);
	json_set_bool(users, "allow", conf_find_use(conf, false, named->name) != NULL);
	json_set_bool(users, "deny", conf_find_use(conf, true, named->name) != NULL);
	json_object_set_new(users, "limits", limits_with(conf, named->name));
	json_object_set_new(json, "used_by", users);
	return json;
}

static json_t *uses_json(const struct conf *conf, bool deny)
{
	json_t *list = json_array();
	char until[TIME_TEXT];

	for (size_t i = 0; i < conf->uses; i++) {
		const struct conf_use *use = &conf->use[i];
		const struct conf_named *named = conf_find_named(conf, use->name);
		json_t *json = json_object();

		if (use->deny == deny) {
			json_set_text(json, "list", use->name);
			json_set_u64(json, "entries", named ? conf_named_all(named)->count : 0);
			json_set_text(json, "until",
				      use->how.until_s ? time_format_s(use->how.until_s, until)
						       : NULL);
			json_set_bool(json, "timed", use->how.timed);
			json_set_text(json, "comment", use->how.comment);
			json_array_append(list, json);
		}
		json_decref(json);
	}
	return list;
}

void view_add_named(const struct conf *conf, json_t *into)
{
	json_t *list = json_array();

	for (size_t i = 0; i < conf->nameds; i++)
		json_array_append_new(list, named_json(conf, &conf->named[i]));
	json_object_set_new(into, "allow_lists", uses_json(conf, false));
	json_object_set_new(into, "deny_lists", uses_json(conf, true));
	json_object_set_new(into, "lists", list);
}

json_t *view_list(const struct conf *conf, const char *name)
{
	const struct conf_named *named = conf_find_named(conf, name);
	const struct conf_entry *e;
	json_t *json, *list;
	char text[ADDR_TEXT];

	if (!named)
		return NULL;
	json = named_json(conf, named);
	list = json_array();
	conf_list_each (e, at, conf_named_all(named))
		json_array_append_new(list, json_string(addr_format_prefix(&e->prefix, text)));
	json_object_set_new(json, "prefixes", list);
	return json;
}
