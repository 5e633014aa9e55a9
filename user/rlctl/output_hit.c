// SPDX-License-Identifier: GPL-2.0-only
/* Text of `hit` and `peek`. */
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "rlctl/output.h"

static const struct {
	const char *outcome;
	const char *text;
	int status;
} outcomes[] = {
	{"admitted", "admitted", 0},
	{"not_counted", "admitted and not counted (mode off)", 0},
	{"refused", "refused", 10},
	{"would_refuse", "would be refused, but is let go (monitor)", 11},
};

static size_t find(const json_t *data)
{
	const char *outcome = json_text(data, "outcome", "admitted");
	size_t i = 0;

	while (i + 1 < sizeof(outcomes) / sizeof(*outcomes) &&
	       strcmp(outcomes[i].outcome, outcome) != 0)
		i++;
	return i;
}

int status_of_hit(const json_t *data)
{
	return outcomes[find(data)].status;
}

/* A peek speaks of what would be. */
void print_hit(char *const words[], const json_t *data)
{
	const char *window = json_text(data, "window", NULL);
	__u64 retry_ns = json_u64(data, "retry_in_ns"), reset_ns = json_u64(data, "reset_in_ns");
	char text[TIME_TEXT];

	printf("%s%s", strcmp(words[0], "peek") ? "" : "a hit now: ", outcomes[find(data)].text);
	if (json_is_true(json_object_get(data, "banned")))
		printf(", banned");
	if (window)
		printf("; %s: %llu left", window, (unsigned long long)json_u64(data, "remaining"));
	if (retry_ns)
		printf(", next in %s", time_format_span(retry_ns, text));
	else if (reset_ns)
		printf(", all back in %s", time_format_span(reset_ns, text));
	putchar('\n');
}
