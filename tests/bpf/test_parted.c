// SPDX-License-Identifier: GPL-2.0-only
/* Frames of which a program sees only the first bytes, wherever that part ends: what is made of
 * them is what is made of the whole. */
#include <linux/if_ether.h>
#include <string.h>

#include "base/names.h"
#include "harness.h"
#include "shapes.h"

/* Longer than all headers, but for shapes that a whole frame has in parts. */
#define LINEAR_MAX 130

/* Takes off the Ethernet header, for an interface without one. */
static void bare(struct frame *f)
{
	f->len -= ETH_HLEN;
	memmove(f->data, f->data + ETH_HLEN, f->len);
}

/* By every length of the linear part. */
static void check_parts(struct harness *h, const char *name, const struct frame *f)
{
	__u32 verdict, got_verdict;
	enum rl_reason whole = harness_reason(h, f, &verdict), got;
	struct xdp_md ctx = {};

	h->ctx = &ctx;
	for (; ctx.data_end < f->len && ctx.data_end < LINEAR_MAX; ctx.data_end++) {
		got = harness_reason(h, f, &got_verdict);
		if (got != whole || got_verdict != verdict)
			fail_msg("%s, %u bytes linear: %s, as a whole %s", name, ctx.data_end,
				 names_text(&names_reason, got), names_text(&names_reason, whole));
	}
	h->ctx = NULL;
}

static void each_shape(struct harness *h, bool has_ethernet)
{
	struct frame f;

	if (!harness_has_parts(h))
		skip();
	harness_conf(h, "set-option exempt-rate 1000000\n"
			"set-limit ports 0/minute match dport 1-65535\nset-limit 9M/minute");
	for (size_t i = 0; i < shapes_count; i++) {
		shapes[i].build(&f);
		if (!has_ethernet && f.len >= 2 * ETH_HLEN)
			bare(&f);
		/* A test run takes no less. The length of a plain frame is known by its linear part
		 * where that is short, and padding is all that may be elsewhere then. */
		if (f.len >= ETH_HLEN && strcmp(shapes[i].name, "padded"))
			check_parts(h, shapes[i].name, &f);
	}
}

static void a_frame_in_parts_is_the_whole_frame(void **state)
{
	each_shape(*state, true);
}

static void without_an_ethernet_header_too(void **state)
{
	struct harness *h = *state;

	assert_int_equal(dp_run_iface(h->dp, 5, RL_LINK_IP), 0);
	each_shape(h, false);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, harness_setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_frame_in_parts_is_the_whole_frame),
		TEST(without_an_ethernet_header_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
