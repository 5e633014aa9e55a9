/* SPDX-License-Identifier: GPL-2.0-only */
/* A frame of the driver's, read by the parsers. */
#ifndef RL_FRAME_BPF_H
#define RL_FRAME_BPF_H

#include "bpf/call/call.bpf.h"
#include "bpf/parse/parse_plain.h"

/* Below this a driver has no reason to part a frame. */
#define RL_LINEAR_BYTES 1024

/* Asking for a frame's length is a call, so it is asked only where it may be more than the part
 * that the program sees: here in long frames, below in those that are no plain ones without it. */
static __always_inline __u32 rl_frame_bytes(struct xdp_md *ctx)
{
	__u32 bytes = rl_bytes_between((void *)(long)ctx->data, (void *)(long)ctx->data_end);

	return bytes < RL_LINEAR_BYTES ? bytes : bpf_xdp_get_buff_len(ctx);
}

static __always_inline int rl_copy_frame(void *ctx, __u32 at, void *to, __u32 size)
{
	return bpf_xdp_load_bytes(ctx, at, to, size);
}

/* Of a frame with headers behind its linear part. */
__attribute__((noinline)) int rl_parse_parted(struct xdp_md *ctx, struct rl_call *call)
{
	__u64 copy[RL_COPY_BYTES / 8];
	struct rl_cursor c = {.copy = rl_copy_frame, .frame = ctx, .to = copy};
	enum rl_reason reason;

	if (!call)
		return RL_REASON_INTERNAL;
	c.bytes = call->subject.bytes;
	reason = rl_parse(&c, &call->pkt);
	return c.unreadable ? RL_REASON_HEADER_DEPTH : reason;
}

__attribute__((noinline)) int rl_parse_any(struct xdp_md *ctx, struct rl_call *call)
{
	struct rl_cursor c = {.pos = (void *)(long)ctx->data, .end = (void *)(long)ctx->data_end};
	__u32 linear = rl_bytes_between(c.pos, c.end);
	enum rl_reason reason;

	if (!call)
		return RL_REASON_INTERNAL;
	call->subject.bytes = bpf_xdp_get_buff_len(ctx);
	reason = rl_parse(&c, &call->pkt);
	/* What is read to its transport is read as a whole; all else may be so where the linear
	 * part ends, be it before the first byte. */
	if (reason != RL_GO && linear < call->subject.bytes)
		reason = rl_parse_parted(ctx, call);
	return reason == RL_GO ? rl_exempt(&call->pkt) : reason;
}

/* RL_GO, or why the packet is not judged. */
static __always_inline enum rl_reason rl_parse_frame(struct xdp_md *ctx, struct rl_call *call)
{
	struct rl_cursor c = {.pos = (void *)(long)ctx->data, .end = (void *)(long)ctx->data_end};

	if (call->pkt.link == RL_LINK_ETHERNET && rl_parse_plain(&c, &call->pkt))
		return RL_GO;
	return rl_parse_any(ctx, call);
}

#endif
