// SPDX-License-Identifier: GPL-2.0-only
/* Everything out of the kernel, and what would bring it back out of the way. */
#include "rld/detach.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "rld/loop/log.h"
#include "rld/persist/owner.h"
#include "rld/persist/persist_files.h"

static const char *const kept[] = {PERSIST_SNAPSHOT, PERSIST_LOG, PERSIST_SOURCES};
#define KEPT (sizeof(kept) / sizeof(*kept))

static void aside_path(const char *dir, const char *name, char ret[static PATH_MAX])
{
	if (snprintf(ret, PATH_MAX, "%s/" PERSIST_ASIDE "/%s", dir, name) >= PATH_MAX)
		ret[0] = 0;
}

static bool is_there(const char *dir, const char *name)
{
	_cleanup_free_ char *path = persist_path(dir, name);

	return path && !access(path, F_OK);
}

/* What an earlier detach has set aside goes, or its bans would stand beside these statements. */
static int make_aside(const char *dir)
{
	char path[PATH_MAX];

	aside_path(dir, "", path);
	if (mkdir(path, 0755) && errno != EEXIST)
		return -errno;
	for (size_t i = 0; i < KEPT; i++) {
		aside_path(dir, kept[i], path);
		if (unlink(path) && errno != ENOENT)
			return -errno;
	}
	return 0;
}

/* 1 if there was something. */
static int set_aside(const char *dir)
{
	bool any = false;
	int err;

	for (size_t i = 0; i < KEPT; i++)
		any |= is_there(dir, kept[i]);
	err = any ? make_aside(dir) : 0;
	for (size_t i = 0; i < KEPT && !err; i++) {
		_cleanup_free_ char *from = persist_path(dir, kept[i]);
		char to[PATH_MAX];

		aside_path(dir, kept[i], to);
		if (!from || (rename(from, to) && errno != ENOENT))
			err = from ? -errno : -ENOMEM;
	}
	return err ? err : any;
}

static int fail(const char *dir, int err)
{
	log_line("cannot set aside what is kept in %s (%s): the next start takes up running "
		 "statements, bans and timed entries, unless %s and the like there are removed",
		 dir, strerror(-err), PERSIST_SNAPSHOT);
	return 1;
}

static int settle(const char *dir)
{
	int err = set_aside(dir);

	if (err < 0)
		return fail(dir, err);
	if (err)
		printf("running statements, bans and timed entries are set aside in %s/%s; to "
		       "have them back, before the next start: mv %s/%s/* %s/\n",
		       dir, PERSIST_ASIDE, dir, PERSIST_ASIDE, dir);
	return 0;
}

static int settle_state(const struct rld_options *options)
{
	const char *dir = options->state_dir;
	_cleanup_close_ int fd = -1;
	struct owner owner;
	char bpffs[PATH_MAX];
	int err = owner_look(dir, &fd, &owner);

	if (err == -ENOENT || (!err && !owner.bpffs[0])) {
		log_line("no rld has kept anything in %s; give --state-dir if that was another",
			 dir);
		return 0;
	}
	if (err == -EBADMSG) {
		log_line("%s is left alone: its file %s is damaged, and does not say which rld it "
			 "is of; "
			 "if it is of this one, remove %s and the like there",
			 dir, PERSIST_OWNER_FILE, PERSIST_SNAPSHOT);
		return 1;
	}
	if (err && err != -EBUSY)
		return fail(dir, err);
	owner_path(options->bpffs, bpffs);
	if (!err && !strcmp(owner.bpffs, bpffs))
		return settle(dir);
	log_line("%s is left alone: it is of the rld on %s; give --state-dir if this one has "
		 "another",
		 dir, err ? "another bpffs" : owner.bpffs);
	return 0;
}

int detach_run(const struct rld_options *options)
{
	struct diag d;

	if (!dp_remove_all(options->bpffs, stdout, false, &d))
		return settle_state(options);
	log_diag(&d);
	return diag_kind_status(d.kind);
}
