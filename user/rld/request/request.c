// SPDX-License-Identifier: GPL-2.0-only
/* Requests as they arrive: one line of JSON each. */
#include "rld/request/request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/words.h"
#include "rl/proto.h"

#define HINT "send {\"command\":[\"status\"]}"

static int take_words(const json_t *list, struct request *ret, struct diag *d)
{
	size_t count = json_array_size(list);

	if (!count || count > REQUEST_WORDS_MAX)
		return diag_set(d, DIAG_USAGE, "\"command\" must be a list of 1 to %d words",
				REQUEST_WORDS_MAX);
	ret->word = calloc(count + 1, sizeof(*ret->word));
	if (!ret->word)
		return diag_errno(d, ENOMEM, "cannot read the request");
	for (; ret->words < count; ret->words++) {
		const json_t *word = json_array_get(list, ret->words);

		if (!json_is_string(word) ||
		    strlen(json_string_value(word)) != json_string_length(word))
			return diag_set(d, DIAG_USAGE, "word %zu of \"command\" is not a text",
					ret->words + 1);
		ret->word[ret->words] = strdup(json_string_value(word));
		if (!ret->word[ret->words])
			return diag_errno(d, ENOMEM, "cannot read the request");
	}
	return 0;
}

/* Statements to be checked, in a request that may be long for their sake. */
static int take_config(const json_t *config, size_t len, struct request *ret, struct diag *d)
{
	if (!config && len > RL_REQUEST_MAX)
		return diag_set(d, DIAG_USAGE, "a request is longer than %d bytes", RL_REQUEST_MAX);
	if (!config)
		return 0;
	if (!json_is_string(config) ||
	    strlen(json_string_value(config)) != json_string_length(config))
		return diag_set(d, DIAG_USAGE, "\"config\" must be a text");
	ret->config = strdup(json_string_value(config));
	return ret->config ? 0 : diag_errno(d, ENOMEM, "cannot read the request");
}

/* {"peer":ADDRESS,"port":OURS} of the connection by which somebody is here. */
static int take_session(const json_t *session, struct request *ret, struct diag *d)
{
	const char *peer = json_text(session, "peer", "");
	__u64 port = json_u64(session, "port");

	if (!session)
		return 0;
	if (addr_parse(peer, strlen(peer), &ret->session.addr) || !port || port >= RL_PORTS)
		return diag_set(d, DIAG_USAGE,
				"\"session\" must have an address as \"peer\" and a \"port\"");
	ret->session.port = (__u16)port;
	return 0;
}

static int take_members(const json_t *json, size_t len, struct request *ret, struct diag *d)
{
	const json_t *yes = json_object_get(json, "yes");
	int err;

	if (yes && !json_is_boolean(yes))
		return diag_set(d, DIAG_USAGE, "\"yes\" must be true or false");
	ret->yes = json_is_true(yes);
	err = take_words(json_object_get(json, "command"), ret, d);
	if (!err)
		err = take_session(json_object_get(json, "session"), ret, d);
	return err ? err : take_config(json_object_get(json, "config"), len, ret, d);
}

int request_parse(const char *line, size_t len, struct request *ret, struct diag *d)
{
	struct request request = {0};
	json_error_t error;
	json_auto_t *json = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
	int err;

	if (json_is_object(json)) {
		err = take_members(json, len, &request, d);
	} else {
		err = diag_set(d, DIAG_USAGE, "a request is one JSON object a line%s%s",
			       json ? "" : ": ", json ? "" : error.text);
		diag_hint(d, HINT);
	}
	if (err)
		request_done(&request);
	else
		*ret = request;
	return err;
}

void request_done(struct request *request)
{
	words_free(request->word);
	free(request->config);
	request->word = NULL;
	request->config = NULL;
	request->words = 0;
}
