// SPDX-License-Identifier: GPL-2.0-only
/* Whom the header "Host" of a request names. */
#include "rld/http/host.h"

#include <arpa/inet.h>
#include <limits.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define NAME_MAX_BYTES 256

/* Of "[ADDR]:PORT", "NAME:PORT" or one of them without the port: where the name ends, or NULL. */
static const char *end_of_name(const char *name, bool bracket)
{
	const char *end = name + strcspn(name, bracket ? "]" : ":");
	const char *rest = end;

	if (bracket && *rest++ != ']')
		return NULL;
	if (*rest == ':')
		rest += 1 + strspn(rest + 1, "0123456789");
	return *rest ? NULL : end;
}

static bool is_addr(const char *name, bool bracket, const union listen_addr *addr)
{
	struct in6_addr in6;
	struct in_addr in;

	if (bracket)
		return addr->any.sa_family == AF_INET6 && inet_pton(AF_INET6, name, &in6) == 1 &&
		       !memcmp(&in6, &addr->in6.sin6_addr, sizeof(in6));
	return addr->any.sa_family == AF_INET && inet_pton(AF_INET, name, &in) == 1 &&
	       in.s_addr == addr->in.sin_addr.s_addr;
}

static bool is_machine(const char *name)
{
	char own[HOST_NAME_MAX + 1] = "";

	return !strcasecmp(name, "localhost") ||
	       (*name && !gethostname(own, sizeof(own)) && !strcasecmp(name, own));
}

bool host_is_here(const char *host, const union listen_addr *addr)
{
	bool bracket = host && *host == '[';
	const char *name = host + bracket, *end = host ? end_of_name(name, bracket) : NULL;
	char text[NAME_MAX_BYTES];

	if (!end || (size_t)(end - name) >= sizeof(text))
		return false;
	memcpy(text, name, (size_t)(end - name));
	text[end - name] = 0;
	return is_addr(text, bracket, addr) || (!bracket && is_machine(text));
}
