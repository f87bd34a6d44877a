/* How many calls are in flight, and how fast they go, against a server. */

#include "common/aws/limits.h"
#include "tests/unit/script.h"

#define CALLS 48

/* Answers after some time; counts how many it has at once. */
struct busy {
	double sec;         /* that an answer takes */
	int allowed;        /* more at once are throttled; 0: any number */
	int now, most;      /* under the server's lock */
	unsigned throttled; /* under the server's lock */
};

static bool
busy_answer(struct loopback *server, const char *request, struct buf *reply)
{
	struct busy *b = server->arg;
	bool json = strstr(request, "X-Amz-Target") != NULL ||
		    strstr(request, " /restapis") != NULL;
	bool refuse;

	b->now++;
	b->most = b->now > b->most ? b->now : b->most;
	refuse = b->allowed > 0 && b->now > b->allowed;
	b->throttled += refuse;
	pthread_mutex_unlock(&server->lock);
	usleep((useconds_t)(b->sec * 1e6));
	pthread_mutex_lock(&server->lock);
	b->now--;
	if (refuse)
		loopback_reply(reply, 400, "",
		    "{\"__type\":\"ThrottlingException\",\"message\":\"\"}");
	else
		loopback_reply(reply, 200, "", json ? "{}" : "<a/>");
	return true;
}

struct load {
	struct loopback server;
	struct busy busy;
	const struct row *row;
	struct aws_one calls[CALLS];
	size_t failed;
	double seconds;
	bool stop;
};

static const struct row {
	const char *service, *operation, *other; /* calls alternate */
	int most;
} rows[] = {
	{ "ec2", "DescribeVpcs", NULL, 10 },
	{ "iam", "ListRoles", NULL, 5 },
	{ "apigateway", "GetRestApis", NULL, 2 },
	{ "route53", "ListHostedZones", NULL, 5 },
	{ "sqs", "ListQueues", NULL, 32 },
	/* a read does not wait for writes */
	{ "apigateway", "GetRestApis", "CreateRestApi", 4 },
};

static void
put_load(struct http *http, void *arg)
{
	struct load *l = arg;
	auto_of(aws_free) struct aws *aws = NULL;
	auto_free char *url = mem_fmt("http://127.0.0.1:%d", l->server.port);
	struct aws_settings s = {
		.region = "eu-west-1", .endpoint_url = url, .call_sec = 20
	};
	json_auto_t *name = js_pack("{s:s}", "name", "n");
	struct err err;
	double started = clock_mono();

	ck_assert_msg(aws_new(&s, http, &aws, &err) == 0, "%s", err.msg);
	for (int i = 0; i < CALLS; i++) {
		bool other = l->row->other != NULL && i % 2;

		l->calls[i] = (struct aws_one){ .service = l->row->service,
			.operation = other ? l->row->other : l->row->operation,
			.in = other ? name : NULL };
	}
	l->failed = aws_call_many(aws, l->calls, CALLS, CALLS);
	l->seconds = clock_mono() - started;
}

static void
load_run(struct load *l)
{
	l->server.answer = busy_answer;
	l->server.arg = &l->busy;
	loopback_start(&l->server);
	in_worker_with(64, NULL, put_load, l);
	loopback_stop(&l->server);
	for (int i = 0; i < CALLS; i++) {
		ck_assert_msg(
		    l->calls[i].result == 0, "%s", l->calls[i].err.msg);
		ck_assert(json_is_object(l->calls[i].out));
		js_free(l->calls[i].out);
	}
	ck_assert_uint_eq(l->failed, 0);
}

START_TEST(in_flight)
{
	struct load l = { .row = &rows[_i], .busy = { .sec = .02 } };

	load_run(&l);
	ck_assert_int_le(l.busy.most, l.row->most);
	/* a busy machine may not bring more of them at once */
	ck_assert_int_ge(l.busy.most, l.row->most > 4 ? 4 : l.row->most - 1);
	ck_assert_uint_eq(l.server.requests, CALLS);
}
END_TEST

/* A service that takes four at once gets fewer and fewer, and all is done. */
START_TEST(throttling_adapts)
{
	const struct row row = { "sqs", "ListQueues", NULL, 32 };
	struct load l = { .row = &row, .busy = { .sec = .05, .allowed = 8 } };

	setenv("AWS_MAX_ATTEMPTS", "10", 1);
	load_run(&l);
	ck_assert_uint_ge(l.busy.throttled, 1);
	ck_assert_uint_le(l.busy.throttled, CALLS);
	ck_assert_uint_eq(l.server.requests, CALLS + l.busy.throttled);
}
END_TEST

/* --- clients of one account --------------------------------------------- */

#define ROLE(account, name) "arn:aws:iam::" account ":role/" name
#define ACCOUNT             "123456789012"
static const struct shared {
	const char *roles[2]; /* NULL: the keys themselves */
	bool shared, ask;     /* limits; for the account, first */
	const char *regions[2];
	const char *service, *operation;
	int most; /* at once */
} shared[] = {
	{ { ROLE("111111111111", "a"), ROLE("111111111111", "b") }, true, false,
	    { "eu-west-1", "eu-west-1" }, "apigateway", "GetRestApis", 2 },
	{ { ROLE("111111111111", "a"), ROLE("222222222222", "a") }, true, false,
	    { "eu-west-1", "eu-west-1" }, "apigateway", "GetRestApis", 4 },
	{ { ROLE("111111111111", "a"), ROLE("111111111111", "a") }, true, false,
	    { "eu-west-1", "us-east-1" }, "apigateway", "GetRestApis", 4 },
	{ { ROLE("111111111111", "a"), ROLE("111111111111", "b") }, false,
	    false, { "eu-west-1", "eu-west-1" }, "apigateway", "GetRestApis",
	    4 },
	/* there is but one IAM */
	{ { ROLE("111111111111", "a"), ROLE("111111111111", "b") }, true, false,
	    { "eu-west-1", "us-east-1" }, "iam", "ListRoles", 5 },
	/* keys alone do not tell their account */
	{ { NULL, NULL }, true, false, { "eu-west-1", "eu-west-1" },
	    "apigateway", "GetRestApis", 4 },
	{ { NULL, NULL }, true, true, { "eu-west-1", "eu-west-1" },
	    "apigateway", "GetRestApis", 2 },
	{ { NULL, ROLE(ACCOUNT, "a") }, true, true,
	    { "eu-west-1", "eu-west-1" }, "apigateway", "GetRestApis", 2 },
};

#define KEYS                                                                   \
	"<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>k"    \
	"</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t"    \
	"</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>"         \
	"</Credentials></AssumeRoleResult></AssumeRoleResponse>"
#define CALLER                                                                 \
	"<GetCallerIdentityResponse><GetCallerIdentityResult><"                \
	"Account>" ACCOUNT                                                     \
	"</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"

static bool
shared_answer(struct loopback *server, const char *request, struct buf *reply)
{
	if (strstr(request, "Action=AssumeRole") != NULL)
		loopback_reply(reply, 200, "", KEYS);
	else if (strstr(request, "Action=GetCallerIdentity") != NULL)
		loopback_reply(reply, 200, "", CALLER);
	else
		return busy_answer(server, request, reply);
	return true;
}

struct crew {
	const struct shared *row;
	struct loopback server;
	struct busy busy;
	struct aws *aws[2];
	struct aws_one calls[2][CALLS];
};

struct half {
	struct crew *crew;
	int i;
};

static void *
call_half(void *arg)
{
	struct half *h = arg;
	const struct shared *r = h->crew->row;
	struct aws_one *calls = h->crew->calls[h->i];

	for (int k = 0; k < CALLS; k++)
		calls[k] = (struct aws_one){ .service = r->service,
			.operation = r->operation };
	aws_call_many(h->crew->aws[h->i], calls, CALLS, CALLS);
	return NULL;
}

static struct aws *
make_client(
    struct http *http, const struct crew *c, int i, struct aws_limits *limits)
{
	auto_free char *url = mem_fmt("http://127.0.0.1:%d", c->server.port);
	struct aws_settings s = { .region = c->row->regions[i],
		.endpoint_url = url,
		.role_arn = c->row->roles[i],
		.limits = limits };
	struct aws *aws = NULL;
	char account[32];
	struct err err;

	ck_assert_msg(aws_new(&s, http, &aws, &err) == 0, "%s", err.msg);
	if (c->row->ask)
		ck_assert_msg(
		    aws_account(aws, account, &err) == 0, "%s", err.msg);
	return aws;
}

static void
call_both(struct http *http, void *arg)
{
	struct crew *c = arg;
	struct half halves[] = { { c, 0 }, { c, 1 } };
	auto_of(aws_limits_free) struct aws_limits *limits = aws_limits_new();
	pthread_t other;

	for (int i = 0; i < 2; i++)
		c->aws[i] = make_client(
		    http, c, i, c->row->shared ? limits : NULL);
	must(pthread_create(&other, NULL, call_half, &halves[1]) == 0);
	call_half(&halves[0]);
	must(pthread_join(other, NULL) == 0);
	aws_free(c->aws[0]);
	aws_free(c->aws[1]);
}

START_TEST(of_an_account)
{
	struct crew c = { .row = &shared[_i], .busy = { .sec = .02 } };

	c.server.answer = shared_answer;
	c.server.arg = &c.busy;
	loopback_start(&c.server);
	in_worker_with(64, NULL, call_both, &c);
	loopback_stop(&c.server);
	for (int i = 0; i < 2 * CALLS; i++) {
		struct aws_one *one = &c.calls[i / CALLS][i % CALLS];

		ck_assert_msg(one->result == 0, "%s", one->err.msg);
		js_free(one->out);
	}
	ck_assert_int_le(c.busy.most, c.row->most);
	/* more than one of them alone may have */
	if (c.row->most > limits_most(c.row->service))
		ck_assert_int_gt(c.busy.most, limits_most(c.row->service));
}
END_TEST

static const struct {
	const char *mode, *wanted; /* NULL: fine */
} modes[] = {
	{ "adaptive", NULL },
	{ "Standard", NULL },
	{ "legacy", NULL },
	{ "fast", "AWS_RETRY_MODE (retry_mode) is \"fast\"" },
};

START_TEST(mode)
{
	struct aws_settings s = { .region = "eu-west-1" };
	auto_of(aws_free) struct aws *aws = NULL;
	struct err err = { 0 };

	setenv("AWS_RETRY_MODE", modes[_i].mode, 1);
	ck_assert_int_eq(
	    aws_new(&s, NULL, &aws, &err), modes[_i].wanted ? -1 : 0);
	if (modes[_i].wanted != NULL)
		ck_assert_ptr_nonnull(strstr(err.msg, modes[_i].wanted));
}
END_TEST

/* --- the lane itself -------------------------------------------------- */

struct lanes {
	struct gate gate;
	struct limits *limits;
	struct lane *read, *write;
};

static void
lanes_start(struct lanes *l, bool adaptive)
{
	const struct model *m = &model_builtin;
	const struct model_service *s = model_service(m, "apigateway");

	gate_init(&l->gate);
	l->limits = limits_new(m, adaptive);
	l->read = limits_lane(l->limits, s, true);
	l->write = limits_lane(l->limits, s, false);
}

static void
lanes_end(struct lanes *l)
{
	limits_free(l->limits);
	gate_fini(&l->gate);
}

START_TEST(a_full_lane_keeps_the_deadline)
{
	struct lanes l;
	struct err err;
	double started = clock_mono();

	lanes_start(&l, true);
	ck_assert_int_eq(lane_enter(l.read, &l.gate, started + 9, &err), 0);
	ck_assert_int_eq(lane_enter(l.read, &l.gate, started + 9, &err), 0);
	ck_assert_int_eq(lane_enter(l.write, &l.gate, started + 9, &err), 0);
	ck_assert_int_eq(lane_enter(l.read, &l.gate, started + .1, &err), -1);
	ck_assert_int_eq(err.kind, ERR_THROTTLED);
	ck_assert_double_ge(clock_mono() - started, .1);
	ck_assert_double_le(clock_mono() - started, 3);
	lane_leave(l.read, &l.gate, false);
	ck_assert_int_eq(lane_enter(l.read, &l.gate, started + 9, &err), 0);
	lanes_end(&l);
}
END_TEST

/* Throttled, it is slow: so late a call gives up without having waited. */
START_TEST(a_slow_lane_keeps_the_deadline)
{
	struct lanes l;
	struct err err;
	double started = clock_mono();

	lanes_start(&l, true);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(
		    lane_enter(l.read, &l.gate, started + 60, &err), 0);
		lane_leave(l.read, &l.gate, i < 1);
		if (clock_mono() - started > 20)
			break;
	}
	ck_assert_int_eq(
	    lane_enter(l.read, &l.gate, clock_mono() + .01, &err), -1);
	ck_assert_int_eq(err.kind, ERR_THROTTLED);
	ck_assert_ptr_nonnull(strstr(err.msg, "the service throttles"));
	ck_assert_int_eq(
	    lane_enter(l.write, &l.gate, clock_mono() + .01, &err), 0);
	lanes_end(&l);
}
END_TEST

static void *
close_soon(void *gate)
{
	usleep(100000);
	gate_close(gate);
	return NULL;
}

START_TEST(closing_ends_the_wait)
{
	struct lanes l;
	struct err err;
	double started = clock_mono();
	pthread_t t;

	lanes_start(&l, true);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(
		    lane_enter(l.read, &l.gate, started + 9, &err), 0);
	ck_assert_int_eq(pthread_create(&t, NULL, close_soon, &l.gate), 0);
	ck_assert_int_eq(lane_enter(l.read, &l.gate, started + 30, &err), -1);
	ck_assert_int_eq(err.kind, ERR_CANCELLED);
	ck_assert_int_eq(lane_enter(l.write, &l.gate, started + 30, &err), -1);
	ck_assert_int_eq(err.kind, ERR_CANCELLED);
	ck_assert_double_le(clock_mono() - started, 5);
	pthread_join(t, NULL);
	lanes_end(&l);
}
END_TEST

#define LEN(a) ((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite *s = suite_create("limits");
	TCase *t = tcase_create("limits");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, set_up, NULL);
	tcase_add_loop_test(t, in_flight, 0, LEN(rows));
	tcase_add_test(t, throttling_adapts);
	tcase_add_loop_test(t, of_an_account, 0, LEN(shared));
	tcase_add_loop_test(t, mode, 0, LEN(modes));
	tcase_add_test(t, a_full_lane_keeps_the_deadline);
	tcase_add_test(t, a_slow_lane_keeps_the_deadline);
	tcase_add_test(t, closing_ends_the_wait);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
