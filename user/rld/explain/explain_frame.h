/* SPDX-License-Identifier: GPL-2.0-only */
/* The frame that a packet in words stands for: Ethernet, at most one VLAN tag, IP, transport,
 * zeros. Pure.
 */
#ifndef RLD_EXPLAIN_FRAME_H
#define RLD_EXPLAIN_FRAME_H

#include "conf/model/conf.h"

/* Fills in the headers; `frame` has packet->bytes bytes, all 0. */
void explain_frame(const struct conf_packet *packet, __u8 *frame);

#endif
