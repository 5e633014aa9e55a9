/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of rlctl share: its options and the table of its commands. */
#ifndef RLCTL_RLCTL_H
#define RLCTL_RLCTL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/json.h"

enum color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct options {
	const char *socket;
	bool json;
	bool pretty;
	bool quiet;
	bool yes;
	bool help;
	bool version;
	unsigned timeout_s;
	enum color color;
};

struct cli_command {
	const char *name;
	const char *usage; /* what follows the name */
	const char *help;  /* one line */
	const char *more;  /* further lines, or NULL */
	/* For people, from the "data" of the answer; NULL: nothing. */
	void (*print)(char *const words[], const json_t *data);
	/* Done here, without the daemon; NULL: by the daemon. The exit status. */
	int (*local)(const struct options *options, char *const words[], size_t count);
};

int cli_run(int argc, char *argv[]); /* all of rlctl; the exit status */

const struct cli_command *cli_find(const char *name);
const char *cli_nearest(const char *name); /* the one that may have been meant, or NULL */
void cli_print_usage(FILE *out);	   /* all commands and options */
void cli_print_command(FILE *out, const struct cli_command *command);

int cli_color(const struct options *options); /* for diag_print */
/* Prints the error as text or JSON and gives the exit status. */
int cli_fail(const struct options *options, const struct diag *d);
void cli_print_json(const struct options *options, const json_t *message);

/* check.c */
int check_file(const struct options *options, char *const words[], size_t count);
/* replay.c */
int replay_file(const struct options *options, char *const words[], size_t count);

#endif
