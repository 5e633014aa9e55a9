/* SPDX-License-Identifier: GPL-2.0-only */
/* What the daemon answers who asks: of the configuration, of sources, of bans, of a packet. */
#include <unistd.h>

#include "base/time.h"
#include "daemon.h"

static void assert_at(const char *line, const char *path, const char *expected)
{
	assert_string_equal(daemon_at(line, path), expected);
}

#define SSH "set-limit ssh 10/second,100/hour match tcp dport 22 ban for 1h comment \"the door\""
#define WEB "set-limit web 5MB/s per source/24,dport match tcp dport 80,443 monitor"

static int set_up(void **state)
{
	int err = daemon_set_up(state);

	fake_dp_device("eth0");
	daemon_write_config("attach eth0\nattach eth9\n" SSH "\n" WEB "\nset-limit 1000/second\n"
			    "disable default\nset-option protect-port auto,8443\n"
			    "allow add 203.0.113.0/24 comment office\n");
	daemon_start();
	return err;
}

static void limits_are_shown_as_they_were_said(void **state)
{
	assert_at("show", "limits.0.name", "ssh");
	assert_at("show limits", "limits.0.windows", "[\"10/1s\",\"100/1h\"]");
	assert_at("show limits", "limits.0.match", "tcp dport 22");
	assert_at("show limits", "limits.0.per", "source");
	assert_at("show limits", "limits.0.ban", "1h");
	assert_at("show limits", "limits.0.comment", "the door");
	assert_at("show limits", "limits.0.line", "3");
	assert_at("show limits", "limits.0.mode", "enforce");
	assert_at("show limits", "limits.1.mode", "monitor");
	assert_at("show limits", "limits.1.per", "source/24,dport");
	assert_at("show limits", "limits.1.windows", "[\"5MB/1s\"]");
	assert_at("show limits", "limits.2.enabled", "false");
	assert_at("show limits", "limits.3", "(none)");
}

static const json_t *named(const json_t *list, const char *name)
{
	const json_t *item;
	size_t i;

	json_array_foreach (list, i, item)
		if (!strcmp(json_text(item, "name", ""), name))
			return item;
	fail_msg("no %s", name);
	return NULL;
}

static void options_are_shown_with_what_they_come_to(void **state)
{
	json_t *data = daemon_data("show options");
	const json_t *list = json_object_get(data, "options");

	assert_string_equal(json_at(named(list, "protect-port"), "value"), "auto,8443");
	assert_string_equal(json_at(named(list, "protect-port"), "protected"), "[8443,22]");
	assert_string_equal(json_at(named(list, "idle-timeout"), "value"),
			    json_at(named(list, "idle-timeout"), "default"));
	assert_string_equal(json_at(named(list, "sources-max"), "needs_restart"), "true");
	json_decref(data);
}

static void lists_are_shown_with_bans_by_hand_and_by_limits(void **state)
{
	struct fake_source *source = fake_dp_source("ssh", "198.51.100.9");

	source->state.banned_until = time_mono_ns() + 60 * TIME_NS;
	source->state.ban_times = 2;
	source->state.ban_open = 1;
	fake_dp_source("ssh", "198.51.100.10");
	daemon_good("ban 192.0.2.1 for 1h");
	daemon_good("deny add 192.0.2.128/25");
	assert_at("show lists", "allow.0.prefix", "203.0.113.0/24");
	assert_at("show lists", "allow.0.comment", "office");
	assert_at("show lists", "deny.0.kind", "ban");
	assert_at("show lists", "deny.1.kind", "deny");
	assert_at("show lists", "deny.1.until", "null");
	assert_at("show lists", "bans_total", "1");
	assert_at("show lists", "bans.0.source", "198.51.100.9");
	assert_at("show lists", "bans.0.limit", "ssh");
	assert_at("show lists", "bans.0.reason", "1 breach");
	assert_at("show lists", "bans.0.bans", "2");
	/* Lifting it forgets the source; who is not banned stays. */
	assert_at("unban 198.51.100.9", "changed", "true");
	assert_at("show lists", "bans_total", "0");
	assert_at("sources", "total", "1");
}

static void put_sources(void)
{
	for (int i = 1; i <= 30; i++) {
		char addr[32];
		struct fake_source *source;

		snprintf(addr, sizeof(addr), "192.0.2.%d", i);
		source = fake_dp_source("ssh", addr);
		source->state.drop_packets = (__u64)(i % 10);
		source->state.pass_packets = (__u64)(100 - i);
		source->state.would_packets = i == 5 ? 50 : 0;
	}
	fake_dp_source("web", "198.51.100.0")->key.dport = 80;
}

static void sources_are_the_first_by_what_is_asked_for(void **state)
{
	put_sources();
	assert_at("sources", "total", "31");
	assert_at("sources", "sources.0.source", "192.0.2.5"); /* dropped or would have been */
	assert_at("sources", "sources.0.would_drop", "50");
	assert_at("sources --sort pass", "sources.0.source", "192.0.2.1");
	assert_at("sources --sort would_drop", "sources.0.source", "192.0.2.5");
	assert_at("sources --sort drop", "sources.0.drop", "9");
	assert_at("sources --sort seen --top 1", "sources.0.source", "198.51.100.0/24");
	assert_at("sources --top 3", "sources.3", "(none)");
	assert_at("sources --top 3", "total", "31");
}

static void sources_are_those_of_a_limit_or_a_prefix(void **state)
{
	put_sources();
	assert_at("sources --limit web", "total", "1");
	assert_at("sources --limit web", "sources.0.source", "198.51.100.0/24");
	assert_at("sources --source 192.0.2.7", "total", "1");
	assert_at("sources --source 192.0.2.0/29", "total", "7");
	assert_at("sources --source 198.51.100.77", "total", "1"); /* its /24 is counted */
	assert_at("sources --source 2001:db8::/32", "total", "0");
}

static void a_source_says_how_its_windows_stand(void **state)
{
	struct fake_source *source = fake_dp_source("ssh", "192.0.2.7");
	__u64 now_ns = time_mono_ns();

	source->state.window[1].a = 30;
	source->state.window[1].b = now_ns + 600 * TIME_NS;
	source->state.blocked_until = now_ns + 600 * TIME_NS;
	assert_at("sources", "sources.0.windows.0.remaining", "10");
	assert_at("sources", "sources.0.windows.1.count", "30");
	assert_at("sources", "sources.0.windows.1.remaining", "70");
	assert_true(strtoull(daemon_at("sources", "sources.0.blocked_for_ns"), NULL, 10) >
		    500 * TIME_NS);
	assert_at("sources", "sources.0.would_block_for_ns", "0");
	daemon_good("mode monitor");
	assert_at("sources", "sources.0.blocked_for_ns", "0");
	daemon_good("deny add 192.0.2.0/24");
	assert_at("sources", "sources.0.denied", "deny");
}

static void clear_forgets_what_is_named(void **state)
{
	struct fake_ban *ban = &fake_dp()->ban[0];

	put_sources();
	ban->key.source = fake_dp()->source[0].key.source;
	ban->key.prefix4 = 32;
	ban->ban.until = time_mono_ns() + 60 * TIME_NS;
	ban->ban.limit_id = fake_dp()->source[0].key.limit_id;
	fake_dp()->bans = 1;
	assert_at("clear 192.0.2.7", "cleared", "1");
	assert_at("clear 192.0.2.7", "changed", "false");
	assert_at("clear 192.0.2.0/28 --limit web", "cleared", "0");
	assert_int_equal(fake_dp()->bans, 1);
	assert_at("clear 192.0.2.0/28 --limit ssh", "cleared", "14");
	assert_int_equal(fake_dp()->bans, 0);
	assert_at("clear all", "cleared", "16");
	assert_at("sources", "total", "0");
}

static void counters_add_up_over_interfaces(void **state)
{
	struct fake_dp *fake = fake_dp();
	struct rl_counter *over = &fake->iface_counters[1].reason[RL_REASON_OVER_LIMIT][0];

	over[RL_VERDICT_DROP] = (struct rl_counter){.packets = 7, .bytes = 700};
	over[RL_VERDICT_WOULD_DROP].packets = 2;
	fake->iface_counters[0].reason[RL_REASON_ARP][RL_VERDICT_PASS].packets = 5;
	fake->limit_counters[0].breaches = 3;
	fake->limit_counters[0].created = 9;
	fake->limit_counters[0].expired = 4;
	fake->losses.unattributed = 6;
	assert_at("stats", "packets.drop", "7");
	assert_at("stats", "packets.would_drop", "2");
	assert_at("stats", "packets.pass", "5");
	assert_at("stats", "bytes.drop", "700");
	assert_at("stats", "reasons.over-limit", "9");
	assert_at("stats", "unattributed", "6");
	assert_at("stats ssh", "limits.0.breaches", "3");
	assert_at("stats ssh", "limits.0.sources", "5");
	assert_at("stats ssh", "limits.1", "(none)");
	assert_at("status", "interfaces.0.packets", "9");
	assert_at("status", "interfaces.1.state", "pending");
	assert_at("status", "sources_tracked", "5");
}

static void an_export_is_what_is_at_work(void **state)
{
	const char *text;

	daemon_good("del-limit web");
	daemon_good("mode monitor");
	text = daemon_at("export", "config");
	assert_non_null(strstr(text, "attach eth0\nattach eth9\n"));
	assert_non_null(strstr(text, "mode monitor\n"));
	assert_non_null(strstr(text, "comment \"the door\""));
	assert_null(strstr(text, "web"));
	assert_at("version", "version", RL_VERSION);
}

static void a_packet_is_explained_by_what_the_program_says(void **state)
{
	struct dp_explained *e = &fake_dp()->explained;

	*e = (struct dp_explained){.reason = RL_REASON_OVER_LIMIT,
				   .verdict = RL_VERDICT_DROP,
				   .limits = 1,
				   .now_ns = time_mono_ns()};
	e->limit[0].asked = e->limit[0].tracked = true;
	e->limit[0].verdict = RL_VERDICT_DROP;
	e->limit[0].key = fake_dp_source("ssh", "192.0.2.7")->key;
	e->limit[0].state.drop_packets = 12;
	assert_at("explain 192.0.2.7 tcp dport 22", "verdict", "drop");
	assert_at("explain 192.0.2.7 tcp dport 22", "reason", "over-limit");
	assert_at("test 192.0.2.7 tcp dport 22", "verdict", "drop");
	*e = (struct dp_explained){.reason = RL_REASON_ALLOW_LIST, .decided = -1};
	assert_at("explain 203.0.113.9", "verdict", "pass");
	*e = (struct dp_explained){.reason = RL_REASON_MODE_OFF, .decided = -1};
	assert_at("explain 203.0.113.9", "reason", "mode-off");
	daemon_bad("explain 192.0.2", "syntax", "bad address \"192.0.2\"");
}

/* An event of the program, about that source of ssh. */
static void happens(enum rl_event_kind kind, const char *addr)
{
	struct fake_dp *fake = fake_dp();
	const struct fake_source *source = fake_dp_source("ssh", addr);
	struct rl_event *event = &fake->event[fake->events];

	*event = (struct rl_event){.time = time_mono_ns(), .kind = (__u8)kind, .proto = 6};
	event->key = source->key;
	event->source = source->key.source;
	event->dport = 22;
	event->count = 11;
	event->ipv4 = 1;
	event->verdict = RL_VERDICT_DROP;
	fake->events++;
}

static void events_of_the_program_are_told_by_name(void **state)
{
	happens(RL_EVENT_BREACH, "192.0.2.7");
	happens(RL_EVENT_BANNED, "192.0.2.8");
	assert_at("events --since 1m --source 192.0.2.7", "events.0.event.action",
		  "rate-limit-breach");
	assert_at("events --since 1m --source 192.0.2.7", "events.0.rule.name", "ssh");
	assert_at("events --since 1m --source 192.0.2.7", "events.0.rld.window", "10/1s");
	assert_at("events --since 1m --source 192.0.2.7", "events.0.network.transport", "tcp");
	assert_at("events --since 1m --source 192.0.2.7", "events.1", "(none)");
	assert_at("events --since 1m --source 192.0.2.8", "events.0.event.action", "source-banned");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, daemon_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(limits_are_shown_as_they_were_said),
		TEST(options_are_shown_with_what_they_come_to),
		TEST(lists_are_shown_with_bans_by_hand_and_by_limits),
		TEST(sources_are_the_first_by_what_is_asked_for),
		TEST(sources_are_those_of_a_limit_or_a_prefix),
		TEST(a_source_says_how_its_windows_stand),
		TEST(clear_forgets_what_is_named),
		TEST(counters_add_up_over_interfaces),
		TEST(an_export_is_what_is_at_work),
		TEST(a_packet_is_explained_by_what_the_program_says),
		TEST(events_of_the_program_are_told_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
