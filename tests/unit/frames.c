// SPDX-License-Identifier: GPL-2.0-only
/* Random frames: mostly sound, so that the deep parts of a parser are reached. Whatever need not be as
 * it is in a sound one is random, which base/frame.h does not make: it only appends. */
#include "frames.h"

#include "unit.h"

static uint8_t *add(struct frame *m, size_t count)
{
	uint8_t *p = m->data + m->len;

	frame_put(m, NULL, count);
	for (size_t i = 0; i < count; i++)
		p[i] = (uint8_t)unit_random(256);
	return p;
}

static int any_of(const int *v, size_t count)
{
	return v[unit_random((unsigned)count)];
}

#define ANY(...) any_of((int[]){__VA_ARGS__}, sizeof((int[]){__VA_ARGS__}) / sizeof(int))

static void add_transport(struct frame *m)
{
	uint8_t *p = add(m, unit_random(4) ? 20 + unit_random(30) : unit_random(24));

	p[4] = 0;
	p[5] = (uint8_t)(m->data + m->len - p);
	p[12] = (uint8_t)(ANY(5, 5, 5, 6, 4) << 4);
}

static void add_ipv4(struct frame *m)
{
	size_t start = m->len, options = unit_random(3) ? 0 : unit_random(11);
	uint8_t *p = add(m, 20);

	p[0] = (uint8_t)(0x45 + options);
	p[9] = (uint8_t)ANY(6, 17, 1, 132, 33, 136, 58, 47);
	p[6] = unit_random(3) ? 0 : (uint8_t)ANY(0x20, 0x00, 0x40, 0x1f);
	p[7] = unit_random(3) ? 0 : p[7];
	add(m, options * 4);
	add_transport(m);
	p[2] = (uint8_t)((m->len - start) >> 8);
	p[3] = (uint8_t)(m->len - start);
}

static void add_ipv6(struct frame *m)
{
	size_t start = m->len + 40;
	uint8_t *p = add(m, 40), *next = p + 6;

	p[0] = 0x60 | (p[0] & 15);
	for (size_t n = unit_random(3) ? unit_random(4) : unit_random(11); n; n--) {
		size_t units = 1 + unit_random(2);
		uint8_t *ext;

		*next = (uint8_t)ANY(0, 43, 44, 51, 60, 135, 139, 140);
		if (*next == 44)
			units = 1;
		ext = add(m, units * 8);
		ext[1] = (uint8_t)(*next == 51 ? units * 2 - 2 : units - 1);
		if (*next == 44 && unit_random(2))
			ext[2] = ext[3] = 0;
		next = ext;
	}
	*next = (uint8_t)ANY(6, 17, 58, 132, 33, 136, 59, 1);
	add_transport(m);
	p[4] = (uint8_t)((m->len - start) >> 8);
	p[5] = (uint8_t)(m->len - start);
}

static void make_frame(struct frame *m)
{
	uint8_t *type;

	add(frame_new(m), 12);
	for (size_t tags = unit_random(2) ? 0 : unit_random(unit_random(4) ? 4 : 11); tags;
	     tags--) {
		type = add(m, 4);
		type[0] = unit_random(4) ? 0x81 : 0x88;
		type[1] = type[0] == 0x81 ? 0 : 0xa8;
		if (unit_random(2))
			type[2] = type[3] = 0; /* a priority tag */
	}
	type = add(m, 2);
	type[0] = 0x08;
	type[1] = (uint8_t)ANY(0, 0, 0, 0, 0, 0, 0, 6);
	if (unit_random(2)) {
		type[0] = 0x86;
		type[1] = 0xdd;
		add_ipv6(m);
	} else {
		add_ipv4(m);
	}
}

void frame_damage(struct frame *m)
{
	for (size_t n = unit_random(3); n && m->len; n--)
		m->data[unit_random((unsigned)m->len)] ^= (uint8_t)(1u << unit_random(8));
	if (!unit_random(4))
		m->len = unit_random((unsigned)m->len + 1);
	if (!unit_random(4))
		add(m, unit_random(20)); /* padding */
}

void frame_random(struct frame *m)
{
	make_frame(m);
	frame_damage(m);
}

void frame_plain(struct frame *m)
{
	bool ipv4 = unit_random(2), tcp = unit_random(2);
	size_t room = (tcp ? 20 : 8) + unit_random(40);
	uint8_t *ip, *p;

	p = add(frame_new(m), 14);
	p[12] = ipv4 ? 0x08 : 0x86;
	p[13] = ipv4 ? 0x00 : 0xdd;
	ip = add(m, ipv4 ? 20 : 40);
	ip[0] = ipv4 ? 0x45 : 0x60 | (ip[0] & 15);
	ip[ipv4 ? 9 : 6] = tcp ? 6 : 17;
	ip[ipv4 ? 2 : 4] = 0;
	ip[ipv4 ? 3 : 5] = (uint8_t)(room + (ipv4 ? 20 : 0));
	if (ipv4) {
		ip[6] = unit_random(2) ? 0x40 : 0; /* may not be fragmented */
		ip[7] = 0;
	}
	p = add(m, room);
	if (tcp) {
		p[12] = (uint8_t)(5 << 4 | (p[12] & 15));
	} else {
		p[4] = 0;
		p[5] = (uint8_t)room;
	}
}
