/* SPDX-License-Identifier: GPL-2.0-only */
/* Events: made here, counted, kept (the last EVENTS_KEPT of the network, and fewer others), written
 * to the sinks and streamed to followers. */
#ifndef RLD_EVENT_H
#define RLD_EVENT_H

#include "base/addr.h"
#include "base/json.h"
#include "rld/request/access.h"
#include "rld/request/answer.h"

#define EVENTS_KEPT 4096	       /* of the network */
#define EVENTS_KEPT_CONFIGURATION 1024 /* changes and interfaces */
#define EVENTS_KEPT_REFUSED 256	       /* refused commands */

#define EVENT_ACTIONS(X)                                                                           \
	X(BREACH, "rate-limit-breach", "network")                                                  \
	X(RECOVERED, "rate-limit-recovered", "network")                                            \
	X(BANNED, "source-banned", "network")                                                      \
	X(UNBANNED, "source-unbanned", "network")                                                  \
	X(STATE_FULL, "state-full", "network")                                                     \
	X(BAN_SPARED, "ban-spared", "network")                                                     \
	X(STATE_PRESSURE, "state-pressure", "network")                                             \
	X(STATE_RELIEVED, "state-relieved", "network")                                             \
	X(EVENTS_LOST, "events-lost", "network")                                                   \
	X(CONFIG_APPLIED, "config-applied", "configuration")                                       \
	X(IFACE_PENDING, "interface-pending", "configuration")                                     \
	X(IFACE_ATTACHED, "interface-attached", "configuration")                                   \
	X(IFACE_RENAMED, "interface-renamed", "configuration")                                     \
	X(CONFIG_REFUSED, "config-refused", "configuration")                                       \
	X(RULES_HELD, "rules-held", "configuration")                                               \
	X(LIST_REFUSED, "list-refused", "configuration")                                           \
	X(STATEMENTS_DROPPED, "statements-dropped", "configuration")                               \
	X(PERSIST_FAILED, "persist-failed", "configuration")                                       \
	X(PERSIST_RECOVERED, "persist-recovered", "configuration")                                 \
	X(CONTROL, "control-command", "configuration")

#define X(id, text, category) EVENT_##id,
enum event_action { EVENT_ACTIONS(X) EVENT_ACTION_COUNT };
#undef X

struct events;
struct sinks;
struct rld;

struct events *events_new(struct sinks *sinks);
void events_free(struct events *events);
/* Tells followers that no more will come. */
void events_stop(struct events *events);
/* `body`: what stands beside "@timestamp" and "event" (merged into), taken over; NULL: nothing.
 * `about`: the sources whose event it is; may be NULL. */
void events_emit(struct events *events, enum event_action action, json_t *body,
		 const struct addr_prefix *about);
/* As above for what happened at another time than now. */
void events_emit_at(struct events *events, enum event_action action, json_t *body,
		    const struct addr_prefix *about, __s64 wall_ns);

/* Who used which command, and with which error (NULL: none). Of refused ones a budget is told, and
 * how many were not (refusals.h). */
void events_emit_control(struct events *events, const struct access *who, const char *command,
			 const char *error);

struct event_filter {
	__s64 since_wall_ns; /* 0: all that is kept */
	struct addr_prefix source;
	bool by_source;
	bool follow;
	bool history; /* of a follower: what is kept first */
};
/* Answers with what is kept, or streams until the client leaves. -EMFILE: too many followers. */
int events_query(struct events *events, const struct event_filter *filter, struct answer *answer);

size_t events_followers(const struct events *events);
__u64 events_count(const struct events *events, enum event_action action);
const char *event_action_name(enum event_action action);

#endif
