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
#define SUM_TEXT 17
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

__u64 persist_sum(const char *text, size_t len)
{
	__u64 sum = 0xcbf29ce484222325ull; /* FNV-1a: another one for each byte that differs */

	while (len--)
		sum = (sum ^ (__u8)*text++) * 0x100000001b3ull;
	return sum;
}

static int write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t done = write(fd, text, len);

		if (done <= 0)
			return done ? -errno : -ENOSPC;
		text += done;
		len -= (size_t)done;
	}
	return 0;
}

int persist_snapshot_write(int fd, const char *text, size_t len)
{
	char first[64];
	int n = snprintf(first, sizeof(first), "# rld running %d %016llx\n", PERSIST_VERSION,
			 persist_sum(text, len));
	int err = write_all(fd, first, (size_t)n);

	return err ? err : write_all(fd, text, len);
}

void persist_head_write(const struct persist_head *head, FILE *out)
{
	fprintf(out, "# boot %s sequence %llu\n# clock %lld %llu\n", head->boot, head->sequence,
		(long long)head->written.wall_ns, (unsigned long long)head->written.mono_ns);
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

static int parse_first(FILE *file, int *ret_version, char ret_sum[static SUM_TEXT])
{
	if (fscanf(file, "# rld running %d", ret_version) != 1)
		return -EBADMSG;
	if (*ret_version != PERSIST_VERSION && *ret_version != PERSIST_UNSUMMED)
		return -EPROTONOSUPPORT;
	if (*ret_version == PERSIST_VERSION && fscanf(file, " %16[0-9a-f]", ret_sum) != 1)
		return -EBADMSG;
	return getc(file) == '\n' ? 0 : -EBADMSG;
}

static int parse_head(FILE *file, struct persist_head *ret)
{
	struct persist_head head = {0};
	unsigned long long mono_ns;
	long long wall_ns;
	char sum[SUM_TEXT];
	int err = parse_first(file, &head.version, sum);

	if (err)
		return err;
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

/* There is no byte 0 in it: up to one is all. */
static int check_rest(FILE *file, const char *expected)
{
	char sum[SUM_TEXT];
	_cleanup_free_ char *text = NULL;
	size_t size = 0;
	ssize_t len = getdelim(&text, &size, 0, file);

	if (len <= 0)
		return -EBADMSG;
	snprintf(sum, sizeof(sum), "%016llx", persist_sum(text, (size_t)len));
	return strcmp(sum, expected) ? -EBADMSG : 0;
}

int persist_snapshot_check(const char *dir)
{
	_cleanup_fclose_ FILE *file = NULL;
	char sum[SUM_TEXT] = "";
	int version;
	int err = persist_open_file(dir, PERSIST_SNAPSHOT, &file);

	if (!err)
		err = parse_first(file, &version, sum);
	if (!err && version == PERSIST_VERSION)
		err = check_rest(file, sum);
	return err;
}
