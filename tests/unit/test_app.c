// SPDX-License-Identifier: GPL-2.0-only
/* Digests of applications' keys, and the secret that they are made under. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rld/app/digest.h"

static char dir[] = "/tmp/rld-test-app-XXXXXX";
static char path[64];

static int make_dir(void **state)
{
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/app-secret", dir);
	return 0;
}

static int remove_dir(void **state)
{
	unlink(path);
	return rmdir(dir);
}

/* The reference implementation's vector of 15 bytes. */
static void a_digest_is_siphash_of_128_bits(void **state)
{
	static const unsigned char expected[16] = {0x54, 0x93, 0xe9, 0x99, 0x33, 0xb0, 0xa8, 0x11,
						   0x7e, 0x08, 0xec, 0x0f, 0x97, 0xcf, 0xc3, 0xd9};
	struct digest_secret secret;
	unsigned char text[15];
	union rl_addr digest;

	for (unsigned i = 0; i < 16; i++)
		secret.byte[i] = (unsigned char)i;
	memcpy(text, secret.byte, sizeof(text));
	digest_make(&secret, text, sizeof(text), &digest);
	assert_memory_equal(digest.byte, expected, 16);
}

static void the_secret_stays_the_same(void **state)
{
	struct digest_secret first, again;
	struct diag d;
	struct stat st;

	assert_int_equal(digest_secret_load(dir, &first, &d), 0);
	assert_int_equal(digest_secret_load(dir, &again, &d), 0);
	assert_memory_equal(&first, &again, sizeof(first));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	unlink(path);
	assert_int_equal(digest_secret_load(dir, &again, &d), 0);
	assert_memory_not_equal(&first, &again, sizeof(first));
}

static void a_secret_that_is_none_is_told_and_left(void **state)
{
	static const char *const bad[] = {
		"",
		"\n",
		"00112233445566778899aabbccddeef\n",
		"00112233445566778899aabbccddeeff",
		"00112233445566778899aabbccddeeff0\n",
		"00112233445566778899aabbccddeeff\n\n",
		"00112233445566778899aabbccddeefg\n",
	};
	struct digest_secret secret, again;
	char text[64];
	struct diag d;
	FILE *file;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		file = fopen(path, "w");
		fputs(bad[i], file);
		fclose(file);
		assert_int_not_equal(digest_secret_load(dir, &secret, &d), 0);
		assert_non_null(strstr(d.message, path));
		assert_non_null(strstr(d.message, "expected 32 hexadecimal digits"));
		assert_int_not_equal(digest_secret_load(dir, &again, &d), 0);
		assert_memory_not_equal(&secret, &again, sizeof(secret));
		file = fopen(path, "r");
		text[fread(text, 1, sizeof(text) - 1, file)] = 0;
		fclose(file);
		assert_string_equal(text, bad[i]);
	}
}

static void a_secret_without_a_place_is_told(void **state)
{
	struct digest_secret secret;
	struct diag d;

	assert_int_not_equal(digest_secret_load("/nonexistent", &secret, &d), 0);
	assert_non_null(strstr(d.message, "/nonexistent/app-secret"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_digest_is_siphash_of_128_bits),
		cmocka_unit_test(the_secret_stays_the_same),
		cmocka_unit_test(a_secret_that_is_none_is_told_and_left),
		cmocka_unit_test(a_secret_without_a_place_is_told),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
