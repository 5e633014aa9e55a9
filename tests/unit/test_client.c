/* SPDX-License-Identifier: GPL-2.0-only */
/* Clients of the control socket: order, caps, and lines in pieces. */
#include <sys/socket.h>
#include <unistd.h>

#include "clients.h"
#include "rl/proto.h"

static void statements_wait_together_and_others_alone(void **state)
{
	clients_request("s1");
	clients_request("s2");
	clients_request("view");
	clients_request("s3");
	clients_waiting("s1 s2 ");
	clients_answer("s1");
	clients_waiting("s2 ");
	clients_answer("s2");
	clients_waiting("view "); /* not s3 beside it */
	clients_answer("view");
	clients_waiting("s3 ");
	clients_answer("s3");
	assert_string_equal(clients_heard(clients_fd), "s1 s2 view s3 ");
}

static void an_error_is_answered_in_its_turn(void **state)
{
	clients_request("s1");
	clients_say("nonsense\n");
	clients_request("now");
	assert_string_equal(clients_heard(clients_fd), "");
	clients_answer("s1");
	assert_string_equal(clients_heard(clients_fd), "s1 usage now ");
}

static void lines_may_come_in_pieces_and_many_at_once(void **state)
{
	clients_say("{\"comm");
	clients_say("and\":[\"n");
	assert_string_equal(clients_heard(clients_fd), "");
	clients_say("ow\"]}\n\n{\"command\":[\"now\"]}\n{\"comman");
	assert_string_equal(clients_heard(clients_fd), "now now ");
	clients_say("d\":[\"now\"]}\n");
	assert_string_equal(clients_heard(clients_fd), "now ");
}

static void the_last_line_needs_no_end(void **state)
{
	clients_say("{\"command\":[\"now\"]}");
	assert_string_equal(clients_heard(clients_fd), "");
	shutdown(clients_fd, SHUT_WR);
	clients_settle();
	assert_string_equal(clients_heard(clients_fd), "now ");
	assert_true(clients_hung_up(clients_fd));
	assert_int_equal(clients_all.count, 0);
}

static void who_has_said_all_still_gets_his_answers(void **state)
{
	clients_request("view");
	shutdown(clients_fd, SHUT_WR);
	clients_settle();
	assert_int_equal(clients_all.count, 1);
	clients_answer("view");
	assert_string_equal(clients_heard(clients_fd), "view ");
	assert_true(clients_hung_up(clients_fd));
}

static void answers_outlive_a_client_that_left(void **state)
{
	clients_request("view");
	close(clients_fd);
	clients_fd = -1;
	clients_settle();
	assert_int_equal(clients_all.count, 0);
	assert_true(answer_gone(clients_open[0]));
	clients_answer("view"); /* freed, sent nowhere */
}

static void an_over_long_line_ends_the_conversation(void **state)
{
	char *line = malloc(RL_REQUEST_MAX * 4);

	clients_level = ACCESS_READ;
	close(clients_fd);
	clients_fd = clients_join();
	memset(line, ' ', RL_REQUEST_MAX * 4);
	clients_pour(line, RL_REQUEST_MAX);
	assert_string_equal(clients_heard(clients_fd), "");
	clients_pour(line, 2);
	assert_string_equal(clients_heard(clients_fd), "usage ");
	assert_true(clients_hung_up(clients_fd));
	free(line);
}

static void who_may_change_things_may_send_a_long_check(void **state)
{
	char *line = malloc(RL_REQUEST_MAX * 4);

	memset(line, 'x', RL_REQUEST_MAX * 4);
	memcpy(line, "{\"command\":[\"now\"],\"config\":\"", 29);
	memcpy(line + RL_REQUEST_MAX * 4 - 3, "\"}\n", 3);
	clients_pour(line, RL_REQUEST_MAX * 4);
	assert_string_equal(clients_heard(clients_fd), "now ");
	free(line);
}

static void who_does_not_read_is_not_served(void **state)
{
	struct answer *stream;

	clients_request("view");
	stream = clients_open[0];
	/* More than the kernel and the cap take. */
	for (int i = 0; i < 12; i++) {
		char *text = malloc(65537);

		memset(text, 'x', 65536);
		text[65536] = 0;
		answer_more(stream, json_string(text));
		free(text);
	}
	clients_settle();
	clients_open[0] = NULL;
	answer_data(stream, json_string("end"));
	clients_request("s1");
	clients_waiting("");
	assert_int_equal(clients_lines_heard(), 13);
	clients_waiting("s1 ");
	clients_answer("s1");
}

static void a_slow_reader_of_a_stream_is_dropped(void **state)
{
	char *text = malloc(65537);
	struct answer *stream;

	memset(text, 'x', 65536);
	text[65536] = 0;
	clients_request("view");
	stream = clients_open[0];
	for (int i = 0; i < 64 && !answer_gone(stream); i++)
		answer_more(stream, json_string(text));
	assert_true(answer_gone(stream));
	assert_int_equal(clients_all.count, 0);
	answer_data(stream, json_null());
	free(text);
}

static void who_has_no_right_is_told_so(void **state)
{
	int other;

	clients_level = ACCESS_NONE;
	other = clients_join();
	assert_int_equal(clients_all.count, 1);
	assert_string_equal(clients_heard(other), "permission ");
	assert_true(clients_hung_up(other));
	close(other);
	clients_request("now"); /* the others go on */
	assert_string_equal(clients_heard(clients_fd), "now ");
}

/* So many more, of which each has asked for something or not. */
static size_t join_more(int *fd, size_t count, bool ask)
{
	for (size_t i = 0; i < count; i++) {
		fd[i] = clients_join();
		if (ask)
			dprintf(fd[i], "{\"command\":[\"view\"]}\n");
		clients_settle();
	}
	return count;
}

static void close_all(int *fd, size_t count)
{
	while (count)
		close(fd[--count]);
	clients_settle();
}

static void an_idle_reader_goes_for_a_new_one(void **state)
{
	int fd[70];

	clients_level = ACCESS_READ;
	join_more(fd, 64, false);
	dprintf(fd[0], "{\"command\":[\"now\"]}\n");
	clients_settle();
	join_more(fd + 64, 2, false);
	assert_int_equal(clients_all.count, 1 + 64);
	assert_true(clients_hung_up(fd[1]));
	assert_true(clients_hung_up(fd[2]));
	assert_string_equal(clients_heard(fd[0]), "now ");
	assert_string_equal(clients_heard(fd[65]), "");
	dprintf(fd[65], "{\"command\":[\"now\"]}\n");
	clients_settle();
	assert_string_equal(clients_heard(fd[65]), "now ");
	clients_request("now"); /* of one that may change things, and has been idle longest */
	assert_string_equal(clients_heard(clients_fd), "now ");
	close_all(fd, 66);
}

static void a_reader_that_waits_for_something_stays(void **state)
{
	int fd[65];

	clients_level = ACCESS_READ;
	join_more(fd, 64, true);
	join_more(fd + 64, 1, false);
	assert_string_equal(clients_heard(fd[64]), "failed ");
	assert_true(clients_hung_up(fd[64]));
	assert_int_equal(clients_all.count, 1 + 64);
	close_all(fd, 65);
}

static void readers_leave_room_for_who_may_change_things(void **state)
{
	int fd[130];

	clients_level = ACCESS_READ;
	join_more(fd, 64, false);
	clients_level = ACCESS_CHANGE;
	join_more(fd + 64, 63, false);
	assert_int_equal(clients_all.count, 128);
	join_more(fd + 127, 1, false);
	assert_int_equal(clients_all.count, 128);
	assert_true(clients_hung_up(fd[0]));
	clients_request("now");
	assert_string_equal(clients_heard(clients_fd), "now ");
	close_all(fd, 128);
}

static void who_may_change_things_gets_in_beside_those_that_do_not_use_it(void **state)
{
	int fd[130];

	join_more(fd, 128, false);
	assert_int_equal(clients_all.count, 128);
	assert_true(clients_hung_up(clients_fd));
	clients_level = ACCESS_READ;
	join_more(fd + 128, 1, false);
	assert_string_equal(clients_heard(fd[128]), "failed ");
	assert_int_equal(clients_all.count, 128);
	close_all(fd, 129);
}

static void without_descriptors_one_goes_for_each(void **state)
{
	int other;

	clients_crowded = true;
	other = clients_join();
	assert_true(clients_hung_up(clients_fd));
	assert_int_equal(clients_all.count, 1);
	close(other);
	clients_settle();
	assert_int_equal(clients_all.count, 0);
	other = clients_join(); /* nobody is there to go */
	assert_int_equal(clients_all.count, 1);
	close(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, clients_set_up, clients_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(statements_wait_together_and_others_alone),
		TEST(an_error_is_answered_in_its_turn),
		TEST(lines_may_come_in_pieces_and_many_at_once),
		TEST(the_last_line_needs_no_end),
		TEST(who_has_said_all_still_gets_his_answers),
		TEST(answers_outlive_a_client_that_left),
		TEST(an_over_long_line_ends_the_conversation),
		TEST(who_may_change_things_may_send_a_long_check),
		TEST(who_does_not_read_is_not_served),
		TEST(a_slow_reader_of_a_stream_is_dropped),
		TEST(who_has_no_right_is_told_so),
		TEST(an_idle_reader_goes_for_a_new_one),
		TEST(a_reader_that_waits_for_something_stays),
		TEST(readers_leave_room_for_who_may_change_things),
		TEST(who_may_change_things_gets_in_beside_those_that_do_not_use_it),
		TEST(without_descriptors_one_goes_for_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
