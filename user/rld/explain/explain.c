// SPDX-License-Identifier: GPL-2.0-only
/* The packet, the verdict, and the steps to it as JSON. */
#include "rld/explain/explain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "conf/grammar/cond_names.h"
#include "conf/grammar/grammar.h"
#include "rld/explain/explain_frame.h"
#include "rld/explain/explain_open.h"
#include "rld/explain/explain_steps.h"
#include "rld/links/ifaces.h"

static json_t *packet_json(const struct conf_packet *p)
{
	json_t *json = json_object();
	char flags[FLAGS_TEXT];

	json_set_addr(json, "destination", &p->destination);
	json_set_text(json, "iface", p->iface[0] ? p->iface : NULL);
	json_set_u64(json, "proto", p->proto);
	if (conf_packet_has_ports(p)) {
		json_set_u64(json, "dport", p->dport);
		json_set_u64(json, "sport", p->sport);
	}
	json_set_bool(json, "syn", p->syn);
	json_set_text(json, "flags", p->proto == 6 ? flags_format(p->flags, flags) : NULL);
	if (conf_packet_has_icmp(p))
		json_set_u64(json, "icmp_type", p->icmp_type);
	if (p->vlan != RL_VLAN_NONE)
		json_set_u64(json, "vlan", p->vlan);
	json_set_u64(json, "bytes", p->bytes);
	return json;
}

/* Where nothing was said, and there is no choice, that one. */
static int link_of(void *ctx, char name[static IF_NAMESIZE])
{
	struct dp_iface v[RL_IFACES_MAX], iface;

	if (!name[0] && dp_ifaces(ctx, v) == 1)
		memcpy(name, v[0].name, sizeof(v[0].name));
	return ifaces_find(ctx, name, &iface) ? (int)iface.link : -1;
}

static int explain(struct explaining *x, struct diag *d)
{
	_cleanup_free_ struct frame *frame = malloc(sizeof(*frame));
	int err = frame ? explain_frame(&x->packet, frame) : -ENOMEM;

	if (err)
		return diag_errno(d, -err, "cannot explain");
	return dp_explain(x->rld->dp, frame->data, (__u32)frame->len,
			  dp_iface_slot(x->rld->dp, x->packet.iface), &x->e, d);
}

/* A refusal stands if the limit judges the packet whatever else is said of it; `default` judges
 * only what no other one does. */
static bool depends_on_more(const struct explaining *x, const struct explain_open *open)
{
	const struct conf_limit *by;
	char needs[CONF_TEXT];
	bool keyed;

	if (x->e.verdict != RL_VERDICT_DROP || x->e.decided < 0)
		return open->depends;
	by = x->rld->conf->limit[x->e.limit[x->e.decided].index];
	if (conf_packet_fit(&x->packet, by, needs, &keyed) != CONF_FIT_YES)
		return open->depends;
	return explain_is_default(&by->abi) && open->shields;
}

/* The verdict, unless it depends on what was not said. */
static void set_verdict(const struct explaining *x, json_t *data)
{
	struct explain_open open = {0};
	bool depends;

	if (explain_stage_of(&x->e) == STAGE_LIMITS)
		open = explain_open(x->rld, &x->packet);
	depends = depends_on_more(x, &open);
	json_set_text(data, "verdict",
		      depends ? "depends" : names_text(&names_verdict, x->e.verdict));
	json_set_text(data, "reason", depends ? NULL : names_text(&names_reason, x->e.reason));
	json_set_bool(data, "complete", !depends);
	json_object_set_new(data, "decided_by", depends ? json_null() : explain_decided_json(x));
	json_object_set_new(data, "open", open.limits ? open.limits : json_array());
}

json_t *explain_view(struct rld *rld, const struct request *request, struct diag *d)
{
	struct explaining x = {.rld = rld};
	json_t *data;

	if (conf_packet_parse(request->word, request->words, link_of, rld->dp, &x.packet, d))
		return NULL;
	if (explain(&x, d))
		return NULL;
	data = json_object();
	json_set_addr(data, "source", &x.packet.source);
	json_object_set_new(data, "packet", packet_json(&x.packet));
	set_verdict(&x, data);
	json_object_set_new(data, "steps", explain_steps_json(&x));
	return data;
}
