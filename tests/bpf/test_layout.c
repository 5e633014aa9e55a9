// SPDX-License-Identifier: GPL-2.0-only
/* What the next version goes on with where a map has another layout, or is none. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dp/layout.h"
#include "harness.h"
#include "pins.h"

#define GOLDEN "tests/bpf/data/layout.txt"
#define SRC "192.0.2.1"
#define DST "192.0.2.2"
#define CONF                                                                                       \
	"set-limit a 5/minute match udp dport 2\n"                                                 \
	"set-limit log 9/minute match udp dport 3 strategy moving-window\n"                        \
	"set-limit jail 2/minute match tcp ban for 1h everywhere\n"                                \
	"deny add 198.51.100.0/24"

static bool is_pinned(const struct bpf_map *map)
{
	const char *name = bpf_map__name(map);

	return !strchr(name, '.') && !strstr(name, "_old") && strcmp(name, "calls");
}

/* Four of five packets, four of nine by a log, and one banned from everything. */
static void fill(struct harness *h)
{
	struct frame f;

	harness_conf(h, CONF);
	assert_int_equal(harness_passed(h, packet_udp(&f, SRC, DST, 1, 2), 4), 4);
	assert_int_equal(harness_passed(h, packet_udp(&f, SRC, DST, 1, 3), 4), 4);
	assert_int_equal(harness_passed(h, packet_tcp(&f, "192.0.2.9", DST, 1, 2, 0), 9), 2);
}

static void reopen(struct harness *h)
{
	harness_reopen(h);
	harness_publish(h);
}

static void expect_sources(struct harness *h, unsigned of_a, unsigned of_log)
{
	struct frame f;

	assert_int_equal(harness_passed(h, packet_udp(&f, SRC, DST, 1, 2), 20), of_a);
	assert_int_equal(harness_passed(h, packet_udp(&f, SRC, DST, 1, 3), 20), of_log);
}

static void expect_lists(struct harness *h)
{
	struct frame f;

	assert_reason(h, packet_udp(&f, "192.0.2.9", DST, 1, 9), RL_REASON_BANNED);
	assert_reason(h, packet_udp(&f, "198.51.100.1", DST, 1, 2), RL_REASON_DENY_LIST);
}

/* All that a change of that one map must not touch. */
static void expect_kept(struct harness *h, const char *map)
{
	__u32 id = pins_id(h, map), limit = dp_rules(h->dp)->limit[0].id;

	pins_spoil(h, map);
	reopen(h);
	assert_true(dp_adopted(h->dp));
	assert_int_not_equal(pins_id(h, map), id);
	assert_int_equal(dp_rules(h->dp)->limit[0].id, limit);
	expect_lists(h);
	expect_sources(h, 1, 5);
	harness_reopen(h);
	assert_string_equal(h->notice, "");
	expect_lists(h);
	expect_sources(h, 0, 0);
}

static const char *const others[] = {
	"iface_counters", "limit_counters", "limit_budgets", "losses",	       "control",
	"rules",	  "filters",	    "prefixes",	     "front",	       "hot",
	"presence",	  "events",	    "sweep",	     "state_template", "move"};

static void sources_and_bans_outlive_any_other_map(void **state)
{
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		struct harness *h = harness_new(1024);

		fill(h);
		expect_kept(h, others[i]);
		harness_free(h);
	}
}

static void what_starts_afresh_is_told(void **state)
{
	struct harness *h = *state;
	struct rl_iface_counters counters;
	__u64 *word = (__u64 *)&counters;

	fill(h);
	pins_spoil(h, "iface_counters");
	harness_reopen(h);
	assert_non_null(strstr(h->notice, ": counters of interfaces start afresh; kept: sources"));
	assert_int_equal(dp_iface_counters(h->dp, 0, &counters), 0);
	for (size_t i = 0; i < sizeof(counters) / sizeof(*word); i++)
		assert_int_equal(word[i], 0);
	assert_int_equal(harness_limit(h, "a").verdict[RL_VERDICT_PASS].packets, 4);
	pins_spoil(h, "prefixes");
	harness_reopen(h);
	assert_non_null(strstr(h->notice, "nothing is lost"));
}

static void the_number_of_sources_outlives_the_counters_of_limits(void **state)
{
	struct harness *h = *state;
	struct rl_limit_counters a;

	fill(h);
	harness_strangers(h, 0, 20);
	pins_spoil(h, "limit_counters");
	reopen(h);
	a = harness_limit(h, "a");
	assert_int_equal(a.created - a.expired, 21);
	assert_int_equal(a.verdict[RL_VERDICT_PASS].packets, 0);
}

static void other_states_start_afresh_and_bans_stay(void **state)
{
	struct harness *h = *state;
	struct rl_limit_counters a;
	__u32 limit;

	fill(h);
	limit = dp_rules(h->dp)->limit[0].id;
	pins_spoil(h, "states");
	reopen(h);
	assert_non_null(strstr(h->notice, ": sources, "));
	assert_int_equal(dp_rules(h->dp)->limit[0].id, limit);
	a = harness_limit(h, "a");
	assert_int_equal(a.created - a.expired, 0);
	expect_lists(h);
	expect_sources(h, 5, 9);
}

static void logs_go_with_their_states(void **state)
{
	struct harness *h = *state;

	fill(h);
	pins_spoil(h, "logs16");
	reopen(h);
	expect_lists(h);
	expect_sources(h, 5, 9);
}

static void other_bans_end(void **state)
{
	struct harness *h = *state;
	struct frame f;

	fill(h);
	pins_spoil(h, "bans");
	reopen(h);
	assert_int_equal(dp_control(h->dp)->bans, 0);
	assert_reason(h, packet_udp(&f, "192.0.2.9", DST, 1, 9), RL_REASON_NO_LIMIT);
	expect_sources(h, 1, 5);
}

static void without_its_identity_nothing_is_adopted(void **state)
{
	struct harness *h = *state;
	struct frame f;

	fill(h);
	pins_spoil(h, "identity");
	reopen(h);
	assert_false(dp_adopted(h->dp));
	assert_non_null(strstr(h->notice, "limits start afresh"));
	assert_reason(h, packet_udp(&f, "192.0.2.9", DST, 1, 9), RL_REASON_NO_LIMIT);
	expect_sources(h, 5, 9);
}

/* A map that no part of adopt.c has would stay as it was. */
static void every_map_is_made_anew_if_it_has_to_be(void **state)
{
	struct harness *h = *state;
	struct bpf_map *map;
	__u32 before[64];
	size_t n = 0;

	bpf_object__for_each_map(map, h->dp->skel->obj)
	{
		if (!is_pinned(map))
			continue;
		before[n++] = pins_id(h, bpf_map__name(map));
		pins_spoil(h, bpf_map__name(map));
	}
	reopen(h);
	n = 0;
	bpf_object__for_each_map(map, h->dp->skel->obj)
	{
		if (is_pinned(map))
			assert_int_not_equal(pins_id(h, bpf_map__name(map)), before[n++]);
	}
}

static void what_is_no_map_of_ours_is_replaced(void **state)
{
	struct harness *h = *state;
	char path[128];

	fill(h);
	pins_replace(h, "losses", bpf_map_create(BPF_MAP_TYPE_HASH, "x", 12, 4, 3, NULL));
	pins_replace(h, "iface_counters", dup(bpf_program__fd(h->dp->skel->progs.rld)));
	pins_path(h, "hot", path, sizeof(path));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	reopen(h);
	assert_non_null(strstr(h->notice, "counters of interfaces, counters of losses start"));
	expect_lists(h);
	expect_sources(h, 1, 5);
	pins_replace(h, "states", bpf_map_create(BPF_MAP_TYPE_HASH, "x", 8, 16, 3, NULL));
	reopen(h);
	expect_lists(h);
	expect_sources(h, 5, 9);
	pins_replace(h, "layout", bpf_map_create(BPF_MAP_TYPE_ARRAY, "x", 4, 8, 3, NULL));
	reopen(h);
	assert_false(dp_adopted(h->dp));
	expect_sources(h, 5, 9);
}

static void what_cannot_be_removed_is_named(void **state)
{
	struct harness *h = *state;
	struct dp_options options = {.bpffs = h->bpffs, .sources_max = 1024, .test_clock = true};
	char path[128], inner[160], notice[512];
	struct dp *dp;
	struct diag d;

	pins_path(h, "bans", path, sizeof(path));
	snprintf(inner, sizeof(inner), "%s/inner", path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(mkdir(inner, 0700), 0);
	dp_close(h->dp);
	assert_int_equal(dp_open(&options, &dp, notice, &d), -EEXIST);
	assert_non_null(strstr(d.message, "/bans is in the way of a map of rld"));
	assert_int_equal(rmdir(inner), 0);
	assert_int_equal(dp_open(&options, &h->dp, notice, &d), 0);
}

/* As the version without stamps left it: what `identity` holds in `control`, of another size. */
static void forget_stamps(struct harness *h, __u64 layout)
{
	const struct rl_identity *identity = h->dp->identity;
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "control", 4, 2240, 1, NULL);
	__u32 zero = 0, abi = 2, active = dp_control(h->dp)->active;
	char control[2240] = {0}, path[128];

	memcpy(control, &active, sizeof(active));
	memcpy(control + 32, identity->secret, sizeof(identity->secret));
	memcpy(control + 152, &abi, sizeof(abi));
	memcpy(control + 160, &layout, sizeof(layout));
	memcpy(control + 176, &identity->next_limit_id, sizeof(__u32));
	memcpy(control + 180, &identity->next_set_id, sizeof(__u32));
	assert_int_equal(bpf_map_update_elem(fd, &zero, control, 0), 0);
	pins_replace(h, "control", fd);
	pins_old_rules(h);
	pins_path(h, "layout", path, sizeof(path));
	assert_int_equal(unlink(path), 0);
	pins_path(h, "identity", path, sizeof(path));
	assert_int_equal(unlink(path), 0);
}

static void maps_without_stamps_are_adopted_if_they_are_known(void **state)
{
	struct harness *h = *state;

	fill(h);
	forget_stamps(h, 0x2118c98d2833c68);
	reopen(h);
	assert_true(dp_adopted(h->dp));
	expect_lists(h);
	expect_sources(h, 1, 5);
	forget_stamps(h, 0x2118c98d2833c69);
	reopen(h);
	assert_false(dp_adopted(h->dp));
	assert_non_null(strstr(h->notice, "limits start afresh"));
	expect_sources(h, 5, 9);
}

static FILE *print_layout(struct harness *h)
{
	FILE *out = tmpfile();
	struct bpf_map *map;

	bpf_object__for_each_map(map, h->dp->skel->obj)
	{
		if (is_pinned(map))
			assert_int_not_equal(dp_layout_stamp(h->dp->skel, map, out), 0);
	}
	rewind(out);
	return out;
}

/* If a change is meant: `WRITE_LAYOUT=1 build/tests/bpf/test_layout`. It costs those who upgrade
 * what the maps hold that it is in. */
static void no_layout_changes_by_accident(void **state)
{
	FILE *now = print_layout(*state), *golden;
	char a[256], b[256];
	unsigned line = 0;

	golden = fopen(GOLDEN, getenv("WRITE_LAYOUT") ? "w+" : "r");
	assert_non_null(golden);
	while (fgets(a, sizeof(a), now)) {
		line++;
		if (getenv("WRITE_LAYOUT"))
			fputs(a, golden);
		else if (!fgets(b, sizeof(b), golden) || strcmp(a, b))
			fail_msg(GOLDEN ":%u: %s differs from %s", line, a, b);
	}
	assert_null(fgets(b, sizeof(b), golden));
	fclose(golden);
	fclose(now);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, harness_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_layout_changes_by_accident),
		cmocka_unit_test(sources_and_bans_outlive_any_other_map),
		TEST(what_starts_afresh_is_told),
		TEST(the_number_of_sources_outlives_the_counters_of_limits),
		TEST(other_states_start_afresh_and_bans_stay),
		TEST(logs_go_with_their_states),
		TEST(other_bans_end),
		TEST(without_its_identity_nothing_is_adopted),
		TEST(every_map_is_made_anew_if_it_has_to_be),
		TEST(what_is_no_map_of_ours_is_replaced),
		TEST(what_cannot_be_removed_is_named),
		TEST(maps_without_stamps_are_adopted_if_they_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
