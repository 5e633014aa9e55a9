// SPDX-License-Identifier: GPL-2.0-only
/* Events: numbering, the rings of the last ones, and who follows them. */
#include "rld/events/event.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "rld/events/event_ring.h"
#include "rld/events/refusals.h"
#include "rld/events/sink.h"

#define FOLLOWERS_MAX 16

/* What one may cause pushes out nothing that another one caused: a flood no commands, commands no
 * breaches, and who may only be refused nothing but refusals. */
enum ring_of { RING_NETWORK, RING_CONFIGURATION, RING_REFUSED, RINGS };
static const size_t ring_size[RINGS] = {
	[RING_NETWORK] = EVENTS_KEPT,
	[RING_CONFIGURATION] = EVENTS_KEPT_CONFIGURATION,
	[RING_REFUSED] = EVENTS_KEPT_REFUSED,
};

struct follower {
	struct answer *answer; /* NULL: a free place */
	struct event_filter filter;
};

struct events {
	struct sinks *sinks;
	__u64 sequence; /* of the next one, from 1 */
	__u64 count[EVENT_ACTION_COUNT];
	struct event_ring ring[RINGS];
	struct refusals refusals;
	struct follower follower[FOLLOWERS_MAX];
};

#define X(id, text, category) [EVENT_##id] = {text, category},
static const struct {
	const char *name;
	const char *category;
} actions[EVENT_ACTION_COUNT] = {EVENT_ACTIONS(X)};
#undef X

/* A sink has missed some, and may work again. */
static void tell_sink(void *ctx, const char *name, __u64 lost)
{
	events_emit(ctx, EVENT_EVENTS_LOST,
		    json_pack("{s:{s:I, s:s}}", "rld", "count", (json_int_t)lost, "sink", name),
		    NULL);
}

struct events *events_new(struct sinks *sinks)
{
	struct events *events = calloc(1, sizeof(*events));

	if (!events)
		return NULL;
	for (size_t i = 0; i < RINGS; i++) {
		if (!event_ring_init(&events->ring[i], ring_size[i]))
			continue;
		events_free(events);
		return NULL;
	}
	events->sinks = sinks;
	events->sequence = 1;
	sinks_tell(sinks, tell_sink, events);
	return events;
}

static json_t *make(struct events *events, enum event_action action, json_t *body, __s64 wall_ns)
{
	json_t *event = json_object();
	json_t *head = json_pack("{s:s, s:[s], s:s, s:I}", "kind", "event", "category",
				 actions[action].category, "action", actions[action].name,
				 "sequence", (json_int_t)events->sequence);
	json_t *more = json_object_get(body, "event");

	json_set_wall(event, "@timestamp", wall_ns);
	if (more)
		json_object_update(head, more);
	if (body)
		json_object_del(body, "event");
	json_object_set_new(event, "event", head);
	if (body)
		json_object_update(event, body);
	if (!json_object_get(event, "observer"))
		json_object_set_new(event, "observer", json_pack("{s:s}", "product", "rld"));
	json_decref(body);
	return event;
}

static bool wanted(const struct event_filter *filter, const struct event_kept *kept)
{
	if (kept->wall_ns < filter->since_wall_ns)
		return false;
	return !filter->by_source ||
	       (kept->has_source && addr_overlap(&kept->about, &filter->source));
}

/* Frees the places of clients that left. */
static void drop_gone(struct events *events)
{
	for (size_t i = 0; i < FOLLOWERS_MAX; i++) {
		struct follower *follower = &events->follower[i];

		if (!follower->answer || !answer_gone(follower->answer))
			continue;
		answer_data(follower->answer, json_null());
		follower->answer = NULL;
	}
}

void events_stop(struct events *events)
{
	struct diag d;

	diag_set(&d, DIAG_NOT_RUNNING, "rld has stopped: no more events will come");
	diag_hint(&d, "what is attached goes on enforcing, untold; `rlctl events --since` shows "
		      "what the next rld has seen");
	for (size_t i = 0; events && i < FOLLOWERS_MAX; i++) {
		struct follower *follower = &events->follower[i];

		if (follower->answer)
			answer_error(follower->answer, &d);
		follower->answer = NULL;
	}
}

void events_free(struct events *events)
{
	if (!events)
		return;
	drop_gone(events);
	for (size_t i = 0; i < RINGS; i++)
		event_ring_done(&events->ring[i]);
	free(events);
}

static void tell_followers(struct events *events, const struct event_kept *kept)
{
	drop_gone(events);
	for (size_t i = 0; i < FOLLOWERS_MAX; i++) {
		struct follower *follower = &events->follower[i];

		if (follower->answer && wanted(&follower->filter, kept))
			answer_more(follower->answer, json_incref(kept->event));
	}
}

static void emit(struct events *events, enum event_action action, json_t *body, enum ring_of ring,
		 const struct addr_prefix *about, __s64 wall_ns)
{
	struct event_kept *kept = event_ring_oldest(&events->ring[ring]);
	char *line;

	json_decref(kept->event);
	*kept = (struct event_kept){
		.event = make(events, action, body, wall_ns),
		.sequence = events->sequence,
		.wall_ns = wall_ns,
	};
	if (about) {
		kept->about = *about;
		kept->has_source = true;
	}
	events->sequence++;
	events->count[action]++;
	line = json_line(kept->event);
	if (line)
		sinks_write(events->sinks, line);
	free(line);
	tell_followers(events, kept);
}

void events_emit_at(struct events *events, enum event_action action, json_t *body,
		    const struct addr_prefix *about, __s64 wall_ns)
{
	bool network = !strcmp(actions[action].category, "network");

	emit(events, action, body, network ? RING_NETWORK : RING_CONFIGURATION, about, wall_ns);
}

void events_emit(struct events *events, enum event_action action, json_t *body,
		 const struct addr_prefix *about)
{
	events_emit_at(events, action, body, about, time_wall_ns());
}

void events_emit_control(struct events *events, const struct access *who, const char *command,
			 const char *error)
{
	__u64 untold = 0;
	json_t *body, *rld;
	char uid[16];

	if (error && !refusals_take(&events->refusals, who->uid, time_mono_ns(), &untold))
		return;
	snprintf(uid, sizeof(uid), "%u", who->uid);
	body = json_pack("{s:{s:s}, s:{s:s}, s:{s:i}, s:{s:s}}", "event", "outcome",
			 error ? "failure" : "success", "user", "id", uid, "process", "pid",
			 (int)who->pid, "rld", "command", command);
	rld = json_object_get(body, "rld");
	if (error)
		json_set_text(rld, "error", error);
	if (untold)
		json_object_set_new(rld, "suppressed", json_integer((json_int_t)untold));
	emit(events, EVENT_CONTROL, body, error ? RING_REFUSED : RING_CONFIGURATION, NULL,
	     time_wall_ns());
}

/* All that is kept, in the order in which it came. */
static void each_kept(const struct events *events, const struct event_filter *filter,
		      void (*fn)(void *ctx, json_t *event), void *ctx)
{
	size_t taken[RINGS] = {0}, from = 0;
	const struct event_kept *first;

	do {
		first = NULL;
		for (size_t i = 0; i < RINGS; i++) {
			const struct event_kept *kept = event_ring_at(&events->ring[i], taken[i]);

			if (!kept || (first && kept->sequence > first->sequence))
				continue;
			first = kept;
			from = i;
		}
		taken[from]++;
		if (first && wanted(filter, first))
			fn(ctx, json_incref(first->event));
	} while (first);
}

static void append(void *ctx, json_t *event)
{
	json_array_append_new(ctx, event);
}

static void stream(void *ctx, json_t *event)
{
	answer_more(ctx, event);
}

static struct follower *free_place(struct events *events)
{
	drop_gone(events);
	for (size_t i = 0; i < FOLLOWERS_MAX; i++)
		if (!events->follower[i].answer)
			return &events->follower[i];
	return NULL;
}

int events_query(struct events *events, const struct event_filter *filter, struct answer *answer)
{
	struct follower *follower;
	json_t *list;

	if (!filter->follow) {
		list = json_array();
		each_kept(events, filter, append, list);
		answer_data(answer, json_pack("{s:o}", "events", list));
		return 0;
	}
	follower = free_place(events);
	if (!follower)
		return -EMFILE;
	*follower = (struct follower){.answer = answer, .filter = *filter};
	if (filter->history)
		each_kept(events, filter, stream, answer);
	return 0;
}

size_t events_followers(const struct events *events)
{
	size_t count = 0;

	for (size_t i = 0; i < FOLLOWERS_MAX; i++)
		count += events->follower[i].answer && !answer_gone(events->follower[i].answer);
	return count;
}

__u64 events_count(const struct events *events, enum event_action action)
{
	return events->count[action];
}

const char *event_action_name(enum event_action action)
{
	return actions[action].name;
}
