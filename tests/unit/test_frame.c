// SPDX-License-Identifier: GPL-2.0-only
/* The builder of frames against bytes that Scapy 2.5.0 made of the same headers (with id and window
 * of 0, where it has others), checksums included; and where its room ends, under the sanitizers. */
#include <errno.h>
#include <linux/if_ether.h>
#include <netinet/in.h>

#include "base/addr.h"
#include "tests/lib/packets.h"
#include "unit.h"

#define SRC "192.0.2.1", "198.51.100.2"
#define SRC6 "2001:db8::1", "2001:db8::2"
#define MACS "020000000000020000000001"
#define IPV4 "c0000201c6336402"
#define IPV6 "20010db800000000000000000000000120010db8000000000000000000000002"

static void same(struct frame *f, const char *hex)
{
	char got[512] = "";

	assert_int_equal(frame_end(f), 0);
	assert_in_range(f->len, 1, sizeof(got) / 2 - 1);
	for (size_t i = 0; i < f->len; i++)
		sprintf(got + 2 * i, "%02x", f->data[i]);
	assert_string_equal(got, hex);
}

static struct frame *odd(struct frame *f)
{
	return frame_put(frame_udp(f, 1024, 53), "odd", 3);
}

static void headers_are_those_that_another_builder_makes(void **state)
{
	static struct frame f;

	same(odd(packet_ip(&f, SRC)), MACS "08004500001f0000000040118e97" IPV4 "04000035000b3c07"
					   "6f6464");
	same(odd(packet_ip(&f, SRC6)), MACS "86dd60000000000b1140" IPV6 "04000035000bccc9"
					    "6f6464");
	same(frame_tcp(packet_ip(&f, SRC), 40000, 443, TCP_SYN),
	     MACS "0800450000280000000040068e99" IPV4 "9c4001bb00000000000000005002000025b00000");
	same(frame_put(frame_tcp(packet_ip(&f, SRC6), 40000, 443, 4 | TCP_ACK),
		       "GET / HTTP/1.0\r\n\r\n", 18),
	     MACS "86dd6000000000260640" IPV6 "9c4001bb000000000000000050140000d7ae0000"
		  "474554202f20485454502f312e300d0a0d0a");
	same(frame_icmp(packet_ip(&f, SRC), 8, 0),
	     MACS "08004500001c0000000040018eaa" IPV4 "0800f7ff00000000");
	same(frame_icmp(packet_ip(&f, SRC6), 128, 0),
	     MACS "86dd6000000000083a40" IPV6 "8000244800000000");
	same(odd(packet_between(frame_vlan(packet_ethernet(&f), ETH_P_8021Q, 5 << 13 | 7), SRC)),
	     MACS "8100a00708004500001f0000000040118e97" IPV4 "04000035000b3c076f6464");
	frame_vlan(frame_vlan(packet_ethernet(&f), ETH_P_8021AD, 7), ETH_P_8021Q, 8);
	same(frame_udp(packet_between(&f, SRC6), 1024, 53),
	     MACS "88a800078100000886dd6000000000081140" IPV6 "040000350008a034");
	same(odd(packet_between(frame_new(&f), SRC)),
	     "4500001f0000000040118e97" IPV4 "04000035000b3c076f6464");
	/* Nothing is said of what follows by what is no header. */
	same(frame_next(frame_put(frame_new(&f), "\1\2", 2), 3), "0102");
}

static void those_that_only_tests_send_too(void **state)
{
	static struct frame f;
	union rl_addr src, dst;

	same(odd(packet_options(packet_ip(&f, SRC), 2)),
	     MACS "080047000027000000004011888b" IPV4 "010101010101010104000035000b3c076f6464");
	same(frame_put(frame_udp(packet_fragment(packet_ip(&f, SRC), 0, true), 1024, 53), NULL, 8),
	     MACS "0800450000240000200040116e92" IPV4 "0400003500100f620000000000000000");
	frame_next(packet_fragment(packet_ip(&f, SRC), 64, false), IPPROTO_UDP);
	same(frame_put(&f, NULL, 8), MACS "08004500001c0000004040118e5a" IPV4 "0000000000000000");
	same(frame_put(frame_udp(packet_fragment(packet_ip(&f, SRC6), 0, true), 1024, 53), NULL, 8),
	     MACS "86dd6000000000182c40" IPV6 "1100000100000000040000350010a0240000000000000000");
	packet_extension(packet_ip(&f, SRC6), IPPROTO_HOPOPTS, 1);
	same(odd(packet_extension(&f, IPPROTO_DSTOPTS, 2)),
	     MACS "86dd6000000000230040" IPV6 "3c00000000000000"
		  "1101000000000000000000000000000004000035000bccc96f6464");
	frame_icmp(frame_hops(packet_ip(&f, "fe80::1", "ff02::1"), 255), 135, 0);
	addr_parse("2001:db8::2", 11, &dst);
	same(frame_put(&f, &dst, sizeof(dst)),
	     MACS "86dd6000000000183afffe800000000000000000000000000001ff020000000000000000000000"
		  "00000187004d6c0000000020010db8000000000000000000000002");
	addr_parse("192.0.2.1", 9, &src);
	addr_parse("198.51.100.2", 12, &dst);
	same(packet_arp(packet_ethernet(&f), &src, &dst),
	     MACS "08060001080006040002020000000001c0000201020000000000c6336402");
}

/* Scapy has no UDP-Lite: its checksum is that of UDP, and the protocol in it 119 more. */
static void udp_lite_is_udp_of_another_name(void **state)
{
	static struct frame f;

	same(frame_next(odd(packet_ip(&f, SRC)), IPPROTO_UDPLITE),
	     MACS "08004500001f0000000040888e20" IPV4 "04000035000b3b906f6464");
}

/* Of UDP 0 would say that there is none. */
static void no_checksum_of_udp_is_0(void **state)
{
	static struct frame f;

	same(frame_udp(packet_ip(&f, SRC), 1024, 4007),
	     MACS "08004500001c0000000040118e9a" IPV4 "04000fa70008ffff");
}

static void an_end_is_not_the_last_one(void **state)
{
	static struct frame f;

	assert_int_equal(frame_end(frame_put(frame_udp(packet_ip(&f, SRC), 1024, 53), "o", 1)), 0);
	same(frame_put(&f, "dd", 2),
	     MACS "08004500001f0000000040118e97" IPV4 "04000035000b3c076f6464");
}

static void what_ip_cannot_say_is_refused(void **state)
{
	static struct frame f;

	assert_int_equal(frame_end(frame_put(packet_ip(&f, SRC), NULL, 65515)), 0);
	assert_int_equal(frame_end(frame_put(&f, NULL, 1)), -EMSGSIZE);
	assert_int_equal(frame_end(frame_put(packet_ip(&f, SRC6), NULL, 65535)), 0);
	assert_int_equal(frame_end(frame_put(&f, NULL, 1)), -EMSGSIZE);
}

static struct frame *put_header(struct frame *f, size_t kind)
{
	static const __u8 mac[6];
	union rl_addr src, dst;

	addr_parse(kind == 2 ? "192.0.2.1" : "2001:db8::1", kind == 2 ? 9 : 11, &src);
	addr_parse("2001:db8::2", 11, &dst);
	switch (kind) {
	case 0:
		return frame_ethernet(f, mac, mac);
	case 1:
		return frame_vlan(f, ETH_P_8021Q, 7);
	case 2:
	case 3:
		return frame_hops(frame_ip(f, &src, &dst), 1);
	case 4:
		return frame_tcp(f, 1, 2, TCP_SYN);
	case 5:
		return frame_udp(f, 1, 2);
	case 6:
		return frame_icmp(f, 8, 0);
	default:
		return frame_put(f, NULL, 9);
	}
}

/* On the heap, where nothing of the frame's own stands behind its bytes. */
static void what_finds_no_room_is_not_written(void **state)
{
	static const size_t length[] = {14, 4, 20, 40, 20, 8, 8, 9};
	struct frame *f = malloc(sizeof(*f));

	_Static_assert(sizeof(*f) == offsetof(struct frame, data) + FRAME_BYTES, "padding");
	for (size_t kind = 0; kind < sizeof(length) / sizeof(length[0]); kind++) {
		for (size_t room = 0; room <= length[kind]; room++) {
			frame_put(frame_new(f), NULL, FRAME_BYTES - room);
			put_header(f, kind);
			assert_int_equal(f->full, room < length[kind]);
			assert_int_equal(f->len, FRAME_BYTES - (f->full ? room : 0));
			/* Whatever is said of it afterwards. */
			frame_hops(frame_next(f, 1), 1);
			put_header(f, 1);
			assert_true(f->full);
			assert_int_equal(frame_end(f), -ENOBUFS);
		}
	}
	assert_true(frame_put(frame_new(f), NULL, SIZE_MAX)->full);
	free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_those_that_another_builder_makes),
		cmocka_unit_test(those_that_only_tests_send_too),
		cmocka_unit_test(udp_lite_is_udp_of_another_name),
		cmocka_unit_test(no_checksum_of_udp_is_0),
		cmocka_unit_test(an_end_is_not_the_last_one),
		cmocka_unit_test(what_ip_cannot_say_is_refused),
		cmocka_unit_test(what_finds_no_room_is_not_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
