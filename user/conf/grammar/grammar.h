/* SPDX-License-Identifier: GPL-2.0-only */
/* Statements: from words to a changed configuration, and back to text.
 *
 * Every function returns 0 or -errno, and fills `d` on failure; nothing is changed by a call that
 * failed.
 */
#ifndef CONF_GRAMMAR_H
#define CONF_GRAMMAR_H

#include <dirent.h>
#include <stdio.h>

#include "conf/model/conf.h"

/* What a statement did, for the answer to the user. */
struct conf_change {
	enum {
		CONF_CHANGE_NONE, /* already so: "changed": false */
		CONF_CHANGE_ATTACH,
		CONF_CHANGE_DETACH,
		CONF_CHANGE_LIMIT, /* set, deleted, enabled, disabled */
		CONF_CHANGE_ALLOW,
		CONF_CHANGE_DENY,
		CONF_CHANGE_LIST, /* one with a name, or the use of one */
		CONF_CHANGE_MODE,
		CONF_CHANGE_OPTION,
	} kind;
	char name
		[256]; /* of the limit, interface, list or option; the prefix of a list entry as text */
	bool replaced;	   /* a limit of that name was there before */
	bool counts_kept;  /* ... with the same per, strategy, unit and periods */
	char warning[512]; /* e.g. that `per all` lets a stranger use the bucket up; empty: none */
};

/* Where a statement comes from, for messages and for what a file may not hold. */
struct conf_origin {
	const char *file; /* NULL: a command */
	int line;
	const char *text; /* the line as written; NULL: the words, joined */
};

/* True if the first word is that of a statement (attach, set-limit, ban, mode, …). */
bool conf_is_statement(const char *word);
/* Applies one statement given as argv-like words. Positions in `d` count in the words joined by
 * blanks, quoted as export would. `now_s`: seconds since the epoch, for `for` and `until`. */
int conf_apply(struct conf *c, char *const words[], size_t count, __s64 now_s,
	       struct conf_change *ret, struct diag *d);

/* Reads a file's statements into `c`. The first error stops, at its file:line:column, and leaves
 * `c` as it was. `notices`, if not NULL, gets a line for each limit that replaces one of an earlier
 * file, and for each warning. */
int conf_load_file(struct conf *c, const char *path, __s64 now_s, FILE *notices, struct diag *d);
/* PATH, then DIR/?*.conf in name order. An absent PATH or DIR is an empty one if `optional`. */
int conf_load(struct conf *c, const char *path, const char *dir, bool optional, __s64 now_s,
	      FILE *notices, struct diag *d);
/* The files of DIR that it reads, in its order; as scandir(). */
int conf_files(const char *dir, struct dirent ***ret);
/* The same of a text in memory, such as an export; its lines are those of a file "config". */
int conf_load_text(struct conf *c, const char *text, __s64 now_s, struct diag *d);

/* Statements, one a line, that load again to the same configuration; timed entries as `until
 * TIME`. */
void conf_export(const struct conf *c, FILE *out);
char *conf_export_text(const struct conf *c); /* ... to be freed; NULL without memory */
/* The same, but durations are said again, by what is left of them at now_s. */
void conf_export_left(const struct conf *c, __s64 now_s, FILE *out);
/* One statement (or two: a disabled limit's set-limit and disable), newlines included. */
void conf_export_limit(const struct conf_limit *l, FILE *out);
/* Those of the statements of `c` that `base` has not got, in order: what `save` writes. Returns the
 * count of differing statements, those counted too that only `base` has, which go to `gone` as the
 * commands that take them away. Both may be NULL. */
size_t conf_diff(const struct conf *base, const struct conf *c, FILE *out, FILE *gone);
bool conf_same_limit(const struct conf_limit *a, const struct conf_limit *b);

/* Text of the parts of a limit, into a buffer of 512 bytes, for `show` and JSON. */
const char *conf_format_window(const struct rl_limit *l, unsigned window,
			       char buf[static CONF_TEXT]); /* "5MB/1s" */
const char *conf_format_per(const struct rl_limit *l,
			    char buf[static CONF_TEXT]); /* "source/24,dport" */
const char *conf_format_match(const struct conf_limit *l,
			      char buf[static CONF_TEXT]); /* "tcp dport 22 syn", cut with … */
const char *
conf_format_ban(const struct rl_limit *l,
		char buf[static CONF_TEXT]); /* "1h up to 1d after 3 breaches in 10m", or "" */

/* "explain ADDR {COND} [bytes N]": conditions that say of one packet what it is. `link_of(ctx,
 * name)` says what packets that come in there begin with, or -1 if none do; where no name was said
 * it puts one if there is no choice. */
int conf_packet_parse(char *const words[], size_t count,
		      int (*link_of)(void *ctx, char name[static IF_NAMESIZE]), void *ctx,
		      struct conf_packet *ret, struct diag *d);

/* Whether it would judge what was said of the packet. */
enum conf_fit {
	CONF_FIT_NO,
	CONF_FIT_YES,
	CONF_FIT_SYN,  /* if the packet were the first of a connection, which was not said */
	CONF_FIT_OPEN, /* that depends on what was not said */
};
/* `needs` gets the words that decide it, empty for NO and YES; *ret_keyed: without them, too, it is
 * known what the limit would count the packet under. */
enum conf_fit conf_packet_fit(const struct conf_packet *p, const struct conf_limit *l,
			      char needs[static CONF_TEXT], bool *ret_keyed);

#endif
