/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the answer to a request goes: a client of the control socket or of HTTP, now or later.
 *
 *   1. Each answer is finished exactly once, by answer_data() or answer_error(); it is gone
 *      afterwards.
 *   2. Its client may leave before that: sending is then without effect, and answer_gone() says so.
 */
#ifndef RLD_ANSWER_H
#define RLD_ANSWER_H

#include <stdbool.h>

#include "base/json.h"

struct answer {
	/* Takes `message` over; frees the answer if `last`. */
	void (*send)(struct answer *answer, json_t *message, bool last);
	/* The same with the text of the last message, which was made elsewhere. */
	void (*send_line)(struct answer *answer, char *line);
	bool gone;
};

static inline void answer_data(struct answer *answer, json_t *data)
{
	answer->send(answer, json_answer(data), true);
}

/* With the members of `more`, if there are any, beside the code and the message. */
static inline void answer_error_more(struct answer *answer, const struct diag *d, json_t *more)
{
	json_t *message = json_error(d);

	if (more)
		json_object_update(json_object_get(message, "error"), more);
	answer->send(answer, message, true);
}

static inline void answer_error(struct answer *answer, const struct diag *d)
{
	answer->send(answer, json_error(d), true);
}

/* One of a stream; the answer stays open. */
static inline void answer_more(struct answer *answer, json_t *data)
{
	answer->send(answer, json_answer(data), false);
}

static inline bool answer_gone(const struct answer *answer)
{
	return answer->gone;
}

#endif
