// SPDX-License-Identifier: GPL-2.0-only
/* Keys of limits, for people. */
#include "rld/sources/key.h"

void key_make(const struct rl_limit *limit, const struct conf_packet *packet, struct rl_key *ret)
{
	*ret = (struct rl_key){.limit_id = limit->id};
	if (limit->key & RL_KEY_SOURCE) {
		ret->source = packet->source;
		addr_mask(&ret->source, addr_is_ipv4(&packet->source)
						? (unsigned)limit->prefix4 + ADDR_MAPPED_BITS
						: limit->prefix6);
	}
	if (limit->key & RL_KEY_DESTINATION)
		ret->destination = packet->destination;
	if (limit->key & RL_KEY_DPORT)
		ret->dport = packet->dport;
	if (limit->key & RL_KEY_SPORT)
		ret->sport = packet->sport;
	if (limit->key & RL_KEY_PROTO)
		ret->proto = packet->proto;
}

bool key_prefix(const struct rl_limit *limit, const struct rl_key *key, struct addr_prefix *ret)
{
	if (!(limit->key & RL_KEY_SOURCE) || limit->key & RL_KEY_APP)
		return false;
	ret->addr = key->source;
	ret->len = addr_is_ipv4(&key->source) ? (__u8)(limit->prefix4 + ADDR_MAPPED_BITS)
					      : limit->prefix6;
	return true;
}

/* The digest, whose key nobody can tell from it. */
static const char *app_text(const struct rl_key *key, char buf[static ADDR_TEXT])
{
	for (size_t i = 0; i < sizeof(key->source.byte); i++)
		snprintf(buf + 2 * i, 3, "%02x", key->source.byte[i]);
	return buf;
}

const char *key_source_text(const struct rl_limit *limit, const struct rl_key *key,
			    char buf[static ADDR_TEXT])
{
	struct addr_prefix prefix;

	if (limit->key & RL_KEY_APP)
		return app_text(key, buf);
	return key_prefix(limit, key, &prefix) ? addr_format_prefix(&prefix, buf) : "all";
}

void key_set(json_t *into, const struct rl_limit *limit, const struct rl_key *key)
{
	char text[ADDR_TEXT];

	json_set_text(into, "source", key_source_text(limit, key, text));
	if (limit->key & RL_KEY_DESTINATION)
		json_set_addr(into, "destination", &key->destination);
	if (limit->key & RL_KEY_DPORT)
		json_set_u64(into, "dport", key->dport);
	if (limit->key & RL_KEY_SPORT)
		json_set_u64(into, "sport", key->sport);
	if (limit->key & RL_KEY_PROTO)
		json_set_u64(into, "proto", key->proto);
}

bool key_is_about(const struct rl_limit *limit, const struct rl_key *key,
		  const struct addr_prefix *prefix)
{
	struct addr_prefix own;

	return key_prefix(limit, key, &own) && addr_overlap(&own, prefix);
}
