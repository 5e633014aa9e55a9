/* SPDX-License-Identifier: GPL-2.0-only */
/* Lines for people on stderr, "rld: …"; what machines read are events (event.h). Nobody waits for
 * who reads them: what finds no room is counted, and told when there is. */
#ifndef RLD_LOG_H
#define RLD_LOG_H

#include "base/diag.h"

void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_diag(const struct diag *d);
/* Tells how many were lost, if it can be told now. For a timer; the next message does it as
 * well. */
void log_retry(void);

#endif
