// SPDX-License-Identifier: GPL-2.0-only
/* Maps of each type, element by element. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "map_hash.h"

/* `size` is a multiple of 8 wherever it matters: values of maps are padded to that. */
static __u64 hash_bytes(__u64 h, const void *bytes, size_t size)
{
	const __u8 *at = bytes;
	__u64 word;

	for (; size >= 8; size -= 8, at += 8) {
		memcpy(&word, at, 8);
		h = (h ^ word) * 0x9e3779b97f4a7c15ull;
		h ^= h >> 32;
	}
	while (size--)
		h = (h ^ *at++) * 0x100000001b3ull;
	return h;
}

static size_t value_bytes(const struct dp *dp, const struct bpf_map *map)
{
	size_t size = (bpf_map__value_size(map) + 7) & ~7ul;

	return bpf_map__type(map) == BPF_MAP_TYPE_PERCPU_ARRAY ? size * (size_t)dp->cpus : size;
}

static __u64 hash_array(const struct dp *dp, const struct bpf_map *map)
{
	__u32 count = bpf_map__max_entries(map), at;
	size_t size = value_bytes(dp, map);
	__u32 *keys = calloc(count, sizeof(*keys));
	void *values = calloc(count, size);
	__u64 h;

	if (bpf_map_lookup_batch(bpf_map__fd(map), NULL, &at, keys, values, &count, NULL) &&
	    errno != ENOENT)
		fail_msg("%s: %s", bpf_map__name(map), strerror(errno));
	assert_int_equal(count, bpf_map__max_entries(map));
	h = hash_bytes(1, values, count * size);
	free(keys);
	free(values);
	return h;
}

/* In any order. */
static __u64 hash_elements(const struct dp *dp, const struct bpf_map *map)
{
	__u8 key[64], *value = calloc(1, value_bytes(dp, map));
	int fd = bpf_map__fd(map), r = bpf_map_get_next_key(fd, NULL, key);
	__u64 sum = 0;

	for (; !r; r = bpf_map_get_next_key(fd, key, key)) {
		assert_int_equal(bpf_map_lookup_elem(fd, key, value), 0);
		sum += hash_bytes(hash_bytes(1, key, bpf_map__key_size(map)), value,
				  bpf_map__value_size(map));
	}
	free(value);
	return sum;
}

/* Values of more than a megabyte are mapped. */
static __u64 hash_memory(const struct bpf_map *map)
{
	size_t size = (bpf_map__value_size(map) + 7) & ~7ul;
	__u32 count = bpf_map__max_entries(map);
	void *memory = dp_memory_map(map, 0, count);
	__u64 h;

	assert_non_null(memory);
	h = hash_bytes(1, memory, count * size);
	dp_memory_unmap(map, memory, count);
	return h;
}

static __u64 hash_map(const struct dp *dp, const struct bpf_map *map)
{
	switch (bpf_map__type(map)) {
	case BPF_MAP_TYPE_ARRAY:
		if (bpf_map__map_flags(map) & BPF_F_MMAPABLE && !strchr(bpf_map__name(map), '.'))
			return hash_memory(map);
		return hash_array(dp, map);
	case BPF_MAP_TYPE_PERCPU_ARRAY:
		return hash_array(dp, map);
	case BPF_MAP_TYPE_RINGBUF: /* the caller looks for events */
		return 0;
	default:
		return hash_elements(dp, map);
	}
}

void map_hashes_take(struct dp *dp, struct map_hashes *ret)
{
	struct bpf_map *map;

	ret->count = 0;
	bpf_object__for_each_map(map, dp->skel->obj)
	{
		assert_true(ret->count < MAP_HASHES_MAX);
		ret->name[ret->count] = bpf_map__name(map);
		ret->hash[ret->count++] = hash_map(dp, map);
	}
	assert_true(ret->count >= 20);
}

void map_hashes_same(const struct map_hashes *a, const struct map_hashes *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		if (a->hash[i] != b->hash[i])
			fail_msg("%s has changed", a->name[i]);
	}
}
