/* SPDX-License-Identifier: GPL-2.0-only */
/* What the unit tests share: statements as text, random numbers, random configurations. */
#ifndef UNIT_UNIT_H
#define UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "conf/model/conf.h"
#include "conf/grammar/lex.h"
#include "conf/grammar/stmt.h"

#define NOW 1800000000

/* Applies a line as if it stood in a file (file != NULL) or were a command. */
int unit_line(struct conf *c, const char *line, const char *file, struct conf_change *change,
	      struct diag *d);
/* A command that must be good. */
struct conf_change unit_good(struct conf *c, const char *line);
/* A command that must be refused, its diag. */
struct diag unit_bad(struct conf *c, const char *line);
/* A limit, said from its rates on, is refused from that byte on (1: the first), in a message that
 * has `named` in it; byte 0: it is good. */
void unit_limit_named(const char *limit, int column, const char *named);
char *unit_export(const struct conf *c); /* to be freed */
char *unit_diff(const struct conf *base, const struct conf *c, size_t *count);
/* Writes text to a file in a new directory; both are removed by unit_remove. */
void unit_write(const char *path, const char *text);

/* Seeds from RLD_TEST_SEED or the clock, and prints the seed. */
void unit_seed(const char *test);
unsigned unit_random(unsigned below);
bool unit_chance(unsigned percent);

/* A random match, of small domains so that conditions meet; `words` is the text after "match". */
void unit_random_match(char *words, size_t size);
/* A random statement for a limit of that name, good but for conditions that no packet may meet. */
void unit_random_statement(const char *name, char *line, size_t size);
/* One that is good. */
void unit_random_limit(const char *name, char *line, size_t size);

/* A configuration of so many of them; some disabled, perhaps one named default. */
struct conf *unit_random_conf(unsigned limits);

/* A packet as the conditions see it. */
struct unit_packet {
	union rl_addr source, destination;
	unsigned proto, dport, sport, icmp, traits, flags, length, ip_length, vlan;
	const char *iface;
};
void unit_random_packet(struct unit_packet *p);
/* Evaluates the conditions as they stand, knowing nothing of rows. */
bool unit_matches(const struct conf_limit *l, const struct unit_packet *p);

#endif
