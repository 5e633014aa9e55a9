// SPDX-License-Identifier: GPL-2.0-only
/* Files of lists: reading them, and what is said of those that are refused. */
#include "conf/grammar/list_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "conf/grammar/list_parse.h"
#include "conf/model/conf_internal.h"

#define FILE_MAX (256L << 20) /* bytes */
#define TROUBLE 512

struct content {
	char *text; /* owned */
	size_t len;
};

static int read_all(int fd, size_t size, struct content *ret)
{
	ssize_t n = 1;

	ret->text = malloc(size + 1);
	if (!ret->text)
		return -ENOMEM;
	while (n > 0 && ret->len < size) {
		n = read(fd, ret->text + ret->len, size - ret->len);
		ret->len += n > 0 ? (size_t)n : 0;
	}
	return n < 0 ? -errno : 0;
}

/* Of a regular file: nobody is waited for. */
static int read_file(const char *path, struct content *ret)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EMEDIUMTYPE;
	if (st.st_size > FILE_MAX)
		return -EFBIG;
	return read_all(fd, (size_t)st.st_size, ret);
}

/* "3 lines are no address: 4:1, 9:1, 12:3" */
static void describe_bad(const struct list_report *report, char *buf, size_t size)
{
	size_t at = (size_t)snprintf(buf, size, "%zu %s no address or prefix: ", report->bad,
				     report->bad > 1 ? "lines are" : "line is");

	for (size_t i = 0; i < report->bad && i < LIST_PLACES && at < size; i++)
		at += (size_t)snprintf(buf + at, size - at, "%s%u:%u", i ? ", " : "",
				       report->place[i].line, report->place[i].column);
	if (report->bad > LIST_PLACES && at < size)
		snprintf(buf + at, size - at, " and %zu more", report->bad - LIST_PLACES);
}

static void __attribute__((format(printf, 3, 4)))
tell(FILE *notices, const struct conf_named *named, const char *format, ...)
{
	va_list args;

	if (!notices)
		return;
	fprintf(notices, "list %s: %s: ", named->name, named->path);
	va_start(args, format);
	vfprintf(notices, format, args);
	va_end(args);
	fputc('\n', notices);
}

static int refuse(struct conf_named *named, const char *what, FILE *notices)
{
	tell(notices, named, "%s; it is refused, and what the list had stays", what);
	free(named->trouble);
	named->trouble = strdup(what);
	return named->trouble ? 0 : -ENOMEM;
}

/* Takes `list` over. Blocks that both have are shared if it is what the list has already. */
static void take(struct conf_named *named, struct conf_list *list)
{
	free(named->trouble);
	named->trouble = NULL;
	conf_list_done(&named->read);
	named->read = *list;
	*list = (struct conf_list){0};
}

static int judge(struct conf_named *named, struct conf_list *list, const struct list_report *report,
		 FILE *notices)
{
	char bad[TROUBLE];

	describe_bad(report, bad, sizeof(bad));
	if (report->bad && named->strict)
		return refuse(named, bad, notices);
	if (!list->count)
		return refuse(named, report->bad ? bad : "it has no address", notices);
	if (report->bad)
		tell(notices, named, "%s; left out", bad);
	if (report->masked)
		tell(notices, named, "%zu %s bits behind its length, which do not count",
		     report->masked, report->masked > 1 ? "prefixes have" : "prefix has");
	take(named, list);
	return 0;
}

static const char *reading_error(int err)
{
	if (err == -EMEDIUMTYPE)
		return "it is no regular file";
	return err == -E2BIG ? "it has too many prefixes" : strerror(-err);
}

static int read_named(struct conf_named *named, FILE *notices)
{
	struct content content = {0};
	struct conf_list list = {0};
	struct list_report report;
	int err = read_file(named->path, &content);

	named->unread = false;
	if (!err)
		err = list_parse(content.text, content.len, &list, &report);
	if (err)
		err = refuse(named, reading_error(err), notices);
	else
		err = judge(named, &list, &report, notices);
	conf_list_done(&list);
	free(content.text);
	return err;
}

bool conf_has_unread(const struct conf *c)
{
	for (size_t i = 0; i < c->nameds; i++)
		if (c->named[i].unread)
			return true;
	return false;
}

int conf_read_lists(struct conf *c, FILE *notices)
{
	int err = 0;

	if (!conf_has_unread(c))
		return 0;
	for (size_t i = 0; !err && i < c->nameds; i++)
		if (c->named[i].unread)
			err = read_named(&c->named[i], notices);
	return err ? err : conf_settle(c, NULL);
}

int conf_lend_lists(struct conf *c, const struct conf *before)
{
	bool lent = false;

	for (size_t i = 0; before && i < c->nameds; i++) {
		struct conf_named *named = &c->named[i];
		const struct conf_named *old = conf_find_named(before, named->name);

		if ((!named->trouble && !named->unread) || !old || !old->read.count)
			continue;
		conf_list_done(&named->read);
		if (conf_list_copy(&old->read, &named->read))
			return -ENOMEM;
		lent = true;
	}
	return lent ? conf_settle(c, NULL) : 0;
}
