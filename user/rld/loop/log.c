// SPDX-License-Identifier: GPL-2.0-only
/* Lines for people on stderr. */
#include "rld/loop/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void log_line(const char *format, ...)
{
	char line[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	fprintf(stderr, "rld: %s\n", line);
}

void log_diag(const struct diag *d)
{
	diag_print(stderr, d, "rld", isatty(STDERR_FILENO));
}
