// SPDX-License-Identifier: GPL-2.0-only
/* Maps of the one version that pinned them without stamps (ABI 2): one number, over the sizes of
 * its structs, said what all of them were. Where that is found, sizes and offsets are those
 * below. */
#include "dp/unstamped.h"

#include <stdlib.h>
#include <string.h>

#define ABI_VERSION 2
#define LAYOUT 0x2118c98d2833c68ull

/* struct rl_control of then, as far as it is needed. */
struct control {
	__u32 active;
	__u32 skipped[7];
	__u32 secret[RL_SECRET_WORDS];
	__u64 line[3];
	__u32 abi_version;
	__u32 daemon_pid;
	__u64 layout;
	__u64 heartbeat;
	__u32 next_limit_id;
	__u32 next_set_id;
	__u64 sweep_claim;
	struct {
		__u32 ifindex;
		__u32 slot;
	} iface[256];
};
_Static_assert(sizeof(struct control) == 2240, "control");

/* Of struct rl_rules and its limits. */
#define RULES_BYTES 1255064
#define RULES_GENERATION 0
#define RULES_LIMITS 12
#define RULES_FRONT_MARK 64
#define RULES_LIMIT 927384
#define LIMITS 1024
struct limit {
	__u32 id;
	__u16 slot;
	__u8 strategy;
	__u8 unit;
	__u8 key;
	__u8 prefix4;
	__u8 prefix6;
	__u8 windows;
	__u8 skipped[84];
	struct {
		__u64 amount;
		__u64 period_ns;
		__u64 step[2];
	} window[4];
	__u8 skipped2[60];
	__u32 logs;
	char name[32];
};
_Static_assert(sizeof(struct limit) == 320, "limit");

static const struct {
	const char *map;
	__u64 stamp;
} stamps[] = {
	{"hot", 0x34915ca5d170caf4},
	{"states", 0x88e002bcb69d85cc},
	{"control", 0xcf88f2a56549dcb9},
	{"sweep", 0x52697ca693102b0},
	{"rules", 0xa116443788415f8d},
	{"filters", 0x34216c75f7c83c1d},
	{"iface_counters", 0xb5a10bc1762f41f3},
	{"limit_counters", 0xf50d5ce40768882},
	{"limit_budgets", 0x340b8949080d773b},
	{"losses", 0xac9435ce91552d06},
	{"front", 0x7624930b2e8dd695},
	{"presence", 0x2957a1774d045ba6},
	{"logs16", 0xae878448207cb0d4},
	{"logs64", 0xc35f869f22c7ecca},
	{"logs256", 0xce40f5dac257b4af},
	{"logs1024", 0xb168dc675a5077ce},
	{"state_template", 0x6140f756916a4dde},
	{"log_template", 0x5fad9319c08cf5a},
	{"prefixes", 0x25bf4966c4f25c1},
	{"bans", 0x4575396442c1f6b},
	{"events", 0xcccdb4a343729132},
};

__u64 dp_unstamped_stamp(const char *map)
{
	for (size_t i = 0; i < sizeof(stamps) / sizeof(*stamps); i++)
		if (!strcmp(stamps[i].map, map))
			return stamps[i].stamp;
	return 0;
}

/* An element of an array of that size, or NULL. To be freed. */
static void *read_element(const struct dp *dp, const char *name, __u32 at, size_t size)
{
	_cleanup_close_ int fd = dp_pin_open(dp, name);
	struct bpf_map_info info;
	void *value = NULL;

	if (fd < 0)
		return NULL;
	if (dp_map_info(fd, &info) && info.type == BPF_MAP_TYPE_ARRAY && info.value_size == size)
		value = calloc(1, size);
	if (value && bpf_map_lookup_elem(fd, &at, value)) {
		free(value);
		value = NULL;
	}
	return value;
}

static void take_limit(struct rl_identity *to, const struct limit *from)
{
	struct rl_identity_limit *limit = &to->limit[from->slot % RL_SLOTS_MAX];

	limit->id = from->id;
	RL_COPY_SHAPE(limit, from);
	limit->logs = from->logs;
	for (int i = 0; i < 4; i++)
		limit->period_ns[i] = from->window[i].period_ns;
	memcpy(limit->name, from->name, sizeof(limit->name));
}

static void take_rules(struct rl_identity *to, const char *rules)
{
	__u32 generation, limits;

	memcpy(&generation, rules + RULES_GENERATION, sizeof(generation));
	memcpy(&limits, rules + RULES_LIMITS, sizeof(limits));
	memcpy(&to->front_mark, rules + RULES_FRONT_MARK, sizeof(to->front_mark));
	for (__u32 i = 0; generation && i < limits && i < LIMITS; i++)
		take_limit(to, (const struct limit *)(rules + RULES_LIMIT) + i);
}

static void take_control(struct rl_identity *to, const struct control *control)
{
	memcpy(to->secret, control->secret, sizeof(to->secret));
	to->next_limit_id = control->next_limit_id;
	to->next_set_id = control->next_set_id;
	for (int i = 0; i < 256; i++)
		if (control->iface[i].slot && control->iface[i].slot < RL_IFACES_MAX)
			to->ifindex[control->iface[i].slot] = control->iface[i].ifindex;
}

bool dp_unstamped_take(const struct dp *dp, struct rl_identity **ret)
{
	_cleanup_free_ struct control *control = read_element(dp, "control", 0, sizeof(*control));
	bool known = control && control->abi_version == ABI_VERSION && control->layout == LAYOUT;
	_cleanup_free_ char *rules =
		known ? read_element(dp, "rules", control->active, RULES_BYTES) : NULL;
	struct rl_identity *identity = rules ? calloc(1, sizeof(*identity)) : NULL;

	if (identity) {
		take_control(identity, control);
		take_rules(identity, rules);
		*ret = identity;
	}
	return identity;
}
