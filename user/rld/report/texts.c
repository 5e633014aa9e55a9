// SPDX-License-Identifier: GPL-2.0-only
/* Long answers, made beside the loop. */
#include "rld/report/texts.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "conf/grammar/grammar.h"
#include "rld/loop/work.h"
#include "rld/report/view.h"

#define FEW 1000 /* entries whose text the loop makes itself */

struct text {
	struct text *next;
	enum texts_kind kind;
	struct answer *answer;
	struct conf *conf; /* owned; a copy */
	json_t *more;	   /* owned */
	char *line;	   /* owned; what it came to, NULL: no memory */
};

struct texts {
	struct rld *rld;
	struct text *first; /* the thread's, while there is `work` */
	struct text **last;
	struct work *work;
};

static void text_free(struct text *text)
{
	conf_free(text->conf);
	json_decref(text->more);
	free(text->line);
	free(text);
}

static json_t *make_export(const struct text *text)
{
	_cleanup_free_ char *config = conf_export_text(text->conf);

	return config ? json_pack("{s:s}", "config", config) : NULL;
}

static json_t *make_lists(const struct text *text)
{
	json_t *lists = view_lists(text->conf);

	if (text->more)
		json_object_update(lists, text->more);
	return lists;
}

static json_t *make_list(const struct text *text)
{
	return view_list(text->conf, json_string_value(text->more));
}

static void make(struct text *text)
{
	static json_t *(*const of[])(const struct text *text) = {
		[TEXTS_EXPORT] = make_export,
		[TEXTS_LISTS] = make_lists,
		[TEXTS_LIST] = make_list,
	};
	json_t *data = of[text->kind](text);
	json_auto_t *message = data ? json_answer(data) : NULL;

	text->line = message ? json_line(message) : NULL;
}

static void give(struct text *text)
{
	struct diag d;

	if (text->line) {
		text->answer->send_line(text->answer, TAKE_PTR(text->line));
	} else {
		diag_errno(&d, ENOMEM, "cannot answer");
		answer_error(text->answer, &d);
	}
	text_free(text);
}

static struct text *take_first(struct texts *texts)
{
	struct text *text = texts->first;

	texts->first = text->next;
	if (!texts->first)
		texts->last = &texts->first;
	return text;
}

static void make_first(void *ctx)
{
	make(((struct texts *)ctx)->first);
}

static void begin(struct texts *texts);

static void on_made(void *ctx)
{
	struct texts *texts = ctx;

	texts->work = NULL;
	give(take_first(texts));
	begin(texts);
}

static bool is_long(const struct text *text)
{
	const struct conf *conf = text->conf;

	return text->kind == TEXTS_LIST || conf_allow(conf)->count + conf_deny(conf)->count > FEW;
}

static void begin(struct texts *texts)
{
	while (texts->first && !texts->work) {
		if (is_long(texts->first))
			texts->work = work_start(texts->rld->loop, make_first, on_made, texts);
		if (texts->work)
			return;
		make(texts->first);
		give(take_first(texts));
	}
}

int texts_make(struct texts *texts, enum texts_kind kind, struct answer *answer, json_t *more,
	       struct diag *d)
{
	struct text *text = calloc(1, sizeof(*text));

	if (text) {
		*text = (struct text){.kind = kind,
				      .answer = answer,
				      .conf = conf_copy(texts->rld->conf),
				      .more = more};
		more = NULL;
	}
	json_decref(more);
	if (!text || !text->conf) {
		if (text)
			text_free(text);
		return diag_errno(d, ENOMEM, "cannot answer");
	}
	*texts->last = text;
	texts->last = &text->next;
	begin(texts);
	return 0;
}

int texts_new(struct rld *rld, struct texts **ret)
{
	struct texts *texts = calloc(1, sizeof(*texts));

	if (!texts)
		return -ENOMEM;
	texts->rld = rld;
	texts->last = &texts->first;
	*ret = texts;
	return 0;
}

void texts_free(struct texts *texts)
{
	struct diag d;

	if (!texts)
		return;
	work_join(texts->work);
	while (texts->first) {
		struct text *text = take_first(texts);

		diag_set(&d, DIAG_FAILED, "rld is stopping");
		answer_error(text->answer, &d);
		text_free(text);
	}
	free(texts);
}
