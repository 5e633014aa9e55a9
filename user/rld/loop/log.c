// SPDX-License-Identifier: GPL-2.0-only
/* Lines for people on stderr. */
#include "rld/loop/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "rld/loop/stderr.h"

static unsigned long long lost; /* messages that stderr did not take, and nobody was told of */

void log_retry(void)
{
	char line[128];

	if (!lost)
		return;
	snprintf(line, sizeof(line),
		 "rld: %llu messages are missing here: standard error did not take them\n", lost);
	if (!stderr_write(line, strlen(line)))
		lost = 0;
}

static void put(const char *text, size_t len)
{
	log_retry();
	if (lost || stderr_write(text, len))
		lost++;
}

void log_line(const char *format, ...)
{
	char line[1024], whole[sizeof(line) + 8];
	va_list args;
	int len;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	utf8_clean(line, "");
	len = snprintf(whole, sizeof(whole), "rld: %s\n", line);
	put(whole, (size_t)len);
}

void log_diag(const struct diag *d)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	FILE *file = open_memstream(&text, &len);

	if (!file)
		return;
	diag_print(file, d, "rld", isatty(STDERR_FILENO));
	if (!fclose(file))
		put(text, len);
}
