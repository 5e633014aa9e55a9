/* SPDX-License-Identifier: GPL-2.0-only */
/* Random frames for the tests of the parsers. */
#ifndef UNIT_FRAMES_H
#define UNIT_FRAMES_H

#include "base/frame.h"

/* Of all kinds, one in some broken. */
void frame_random(struct frame *m);
/* Sound, untagged, TCP or UDP, without options, extension headers or fragments. */
void frame_plain(struct frame *m);
/* Flips some bits, cuts it off, pads it; or does nothing. */
void frame_damage(struct frame *m);

#endif
