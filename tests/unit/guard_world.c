// SPDX-License-Identifier: GPL-2.0-only
/* Who is connected, in tests of the guard. */
#include <errno.h>
#include <stdio.h>

#include "fake_dp.h"
#include "guard_world.h"
#include "unit.h"

#define WORLD_MAX (TRIAL_PEERS_MAX + 8)
static struct peer world[WORLD_MAX];
static size_t peers;
unsigned guard_world_asked;
struct dp_trial *guard_world_trial;

void guard_world_clear(void)
{
	peers = 0;
}

static int give(struct peers *into, int kind, const struct ports *ports)
{
	int err = 0;

	for (size_t i = 0; i < peers && !err; i++)
		if ((int)world[i].kind == kind && (!ports || ports_has(ports, world[i].port)))
			err = peers_add(into, &world[i]);
	return err;
}

int __wrap_peers_sessions(struct peers *into, const struct ports *ports)
{
	guard_world_asked++;
	return give(into, PEER_SESSION, ports);
}

int __wrap_peers_gateways(struct peers *into)
{
	return give(into, PEER_GATEWAY, NULL);
}

int __wrap_peers_resolvers(struct peers *into)
{
	return give(into, PEER_RESOLVER, NULL);
}

int __wrap_peers_own(struct peers *into)
{
	return give(into, PEER_OWN, NULL);
}

int __wrap_sshd_ports(const char *root, struct ports *ret)
{
	ports_add(ret, 2222);
	return 0;
}

struct peer peer_at(int kind, const char *addr, __u16 port)
{
	struct peer peer = {.kind = kind, .port = port};

	assert_int_equal(addr_parse(addr, strlen(addr), &peer.addr), 0);
	return peer;
}

void there_is(int kind, const char *addr, __u16 port)
{
	assert_true(peers < WORLD_MAX);
	world[peers++] = peer_at(kind, addr, port);
}

struct conf *conf_of(const char *lines)
{
	struct conf *c = lines ? conf_new() : NULL;
	char text[1024], *rest = text;
	const char *line;

	snprintf(text, sizeof(text), "%s", lines ? lines : "");
	while (c && (line = strsep(&rest, ";")))
		if (*line)
			unit_good(c, line);
	return c;
}

char *objections(const char *old, const char *new, const struct peers *clients)
{
	struct rld rld = {.trial = guard_world_trial, .clock = {.offset_ns = 0}};
	struct conf *before = conf_of(old), *after = conf_of(new);
	const struct guard_change change = {.old = before, .new = after, .clients = clients};
	json_t *list, *item;
	char *text = NULL;
	struct diag d;
	size_t len, i;
	int err;
	FILE *out = open_memstream(&text, &len);

	err = guard_check(&rld, &change, &list, &d);
	json_array_foreach (list, i, item)
		fprintf(out, "%s: %s\n", json_text(item, "code", ""), json_text(item, "text", ""));
	fclose(out);
	assert_int_equal(err, json_array_size(list) ? -EPERM : 0);
	if (json_array_size(list) == 1)
		assert_string_equal(d.message, json_text(json_array_get(list, 0), "text", ""));
	json_decref(list);
	conf_free(before);
	conf_free(after);
	return text;
}

void objects(const char *old, const char *new, const char *expected)
{
	char *text = objections(old, new, NULL);

	assert_string_equal(text, expected);
	free(text);
}

int guard_world_open(void **state)
{
	struct diag d;

	fake_dp_reset();
	assert_int_equal(dp_trial_open(NULL, &guard_world_trial, &d), 0);
	guard_world_clear();
	guard_world_asked = 0;
	there_is(PEER_SESSION, "192.0.2.7", 22);
	there_is(PEER_SESSION, "192.0.2.8", 443); /* no protected port */
	return 0;
}

int guard_world_close(void **state)
{
	dp_trial_close(guard_world_trial);
	return 0;
}
