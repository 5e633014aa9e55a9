// SPDX-License-Identifier: GPL-2.0-only
/* Paths in the state directory, and the head of the snapshot. */
#include "rld/persist_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define BOOT_ID "/proc/sys/kernel/random/boot_id"
#define UNSAVED "# unsaved "
#define STATEMENT_MAX                                                                              \
	4000 /* of a statement that is only told, so that its line is none too long                \
	      */

char *persist_path(const char *dir, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", dir, name) < 0 ? NULL : path;
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

int persist_head_read(const char *dir, struct persist_head *ret)
{
	_cleanup_free_ char *path = persist_path(dir, PERSIST_SNAPSHOT);
	_cleanup_fclose_ FILE *file = path ? fopen(path, "re") : NULL;
	struct persist_head head = {0};
	unsigned long long mono_ns;
	long long wall_ns;
	int version;
	int err;

	if (!file)
		return path ? -errno : -ENOMEM;
	if (fscanf(file, "# rld running %d\n# boot %63s sequence %llu\n# clock %lld %llu\n",
		   &version, head.boot, &head.sequence, &wall_ns, &mono_ns) != 5 ||
	    version != PERSIST_VERSION ||
	    fscanf(file, "# files %llx %4095[^\n]%*1[\n]", &head.hash, head.path) != 2)
		return -EPROTONOSUPPORT;
	head.written = (struct moment){wall_ns, mono_ns};
	err = read_unsaved(file, &head.unsaved);
	if (!err)
		*ret = head;
	return err;
}
