// SPDX-License-Identifier: GPL-2.0-only
/* `check FILE`: the daemon's own parser and compiler, without the daemon. */
#include "base/cleanup.h"
#include "base/time.h"
#include "conf/conf.h"
#include "rlctl/rlctl.h"

/* Which interfaces there are does not matter here. */
static __u32 any_slot(void *ctx, const char *name)
{
	return 1;
}

static void free_conf(struct conf **conf)
{
	conf_free(*conf);
}

int check_file(const struct options *options, char *const words[], size_t count)
{
	_cleanup_(free_conf) struct conf *conf = conf_new();
	_cleanup_(conf_image_done) struct conf_image image = {0};
	struct diag d = {0};
	json_t *answer;

	if (count != 2) {
		diag_set(&d, DIAG_USAGE, "check takes the name of a file");
		return cli_fail(options, &d);
	}
	if (!conf || conf_load_file(conf, words[1], time_wall_ns() / (__s64)TIME_NS, stderr, &d) ||
	    conf_compile(conf, any_slot, NULL, &image, &d)) {
		d.kind = DIAG_CONFIG;
		return cli_fail(options, &d);
	}
	answer = json_answer(
		json_pack("{s:b, s:I}", "valid", 1, "limits", (json_int_t)conf->limits));
	if (options->json)
		cli_print_json(options, answer);
	else if (!options->quiet)
		printf("%s: valid, %zu limits\n", words[1], conf->limits);
	json_decref(answer);
	return 0;
}
