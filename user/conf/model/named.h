/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists of prefixes with a name, used as @NAME where prefixes may stand.
 *
 *   1. A name is resolved here, once: conditions and the allow and the deny list have the prefixes
 *      themselves, for all who read them. After a list was changed conf_settle() does it anew.
 *   2. A list that is used cannot go.
 */
#ifndef CONF_NAMED_H
#define CONF_NAMED_H

#include "conf/model/conf.h"

struct conf_named {
	char name[RL_NAME_LEN];
	struct conf_list said;	 /* prefixes that statements gave */
	struct conf_place place; /* of the first statement about it */
	char *path;		 /* owned; of a file with more; NULL: none */
	bool strict;		 /* ... that a bad line makes worthless */
	bool unread;		 /* ... that was named and not read since, see list_file.h */
	char *trouble;		 /* owned; why it is refused; NULL: it is not */
	struct conf_place path_place;
	struct conf_list read; /* what it had */
	struct conf_list both; /* of `said` and `read`, while neither is empty */
};

/* That the allow or the deny list has all of a list. */
struct conf_use {
	char name[RL_NAME_LEN];
	bool deny;
	struct conf_entry how; /* its end, comment and place; of no prefix */
};

struct conf_named *conf_find_named(const struct conf *c, const char *name);
/* The one of that name, made if there is none. NULL: no memory. */
struct conf_named *conf_named_make(struct conf *c, const char *name, struct conf_place place);
void conf_named_del(struct conf *c, struct conf_named *named);
/* The file that it has beside its statements. 1 if that is another one, 0 if not, or -ENOMEM. */
int conf_named_set_path(struct conf_named *named, const char *path, bool strict);
/* All that it has. */
const struct conf_list *conf_named_all(const struct conf_named *named);
/* Who has it, as "limit web, the deny list", cut where there is no more room; "": nobody. */
const char *conf_named_users(const struct conf *c, const char *name, char *buf, size_t size);
int conf_nameds_sort(struct conf *c);			   /* what was put in bulk */
void conf_nameds_move(struct conf *to, struct conf *from); /* `to` has none */

/* The first one by which the list has that entry; NULL: it is the list's own, and holds as long. */
const struct conf_use *conf_use_of(const struct conf *c, bool deny, const struct conf_entry *e);
const struct conf_use *conf_find_use(const struct conf *c, bool deny, const char *name);
/* Copies the comment. 1 if something changed, 0 if not, or -ENOMEM. */
int conf_use_put(struct conf *c, const struct conf_use *use);
int conf_use_remove(struct conf *c, bool deny, const char *name);
bool conf_has_timed_use(const struct conf *c);
/* Of uses with an end: those that have ended go, once their entries are gone. */
void conf_uses_expire(struct conf *c, __s64 now_s);
/* As conf_list_carry(): those with an end that `to` has the list for. */
int conf_uses_carry(struct conf *to, const struct conf *from, __s64 now_s);
void conf_uses_step(struct conf *c, __s64 step_s);

/* NULL: any list. */
bool conf_limit_has_list(const struct conf_limit *l, const char *name);
/* What a list (NULL: any) has goes to where it is used. 0 or -ENOMEM. */
int conf_settle(struct conf *c, const char *name);
int conf_settle_limit(const struct conf *c, struct conf_limit *l);
/* The entries of the allow and the deny list alone. */
int conf_settle_whole(struct conf *c);
/* After one entry of the list itself was changed. */
int conf_settle_entry(struct conf *c, bool deny, const struct addr_prefix *prefix);

#endif
