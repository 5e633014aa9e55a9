// SPDX-License-Identifier: GPL-2.0-only
/* Packets for benchmarks: each gets another source, then leaves for a device or enters a program.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "tests/bench/plan.h"

const volatile struct bench_plan plan;
struct bench_cpu cpus[BENCH_CPUS];

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BENCH_ZIPF);
	__type(key, __u32);
	__type(value, __u32);
} zipf SEC(".maps");

/* The program under test, or one that does nothing. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} next SEC(".maps");

#define BASE 0x0a000000u /* 10.0.0.0, of which the first 2^24 sources are */

/* A bijection, so that sources that follow each other have nothing in common. */
static __always_inline __u32 scatter(__u32 i)
{
	return i * 2654435761u;
}

static __always_inline __u32 random_of(struct bench_cpu *c)
{
	__u32 x = c->random;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return c->random = x;
}

/* Outside of 0/8, 10/8, 127/8 and 224/3. */
static __always_inline __u32 stranger(__u32 i)
{
	__u32 a = scatter(i), top = a >> 24;

	return !top || top == 10 || top == 127 || top >= 224 ? a ^ 0x60000000 : a;
}

static __always_inline __u32 draw(struct bench_cpu *c)
{
	__u32 i = scatter(c->packets) >> 12, *drawn = bpf_map_lookup_elem(&zipf, &i);

	return BASE + (drawn ? *drawn & plan.mask : 0);
}

static __always_inline __u32 next_source(struct bench_cpu *c)
{
	__u32 i = c->packets++;

	switch (plan.order) {
	case BENCH_ZIPFIAN:
		return draw(c);
	case BENCH_NEW:
		return stranger(i);
	case BENCH_MIXED:
		if (i % BENCH_KNOWN_EVERY)
			return stranger(c->fresh++);
		return BASE + (c->known++ & plan.mask);
	default:
		return BASE + ((i > plan.mask ? random_of(c) : i) & plan.mask);
	}
}

static __always_inline void write_ipv4(struct iphdr *ip, __u32 source)
{
	__u32 sum = plan.sum + (source >> 16) + (source & 0xffff);

	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	ip->saddr = bpf_htonl(source);
	ip->check = bpf_htons(~sum & 0xffff);
}

/* False if the frame is too short. */
static __always_inline int new_source(struct xdp_md *ctx)
{
	__u32 cpu = bpf_get_smp_processor_id() % BENCH_CPUS;
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	void *l3 = data + plan.l3;
	__u64 *head = data;
	struct ipv6hdr *ip6 = l3;
	struct iphdr *ip = l3;

	if (data + sizeof(plan.head) > end || l3 + sizeof(*ip6) > end)
		return 0;
	head[0] = plan.head[0];
	head[1] = plan.head[1];
	if (plan.ipv6)
		ip6->saddr.in6_u.u6_addr32[1] = bpf_htonl(next_source(&cpus[cpu]));
	else
		write_ipv4(ip, next_source(&cpus[cpu]));
	return 1;
}

SEC("xdp")
int generate(struct xdp_md *ctx)
{
	return new_source(ctx) ? bpf_redirect(plan.ifindex, 0) : XDP_ABORTED;
}

/* With fragments as the program under test has them: a tail call joins only what is alike. */
SEC("xdp.frags")
int front(struct xdp_md *ctx)
{
	if (new_source(ctx))
		bpf_tail_call(ctx, &next, 0);
	return XDP_ABORTED;
}

SEC("xdp.frags")
int empty(struct xdp_md *ctx)
{
	return XDP_DROP;
}

char LICENSE[] SEC("license") = "GPL";
