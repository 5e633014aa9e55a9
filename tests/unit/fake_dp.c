/* SPDX-License-Identifier: GPL-2.0-only */
/* The data path in memory: opening, interfaces, rules, limits and prefix sets. */
#include "fake_dp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static struct fake_dp fake = {.grace_fd = -1};

struct dp {
	char opaque;
};
static struct dp handle;

struct fake_dp *fake_dp(void)
{
	fake_dp_table();
	fake_dp_trial();
	return &fake;
}

void fake_dp_reset(void)
{
	if (fake.grace_fd >= 0)
		close(fake.grace_fd);
	memset(&fake, 0, sizeof(fake));
	fake.grace_fd = -1;
}

void fake_dp_device(const char *name)
{
	struct dp_device *device = &fake.device[fake.devices++];

	*device = (struct dp_device){.ifindex = 1000 + (__u32)fake.devices, .type = 1};
	strcpy(device->name, name);
}

void fake_dp_grace(void)
{
	fake.no_generation = false;
	eventfd_write(fake.grace_fd, 1);
}

int dp_open(const struct dp_options *options, struct dp **ret, char notice[static 512],
	    struct diag *d)
{
	if (fake.open) {
		diag_set(d, DIAG_FAILED, "another one is open");
		return -EBUSY;
	}
	fake.open = true;
	fake.sources_max = options->sources_max;
	if (fake.grace_fd < 0)
		fake.grace_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	*ret = &handle;
	return 0;
}

void dp_close(struct dp *dp)
{
	fake.open = false;
}

int dp_remove_all(const char *bpffs, FILE *out, bool force, struct diag *d)
{
	for (size_t i = 0; i < fake.ifaces; i++)
		fprintf(out, "%s: detached\n", fake.iface[i].name);
	fake.ifaces = 0;
	memset(&fake.rules, 0, sizeof(fake.rules));
	memset(fake.limit, 0, sizeof(fake.limit));
	return 0;
}

int dp_enforcing(const char *bpffs, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = 0;
	for (size_t i = 0; i < fake.ifaces && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s", i ? ", " : "",
					 fake.iface[i].name);
	return 0;
}

void dp_look(const char *bpffs, struct dp_pinned *ret)
{
	*ret = (struct dp_pinned){fake.ifaces > 0, fake.control.statements, fake.sources_max};
}

bool dp_adopted(const struct dp *dp)
{
	return fake.rules.generation > 0;
}

bool dp_adopted_bans(const struct dp *dp)
{
	return fake.rules.generation > 0;
}

struct rl_control *dp_control(struct dp *dp)
{
	return &fake.control;
}

const struct rl_rules *dp_rules(struct dp *dp)
{
	return &fake.rules;
}

__u32 dp_sources_max(const struct dp *dp)
{
	return fake.sources_max;
}

int dp_devices(struct dp_device **ret, size_t *ret_count)
{
	*ret = calloc(fake.devices + 1, sizeof(**ret));
	memcpy(*ret, fake.device, fake.devices * sizeof(**ret));
	*ret_count = fake.devices;
	return 0;
}

static const struct dp_device *find_device(const char *name)
{
	for (size_t i = 0; i < fake.devices; i++)
		if (!strcmp(fake.device[i].name, name))
			return &fake.device[i];
	return NULL;
}

static bool slot_used(__u32 slot)
{
	for (size_t i = 0; i < fake.ifaces; i++)
		if (fake.iface[i].slot == slot)
			return true;
	return false;
}

int dp_attach(struct dp *dp, const char *name, enum dp_attach_mode mode, struct dp_iface *ret,
	      struct diag *d)
{
	const struct dp_device *device = find_device(name);
	struct dp_iface iface = {.slot = 1, .mode = mode ? mode : DP_ATTACH_GENERIC};

	if (!device) {
		diag_set(d, DIAG_FAILED, "there is no interface %s", name);
		return -ENODEV;
	}
	if (!strcmp(device->kind, "busy")) {
		diag_set(d, DIAG_FAILED, "%s has another program", name);
		return -EBUSY;
	}
	while (slot_used(iface.slot))
		iface.slot++;
	iface.ifindex = device->ifindex;
	strcpy(iface.name, name);
	strcpy(iface.attached_as, name);
	fake.iface[fake.ifaces++] = iface;
	*ret = iface;
	return 0;
}

int dp_detach(struct dp *dp, __u32 ifindex, struct diag *d)
{
	for (size_t i = 0; i < fake.ifaces; i++)
		if (fake.iface[i].ifindex == ifindex)
			fake.iface[i--] = fake.iface[--fake.ifaces];
	return 0;
}

void dp_iface_settle(struct dp *dp, __u32 ifindex)
{
	for (size_t i = 0; i < fake.ifaces; i++)
		if (fake.iface[i].ifindex == ifindex)
			strcpy(fake.iface[i].attached_as, fake.iface[i].name);
}

size_t dp_ifaces(struct dp *dp, struct dp_iface ret[static RL_IFACES_MAX])
{
	memcpy(ret, fake.iface, fake.ifaces * sizeof(*ret));
	return fake.ifaces;
}

/* What `device` says by now of what is attached. */
size_t dp_ifaces_refresh(struct dp *dp, struct dp_iface_news ret[static RL_IFACES_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < fake.ifaces; i++) {
		struct dp_iface *iface = &fake.iface[i];
		const struct dp_device *device = NULL;

		for (size_t k = 0; k < fake.devices; k++)
			if (fake.device[k].ifindex == iface->ifindex)
				device = &fake.device[k];
		if (device && !strcmp(device->name, iface->name))
			continue;
		strcpy(ret[count].before, iface->name);
		ret[count].now = (struct dp_iface){0};
		if (device) {
			strcpy(iface->name, device->name);
			ret[count].now = *iface;
		} else {
			fake.iface[i--] = fake.iface[--fake.ifaces];
		}
		count++;
	}
	return count;
}

__u32 dp_iface_slot(struct dp *dp, const char *name)
{
	for (size_t i = 0; i < fake.ifaces; i++)
		if (!strcmp(fake.iface[i].name, name))
			return fake.iface[i].slot;
	for (size_t i = 0; i < fake.ifaces; i++)
		if (!strcmp(fake.iface[i].attached_as, name))
			return fake.iface[i].slot;
	return 0;
}

int dp_publish(struct dp *dp, const struct dp_ruleset *set, struct diag *d)
{
	__u32 generation = fake.rules.generation;

	if (fake.no_generation)
		return -EAGAIN;
	if (fake.publish_fails)
		return diag_errno(d, EIO, "cannot publish the rules");
	fake.rules = *set->rules;
	fake.rules.generation = generation + 1;
	for (__u32 i = 0; i < fake.rules.limits; i++)
		fake.limit[fake.rules.limit[i].slot] = fake.rules.limit[i];
	fake_dp_take_sets(set);
	fake.publishes++;
	return 0;
}

bool dp_can_publish(const struct dp *dp)
{
	return !fake.no_generation;
}

int dp_grace_fd(const struct dp *dp)
{
	return fake.grace_fd;
}

void dp_grace_done(struct dp *dp)
{
	eventfd_t value;

	eventfd_read(fake.grace_fd, &value);
}

int dp_limit_new(struct dp *dp, __u32 *ret_id, __u16 *ret_slot, struct diag *d)
{
	__u16 slot = 0;

	while (fake.limit[slot].id)
		slot++;
	*ret_id = fake.limit[slot].id = ++fake.last_id;
	*ret_slot = slot;
	return 0;
}

bool dp_limit_of_slot(const struct dp *dp, __u32 slot, struct rl_limit *ret)
{
	if (!fake.limit[slot].id)
		return false;
	*ret = fake.limit[slot];
	return true;
}

void dp_limit_retire(struct dp *dp, __u32 id, __u16 slot)
{
	memset(&fake.limit[slot], 0, sizeof(fake.limit[slot]));
}

void dp_peers_set(struct dp *dp, const union rl_addr *v, size_t count)
{
	fake.peers = count;
	if (count)
		memcpy(fake.peer, v, count * sizeof(*v));
}
