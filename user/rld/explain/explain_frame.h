/* SPDX-License-Identifier: GPL-2.0-only */
/* The frame that a packet in words stands for: Ethernet, at most one VLAN tag, IP, transport,
 * zeros. Pure.
 */
#ifndef RLD_EXPLAIN_FRAME_H
#define RLD_EXPLAIN_FRAME_H

#include "base/frame.h"
#include "conf/model/conf.h"

/* Makes it as long as packet->bytes says. 0, or what frame_end() says. */
int explain_frame(const struct conf_packet *packet, struct frame *f);

#endif
