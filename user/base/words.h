/* SPDX-License-Identifier: GPL-2.0-only */
/* The words of a statement or a command: an array that ends with NULL. */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include <stdio.h>

void words_free(char **word); /* and each word; NULL is fine */
/* As a person would type them, cut to fit. Returns `buf`. */
const char *words_text(char *const word[], size_t words, char *buf, size_t size);
/* The same to a file, whole and with the end of the line. */
void words_line(char *const word[], size_t words, FILE *out);

#endif
