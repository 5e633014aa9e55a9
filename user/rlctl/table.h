/* SPDX-License-Identifier: GPL-2.0-only */
/* Text in aligned columns. */
#ifndef RLCTL_TABLE_H
#define RLCTL_TABLE_H

#include <linux/types.h>
#include <stdio.h>

#define TABLE_COLUMNS_MAX 16

struct table {
	size_t columns;
	const char *align; /* 'l' or 'r' a column */
	char **cell;	   /* owned; the first row is the head */
	size_t cells;
	size_t size;
};

/* `heads`: NULL-terminated. */
void table_init(struct table *table, const char *align, const char *const heads[]);
/* Cells fill the rows from left to right. */
void table_text(struct table *table, const char *text); /* NULL: "-" */
void table_count(struct table *table, __u64 count);	/* with thousands separators */
void table_span(struct table *table, __u64 ns);		/* "-" for none */
void table_print(const struct table *table, FILE *out);
void table_done(struct table *table);

const char *count_format(__u64 count, char buf[static 32]);

#endif
