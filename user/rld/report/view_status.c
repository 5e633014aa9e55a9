// SPDX-License-Identifier: GPL-2.0-only
/* `status` and `stats`. */
#include "rld/report/view.h"
#include "rld/sources/totals.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "base/time.h"
#include "conf/grammar/grammar.h"
#include "rl/proto.h"
#include "rld/events/sink.h"
#include "rld/guard/spare.h"
#include "rld/links/ifaces.h"
#include "rld/persist/persist.h"
#include "rld/sources/pressure.h"

/* Kept until something changes: with a thousand limits the comparison takes a millisecond. */
size_t view_unsaved(const struct rld *rld)
{
	static struct {
		__u64 version;
		size_t count;
	} last;

	if (rld->held)
		return 0; /* nobody knows */
	if (last.version != rld->version) {
		last.count = rld->files ? conf_diff(rld->files, rld->conf, NULL, NULL) : 0;
		last.version = rld->version;
	}
	return last.count;
}

static json_t *config_json(struct rld *rld)
{
	const struct rld_config_state *state = &rld->config;
	json_t *config = json_object();

	json_set_u64(config, "generation", dp_rules(rld->dp)->generation);
	json_set_text(config, "source", state->source);
	json_set_text(config, "file", rld->options.config ? rld->options.config : RL_CONFIG);
	json_set_wall(config, "applied_at", state->applied_wall_ns);
	json_set_bool(config, "last_reload_successful", state->reload_ok);
	return config;
}

static json_t *sinks_json(const struct sinks *sinks)
{
	static const char *const states[] = {
		[SINK_OPEN] = "open", [SINK_FAILED] = "failed", [SINK_OFF] = "off"};
	json_t *list = json_array();

	for (size_t i = 0; i < sinks_count(sinks); i++) {
		json_t *json = json_object();
		struct sink_view view;

		sinks_view(sinks, i, &view);
		json_set_text(json, "log", view.name);
		json_set_text(json, "state", states[view.state]);
		json_set_text(json, "error", view.error ? strerror(view.error) : NULL);
		json_set_u64(json, "lost", view.lost);
		json_set_u64(json, "retry_in_ns", view.retry_ns);
		json_array_append_new(list, json);
	}
	return list;
}

json_t *view_status(struct rld *rld)
{
	json_t *status = json_object();
	__u64 tracked = totals_tracked(rld, NULL);
	struct spare_view spared = spare_view(rld->spare);

	json_set_text(status, "version", RL_VERSION);
	json_set_text(status, "mode", names_text(&names_mode, rld->conf->mode));
	json_set_u64(status, "uptime_ns", time_mono_ns() - rld->started_ns);
	json_object_set_new(status, "interfaces", ifaces_json(rld));
	json_set_u64(status, "limits", rld->conf->limits);
	json_set_u64(status, "allowed", conf_allow(rld->conf)->count);
	json_set_u64(status, "denied", conf_deny(rld->conf)->count);
	json_set_bool(status, "lists_loading", rld->lists_stale);
	json_set_u64(status, "unsaved", view_unsaved(rld));
	persist_tell(rld->persist, status);
	json_set_text(status, "held", rld->held);
	json_set_u64(status, "sources_tracked", tracked);
	json_set_u64(status, "sources_max", dp_sources_max(rld->dp));
	json_set_text(status, "pressure",
		      pressure_text(pressure_level(tracked, dp_sources_max(rld->dp))));
	json_set_u64(status, "peers_spared", spared.peers);
	json_set_bool(status, "peers_left_out", spared.more);
	json_set_u64(status, "log_lines_lost", sinks_lost(rld->sinks));
	json_object_set_new(status, "logs", sinks_json(rld->sinks));
	json_object_set_new(status, "config", config_json(rld));
	return status;
}

static json_t *limit_stats(const struct conf_limit *limit, const struct rl_limit_counters *counters)
{
	json_t *json = json_object();

	json_set_text(json, "name", limit->abi.name);
	json_object_set_new(json, "windows", view_windows(&limit->abi));
	for (int i = 0; i < RL_VERDICT_COUNT; i++)
		json_set_u64(json, names_text(&names_verdict, (unsigned)i),
			     counters->verdict[i].packets);
	json_set_u64(json, "pass_bytes", counters->verdict[RL_VERDICT_PASS].bytes);
	json_set_u64(json, "drop_bytes", counters->verdict[RL_VERDICT_DROP].bytes);
	json_set_u64(json, "breaches", counters->breaches);
	json_set_u64(json, "bans", counters->bans);
	json_set_u64(json, "bans_spared", counters->bans_spared);
	json_set_u64(json, "sources", totals_sources_of(counters));
	json_set_u64(json, "state_full", counters->full);
	return json;
}

static json_t *limits_stats(struct rld *rld, const char *name)
{
	_cleanup_free_ struct rl_limit_counters *v = totals_of_limits(rld);
	json_t *list = json_array();

	for (size_t i = 0; v && i < rld->conf->limits; i++) {
		const struct conf_limit *limit = rld->conf->limit[i];

		if (!name || !strcmp(limit->abi.name, name))
			json_array_append_new(
				list, limit_stats(limit, &v[limit->abi.slot % RL_SLOTS_MAX]));
	}
	return list;
}

static void set_sums(json_t *stats, const struct rl_iface_counters *sum)
{
	json_t *packets = json_object();
	json_t *bytes = json_object();
	json_t *reasons = json_object();
	struct rl_counter verdict[RL_VERDICT_COUNT];

	totals_by_verdict(sum, verdict);
	for (unsigned reason = 0; reason < RL_REASON_COUNT; reason++)
		json_set_u64(reasons, names_text(&names_reason, reason),
			     totals_of_reason(sum, reason));
	for (unsigned i = 0; i < RL_VERDICT_COUNT; i++) {
		json_set_u64(packets, names_text(&names_verdict, i), verdict[i].packets);
		json_set_u64(bytes, names_text(&names_verdict, i), verdict[i].bytes);
	}
	json_object_set_new(stats, "packets", packets);
	json_object_set_new(stats, "bytes", bytes);
	json_object_set_new(stats, "reasons", reasons);
}

static void set_losses(json_t *stats, struct rld *rld)
{
	struct rl_losses losses;

	if (dp_losses(rld->dp, &losses))
		return;
	json_set_u64(stats, "events_lost", losses.events_lost);
	json_set_u64(stats, "unattributed", losses.unattributed);
}

static json_t *stats_json(struct rld *rld, const struct rl_iface_counters *sum, const char *name)
{
	json_t *stats = json_object();

	set_sums(stats, sum);
	json_object_set_new(stats, "limits", limits_stats(rld, name));
	set_losses(stats, rld);
	return stats;
}

json_t *view_stats_of(struct rld *rld, const struct rl_iface_counters *sum)
{
	return stats_json(rld, sum, NULL);
}

json_t *view_stats(struct rld *rld, const char *name, struct diag *d)
{
	struct rl_iface_counters sum;

	if (name && !conf_find_limit(rld->conf, name)) {
		diag_set(d, DIAG_FAILED, "there is no limit %s", name);
		return NULL;
	}
	totals_of_ifaces(rld, &sum);
	return stats_json(rld, &sum, name);
}
