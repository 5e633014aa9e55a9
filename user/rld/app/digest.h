/* SPDX-License-Identifier: GPL-2.0-only */
/* Keys of applications as limits count them: 128 bits of SipHash-2-4, under a secret of the state
 * directory, so that who names keys can aim at nobody else's. Source: Aumasson and Bernstein,
 * "SipHash: a fast short-input PRF", 2012; by libsodium. */
#ifndef RLD_DIGEST_H
#define RLD_DIGEST_H

#include <stddef.h>

#include "base/diag.h"
#include "rl/names.h"

#define DIGEST_SECRET_BYTES 16
#define DIGEST_KEY_MAX 4096 /* bytes of an application's key */

struct digest_secret {
	unsigned char byte[DIGEST_SECRET_BYTES];
};

/* The secret of the state directory, made if there is none, so that a key is the same one after a
 * restart and a reboot. One that cannot be read or kept is an error that `d` tells; then `ret` is a
 * new one, which is good until the end of this run. */
int digest_secret_load(const char *state_dir, struct digest_secret *ret, struct diag *d);
/* The same in memory of its own, which the caller frees; an error is logged. -ENOMEM. */
int digest_secret_new(const char *state_dir, struct digest_secret **ret);
void digest_make(const struct digest_secret *secret, const void *key, size_t len,
		 union rl_addr *ret);

#endif
