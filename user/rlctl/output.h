/* SPDX-License-Identifier: GPL-2.0-only */
/* Answers as text for people, one function a command. */
#ifndef RLCTL_OUTPUT_H
#define RLCTL_OUTPUT_H

#include "base/json.h"

void print_change(char *const words[], const json_t *data);
void print_attach(char *const words[], const json_t *data);
void print_limit_change(char *const words[], const json_t *data);
void print_status(char *const words[], const json_t *data);
void print_show(char *const words[], const json_t *data);
void print_stats(char *const words[], const json_t *data);
void print_sources(char *const words[], const json_t *data);
void print_events(char *const words[], const json_t *data);
void print_clear(char *const words[], const json_t *data);
void print_export(char *const words[], const json_t *data);
/* What a configuration brings with it beside its statements, on stderr. */
void print_outlook(const json_t *data);
void print_reload(char *const words[], const json_t *data);
void print_save(char *const words[], const json_t *data);
void print_replay(char *const words[], const json_t *data);
void print_explain(char *const words[], const json_t *data);
void print_hit(char *const words[], const json_t *data);
void print_version(char *const words[], const json_t *data);

/* Of `test`: the verdict as an exit status. */
int status_of_verdict(const json_t *data);
/* Of `hit` and `peek`. */
int status_of_hit(const json_t *data);

/* The texts of a list, with commas between. */
const char *output_join(const json_t *list, char *buf, size_t size);
/* "192.0.2.1 dport 22": what the limit counts per. */
const char *output_key(const json_t *source, char *buf, size_t size);
/* "50/1s burst 200": the amount that what remains is of. */
const char *output_window(const json_t *window, char *buf, size_t size);

#endif
