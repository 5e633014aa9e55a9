// SPDX-License-Identifier: GPL-2.0-only
/* Ports given, and ports found. */
#include "rld/guard/protect.h"

#include "rld/guard/sshd.h"

#define SSH_PORT 22

int protect_ports(const struct rld *rld, const struct conf_options *options, struct ports *ret)
{
	int err = 0;

	*ret = (struct ports){0};
	for (size_t i = 0; i < options->protect_ports; i++)
		ports_add(ret, options->protect_port[i]);
	if (options->protect_auto) {
		ports_add(ret, SSH_PORT);
		err = sshd_ports("", ret);
		ports_add_all(ret, &rld->named_ports);
	}
	return err;
}
