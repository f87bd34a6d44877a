/*
 * How fast the AWS client is, beside a bare curl multi loop that sends the
 * same bytes unsigned and unparsed.
 *
 *	client ours|many|bare CASE ENDPOINT CALLS IN-FLIGHT
 *
 * ours: as many workers as calls in flight, each in aws_call; many: one
 * worker in aws_call_many.
 *
 * One line of JSON comes out: calls, wall and CPU seconds of this process,
 * without its start.
 */

#include <curl/curl.h>
#include <ev.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "common/aws/aws.h"
#include "common/base/clock.h"
#include "common/base/crypto.h"
#include "common/loop/http.h"
#include "common/loop/pool.h"

#define MIB           (1u << 20)
#define MAX_IN_FLIGHT 64
#define BATCH         1000u /* calls of one aws_call_many */

static json_t *
queue_request(void)
{
	return js_pack("{s:s, s:[s]}", "QueueUrl",
	    "https://sqs.eu-west-1.amazonaws.com/123456789012/orders",
	    "AttributeNames", "All");
}

static json_t *
subnets_request(void)
{
	return js_pack("{s:[{s:s, s:[s]}], s:i}", "Filters", "Name", "vpc-id",
	    "Values", "vpc-0123456789abcdef0", "MaxResults", 1000);
}

static json_t *
object_request(void)
{
	auto_buf struct buf text = BUF_INIT;
	auto_free char *bytes = mem_new(MIB);

	for (size_t i = 0; i < MIB; i++)
		bytes[i] = (char)(i * 2654435761u >> 24);
	crypto_add_base64(&text, bytes, MIB);
	return js_pack("{s:s, s:s, s:s}", "Bucket", "code", "Key", "app.zip",
	    "Body", text.data);
}

static const struct work {
	const char *name, *service, *operation;
	json_t *(*request)(void);
	const char *list; /* in the answer, with so many elements */
	size_t n;
} works[] = {
	{ "small", "sqs", "GetQueueAttributes", queue_request, "Attributes",
	    20 },
	{ "subnets", "ec2", "DescribeSubnets", subnets_request, "Subnets",
	    1000 },
	{ "object", "s3", "PutObject", object_request, NULL, 0 },
};

static const struct work *
find_work(const char *name)
{
	for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++)
		if (strcmp(works[i].name, name) == 0)
			return &works[i];
	return NULL;
}

struct run {
	const struct work *work;
	const char *endpoint;
	unsigned calls, in_flight;
	struct ev_loop *loop;
	struct http *http;
	struct aws *aws;
	json_t *request;
	atomic_uint next;
	double wall, cpu; /* when the first call began */
};

static double
cpu_sec(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void
start_clocks(struct run *r)
{
	r->wall = clock_mono();
	r->cpu = cpu_sec();
}

static void
print_result(const struct run *r)
{
	printf("{\"calls\": %u, \"wall\": %.6f, \"cpu\": %.6f}\n", r->calls,
	    clock_mono() - r->wall, cpu_sec() - r->cpu);
}

static void
give_up(const struct err *err)
{
	fprintf(stderr, "client: %s\n", err->msg);
	exit(1);
}

/* --- our client: workers over one transport --------------------------- */

struct task {
	struct job job; /* first: the pool gives this back */
	struct run *run;
};

static void
check_answer(const struct run *r, const json_t *out)
{
	must(r->work->list == NULL ||
	     js_len(js_get(out, r->work->list)) == r->work->n);
}

static void
call(const struct run *r, const json_t *request)
{
	json_auto_t *out = NULL;
	struct err err;

	if (aws_call(r->aws, r->work->service, r->work->operation, request,
		&out, &err) == -1)
		give_up(&err);
	check_answer(r, out);
}

static void
run_task(struct job *j)
{
	struct run *r = ((struct task *)j)->run;
	json_auto_t *request = js_copy(r->request);

	while (atomic_fetch_add(&r->next, 1) < r->calls)
		call(r, request);
}

static void
take_answer(struct aws_one *o, void *arg)
{
	if (o->result == -1)
		give_up(&o->err);
	check_answer(arg, o->out);
	js_replace(&o->out, NULL);
}

static void
call_batch(struct run *r, struct aws_one *all, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		all[i] = (struct aws_one){ .service = r->work->service,
			.operation = r->work->operation,
			.in = r->request,
			.done = take_answer,
			.arg = r };
	aws_call_many(r->aws, all, n, r->in_flight);
}

static void
run_batches(struct job *j)
{
	struct run *r = ((struct task *)j)->run;
	auto_free struct aws_one *all = mem_array(struct aws_one, BATCH);

	for (unsigned left = r->calls; left > 0;) {
		unsigned n = left < BATCH ? left : BATCH;

		call_batch(r, all, n);
		left -= n;
	}
}

static void
task_done(struct job *j)
{
	(void)j;
}

static void
open_client(struct run *r)
{
	struct aws_settings s = { .region = "eu-west-1",
		.endpoint_url = r->endpoint };
	struct err err;

	r->loop = ev_loop_new(EVFLAG_AUTO);
	r->http = http_new(r->loop, (int)r->in_flight);
	if (aws_new(&s, r->http, &r->aws, &err) == -1)
		give_up(&err);
}

static void
close_client(struct run *r)
{
	aws_free(r->aws);
	http_free(r->http);
	ev_loop_destroy(r->loop);
}

static void
run_workers(struct run *r, unsigned workers, void (*run)(struct job *))
{
	struct task tasks[MAX_IN_FLIGHT];
	struct pool *pool = pool_new(r->loop, "bench", workers);

	start_clocks(r);
	for (unsigned i = 0; i < workers; i++) {
		tasks[i] = (struct task){ .run = r,
			.job = { .run = run, .done = task_done } };
		pool_submit(pool, &tasks[i].job);
	}
	ev_run(r->loop, 0);
	print_result(r);
	pool_free(pool);
}

static void
run_ours(struct run *r)
{
	run_workers(r, r->in_flight, run_task);
}

static void
run_many(struct run *r)
{
	run_workers(r, 1, run_batches);
}

/* --- the limit: curl alone -------------------------------------------- */

struct bare {
	struct run *run;
	CURLM *multi;
	json_t *printed; /* url, headers and body as our client sends them */
	struct curl_slist *headers;
	size_t len;
};

static void
prepare(struct bare *b)
{
	struct run *r = b->run;
	struct err err;
	const json_t *value;
	const char *name;

	if (aws_print(r->aws, r->work->service, r->work->operation, r->request,
		&b->printed, &err) == -1)
		give_up(&err);
	js_foreach (js_get(b->printed, "headers"), name, value) {
		auto_free char *line = mem_fmt("%s: %s", name, js_text(value));

		b->headers = curl_slist_append(b->headers, line);
	}
	b->headers = curl_slist_append(b->headers, "Expect:");
	b->len = strlen(js_str(b->printed, "body"));
	/* Base64 is longer: as many bytes of it as there would be. */
	if (js_bool(b->printed, "bodyIsBase64", false))
		b->len = MIB;
}

static size_t
drop(char *data, size_t size, size_t n, void *arg)
{
	(void)data, (void)arg;
	return size * n;
}

static CURL *
bare_handle(struct bare *b)
{
	CURL *c = curl_easy_init();
	const char *bundle = getenv("AWS_CA_BUNDLE");

	curl_easy_setopt(c, CURLOPT_URL, js_str(b->printed, "url"));
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, b->headers);
	curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)b->len);
	curl_easy_setopt(c, CURLOPT_POSTFIELDS, js_str(b->printed, "body"));
	curl_easy_setopt(
	    c, CURLOPT_CUSTOMREQUEST, js_str(b->printed, "method"));
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, drop);
	if (bundle != NULL)
		curl_easy_setopt(c, CURLOPT_CAINFO, bundle);
	return c;
}

/* A handle that is done goes again while there are calls left. */
static unsigned
turn_over(struct bare *b)
{
	struct run *r = b->run;
	unsigned done = 0;
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(b->multi, &left)) != NULL) {
		CURL *c = m->easy_handle;

		must(m->data.result == CURLE_OK);
		curl_multi_remove_handle(b->multi, c);
		if (atomic_fetch_add(&r->next, 1) < r->calls)
			curl_multi_add_handle(b->multi, c);
		else
			curl_easy_cleanup(c);
		done++;
	}
	return done;
}

static void
run_bare(struct run *r)
{
	struct bare b = { .run = r, .multi = curl_multi_init() };
	unsigned done = 0;
	int running;

	prepare(&b);
	start_clocks(r);
	for (unsigned i = 0; i < r->in_flight && i < r->calls; i++) {
		atomic_fetch_add(&r->next, 1);
		curl_multi_add_handle(b.multi, bare_handle(&b));
	}
	while (done < r->calls) {
		curl_multi_perform(b.multi, &running);
		done += turn_over(&b);
		if (done < r->calls)
			curl_multi_poll(b.multi, NULL, 0, 1000, NULL);
	}
	print_result(r);
	curl_multi_cleanup(b.multi);
	curl_slist_free_all(b.headers);
	js_free(b.printed);
}

static const struct way {
	const char *name;
	void (*run)(struct run *);
} ways[] = {
	{ "ours", run_ours },
	{ "many", run_many },
	{ "bare", run_bare },
};

static const struct way *
find_way(const char *name)
{
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (strcmp(ways[i].name, name) == 0)
			return &ways[i];
	return NULL;
}

int
main(int argc, char **argv)
{
	const struct way *way = NULL;
	struct run r = { 0 };

	if (argc == 6) {
		way = find_way(argv[1]);
		r.work = find_work(argv[2]);
		r.endpoint = argv[3];
		r.calls = (unsigned)strtoul(argv[4], NULL, 10);
		r.in_flight = (unsigned)strtoul(argv[5], NULL, 10);
	}
	if (way == NULL || r.work == NULL || r.in_flight == 0 ||
	    r.in_flight > MAX_IN_FLIGHT) {
		fputs("usage: client ours|many|bare CASE ENDPOINT CALLS "
		      "IN-FLIGHT\n",
		    stderr);
		return 64;
	}
	open_client(&r);
	r.request = r.work->request();
	way->run(&r);
	js_free(r.request);
	close_client(&r);
	return 0;
}
