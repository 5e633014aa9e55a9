// SPDX-License-Identifier: GPL-2.0-only
/* The frame that every benchmark sends. */
#include <errno.h>
#include <linux/if_ether.h>
#include <string.h>

#include "tests/bench/frame.h"
#include "tests/lib/packets.h"

/* The program writes another source each time: there is none in the sum of IPv4's header, and no
 * checksum of UDP. */
static void leave_source_open(struct frame *f, struct bench_plan *plan)
{
	const __u8 *sum = f->data + f->ip + 10;

	plan->l3 = (__u32)f->ip;
	plan->sum = plan->ipv6 ? 0 : ~(sum[0] << 8 | sum[1]) & 0xffff;
	memset(f->data + f->sum, 0, 2);
	memcpy(plan->head, f->data, sizeof(plan->head));
}

int bench_frame(const char *kind, const unsigned char mac[6], struct frame *ret,
		struct bench_plan *plan)
{
	static const __u8 from[6] = {2};
	bool vlan = !strcmp(kind, "vlan");

	plan->ipv6 = !strcmp(kind, "ipv6");
	if (!vlan && !plan->ipv6 && strcmp(kind, "ipv4"))
		return -EINVAL;
	frame_ethernet(frame_new(ret), mac, from);
	if (vlan)
		frame_vlan(ret, ETH_P_8021Q, 10);
	packet_between(ret, plan->ipv6 ? "2001:db8::1" : "0.0.0.0",
		       plan->ipv6 ? "2001:db8:ffff::2" : "192.0.2.2");
	packet_end(frame_put(frame_udp(ret, 40000, 9), NULL, plan->ipv6 ? 2 : 18));
	leave_source_open(ret, plan);
	return 0;
}
