// SPDX-License-Identifier: GPL-2.0-only
/* The daemon with HTTP. */
#include "web.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

struct sockaddr_in web_at = {.sin_family = AF_INET};
char web_headers[256];
static char listen_text[64];

const char *web_token(void)
{
	static char text[128];
	FILE *file = fopen(daemon_path("http-token"), "r");

	text[0] = 0;
	if (file) {
		if (fgets(text, sizeof(text), file))
			text[strcspn(text, "\n")] = 0;
		fclose(file);
	}
	return text;
}

void web_admit(const char *say)
{
	snprintf(web_headers, sizeof(web_headers), "Host: localhost\r\nAuthorization: %s%s\r\n",
		 say, web_token());
}

static int set_up_on(const char *host)
{
	socklen_t size = sizeof(web_at);
	int fd = socket(AF_INET, SOCK_STREAM, 0), err = daemon_set_up(NULL);

	web_at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	web_at.sin_port = 0;
	if (bind(fd, (struct sockaddr *)&web_at, size) ||
	    getsockname(fd, (struct sockaddr *)&web_at, &size))
		return -1;
	close(fd);
	snprintf(listen_text, sizeof(listen_text), "%s:%u", host, ntohs(web_at.sin_port));
	daemon_listen = listen_text;
	fake_dp_device("eth0");
	daemon_write_config("attach eth0\nset-limit ssh 10/second match tcp dport 22\n"
			    "set-option metrics-top 2\n");
	daemon_start();
	web_admit("Bearer ");
	return err;
}

int web_set_up(void **state)
{
	return set_up_on("127.0.0.1");
}

int web_set_up_everywhere(void **state)
{
	return set_up_on("0.0.0.0");
}

const char *web_ask(const char *method, const char *path)
{
	static char text[1 << 16];
	struct timeval limit = {.tv_sec = 10};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	size_t used = 0;
	ssize_t len;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	assert_int_equal(connect(fd, (struct sockaddr *)&web_at, sizeof(web_at)), 0);
	dprintf(fd, "%s %s HTTP/1.1\r\n%sConnection: close\r\n\r\n", method, path, web_headers);
	while ((len = recv(fd, text + used, sizeof(text) - 1 - used, 0)) > 0)
		used += (size_t)len;
	text[used] = 0;
	close(fd);
	return text;
}

void web_assert_status(const char *method, const char *path, const char *expected)
{
	char start[32];
	const char *text = web_ask(method, path);

	snprintf(start, sizeof(start), "HTTP/1.1 %s ", expected);
	if (strncmp(text, start, strlen(start)))
		fail_msg("%s %s with %s: %.40s, not %s", method, path, web_headers, text, expected);
}

json_t *web_body(const char *path)
{
	const char *text = strstr(web_ask("GET", path), "\r\n\r\n");
	json_t *json = text ? json_loads(text, 0, NULL) : NULL;

	if (!json)
		fail_msg("%s: no JSON: %s", path, text ? text : "nothing");
	return json;
}
