// SPDX-License-Identifier: GPL-2.0-only
/* Tables: cells are collected, then printed in the width of the widest. */
#include "rlctl/table.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/time.h"

/* Columns on a terminal, taking each code point as one. */
static size_t width_of(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

void table_text(struct table *table, const char *text)
{
	char **cell = array_grow(table->cell, &table->size, table->cells, sizeof(*cell));

	if (!cell)
		abort();
	table->cell = cell;
	table->cell[table->cells++] = strdup(text && *text ? text : "-");
}

void table_init(struct table *table, const char *align, const char *const heads[])
{
	*table = (struct table){.align = align};
	for (; heads[table->columns]; table->columns++)
		table_text(table, heads[table->columns]);
}

const char *count_format(__u64 count, char buf[static 32])
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%llu", count);
	char *to = buf;

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	*to = 0;
	return buf;
}

void table_count(struct table *table, __u64 count)
{
	char buf[32];

	table_text(table, count_format(count, buf));
}

void table_span(struct table *table, __u64 ns)
{
	char buf[TIME_TEXT];

	table_text(table, ns ? time_format_span(ns, buf) : NULL);
}

static void print_cell(FILE *out, const char *text, int pad, char align, bool last)
{
	if (align == 'r')
		fprintf(out, "%*s%s", pad, "", text);
	else
		fprintf(out, "%s%*s", text, last ? 0 : pad, "");
	fputs(last ? "\n" : "  ", out);
}

void table_print(const struct table *table, FILE *out)
{
	size_t width[TABLE_COLUMNS_MAX] = {0};

	for (size_t i = 0; i < table->cells; i++)
		if (width_of(table->cell[i]) > width[i % table->columns])
			width[i % table->columns] = width_of(table->cell[i]);
	for (size_t i = 0; i < table->cells; i++) {
		size_t column = i % table->columns;
		int pad = (int)(width[column] - width_of(table->cell[i]));

		print_cell(out, table->cell[i], pad, table->align[column],
			   column + 1 == table->columns);
	}
}

void table_done(struct table *table)
{
	for (size_t i = 0; i < table->cells; i++)
		free(table->cell[i]);
	free(table->cell);
}
