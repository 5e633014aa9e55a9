/* SPDX-License-Identifier: GPL-2.0-only */
/* What of a limit follows from what was said of it; nobody else writes these fields. The grammar
 * writes what was said, or is by default; identity_assign() the id and the slot; rl_seal() `nh`.
 *
 *   mask4, mask6         the first 96 + prefix4 and the first prefix6 bits; none where the key has
 *                        no source. What rl_masked() leaves of it (bpf/state/key.h).
 *   step_ns, step_rem    of token-bucket, else 0: period_ns / amount, whole and what is left over.
 *   burst_ns, burst_rem  of token-bucket, else 0: B * period_ns / amount, likewise; B is the burst,
 *                        or the amount where none was said. GCRA, as rl_take_bucket() has it
 *                        (bpf/strategy/strategy.h); with what is left over, so that no rate drifts.
 *   keep_ns              how long a hit can matter: the longest period; twice that of a sliding
 *                        window, which looks back on the one before; burst_ns if that is longer,
 *                        since a bucket in debt pays it off. For rl_state.keep_until.
 *   logs                 of moving-window, else 0: 1 + RL_LOG_CLASS(amount), four bits a window,
 *                        the first one lowest (rl_log_class(), bpf/state/logs.bpf.h).
 *   RL_LIMIT_FINE_CLOCK  for moving-window; for token-bucket if burst_ns is below a second, else if
 *                        a period is: a tick of the cheap clock, up to 10 ms, is no small part of
 *                        that (bpf/limit/case.bpf.h).
 */
#ifndef CONF_DERIVE_H
#define CONF_DERIVE_H

#include "rl/abi.h"

/* Of 1 to RL_WINDOWS_MAX windows, the shortest first, of less than UNITS_SPAN_MAX each; a bucket
 * has one, with an amount. -ERANGE: its burst takes UNITS_SPAN_MAX or longer to fill, and the limit
 * is of no use. */
int conf_derive(struct rl_limit *l);

#endif
