/* SPDX-License-Identifier: GPL-2.0-only */
/* Capture files, record by record; the only part of the tree that knows libpcap. Without abi.h,
 * since <pcap/bpf.h> and <linux/bpf.h> both define struct bpf_insn. */
#ifndef RLD_REPLAY_PCAP_H
#define RLD_REPLAY_PCAP_H

#include "base/diag.h"
#include "rld/replay/replay_frame.h"

struct capture;

/* pcap and pcapng, of microseconds or nanoseconds; "-" is the standard input. `filter`: an
 * expression of pcap-filter(7) that records must match, or NULL. */
int capture_open(const char *path, const char *filter, struct capture **ret, struct diag *d);
void capture_close(struct capture *capture);
enum replay_link capture_link(const struct capture *capture);
const char *capture_link_name(const struct capture *capture); /* "EN10MB" */
/* 1 and the next record, good until the next call; 0 at the end; or -errno. */
int capture_next(struct capture *capture, struct replay_record *ret, struct diag *d);

#endif
