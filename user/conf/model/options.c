// SPDX-License-Identifier: GPL-2.0-only
/* The table of options: from one row come the parser, the default, the export and `show
 * options`. */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/units.h"
#include "conf/model/conf_internal.h"

struct option {
	struct conf_option_info info;
	int (*parse)(const struct option *o, struct conf_options *to, const char *text);
	void (*format)(const struct option *o, const struct conf_options *from,
		       char buf[static CONF_TEXT]);
	size_t offset; /* of the number or the bool */
	__u64 min;
	__u64 max;
	const char *words; /* that a value, or a part of one between commas, can be; or NULL */
};

static int parse_number(const struct option *o, struct conf_options *to, const char *text)
{
	__u64 value;

	if (units_parse_u64(text, strlen(text), &value) || value < o->min || value > o->max)
		return -EINVAL;
	*(__u32 *)((char *)to + o->offset) = (__u32)value;
	return 0;
}

static void format_number(const struct option *o, const struct conf_options *from,
			  char buf[static CONF_TEXT])
{
	snprintf(buf, CONF_TEXT, "%u", *(const __u32 *)((const char *)from + o->offset));
}

static int parse_duration(const struct option *o, struct conf_options *to, const char *text)
{
	__u64 ns;

	if (units_parse_duration(text, strlen(text), &ns) || ns < o->min || ns > o->max)
		return -EINVAL;
	*(__u64 *)((char *)to + o->offset) = ns;
	return 0;
}

static void format_duration(const struct option *o, const struct conf_options *from,
			    char buf[static CONF_TEXT])
{
	units_format_duration(*(const __u64 *)((const char *)from + o->offset), buf);
}

/* One of two words of `words`: the second is true. */
static int parse_choice(const struct option *o, struct conf_options *to, const char *text)
{
	size_t first = strcspn(o->words, " ");
	const char *second = o->words + first + 1;
	bool chosen = !strcmp(text, second);

	if (!chosen && (strlen(text) != first || memcmp(text, o->words, first)))
		return -EINVAL;
	*(bool *)((char *)to + o->offset) = chosen;
	return 0;
}

static void format_choice(const struct option *o, const struct conf_options *from,
			  char buf[static CONF_TEXT])
{
	size_t first = strcspn(o->words, " ");

	if (*(const bool *)((const char *)from + o->offset))
		snprintf(buf, CONF_TEXT, "%s", o->words + first + 1);
	else
		snprintf(buf, CONF_TEXT, "%.*s", (int)first, o->words);
}

static bool good_log(const char *text, size_t len)
{
	static const char file[] = "file:/";

	if (len >= sizeof(((struct conf_options *)0)->log[0]))
		return false;
	return (len == 6 && (memcmp(text, "stderr", 6) == 0 || memcmp(text, "syslog", 6) == 0)) ||
	       (len > sizeof(file) - 1 && memcmp(text, file, sizeof(file) - 1) == 0);
}

static int parse_log(const struct option *o, struct conf_options *to, const char *text)
{
	const char *at = text;
	size_t total = 0;

	memset(to->log, 0, sizeof(to->log));
	to->logs = 0;
	for (;; at++) {
		size_t len = strcspn(at, ",");

		total += len + 1;
		if (to->logs == CONF_LOGS_MAX || total > CONF_TEXT || !good_log(at, len))
			return -EINVAL;
		memcpy(to->log[to->logs++], at, len);
		at += len;
		if (!*at)
			return 0;
	}
}

static void format_log(const struct option *o, const struct conf_options *from,
		       char buf[static CONF_TEXT])
{
	size_t at = 0;

	for (size_t i = 0; i < from->logs && at < CONF_TEXT; i++)
		at += (size_t)snprintf(buf + at, CONF_TEXT - at, "%s%s", i ? "," : "",
				       from->log[i]);
}

static int add_port(struct conf_options *to, const char *text, size_t len)
{
	__u64 port;

	if (to->protect_ports == CONF_PROTECT_MAX || units_parse_u64(text, len, &port) ||
	    port == 0 || port >= RL_PORTS)
		return -EINVAL;
	to->protect_port[to->protect_ports++] = (__u16)port;
	return 0;
}

/* Ports and `auto`, or `none`. */
static int parse_ports(const struct option *o, struct conf_options *to, const char *text)
{
	const char *at = text;

	memset(to->protect_port, 0, sizeof(to->protect_port));
	to->protect_ports = 0;
	to->protect_auto = false;
	if (!strcmp(text, "none"))
		return 0;
	for (;; at++) {
		size_t len = strcspn(at, ",");

		if (len == 4 && !memcmp(at, "auto", 4) && !to->protect_auto)
			to->protect_auto = true;
		else if (add_port(to, at, len))
			return -EINVAL;
		at += len;
		if (!*at)
			return 0;
	}
}

static void format_ports(const struct option *o, const struct conf_options *from,
			 char buf[static CONF_TEXT])
{
	size_t at = (size_t)snprintf(buf, CONF_TEXT, "%s", from->protect_auto ? "auto" : "");

	for (size_t i = 0; i < from->protect_ports; i++)
		at += (size_t)snprintf(buf + at, CONF_TEXT - at, "%s%u", at ? "," : "",
				       from->protect_port[i]);
	if (!at)
		snprintf(buf, CONF_TEXT, "none");
}

/* The kinds of values, with what a row says of each. */
#define FIELD(name) offsetof(struct conf_options, name)
#define NUMBER(field, min, max) parse_number, format_number, FIELD(field), min, max, NULL
#define DURATION(field, min, max)                                                                  \
	parse_duration, format_duration, FIELD(field), min, max, UNITS_PERIODS
#define CHOICE(field, words) parse_choice, format_choice, FIELD(field), 0, 0, words
#define LIST(kind, words) parse_##kind, format_##kind, 0, 0, 0, words
#define DAY_NS (86400 * UNITS_NS_PER_S)

static const struct option options[] = {
	{{"sources-max", "64 to 16777216 sources", "65536", true},
	 NUMBER(sources_max, 64, 1 << 24)},
	{{"idle-timeout", "1s to 30d", "10m", false},
	 DURATION(idle_timeout_ns, UNITS_NS_PER_S, 30 * DAY_NS)},
	{{"events-per-second", "0 to 1000 for each limit", "10", false},
	 NUMBER(events_per_second, 0, 1000)},
	{{"metrics-top", "0 to 100 sources", "0", false}, NUMBER(metrics_top, 0, 100)},
	{{"log", "up to 4 of stderr, syslog, file:/PATH, with commas", "stderr", false},
	 LIST(log, "stderr syslog file:/PATH")},
	{{"on-malformed", "pass or drop", "drop", false}, CHOICE(malformed_drop, "pass drop")},
	{{"on-deep", "drop or judge", "drop", false}, CHOICE(deep_judge, "drop judge")},
	{{"exempt-rate", "1 to 1000000 packets a second", "5000", false},
	 NUMBER(exempt_rate, 1, 1000000)},
	{{"protect-port", "auto and up to 16 ports, with commas, or none", "auto", false},
	 LIST(ports, "auto none")},
};
#define OPTIONS (sizeof(options) / sizeof(options[0]))
_Static_assert(OPTIONS <= CONF_OPTIONS_MAX, "conf.options_set has a bit for each");

void conf_options_default(struct conf_options *o)
{
	memset(o, 0, sizeof(*o));
	for (size_t i = 0; i < OPTIONS; i++)
		options[i].parse(&options[i], o, options[i].info.fallback);
}

size_t conf_option_count(void)
{
	return OPTIONS;
}

const struct conf_option_info *conf_option_info(size_t i)
{
	return &options[i].info;
}

const char *conf_option_format(const struct conf *c, size_t i, char buf[static CONF_TEXT])
{
	buf[0] = 0;
	options[i].format(&options[i], &c->options, buf);
	return buf;
}

int conf_option_parse(struct conf_options *o, size_t index, const char *text)
{
	struct conf_options changed = *o;
	int err = options[index].parse(&options[index], &changed, text);

	if (!err)
		*o = changed;
	return err;
}

const char *conf_option_words(size_t index)
{
	return options[index].words;
}
