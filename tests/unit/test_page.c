/* Lists of many pages: how far the walk goes, and what is joined. */

#include "tests/unit/script.h"

#include <sys/resource.h>

/* Sanitizers keep what was freed for a while. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||           \
    defined(__clang__)
#define PEAK_KB 400000
#else
#define PEAK_KB 4000
#endif

#define ROLES(name, more)                                                      \
	"<ListRolesResponse><ListRolesResult><Roles><member><RoleName>" name   \
	"</RoleName></member></Roles>" more                                    \
	"</ListRolesResult></ListRolesResponse>"
#define MARKER(m) "<IsTruncated>true</IsTruncated><Marker>" m "</Marker>"
#define NO_MORE   "<IsTruncated>false</IsTruncated><Marker>z</Marker>"
#define QUEUES    "sqs", "ListQueues", NULL
#define WAF       "wafv2", "ListIPSets", "{\"Scope\":\"REGIONAL\"}"

static const struct paged {
	const char *name, *service, *operation, *in;
	const struct answer *answers;
	unsigned requests;
	const char *wanted;
} paged[] = {
	{ "one page", QUEUES, SCRIPT({ 200, NULL, "{\"QueueUrls\":[\"a\"]}" }),
	    1, "{\"QueueUrls\":[\"a\"]}" },
	{ "two pages", QUEUES,
	    SCRIPT({ 200, NULL, "{\"QueueUrls\":[\"a\"],\"NextToken\":\"1\"}" },
		{ 200, NULL, "{\"QueueUrls\":[\"b\",\"c\"]}" }),
	    2, "{\"QueueUrls\":[\"a\",\"b\",\"c\"]}" },
	{ "an empty page in the middle", QUEUES,
	    SCRIPT({ 200, NULL, "{\"NextToken\":\"1\"}" },
		{ 200, NULL, "{\"QueueUrls\":[],\"NextToken\":\"2\"}" },
		{ 200, NULL, "{\"QueueUrls\":[\"b\"]}" }),
	    3, "{\"QueueUrls\":[\"b\"]}" },
	{ "an empty token ends", QUEUES,
	    SCRIPT({ 200, NULL, "{\"QueueUrls\":[\"a\"],\"NextToken\":\"\"}" }),
	    1, "{\"QueueUrls\":[\"a\"]}" },
	{ "no more, in spite of a token", "iam", "ListRoles", NULL,
	    SCRIPT({ 200, NULL, ROLES("a", MARKER("m")) },
		{ 200, NULL, ROLES("b", NO_MORE) }),
	    2, "{\"Roles\":[{\"RoleName\":\"a\"},{\"RoleName\":\"b\"}]}" },
	{ "a paginator that the model lacks", WAF,
	    SCRIPT({ 200, NULL,
		       "{\"IPSets\":[{\"Id\":\"a\"}],\"NextMarker\":\"n\"}" },
		{ 200, NULL, "{\"IPSets\":[{\"Id\":\"b\"}]}" }),
	    2, "{\"IPSets\":[{\"Id\":\"a\"},{\"Id\":\"b\"}]}" },
	{ "a nested list", "cloudfront", "ListDistributions", NULL,
	    SCRIPT({ 200, NULL,
		       "<DistributionList><IsTruncated>true</IsTruncated>"
		       "<NextMarker>n</NextMarker><Items><DistributionSummary>"
		       "<Id>a</Id></DistributionSummary></Items>"
		       "</DistributionList>" },
		{ 200, NULL,
		    "<DistributionList><IsTruncated>false</IsTruncated><Items>"
		    "<DistributionSummary><Id>b</Id></DistributionSummary>"
		    "</Items></DistributionList>" }),
	    2,
	    "{\"DistributionList\":{\"Items\":[{\"Id\":\"a\"},"
	    "{\"Id\":\"b\"}]}}" },
	{ "no paginator at all", "sqs", "GetQueueUrl", "{\"QueueName\":\"q\"}",
	    SCRIPT({ 200, NULL, "{\"QueueUrl\":\"u\"}" }), 1,
	    "{\"QueueUrl\":\"u\"}" },
};

struct collected {
	const struct paged *row;
	char *out;
};

static void
collect(struct aws *aws, void *arg)
{
	struct collected *c = arg;
	json_auto_t *in = NULL, *out = NULL;
	struct err err = { 0 };

	if (c->row->in != NULL)
		js_parse(c->row->in, strlen(c->row->in), &in, &err);
	ck_assert_msg(aws_collect(aws, c->row->service, c->row->operation, in,
			  &out, &err) == 0,
	    "%s: %s", c->row->name, err.msg);
	c->out = js_dump(out);
}

START_TEST(pages)
{
	struct collected c = { &paged[_i], NULL };
	struct world w = { 0 };

	play(&w, paged[_i].answers, collect, &c);
	ck_assert_str_eq(c.out, paged[_i].wanted);
	ck_assert_uint_eq(w.script.n, paged[_i].requests);
	free(c.out);
	world_free(&w);
}
END_TEST

/* Lists that never end; the pages up to there were given. */
static const struct {
	const char *name;
	const struct answer *answers;
	unsigned requests;
} endless[] = {
	{ "the same token",
	    SCRIPT(
		{ 200, NULL, "{\"QueueUrls\":[\"a\"],\"NextToken\":\"1\"}" }),
	    2 },
	{ "tokens in a circle",
	    SCRIPT({ 200, NULL, "{\"QueueUrls\":[\"a\"],\"NextToken\":\"1\"}" },
		{ 200, NULL, "{\"QueueUrls\":[\"b\"],\"NextToken\":\"2\"}" },
		{ 200, NULL, "{\"QueueUrls\":[\"c\"],\"NextToken\":\"1\"}" }),
	    3 },
};

static int
count_page(void *arg, const json_t *page)
{
	*(unsigned *)arg += (unsigned)js_len(js_get(page, "QueueUrls"));
	return 0;
}

static void
walk_for_ever(struct aws *aws, void *arg)
{
	struct err err;

	ck_assert_int_eq(
	    aws_pages(aws, "sqs", "ListQueues", NULL, count_page, arg, &err),
	    -1);
	ck_assert_int_eq(err.kind, ERR_TERMINAL);
	ck_assert_ptr_nonnull(strstr(err.msg, "its list has no end"));
}

START_TEST(an_endless_list)
{
	struct world w = { 0 };
	unsigned n = 0;

	play(&w, endless[_i].answers, walk_for_ever, &n);
	ck_assert_uint_eq(n, endless[_i].requests);
	ck_assert_uint_eq(w.script.n, endless[_i].requests);
	world_free(&w);
}
END_TEST

/* --- a long list ------------------------------------------------------ */

#define ITEMS 1000
#define PAGES 100

/* Page after page of items with long names, never two at once. */
static bool
long_answer(struct loopback *server, const char *request, struct buf *reply)
{
	unsigned *page = server->arg;
	auto_buf struct buf body = BUF_INIT;

	(void)request;
	buf_adds(&body, "{\"QueueUrls\":[");
	for (unsigned i = 0; i < ITEMS; i++)
		buf_addf(&body, "%s\"http://127.0.0.1/queue-%u-%0200u\"",
		    i ? "," : "", *page, i);
	buf_adds(&body, "]");
	if (++*page < PAGES)
		buf_addf(&body, ",\"NextToken\":\"%u\"", *page);
	buf_adds(&body, "}");
	loopback_reply(reply, 200, "", body.data);
	return true;
}

/* Kilobytes: what the process ever needed. */
static long
peak_kb(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

struct long_walk {
	struct loopback server;
	unsigned page, items;
	long first_kb, last_kb;
};

static int
see_page(void *arg, const json_t *page)
{
	struct long_walk *w = arg;

	w->items += (unsigned)js_len(js_get(page, "QueueUrls"));
	if (w->items == 5 * ITEMS)
		w->first_kb = peak_kb();
	w->last_kb = peak_kb();
	return 0;
}

static void
walk_long(struct http *http, void *arg)
{
	struct long_walk *w = arg;
	auto_of(aws_free) struct aws *aws = NULL;
	auto_free char *url = mem_fmt("http://127.0.0.1:%d", w->server.port);
	struct aws_settings s = { .region = "eu-west-1", .endpoint_url = url };
	struct err err;

	ck_assert_int_eq(aws_new(&s, http, &aws, &err), 0);
	ck_assert_msg(
	    aws_pages(aws, "sqs", "ListQueues", NULL, see_page, w, &err) == 0,
	    "%s", err.msg);
}

/* All pages together would take some 30 MB. */
START_TEST(pages_stream)
{
	struct long_walk w = { .server = { .answer = long_answer } };

	w.server.arg = &w.page;
	loopback_start(&w.server);
	in_worker(walk_long, &w);
	loopback_stop(&w.server);
	ck_assert_uint_eq(w.items, ITEMS * PAGES);
	ck_assert_msg(w.last_kb - w.first_kb < PEAK_KB,
	    "%ld KB more after %u items", w.last_kb - w.first_kb, w.items);
}
END_TEST

static int
stop_at_first(void *arg, const json_t *page)
{
	(*(int *)arg)++;
	return js_len(js_get(page, "QueueUrls")) == 1 ? 7 : 0;
}

static void
walk_a_bit(struct aws *aws, void *arg)
{
	struct err err;

	ck_assert_int_eq(
	    aws_pages(aws, "sqs", "ListQueues", NULL, stop_at_first, arg, &err),
	    7);
}

START_TEST(a_walk_can_end)
{
	struct world w = { 0 };
	int n = 0;

	play(&w,
	    SCRIPT(
		{ 200, NULL, "{\"QueueUrls\":[\"a\"],\"NextToken\":\"1\"}" }),
	    walk_a_bit, &n);
	ck_assert_int_eq(n, 1);
	ck_assert_uint_eq(w.script.n, 1);
	world_free(&w);
}
END_TEST

#define LEN(a) ((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite *s = suite_create("page");
	TCase *t = tcase_create("page");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, set_up, NULL);
	tcase_add_loop_test(t, pages, 0, LEN(paged));
	tcase_add_loop_test(t, an_endless_list, 0, LEN(endless));
	tcase_add_test(t, pages_stream);
	tcase_add_test(t, a_walk_can_end);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
