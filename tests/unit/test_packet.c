// SPDX-License-Identifier: GPL-2.0-only
/* A packet in the words of conditions: the frame made of it is what the parser of the program reads
 * the same things in; and what does not go together is refused at its place. */
#include "bpf/parse/exempt.h"
#include "bpf/parse/parse.h"
#include "rld/explain/explain_frame.h"
#include "unit.h"

/* Ethernet is "lo", and what has no header "tun0". */
static int is_lo(void *ctx, char name[static IF_NAMESIZE])
{
	if (!strcmp(name, "tun0"))
		return RL_LINK_IP;
	return strcmp(name, "lo") ? -1 : RL_LINK_ETHERNET;
}

static int parse(const char *line, struct conf_packet *ret, struct diag *d)
{
	char copy[512], *words[64], *save;
	size_t count = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
		words[count++] = w;
	return conf_packet_parse(words, count, is_lo, NULL, ret, d);
}

/* What the program sees of the packet. */
static enum rl_reason see(const char *line, struct conf_packet *p, struct rl_packet *ret)
{
	struct diag d = {0};
	struct rl_cursor c;
	enum rl_reason reason;
	static struct frame f;
	__u8 *memory, *frame;

	if (parse(line, p, &d))
		fail_msg("%s: %s", line, d.message);
	memory = malloc(2 + p->bytes);
	frame = memory + (p->link == RL_LINK_IP ? 0 : 2); /* which aligns the IP header */
	assert_int_equal(explain_frame(p, &f), 0);
	assert_int_equal(f.len, p->bytes);
	memcpy(frame, f.data, f.len);
	c = (struct rl_cursor){.pos = frame, .end = frame + p->bytes};
	ret->subject.bytes = p->bytes;
	ret->link = p->link;
	reason = rl_parse(&c, ret);
	free(memory);
	return reason;
}

static void see_whole(const char *line, struct rl_packet *ret)
{
	struct conf_packet p;
	enum rl_reason reason = see(line, &p, ret);
	bool ports = ret->traits & RL_TRAIT_PORTS, syn = ret->traits & RL_TRAIT_SYN;

	if (reason != RL_GO)
		fail_msg("%s: reason %u", line, reason);
	assert_memory_equal(&ret->subject.source, &p.source, 16);
	assert_memory_equal(&ret->subject.destination, &p.destination, 16);
	assert_int_equal(ret->subject.proto, p.proto);
	assert_int_equal(ret->vlan, p.vlan);
	assert_int_equal(ports, conf_packet_has_ports(&p));
	assert_int_equal(rl_ntohs(ret->subject.dport), p.dport);
	assert_int_equal(rl_ntohs(ret->subject.sport), p.sport);
	assert_int_equal(syn, p.syn);
	assert_int_equal(ret->flags, p.proto == IPPROTO_TCP ? p.flags : RL_FLAGS_NONE);
	assert_int_equal(ret->ip_bytes, p.bytes - conf_packet_ip(&p));
	assert_int_equal(ret->icmp_type, conf_packet_has_icmp(&p) ? p.icmp_type : RL_ICMP_NONE);
	assert_false(ret->traits & RL_TRAIT_FRAGMENT);
}

static void the_program_sees_what_was_said(void **state)
{
	struct rl_packet pkt;

	see_whole("explain 192.0.2.1", &pkt);
	assert_int_equal(pkt.subject.proto, IPPROTO_TCP);
	assert_int_equal(pkt.subject.bytes, 54);
	see_whole("explain 2001:db8::1 udp dport 53 sport 1024 dst 2001:db8::2 vlan 7 bytes 200",
		  &pkt);
	assert_int_equal(rl_ntohs(pkt.subject.dport), 53);
	assert_int_equal(rl_ntohs(pkt.subject.sport), 1024);
	assert_int_equal(pkt.vlan, 7);
	assert_int_equal(pkt.subject.bytes, 200);
	see_whole("explain 192.0.2.1 syn dport 22", &pkt);
	assert_int_equal(pkt.traits, RL_TRAIT_SYN | RL_TRAIT_PORTS);
	see_whole("explain 192.0.2.1 flags rst+ack sport 443", &pkt);
	assert_int_equal(pkt.flags, 4 | 16);
	see_whole("explain 2001:db8::1 flags none vlan 7", &pkt);
	assert_int_equal(pkt.flags, 0);
	see_whole("explain 192.0.2.1 flags syn+ece+cwr bytes 64", &pkt);
	assert_int_equal(pkt.traits, RL_TRAIT_SYN | RL_TRAIT_PORTS);
	assert_int_equal(pkt.ip_bytes, 50);
	see_whole("explain 192.0.2.1 sctp dport 22", &pkt);
	assert_int_equal(pkt.subject.proto, IPPROTO_SCTP);
	see_whole("explain 192.0.2.1 icmp-type 8", &pkt);
	assert_int_equal(pkt.subject.proto, IPPROTO_ICMP);
	see_whole("test 2001:db8::1 icmp-type 128 length 100", &pkt);
	assert_int_equal(pkt.subject.proto, IPPROTO_ICMPV6);
	assert_int_equal(pkt.subject.bytes, 100);
	see_whole("explain 192.0.2.1 proto 47", &pkt);
	assert_int_equal(pkt.subject.bytes, 34);
	see_whole("explain 2001:db8::1 udp bytes 65535", &pkt);
	see_whole("explain 192.0.2.1 udp dport 53 iface tun0", &pkt);
	assert_int_equal(pkt.subject.bytes, 28);
	see_whole("explain 2001:db8::1 icmp-type 128 bytes 48 iface tun0", &pkt);
	assert_int_equal(pkt.subject.proto, IPPROTO_ICMPV6);
}

static void so_with_any_packet(void **state)
{
	static const unsigned protos[] = {1, 6, 17, 33, 47, 50, 59, 132, 136, 253};
	struct rl_packet pkt;

	unit_seed("test_packet");
	for (int i = 0; i < 8000; i++) {
		bool six = unit_chance(50);
		unsigned proto = protos[unit_random(10)];
		char line[256], *at = line;

		proto = proto == 1 && six ? 58 : proto;
		at += sprintf(at, six ? "explain 2001:db8::%x" : "explain 192.0.2.%u",
			      unit_random(200));
		at += sprintf(at, " proto %u", proto);
		if (unit_chance(30))
			at += sprintf(at, six ? " dst fe80::%x" : " dst 10.0.0.%u",
				      unit_random(200));
		if (unit_chance(30))
			at += sprintf(at, " vlan %u", unit_random(4096));
		if (unit_chance(30) && (proto == 1 || proto == 58))
			at += sprintf(at, " icmp-type %u", unit_random(256));
		if (unit_chance(50) &&
		    (proto == 6 || proto == 17 || proto == 33 || proto == 132 || proto == 136))
			at += sprintf(at, " dport %u sport %u", unit_random(65536),
				      unit_random(65536));
		if (unit_chance(50) && proto == 6)
			at += sprintf(at, " %s", unit_chance(50) ? "syn" : "flags fin+psh+urg");
		if (unit_chance(50))
			sprintf(at, " bytes %u", 78 + unit_random(65536 - 78));
		see_whole(line, &pkt);
	}
}

/* As the conditions are evaluated elsewhere. */
static void a_limit_would_judge_it_or_not(void **state)
{
	unsigned matches = 0;

	for (int i = 0; i < 1500; i++) {
		struct conf *c = unit_random_conf(8);
		struct unit_packet u;
		struct conf_packet p;

		unit_random_packet(&u);
		p = (struct conf_packet){.source = u.source,
					 .destination = u.destination,
					 .bytes = u.length,
					 .dport = (__u16)u.dport,
					 .sport = (__u16)u.sport,
					 .vlan = (__u16)u.vlan,
					 .icmp_type = (__u8)u.icmp,
					 .proto = (__u8)u.proto,
					 .flags = (__u16)u.flags,
					 .syn = u.traits & RL_TRAIT_SYN};
		u.ip_length = u.length - conf_packet_ip(&p);
		snprintf(p.iface, sizeof(p.iface), "%s", u.iface ? u.iface : "");
		/* Not every random one is one whole packet. */
		if (u.traits & RL_TRAIT_FRAGMENT ||
		    !(u.traits & RL_TRAIT_PORTS) == conf_packet_has_ports(&p) ||
		    (u.icmp == RL_ICMP_NONE) == conf_packet_has_icmp(&p)) {
			conf_free(c);
			continue;
		}
		for (size_t k = 0; k < c->limits; k++) {
			matches += unit_matches(c->limit[k], &u);
			assert_int_equal(conf_packet_matches(&p, c->limit[k]),
					 unit_matches(c->limit[k], &u));
		}
		conf_free(c);
	}
	assert_true(matches > 300);
}

static void what_is_never_refused_is_as_its_senders_make_it(void **state)
{
	static const struct {
		const char *line;
		enum rl_reason reason;
	} rows[] = {
		{"explain 2001:db8::1 icmp-type 135", RL_REASON_NEIGHBOUR_DISCOVERY},
		{"explain fe80::1 icmp-type 143", RL_REASON_MLD},
		{"explain 2001:db8::1 icmp-type 143", RL_GO},
		{"explain 2001:db8::1 icmp-type 2", RL_REASON_PATH_MTU},
		{"explain 192.0.2.1 udp sport 67 dport 68", RL_REASON_DHCP},
		{"explain 192.0.2.1 udp sport 67 dport 68 dst 192.0.2.2", RL_GO},
	};
	struct rl_packet pkt;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		see_whole(rows[i].line, &pkt);
		if (rl_exempt(&pkt) != rows[i].reason)
			fail_msg("%s", rows[i].line);
	}
}

static void what_does_not_go_together_is_refused_at_its_place(void **state)
{
	static const struct {
		const char *line;
		int column;
		int width;
		const char *message;
	} rows[] = {
		{"explain", 9, 1, "address is missing"},
		{"explain 192.0.2.0/24", 9, 12, "bad address"},
		{"explain host", 9, 4, "bad address"},
		{"explain 192.0.2.1 dport", 25, 1, "list of numbers is missing"},
		{"explain 192.0.2.1 dprot 22", 19, 5, "unknown condition"},
		{"explain 192.0.2.1 any", 19, 3, "unknown condition"},
		{"explain 192.0.2.1 tcp udp", 23, 3, "said twice"},
		{"explain 192.0.2.1 dport 1 dport 1", 27, 7, "said twice"},
		{"explain 192.0.2.1 bytes 60 length 61", 28, 9, "said twice"},
		{"explain 192.0.2.1 tcp,udp", 19, 7, "one of each"},
		{"explain 192.0.2.1 dport 1-2", 19, 9, "one of each"},
		{"explain 192.0.2.1 not tcp", 19, 3, "by what it is"},
		{"explain 192.0.2.1 src 192.0.2.1", 19, 13, "the source is the address in front"},
		{"explain 192.0.2.1 fragment", 19, 8, "only whole packets"},
		{"explain 192.0.2.1 dst 192.0.2.0/24", 19, 16, "one destination"},
		{"explain 192.0.2.1 dst 2001:db8::1", 19, 15, "not of the same version"},
		{"explain 192.0.2.1 iface lo,eth0", 19, 13, "one interface"},
		{"explain 192.0.2.1 iface eth0", 19, 10, "nothing is limited on that interface"},
		{"explain 192.0.2.1 iface tun0 vlan 7", 30, 6, "have no Ethernet header"},
		{"explain 192.0.2.1 iface tun0 udp bytes 27", 34, 8,
		 "that does not hold the headers"},
		{"explain 192.0.2.1 icmp dport 22", 24, 8, "has no ports"},
		{"explain 192.0.2.1 udp syn", 23, 3, "only TCP"},
		{"explain 192.0.2.1 udp icmp-type 8", 23, 11, "not ICMP"},
		{"explain 192.0.2.1 icmpv6", 19, 6, "icmpv6 is of IPv6"},
		{"explain 2001:db8::1 icmp", 21, 4, "icmp is of IPv4"},
		{"explain 2001:db8::1 proto 44", 21, 8, "extension header"},
		{"explain 192.0.2.1 bytes", 25, 1, "number of bytes is missing"},
		{"explain 192.0.2.1 bytes x", 25, 1, "is not a number"},
		{"explain 192.0.2.1 bytes 65536", 25, 5, "out of range"},
		{"explain 192.0.2.1 bytes 53", 19, 8, "does not hold the headers"},
		{"explain 192.0.2.1 bytes 57 vlan 1 tcp", 19, 8, "does not hold the headers"},
	};
	struct conf_packet p;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct diag d = {0};

		if (!parse(rows[i].line, &p, &d))
			fail_msg("accepted: %s", rows[i].line);
		if (d.column != rows[i].column || d.width != rows[i].width ||
		    !strstr(d.message, rows[i].message) || !d.expected[0] ||
		    strcmp(d.text, rows[i].line))
			fail_msg("%s: %d+%d %s", rows[i].line, d.column, d.width, d.message);
	}
}

/* What more words would make of it. */
static void what_was_not_said_is_asked_for(void **state)
{
	static const struct {
		const char *limit, *line;
		enum conf_fit fit;
		bool keyed;
		const char *needs;
	} rows[] = {
		{"match any", "explain 192.0.2.1", CONF_FIT_YES, true, ""},
		{"match tcp dport 22", "explain 192.0.2.1", CONF_FIT_OPEN, true, "tcp dport 22"},
		{"match tcp dport 22", "explain 192.0.2.1 tcp", CONF_FIT_OPEN, true, "dport 22"},
		{"match tcp dport 22", "explain 192.0.2.1 dport 22", CONF_FIT_YES, true, ""},
		{"match tcp dport 22", "explain 192.0.2.1 udp", CONF_FIT_NO, true, ""},
		{"match dport 22", "explain 192.0.2.1 icmp", CONF_FIT_NO, true, ""},
		{"match udp src 10.0.0.0/8", "explain 192.0.2.1", CONF_FIT_NO, true, ""},
		{"match tcp dport 22 syn", "explain 2001:db8::1 tcp dport 22", CONF_FIT_SYN, true,
		 "syn"},
		{"match tcp dport 22 not syn", "explain 2001:db8::1 tcp dport 22", CONF_FIT_YES,
		 true, ""},
		{"match tcp dport 22 not syn", "explain 2001:db8::1", CONF_FIT_OPEN, true,
		 "tcp dport 22 not syn"},
		{"match tcp dport 22 not syn", "explain 2001:db8::1 tcp dport 22 syn", CONF_FIT_NO,
		 true, ""},
		{"match icmp icmp-type 8", "explain 192.0.2.1", CONF_FIT_OPEN, true,
		 "icmp icmp-type 8"},
		{"match dst 192.0.2.9", "explain 192.0.2.1 udp", CONF_FIT_OPEN, true,
		 "dst 192.0.2.9"},
		{"match iface eth0", "explain 192.0.2.1", CONF_FIT_OPEN, true, "iface eth0"},
		{"match iface eth0", "explain 192.0.2.1 iface lo", CONF_FIT_NO, true, ""},
		{"match length 1000-1500", "explain 192.0.2.1 udp", CONF_FIT_OPEN, true,
		 "length 1000-1500"},
		{"match fragment", "explain 192.0.2.1", CONF_FIT_NO, true, ""},
		{"per source,dport match any", "explain 192.0.2.1", CONF_FIT_OPEN, false,
		 "dport N"},
		{"per source,dport match any", "explain 192.0.2.1 udp dport 5", CONF_FIT_YES, true,
		 ""},
		{"per source,dport match any", "explain 192.0.2.1 icmp", CONF_FIT_NO, true, ""},
		{"per source,dport match tcp dport 80,443", "explain 192.0.2.1", CONF_FIT_OPEN,
		 false, "tcp dport 80,443"},
		{"per source,proto,destination match any", "explain 192.0.2.1", CONF_FIT_OPEN,
		 false, "dst ADDR proto N"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct conf *c = conf_new();
		char line[256], needs[CONF_TEXT];
		struct diag d = {0};
		struct conf_packet p;
		enum conf_fit fit;
		bool keyed;

		snprintf(line, sizeof(line), "set-limit x 5/minute %s", rows[i].limit);
		unit_good(c, line);
		assert_int_equal(parse(rows[i].line, &p, &d), 0);
		fit = conf_packet_fit(&p, c->limit[0], needs, &keyed);
		if (fit != rows[i].fit || strcmp(needs, rows[i].needs) != 0 ||
		    (fit != CONF_FIT_NO && keyed != rows[i].keyed))
			fail_msg("%s; %s: %d %d \"%s\"", rows[i].limit, rows[i].line, fit, keyed,
				 needs);
		conf_free(c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_program_sees_what_was_said),
		cmocka_unit_test(so_with_any_packet),
		cmocka_unit_test(a_limit_would_judge_it_or_not),
		cmocka_unit_test(what_is_never_refused_is_as_its_senders_make_it),
		cmocka_unit_test(what_does_not_go_together_is_refused_at_its_place),
		cmocka_unit_test(what_was_not_said_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
