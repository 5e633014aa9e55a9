// SPDX-License-Identifier: GPL-2.0-only
/* Options of rlctl. */
#include "rlctl/options.h"
#include "rlctl/session.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "conf/grammar/later.h"
#include "conf/grammar/nearest.h"
#include "rl/proto.h"

static int set_socket(struct options *options, const char *value)
{
	options->socket = value;
	return 0;
}

static int set_timeout(struct options *options, const char *value)
{
	char *end;
	unsigned long seconds = strtoul(value, &end, 10);

	if (*end || value == end || *value == '-' || seconds > 86400)
		return -EINVAL;
	options->timeout_s = (unsigned)seconds;
	return 0;
}

static const char *const colors[] = {"auto", "always", "never"}; /* by enum color */

static int set_color(struct options *options, const char *value)
{
	for (int i = 0; i < 3; i++) {
		if (strcmp(colors[i], value))
			continue;
		options->color = (enum color)i;
		return 0;
	}
	return -EINVAL;
}

#define FLAG(name) offsetof(struct options, name)
static const struct option {
	char letter; /* 0: none */
	const char *name;
	bool after;	   /* also after the command */
	size_t flag;	   /* of those that take no value: where it is in struct options */
	const char *value; /* what it takes, or NULL */
	int (*set)(struct options *options, const char *value);
} options[] = {
	{'j', "json", true, FLAG(json), NULL, NULL},
	{'p', "pretty", true, FLAG(pretty), NULL, NULL},
	{'q', "quiet", true, FLAG(quiet), NULL, NULL},
	{'y', "yes", true, FLAG(yes), NULL, NULL},
	{'h', "help", true, FLAG(help), NULL, NULL},
	{'V', "version", false, FLAG(version), NULL, NULL},
	{'s', "socket", false, 0, "a path", set_socket},
	{'t', "timeout", false, 0, "a number of seconds", set_timeout},
	{0, "color", false, 0, "auto, always or never", set_color},
};
#define OPTIONS (sizeof(options) / sizeof(*options))

static bool is_option(const struct option *option, const char *word, size_t len)
{
	if (word[1] == '-')
		return strlen(option->name) == len - 2 && !strncmp(word + 2, option->name, len - 2);
	return len == 2 && word[1] == option->letter;
}

static const struct option *find(const char *word, bool after)
{
	size_t len = strcspn(word, "=");

	if (word[0] != '-' || !word[1])
		return NULL;
	for (size_t i = 0; i < OPTIONS; i++)
		if ((options[i].after || !after) && is_option(&options[i], word, len))
			return &options[i];
	return NULL;
}

static int set(const struct option *option, struct options *into, const char *value)
{
	if (!option->value != !value)
		return -EINVAL;
	if (value)
		return option->set(into, value);
	*(bool *)((char *)into + option->flag) = true;
	into->json |= into->pretty;
	return 0;
}

/* The value of the option at argv[*at]: behind "=", or the next word. */
static int take_one(const struct option *option, char *argv[], int *at, struct options *into,
		    struct diag *d)
{
	const char *value = strchr(argv[*at], '=');

	if (value)
		value++;
	else if (option->value)
		value = argv[++*at];
	if (!set(option, into, value))
		return 0;
	diag_set(d, DIAG_USAGE, "--%s takes %s", option->name,
		 option->value ? option->value : "no value");
	if (value && option->set == set_color)
		nearest_hint(d, value, colors, 3);
	return -EINVAL;
}

static int fail_unknown(const char *word, struct diag *d)
{
	const char *known[OPTIONS], *name = word + strspn(word, "-");

	if (later_has("global option", name, strcspn(name, "=")))
		return diag_set(d, DIAG_UNSUPPORTED, "option %s is not in this version", word);
	for (size_t i = 0; i < OPTIONS; i++)
		known[i] = options[i].name;
	diag_set(d, DIAG_USAGE, "unknown option %s", word);
	nearest_option_hint(d, word, known, OPTIONS);
	return -EINVAL;
}

static void set_defaults(struct options *ret)
{
	const char *path = getenv(RL_SOCKET_ENV);

	*ret = (struct options){.timeout_s = SESSION_PATIENT};
	ret->socket = path && *path ? path : RL_SOCKET;
	if (getenv("NO_COLOR"))
		ret->color = COLOR_NEVER;
}

int options_take(int argc, char *argv[], struct options *ret, char **words, size_t *ret_count,
		 struct diag *d)
{
	size_t count = 0;
	bool ended = false;

	set_defaults(ret);
	for (int i = 1; i < argc; i++) {
		const struct option *option = ended ? NULL : find(argv[i], count > 0);
		int err;

		if (!ended && !strcmp(argv[i], "--")) {
			ended = true;
			continue;
		}
		if (!option && !count && argv[i][0] == '-')
			return fail_unknown(argv[i], d);
		if (!option) {
			words[count++] = argv[i];
			continue;
		}
		err = take_one(option, argv, &i, ret, d);
		if (err)
			return err;
	}
	words[count] = NULL;
	*ret_count = count;
	return 0;
}
