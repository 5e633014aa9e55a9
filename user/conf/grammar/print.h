/* SPDX-License-Identifier: GPL-2.0-only */
/* Parts of a configuration as the words of statements. */
#ifndef CONF_PRINT_H
#define CONF_PRINT_H

#include "conf/grammar/grammar.h"

/* Text of the parts of a configuration, as statements have them; whole statements with their
 * newline. */
void conf_print_window(const struct rl_limit *l, unsigned window, FILE *out);
void conf_print_per(const struct rl_limit *l, FILE *out);
void conf_print_match(const struct conf_limit *l, FILE *out);
void conf_print_cond(const struct conf_cond *cond, FILE *out);
void conf_print_ban(const struct rl_limit *l, FILE *out);
void conf_print_set_limit(const struct conf_limit *l, FILE *out);
void conf_print_attach(const struct conf_attach *a, FILE *out);
void conf_print_option(const struct conf *c, size_t i, FILE *out);
void conf_print_entry(const char *list, const struct conf_entry *e, FILE *out);

/* The end and the comment of an entry; what is left of a duration at now_s, 0: until when. */
void conf_print_end(const struct conf_entry *e, __s64 now_s, FILE *out);
/* Lists with a name, and the allow and deny list's use of them; as conf_export_left() and
 * conf_diff(). */
void conf_export_nameds(const struct conf *c, FILE *out);
void conf_export_uses(const struct conf *c, bool deny, __s64 now_s, FILE *out);
size_t conf_diff_nameds(const struct conf *base, const struct conf *c, FILE *out, FILE *gone);
size_t conf_diff_uses(const struct conf *base, const struct conf *c, FILE *out, FILE *gone);
size_t conf_gone_nameds(const struct conf *base, const struct conf *c, FILE *gone);

const char *conf_cond_word(enum conf_cond_kind kind);
const char *conf_attach_mode_text(enum conf_attach_mode mode);

#endif
