// SPDX-License-Identifier: GPL-2.0-only
/* Random limits and packets for the unit tests, and the matcher that needs no rows. */
#include <stdio.h>

#include "unit.h"

/* Few values, nested and touching, so that conditions and packets meet. */
static const char *const protos[] = {"tcp",	"udp",	    "icmp",	      "icmpv6",
				     "tcp,udp", "proto 47", "proto 6,17,132", "proto 0-16"};
static const char *const port_lists[] = {"22",	    "80,443", "0-79", "53,80-90",
					 "1-65535", "65535",  "0"};
static const char *const prefix_lists[] = {
	"10.0.0.0/8",	 "10.0.0.0/9",	    "10.128.0.0/9",
	"10.1.2.3",	 "0.0.0.0/0",	    "::/0",
	"2001:db8::/32", "2001:db8:1::/48", "10.1.0.0/16,2001:db8::1",
	"0.0.0.0/1",	 "128.0.0.0/1",	    "8000::/1"};
static const char *const icmp_lists[] = {"8", "0,8", "128-129", "0-255"};
static const char *const length_lists[] = {"0-100", "64", "1000-65535", "101-999"};
static const char *const ip_length_lists[] = {"0-50", "20-85", "86-65535", "1000"};
static const char *const flag_lists[] = {"syn",	    "syn+ack",	"none",
					 "fin,rst", "syn,none", "psh+urg"};
static const char *const vlan_lists[] = {"10", "0-4095", "10,20", "20-30"};
static const char *const iface_lists[] = {"eth0", "eth1", "eth0,eth1", "gone"};

#define PICK(list) ((list)[unit_random(sizeof(list) / sizeof((list)[0]))])

static void random_cond(char *buf, size_t size)
{
	switch (unit_random(13)) {
	case 0:
		snprintf(buf, size, "%s", PICK(protos));
		break;
	case 1:
		snprintf(buf, size, "dport %s", PICK(port_lists));
		break;
	case 2:
		snprintf(buf, size, "sport %s", PICK(port_lists));
		break;
	case 3:
		snprintf(buf, size, "src %s", PICK(prefix_lists));
		break;
	case 4:
		snprintf(buf, size, "dst %s", PICK(prefix_lists));
		break;
	case 5:
		snprintf(buf, size, "syn");
		break;
	case 6:
		snprintf(buf, size, "icmp-type %s", PICK(icmp_lists));
		break;
	case 7:
		snprintf(buf, size, "fragment");
		break;
	case 8:
		snprintf(buf, size, "length %s", PICK(length_lists));
		break;
	case 9:
		snprintf(buf, size, "flags %s", PICK(flag_lists));
		break;
	case 10:
		snprintf(buf, size, "ip-length %s", PICK(ip_length_lists));
		break;
	case 11:
		snprintf(buf, size, "vlan %s", PICK(vlan_lists));
		break;
	default:
		snprintf(buf, size, "iface %s", PICK(iface_lists));
		break;
	}
}

void unit_random_match(char *words, size_t size)
{
	unsigned count = 1 + unit_random(3);
	size_t at = 0;

	if (unit_chance(5)) {
		snprintf(words, size, "any");
		return;
	}
	for (unsigned i = 0; i < count; i++) {
		char cond[64];

		random_cond(cond, sizeof(cond));
		at += (size_t)snprintf(words + at, size - at, "%s%s%s", i ? " " : "",
				       unit_chance(25) ? "not " : "", cond);
	}
}

static const char *const rates[] = {"10/minute",
				    "5/second, 100/h",
				    "0/minute",
				    "200 per 2 days",
				    "5MB/s",
				    "1500 bytes / 10ms; 3GiB/week",
				    "20 connections/min",
				    "1G/year|7/ms|9 per 13 sec",
				    "1 kbit/s"};
static const char *const keys[] = {"",
				   "per source",
				   "per source/24",
				   "per source/0/128",
				   "per source/32/56,dport,proto",
				   "per destination",
				   "per all",
				   "per sport,destination,source"};
static const char *const comments[] = {"",
				       "comment plain",
				       "comment 'two words'",
				       "comment \"it's\"",
				       "comment '#1'",
				       "comment \"\"",
				       "comment '\"quoted\" text'",
				       "comment Zürich",
				       "comment a#b"};
static const char *const ons[] = {"", "on-full pass", "on-full drop", "on-full shared",
				  "on-full spread"};
static const char *const bans[] = {"", "ban for 1h",
				   "ban for 10m up to 1d after 3 breaches in 1h everywhere",
				   "ban everywhere for 90s"};

void unit_random_statement(const char *name, char *line, size_t size)
{
	bool bucket = unit_chance(20), source;
	const char *rate = bucket ? "7/3s" : PICK(rates), *key = PICK(keys);
	char match[512];

	unit_random_match(match, sizeof(match));
	source = !*key || strstr(key, "source");
	snprintf(line, size, "set-limit %s %s %s %s%s %s %s %s %s", name, rate, key,
		 strcmp(name, "default") == 0 ? "" : "match ",
		 strcmp(name, "default") == 0 ? "" : match,
		 bucket ? PICK(((const char *[]){"strategy token-bucket",
						 "strategy token-bucket burst 9"}))
		 : unit_chance(30)
			 ? PICK(((const char *[]){"strategy sliding-window", "strategy elastic"}))
			 : "",
		 source ? PICK(bans) : "", PICK(ons), PICK(comments));
	if (unit_chance(20))
		strncat(line, " monitor", size - strlen(line) - 1);
}

void unit_random_limit(const char *name, char *line, size_t size)
{
	bool good = false;

	while (!good) {
		struct conf *c = conf_new();
		struct diag d = {0};

		unit_random_statement(name, line, size);
		good = unit_line(c, line, NULL, NULL, &d) == 0;
		if (!good)
			assert_non_null(strstr(d.message, "no packet matches"));
		conf_free(c);
	}
}

struct conf *unit_random_conf(unsigned limits)
{
	struct conf *c = conf_new();

	for (unsigned i = 0; i < limits; i++) {
		char name[32], line[1024];

		snprintf(name, sizeof(name), "l%u", i);
		unit_random_limit(i == limits / 2 && unit_chance(50) ? "default" : name, line,
				  sizeof(line));
		unit_good(c, line);
		if (unit_chance(10))
			c->limit[c->limits - 1]->enabled = false;
	}
	return c;
}

static void random_addr(union rl_addr *addr)
{
	static const char *const some[] = {
		"10.0.0.0",	"10.127.255.255", "10.128.0.0", "10.1.2.3",    "10.1.2.4",
		"11.0.0.0",	"9.255.255.255",  "192.0.2.1",	"2001:db8::1", "2001:db8::2",
		"2001:db8:1::", "2001:db9::",	  "ffff::1",	"::1",	       "::fffe:ffff:ffff",
		"::1:0:0:0"};
	const char *text = PICK(some);

	assert_int_equal(addr_parse(text, strlen(text), addr), 0);
}

/* A packet that can be: ports, SYN and ICMP types only where the protocol has them, one family. */
void unit_random_packet(struct unit_packet *p)
{
	static const unsigned some_protos[] = {6,  6,	6, 17, 17, 1,	58,
					       47, 132, 0, 16, 33, 136, 255};
	static const unsigned ports[] = {0, 1, 22, 53, 79, 80, 85, 91, 443, 65535};
	static const unsigned flags[] = {0, 1, 2, 2, 2, 4, 16, 18, 24, 41, 255};
	static const unsigned icmp[] = {0, 8, 128, 129, 130, 255};
	static const unsigned lengths[] = {0, 64, 100, 101, 999, 1000, 65535};
	static const unsigned ip_lengths[] = {20, 40, 50, 85, 86, 1000, 65535};
	static const unsigned vlans[] = {0, 10, 11, 20, 30, 4095, RL_VLAN_NONE};
	static const char *const ifaces[] = {"eth0", "eth1", "eth2"};
	bool has_ports;

	*p = (struct unit_packet){.proto = PICK(some_protos),
				  .icmp = RL_ICMP_NONE,
				  .length = PICK(lengths),
				  .ip_length = PICK(ip_lengths),
				  .flags = RL_FLAGS_NONE,
				  .vlan = PICK(vlans),
				  .iface = PICK(ifaces)};
	do {
		random_addr(&p->source);
		random_addr(&p->destination);
	} while (addr_is_ipv4(&p->source) != addr_is_ipv4(&p->destination));
	has_ports = p->proto == 6 || p->proto == 17 || p->proto == 132 || p->proto == 33 ||
		    p->proto == 136;
	if (unit_chance(25))
		p->traits |= RL_TRAIT_FRAGMENT;
	if (has_ports && !(p->traits && unit_chance(50))) {
		p->traits |= RL_TRAIT_PORTS;
		p->dport = PICK(ports);
		p->sport = PICK(ports);
	}
	if (p->proto == 6 && p->traits & RL_TRAIT_PORTS)
		p->flags = PICK(flags);
	if (p->flags != RL_FLAGS_NONE && p->traits & RL_TRAIT_FRAGMENT && unit_chance(30))
		p->flags = RL_FLAGS_ANY;
	if (p->flags == RL_FLAGS_ANY || (p->flags < 256 && (p->flags & 18) == 2))
		p->traits |= RL_TRAIT_SYN;
	/* Each family's own has a type, the other's is a protocol like any. */
	if (p->proto == (addr_is_ipv4(&p->source) ? 1 : 58) && unit_chance(80))
		p->icmp = PICK(icmp);
}

static bool in_ranges(const struct conf_cond *cond, unsigned value)
{
	for (size_t i = 0; i < cond->count; i++)
		if (value >= cond->range[i].first && value <= cond->range[i].last)
			return true;
	return false;
}

/* One of the lists' elements: all of its flags, or none. */
static bool in_flags(const struct conf_cond *cond, unsigned flags)
{
	for (size_t i = 0; i < cond->count; i++) {
		unsigned all = cond->range[i].first;

		if (all ? (flags & all) == all : flags == 0)
			return true;
	}
	return false;
}

static bool in_prefixes(const struct conf_cond *cond, const union rl_addr *addr)
{
	for (size_t i = 0; i < cond->count; i++)
		if (addr_in(addr, &cond->prefix[i]))
			return true;
	return false;
}

static bool holds(const struct conf_cond *cond, const struct unit_packet *p)
{
	bool in = false, ports = p->traits & RL_TRAIT_PORTS;

	switch (cond->kind) {
	case CONF_COND_PROTO:
		return in_ranges(cond, p->proto) != cond->negated;
	case CONF_COND_DPORT:
		return ports && in_ranges(cond, p->dport) != cond->negated;
	case CONF_COND_SPORT:
		return ports && in_ranges(cond, p->sport) != cond->negated;
	case CONF_COND_SRC:
		return in_prefixes(cond, &p->source) != cond->negated;
	case CONF_COND_DST:
		return in_prefixes(cond, &p->destination) != cond->negated;
	case CONF_COND_SYN:
		return !!(p->traits & RL_TRAIT_SYN) != cond->negated;
	case CONF_COND_ICMP_TYPE:
		return p->icmp != RL_ICMP_NONE && in_ranges(cond, p->icmp) != cond->negated;
	case CONF_COND_FRAGMENT:
		return !!(p->traits & RL_TRAIT_FRAGMENT) != cond->negated;
	case CONF_COND_LENGTH:
		return in_ranges(cond, p->length) != cond->negated;
	case CONF_COND_IP_LENGTH:
		return in_ranges(cond, p->ip_length) != cond->negated;
	case CONF_COND_FLAGS:
		if (p->flags == RL_FLAGS_NONE || p->flags == RL_FLAGS_ANY)
			return p->flags == RL_FLAGS_ANY;
		return in_flags(cond, p->flags) != cond->negated;
	case CONF_COND_VLAN:
		return (p->vlan != RL_VLAN_NONE && in_ranges(cond, p->vlan)) != cond->negated;
	case CONF_COND_IFACE:
		for (size_t i = 0; i < cond->count; i++)
			in |= strcmp(cond->iface[i], p->iface) == 0;
		return in != cond->negated;
	default:
		fail_msg("condition %d", cond->kind);
		return false;
	}
}

bool unit_matches(const struct conf_limit *l, const struct unit_packet *p)
{
	for (size_t i = 0; i < l->conds; i++)
		if (!holds(&l->cond[i], p))
			return false;
	if (l->abi.unit == RL_UNIT_CONNECTIONS && !(p->traits & RL_TRAIT_SYN))
		return false;
	return !(l->abi.key & (RL_KEY_DPORT | RL_KEY_SPORT)) || p->traits & RL_TRAIT_PORTS;
}
