// SPDX-License-Identifier: GPL-2.0-only
/* Heads, samples and labels. */
#include "rld/report/metrics_text.h"

void metrics_head(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* A label's value: backslash, quote and newline are escaped. Interface names may hold any of
 * them. */
static void put_label(FILE *out, const char *name, const char *value)
{
	fprintf(out, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			fputc('\\', out);
		if (*value == '\n')
			fputs("\\n", out);
		else
			fputc(*value, out);
	}
	fputc('"', out);
}

void metrics_sample_of(FILE *out, const char *metric, const char *const labels[], __u64 value)
{
	fputs(metric, out);
	for (size_t i = 0; labels[i]; i += 2) {
		fputc(i ? ',' : '{', out);
		put_label(out, labels[i], labels[i + 1]);
	}
	fprintf(out, "} %llu\n", value);
}

void metrics_sample(FILE *out, const char *metric, const char *name, const char *value,
		    __u64 number)
{
	const char *const labels[] = {name, value, NULL};

	metrics_sample_of(out, metric, labels, number);
}

void metrics_single(FILE *out, const char *metric, const char *type, const char *help, __u64 value)
{
	metrics_head(out, metric, type, help);
	fprintf(out, "%s %llu\n", metric, value);
}
