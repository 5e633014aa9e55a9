/* SPDX-License-Identifier: GPL-2.0-only */
/* JSON by way of jansson, and the shapes that every answer shares. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>

#include "base/diag.h"
#include "rl/names.h"

/* Each sets one member; a failure to allocate leaves it out. `ns` are durations or counts above
 * 2^63 cut to fit. */
void json_set_u64(json_t *object, const char *name, __u64 value);
void json_set_bool(json_t *object, const char *name, int value);
void json_set_text(json_t *object, const char *name, const char *text); /* null if NULL */
void json_set_wall(json_t *object, const char *name, __s64 wall_ns);	/* RFC 3339; null if 0 */
void json_set_mono(json_t *object, const char *name, __u64 mono_ns);	/* RFC 3339; null if 0 */
void json_set_addr(json_t *object, const char *name, const union rl_addr *addr);

/* {"schema":…,"data":…}; takes `data` over. */
json_t *json_answer(json_t *data);
/* {"schema":…,"error":{…}} */
json_t *json_error(const struct diag *d);
/* The way back. `d` is complete but for `file`'s and `text`'s length. */
void json_to_diag(const json_t *error, struct diag *ret);

/* One line with its newline; NULL without memory. The caller frees it. */
char *json_line(const json_t *value);
/* Every text in it without what would steer a terminal, but for what `keep` has. */
void json_clean(json_t *value, const char *keep);
/* Members of an object with a default. */
const char *json_text(const json_t *object, const char *name, const char *fallback);
__u64 json_u64(const json_t *object, const char *name);

#endif
