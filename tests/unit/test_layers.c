// SPDX-License-Identifier: GPL-2.0-only
/* Which devices a packet goes through, on tables of devices that no test machine has all of. */
#include "rld/links/layers.h"
#include "unit.h"

#define DEVICES 20

/* The machine of each test: {name, kind, what it is a port of, what it is made on}. */
struct row {
	const char *name, *kind, *master, *lower;
};

static __u32 index_of(const struct row *rows, const char *name)
{
	for (__u32 i = 0; name && rows[i].name; i++)
		if (!strcmp(rows[i].name, name))
			return 100 - i; /* the kernel's order is none */
	return 0;
}

static struct layers *build(const struct row *rows)
{
	struct dp_device *v = calloc(DEVICES, sizeof(*v));
	struct layers *layers;
	size_t count = 0;

	for (; rows[count].name; count++) {
		const struct row *row = &rows[count];

		v[count].ifindex = index_of(rows, row->name);
		v[count].master = index_of(rows, row->master);
		v[count].lower = index_of(rows, row->lower);
		strcpy(v[count].name, row->name);
		strcpy(v[count].kind, row->kind);
	}
	layers = layers_new(v, count);
	assert_non_null(layers);
	return layers;
}

/* `name` meets those of `words`, they meet it, and nothing else does. */
static void meets(const struct row *rows, const char *name, const char *words)
{
	struct layers *layers = build(rows);
	char padded[256], word[32];

	snprintf(padded, sizeof(padded), " %s ", words);
	for (const struct row *other = rows; other->name; other++) {
		bool expected, there, back;

		if (!strcmp(other->name, name))
			continue;
		snprintf(word, sizeof(word), " %s ", other->name);
		expected = strstr(padded, word);
		layers_walk(layers, index_of(rows, name));
		there = layers_met(layers, index_of(rows, other->name));
		layers_walk(layers, index_of(rows, other->name));
		back = layers_met(layers, index_of(rows, name));
		if (there != expected || back != expected)
			fail_msg("%s and %s: %d, %d, expected %d", name, other->name, there, back,
				 expected);
	}
	layers_free(layers);
}

static void bond_with_vlans(void **state)
{
	static const struct row rows[] = {
		{"eth0", "", "bond0", NULL},
		{"eth1", "", "bond0", NULL},
		{"bond0", "bond", NULL, NULL},
		{"bond0.100", "vlan", NULL, "bond0"},
		{"bond0.200", "vlan", NULL, "bond0"},
		{"bond0.100.7", "vlan", NULL, "bond0.100"},
		{"mv0", "macvlan", NULL, "bond0.200"},
		{"eth2", "", NULL, NULL},
		{0},
	};

	meets(rows, "eth0", "bond0 bond0.100 bond0.200 bond0.100.7 mv0");
	meets(rows, "bond0", "eth0 eth1 bond0.100 bond0.200 bond0.100.7 mv0");
	meets(rows, "bond0.100", "eth0 eth1 bond0 bond0.100.7");
	meets(rows, "bond0.100.7", "eth0 eth1 bond0 bond0.100");
	meets(rows, "mv0", "eth0 eth1 bond0 bond0.200");
	meets(rows, "eth2", "");
}

/* What hosts of virtual machines have: the VLAN of a bond is a port itself. */
static void bond_vlan_bridge_vlan(void **state)
{
	static const struct row rows[] = {
		{"eth0", "", "bond0", NULL},
		{"bond0", "bond", NULL, NULL},
		{"bond0.5", "vlan", "br5", "bond0"},
		{"br5", "bridge", NULL, NULL},
		{"bond0.6", "vlan", "br6", "bond0"},
		{"br6", "bridge", NULL, NULL},
		{"br5.9", "vlan", "team0", "br5"},
		{"team0", "team", NULL, NULL},
		{"mt0", "macvtap", NULL, "team0"},
		{"vnet1", "tun", "br5", NULL},
		{"iv0", "ipvlan", NULL, "br6"},
		{"it0", "ipvtap", NULL, "br6"},
		{0},
	};

	meets(rows, "eth0", "bond0 bond0.5 br5 bond0.6 br6 br5.9 team0 mt0 iv0 it0");
	meets(rows, "mt0", "team0 br5.9 br5 bond0.5 bond0 eth0 vnet1");
	meets(rows, "br6", "bond0.6 bond0 eth0 iv0 it0");
	meets(rows, "vnet1", "br5 br5.9 team0 mt0");
}

static void only_one_of_them_gets_it(void **state)
{
	static const struct row rows[] = {
		{"p1", "veth", "br0", NULL},
		{"p2", "veth", "br0", NULL},
		{"br0", "bridge", NULL, NULL},
		{"eth0", "", NULL, NULL},
		{"eth0.1", "vlan", NULL, "eth0"},
		{"eth0.2", "vlan", NULL, "eth0"},
		{"mv0", "macvlan", NULL, "eth0"},
		{"mv1", "macvlan", NULL, "eth0"},
		{0},
	};

	meets(rows, "p1", "br0");
	meets(rows, "p2", "br0");
	meets(rows, "br0", "p1 p2");
	meets(rows, "eth0.1", "eth0");
	meets(rows, "mv0", "eth0");
	meets(rows, "eth0", "eth0.1 eth0.2 mv0 mv1");
}

/* The VLAN of a port is not in the bridge. */
static void a_port_with_a_vlan(void **state)
{
	static const struct row rows[] = {
		{"eth0", "", "br0", NULL},
		{"eth0.1", "vlan", NULL, "eth0"},
		{"br0", "bridge", NULL, NULL},
		{0},
	};

	meets(rows, "eth0", "eth0.1 br0");
	meets(rows, "br0", "eth0");
}

static void others_have_packets_of_their_own(void **state)
{
	static const struct row rows[] = {
		{"va", "veth", NULL, "vb"},
		{"vb", "veth", NULL, "va"},
		{"eth0", "", NULL, NULL},
		{"vx0", "vxlan", NULL, "eth0"},
		{"wg0", "wireguard", NULL, NULL},
		{"ms0", "macsec", NULL, "eth0"},
		{"gre0", "gretap", NULL, "eth0"},
		{"red", "vrf", NULL, NULL},
		{"eth1", "", "red", NULL},
		{"eth1.1", "vlan", "red", "eth1"},
		{"ovs", "openvswitch", NULL, NULL},
		{"eth2", "", "ovs", NULL},
		{0},
	};

	meets(rows, "va", "");
	meets(rows, "eth0", "");
	meets(rows, "red", "");
	meets(rows, "eth1", "eth1.1");
	meets(rows, "eth2", "");
}

static void what_names_nothing_here_ends_there(void **state)
{
	struct dp_device *v = calloc(2, sizeof(*v));
	struct layers *layers;

	v[0] = (struct dp_device){.ifindex = 3, .kind = "macvlan", .lower = 9, .master = 8};
	v[1] = (struct dp_device){.ifindex = 2, .kind = "vlan", .lower = 2, .master = 2};
	layers = layers_new(v, 2);
	layers_walk(layers, 3);
	assert_true(layers_met(layers, 3));
	assert_false(layers_met(layers, 2));
	assert_false(layers_met(layers, 9));
	layers_walk(layers, 2);
	assert_true(layers_met(layers, 2));
	layers_walk(layers, 9);
	assert_false(layers_met(layers, 2));
	layers_free(layers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bond_with_vlans),
		cmocka_unit_test(bond_vlan_bridge_vlan),
		cmocka_unit_test(only_one_of_them_gets_it),
		cmocka_unit_test(a_port_with_a_vlan),
		cmocka_unit_test(others_have_packets_of_their_own),
		cmocka_unit_test(what_names_nothing_here_ends_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
