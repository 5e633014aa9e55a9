// SPDX-License-Identifier: GPL-2.0-only
/* To be preloaded: a disk that takes as many seconds for a sync as the file $RLD_TEST_SYNC says; of
 * less than none, an error after them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int fsync(int fd)
{
	const char *path = getenv("RLD_TEST_SYNC");
	FILE *file = path ? fopen(path, "re") : NULL;
	int seconds = 0;

	if (file && fscanf(file, "%d", &seconds) != 1)
		seconds = 0;
	if (file)
		fclose(file);
	sleep((unsigned)abs(seconds));
	if (seconds >= 0)
		return (int)syscall(SYS_fsync, fd);
	errno = EIO;
	return -1;
}
