// SPDX-License-Identifier: GPL-2.0-only
/* A candidate configuration beside the one at work: the guard's objections, interfaces, options. */
#include "rld/outlook.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/time.h"
#include "rld/guard.h"
#include "rld/ifaces.h"
#include "rld/lists.h"

static void free_conf(struct conf **conf)
{
	conf_free(*conf);
}

static json_t *pending_of(const struct rld *rld, const struct conf *cand)
{
	json_t *list = json_array();
	struct dp_iface iface;

	for (size_t i = 0; i < cand->attaches; i++) {
		const char *name = cand->attach[i].iface;
		const char *note = ifaces_note(rld, name);

		if (ifaces_get(rld->dp, name, &iface) || if_nametoindex(name))
			continue;
		json_array_append_new(list,
				      json_pack("{s:s, s:s}", "name", name, "note",
						note[0] ? note : "there is no such interface"));
	}
	return list;
}

static bool names_iface(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->attaches; i++)
		if (!strcmp(conf->attach[i].iface, name))
			return true;
	return false;
}

static json_t *detached_of(const struct rld *rld, const struct conf *cand)
{
	struct dp_iface v[RL_IFACES_MAX];
	size_t count = dp_ifaces(rld->dp, v);
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		if (!names_iface(cand, v[i].name))
			json_array_append_new(list, json_string(v[i].name));
	return list;
}

static json_t *restarts_of(const struct rld *rld, const struct conf *cand)
{
	json_t *list = json_array();

	if (cand->options.sources_max != dp_sources_max(rld->dp))
		json_array_append_new(list, json_string("sources-max"));
	return list;
}

static json_t *outlook_of(const struct rld *rld, const struct conf *cand,
			  const struct peers *clients)
{
	const struct guard_change change = {.old = rld->conf, .new = cand, .clients = clients};

	return json_pack("{s:I, s:o, s:o, s:o, s:o}", "limits", (json_int_t)cand->limits,
			 "warnings", guard_objections(rld, &change), "pending",
			 pending_of(rld, cand), "detached", detached_of(rld, cand),
			 "restart_needed", restarts_of(rld, cand));
}

static __u32 any_slot(void *ctx, const char *name)
{
	return 1;
}

json_t *outlook_check(const struct rld *rld, const struct request *request, struct diag *d)
{
	_cleanup_(free_conf) struct conf *cand = conf_new();
	_cleanup_(conf_image_done) struct conf_image image = {0};
	struct peer session = request->session;
	const struct peers clients = {.v = &session, .count = session.port != 0};

	if (!request->config) {
		diag_set(d, DIAG_USAGE, "check needs the statements as text in \"config\"");
		return NULL;
	}
	if (!cand) {
		diag_errno(d, ENOMEM, "cannot check a configuration");
		return NULL;
	}
	if (conf_load_text(cand, request->config, time_wall_ns() / (__s64)TIME_NS, d) ||
	    lists_carry_timed(cand, rld->conf, d) ||
	    conf_compile(cand, any_slot, NULL, &image, d)) {
		d->kind = DIAG_CONFIG;
		return NULL;
	}
	return outlook_of(rld, cand, &clients);
}
