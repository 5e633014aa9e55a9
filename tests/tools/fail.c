// SPDX-License-Identifier: GPL-2.0-only
/* fail FILE KIND N: the Nth call of that kind (bpf, mapping, memory, update: of the program of a link) is to fail. fail FILE: how many calls are left until
 * then, 0 if it has failed or none is to. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fail.h"

static int usage(void)
{
	fprintf(stderr, "Usage: fail FILE [bpf|mapping|memory|update N]\n");
	return 2;
}

int main(int argc, char *argv[])
{
	static const char *const kinds[] = {"bpf", "mapping", "memory", "update"};
	struct fail plan = {0};
	int fd = argc > 1 ? open(argv[1], O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;

	if (fd < 0 || (argc != 2 && argc != 4))
		return usage();
	if (argc == 2) {
		if (pread(fd, &plan, sizeof(plan), 0) != sizeof(plan))
			return 1;
		printf("%d\n", plan.left);
		return 0;
	}
	plan.kind = -1;
	for (int i = 0; i < 4; i++)
		if (!strcmp(kinds[i], argv[2]))
			plan.kind = i;
	plan.left = atoi(argv[3]);
	if (plan.kind < 0 || plan.left < 0)
		return usage();
	return pwrite(fd, &plan, sizeof(plan), 0) != sizeof(plan);
}
