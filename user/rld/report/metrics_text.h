/* SPDX-License-Identifier: GPL-2.0-only */
/* Lines of the text form of Prometheus:
 * https://prometheus.io/docs/instrumenting/exposition_formats/ */
#ifndef RLD_METRICS_TEXT_H
#define RLD_METRICS_TEXT_H

#include <stdio.h>

#include <linux/types.h>

void metrics_head(FILE *out, const char *name, const char *type, const char *help);
/* With one label, and with several: names and values in turn, then NULL. */
void metrics_sample(FILE *out, const char *metric, const char *name, const char *value,
		    __u64 number);
void metrics_sample_of(FILE *out, const char *metric, const char *const labels[], __u64 value);
/* A metric of one sample without labels, its head as well. */
void metrics_single(FILE *out, const char *metric, const char *type, const char *help, __u64 value);

#endif
