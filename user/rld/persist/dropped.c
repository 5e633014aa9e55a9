// SPDX-License-Identifier: GPL-2.0-only
/* What the files do not say of what commands gave: by its subject, for a statement may have been
 * overtaken by another, and be written in many ways. */
#include "rld/persist/dropped.h"

#include <ctype.h>
#include <string.h>

#include "base/addr.h"
#include "base/cleanup.h"
#include "conf/grammar/grammar.h"

#define SUBJECT 256
#define UNNAMED "default" /* limit */

static const char *prefix_text(const char *word, char buf[static ADDR_TEXT])
{
	struct addr_prefix prefix;

	return addr_parse_prefix(word, strlen(word), &prefix) ? word
							      : addr_format_prefix(&prefix, buf);
}

static const char *class_of(const char *command)
{
	static const char *const classes[][2] = {
		{"attach", "iface"},	{"detach", "iface"},  {"set-limit", "limit"},
		{"del-limit", "limit"}, {"enable", "limit"},  {"disable", "limit"},
		{"list", "list"},	{"del-list", "list"},
	};

	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
		if (!strcmp(classes[i][0], command))
			return classes[i][1];
	return command;
}

/* "limit web", "deny 192.0.2.0/24", "set-option log", "mode". */
static const char *subject_of(const char *line, char buf[static SUBJECT])
{
	char command[32] = "", name[80] = "", third[80] = "", text[ADDR_TEXT];

	sscanf(line, "%31s %79s %79s", command, name, third);
	if (!strcmp(command, "mode"))
		*name = 0;
	else if (!strcmp(command, "allow") || !strcmp(command, "deny"))
		strcpy(name, prefix_text(third, text));
	else if (!strcmp(command, "set-limit") && isdigit((unsigned char)*name))
		strcpy(name, UNNAMED);
	snprintf(buf, SUBJECT, "%s %s", class_of(command), name);
	return buf;
}

/* As names, for there may be a hundred thousand. */
static json_t *subjects_of(const char *lines)
{
	json_t *set = json_object();
	char buf[SUBJECT];

	for (; lines && *lines; lines += strcspn(lines, "\n"), lines += *lines == '\n')
		json_object_set_new(set, subject_of(lines, buf), json_true());
	return set;
}

char *dropped_diff(const struct conf *base, const struct conf *conf)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	conf_diff(base, conf, out, out);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}

json_t *dropped_list(const struct conf *files, const struct conf *running, const char *unsaved)
{
	_cleanup_free_ char *missing = unsaved && *unsaved ? dropped_diff(files, running) : NULL;
	json_auto_t *subjects = subjects_of(missing ? unsaved : NULL);
	json_t *list = json_array();
	char *rest = missing, *line, buf[SUBJECT];

	while ((line = strsep(&rest, "\n")))
		if (*line && json_object_get(subjects, subject_of(line, buf)))
			json_array_append_new(list, json_string(line));
	return list;
}
