/* Hashes, encodings and random identifiers. */

#include "common/base/crypto.h"
#include "common/base/mem.h"
#include "common/base/text.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* RFC 4648 section 10, and what is no base64 */
static const struct {
	const char *plain, *coded;
} base64s[] = {
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
	{ "\xff\xfe\xfd", "//79" },
	{ NULL, "Zg" },
	{ NULL, "Zg=" },
	{ NULL, "Zg===" },
	{ NULL, "Z===" },
	{ NULL, "====" },
	{ NULL, "Zm8=Zm8=" },
	{ NULL, "Zm=8" },
	{ NULL, "Zh==" },
	{ NULL, "Zm9v\n" },
	{ NULL, "Zm9-" },
};

START_TEST(base64)
{
	auto_buf struct buf b = BUF_INIT;
	const char *plain = base64s[_i].plain, *coded = base64s[_i].coded;

	if (plain == NULL) {
		ck_assert_int_eq(crypto_unbase64(coded, strlen(coded), &b), -1);
		return;
	}
	crypto_add_base64(&b, plain, strlen(plain));
	ck_assert_str_eq(b.data, coded);
	buf_clear(&b);
	ck_assert_int_eq(crypto_unbase64(coded, strlen(coded), &b), 0);
	ck_assert_str_eq(b.data, plain);
}
END_TEST

START_TEST(hashes)
{
	static const char abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a3961"
				  "77a9cb410ff61f20015ad";
	struct hasher hasher = HASHER_INIT;
	auto_buf struct buf b = BUF_INIT;
	uint8_t h[SHA256_LEN];
	char hex[2 * SHA256_LEN + 1];

	crypto_sha256("abc", 3, h);
	crypto_add_hex(&b, h, sizeof(h));
	ck_assert_str_eq(b.data, abc);
	for (int again = 0; again < 2; again++) {
		hasher_sha256(&hasher, "abc", 3, h);
		crypto_hex(h, sizeof(h), hex);
		ck_assert_str_eq(hex, abc);
	}
	/* RFC 4231 cases 2 and, with a key longer than a block, 6 */
	hasher_hmac_sha256(
	    &hasher, "Jefe", 4, "what do ya want for nothing?", 28, h);
	crypto_hex(h, sizeof(h), hex);
	ck_assert_str_eq(hex, "5bdcc146bf60754e6a042426089575c75a003f089d273"
			      "9839dec58b964ec3843");
	buf_clear(&b);
	for (int i = 0; i < 131; i++)
		buf_addc(&b, (char)0xaa);
	hasher_hmac_sha256(&hasher, b.data, b.len,
	    "Test Using Larger Than Block-Size Key - Hash Key First", 54, h);
	crypto_hex(h, sizeof(h), hex);
	ck_assert_str_eq(hex, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c"
			      "5140546040f0ee37f54");
	hasher_hmac_sha256(&hasher, NULL, 0, "", 0, h);
	crypto_hex(h, sizeof(h), hex);
	ck_assert_str_eq(hex, "b613679a0814d9ec772f95d778c35fc5ff1697c493715"
			      "653c6c712144292c5ad");
	hasher_free(&hasher);
}
END_TEST

START_TEST(random_values)
{
	char a[37], b[37];

	crypto_uuid(a);
	crypto_uuid(b);
	ck_assert_uint_eq(strlen(a), 36);
	ck_assert_str_ne(a, b);
	ck_assert(a[8] == '-' && a[13] == '-' && a[18] == '-' && a[23] == '-');
	ck_assert(text_glob("*-*-4*-*-*", a));
	ck_assert_ptr_nonnull(strchr("89ab", a[19]));
	for (int i = 0; i < 100; i++) {
		double j = crypto_jitter();

		ck_assert(j >= 0 && j < 1);
	}
}
END_TEST

/* Any bytes, there and back, into memory with no room to spare; and not, with
 * one character that does not belong. */
START_TEST(base64_of_any_length)
{
	for (size_t n = 0; n < 800; n++) {
		auto_buf struct buf plain = BUF_INIT, coded = BUF_INIT,
				    back = BUF_INIT;

		for (size_t i = 0; i < n; i++)
			buf_addc(&plain, (char)((n + i) * 2654435761u >> 8));
		crypto_add_base64(&coded, plain.data, n);
		ck_assert_uint_eq(coded.len, (n + 2) / 3 * 4);
		ck_assert_int_eq(
		    crypto_unbase64(coded.data, coded.len, &back), 0);
		ck_assert_uint_eq(back.len, n);
		ck_assert_mem_eq(back.data, plain.data, n);
		if (n == 0)
			continue;
		coded.data[n / 2] = (char)(n % 2 == 0 ? 0x80 | 'A' : '-');
		ck_assert_int_eq(
		    crypto_unbase64(coded.data, coded.len, &back), -1);
		ck_assert_uint_eq(back.len, n); /* what was there */
	}
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite *s = suite_create("crypto");
	TCase *t = tcase_create("crypto");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_loop_test(t, base64, 0, COUNT(base64s));
	tcase_add_test(t, base64_of_any_length);
	tcase_add_test(t, hashes);
	tcase_add_test(t, random_values);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
