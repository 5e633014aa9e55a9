// SPDX-License-Identifier: GPL-2.0-only
/* Whether a limit would judge a packet in words: to be asked of disabled ones, which the program
 * does not look at. */
#include "conf/model/cond.h"

bool conf_packet_matches(const struct conf_packet *p, const struct conf_limit *l)
{
	struct conf_packet whole = *p;

	whole.known = ~0u;
	for (size_t i = 0; i < l->conds; i++)
		if (cond_met(&l->cond[i], &whole) != COND_YES)
			return false;
	if (conf_limit_is_app(l) || (l->abi.unit == RL_UNIT_CONNECTIONS && !p->syn))
		return false;
	return !(l->abi.key & (RL_KEY_DPORT | RL_KEY_SPORT)) || conf_packet_has_ports(p);
}
