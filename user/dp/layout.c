// SPDX-License-Identifier: GPL-2.0-only
/* The stamp of a map. */
#include "dp/layout.h"

#include <bpf/btf.h>
#include <string.h>

#include "bpf/quick/front.h"
#include "bpf/quick/hot.h"
#include "bpf/state/presence.h"

/* By which the bits of a map are read. A word is hashed with its number: for those an exchange of
 * two is a change, and one more is. `meaning` is to be counted up by hand where bytes come to mean
 * something else and no other number says so. */
struct constant {
	const char *map;
	const char *name;
	__u64 value;
	bool is_word;
};

#define C(map, name)                                                                               \
	{                                                                                          \
		map, #name, name, false                                                            \
	}
#define MEANING(map, value)                                                                        \
	{                                                                                          \
		map, "meaning", value, false                                                       \
	}
#define WORD(map, text, value)                                                                     \
	{                                                                                          \
		map, text, value, true                                                             \
	}

/* Of the records of a ring, which no BTF describes: where a field is, and its size. */
#define FIELD(member)                                                                              \
	{                                                                                          \
		"events", #member,                                                                 \
			(__u64)offsetof(struct rl_event, member) << 32 |                           \
				sizeof(((struct rl_event *)0)->member),                            \
			false                                                                      \
	}

#define MODE(id, text) WORD("rules", text, RL_MODE_##id),
#define ON_FULL(id, text) WORD("rules", text, RL_ON_FULL_##id),
#define STRATEGY(id, text) WORD("rules", text, RL_STRATEGY_##id),
#define UNIT(id, text) WORD("rules", text, RL_UNIT_##id),
#define DIM(id) WORD("rules", #id, RL_DIM_##id),
#define REASON(id, text) WORD("iface_counters", text, RL_REASON_##id),
#define VERDICT(id, text) WORD("iface_counters", text, RL_VERDICT_##id),
#define LIMIT_VERDICT(id, text) WORD("limit_counters", text, RL_VERDICT_##id),
#define EVENT(id, text) WORD("events", text, RL_EVENT_##id),

static const struct constant constants[] = {
	/* Fingerprints (bpf/state/key.h) and what a limit counts per. */
	MEANING("identity", 1), C("identity", RL_KEY_SOURCE), C("identity", RL_KEY_DESTINATION),
	C("identity", RL_KEY_DPORT), C("identity", RL_KEY_SPORT), C("identity", RL_KEY_PROTO),
	C("identity", RL_STRATEGY_FIXED_WINDOW), C("identity", RL_STRATEGY_SLIDING_WINDOW),
	C("identity", RL_STRATEGY_MOVING_WINDOW), C("identity", RL_STRATEGY_ELASTIC),
	C("identity", RL_STRATEGY_TOKEN_BUCKET), C("identity", RL_UNIT_PACKETS),
	C("identity", RL_UNIT_BYTES), C("identity", RL_UNIT_CONNECTIONS),
	C("identity", RL_UNIT_REQUESTS),
	/* The words of the strategies (bpf/strategy/strategy.h). */
	MEANING("states", 1), C("states", RL_DEAD), C("states", RL_COUNT_BITS),
	MEANING("shared", 1), MEANING("spread", 1), C("states", RL_LOG_SIZE(0)),
	C("states", RL_LOG_SIZE(1)), C("states", RL_LOG_SIZE(2)), C("states", RL_LOG_SIZE(3)),
	MEANING("bans", 1), MEANING("peers", 1), MEANING("front", 1),
	C("front", RL_FRONT_TIME_BITS), C("front", RL_FRONT_UNIT_SHIFT),
	C("front", RL_FRONT_HORIZON), C("front", RL_FRONT_MARK_SHIFT), C("front", RL_FRONT_BANNED),
	C("front", RL_FRONT_BYTES_SHIFT), MEANING("hot", 1), C("hot", RL_HOT_COUNTS),
	C("hot", RL_HOT_HITS_PACKETS), C("hot", RL_HOT_HITS_BYTES), C("hot", RL_HOT_TURN),
	C("hot", RL_HOT_FULL), MEANING("presence", 1), C("presence", RL_PRESENT_BITS),
	C("presence", RL_PRESENT_STUCK), MEANING("filters", 1), C("filters", RL_FILTER_ALL4),
	C("filters", RL_FILTER_ALL6), MEANING("prefixes", 1), MEANING("rules", 1),
	C("rules", RL_RULES_MALFORMED_DROP), C("rules", RL_RULES_SOURCES),
	C("rules", RL_RULES_DEEP_JUDGE), C("rules", RL_LIMIT_MONITOR),
	C("rules", RL_LIMIT_BAN_EVERYWHERE), C("rules", RL_LIMIT_FINE_CLOCK),
	C("rules", RL_TRAIT_SYN), C("rules", RL_TRAIT_FRAGMENT), C("rules", RL_TRAIT_PORTS),
	C("rules", RL_ICMP_NONE), C("rules", RL_VLAN_NONE), C("control", RL_IFACE_TABLE),
	C("control", RL_IFACE_PROBES), C("sweep", RL_SWEEP_EXPIRE), C("sweep", RL_SWEEP_CLEAR),
	C("sweep", RL_SWEEP_GATHER), C("events", sizeof(struct rl_event)), FIELD(time),
	FIELD(count), FIELD(until), FIELD(key), FIELD(source), FIELD(destination), FIELD(ifindex),
	FIELD(suppressed), FIELD(dport), FIELD(proto), FIELD(kind), FIELD(window), FIELD(verdict),
	FIELD(ipv4),
	/* clang-format off */
	RL_MODES(MODE)
	RL_ON_FULLS(ON_FULL)
	RL_STRATEGIES(STRATEGY)
	RL_UNITS(UNIT)
	RL_DIMS(DIM)
	RL_REASONS(REASON)
	RL_VERDICTS(VERDICT)
	RL_VERDICTS(LIMIT_VERDICT)
	RL_EVENTS(EVENT)
	/* clang-format on */
};

struct walk {
	const struct btf *btf;
	__u64 hash;
	FILE *text;
	bool failed;
};

static void hash_byte(struct walk *w, __u8 byte)
{
	w->hash = (w->hash ^ byte) * 0x100000001b3ull; /* FNV-1a */
}

static void hash_u64(struct walk *w, __u64 value)
{
	for (int i = 0; i < 8; i++)
		hash_byte(w, value >> 8 * i);
}

static void hash_text(struct walk *w, const char *text)
{
	while (*text)
		hash_byte(w, *text++);
	hash_byte(w, 0);
}

static const struct btf_type *resolve(const struct btf *btf, __u32 *id)
{
	const struct btf_type *t = btf__type_by_id(btf, *id);

	while (t && (btf_is_mod(t) || btf_is_typedef(t))) {
		*id = t->type;
		t = btf__type_by_id(btf, *id);
	}
	return t;
}

static void leaf(struct walk *w, __u64 offset, __u32 id, const char *path)
{
	__s64 size = btf__resolve_size(w->btf, id);

	w->failed |= size < 0;
	hash_u64(w, offset);
	hash_u64(w, (__u64)size);
	if (w->text)
		fprintf(w->text, "  %llu %lld%s\n", offset, size, path);
}

static void walk_type(struct walk *w, __u64 offset, __u32 id, const char *path);

/* An array's elements are alike: the first stands for all. */
static void walk_array(struct walk *w, __u64 offset, const struct btf_array *a, const char *path)
{
	__s64 size = btf__resolve_size(w->btf, a->type);
	char longer[160];

	hash_u64(w, a->nelems);
	hash_u64(w, (__u64)size);
	snprintf(longer, sizeof(longer), "%s[%u]", path, a->nelems);
	walk_type(w, offset, a->type, longer);
}

static void walk_members(struct walk *w, __u64 offset, const struct btf_type *t, const char *path)
{
	char longer[160];

	hash_u64(w, t->size);
	for (__u32 i = 0; i < btf_vlen(t); i++) {
		const struct btf_member *m = &btf_members(t)[i];
		const char *name = btf__name_by_offset(w->btf, m->name_off);

		snprintf(longer, sizeof(longer), "%s%s%s", path,
			 !*name	 ? ""
			 : *path ? "."
				 : " ",
			 name);
		walk_type(w, offset + btf_member_bit_offset(t, i) / 8, m->type, longer);
	}
}

static void walk_type(struct walk *w, __u64 offset, __u32 id, const char *path)
{
	const struct btf_type *t = resolve(w->btf, &id);

	if (!t)
		w->failed = true;
	else if (btf_is_array(t))
		walk_array(w, offset, btf_array(t), path);
	else if (btf_is_composite(t))
		walk_members(w, offset, t, path);
	else
		leaf(w, offset, id, path);
}

static void walk_constants(struct walk *w, const char *map)
{
	for (size_t i = 0; i < sizeof(constants) / sizeof(*constants); i++) {
		const struct constant *c = &constants[i];

		if (strcmp(c->map, map))
			continue;
		hash_u64(w, c->value);
		if (c->is_word)
			hash_text(w, c->name);
		if (w->text)
			fprintf(w->text, "  %s = %llu\n", c->name, c->value);
	}
}

bool dp_is_sized(const struct rl *skel, const struct bpf_map *map)
{
	return map == skel->maps.states || map == skel->maps.front || map == skel->maps.presence ||
	       map == skel->maps.spread || map == skel->maps.states_old ||
	       map == skel->maps.front_old;
}

/* What is moved out of is what it was. */
static const struct bpf_map *meaning_of(const struct rl *skel, const struct bpf_map *map)
{
	if (map == skel->maps.states_old)
		return skel->maps.states;
	return map == skel->maps.front_old ? skel->maps.front : map;
}

__u64 dp_layout_stamp(const struct rl *skel, const struct bpf_map *map, FILE *text)
{
	struct walk w = {.btf = bpf_object__btf(skel->obj), .hash = 0xcbf29ce484222325ull};
	__u32 entries = dp_is_sized(skel, map) ? 0 : bpf_map__max_entries(map);
	const char *name = bpf_map__name(meaning_of(skel, map));

	w.text = text;
	if (text)
		fprintf(text, "%s: type %u, %u elements, keys of %u bytes, values of %u\n", name,
			bpf_map__type(map), entries, bpf_map__key_size(map),
			bpf_map__value_size(map));
	hash_u64(&w, bpf_map__type(map));
	hash_u64(&w, entries);
	if (map != skel->maps.events) { /* a ring has neither */
		walk_type(&w, 0, bpf_map__btf_key_type_id(map), " key");
		walk_type(&w, 0, bpf_map__btf_value_type_id(map), "");
	}
	walk_constants(&w, name);
	return w.failed ? 0 : w.hash;
}
