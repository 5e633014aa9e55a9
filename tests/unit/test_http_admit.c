// SPDX-License-Identifier: GPL-2.0-only
/* Who may have the views: by which token and which host, and where the token lies. */
#include <arpa/inet.h>
#include <errno.h>
#include <glob.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rl/proto.h"
#include "rld/http/host.h"
#include "rld/http/token.h"
#include "rld/request/access.h"
#include "daemon.h"
#include "web.h"

/* The groups of this machine, who the file was given to, and its name, are what a test says. */
static gid_t readers, given;
static bool may_give;
static const char *host_name = "Box";

struct group *__wrap_getgrnam(const char *name);
int __wrap_fchown(int fd, uid_t uid, gid_t gid);
int __wrap_gethostname(char *name, size_t size);

struct group *__wrap_getgrnam(const char *name)
{
	static struct group group;

	group.gr_gid = readers;
	return readers && !strcmp(name, RL_GROUP_READ) ? &group : NULL;
}

int __wrap_fchown(int fd, uid_t uid, gid_t gid)
{
	struct stat st;

	assert_int_equal(uid, (uid_t)-1);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600); /* nobody else has read it by then */
	given = gid;
	errno = EPERM;
	return may_give ? 0 : -1;
}

int __wrap_gethostname(char *name, size_t size)
{
	snprintf(name, size, "%s", host_name);
	return 0;
}

static void assert_admitted(const char *say, const char *expected)
{
	web_admit(say);
	web_assert_status("GET", "/v1/status", expected);
	web_assert_status("HEAD", "/v1/limits", expected);
	web_assert_status("GET", "/metrics", "200");
}

static void the_views_take_the_token_alone(void **state)
{
	assert_int_equal(strlen(web_token()), TOKEN_CHARS);
	assert_admitted("Bearer ", "200");
	assert_admitted("bEARER \t  ", "200");
	assert_admitted("Bearer", "401");
	assert_admitted("Basic ", "401");
	assert_admitted("Digest ", "401");
	assert_admitted("", "401");
	assert_admitted("Bearer x", "401");
	assert_admitted("Bearer x ", "401");
	strcpy(web_headers, "Host: localhost\r\n");
	web_assert_status("GET", "/v1/sources", "401");
	web_assert_status("GET", "/v1/nothing", "404");
	web_assert_status("POST", "/v1/status", "405");
	web_assert_status("GET", "/metrics", "200");
}

static void each_character_of_the_token_counts(void **state)
{
	struct token token;
	char value[128];
	struct diag d;

	assert_int_equal(token_make(daemon_path("x.sock"), &token, &d), 0);
	snprintf(value, sizeof(value), "Bearer %s", token.text);
	assert_true(token_is(&token, value));
	for (size_t i = 0; i < TOKEN_CHARS; i++) {
		char *at = &value[strlen("Bearer ") + i], was = *at;

		for (unsigned bit = 0; bit < 7; bit++) {
			*at = (char)(was ^ 1 << bit);
			assert_false(token_is(&token, value));
		}
		*at = was;
	}
	strcat(value, " \t ");
	assert_true(token_is(&token, value));
	strcat(value, "x");
	assert_false(token_is(&token, value));
	snprintf(value, sizeof(value), "Bearer %.*s", TOKEN_CHARS - 1, token.text);
	assert_false(token_is(&token, value));
	snprintf(value, sizeof(value), "Bearer %s0", token.text);
	assert_false(token_is(&token, value));
	assert_false(token_is(&token, NULL));
	token_remove(&token);
}

static void who_is_not_admitted_is_told_how(void **state)
{
	json_t *json;

	strcpy(web_headers, "Host: localhost\r\n");
	assert_non_null(strstr(web_ask("GET", "/v1/status"), "\r\nWWW-Authenticate: Bearer\r\n"));
	json = web_body("/v1/status");
	assert_string_equal(json_at(json, "schema"), RL_SCHEMA);
	assert_string_equal(json_at(json, "error.code"), "permission");
	assert_non_null(strstr(json_at(json, "error.hint"), daemon_path("http-token")));
	json_decref(json);
	assert_null(strstr(web_ask("GET", "/metrics"), "WWW-Authenticate"));
}

static void assert_host(const char *listen, const char *host, bool here)
{
	union listen_addr addr;

	assert_int_equal(listen_parse(listen, &addr), 0);
	if (host_is_here(host, &addr) != here)
		fail_msg("at %s, host %s", listen, host ? host : "NULL");
}

static void names_of_this_machine(void **state)
{
	static const char *const four[] = {
		"127.0.0.1",	  "127.0.0.1:9779", "127.0.0.1:80", "127.0.0.1:", "localhost",
		"LocalHost:9779", "localhost:8080", "box",	    "BOX:9779"};
	static const char *const six[] = {"[::1]", "[::1]:9779", "[0:0::0:1]:1", "localhost",
					  "box"};
	static const char *const strange[] = {"",
					      "evil.example",
					      "evil.example:9779",
					      "127.0.0.1.evil.example",
					      "localhost.",
					      "localhost.evil",
					      "box.evil",
					      "127.0.0.2",
					      "127.1",
					      "127.0.0.1:9779:9779",
					      "127.0.0.1:x",
					      "::1",
					      "[::1",
					      "[::2]",
					      "[::1]x",
					      "[127.0.0.1]",
					      "[localhost]",
					      "[box]",
					      ":9779",
					      "127.0.0.1 ",
					      "[]",
					      "a@127.0.0.1",
					      "[::ffff:127.0.0.1]"};
	char longest[2048];

	for (size_t i = 0; i < sizeof(four) / sizeof(*four); i++)
		assert_host("127.0.0.1:9779", four[i], true);
	for (size_t i = 0; i < sizeof(six) / sizeof(*six); i++)
		assert_host("[::1]:9779", six[i], true);
	for (size_t i = 0; i < sizeof(strange) / sizeof(*strange); i++) {
		assert_host("127.0.0.1:9779", strange[i], false);
		assert_host("[::1]:9779", strange[i], false);
	}
	assert_host("[::1]:9779", "127.0.0.1", false);
	assert_host("127.0.0.1:9779", "[::1]", false);
	assert_host("127.0.0.2:9779", "127.0.0.2", true);
	assert_host("127.0.0.1:9779", NULL, false);
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = 0;
	assert_host("127.0.0.1:9779", longest, false);
	host_name = "";
	assert_host("127.0.0.1:9779", "", false);
	host_name = "Box";
}

static void other_names_get_the_metrics_alone(void **state)
{
	json_t *json;

	snprintf(web_headers, sizeof(web_headers),
		 "Host: evil.example:9779\r\nAuthorization: Bearer %s\r\n", web_token());
	web_assert_status("GET", "/v1/status", "421");
	web_assert_status("GET", "/v1/sources", "421");
	web_assert_status("GET", "/metrics", "200");
	json = web_body("/v1/status");
	assert_string_equal(json_at(json, "error.code"), "refused");
	json_decref(json);
	strcpy(web_headers, "Host: evil.example\r\n");
	assert_null(strstr(web_ask("GET", "/v1/status"), "http-token"));
}

/* Of HTTP/1.0, whose requests need no host. */
static void no_name_is_none_of_this_machine(void **state)
{
	char text[4096] = "";
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&web_at, sizeof(web_at)), 0);
	dprintf(fd, "GET /v1/status HTTP/1.0\r\nAuthorization: Bearer %s\r\n\r\n", web_token());
	assert_true(recv(fd, text, sizeof(text) - 1, 0) > 0);
	assert_non_null(strstr(text, " 421 "));
	close(fd);
}

static ino_t file_of(mode_t *ret_mode)
{
	struct stat st;

	if (lstat(daemon_path("http-token"), &st))
		return 0;
	*ret_mode = st.st_mode;
	return st.st_ino;
}

static void the_token_is_new_at_each_start_and_gone_after_a_stop(void **state)
{
	char first[TOKEN_CHARS + 1];
	mode_t mode;

	assert_true(file_of(&mode));
	assert_int_equal(mode, S_IFREG | 0640);
	assert_int_equal(strspn(web_token(), "0123456789abcdef"), TOKEN_CHARS);
	strcpy(first, web_token());
	daemon_stop();
	assert_false(file_of(&mode));
	unit_write(daemon_path("http-token"), "left by one that was killed\n");
	daemon_start();
	assert_int_equal(strlen(web_token()), TOKEN_CHARS);
	assert_string_not_equal(web_token(), first);
	web_admit("Bearer ");
	web_assert_status("GET", "/v1/status", "200");
	unit_write(daemon_path("other"), "another's\n");
	assert_int_equal(rename(daemon_path("other"), daemon_path("http-token")), 0);
	daemon_stop();
	assert_true(file_of(&mode));
}

static void the_group_that_may_look_may_read_it(void **state)
{
	daemon_stop();
	given = 0;
	may_give = true;
	readers = 500;
	access_refresh();
	daemon_start();
	assert_int_equal(given, 500);
	daemon_stop();
	may_give = false; /* it starts all the same */
	readers = 501;
	access_refresh();
	daemon_start();
	assert_int_equal(given, 501);
	assert_admitted("Bearer ", "200");
	readers = 0;
	access_refresh();
}

static void limits_stand_where_no_token_can_be(void **state)
{
	glob_t left;

	daemon_stop();
	assert_int_equal(mkdir(daemon_path("http-token"), 0755), 0);
	daemon_start();
	web_assert_status("GET", "/v1/status", "401");
	web_assert_status("GET", "/metrics", "200");
	daemon_stop();
	assert_int_equal(rmdir(daemon_path("http-token")), 0);
	assert_int_equal(glob(daemon_path("http-token*"), 0, NULL, &left), GLOB_NOMATCH);
}

static void without_views_there_is_no_token(void **state)
{
	mode_t mode;

	assert_false(file_of(&mode));
	web_assert_status("GET", "/v1/status", "404");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, web_set_up, daemon_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_views_take_the_token_alone),
		TEST(each_character_of_the_token_counts),
		TEST(who_is_not_admitted_is_told_how),
		cmocka_unit_test(names_of_this_machine),
		TEST(other_names_get_the_metrics_alone),
		TEST(no_name_is_none_of_this_machine),
		TEST(the_token_is_new_at_each_start_and_gone_after_a_stop),
		TEST(the_group_that_may_look_may_read_it),
		TEST(limits_stand_where_no_token_can_be),
		cmocka_unit_test_setup_teardown(without_views_there_is_no_token,
						web_set_up_everywhere, daemon_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
