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

const char *conf_cond_word(enum conf_cond_kind kind);
const char *conf_attach_mode_text(enum conf_attach_mode mode);

#endif
