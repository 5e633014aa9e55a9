// SPDX-License-Identifier: GPL-2.0-only
/* The parts of a limit as text in a buffer, for people and JSON. */
#include <string.h>

#include "base/cleanup.h"
#include "conf/grammar/print.h"

#define ELLIPSIS "…"

/* Copies what fits, the cut marked and at the start of a character. */
static const char *cut(const char *text, char buf[static CONF_TEXT])
{
	size_t len = strlen(text);

	if (len < CONF_TEXT) {
		memcpy(buf, text, len + 1);
		return buf;
	}
	len = CONF_TEXT - sizeof(ELLIPSIS);
	while (len && ((unsigned char)text[len] & 0xc0) == 0x80)
		len--;
	memcpy(buf, text, len);
	memcpy(buf + len, ELLIPSIS, sizeof(ELLIPSIS));
	return buf;
}

struct request {
	const struct conf_limit *limit;
	const struct rl_limit *abi;
	unsigned window;
};

static const char *format(void (*print)(const struct request *r, FILE *out),
			  const struct request *r, char buf[static CONF_TEXT])
{
	_cleanup_free_ char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	buf[0] = 0;
	if (!out)
		return buf;
	print(r, out);
	return fclose(out) == 0 ? cut(text, buf) : buf;
}

static void print_window(const struct request *r, FILE *out)
{
	conf_print_window(r->abi, r->window, out);
}

static void print_per(const struct request *r, FILE *out)
{
	conf_print_per(r->abi, out);
}

static void print_match(const struct request *r, FILE *out)
{
	conf_print_match(r->limit, out);
}

static void print_ban(const struct request *r, FILE *out)
{
	conf_print_ban(r->abi, out);
}

const char *conf_format_window(const struct rl_limit *l, unsigned window,
			       char buf[static CONF_TEXT])
{
	return format(print_window, &(struct request){.abi = l, .window = window}, buf);
}

const char *conf_format_per(const struct rl_limit *l, char buf[static CONF_TEXT])
{
	return format(print_per, &(struct request){.abi = l}, buf);
}

const char *conf_format_match(const struct conf_limit *l, char buf[static CONF_TEXT])
{
	return format(print_match, &(struct request){.limit = l}, buf);
}

const char *conf_format_ban(const struct rl_limit *l, char buf[static CONF_TEXT])
{
	return format(print_ban, &(struct request){.abi = l}, buf);
}
