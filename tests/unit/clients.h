/* SPDX-License-Identifier: GPL-2.0-only */
/* Clients of the control socket, the real ones, of which a test is the other end. Who they are, and
 * the commands behind them, are stubs: "now" is answered at once, all others when the test says so;
 * those that begin with an s are statements, which may wait in the queue together. */
#ifndef UNIT_CLIENTS_H
#define UNIT_CLIENTS_H

#include "rld/control/client.h"
#include "rld/control/command.h"
#include "unit.h"

int __wrap_access_of(int fd, struct access *ret);
void __wrap_command_run(struct rld *rld, struct request *request);
bool __wrap_command_is_statement(const struct request *request);

#define ASKED_MAX 80
extern struct answer *clients_open[ASKED_MAX]; /* as they were asked for; NULL: it is given */
extern size_t clients_asked;
extern enum access_level clients_level; /* of those that join */
extern bool clients_crowded;		/* ... at the last file descriptors */
extern struct clients clients_all;
extern int clients_fd; /* our end of the connection that each test begins with */

int clients_set_up(void **state);
int clients_tear_down(void **state);
int clients_join(void);	   /* another one */
void clients_settle(void); /* all that can be done now is done */
void clients_say(const char *text);
void clients_pour(const char *text, size_t len); /* the same, however much it is */
void clients_request(const char *word);
/* All that has come, as the data or the errors' codes of its answers: "now usage ". */
const char *clients_heard(int fd);
size_t clients_lines_heard(void); /* how many lines have come, however long */
bool clients_hung_up(int fd);
/* The words of those that are not answered yet are these, in order. */
void clients_waiting(const char *expected);
void clients_answer(const char *word); /* one of them is now */

#endif
