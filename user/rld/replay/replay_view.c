// SPDX-License-Identifier: GPL-2.0-only
/* What a replay found, with the members of `stats` and `sources` and those of its own. */
#include <stdarg.h>

#include "base/names.h"
#include "rld/replay/replay_internal.h"
#include "rld/report/view.h"
#include "rld/sources/sources.h"

static void set_time(json_t *into, const char *name, __u64 clock_ns)
{
	json_set_wall(into, name, clock_ns ? replay_clock_to_wall_ns(clock_ns) : 0);
}

static json_t *capture_json(const struct replay *replay)
{
	json_t *capture = json_object();
	__u64 records = 0;

	for (int i = 0; i < REPLAY_FATE_COUNT; i++)
		records += replay->records[i];
	json_set_text(capture, "file", replay->options->file);
	json_set_text(capture, "link", capture_link_name(replay->capture));
	json_set_u64(capture, "records", records);
	json_set_u64(capture, "replayed", replay->records[REPLAY_RUN]);
	json_set_u64(capture, "cut", replay->cut);
	json_set_u64(capture, "backwards", replay->clock.backwards);
	json_set_u64(capture, "outgoing", replay->records[REPLAY_OUTGOING]);
	json_set_u64(capture, "too_short", replay->records[REPLAY_TOO_SHORT]);
	json_set_u64(capture, "too_long", replay->records[REPLAY_TOO_LONG]);
	return capture;
}

__attribute__((format(printf, 2, 3))) static void note(json_t *notes, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	json_array_append_new(notes, json_string(text));
}

static size_t with_iface_conditions(const struct conf *conf)
{
	size_t count = 0;

	for (size_t i = 0; i < conf->limits; i++)
		for (size_t j = 0; j < conf->limit[i]->conds; j++)
			count += conf->limit[i]->cond[j].kind == CONF_COND_IFACE;
	return count;
}

static void note_rules(const struct replay *replay, json_t *notes)
{
	size_t limits = with_iface_conditions(replay->rld.conf);

	if (replay->rld.conf->mode == RL_MODE_OFF)
		note(notes, "the configuration is in mode off: nothing was judged");
	if (limits && !replay->iface[0])
		note(notes,
		     "%zu conditions name an interface, and the packets came in on none: --iface "
		     "NAME says on which",
		     limits);
}

static json_t *notes_json(const struct replay *replay)
{
	json_t *notes = json_array();

	if (replay->cut)
		note(notes,
		     "%llu packets were cut when they were captured: their bytes count, and what "
		     "is missing was taken as zeros",
		     replay->cut);
	if (replay->clock.backwards)
		note(notes, "%llu time stamps ran backwards: the time before was taken instead",
		     replay->clock.backwards);
	if (replay->records[REPLAY_TOO_LONG])
		note(notes,
		     "%llu packets were left out: they are longer than the kernel takes by hand",
		     replay->records[REPLAY_TOO_LONG]);
	if (replay->records[REPLAY_TOO_SHORT])
		note(notes, "%llu packets were left out: they are shorter than their headers",
		     replay->records[REPLAY_TOO_SHORT]);
	if (replay->records[REPLAY_OUTGOING])
		note(notes, "%llu packets were left out: they were sent, not received",
		     replay->records[REPLAY_OUTGOING]);
	note_rules(replay, notes);
	return notes;
}

static int tally_piece(struct replay *replay, const struct rl_key *keys,
		       const struct rl_state *states, size_t count)
{
	int err = 0;

	for (size_t i = 0; !err && i < count; i++)
		err = tally_add(&replay->gone, &keys[i], &states[i]);
	return err;
}

static int tally_table(struct replay *replay, struct diag *d)
{
	const struct rl_key *keys;
	const struct rl_state *states;
	struct dp_scan *scan;
	int count = 0;
	int err = dp_scan_open(replay->rld.dp, &scan);

	if (err)
		return diag_errno(d, -err, "cannot walk the state table");
	while (!err && (count = dp_scan_next(scan, &keys, &states)) > 0)
		err = tally_piece(replay, keys, states, (size_t)count);
	dp_scan_close(scan);
	if (!err)
		err = count;
	return err ? diag_errno(d, -err, "cannot walk the state table") : 0;
}

/* Takes the tally of all sources, forgotten or not. */
static json_t *sources_json(struct replay *replay)
{
	struct topn top = {.max = replay->top};
	json_t *list = json_array();

	tally_offer(&replay->gone, &top);
	topn_sort(&top);
	for (size_t i = 0; i < top.count; i++) {
		const struct topn_source *source = &top.v[i];
		const struct conf_limit *limit =
			rld_limit_by_id(&replay->rld, source->key.limit_id);
		json_t *json = limit ? source_counts_json(&limit->abi, &source->key, &source->state)
				     : NULL;

		if (!json)
			continue;
		set_time(json, "first_seen", source->state.first_seen);
		set_time(json, "last_seen", source->state.last_seen);
		json_array_append_new(list, json);
	}
	topn_done(&top);
	return list;
}

json_t *replay_view(struct replay *replay, struct diag *d)
{
	struct rld *rld = &replay->rld;
	struct rl_iface_counters sum;
	json_t *data;
	int err;

	if (tally_table(replay, d))
		return NULL;
	err = dp_iface_counters(rld->dp, replay->slot, &sum);
	if (err) {
		diag_errno(d, -err, "cannot read the counters");
		return NULL;
	}
	data = view_stats_of(rld, &sum);
	json_object_set_new(data, "sources", sources_json(replay));
	json_set_u64(data, "total", replay->gone.count);
	json_set_u64(data, "forgotten", replay->forgotten);
	json_set_u64(data, "duration_ns",
		     replay->first_ns ? replay->clock.now_ns - replay->first_ns : 0);
	set_time(data, "first", replay->first_ns);
	set_time(data, "last", replay->first_ns ? replay->clock.now_ns : 0);
	json_set_text(data, "mode", names_text(&names_mode, rld->conf->mode));
	json_set_text(data, "iface", replay->iface[0] ? replay->iface : NULL);
	json_object_set_new(data, "capture", capture_json(replay));
	json_object_set_new(data, "notes", notes_json(replay));
	return data;
}
