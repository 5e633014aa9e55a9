// SPDX-License-Identifier: GPL-2.0-only
/* What libbpf and the verifier say, kept for the error that it explains. */
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include "dp/internal.h"

/* Of this thread: a program may be loaded in another one meanwhile. */
static _Thread_local char message[256];
static _Thread_local char refusal[256]; /* the verifier's last word */

/* Of its log, which ends with the reason and lines of numbers. */
static void keep_refusal(const char *log)
{
	const char *end = strstr(log, "\nprocessed "), *line = end;

	if (!end)
		return;
	do {
		for (end = line; line > log && line[-1] != '\n'; line--)
			;
		if (strncmp(line, "verification time", 17) && strncmp(line, "stack depth", 11))
			break;
		line--;
	} while (line > log);
	snprintf(refusal, sizeof(refusal), "%.*s", (int)(end - line), line);
}

static int keep_message(enum libbpf_print_level level, const char *format, va_list args)
{
	char *text = NULL;

	if (level != LIBBPF_WARN || vasprintf(&text, format, args) < 0)
		return 0;
	if (strstr(text, "BEGIN PROG LOAD LOG"))
		keep_refusal(text);
	snprintf(message, sizeof(message), "%.*s", (int)strcspn(text, "\n"), text);
	free(text);
	return 0;
}

const char *dp_libbpf_message(void)
{
	return message;
}

void dp_capture_messages(void)
{
	message[0] = refusal[0] = '\0';
	libbpf_set_print(keep_message);
}

int dp_fail(struct diag *d, int err, const char *what)
{
	err = err < 0 ? -err : err;
	if (err == EPERM || err == EACCES) {
		diag_set(d, DIAG_PERMISSION, "%s: %s", what, strerror(err));
		diag_hint(d, "rld needs CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON: run it as root");
		return -err;
	}
	if (message[0])
		return diag_errno(d, err, "%s (%s)", what, message);
	return diag_errno(d, err, "%s", what);
}

int dp_load_failed(struct diag *d, int err)
{
	struct utsname name = {};

	if (!refusal[0])
		return dp_fail(d, err, "cannot load the BPF program");
	uname(&name);
	diag_set(d, DIAG_UNSUPPORTED, "the kernel, %s, refuses the BPF program: %s", name.release,
		 refusal);
	diag_hint(d,
		  "rld needs Linux 6.1 or later; on one of these this is a defect of rld, please "
		  "report it");
	return err;
}
