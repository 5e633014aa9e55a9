/* SPDX-License-Identifier: GPL-2.0-only */
/* Lines of the text form of Prometheus:
 * https://prometheus.io/docs/instrumenting/exposition_formats/ */
#ifndef RLD_METRICS_TEXT_H
#define RLD_METRICS_TEXT_H

#include <stdio.h>

#include <linux/types.h>

void metrics_head(FILE *out, const char *name, const char *type, const char *help);
/* With one label, and with one or two: names and values in turn. */
void metrics_sample(FILE *out, const char *metric, const char *name, const char *value,
		    __u64 number);
void metrics_sample2(FILE *out, const char *metric, const char *const labels[4], __u64 value);
/* name="value", the value escaped. */
void metrics_label(FILE *out, const char *name, const char *value);
/* A metric of one sample without labels, its head as well. */
void metrics_single(FILE *out, const char *metric, const char *type, const char *help, __u64 value);

#endif
