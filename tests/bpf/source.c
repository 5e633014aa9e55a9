// SPDX-License-Identifier: GPL-2.0-only
/* Looking one source up. */
#include "source.h"

#include <string.h>

#include "bpf/quick/front.h"
#include "bpf/state/key.h"
#include "bpf/state/presence.h"

struct rl_key source_key(struct harness *h, const char *limit, const char *source)
{
	struct rl_key key = {.limit_id = dp_rules(h->dp)->limit[harness_index(h, limit)].id};

	addr_parse(source, strlen(source), &key.source);
	return key;
}

struct rl_state source_state(struct harness *h, const char *limit, const char *source)
{
	struct rl_key key = source_key(h, limit, source);
	struct rl_state st;

	assert_int_equal(dp_gather(h->dp), 0);
	assert_int_equal(dp_state_read(h->dp, rl_fingerprint(&key, h->dp->control->secret), &st),
			 0);
	return st;
}

struct rl_state source_settled(struct harness *h, const char *limit, const char *source)
{
	struct rl_key key = source_key(h, limit, source);
	struct rl_state st;

	dp_control(h->dp)->test_now = h->now;
	assert_int_equal(dp_lookup(h->dp, &key, &st), 0);
	return st;
}

__u64 source_front_refused(struct harness *h, const struct rl_key *key)
{
	return rl_front_packets(
		dp_front_counted(h->dp, rl_fingerprint(key, h->dp->control->secret)));
}

__u64 source_in_front(struct harness *h, const char *limit, const char *source)
{
	struct rl_key key = source_key(h, limit, source);

	return source_front_refused(h, &key);
}

unsigned long source_presence(struct harness *h)
{
	struct bpf_map *map = h->dp->skel->maps.presence;
	__u32 words = bpf_map__max_entries(map);
	__u64 *word = dp_memory_map(map, 0, words);
	unsigned long sum = 0;

	for (__u32 i = 0; i < words; i++) {
		for (__u64 rest = word[i]; rest; rest >>= RL_PRESENT_BITS)
			sum += rest & ((1u << RL_PRESENT_BITS) - 1);
	}
	dp_memory_unmap(map, word, words);
	return sum;
}
