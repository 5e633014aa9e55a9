// SPDX-License-Identifier: GPL-2.0-only
/* The program's parser, compiled natively, against a reference that was written apart from it: by
 * offsets into an array instead of a cursor, from the RFCs. Random frames, broken at random; by
 * pointers, and by copies as where a frame lies in parts. */
#include <stdint.h>
#include <string.h>

#include "bpf/parse/exempt.h"
#include "bpf/parse/parse.h"
#include "frames.h"
#include "unit.h"

#define ROUNDS 400000

struct bytes {
	const uint8_t *p;
	size_t len;
};

static unsigned be16(const struct bytes *b, size_t at)
{
	return b->p[at] * 256u + b->p[at + 1];
}

static bool has(const struct bytes *b, size_t at, size_t count)
{
	return at + count <= b->len;
}

struct expected {
	enum rl_reason reason;
	int proto;
	int sport, dport; /* -1: none */
	int icmp_type;	  /* -1: none */
	int vlan;	  /* -1: none */
	int flags;	  /* of TCP */
	bool syn, fragment;
	bool addressed;
};

static enum rl_reason ref_transport(const struct bytes *b, size_t at, size_t left, bool v4,
				    struct expected *e)
{
	size_t need = 0;

	if (e->proto == 6)
		need = 20;
	else if (e->proto == 17 || e->proto == 136 || e->proto == (v4 ? 1 : 58))
		need = 8;
	else if (e->proto == 132 || e->proto == 33)
		need = 12;
	if (!need)
		return RL_GO;
	/* RFC 1858: a tiny first fragment. */
	if (e->fragment && left < need && need != 8) {
		e->syn = e->proto == 6;
		e->flags = e->syn ? RL_FLAGS_ANY : RL_FLAGS_NONE;
		if (left >= 4 && has(b, at, 4)) {
			e->sport = be16(b, at);
			e->dport = be16(b, at + 2);
		}
		return RL_GO;
	}
	if (left < need || !has(b, at, need))
		return RL_REASON_MALFORMED_TRANSPORT;
	if (e->proto == (v4 ? 1 : 58)) {
		e->icmp_type = b->p[at];
		return RL_GO;
	}
	if (e->proto == 17) {
		size_t datagram = be16(b, at + 4);

		if (!datagram && !v4)
			datagram = left;
		if (datagram < 8 || (!e->fragment && datagram > left))
			return RL_REASON_MALFORMED_TRANSPORT;
	}
	if (e->proto == 6) {
		unsigned header = b->p[at + 12] / 16 * 4u;

		if (header < 20 || (!e->fragment && header > left))
			return RL_REASON_MALFORMED_TRANSPORT;
		e->flags = b->p[at + 13];
		e->syn = (e->flags & 0x12) == 0x02;
	}
	e->sport = be16(b, at);
	e->dport = be16(b, at + 2);
	return RL_GO;
}

static enum rl_reason ref_ipv4(const struct bytes *b, size_t at, struct expected *e)
{
	size_t header, total;

	if (!has(b, at, 20) || b->p[at] / 16 != 4)
		return RL_REASON_MALFORMED_IPV4;
	header = b->p[at] % 16 * 4;
	if (header < 20)
		return RL_REASON_MALFORMED_IPV4;
	e->addressed = true;
	e->proto = b->p[at + 9];
	total = be16(b, at + 2);
	if (!total && e->proto == 6 && b->len - at > 65535)
		total = b->len - at;
	if (total < header || !has(b, at, total))
		return RL_REASON_MALFORMED_IPV4;
	e->fragment = be16(b, at + 6) % 0x4000 != 0;
	if (be16(b, at + 6) % 0x2000)
		return RL_GO;
	return ref_transport(b, at + header, total - header, true, e);
}

static bool is_extension(int kind)
{
	static const uint8_t kinds[] = {0, 43, 44, 51, 60, 135, 139, 140};

	for (size_t i = 0; i < sizeof(kinds); i++) {
		if (kinds[i] == kind)
			return true;
	}
	return false;
}

static enum rl_reason ref_ipv6(const struct bytes *b, size_t at, struct expected *e)
{
	size_t left, here = at + 40, size;

	if (!has(b, at, 40) || b->p[at] / 16 != 6)
		return RL_REASON_MALFORMED_IPV6;
	e->addressed = true;
	left = be16(b, at + 4);
	e->proto = b->p[at + 6];
	if (!left && (e->proto == 0 || (e->proto == 6 && b->len - at > 65535)))
		left = b->len - here;
	if (!has(b, here, left))
		return RL_REASON_MALFORMED_IPV6;
	for (int n = 0; is_extension(e->proto); n++) {
		int kind = e->proto;

		if (n == 8)
			return RL_REASON_HEADER_DEPTH;
		if (!has(b, here, 4))
			return RL_REASON_MALFORMED_IPV6;
		size = kind == 44   ? 8
		       : kind == 51 ? b->p[here + 1] * 4 + 8u
				    : b->p[here + 1] * 8 + 8u;
		if (size > left || !has(b, here, size))
			return RL_REASON_MALFORMED_IPV6;
		e->proto = b->p[here];
		if (kind == 44) {
			unsigned offset = be16(b, here + 2) / 8;

			if (offset || b->p[here + 3] % 2)
				e->fragment = true;
			if (offset)
				return RL_GO;
		}
		here += size;
		left -= size;
	}
	return ref_transport(b, here, left, false, e);
}

static enum rl_reason ref_frame(const struct bytes *b, struct expected *e)
{
	size_t at = 12;
	int tags = 0, ids = 0;
	enum rl_reason reason = RL_REASON_NOT_IP;

	*e = (struct expected){
		.sport = -1, .dport = -1, .icmp_type = -1, .vlan = -1, .flags = RL_FLAGS_NONE};
	if (!has(b, 0, 14))
		return RL_REASON_MALFORMED_ETHERNET;
	while (be16(b, at) == 0x8100 || be16(b, at) == 0x88a8) {
		if (++tags > 8)
			return RL_REASON_VLAN_DEPTH;
		if (!has(b, at + 2, 4))
			return RL_REASON_MALFORMED_ETHERNET;
		if (!ids)
			e->vlan = be16(b, at + 2) % 4096;
		ids += be16(b, at + 2) % 4096 != 0;
		at += 4;
	}
	if (be16(b, at) == 0x0800)
		reason = ref_ipv4(b, at + 2, e);
	if (be16(b, at) == 0x86dd)
		reason = ref_ipv6(b, at + 2, e);
	if (be16(b, at) == 0x0806)
		reason = RL_REASON_ARP;
	return reason == RL_GO && ids > 2 ? RL_REASON_VLAN_DEPTH : reason;
}

/* A frame of which only copies can be had, or none from some place on. */
struct parts {
	const uint8_t *p;
	size_t len;
	size_t readable;
};

static int copy(void *frame, __u32 at, void *to, __u32 size)
{
	const struct parts *parts = frame;

	assert_true(size <= RL_COPY_BYTES && at + size <= parts->len);
	memset(to, 0xee, RL_COPY_BYTES);
	if (at + size > parts->readable)
		return -1;
	memcpy(to, parts->p + at, size);
	return 0;
}

static enum rl_reason parse_copies(const struct parts *parts, struct rl_packet *pkt,
				   int *ret_unreadable)
{
	__u64 to[RL_COPY_BYTES / 8];
	struct rl_cursor c = {
		.copy = copy, .frame = (void *)parts, .to = to, .bytes = (__u32)parts->len};
	enum rl_reason reason = rl_parse(&c, pkt);

	*ret_unreadable = c.unreadable;
	return reason;
}

static void same_by_copies(const struct frame *m, const struct rl_packet *want,
			   enum rl_reason reason)
{
	struct parts parts = {m->data, m->len, m->len};
	struct rl_packet pkt;
	int unreadable;

	memset(&pkt, 0, sizeof(pkt));
	pkt.subject.bytes = (__u32)m->len;
	assert_int_equal(parse_copies(&parts, &pkt, &unreadable), reason);
	assert_false(unreadable);
	assert_memory_equal(&pkt, want, sizeof(pkt));
	/* What cannot be read is said to be that, and nothing else. */
	parts.readable = unit_random((unsigned)m->len + 1);
	if (parse_copies(&parts, &pkt, &unreadable) != reason)
		assert_true(unreadable);
}

/* Whoever sees the first bytes alone judges only what nothing behind them changes. */
static void judged_by_a_part_as_a_whole(const struct frame *m, const struct rl_packet *want,
					enum rl_reason reason)
{
	size_t linear = unit_random((unsigned)m->len + 1);
	uint8_t *part = malloc(linear + 2);
	struct rl_cursor c = {.pos = part + 2, .end = part + 2 + linear};
	struct rl_packet pkt;
	enum rl_reason got;

	memset(&pkt, 0, sizeof(pkt));
	pkt.subject.bytes = (__u32)m->len;
	memcpy(part + 2, m->data, linear);
	got = rl_parse(&c, &pkt);
	free(part);
	if (got != RL_GO)
		return;
	assert_int_equal(got, reason);
	assert_memory_equal(&pkt, want, sizeof(pkt));
}

static void compare(const struct frame *m, enum rl_reason want, const struct expected *e,
		    unsigned *seen)
{
	/* As in the kernel, the IP header is at a multiple of 4; the frame ends with the
	 * allocation. */
	uint8_t *memory = malloc(m->len + 2);
	struct rl_packet pkt;
	struct rl_cursor c = {.pos = memory + 2, .end = memory + 2 + m->len};
	enum rl_reason got;

	memset(&pkt, 0, sizeof(pkt));
	pkt.subject.bytes = (__u32)m->len;
	memcpy(memory + 2, m->data, m->len);
	got = rl_parse(&c, &pkt);
	free(memory);
	seen[got]++;
	assert_int_equal(got, want);
	same_by_copies(m, &pkt, got);
	judged_by_a_part_as_a_whole(m, &pkt, got);
	assert_int_equal(pkt.addressed, e->addressed);
	if (got != RL_GO)
		return;
	assert_int_equal(pkt.subject.proto, e->proto);
	assert_int_equal(pkt.traits & RL_TRAIT_PORTS ? rl_ntohs(pkt.subject.sport) : -1, e->sport);
	assert_int_equal(pkt.traits & RL_TRAIT_PORTS ? rl_ntohs(pkt.subject.dport) : -1, e->dport);
	assert_int_equal(!!(pkt.traits & RL_TRAIT_SYN), e->syn);
	assert_int_equal(pkt.flags, e->flags);
	assert_int_equal(!!(pkt.traits & RL_TRAIT_FRAGMENT), e->fragment);
	assert_int_equal(pkt.icmp_type == RL_ICMP_NONE ? -1 : pkt.icmp_type, e->icmp_type);
	assert_int_equal(pkt.vlan == RL_VLAN_NONE ? -1 : pkt.vlan, e->vlan);
}

static void random_frames_parse_as_the_reference_says(void **state)
{
	unsigned seen[RL_REASON_COUNT + 1] = {0};
	struct expected e;
	struct frame m;

	unit_seed("random_frames_parse_as_the_reference_says");
	for (int i = 0; i < ROUNDS; i++) {
		frame_random(&m);
		compare(&m, ref_frame(&(struct bytes){m.data, m.len}, &e), &e, seen);
	}
	assert_true(seen[RL_GO] > ROUNDS / 10);
	for (int r = RL_REASON_VLAN_DEPTH; r <= RL_REASON_MALFORMED_TRANSPORT; r++)
		assert_true(seen[r] > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_frames_parse_as_the_reference_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
