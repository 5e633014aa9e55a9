/* SPDX-License-Identifier: GPL-2.0-only */
/* HTTP: what it serves to whom, and the text of the metrics. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/time.h"
#include "daemon.h"
#include "web.h"

static void views_are_those_of_the_socket(void **state)
{
	json_t *json = web_body("/v1/status");

	assert_string_equal(json_at(json, "data.interfaces.0.name"), "eth0");
	json_decref(json);
	json = web_body("/v1/limits");
	assert_string_equal(json_at(json, "data.limits.0.name"), "ssh");
	json_decref(json);
	json = web_body("/v1/stats");
	assert_string_equal(json_at(json, "data.packets.pass"), "0");
	json_decref(json);
}

static void sources_take_parameters_and_a_walk(void **state)
{
	json_t *json;

	fake_dp_source("ssh", "192.0.2.7")->state.drop_packets = 3;
	fake_dp_source("ssh", "192.0.2.8")->state.drop_packets = 5;
	json = web_body("/v1/sources?top=1&sort=drop");
	assert_string_equal(json_at(json, "data.total"), "2");
	assert_string_equal(json_at(json, "data.sources.0.source"), "192.0.2.8");
	assert_string_equal(json_at(json, "data.sources.1"), "(none)");
	json_decref(json);
	web_assert_status("GET", "/v1/sources?top=0", "400");
	web_assert_status("GET", "/v1/sources?what=0", "400");
	web_assert_status("GET", "/v1/sources?limit=nobody", "400");
	json = web_body("/v1/sources?tpo=1");
	assert_string_equal(json_at(json, "error.message"), "unknown parameter \"tpo\"");
	json_decref(json);
}

static void what_is_not_there_and_what_only_looks_are_told_apart(void **state)
{
	web_assert_status("GET", "/", "404");
	web_assert_status("GET", "/v1/nothing", "404");
	web_assert_status("HEAD", "/metrics", "200");
	web_assert_status("POST", "/v1/status", "405");
	web_assert_status("DELETE", "/metrics", "405");
	assert_non_null(strstr(web_ask("POST", "/metrics"), "Allow: GET, HEAD"));
	assert_non_null(strstr(web_ask("GET", "/metrics"),
			       "Content-Type: text/plain; version=0.0.4; charset=utf-8"));
}

static void other_machines_get_the_metrics_alone(void **state)
{
	web_assert_status("GET", "/metrics", "200");
	web_assert_status("GET", "/v1/status", "404");
	web_assert_status("GET", "/v1/sources", "404");
}

static void assert_metric(const char *line)
{
	char text[256];

	snprintf(text, sizeof(text), "\n%s\n", line);
	if (!strstr(web_ask("GET", "/metrics"), text))
		fail_msg("no %s in %s", line, web_ask("GET", "/metrics"));
}

static void metrics_count_what_the_program_counted(void **state)
{
	struct fake_dp *fake = fake_dp();

	fake->iface_counters[1].reason[RL_REASON_OVER_LIMIT][RL_VERDICT_DROP] =
		(struct rl_counter){.packets = 7, .bytes = 700};
	fake->limit_counters[0].verdict[RL_VERDICT_DROP].packets = 7;
	fake->limit_counters[0].breaches = 2;
	assert_metric("rld_packets_total{iface=\"eth0\",verdict=\"drop\"} 7");
	assert_metric("rld_bytes_total{iface=\"eth0\",verdict=\"drop\"} 700");
	assert_metric("rld_reason_packets_total{reason=\"over-limit\"} 7");
	assert_metric("rld_attached{iface=\"eth0\",mode=\"generic\"} 1");
	assert_metric("# TYPE rld_packets_total counter");
}

static void labels_are_escaped(void **state)
{
	strcpy(fake_dp()->iface[0].name, "a\"b\\c\nd");
	assert_metric("rld_attached{iface=\"a\\\"b\\\\c\\nd\",mode=\"generic\"} 1");
}

/* "NAME{labels} NUMBER", a comment, or the end. */
static bool is_sample(const char *line)
{
	size_t name = strspn(line, "abcdefghijklmnopqrstuvwxyz_0123456789");
	const char *value = strrchr(line, ' ');
	char *end;

	if (!strncmp(line, "# HELP ", 7) || !strncmp(line, "# TYPE ", 7))
		return true;
	if (!name || !value || (line[name] != '{' && line + name != value) ||
	    (line[name] == '{' && value[-1] != '}'))
		return false;
	strtod(value + 1, &end);
	return end != value + 1 && !*end;
}

static void every_line_of_the_metrics_is_a_sample_or_a_comment(void **state)
{
	char *rest = strstr((char *)(uintptr_t)web_ask("GET", "/metrics"), "\r\n\r\n") + 4, *line;
	size_t lines = 0;

	while ((line = strsep(&rest, "\n"))) {
		if (!*line)
			continue;
		if (!is_sample(line))
			fail_msg("%s", line);
		lines++;
	}
	assert_true(lines > 50);
}

static void the_sources_refused_most_are_among_the_metrics(void **state)
{
	for (unsigned i = 1; i <= 4; i++) {
		char addr[32];

		snprintf(addr, sizeof(addr), "192.0.2.%u", i);
		fake_dp_source("ssh", addr)->state.drop_packets = 10 * i;
	}
	for (int i = 0; i < 100 && !strstr(web_ask("GET", "/metrics"), "192.0.2.4"); i++)
		usleep(50000); /* at the end of the next pass through the table */
	assert_non_null(strstr(web_ask("GET", "/metrics"), "192.0.2.4"));
	assert_non_null(strstr(web_ask("GET", "/metrics"), "192.0.2.3"));
	assert_null(strstr(web_ask("GET", "/metrics"), "192.0.2.2"));
}

static void a_place_in_use_is_no_start(void **state)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	daemon_stop();
	assert_int_equal(bind(fd, (struct sockaddr *)&web_at, sizeof(web_at)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(daemon_run_here(), 1);
	close(fd);
	daemon_listen = "nonsense";
	assert_int_equal(daemon_run_here(), 2);
}

/* So many connections that say this. */
static void crowd(int *fd, int count, const char *text)
{
	for (int i = 0; i < count; i++) {
		fd[i] = socket(AF_INET, SOCK_STREAM, 0);
		assert_int_equal(connect(fd[i], (struct sockaddr *)&web_at, sizeof(web_at)), 0);
		send(fd[i], text, strlen(text), MSG_NOSIGNAL);
	}
}

static void no_crowd_keeps_the_metrics_from_others(void **state)
{
	static const char *const says[] = {"", "GET /met", "GET /metrics HTTP/1.1\r\nX: y",
					   "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"};
	static const int counts[] = {63, 64, 65, 300};
	int fd[300];

	for (int i = 0; i < 16; i++) {
		int count = counts[i % 4];

		crowd(fd, count, says[i / 4]);
		web_assert_status("GET", "/metrics", "200");
		while (count)
			close(fd[--count]);
		web_assert_status("GET", "/metrics", "200");
	}
}

static bool answers(int fd)
{
	static const char request[] = "HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
	struct timeval limit = {.tv_sec = 10};
	char text[65536];

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	send(fd, request, strlen(request), MSG_NOSIGNAL);
	return recv(fd, text, sizeof(text), 0) > 15 && !strncmp(text, "HTTP/1.1 200 OK", 15);
}

static void who_has_asked_keeps_the_connection_in_a_crowd(void **state)
{
	int count = 300;
	int fd[301];

	crowd(fd, 1, "");
	assert_true(answers(fd[0]));
	crowd(fd + 1, count, "GET /met");
	web_assert_status("GET", "/metrics", "200");
	assert_true(answers(fd[0]));
	while (count)
		close(fd[count--]);
	close(fd[0]);
}

static void who_is_idle_goes_before_who_is_answered(void **state)
{
	int fd[33];
	char byte;

	crowd(fd, 31, "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n");
	crowd(fd + 31, 1, "");
	assert_true(answers(fd[31]));
	crowd(fd + 32, 1, "");
	assert_true(answers(fd[32]));
	assert_int_equal(recv(fd[31], &byte, 1, 0), 0); /* within the time that answers() has set */
	assert_int_equal(recv(fd[0], &byte, 1, MSG_DONTWAIT), -1);
	for (int i = 0; i < 33; i++)
		close(fd[i]);
}

static void a_head_may_take_five_seconds(void **state)
{
	static const char slow[] = "GET /metrics HTTP/1.1\r\nHost: x\r\nMore: and more and more";
	__u64 began = time_mono_ns();
	char byte;
	int fd;

	crowd(&fd, 1, "");
	for (size_t i = 0; i < strlen(slow) && recv(fd, &byte, 1, MSG_DONTWAIT) < 0; i++) {
		send(fd, &slow[i], 1, MSG_NOSIGNAL);
		usleep(200000);
	}
	assert_in_range(time_mono_ns() - began, 4900000000, 6500000000);
	close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, web_set_up, daemon_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(views_are_those_of_the_socket),
		TEST(sources_take_parameters_and_a_walk),
		TEST(what_is_not_there_and_what_only_looks_are_told_apart),
		cmocka_unit_test_setup_teardown(other_machines_get_the_metrics_alone,
						web_set_up_everywhere, daemon_tear_down),
		TEST(metrics_count_what_the_program_counted),
		TEST(labels_are_escaped),
		TEST(every_line_of_the_metrics_is_a_sample_or_a_comment),
		TEST(the_sources_refused_most_are_among_the_metrics),
		TEST(a_place_in_use_is_no_start),
		TEST(no_crowd_keeps_the_metrics_from_others),
		TEST(who_has_asked_keeps_the_connection_in_a_crowd),
		TEST(who_is_idle_goes_before_who_is_answered),
		TEST(a_head_may_take_five_seconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
