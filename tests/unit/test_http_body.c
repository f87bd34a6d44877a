/* Bodies of requests: from files, and sent when they are asked for. */

#include "common/base/clock.h"
#include "common/base/file.h"
#include "tests/unit/tls.h"
#include "tests/unit/worker.h"

#include <check.h>
#include <zlib.h>

#define MIB (1u << 20)

/* What the server makes of "Expect: 100-continue". */
enum manners { ASKS, IGNORES, REFUSES, UNDERSTANDS_NOT };

struct peer {
	struct listener listener;
	enum manners manners;
	/* under the listener's lock */
	unsigned requests, expecting;
	size_t bytes; /* of bodies */
	uLong crc;    /* of the last one */
};

static void
say(int fd, const char *text)
{
	must(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
}

static const char *
header(const char *request, const char *name)
{
	const char *at = strcasestr(request, name);

	return at == NULL ? NULL : at + strlen(name);
}

/* The head of a request is in b, maybe with the start of its body. */
static bool
read_head(int fd, struct buf *b)
{
	char part[4096];
	ssize_t n;

	while (strstr(b->data, "\r\n\r\n") == NULL) {
		n = read(fd, part, sizeof(part));
		if (n <= 0)
			return false;
		buf_add(b, part, (size_t)n);
	}
	return true;
}

static void
read_body(struct peer *p, int fd, struct buf *b, size_t len)
{
	size_t head = (size_t)(strstr(b->data, "\r\n\r\n") - b->data) + 4;
	char part[65536];
	ssize_t n;

	while (b->len < head + len && (n = read(fd, part, sizeof(part))) > 0)
		buf_add(b, part, (size_t)n);
	pthread_mutex_lock(&p->listener.lock);
	p->bytes += b->len - head;
	p->crc = crc32(0, (const Bytef *)b->data + head, (uInt)(b->len - head));
	pthread_mutex_unlock(&p->listener.lock);
}

static void
count(struct peer *p, bool expects)
{
	pthread_mutex_lock(&p->listener.lock);
	p->requests++;
	p->expecting += expects;
	pthread_mutex_unlock(&p->listener.lock);
}

/* False: there is no body to come. */
static bool
greet(const struct peer *p, int fd)
{
	static const char *const words[] = {
		[ASKS] = "HTTP/1.1 100 Continue\r\n\r\n",
		[IGNORES] = "",
		[REFUSES] = "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n",
		[UNDERSTANDS_NOT] =
		    "HTTP/1.1 417 What\r\nContent-Length: 0\r\n\r\n",
	};

	say(fd, words[p->manners]);
	return p->manners == ASKS || p->manners == IGNORES;
}

static void
serve(void *arg, int fd)
{
	struct peer *p = arg;
	bool more = true;

	while (more) {
		auto_buf struct buf b = BUF_INIT;
		const char *length;
		bool expects;

		more = read_head(fd, &b);
		if (!more)
			break;
		length = header(b.data, "Content-Length: ");
		expects = header(b.data, "Expect: 100-continue") != NULL;
		count(p, expects);
		if (expects && !greet(p, fd))
			continue;
		read_body(p, fd, &b, length ? strtoul(length, NULL, 10) : 0);
		say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	}
}

static const struct row {
	const char *name, *method;
	size_t len;
	bool in_file, expect;
	enum manners manners;
	int status;
	unsigned requests, expecting;
	size_t bytes;
} rows[] = {
	{ "small file", "PUT", 10, true, false, ASKS, 200, 1, 0, 10 },
	{ "empty file", "PUT", 0, true, false, ASKS, 200, 1, 0, 0 },
	{ "large file", "POST", 3 * MIB + 7, true, false, ASKS, 200, 1, 0,
	    3 * MIB + 7 },
	{ "small body, not asked for", "PUT", 10, false, true, ASKS, 200, 1, 0,
	    10 },
	{ "large body, not asked for", "PUT", 2 * MIB, false, false, ASKS, 200,
	    1, 0, 2 * MIB },
	{ "large body, asked for", "PUT", 2 * MIB, false, true, ASKS, 200, 1, 1,
	    2 * MIB },
	{ "large file, asked for", "PUT", 2 * MIB, true, true, ASKS, 200, 1, 1,
	    2 * MIB },
	{ "nobody asks", "PUT", 2 * MIB, true, true, IGNORES, 200, 1, 1,
	    2 * MIB },
	{ "refused before it is sent", "PUT", 2 * MIB, true, true, REFUSES, 403,
	    1, 1, 0 },
	{ "not understood", "PUT", 2 * MIB, true, true, UNDERSTANDS_NOT, 200, 2,
	    1, 2 * MIB },
	{ "not understood, from memory", "PUT", 2 * MIB, false, true,
	    UNDERSTANDS_NOT, 200, 2, 1, 2 * MIB },
};

struct world {
	const struct row *row;
	struct peer peer;
	char path[32];
	struct file file;
	char *bytes;
	struct http_request request;
	struct http_response response;
	int result;
	struct err err;
};

static void
fetch(struct http *http, void *arg)
{
	struct world *w = arg;

	w->result = http_send(http, &w->request, &w->response, &w->err);
}

/* No two pieces of it are the same. */
static void
make_file(struct world *w, size_t len)
{
	struct err err;
	int fd;

	w->bytes = mem_new(len + 1);
	for (size_t i = 0; i < len; i++)
		w->bytes[i] = (char)(i * 31 + i / 4099);
	snprintf(w->path, sizeof(w->path), "/tmp/test-body-XXXXXX");
	fd = mkstemp(w->path);
	must(fd != -1 && write(fd, w->bytes, len) == (ssize_t)len);
	close(fd);
	ck_assert_msg(file_open(w->path, &w->file, &err) == 0, "%s", err.msg);
	ck_assert_uint_eq(w->file.len, len);
}

static void
world_start(struct world *w, size_t len, enum manners manners)
{
	*w = (struct world){ .response = HTTP_RESPONSE_INIT,
		.peer.manners = manners };
	listener_start(&w->peer.listener, serve, &w->peer);
	make_file(w, len);
}

static void
world_end(struct world *w)
{
	listener_stop(&w->peer.listener);
	http_response_free(&w->response);
	file_close(&w->file);
	unlink(w->path);
	free(w->bytes);
}

START_TEST(bodies)
{
	const struct row *r = &rows[_i];
	auto_free char *url = NULL;
	struct world w;

	world_start(&w, r->len, r->manners);
	url = mem_fmt("http://127.0.0.1:%d/k", w.peer.listener.port);
	w.request = (struct http_request){ .method = r->method,
		.url = url,
		.body = r->in_file ? NULL : w.bytes,
		.body_len = r->in_file ? 0 : r->len,
		.file = r->in_file ? &w.file : NULL,
		.expect = r->expect };
	in_worker(fetch, &w);
	ck_assert_msg(w.result == 0, "%s: %s", r->name, w.err.msg);
	ck_assert_int_eq(w.response.status, r->status);
	ck_assert_uint_eq(w.peer.requests, r->requests);
	ck_assert_uint_eq(w.peer.expecting, r->expecting);
	ck_assert_uint_eq(w.peer.bytes, r->bytes);
	if (r->bytes > 0)
		ck_assert_uint_eq(
		    w.peer.crc, crc32(0, (const Bytef *)w.bytes, (uInt)r->len));
	world_end(&w);
}
END_TEST

/* What a handle carried does not come again with the next request. */
static void
one_after_the_other(struct http *http, void *arg)
{
	struct world *w = arg;
	const struct http_request file = w->request;

	for (int i = 0; i < 4; i++) {
		w->request = file;
		if (i % 2 == 1) {
			w->request.file = NULL;
			w->request.method = "GET";
		}
		fetch(http, w);
		ck_assert_msg(w->result == 0, "%s", w->err.msg);
	}
}

START_TEST(handles_are_shared)
{
	auto_free char *url = NULL;
	struct world w;

	world_start(&w, 100, ASKS);
	url = mem_fmt("http://127.0.0.1:%d/k", w.peer.listener.port);
	w.request = (struct http_request){
		.method = "PUT", .url = url, .file = &w.file
	};
	in_worker(one_after_the_other, &w);
	ck_assert_uint_eq(w.peer.requests, 4);
	ck_assert_uint_eq(w.peer.bytes, 200);
	world_end(&w);
}
END_TEST

START_TEST(a_file_that_shrinks)
{
	auto_free char *url = NULL;
	struct world w;

	world_start(&w, 3 * MIB, ASKS);
	url = mem_fmt("http://127.0.0.1:%d/k", w.peer.listener.port);
	w.request = (struct http_request){
		.method = "PUT", .url = url, .file = &w.file
	};
	must(truncate(w.path, MIB) == 0);
	in_worker(fetch, &w);
	ck_assert_int_eq(w.result, -1);
	ck_assert_int_eq(w.err.kind, ERR_INPUT);
	ck_assert_ptr_nonnull(strstr(w.err.msg, w.path));
	ck_assert_ptr_nonnull(strstr(w.err.msg, "became shorter"));
	world_end(&w);
}
END_TEST

static const struct {
	const char *path, *text;
} unreadable[] = {
	{ "/nonexistent/body", "/nonexistent/body: No such file" },
	{ "/tmp", "/tmp: not a regular file" },
	{ "/dev/null", "/dev/null: not a regular file" },
};

START_TEST(no_file)
{
	struct file f = FILE_INIT;
	struct err err;

	ck_assert_int_eq(file_open(unreadable[_i].path, &f, &err), -1);
	ck_assert_int_eq(err.kind, ERR_INPUT);
	ck_assert_ptr_nonnull(strstr(err.msg, unreadable[_i].text));
	ck_assert(!file_is_open(&f));
	file_close(&f);
}
END_TEST

#define LEN(a) ((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite *s = suite_create("http_body");
	TCase *t = tcase_create("http_body");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_set_timeout(t, 30);
	tcase_add_loop_test(t, bodies, 0, LEN(rows));
	tcase_add_test(t, handles_are_shared);
	tcase_add_test(t, a_file_that_shrinks);
	tcase_add_loop_test(t, no_file, 0, LEN(unreadable));
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
