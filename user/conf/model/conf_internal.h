/* SPDX-License-Identifier: GPL-2.0-only */
/* What the rooms of conf share about a configuration and its parts. */
#ifndef CONF_INTERNAL_H
#define CONF_INTERNAL_H

#include "conf/model/conf.h"

struct conf_limit *conf_limit_new(void);
void conf_limit_free(struct conf_limit *l); /* once for each configuration that it is in */

static inline void conf_limit_free_ptr(struct conf_limit **l) /* for _cleanup_() */
{
	conf_limit_free(*l);
}

struct conf_limit *conf_limit_own(struct conf *c, size_t i); /* limit i, to be changed; or NULL */
void conf_cond_done(struct conf_cond *cond);
bool conf_limit_is_default(const struct conf_limit *l);
/* True only if there is one, which was not hard to find: quick, and for most limits enough. */
bool conf_limit_has_witness(const struct conf_limit *l);
/* Adds at the end, or in the place of the limit of that name. Takes `l` over on success. */
int conf_limit_put(struct conf *c, struct conf_limit *l);

/* For conf_place.file; 0 if there is no memory for another path. */
__u16 conf_path_index(struct conf *c, const char *path);

void conf_options_default(struct conf_options *o);
/* Sets option `index` of the table; -EINVAL: that is no value of it. */
int conf_option_parse(struct conf_options *o, size_t index, const char *text);
/* The words that a value of it, or a part of one between commas, can be; or NULL. */
const char *conf_option_words(size_t index);

/* Lists: `comment` is copied. Put returns 1 if something changed, 0 if not, or -ENOMEM. `bulk`:
 * only laid aside until conf_list_sort(). */
int conf_list_put(struct conf_list *l, const struct conf_entry *e, bool bulk);
int conf_list_remove(struct conf_list *l, const struct addr_prefix *prefix); /* like put */
/* Puts in its place what was put in bulk; of several entries of one prefix the last stays. */
int conf_list_sort(struct conf_list *l);
int conf_list_copy(const struct conf_list *l, struct conf_list *ret);
void conf_list_done(struct conf_list *l);
/* Lists with a name, and what uses them (named.h). */
int conf_nameds_copy(const struct conf *c, struct conf *to);
void conf_nameds_done(struct conf *c);

int conf_prefix_compare(const struct addr_prefix *a, const struct addr_prefix *b);
/* Sorts prefixes and leaves out those that another one covers. Their number then. */
size_t conf_prefixes_join(struct addr_prefix *v, size_t count);

#endif
