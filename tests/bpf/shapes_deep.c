// SPDX-License-Identifier: GPL-2.0-only
/* Shapes with many tags or extension headers, and frames that are longer than a program sees. */
#include <linux/if_ether.h>
#include <netinet/in.h>

#include "shapes.h"

#define SRC "192.0.2.1"
#define DST "192.0.2.2"
#define SRC6 "2001:db8::1"
#define DST6 "2001:db8::2"

/* `ids` tags with an id, the rest are priority tags, and they come first. */
static void tags(struct frame *f, int count, int ids)
{
	packet_ethernet(f);
	for (int i = 0; i < count; i++)
		frame_vlan(f, ETH_P_8021Q, i < count - ids ? 0 : 7);
	packet_end(frame_udp(packet_between(f, SRC, DST), 1, 2));
}
void priority_tags(struct frame *f)
{
	tags(f, 5, 0);
}
void eight_tags(struct frame *f)
{
	tags(f, 8, 2);
}
void nine_tags(struct frame *f)
{
	tags(f, 9, 0);
}
/* Two headers of two thousand bytes: longer than the part of a frame that a program sees. */
static struct frame *parted(struct frame *f)
{
	packet_extension(packet_ip(f, SRC6, DST6), IPPROTO_DSTOPTS, 250);
	return packet_extension(f, IPPROTO_DSTOPTS, 250);
}
void parted_tcp(struct frame *f)
{
	packet_end(frame_tcp(parted(f), 1, 2, TCP_SYN));
}
void parted_cut_tcp(struct frame *f)
{
	packet_end(frame_put(frame_next(parted(f), IPPROTO_TCP), NULL, 19));
}
void parted_discovery(struct frame *f)
{
	packet_end(frame_icmp(parted(f), 135, 0));
	f->data[14 + 7] = 255;
}
void parted_nine(struct frame *f)
{
	parted(f);
	for (int i = 0; i < 7; i++)
		packet_extension(f, IPPROTO_DSTOPTS, 1);
	packet_end(frame_tcp(f, 1, 2, TCP_SYN));
}
void parted_cut(struct frame *f)
{
	parted_tcp(f);
	f->len -= 21;
	f->data[14 + 4] = (f->len - 54) >> 8;
	f->data[14 + 5] = (f->len - 54) & 0xff;
}
/* As the kernel puts segments together: the length has no room in the header. */
void big_tcp4(struct frame *f)
{
	frame_put(frame_tcp(packet_ip(f, SRC, DST), 1, 2, TCP_ACK), NULL, 66000);
}
void big_other4(struct frame *f)
{
	big_tcp4(f);
	frame_next(f, IPPROTO_SCTP);
}
void small_tcp4_length_0(struct frame *f)
{
	packet_tcp(f, SRC, DST, 1, 2, TCP_SYN);
	f->data[14 + 2] = f->data[14 + 3] = 0;
}
void big_tcp6(struct frame *f)
{
	frame_put(frame_tcp(packet_ip(f, SRC6, DST6), 1, 2, TCP_ACK), NULL, 66000);
}
void jumbo_tcp6(struct frame *f)
{
	packet_extension(packet_ip(f, SRC6, DST6), IPPROTO_HOPOPTS, 1);
	frame_put(frame_tcp(f, 1, 2, TCP_ACK), NULL, 66000);
}
static void extensions(struct frame *f, int count)
{
	packet_ip(f, SRC6, DST6);
	for (int i = 0; i < count; i++)
		packet_extension(f, IPPROTO_DSTOPTS, 1);
	packet_end(frame_udp(f, 1, 2));
}
void nine_extensions(struct frame *f)
{
	extensions(f, 9);
}
void eight_extensions(struct frame *f)
{
	extensions(f, 8);
}
