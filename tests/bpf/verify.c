// SPDX-License-Identifier: GPL-2.0-only
/* What this kernel's verifier makes of an object, loaded as the daemon loads it: verify NAME
 * [OBJECT]. Prints a line a program, "verified KERNEL NAME PROGRAM INSTRUCTIONS", and exits 0; or
 * "refused KERNEL NAME PROGRAM" and why, and exits 1. Each program is loaded twice: "PROGRAM-moving"
 * is the one of the time while sources move to a table of another size.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/diag.h"
#include "dp/dp.h"
#include "object.h"

static struct object_log logs[OBJECT_PROGRAMS_MAX];
static struct utsname kernel;

/* The instructions that the verifier looked at, or -1: it did not come to an end. */
static long instructions(const struct object_log *log)
{
	const char *line = strstr(log->text, "processed ");
	long n;

	return line && sscanf(line, "processed %ld insns", &n) == 1 ? n : -1;
}

static int report(const char *name, int r, const struct diag *d)
{
	const char *kind = object_moves ? "-moving" : "";
	const struct object_log *log = logs, *last = logs;

	for (; log < logs + OBJECT_PROGRAMS_MAX && log->name[0]; log++) {
		long n = instructions(log);

		if (log->text[0])
			last = log;
		if (!r && n > 0)
			printf("verified %s %s %s%s %ld\n", kernel.release, name, log->name, kind,
			       n);
		r = n > 0 ? r : 1;
	}
	if (!r)
		return 0;
	printf("refused %s %s %s%s\n%s\n%s\n", kernel.release, name, last->name, kind, d->message,
	       last->text);
	return 1;
}

static int verify(const char *name)
{
	struct dp_options options = {.sources_max = 65536};
	struct diag d = {};
	struct dp *dp = NULL;
	char notice[512];
	int r;

	memset(logs, 0, sizeof(logs));
	r = dp_open(&options, &dp, notice, &d);
	r = report(name, r, &d);
	dp_close(dp);
	return r;
}

int main(int argc, char **argv)
{
	int r;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: %s NAME [OBJECT]\n", argv[0]);
		return 2;
	}
	if (argc == 3)
		setenv(OBJECT_VARIABLE, argv[2], 1);
	uname(&kernel);
	object_logs = logs;
	r = verify(argv[1]);
	object_moves = true;
	return verify(argv[1]) || r;
}
