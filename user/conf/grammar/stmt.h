/* SPDX-License-Identifier: GPL-2.0-only */
/* One statement on its way from words to a changed configuration.
 *
 *   1. A function that takes words moves `at` behind what it took.
 *   2. `c` is written only after the statement's last word was found good.
 */
#ifndef CONF_STMT_H
#define CONF_STMT_H

#include "base/units.h"
#include "conf/grammar/grammar.h"
#include "conf/grammar/lex.h"

struct stmt {
	struct conf *c;
	const struct words *words;
	size_t at;
	__s64 now_s;
	const struct conf_origin *origin;
	bool bulk; /* lists are sorted by the caller afterwards */
	struct conf_change *change;
	struct diag *d;
	struct {
		size_t from;
		size_t to;
	} cond[CONF_CONDS_MAX]; /* the words of each condition of the limit */
};

const struct word *stmt_peek(const struct stmt *s); /* NULL at the end */
bool stmt_peek_is(const struct stmt *s, const char *text);
/* Takes the next word, or fails with `expected` (what stands there, in words). */
int stmt_take(struct stmt *s, const char *expected, const struct word **ret);
/* Fails unless all words were taken. */
int stmt_end(struct stmt *s);
bool word_is(const struct word *w, const char *text);
struct conf_place stmt_place(const struct stmt *s);

/* Adds to the warning of the change. */
void stmt_warn(struct stmt *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Failures: `d` gets place and message (printf-style). The first is about bytes [from, from + len)
 * of a word, the second about what is missing at the end of the line, the third about no word. All
 * are -EINVAL. */
#define stmt_fail(s, w, from, len, ...)                                                            \
	(diag_set((s)->d, DIAG_SYNTAX, __VA_ARGS__), stmt_mark(s, w, from, len))
#define stmt_fail_end(s, ...) (diag_set((s)->d, DIAG_SYNTAX, __VA_ARGS__), stmt_mark_end(s))
#define stmt_fail_all(s, kind, ...) (diag_set((s)->d, kind, __VA_ARGS__), stmt_mark_all(s))
/* What they are made of: the place alone. */
int stmt_mark(struct stmt *s, const struct word *w, size_t from, size_t len);
int stmt_mark_end(struct stmt *s);
int stmt_mark_all(struct stmt *s);
/* "unknown WHAT "word"", with the nearest of `known` (count texts) suggested and all of them
 * listed; of a word that a later version knows, that it is not in this one. */
int stmt_fail_unknown(struct stmt *s, const struct word *w, const char *what,
		      const char *const known[], size_t count);
/* The same for a part of a word, with the list as text. */
int stmt_fail_part(struct stmt *s, const struct word *w, size_t from, size_t len, const char *what,
		   const char *list);

/* Values: take the next word. */
int stmt_take_duration(struct stmt *s, const char *what, __u64 *ret_ns);
int stmt_take_number(struct stmt *s, const char *what, const struct conf_range *range, __u64 *ret);
int stmt_take_iface(struct stmt *s, char ret[static IF_NAMESIZE]);
int stmt_take_limit_name(struct stmt *s, const struct word **ret);
int stmt_find_limit(struct stmt *s, size_t *ret);
int stmt_check_iface(struct stmt *s, const struct word *w, size_t from, size_t len);
int stmt_parse_prefix(struct stmt *s, const struct word *w, size_t from, size_t len,
		      struct addr_prefix *ret);
int stmt_take_list_name(struct stmt *s, const struct word **ret);
/* "@NAME" of a list that there is. */
int stmt_parse_list_name(struct stmt *s, const struct word *w, size_t from, size_t len,
			 char ret[static RL_NAME_LEN]);
/* What follows the prefix or the name of an entry; `until` not for bans. */
int stmt_take_end(struct stmt *s, struct conf_entry *e, bool until);

/* The statements, one function each; the statement's own word is taken. */
int stmt_attach(struct stmt *s);
int stmt_detach(struct stmt *s);
int stmt_set_limit(struct stmt *s);
int stmt_del_limit(struct stmt *s);
int stmt_enable(struct stmt *s);
int stmt_disable(struct stmt *s);
int stmt_allow(struct stmt *s);
int stmt_deny(struct stmt *s);
int stmt_list(struct stmt *s);
int stmt_del_list(struct stmt *s);
/* Of allow or deny, add or del, where "@NAME" follows. */
int stmt_use_list(struct stmt *s, bool deny, bool add);
int stmt_ban(struct stmt *s);
int stmt_unban(struct stmt *s);
int stmt_mode(struct stmt *s);
int stmt_set_option(struct stmt *s);

/* Takes RATES: fills the windows, sorted, and the unit of `l`. */
int rates_take(struct stmt *s, struct rl_limit *l, bool *ret_unit_said);
/* Takes the clauses up to the end of the line. */
int clauses_take(struct stmt *s, struct conf_limit *l);
bool clause_is(const char *text, size_t len);
#define CLAUSES_MAX 10
size_t clause_names(const char *ret[static CLAUSES_MAX]); /* their number */
/* Takes conditions up to a word that is none. */
int conds_take(struct stmt *s, struct conf_limit *l);
/* Takes one, without `not`. 1; 0 if the next word is none; -EINVAL. */
int cond_take(struct stmt *s, struct conf_cond *ret);

/* Fails if no packet can meet all of the limit, naming what of it no packet can. */
int check_packets(struct stmt *s, const struct conf_limit *l);
/* Warns of windows that never refuse what shorter ones admit. */
void note_windows(struct stmt *s, const struct rl_limit *l);

/* Before a list is changed: a warning if other entries decide what that comes to. */
void list_note_add(struct stmt *s, const struct conf_list *l, const struct conf_entry *e);
void list_note_del(struct stmt *s, const struct conf_list *l, const struct addr_prefix *prefix);

/* Applies the statement that `words` hold. */
int stmt_apply(struct stmt *s);

#endif
