// SPDX-License-Identifier: GPL-2.0-only
/* Metrics in the text form of Prometheus. */
#include "rld/report/metrics.h"

#include <stddef.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/addr.h"
#include "base/cleanup.h"
#include "base/names.h"
#include "conf/model/named.h"
#include "rl/proto.h"
#include "rld/events/event.h"
#include "rld/events/sink.h"
#include "rld/persist/persist.h"
#include "rld/report/metrics_text.h"
#include "rld/sources/expiry.h"
#include "rld/sources/key.h"
#include "rld/sources/totals.h"

static void iface_verdicts(FILE *out, const char *metric, const char *iface,
			   const struct rl_iface_counters *counters, bool bytes)
{
	struct rl_counter sums[RL_VERDICT_COUNT];

	totals_by_verdict(counters, sums);
	for (unsigned verdict = 0; verdict < RL_VERDICT_COUNT; verdict++) {
		const char *const labels[] = {"iface", iface, "verdict",
					      names_text(&names_verdict, verdict), NULL};

		metrics_sample_of(out, metric, labels,
				  bytes ? sums[verdict].bytes : sums[verdict].packets);
	}
}

static void all_ifaces(FILE *out, struct rld *rld, const char *metric, bool bytes)
{
	struct dp_iface v[RL_IFACES_MAX];
	size_t count = dp_ifaces(rld->dp, v);
	struct rl_iface_counters counters;

	for (size_t i = 0; i < count; i++)
		if (!dp_iface_counters(rld->dp, v[i].slot, &counters))
			iface_verdicts(out, metric, v[i].name, &counters, bytes);
}

static void write_ifaces(FILE *out, struct rld *rld)
{
	struct dp_iface v[RL_IFACES_MAX];
	size_t count = dp_ifaces(rld->dp, v);

	metrics_head(out, "rld_packets_total", "counter", "Packets seen, by what became of them.");
	all_ifaces(out, rld, "rld_packets_total", false);
	metrics_head(out, "rld_bytes_total", "counter", "Bytes seen, by what became of them.");
	all_ifaces(out, rld, "rld_bytes_total", true);
	metrics_head(out, "rld_attached", "gauge", "Interfaces on which limits are enforced.");
	for (size_t i = 0; i < count; i++) {
		const char *const labels[] = {"iface", v[i].name, "mode",
					      v[i].mode == DP_ATTACH_NATIVE ? "native" : "generic",
					      NULL};

		metrics_sample_of(out, "rld_attached", labels, 1);
	}
}

static void write_reasons(FILE *out, struct rld *rld)
{
	struct rl_iface_counters sum;

	totals_of_ifaces(rld, &sum);
	metrics_head(out, "rld_reason_packets_total", "counter",
		     "Packets by the reason for their verdict.");
	for (unsigned reason = 0; reason < RL_REASON_COUNT; reason++)
		metrics_sample(out, "rld_reason_packets_total", "reason",
			       names_text(&names_reason, reason), totals_of_reason(&sum, reason));
}

static void write_limit_packets(FILE *out, const struct conf *conf,
				const struct rl_limit_counters *v)
{
	metrics_head(out, "rld_limit_packets_total", "counter",
		     "Packets that a limit judged, by its verdict.");
	for (size_t i = 0; i < conf->limits; i++) {
		const struct rl_limit *limit = &conf->limit[i]->abi;

		for (unsigned verdict = 0; verdict < RL_VERDICT_COUNT; verdict++) {
			const char *const labels[] = {"limit", limit->name, "verdict",
						      names_text(&names_verdict, verdict), NULL};

			metrics_sample_of(out, "rld_limit_packets_total", labels,
					  v[limit->slot % RL_SLOTS_MAX].verdict[verdict].packets);
		}
	}
}

static const struct {
	const char *name;
	const char *help;
	size_t counter; /* its offset */
} of_limits[] = {
	{"rld_limit_breaches_total", "First refusals of a source in a window.",
	 offsetof(struct rl_limit_counters, breaches)},
	{"rld_limit_bans_spared_total",
	 "Bans not made, since they would have hit a peer of a protected port.",
	 offsetof(struct rl_limit_counters, bans_spared)},
	{"rld_state_full_total", "Packets of sources that found no room in the table.",
	 offsetof(struct rl_limit_counters, full)},
};

static void write_limits(FILE *out, struct rld *rld)
{
	_cleanup_free_ struct rl_limit_counters *v = totals_of_limits(rld);
	struct conf_limit *const *limit = rld->conf->limit;
	size_t count = rld->conf->limits;

	if (!v)
		return;
	write_limit_packets(out, rld->conf, v);
	for (size_t m = 0; m < sizeof(of_limits) / sizeof(*of_limits); m++) {
		metrics_head(out, of_limits[m].name, "counter", of_limits[m].help);
		for (size_t i = 0; i < count; i++)
			metrics_sample(out, of_limits[m].name, "limit", limit[i]->abi.name,
				       *(const __u64 *)((const char *)&v[limit[i]->abi.slot %
									 RL_SLOTS_MAX] +
							of_limits[m].counter));
	}
	metrics_head(out, "rld_sources_tracked", "gauge", "Sources in the state table.");
	for (size_t i = 0; i < count; i++)
		metrics_sample(out, "rld_sources_tracked", "limit", limit[i]->abi.name,
			       totals_sources_of(&v[limit[i]->abi.slot % RL_SLOTS_MAX]));
	metrics_head(out, "rld_sources_blocked", "gauge",
		     "Sources that are refused until a window ends, as of the last scan.");
	for (size_t i = 0; i < count; i++)
		metrics_sample(out, "rld_sources_blocked", "limit", limit[i]->abi.name,
			       expiry_blocked(rld->expiry, limit[i]->abi.slot));
}

static void source_sample(FILE *out, const char *limit, const char *source, const char *verdict,
			  __u64 value)
{
	const char *const labels[] = {"limit", limit, "source", source, "verdict", verdict, NULL};

	metrics_sample_of(out, "rld_source_packets_total", labels, value);
}

/* One series a source: of a limit that counts per port as well, the one with the most refused. */
static bool seen_before(const struct topn *top, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (top->v[j].key.limit_id == top->v[i].key.limit_id &&
		    !memcmp(&top->v[j].key.source, &top->v[i].key.source, sizeof(union rl_addr)))
			return true;
	return false;
}

static void write_sources(FILE *out, struct rld *rld)
{
	const struct topn *top = expiry_top(rld->expiry);
	char text[ADDR_TEXT];

	if (!top->count)
		return;
	metrics_head(out, "rld_source_packets_total", "counter",
		     "Packets of the sources with the most refused, as of the last scan.");
	for (size_t i = 0; i < top->count; i++) {
		const struct rl_state *state = &top->v[i].state;
		const struct conf_limit *limit = rld_limit_by_id(rld, top->v[i].key.limit_id);
		const char *source;

		if (!limit || seen_before(top, i))
			continue;
		source = key_source_text(&limit->abi, &top->v[i].key, text);
		source_sample(out, limit->abi.name, source, "pass", state->pass_packets);
		source_sample(out, limit->abi.name, source, "drop", state->drop_packets);
		source_sample(out, limit->abi.name, source, "would_drop", state->would_packets);
	}
}

/* Of those that are meant to work. */
static void write_sinks(FILE *out, const struct sinks *sinks)
{
	struct sink_view view;

	metrics_head(out, "rld_log_up", "gauge", "1 while events can be logged there.");
	for (size_t i = 0; i < sinks_count(sinks); i++) {
		sinks_view(sinks, i, &view);
		if (view.state != SINK_OFF)
			metrics_sample(out, "rld_log_up", "log", view.name,
				       view.state == SINK_OPEN);
	}
	metrics_single(out, "rld_log_lines_lost_total", "counter",
		       "Event lines that a sink did not take.", sinks_lost(sinks));
}

static void write_events(FILE *out, struct rld *rld)
{
	struct rl_losses losses = {0};

	metrics_head(out, "rld_events_total", "counter", "Events by action.");
	for (int i = 0; i < EVENT_ACTION_COUNT; i++)
		metrics_sample(out, "rld_events_total", "action", event_action_name(i),
			       events_count(rld->events, i));
	dp_losses(rld->dp, &losses);
	metrics_single(out, "rld_events_lost_total", "counter",
		       "Events that found no room on their way.", losses.events_lost);
	write_sinks(out, rld->sinks);
	metrics_single(out, "rld_unattributed_packets_total", "counter",
		       "Refused packets that no source's counter holds.", losses.unattributed);
}

static void write_lists(FILE *out, const struct conf *conf)
{
	metrics_head(out, "rld_list_entries", "gauge", "Prefixes of a list with a name.");
	for (size_t i = 0; i < conf->nameds; i++)
		metrics_sample(out, "rld_list_entries", "list", conf->named[i].name,
			       conf_named_all(&conf->named[i])->count);
	metrics_head(out, "rld_list_file_ok", "gauge",
		     "0 while a list has what its file had before it was refused.");
	for (size_t i = 0; i < conf->nameds; i++)
		if (conf->named[i].path)
			metrics_sample(out, "rld_list_file_ok", "list", conf->named[i].name,
				       !conf->named[i].trouble);
}

static void write_config(FILE *out, struct rld *rld)
{
	const struct rld_config_state *state = &rld->config;

	metrics_single(out, "rld_config_generation", "gauge", "Number of the rule set at work.",
		       dp_rules(rld->dp)->generation);
	metrics_single(out, "rld_config_last_reload_successful", "gauge",
		       "1 if the last reload was applied.", state->reload_ok);
	metrics_head(out, "rld_config_last_reload_timestamp_seconds", "gauge",
		     "When a reload was last applied.");
	fprintf(out, "rld_config_last_reload_timestamp_seconds %.3f\n",
		(double)state->reload_wall_ns / 1e9);
	metrics_single(out, "rld_rules_held", "gauge",
		       "1 while what an earlier rld enforced goes on, as its statements are lost.",
		       rld->held != NULL);
	metrics_single(out, "rld_statements_kept", "gauge",
		       "1 while a crash or restart of rld forgets nothing that commands changed.",
		       !persist_trouble(rld->persist));
	metrics_single(out, "rld_lists_loading", "gauge",
		       "1 while the allow and the deny list are not yet in force as they stand.",
		       rld->lists_stale);
}

static void write_build(FILE *out)
{
	struct utsname system;
	const char *const labels[] = {"version", RL_VERSION, "kernel", system.release, NULL};

	uname(&system);
	metrics_head(out, "rld_build_info", "gauge", "What runs where.");
	metrics_sample_of(out, "rld_build_info", labels, 1);
}

void metrics_write(struct rld *rld, FILE *out)
{
	write_ifaces(out, rld);
	write_reasons(out, rld);
	write_limits(out, rld);
	metrics_single(out, "rld_sources_max", "gauge", "Room for sources in the state table.",
		       dp_sources_max(rld->dp));
	metrics_head(out, "rld_state_pressure_ratio", "gauge",
		     "Share of the state table that is taken.");
	fprintf(out, "rld_state_pressure_ratio %.6f\n", expiry_pressure(rld->expiry));
	metrics_head(out, "rld_sources_scan_age_seconds", "gauge",
		     "Age of the last scan of the state table.");
	fprintf(out, "rld_sources_scan_age_seconds %.3f\n",
		(double)expiry_age_ns(rld->expiry) / 1e9);
	write_sources(out, rld);
	write_events(out, rld);
	write_config(out, rld);
	write_lists(out, rld->conf);
	write_build(out);
}
