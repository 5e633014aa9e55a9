// SPDX-License-Identifier: GPL-2.0-only
/* Write, sync, rename, sync the directory. */
#include "base/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

static int sync_and_close(FILE *file)
{
	int err = 0;

	errno = 0;
	if (fflush(file) || ferror(file) || fsync(fileno(file)))
		err = errno ? -errno : -EIO;
	if (fclose(file) && !err)
		err = -errno;
	return err;
}

static int sync_directory_of(const char *path)
{
	_cleanup_close_ int fd = -1;
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX];

	if (snprintf(dir, sizeof(dir), "%.*s", slash ? (int)(slash - path) + 1 : 1,
		     slash ? path : ".") >= (int)sizeof(dir))
		return -ENAMETOOLONG;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || fsync(fd) ? -errno : 0;
}

int replace_file(FILE *file, const char *temporary, const char *path)
{
	int err = sync_and_close(file);

	if (!err && rename(temporary, path))
		err = -errno;
	if (!err)
		return sync_directory_of(path);
	unlink(temporary);
	return err;
}
