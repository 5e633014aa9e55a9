// SPDX-License-Identifier: GPL-2.0-only
/* Paths in the state directory, and the head of the snapshot. */
#include "rld/persist/persist_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "rld/loop/log.h"

#define BOOT_ID "/proc/sys/kernel/random/boot_id"
#define UNSAVED "# unsaved "
/* Of a statement that is only told, so that its line is none too long. */
#define STATEMENT_MAX 4000

char *persist_path(const char *dir, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", dir, name) < 0 ? NULL : path;
}

int persist_make(const char *path, int flags)
{
	int fd = open(path, flags | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || !fchmod(fd, 0600))
		return fd;
	close(fd);
	return -1;
}

int persist_open(const char *dir, const char *name, int *ret_fd)
{
	_cleanup_free_ char *path = persist_path(dir, name);
	_cleanup_close_ int fd = path ? open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
	struct stat st;

	if (!path)
		return -ENOMEM;
	if (fd < 0 || fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EMEDIUMTYPE;
	*ret_fd = fd;
	fd = -1;
	return 0;
}

int persist_open_file(const char *dir, const char *name, FILE **ret)
{
	int fd, err = persist_open(dir, name, &fd);

	if (err)
		return err;
	*ret = fdopen(fd, "r");
	if (*ret)
		return 0;
	close(fd);
	return -ENOMEM;
}

const char *persist_open_error(int err)
{
	return err == -EMEDIUMTYPE ? "it is no regular file" : strerror(-err);
}

void persist_refuse(const struct persist_refusal *refusal)
{
	_cleanup_free_ char *path = persist_path(refusal->dir, refusal->name);
	_cleanup_free_ char *bad = NULL;

	if (path && asprintf(&bad, "%s" PERSIST_BAD, path) < 0)
		bad = NULL;
	if (bad && !rename(path, bad))
		log_line("%s is not taken up: %s; %s. It is now %s: keep that if you want to look "
			 "into it, else remove it",
			 path, refusal->what, refusal->lost, bad);
	else
		log_line("%s/%s is not taken up: %s; %s. It cannot be renamed (%s): remove it",
			 refusal->dir, refusal->name, refusal->what, refusal->lost,
			 strerror(errno));
}

void persist_boot(char buf[static PERSIST_BOOT])
{
	_cleanup_fclose_ FILE *file = fopen(BOOT_ID, "re");

	if (!file || fscanf(file, "%63s", buf) != 1)
		strcpy(buf, "unknown");
}

void persist_head_done(struct persist_head *head)
{
	free(head->unsaved);
	head->unsaved = NULL;
}

static void write_unsaved(const char *text, FILE *out)
{
	while (text && *text) {
		size_t len = strcspn(text, "\n");

		fprintf(out, UNSAVED "%.*s\n", len > STATEMENT_MAX ? STATEMENT_MAX : (int)len,
			text);
		text += len + (text[len] == '\n');
	}
}

void persist_head_write(const struct persist_head *head, FILE *out)
{
	fprintf(out, "# rld running %d\n# boot %s sequence %llu\n# clock %lld %llu\n",
		PERSIST_VERSION, head->boot, head->sequence, (long long)head->written.wall_ns,
		(unsigned long long)head->written.mono_ns);
	fprintf(out, "# files %016llx %s\n", head->hash, head->path);
	write_unsaved(head->unsaved, out);
}

static int read_unsaved(FILE *file, char **ret)
{
	_cleanup_free_ char *line = NULL;
	_cleanup_free_ char *text = NULL;
	size_t size = 0, len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return -ENOMEM;
	while (getline(&line, &size, file) > 0 && !strncmp(line, UNSAVED, strlen(UNSAVED)))
		fputs(line + strlen(UNSAVED), out);
	if (fclose(out))
		return -ENOMEM;
	*ret = TAKE_PTR(text);
	return 0;
}

static int parse_head(FILE *file, struct persist_head *ret)
{
	struct persist_head head = {0};
	unsigned long long mono_ns;
	long long wall_ns;
	int version, err;

	if (fscanf(file, "# rld running %d\n", &version) != 1)
		return -EBADMSG;
	if (version != PERSIST_VERSION)
		return -EPROTONOSUPPORT;
	if (fscanf(file, "# boot %63s sequence %llu\n# clock %lld %llu\n", head.boot,
		   &head.sequence, &wall_ns, &mono_ns) != 4 ||
	    fscanf(file, "# files %llx %4095[^\n]%*1[\n]", &head.hash, head.path) != 2)
		return -EBADMSG;
	head.written = (struct moment){wall_ns, mono_ns};
	err = read_unsaved(file, &head.unsaved);
	if (!err)
		*ret = head;
	return err;
}

int persist_head_read(const char *dir, struct persist_head *ret)
{
	_cleanup_fclose_ FILE *file = NULL;
	int err = persist_open_file(dir, PERSIST_SNAPSHOT, &file);

	return err ? err : parse_head(file, ret);
}
