// SPDX-License-Identifier: GPL-2.0-only
/* Whose the state directory is. */
#include "rld/persist/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "rld/loop/log.h"
#include "rld/persist/persist_files.h"

#define CONTENT_MAX (PATH_MAX + 64)

void owner_path(const char *path, char ret[static PATH_MAX])
{
	size_t used = 0;

	ret[0] = 0;
	if (path[0] != '/' && getcwd(ret, PATH_MAX - 1))
		used = strlen(ret);
	if (used && ret[used - 1] != '/')
		ret[used++] = '/';
	for (; *path && used + 1 < PATH_MAX; path++)
		if (*path != '/' || !used || ret[used - 1] != '/')
			ret[used++] = *path;
	while (used > 1 && ret[used - 1] == '/')
		used--;
	ret[used] = 0;
}

/* -EBADMSG: something, but no owner. */
static int read_owner(int fd, struct owner *ret)
{
	char text[CONTENT_MAX];
	ssize_t len = pread(fd, text, sizeof(text) - 1, 0);
	struct owner found = {0};

	text[len > 0 ? len : 0] = 0;
	if (sscanf(text, PERSIST_OWNER_READ, &found.pid, found.bpffs) != 2)
		found = (struct owner){.pid = OWNER_UNKNOWN};
	*ret = found;
	return len > 0 && !found.bpffs[0] ? -EBADMSG : 0;
}

static int write_owner(int fd, int pid, const char *bpffs)
{
	char text[CONTENT_MAX];
	char path[PATH_MAX];
	int len = 0;

	owner_path(bpffs, path);
	if (bpffs[0])
		len = snprintf(text, sizeof(text), PERSIST_OWNER, pid, path);
	errno = ENOSPC; /* of a short write */
	if (pwrite(fd, text, (size_t)len, 0) != len || ftruncate(fd, len))
		return -errno;
	return 0;
}

static int fail_owned(const char *dir, int fd, struct diag *d)
{
	struct owner owner;

	read_owner(fd, &owner);
	if (owner.pid > 0)
		diag_set(d, DIAG_FAILED, "rld runs already: pid %d, on %s, keeps its state in %s",
			 owner.pid, owner.bpffs, dir);
	else
		diag_set(d, DIAG_FAILED, "rld runs already: it keeps its state in %s", dir);
	diag_hint(d, "stop it first, or give this one its own --state-dir, --bpffs, --socket and "
		     "--listen");
	return -EBUSY;
}

/* Of a disk: it is no mistake in an option, and no reason to go without limits. */
static bool is_disk(int err)
{
	return err == EROFS || err == ENOSPC || err == EDQUOT || err == EIO;
}

/* As far as the disk lets it; what does not fit is told where it matters, by persist.h. */
static int open_owner(const char *dir, const char *path, int *ret_fd, struct diag *d)
{
	int fd = path ? persist_make(path, O_RDWR) : -1;
	int err = path ? errno : ENOMEM;

	if (fd < 0 && is_disk(err))
		fd = open(path, O_RDONLY | O_CLOEXEC);
	*ret_fd = fd;
	if (fd >= 0 || is_disk(err))
		return 0;
	return diag_errno(d, err, "cannot write %s/%s, which says whose the directory is", dir,
			  PERSIST_OWNER_FILE);
}

int owner_take(const char *dir, const char *bpffs, int *ret_fd, struct owner *ret_before,
	       struct diag *d)
{
	_cleanup_free_ char *path = persist_path(dir, PERSIST_OWNER_FILE);
	_cleanup_close_ int fd = -1;
	int err;

	if (mkdir(dir, 0755) && errno != EEXIST && !is_disk(errno))
		return diag_errno(d, errno, "cannot make the state directory %s", dir);
	err = open_owner(dir, path, &fd, d);
	if (err || fd < 0)
		return err;
	if (flock(fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK
			       ? fail_owned(dir, fd, d)
			       : diag_errno(d, errno, "cannot lock the state directory %s", dir);
	if (read_owner(fd, ret_before))
		log_line("%s is damaged (expected \"pid N\" and \"bpffs DIR\"), so that it does "
			 "not say how the rld before ended: taken as a crash, and written anew",
			 path);
	err = write_owner(fd, getpid(), bpffs);
	if (err && err != -EBADF && !is_disk(-err))
		return diag_errno(d, -err, "cannot write to the state directory %s", dir);
	*ret_fd = fd;
	fd = -1;
	return 0;
}

void owner_release(int fd, const struct owner *left)
{
	if (fd < 0)
		return;
	write_owner(fd, left->pid, left->bpffs);
	close(fd);
}

int owner_look(const char *dir, int *ret_fd, struct owner *ret)
{
	_cleanup_free_ char *path = persist_path(dir, PERSIST_OWNER_FILE);
	_cleanup_close_ int fd = path ? open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
	int err;

	if (!path)
		return -ENOMEM;
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	err = read_owner(fd, ret);
	if (err)
		return err;
	*ret_fd = fd;
	fd = -1;
	return 0;
}
