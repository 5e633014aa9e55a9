// SPDX-License-Identifier: GPL-2.0-only
/* rlctl. */
#include "rlctl/rlctl.h"

int main(int argc, char *argv[])
{
	return cli_run(argc, argv);
}
