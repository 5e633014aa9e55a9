/* SPDX-License-Identifier: GPL-2.0-only */
/* The word that a CPU counts its hottest source in (hot.bpf.h): 1 bit: the CPU counts; 2 bits: what
 * is a hit; 9 bits: how often another source took the place; then bytes and packets as in the front
 * table (front.h). Pure. */
#ifndef RL_HOT_H
#define RL_HOT_H

#define RL_HOT_COUNTS (1ull << 63)
#define RL_HOT_HITS_PACKETS (1ull << 62)
#define RL_HOT_HITS_BYTES (1ull << 61)
#define RL_HOT_KIND (7ull << 61)
#define RL_HOT_TURN (1ull << 52)
#define RL_HOT_TURNS (RL_HOT_HITS_BYTES - RL_HOT_TURN)
/* Packets; one bit of their number. So many go into the state. */
#define RL_HOT_FULL 256ull

#endif
