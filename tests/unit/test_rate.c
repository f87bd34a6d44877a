/* How fast requests go once a service has throttled, on a made-up clock. */

#include "common/aws/rate.h"

#include <check.h>
#include <stdio.h>

/* Sends as fast as it may for some seconds; answers come at once. */
struct run {
	struct rate rate;
	double now;
	unsigned sent, throttled;
};

/* service: how many per second it answers without throttling. */
static void
go(struct run *r, double sec, double service, double pause)
{
	double end = r->now + sec, window = r->now;
	double budget = service;

	while (r->now < end) {
		double wait = rate_take(&r->rate, r->now);
		bool refused;

		r->now += wait > pause ? wait : pause;
		budget += (r->now - window) * service;
		budget = budget > service ? service : budget;
		window = r->now;
		refused = budget < 1;
		budget -= !refused;
		rate_answered(&r->rate, refused, r->now);
		r->sent++;
		r->throttled += refused;
	}
}

START_TEST(unlimited_at_first)
{
	struct run r = { .now = 1000 };

	go(&r, 2, 1e9, .001);
	ck_assert_uint_ge(r.sent, 1990);
	ck_assert(!r.rate.limited);
}
END_TEST

/* What we would send and what the service takes, per second. */
static const struct {
	double demand, service;
} services[] = {
	{ 100, 20 },
	{ 100, 5 },
	{ 1000, 50 },
	{ 50, 2 },
	{ 10, 8 },
};

START_TEST(settles_near_what_is_allowed)
{
	const double service = services[_i].service;
	struct run r = { .now = 1000 };

	go(&r, 10, service, 1 / services[_i].demand);
	r.sent = r.throttled = 0;
	go(&r, 60, service, 1 / services[_i].demand);
	/* most of the capacity is used, few requests are refused */
	ck_assert_double_ge(r.sent - r.throttled, .5 * 60 * service);
	ck_assert_double_le(r.throttled, .3 * r.sent);
}
END_TEST

START_TEST(never_below_the_least)
{
	struct run r = { .now = 1000 };

	go(&r, 2, 10, .01);
	for (int i = 0; i < 50; i++)
		rate_answered(&r.rate, true, r.now += 1);
	ck_assert_double_eq_tol(r.rate.per_sec, .5, 1e-9);
	rate_take(&r.rate, r.now + 10);
	ck_assert_double_le(rate_take(&r.rate, r.now + 10), 2);
}
END_TEST

START_TEST(falls_to_seven_tenths)
{
	struct run r = { .now = 1000 };

	go(&r, 10, 1e9, .05);
	ck_assert_double_eq_tol(r.rate.measured, 20, 1);
	rate_answered(&r.rate, true, r.now);
	ck_assert_double_eq_tol(r.rate.per_sec, 14, 1);
}
END_TEST

START_TEST(a_burst_counts_once)
{
	struct run r = { .now = 1000 };
	double once;

	go(&r, 10, 1e9, .05);
	rate_answered(&r.rate, true, r.now);
	once = r.rate.per_sec;
	for (int i = 0; i < 20; i++)
		rate_answered(&r.rate, true, r.now += .01);
	ck_assert_double_eq(r.rate.per_sec, once);
	rate_answered(&r.rate, true, r.now += .5);
	ck_assert_double_lt(r.rate.per_sec, once);
}
END_TEST

START_TEST(no_limit_after_a_quiet_minute)
{
	struct run r = { .now = 1000 };

	go(&r, 5, 5, .01);
	ck_assert(r.rate.limited);
	r.now += 61;
	if (_i == 0) /* one that was under way all the time */
		rate_answered(&r.rate, false, r.now);
	for (int i = 0; i < 100; i++)
		ck_assert_double_eq(rate_take(&r.rate, r.now), 0);
	ck_assert(!r.rate.limited);
}
END_TEST

START_TEST(tokens_are_promised_in_order)
{
	struct rate r = {
		.limited = true, .per_sec = 2, .filled = 100, .when = 100
	};

	ck_assert_double_eq_tol(rate_take(&r, 100), .5, 1e-9);
	ck_assert_double_eq_tol(rate_take(&r, 100), 1, 1e-9);
	rate_give_back(&r);
	ck_assert_double_eq_tol(rate_take(&r, 100), 1, 1e-9);
	ck_assert_double_eq_tol(rate_take(&r, 101), .5, 1e-9);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("rate");
	TCase *t = tcase_create("rate");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(t, unlimited_at_first);
	tcase_add_loop_test(t, settles_near_what_is_allowed, 0,
	    (int)(sizeof(services) / sizeof(services[0])));
	tcase_add_test(t, never_below_the_least);
	tcase_add_test(t, falls_to_seven_tenths);
	tcase_add_test(t, a_burst_counts_once);
	tcase_add_loop_test(t, no_limit_after_a_quiet_minute, 0, 2);
	tcase_add_test(t, tokens_are_promised_in_order);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
