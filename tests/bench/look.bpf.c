// SPDX-License-Identifier: GPL-2.0-only
/* The floor of whoever looks at a packet at all: its headers come from the memory of another CPU.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* Enough for the source of IPv4 and IPv6, tagged or not. */
struct headers {
	__u32 word[10];
};

SEC("xdp")
int look(struct xdp_md *ctx)
{
	struct headers *h = (void *)(long)ctx->data;

	if ((void *)(h + 1) > (void *)(long)ctx->data_end)
		return XDP_PASS;
	return *(volatile __u32 *)&h->word[6] || *(volatile __u32 *)&h->word[9] ? XDP_DROP
										: XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
