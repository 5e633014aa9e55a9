// SPDX-License-Identifier: GPL-2.0-only
/* The trial of the data path in memory: packets of TCP under a rule set, as far as its rows, its
 * lists and fixed windows tell what becomes of them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dp/trial.h"
#include "fake_dp.h"

#define ETH 14
#define TAG 4

struct side {
	struct rl_rules *rules;
	struct dp_prefix *prefix[DP_SET_COUNT];
	struct dp_prefixes set[DP_SET_COUNT];
};

struct dp_trial {
	struct side side[DP_TRIAL_SETS];
	struct side *at;
	struct dp_trial_packet packet;
	struct dp_trial_judges judges;
	struct {
		__u64 began_ns[RL_WINDOWS_MAX];
		__u64 hits[RL_WINDOWS_MAX];
		struct dp_trial_count count;
	} state[RL_LIMITS_MAX];
};

void fake_dp_trial(void)
{
}

int dp_trial_open(struct dp *dp, struct dp_trial **ret, struct diag *d)
{
	*ret = calloc(1, sizeof(**ret));
	return 0;
}

static void empty(struct side *side)
{
	free(side->rules);
	for (int s = 0; s < DP_SET_COUNT; s++)
		free(side->prefix[s]);
	*side = (struct side){0};
}

void dp_trial_close(struct dp_trial *trial)
{
	for (unsigned nth = 0; trial && nth < DP_TRIAL_SETS; nth++)
		empty(&trial->side[nth]);
	free(trial);
}

bool dp_trial_ready(struct dp_trial *trial)
{
	return true;
}

void dp_trial_leave(struct dp_trial *trial)
{
	dp_trial_close(trial);
}

int dp_trial_rules(struct dp_trial *trial, unsigned nth, const struct dp_ruleset *set,
		   struct diag *d)
{
	struct side *side = &trial->side[nth];

	fake_dp_wait(&fake_dp()->trial_waits, &fake_dp()->trials_waiting);
	if (fake_dp()->trial_fails)
		return diag_errno(d, EPERM, "cannot load it");
	fake_dp()->trials++;
	empty(side);
	side->rules = malloc(sizeof(*side->rules));
	*side->rules = *set->rules;
	for (int s = 0; s < DP_SET_COUNT; s++) {
		side->set[s] = *set->set[s];
		side->prefix[s] = calloc(set->set[s]->count + 1, sizeof(struct dp_prefix));
		for (size_t i = 0; i < set->set[s]->count; i++)
			side->prefix[s][i] = set->set[s]->v[i];
	}
	return 0;
}

void dp_trial_rest(struct dp_trial *trial)
{
}

int dp_trial_begin(struct dp_trial *trial, unsigned nth, const struct dp_trial_packet *packet)
{
	trial->at = &trial->side[nth];
	trial->packet = *packet;
	memset(trial->state, 0, sizeof(trial->state));
	return 0;
}

/* The longest prefix of the set that covers the address; NULL: none. */
static const struct dp_prefix *find(const struct side *side, enum dp_set set,
				    const union rl_addr *addr)
{
	const struct dp_prefix *best = NULL;

	for (size_t i = 0; i < side->set[set].count; i++) {
		const struct dp_prefix *p = &side->prefix[set][i];
		const struct addr_prefix prefix = {.addr = p->addr, .len = (__u8)p->len};

		if (addr_in(addr, &prefix) && (!best || p->len > best->len))
			best = p;
	}
	return best;
}

static bool listed(const struct dp_trial *trial, enum dp_set set, __u64 now_ns)
{
	const struct dp_prefix *p = find(trial->at, set, &trial->packet.source);

	return p && (!p->until_ns || p->until_ns > now_ns);
}

static __u32 read16(const __u8 *at)
{
	return (__u32)at[0] << 8 | at[1];
}

struct facts {
	__u32 vlan, sport, dport, flags, bytes, ip_bytes;
	union rl_addr destination;
};

static void read_frame(const struct dp_trial_packet *packet, struct facts *f)
{
	const __u8 *at = packet->frame;
	size_t ip = packet->link == RL_LINK_IP ? 0 : ETH;

	f->bytes = (__u32)packet->len;
	f->vlan = RL_VLAN_NONE;
	if (ip && read16(at + ip - 2) == 0x8100) {
		f->vlan = read16(at + ip);
		ip += TAG;
	}
	f->ip_bytes = f->bytes - (__u32)ip;
	at += ip;
	f->destination = (union rl_addr){.byte = {[10] = 0xff, [11] = 0xff}};
	if (at[0] >> 4 == 4)
		memcpy(f->destination.byte + 12, at + 16, 4);
	else
		memcpy(f->destination.byte, at + 24, 16);
	at += at[0] >> 4 == 4 ? 20 : 40;
	f->sport = read16(at);
	f->dport = read16(at + 2);
	f->flags = at[13];
}

static __u32 row_of(const struct side *side, enum dp_set set, const union rl_addr *addr)
{
	const struct dp_prefix *p = find(side, set, addr);

	return p ? p->row : side->set[set].none;
}

static bool matches(const struct dp_trial *trial, const struct facts *f, __u32 limit)
{
	const struct side *side = trial->at;
	const struct rl_rules *r = side->rules;
	const struct {
		enum rl_dim dim;
		__u32 row;
	} rows[] = {
		{RL_DIM_PROTO, r->row_proto[6]},
		{RL_DIM_ICMP_TYPE, r->row_icmp[RL_ICMP_NONE]},
		{RL_DIM_TRAITS, r->row_traits[RL_TRAIT_PORTS]},
		{RL_DIM_FLAGS, r->row_flags[f->flags]},
		{RL_DIM_IFACE, r->row_iface[trial->packet.slot]},
		{RL_DIM_VLAN, r->row_vlan[f->vlan]},
		{RL_DIM_DPORT, r->row_dport[f->dport]},
		{RL_DIM_SPORT, r->row_sport[f->sport]},
		{RL_DIM_LENGTH, r->row_length[f->bytes]},
		{RL_DIM_IP_LENGTH, r->row_ip_length[f->ip_bytes]},
		{RL_DIM_SOURCE, row_of(side, DP_SET_SOURCE, &trial->packet.source)},
		{RL_DIM_DESTINATION, row_of(side, DP_SET_DESTINATION, &f->destination)},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const __u64 *word = &r->row[rows[i].row * RL_ROW_STRIDE(r->words) + 1];

		if (r->dims & 1u << rows[i].dim && !(word[limit / 64] & 1ull << limit % 64))
			return false;
	}
	return true;
}

static void find_judges(struct dp_trial *trial)
{
	const struct rl_rules *r = trial->at->rules;
	struct dp_trial_judges *judges = &trial->judges;
	struct facts facts;
	bool shielded = false;

	read_frame(&trial->packet, &facts);
	judges->count = 0;
	for (__u32 i = 0; i < r->limits; i++) {
		__u64 bit = 1ull << i % 64;

		if (!(r->live[i / 64] & bit) || !matches(trial, &facts, i))
			continue;
		judges->index[judges->count++] = (__u16)i;
		shielded |= r->enforcing[i / 64] & bit;
	}
	if (!shielded && r->default_limit < RL_LIMITS_MAX &&
	    matches(trial, &facts, r->default_limit))
		judges->index[judges->count++] = (__u16)r->default_limit;
}

static bool refuses(struct dp_trial *trial, __u32 index, __u64 now_ns)
{
	const struct rl_limit *limit = &trial->at->rules->limit[index];
	bool refused = false;

	for (int i = 0; i < limit->windows && !refused; i++) {
		const struct rl_window *w = &limit->window[i];
		__u64 *began_ns = &trial->state[index].began_ns[i];
		__u64 *hits = &trial->state[index].hits[i];

		if (!*began_ns || now_ns - *began_ns >= w->period_ns) {
			*began_ns = now_ns;
			*hits = 0;
		}
		*hits += limit->unit == RL_UNIT_BYTES ? trial->packet.len : 1;
		refused = *hits > w->amount;
	}
	trial->state[index].count.refused += refused;
	trial->state[index].count.passed += !refused;
	return refused && !(limit->flags & RL_LIMIT_MONITOR);
}

int dp_trial_send(struct dp_trial *trial, __u64 now_ns)
{
	trial->judges.count = 0;
	if (trial->at->rules->mode != RL_MODE_ENFORCE)
		return 1;
	if (listed(trial, DP_SET_ALLOW, now_ns))
		return 1;
	if (trial->packet.denied && listed(trial, DP_SET_DENY, now_ns))
		return 0;
	find_judges(trial);
	for (__u32 i = 0; i < trial->judges.count; i++)
		if (refuses(trial, trial->judges.index[i], now_ns))
			return 0;
	return 1;
}

int dp_trial_judges(struct dp_trial *trial, struct dp_trial_judges *ret)
{
	*ret = trial->judges;
	memset(ret->index + ret->count, 0, (RL_JUDGE_MAX - ret->count) * sizeof(ret->index[0]));
	return 0;
}

int dp_trial_count(struct dp_trial *trial, __u32 index, struct dp_trial_count *ret)
{
	*ret = trial->state[index].count;
	return 0;
}

void dp_trial_pass(struct dp_trial *trial, unsigned nth, __u32 index, bool pass)
{
	struct rl_limit *limit = &trial->side[nth].rules->limit[index];

	limit->flags = pass ? RL_LIMIT_MONITOR : 0;
}
