// SPDX-License-Identifier: GPL-2.0-only
/* Opening an object that another compiler made. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "object.h"
#include "rl.skel.h"

#define LOG_STATISTICS 4 /* BPF_LOG_STATS of the kernel's bpf_verifier.h */

struct object_log *object_logs;
bool object_moves;

int __real_bpf_object__open_skeleton(struct bpf_object_skeleton *s,
				     const struct bpf_object_open_opts *opts);
int __wrap_bpf_object__open_skeleton(struct bpf_object_skeleton *s,
				     const struct bpf_object_open_opts *opts);

/* Never freed: the skeleton refers to it. */
static void read_object(const char *path, struct bpf_object_skeleton *s)
{
	FILE *f = fopen(path, "r");
	long size = -1;
	void *data;

	if (f && !fseek(f, 0, SEEK_END))
		size = ftell(f);
	data = size > 0 ? malloc(size) : NULL;
	if (!data)
		err(1, "%s", path);
	rewind(f);
	if (fread(data, 1, size, f) != (size_t)size)
		err(1, "%s", path);
	fclose(f);
	s->data = data;
	s->data_sz = size;
}

static void keep_logs(struct bpf_object *obj)
{
	struct object_log *log = object_logs;
	struct bpf_program *p;

	bpf_object__for_each_program(p, obj)
	{
		if (log == object_logs + OBJECT_PROGRAMS_MAX)
			errx(1, "more than %d programs", OBJECT_PROGRAMS_MAX);
		snprintf(log->name, sizeof(log->name), "%s", bpf_program__name(p));
		bpf_program__set_log_level(p, LOG_STATISTICS);
		bpf_program__set_log_buf(p, log->text, sizeof(log->text));
		log++;
	}
}

/* As the daemon sets it while sources move from one table to another. */
static void set_moves(struct bpf_object_skeleton *s)
{
	for (int i = 0; i < s->map_cnt; i++) {
		struct rl__rodata_settings *settings = NULL;

		if (s->maps[i].mmaped && strstr(s->maps[i].name, "settings"))
			settings = *s->maps[i].mmaped;
		if (settings)
			settings->rl_moves = 1;
	}
}

int __wrap_bpf_object__open_skeleton(struct bpf_object_skeleton *s,
				     const struct bpf_object_open_opts *opts)
{
	const char *path = getenv(OBJECT_VARIABLE);
	int r;

	if (path)
		read_object(path, s);
	r = __real_bpf_object__open_skeleton(s, opts);
	if (!r && object_logs)
		keep_logs(*s->obj);
	if (!r && object_moves)
		set_moves(s);
	return r;
}
