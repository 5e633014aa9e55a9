// SPDX-License-Identifier: GPL-2.0-only
/* Writing a file of sources, and reading what a test made of it. */
#include "kept.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "rld/kept/kept.h"
#include "rld/kept/kept_write.h"

static const char *const lines[] = {
	"set-limit guess 3/minute per source/24/64 match udp ban for 1h up to 1d everywhere",
	"set-limit pair 200/day per source,dport match udp",
	"set-limit short 10/second match tcp",
	"set-limit slide 50/hour strategy sliding-window match icmp",
	"set-limit bucket 50/hour strategy token-bucket match icmp",
};
#define LIMITS (sizeof(lines) / sizeof(*lines))

static struct rld rld;
struct moment kept_now;
static char boot[PERSIST_BOOT];
struct kept_bytes kept_good;

struct kept_bytes kept_bytes_of(const char *from, size_t size)
{
	struct kept_bytes bytes = {malloc(size ? size : 1), size};

	assert_non_null(bytes.at);
	memcpy(bytes.at, from, size);
	return bytes;
}

struct sources_tail *kept_tail(const struct kept_bytes *bytes)
{
	return (void *)(bytes->at + bytes->size - sizeof(struct sources_tail));
}

struct sources_ban *kept_bans(const struct kept_bytes *bytes)
{
	struct sources_head *head = (void *)bytes->at;

	return (void *)((struct sources_limit *)(head + 1) + head->limits);
}

struct rl_state *kept_states(const struct kept_bytes *bytes)
{
	return (void *)(kept_bans(bytes) + KEPT_BANS);
}

void kept_sum_again(const struct kept_bytes *bytes)
{
	kept_tail(bytes)->sum = kept_sum(0, bytes->at, bytes->size - 8);
}

/* Judges, and takes up what is good. */
const char *kept_take(const struct kept_bytes *bytes, struct kept_seen *ret)
{
	struct kept_file file;
	const char *wrong = kept_file_judge(bytes->at, bytes->size, &file);
	const struct rl_limit *limit;
	struct rl_state state;
	struct rl_ban ban;

	memset(ret, 0, sizeof(*ret));
	if (wrong)
		return wrong;
	assert_int_equal(kept_file_open(&file, rld.conf, &kept_now, boot), 0);
	for (__u64 i = 0; i < file.tail->bans; i++) {
		enum kept_fate fate = kept_file_ban(&file, i, &ban);

		ret->bans[fate]++;
		if (fate == KEPT_LIVE && ban.until > ret->latest)
			ret->latest = ban.until;
	}
	for (__u64 i = 0; i < file.tail->states; i++)
		ret->states[kept_file_state(&file, i, &limit, &state)]++;
	kept_file_close(&file);
	return NULL;
}

const char *kept_wrong_with(const struct kept_bytes *bytes)
{
	struct kept_seen seen;

	return kept_take(bytes, &seen);
}

void kept_assert_wrong(const struct kept_bytes *bytes, const char *start)
{
	const char *wrong = kept_wrong_with(bytes);

	assert_non_null(wrong);
	if (strncmp(wrong, start, strlen(start)) != 0)
		fail_msg("seen: %s, expected: %s", wrong, start);
}

static void write_states(struct kept_write *w, __u64 now_ns)
{
	struct rl_key key[KEPT_STATES] = {0};
	struct rl_state state[KEPT_STATES] = {0};

	for (__u32 i = 0; i < KEPT_STATES; i++) {
		key[i].limit_id = rld.conf->limit[i % LIMITS]->abi.id;
		memcpy(&key[i].source, &i, sizeof(i));
		state[i] = (struct rl_state){
			.fingerprint = 100 + i,
			.banned_until = now_ns + KEPT_HOUR,
			.keep_until = now_ns + KEPT_HOUR,
			.window = {{now_ns, 5, 6}},
			.key = key[i],
		};
	}
	kept_write_states(w, key, state, KEPT_STATES);
}

static void read_back(const char *path)
{
	FILE *file = fopen(path, "r");
	struct stat st;

	assert_non_null(file);
	assert_int_equal(fstat(fileno(file), &st), 0);
	kept_good.size = (size_t)st.st_size;
	kept_good.at = malloc(kept_good.size);
	assert_non_null(kept_good.at);
	assert_int_equal(fread(kept_good.at, 1, kept_good.size, file), kept_good.size);
	fclose(file);
}

int kept_set_up(void **state)
{
	char path[] = "/tmp/rld-unit-kept-XXXXXX";
	int fd = mkstemp(path);
	static struct kept_write w;

	close(fd);
	kept_now = clock_moment();
	persist_boot(boot);
	rld.conf = conf_new();
	for (unsigned i = 0; i < LIMITS; i++) {
		unit_good(rld.conf, lines[i]);
		rld.conf->limit[i]->abi.id = 70 + i;
		rld.conf->limit[i]->abi.slot = (__u16)(i + 1);
	}
	rld_limits_changed(&rld);
	w.rld = &rld;
	assert_int_equal(kept_write_begin(&w, path), 0);
	for (unsigned i = 0; i < KEPT_BANS; i++) {
		struct rl_ban_key key = {.prefix4 = 24, .prefix6 = 64};

		memcpy(&key.source, &i, sizeof(i));
		kept_write_ban(&w, &key,
			       &(struct rl_ban){kept_now.mono_ns + (i + 1) * KEPT_HOUR, 70, 0});
	}
	write_states(&w, kept_now.mono_ns);
	kept_write_end(&w);
	fclose(w.file);
	read_back(path);
	return unlink(path);
}

int kept_tear_down(void **state)
{
	conf_free(rld.conf);
	free(kept_good.at);
	return 0;
}
