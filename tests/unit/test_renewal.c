/* When keys are renewed, and by whom: with a clock and a provider that are
 * this test's own. */

#include "common/aws/provider.h"
#include "common/base/clock.h"
#include "common/base/mem.h"

#include <check.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- in place of common/base/clock.c ---- */

static double now_sec;

double
clock_mono(void)
{
	return now_sec;
}

double
clock_wall(void)
{
	return now_sec;
}

/* ---- in place of the providers ---- */

#define FAIL    (-1)
#define FOREVER 0

struct source {
	double life; /* of the keys it gives; FOREVER; FAIL */
	bool outlives;
	unsigned asked;
	sem_t *entered, *go_on; /* to hold who asks; or NULL */
};
static struct source source;

enum provider_answer
provider_chain(
    const struct provider_query *q, struct secret *ret, struct err *err)
{
	(void)q;
	source.asked++;
	if (source.entered != NULL) {
		sem_post(source.entered);
		sem_wait(source.go_on);
	}
	if (source.life == FAIL)
		return err_set(err, ERR_NETWORK, "down");
	ret->access_key = mem_fmt("k%u", source.asked);
	ret->secret_key = mem_str("s");
	ret->expires = source.life == FOREVER ? 0 : now_sec + source.life;
	ret->outlives = source.outlives;
	return PROVIDER_OK;
}

enum provider_answer
provider_given_role(
    const struct provider_query *q, struct secret *ret, struct err *err)
{
	return provider_chain(q, ret, err);
}

int
config_load(struct config **ret, struct err *err)
{
	(void)ret;
	return err_set(err, ERR_BUG, "not for this test");
}

void
config_free(struct config *c)
{
	(void)c;
}

/* ---- one thread ---- */

#define MAX_STEPS 8
static const struct row {
	const char *name;
	bool outlives;
	struct step {
		double at;   /* seconds from the start */
		double life; /* of what the source would give then */
		const char *key;
		unsigned asked; /* in all */
	} steps[MAX_STEPS];
} rows[] = {
	{ "keys without an end", false,
	    { { 0, FOREVER, "k1", 1 }, { 1e6, FAIL, "k1", 1 } } },
	{ "fresh for 45 minutes of an hour", false,
	    { { 0, 3600, "k1", 1 }, { 2699, 3600, "k1", 1 },
		{ 2701, 3600, "k2", 2 }, { 2702, 3600, "k2", 2 } } },
	{ "windows shrink with short lives", false,
	    { { 0, 60, "k1", 1 }, { 44, 60, "k1", 1 }, { 46, 60, "k2", 2 } } },
	{ "not before 15 minutes of a long life", false,
	    { { 0, 3600, "k1", 1 }, { 2600, 3600, "k1", 1 } } },
	{ "the source is down before the end", false,
	    { { 0, 3600, "k1", 1 }, { 2701, FAIL, "k1", 2 },
		{ 2702, FAIL, "k1", 2 }, /* not at every call */
		{ 2762, FAIL, "k1", 3 }, { 3001, FAIL, "k1", 4 },
		{ 3002, 3600, "k1", 4 }, { 3062, 3600, "k5", 5 } } },
	{ "the source is down at the end", false,
	    { { 0, 3600, "k1", 1 }, { 3599, FAIL, "k1", 2 },
		{ 3601, FAIL, NULL, 3 }, { 3602, 3600, "k4", 4 } } },
	{ "keys that outlive their end", true,
	    { { 0, 3600, "k1", 1 }, { 3601, FAIL, "k1", 2 },
		{ 3900, FAIL, "k1", 2 }, /* for 5 minutes at least */
		{ 4202, FAIL, "k1", 3 }, /* and 10 at most */
		{ 4900, 3600, "k4", 4 }, { 4901, FAIL, "k4", 4 } } },
	{ "the source gives what is over", true,
	    { { 0, -10, "k1", 1 }, { 299, -10, "k1", 1 }, { 601, -10, "k2", 2 },
		{ 602, -10, "k2", 2 } } },
	{ "the clock may be wrong", false,
	    { { 0, -10, "k1", 1 }, { 59, -10, "k1", 1 }, { 61, -10, "k2", 2 },
		{ 122, FAIL, NULL, 3 } } },
	{ "nothing at first", true,
	    { { 0, FAIL, NULL, 1 }, { 1, FAIL, NULL, 2 },
		{ 2, 3600, "k3", 3 } } },
};

static void
start(void)
{
	now_sec = 1000000;
	source = (struct source){ 0 };
}

static struct credentials *
make(void)
{
	return credentials_new(&(struct credentials_settings){
	    .profile = "default", .region = "eu-west-1" });
}

static void
take_step(struct credentials *c, const struct row *r, const struct step *s)
{
	struct secret got = { 0 };
	struct err err = { 0 };
	int rc;

	now_sec = 1000000 + s->at;
	source.life = s->life;
	source.outlives = r->outlives;
	rc = credentials_get(c, &got, &err);
	ck_assert_msg(source.asked == s->asked, "%s at %g: asked %u times",
	    r->name, s->at, source.asked);
	if (s->key == NULL) {
		ck_assert_msg(rc == -1, "%s at %g", r->name, s->at);
		ck_assert_str_eq(err.msg, "credentials: down");
		return;
	}
	ck_assert_msg(rc == 0, "%s at %g: %s", r->name, s->at, err.msg);
	ck_assert_msg(strcmp(got.access_key, s->key) == 0, "%s at %g: %s",
	    r->name, s->at, got.access_key);
	secret_free(&got);
}

START_TEST(timeline)
{
	const struct row *r = &rows[_i];
	auto_of(credentials_free) struct credentials *c = make();

	start();
	for (int i = 0; i < MAX_STEPS && r->steps[i].asked > 0; i++)
		take_step(c, r, &r->steps[i]);
}
END_TEST

/* ---- several ---- */

struct asker {
	pthread_t thread;
	struct credentials *credentials;
	int result;
	char text[sizeof(((struct err *)0)->msg)]; /* key or error */
};

static void *
ask(void *arg)
{
	struct asker *a = arg;
	struct secret got = { 0 };
	struct err err = { 0 };

	a->result = credentials_get(a->credentials, &got, &err);
	snprintf(a->text, sizeof(a->text), "%s",
	    a->result == 0 ? got.access_key : err.msg);
	secret_free(&got);
	return NULL;
}

static void
ask_in_thread(struct asker *a, struct credentials *c)
{
	*a = (struct asker){ .credentials = c };
	ck_assert_int_eq(pthread_create(&a->thread, NULL, ask, a), 0);
}

/* One renews ahead of time; who comes meanwhile goes on with the old keys. */
START_TEST(ahead)
{
	struct asker refresher, other = { 0 };
	sem_t entered, go_on;
	auto_of(credentials_free) struct credentials *c = make();

	start();
	sem_init(&entered, 0, 0);
	sem_init(&go_on, 0, 0);
	source.life = 3600;
	other.credentials = c;
	ask(&other);
	ck_assert_str_eq(other.text, "k1");
	now_sec += 2800;
	source.entered = &entered;
	source.go_on = &go_on;
	ask_in_thread(&refresher, c);
	sem_wait(&entered);
	ask(&other); /* would hang if it waited */
	ck_assert_str_eq(other.text, "k1");
	sem_post(&go_on);
	pthread_join(refresher.thread, NULL);
	ck_assert_str_eq(refresher.text, "k2");
	ck_assert_uint_eq(source.asked, 2);
}
END_TEST

/* Without keys all wait for the one who asks, and share what comes of it. */
START_TEST(first)
{
	struct asker askers[6];
	sem_t entered, go_on;
	auto_of(credentials_free) struct credentials *c = make();

	start();
	sem_init(&entered, 0, 0);
	sem_init(&go_on, 0, 0);
	source.life = _i == 0 ? 3600 : FAIL;
	source.entered = &entered;
	source.go_on = &go_on;
	ask_in_thread(&askers[0], c);
	sem_wait(&entered);
	for (int i = 1; i < 6; i++)
		ask_in_thread(&askers[i], c);
	usleep(300000); /* they should wait by now */
	for (int i = 0; i < 6; i++)
		sem_post(&go_on);
	for (int i = 0; i < 6; i++) {
		pthread_join(askers[i].thread, NULL);
		ck_assert_int_eq(askers[i].result, _i == 0 ? 0 : -1);
		ck_assert_str_eq(
		    askers[i].text, _i == 0 ? "k1" : "credentials: down");
	}
	ck_assert_uint_le(source.asked, _i == 0 ? 1 : 2);
}
END_TEST

#define LEN(a) ((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite *s = suite_create("renewal");
	TCase *t = tcase_create("renewal");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_set_timeout(t, 20);
	tcase_add_loop_test(t, timeline, 0, LEN(rows));
	tcase_add_test(t, ahead);
	tcase_add_loop_test(t, first, 0, 2);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
