// SPDX-License-Identifier: GPL-2.0-only
/* Pinned maps, and what a test puts in their place. */
#include "pins.h"

#include <unistd.h>

void pins_path(const struct harness *h, const char *map, char *buf, size_t size)
{
	snprintf(buf, size, "%s/%s", h->bpffs, map);
}

static int pin_open(const struct harness *h, const char *map)
{
	char path[128];

	pins_path(h, map, path, sizeof(path));
	return bpf_obj_get(path);
}

__u32 pins_id(const struct harness *h, const char *map)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);
	int fd = pin_open(h, map);

	assert_true(fd >= 0);
	assert_int_equal(bpf_obj_get_info_by_fd(fd, &info, &len), 0);
	close(fd);
	return info.id;
}

void pins_spoil(const struct harness *h, const char *map)
{
	__u32 id = pins_id(h, map);
	int fd = pin_open(h, "layout");
	__u64 stamp;

	assert_int_equal(bpf_map_lookup_elem(fd, &id, &stamp), 0);
	stamp ^= 1;
	assert_int_equal(bpf_map_update_elem(fd, &id, &stamp, BPF_EXIST), 0);
	close(fd);
}

void pins_replace(struct harness *h, const char *map, int fd)
{
	char path[128];

	pins_path(h, map, path, sizeof(path));
	assert_int_equal(unlink(path), 0);
	assert_true(fd >= 0);
	assert_int_equal(bpf_obj_pin(fd, path), 0);
	close(fd);
}

/* Of the version without stamps: sizes and offsets of then. */
#define OLD_RULES 1255064
#define OLD_RULES_LIMITS 12
#define OLD_RULES_FRONT_MARK 64
#define OLD_RULES_LIMIT 927384
#define OLD_LIMIT 320
#define OLD_LIMIT_NAME 288

/* Up to `logs` it is what it was. */
static void old_limit(__u8 *old, const struct rl_limit *limit)
{
	memcpy(old, limit, offsetof(struct rl_limit, spread_first));
	memcpy(old + OLD_LIMIT_NAME, limit->name, sizeof(limit->name));
}

void pins_old_rules(struct harness *h)
{
	const struct rl_rules *rules = dp_rules(h->dp);
	__u32 active = dp_control(h->dp)->active;
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "rules", 4, OLD_RULES, RL_GENERATIONS, NULL);
	__u8 *old = calloc(1, OLD_RULES);

	assert_non_null(old);
	memcpy(old, &rules->generation, sizeof(rules->generation));
	memcpy(old + OLD_RULES_LIMITS, &rules->limits, sizeof(rules->limits));
	memcpy(old + OLD_RULES_FRONT_MARK, &rules->front_mark, sizeof(rules->front_mark));
	for (__u32 i = 0; i < rules->limits; i++)
		old_limit(old + OLD_RULES_LIMIT + i * OLD_LIMIT, &rules->limit[i]);
	assert_int_equal(bpf_map_update_elem(fd, &active, old, 0), 0);
	free(old);
	pins_replace(h, "rules", fd);
}
