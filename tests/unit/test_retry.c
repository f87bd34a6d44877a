/* When the same request is sent again, and what its failure means. */

#include "common/aws/retry.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

enum { READ = 1, REPEATABLE = 2, LAST = 4, LATE = 8, POOR = 16 };

static const struct row {
	const char *name;
	enum err_kind kind;
	const char *code;
	int flags;
	double after, skew;
	enum retry_action action;
	double wait; /* at jitter 0.5 */
} rows[] = {
	{ "not sent: always", ERR_NETWORK, "", 0, -1, 0, RETRY_AGAIN, .025 },
	{ "5xx of a read", ERR_TRANSIENT, "", READ, -1, 0, RETRY_AGAIN, .025 },
	{ "5xx of a create", ERR_TRANSIENT, "", 0, -1, 0, RETRY_STOP, 0 },
	{ "5xx of a call with a token", ERR_TRANSIENT, "", REPEATABLE, -1, 0,
	    RETRY_AGAIN, .025 },
	{ "no answer to a read", ERR_UNKNOWN, "", READ, -1, 0, RETRY_AGAIN,
	    .025 },
	{ "no answer to a create", ERR_UNKNOWN, "", 0, -1, 0, RETRY_STOP, 0 },
	{ "throttled create", ERR_THROTTLED, "", 0, -1, 0, RETRY_AGAIN, .5 },
	{ "server asks for time", ERR_THROTTLED, "", 0, 3, 0, RETRY_AGAIN, 3 },
	{ "server asks for less", ERR_THROTTLED, "", 0, .1, 0, RETRY_AGAIN,
	    .5 },
	{ "server asks for too much", ERR_THROTTLED, "", 0, 3600, 0,
	    RETRY_AGAIN, 5.5 },
	{ "last attempt", ERR_NETWORK, "", READ | LAST, -1, 0, RETRY_STOP, 0 },
	{ "deadline", ERR_NETWORK, "", READ | LATE, -1, 0, RETRY_STOP, 0 },
	{ "quota is used up", ERR_NETWORK, "", READ | POOR, -1, 0, RETRY_STOP,
	    0 },
	{ "refused", ERR_TERMINAL, "ValidationError", READ, -1, 0, RETRY_STOP,
	    0 },
	{ "denied", ERR_DENIED, "AccessDenied", READ, -1, 0, RETRY_STOP, 0 },
	{ "busy is for the caller", ERR_BUSY, "", READ, -1, 0, RETRY_STOP, 0 },
	{ "cancelled", ERR_CANCELLED, "", READ, -1, 0, RETRY_STOP, 0 },
	{ "expired keys", ERR_AUTH, "ExpiredToken", 0, -1, 0, RETRY_REFRESH,
	    0 },
	{ "clock is off", ERR_AUTH, "RequestTimeTooSkewed", 0, -1, 900,
	    RETRY_SKEW, 0 },
	{ "clock is off the other way", ERR_AUTH, "InvalidSignatureException",
	    0, -1, -900, RETRY_SKEW, 0 },
	{ "clock is off, says EC2", ERR_AUTH, "AuthFailure", 0, -1, 900,
	    RETRY_SKEW, 0 },
	{ "clock is right", ERR_AUTH, "SignatureDoesNotMatch", 0, -1, 0,
	    RETRY_STOP, 0 },
	{ "clock is near enough", ERR_AUTH, "AuthFailure", 0, -1, 200,
	    RETRY_STOP, 0 },
	{ "other error with a clock that is off", ERR_DENIED, "AccessDenied", 0,
	    -1, 900, RETRY_STOP, 0 },
};

START_TEST(decides)
{
	const struct row *r = &rows[_i];
	struct retry_quota quota = RETRY_QUOTA_INIT;
	struct retry t = { .quota = &quota,
		.max_attempts = 3,
		.read = r->flags & READ,
		.repeatable = r->flags & REPEATABLE,
		.deadline = r->flags & LATE ? 100.01 : 200,
		.attempt = r->flags & LAST ? 3 : 1 };
	struct retry_hint hint = { r->after, r->skew };
	struct err e = { .kind = r->kind };
	double wait;

	if (r->flags & POOR)
		quota.tokens = 3;
	snprintf(e.code, sizeof(e.code), "%s", r->code);
	ck_assert_msg(retry_decide(&t, &e, &hint, 100, .5, &wait) == r->action,
	    "%s", r->name);
	ck_assert_double_eq_tol(wait, r->wait, 1e-9);
	if (r->action == RETRY_REFRESH || r->action == RETRY_SKEW) {
		/* once, and it does not count as an attempt */
		ck_assert_int_eq(t.attempt - t.extra, 1);
		ck_assert_int_eq(
		    retry_decide(&t, &e, &hint, 100, .5, &wait), RETRY_STOP);
	}
}
END_TEST

START_TEST(waits_grow)
{
	struct retry_quota quota = RETRY_QUOTA_INIT;
	struct retry t = { .quota = &quota,
		.max_attempts = 100,
		.deadline = 1e9,
		.attempt = 1 };
	struct retry_hint hint = { -1, 0 };
	struct err e = { .kind = ERR_THROTTLED };
	static const double wanted[] = { 1, 2, 4, 8, 16, 20, 20 };
	double wait;

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		ck_assert_int_eq(
		    retry_decide(&t, &e, &hint, 0, 1, &wait), RETRY_AGAIN);
		ck_assert_double_eq_tol(wait, wanted[i], 1e-9);
	}
}
END_TEST

START_TEST(quota_returns)
{
	struct retry_quota quota = RETRY_QUOTA_INIT;
	struct retry_hint hint = { -1, 0 };
	struct err e = { .kind = ERR_NETWORK };
	double wait;
	int retries = 0;
	struct retry t = { .quota = &quota,
		.max_attempts = 1000,
		.deadline = 1e9,
		.attempt = 1 };

	while (retry_decide(&t, &e, &hint, 0, 0, &wait) == RETRY_AGAIN)
		retries++;
	ck_assert_int_eq(retries, RETRY_TOKENS / 14);
	retry_succeeded(&t);
	ck_assert_int_eq(quota.tokens, RETRY_TOKENS % 14 + 14);
	retry_succeeded(&t);
	ck_assert_int_eq(quota.tokens, RETRY_TOKENS % 14 + 15);
	quota.tokens = RETRY_TOKENS;
	retry_succeeded(&t);
	ck_assert_int_eq(quota.tokens, RETRY_TOKENS);
}
END_TEST

enum { OPEN = 32 };
static const struct {
	enum err_kind kind;
	int flags;
	enum err_kind wanted;
} settled[] = {
	/* an earlier attempt may have been carried out */
	{ ERR_NETWORK, REPEATABLE | OPEN, ERR_UNKNOWN },
	{ ERR_THROTTLED, REPEATABLE | OPEN, ERR_UNKNOWN },
	{ ERR_CANCELLED, REPEATABLE | OPEN, ERR_UNKNOWN },
	{ ERR_AUTH, REPEATABLE | OPEN, ERR_UNKNOWN },
	{ ERR_EXISTS, REPEATABLE | OPEN, ERR_UNKNOWN },
	{ ERR_EXISTS, REPEATABLE, ERR_EXISTS },
	{ ERR_NETWORK, READ | OPEN, ERR_NETWORK },
	{ ERR_CANCELLED, READ | OPEN, ERR_CANCELLED },
	{ ERR_UNKNOWN, READ, ERR_TRANSIENT },
	{ ERR_TRANSIENT, READ, ERR_TRANSIENT },
	{ ERR_TRANSIENT, 0, ERR_UNKNOWN },
	{ ERR_UNKNOWN, 0, ERR_UNKNOWN },
	{ ERR_UNKNOWN, REPEATABLE, ERR_UNKNOWN },
	{ ERR_TRANSIENT, REPEATABLE, ERR_TRANSIENT },
	{ ERR_NETWORK, 0, ERR_NETWORK },
	{ ERR_THROTTLED, 0, ERR_THROTTLED },
	{ ERR_DENIED, 0, ERR_DENIED },
};

START_TEST(settles)
{
	struct retry t = { .read = settled[_i].flags & READ,
		.repeatable = settled[_i].flags & REPEATABLE,
		.open = settled[_i].flags & OPEN };
	struct err e = { .kind = settled[_i].kind };

	retry_settle(&t, &e);
	ck_assert_str_eq(
	    err_kind_name(e.kind), err_kind_name(settled[_i].wanted));
}
END_TEST

static const struct {
	const char *operation;
	bool wanted;
} operations[] = {
	{ "DeleteQueue", true },
	{ "PutRolePolicy", true },
	{ "SetQueueAttributes", true },
	{ "CopyObject", true },
	{ "UploadPart", true },
	{ "CompleteMultipartUpload", true },
	{ "CompleteLayerUpload", false },
	{ "CreateMultipartUpload", false },
	{ "CreateQueue", false },
	{ "RunInstances", false },
	{ "AllocateAddress", false },
	{ "RegisterTaskDefinition", false },
	{ "Publish", false },
	{ "Deletes", false }, /* a verb is a whole word */
	{ "Putty", false },
};

START_TEST(repeatable)
{
	ck_assert_int_eq(retry_is_repeatable(operations[_i].operation),
	    operations[_i].wanted);
}
END_TEST

#define LEN(a) ((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite *s = suite_create("retry");
	TCase *t = tcase_create("retry");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_loop_test(t, decides, 0, LEN(rows));
	tcase_add_test(t, waits_grow);
	tcase_add_test(t, quota_returns);
	tcase_add_loop_test(t, settles, 0, LEN(settled));
	tcase_add_loop_test(t, repeatable, 0, LEN(operations));
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
