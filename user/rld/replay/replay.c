// SPDX-License-Identifier: GPL-2.0-only
/* Record after record of a capture to the program, and the answer at its end. */
#include "rld/replay/replay.h"

#include <errno.h>
#include <stdlib.h>

#include "base/time.h"
#include "rld/replay/replay_internal.h"
#include "rld/request/query.h"
#include "rld/sources/state.h"

/* The daemon's passes take as long as its load allows; these have a tenth of the idle time. */
static __u64 pass_every_ns(const struct replay *replay)
{
	__u64 longest = replay->rld.conf->options.idle_timeout_ns / 10;

	return longest > TIME_NS ? longest : TIME_NS;
}

static int forget_piece(struct replay *replay, const struct rl_key *keys,
			const struct rl_state *states, size_t count, __u64 now_ns)
{
	__u64 idle_ns = replay->rld.conf->options.idle_timeout_ns;
	struct rl_key idle[RL_SWEEP_MAX];
	size_t used = 0;
	size_t deleted = 0;

	for (size_t i = 0; i < count; i++) {
		const struct conf_limit *limit = rld_limit_by_id(&replay->rld, keys[i].limit_id);

		if (!limit || !state_is_idle(&limit->abi, &states[i], idle_ns, now_ns))
			continue;
		if (tally_add(&replay->gone, &keys[i], &states[i]))
			return -ENOMEM;
		idle[used++] = keys[i];
	}
	if (!used)
		return 0;
	replay->forgotten += used;
	return dp_sweep(replay->rld.dp, RL_SWEEP_EXPIRE, idle, used, now_ns - idle_ns, &deleted);
}

int replay_forget(struct replay *replay, __u64 now_ns, struct diag *d)
{
	const struct rl_key *keys;
	const struct rl_state *states;
	struct dp_scan *scan;
	int count;
	int err = dp_scan_open(replay->rld.dp, &scan);

	if (err)
		return diag_errno(d, -err, "cannot walk the state table");
	dp_control(replay->rld.dp)->test_now = now_ns;
	while (!err && (count = dp_scan_next(scan, &keys, &states)))
		err = count < 0 ? count : forget_piece(replay, keys, states, (size_t)count, now_ns);
	dp_scan_close(scan);
	return err ? diag_errno(d, -err, "cannot forget idle sources") : 0;
}

static int run_frame(struct replay *replay, __u64 now_ns, struct diag *d)
{
	const struct replay_frame *frame = &replay->frame;
	int err = dp_run(replay->rld.dp, frame->data, frame->len, now_ns);

	if (err == -EMSGSIZE) {
		replay->records[REPLAY_TOO_LONG]++;
		return 0;
	}
	if (err)
		return diag_errno(d, -err, "the kernel does not run a packet");
	replay->records[REPLAY_RUN]++;
	replay->cut += frame->cut;
	return 0;
}

static int take(struct replay *replay, const struct replay_record *record, struct diag *d)
{
	__u64 now_ns = replay_clock_set(&replay->clock, record);
	enum replay_fate fate;
	int err = 0;

	if (now_ns >= replay->pass_ns) {
		err = replay_forget(replay, now_ns, d);
		replay->pass_ns = now_ns + pass_every_ns(replay);
	}
	if (err)
		return err;
	fate = replay_frame_make(capture_link(replay->capture), record, &replay->frame);
	if (fate == REPLAY_RUN)
		return run_frame(replay, now_ns, d);
	replay->records[fate]++;
	return 0;
}

/* The first record's time is that of the configuration, so it is read before. */
static int run_all(struct replay *replay, struct diag *d)
{
	struct replay_record record = {.s = time_wall_ns() / (__s64)TIME_NS};
	int found = capture_next(replay->capture, &record, d);
	int err;

	if (found < 0)
		return found;
	replay_clock_set(&replay->clock, &record);
	if (found)
		replay->first_ns = replay->clock.now_ns;
	err = replay_rules(replay, d);
	if (!err)
		replay->pass_ns = replay->clock.now_ns + pass_every_ns(replay);
	while (!err && found > 0) {
		err = take(replay, &record, d);
		if (!err)
			found = capture_next(replay->capture, &record, d);
	}
	return err ? err : found;
}

static int set_top(struct replay *replay, struct diag *d)
{
	struct query query = {.top = REPLAY_TOP};
	int err = replay->options->top ? query_set(&query, "top", replay->options->top, d) : 0;

	replay->top = query.top;
	return err;
}

static int print_answer(json_t *message, int status)
{
	char *line = message ? json_line(message) : NULL;
	bool printed = line && fputs(line, stdout) >= 0 && !fflush(stdout);

	free(line);
	json_decref(message);
	return printed ? status : 1;
}

int replay_run(const struct replay_options *options, const struct rld_options *places)
{
	struct replay *replay = calloc(1, sizeof(*replay));
	json_t *data = NULL;
	struct diag d = {0};
	int err;

	if (!replay)
		return 1;
	replay->options = options;
	replay->rld.options = *places;
	err = set_top(replay, &d);
	if (!err)
		err = capture_open(options->file, options->filter, &replay->capture, &d);
	if (!err)
		err = run_all(replay, &d);
	if (!err)
		data = replay_view(replay, &d);
	capture_close(replay->capture);
	dp_close(replay->rld.dp);
	conf_free(replay->rld.conf);
	tally_done(&replay->gone);
	free(replay);
	if (data)
		return print_answer(json_answer(data), 0);
	return print_answer(json_error(&d), diag_kind_status(d.kind));
}
