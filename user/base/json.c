// SPDX-License-Identifier: GPL-2.0-only
/* Shapes of JSON that the daemon writes and the command reads. */
#include "base/json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/time.h"
#include "base/utf8.h"
#include "rl/proto.h"

void json_set_u64(json_t *object, const char *name, __u64 value)
{
	json_object_set_new(object, name,
			    json_integer(value >> 63 ? INT64_MAX : (json_int_t)value));
}

void json_set_bool(json_t *object, const char *name, int value)
{
	json_object_set_new(object, name, json_boolean(value));
}

void json_set_text(json_t *object, const char *name, const char *text)
{
	json_object_set_new(object, name, text ? json_string(text) : json_null());
}

void json_set_wall(json_t *object, const char *name, __s64 wall_ns)
{
	char buf[TIME_TEXT];

	json_set_text(object, name, wall_ns ? time_format(wall_ns, buf) : NULL);
}

void json_set_mono(json_t *object, const char *name, __u64 mono_ns)
{
	json_set_wall(object, name, mono_ns ? time_mono_to_wall(mono_ns) : 0);
}

void json_set_addr(json_t *object, const char *name, const union rl_addr *addr)
{
	char buf[ADDR_TEXT];

	json_set_text(object, name, addr_format(addr, buf));
}

json_t *json_answer(json_t *data)
{
	return json_pack("{s:s, s:o}", "schema", RL_SCHEMA, "data", data);
}

json_t *json_error(const struct diag *d)
{
	json_t *error = json_object();

	json_set_text(error, "code", diag_kind_name(d->kind));
	json_set_text(error, "message", d->message);
	if (d->hint[0])
		json_set_text(error, "hint", d->hint);
	if (d->expected[0])
		json_set_text(error, "expected", d->expected);
	if (d->file[0])
		json_set_text(error, "file", d->file);
	if (d->line)
		json_set_u64(error, "line", (__u64)d->line);
	if (d->column) {
		json_set_u64(error, "column", (__u64)d->column);
		json_set_u64(error, "width", (__u64)d->width);
	}
	if (d->text[0])
		json_set_text(error, "text", d->text);
	return json_pack("{s:s, s:o}", "schema", RL_SCHEMA, "error", error);
}

static void copy_text(const json_t *object, const char *name, char *to, size_t size)
{
	const char *text = json_text(object, name, "");
	size_t len = strnlen(text, size - 1);

	memcpy(to, text, len);
	to[len] = 0;
}

static enum diag_kind kind_of(const char *name)
{
	for (int kind = 0; kind < DIAG_KIND_COUNT; kind++)
		if (!strcmp(diag_kind_name(kind), name))
			return kind;
	return DIAG_FAILED;
}

void json_to_diag(const json_t *error, struct diag *ret)
{
	*ret = (struct diag){.kind = kind_of(json_text(error, "code", "failed"))};
	copy_text(error, "message", ret->message, sizeof(ret->message));
	copy_text(error, "hint", ret->hint, sizeof(ret->hint));
	copy_text(error, "expected", ret->expected, sizeof(ret->expected));
	copy_text(error, "file", ret->file, sizeof(ret->file));
	copy_text(error, "text", ret->text, sizeof(ret->text));
	ret->line = (int)json_u64(error, "line");
	ret->column = (int)json_u64(error, "column");
	ret->width = (int)json_u64(error, "width");
}

char *json_line(const json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT);
	size_t len = text ? strlen(text) : 0;
	char *line = text ? realloc(text, len + 2) : NULL;

	if (!line) {
		free(text);
		return NULL;
	}
	line[len] = '\n';
	line[len + 1] = 0;
	return line;
}

const char *json_text(const json_t *object, const char *name, const char *fallback)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : fallback;
}

__u64 json_u64(const json_t *object, const char *name)
{
	return (__u64)json_integer_value(json_object_get(object, name));
}

static void clean_text(json_t *value, const char *keep)
{
	char *text = strdup(json_string_value(value));

	if (!text)
		return;
	utf8_clean(text, keep);
	json_string_set_nocheck(value, text);
	free(text);
}

void json_clean(json_t *value, const char *keep)
{
	const char *name;
	json_t *item;
	size_t i;

	if (json_is_string(value))
		clean_text(value, keep);
	json_array_foreach (value, i, item)
		json_clean(item, keep);
	json_object_foreach (value, name, item)
		json_clean(item, keep);
}
