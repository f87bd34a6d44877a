/* Answers that are errors: code, message and request id of any protocol. */

#include "common/aws/codec_impl.h"
#include "common/base/mem.h"

#include <expat.h>
#include <stdio.h>
#include <string.h>

struct found {
	char code[96];
	char message[700];
	char request_id[80];
};

/* Keeps the first; drops control characters: the text goes into logs. */
static void
keep(char *to, size_t size, struct span text)
{
	size_t n = 0;

	if (*to != 0 || text.p == NULL)
		return;
	for (size_t i = 0; i < text.n && n + 1 < size; i++)
		to[n++] = (unsigned char)text.p[i] < ' ' ? ' ' : text.p[i];
	/* not in the middle of a character */
	if (n + 1 == size)
		while (n > 0 && ((unsigned char)to[n - 1] & 0x80) != 0)
			n--;
	to[n] = 0;
}
#define KEEP(field, text) keep(field, sizeof(field), text)

static struct span
span_of(const char *s)
{
	return (struct span){ s, s == NULL ? 0 : strlen(s) };
}

/* "aws.api#Name:http://..." is Name. */
static struct span
bare_code(struct span text)
{
	const char *end, *hash;

	if (text.p == NULL)
		return text;
	end = memchr(text.p, ':', text.n);
	if (end != NULL)
		text.n = (size_t)(end - text.p);
	hash = memrchr(text.p, '#', text.n);
	if (hash != NULL) {
		text.n -= (size_t)(hash + 1 - text.p);
		text.p = hash + 1;
	}
	return text;
}

/* "AWS.SimpleQueueService.NonExistentQueue;Sender" */
static struct span
query_code(struct span text)
{
	const char *end = text.p == NULL ? NULL : memchr(text.p, ';', text.n);

	if (end != NULL)
		text.n = (size_t)(end - text.p);
	return text;
}

void
answer_request_id(const struct aws_answer *a, char ret[static 80])
{
	static const char *const ids[] = { "x-amzn-requestid",
		"x-amz-request-id", "x-amz-cf-id" };

	ret[0] = 0;
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids) && *ret == 0; i++)
		keep(ret, 80, answer_header(a, ids[i]));
}

static void
from_headers(
    const struct aws_operation *o, const struct aws_answer *a, struct found *f)
{
	if (o->service->query_compatible)
		KEEP(f->code,
		    query_code(answer_header(a, "x-amzn-query-error")));
	KEEP(f->code, bare_code(answer_header(a, "x-amzn-errortype")));
	answer_request_id(a, f->request_id);
}

static void
from_json(const struct buf *body, struct found *f)
{
	static const char *const codes[] = { "__type", "code", "Code",
		"error" };
	static const char *const messages[] = { "message", "Message",
		"error_description", "errorMessage" };
	static const char *const ids[] = { "RequestId", "RequestID",
		"requestId" };
	json_auto_t *x = NULL;
	struct err ignored;

	if (js_read(body, &x, &ignored) == -1)
		return;
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		KEEP(f->code, bare_code(span_of(js_str(x, codes[i]))));
	for (size_t i = 0; i < sizeof(messages) / sizeof(*messages); i++)
		KEEP(f->message, span_of(js_str(x, messages[i])));
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++)
		KEEP(f->request_id, span_of(js_str(x, ids[i])));
}

struct scan {
	struct found *found;
	struct buf text;
	char root[96];
};

static const char *
local_name(const char *name)
{
	const char *colon = strchr(name, ':');

	return colon == NULL ? name : colon + 1;
}

static void
on_start(void *arg, const char *name, const char **atts)
{
	struct scan *s = arg;

	(void)atts;
	buf_clear(&s->text);
	KEEP(s->root, span_of(local_name(name)));
}

static void
on_text(void *arg, const char *text, int n)
{
	struct scan *s = arg;

	if (s->text.len < 4096)
		buf_add(&s->text, text, (size_t)n);
}

/* The first Code, Message and RequestId, wherever they stand. */
static void
on_end(void *arg, const char *qualified)
{
	struct scan *s = arg;
	const char *name = local_name(qualified);
	struct span text = { s->text.data, s->text.len };

	if (strcmp(name, "Code") == 0)
		KEEP(s->found->code, text);
	else if (strcasecmp(name, "Message") == 0)
		KEEP(s->found->message, text);
	else if (strcasecmp(name, "RequestId") == 0)
		KEEP(s->found->request_id, text);
	buf_clear(&s->text);
}

/* Some errors of route53 are an element of that name. */
static void
code_from_root(struct scan *s)
{
	static const char *const frames[] = { "ErrorResponse", "Response",
		"Error", "html", "HTML" };

	for (size_t i = 0; i < sizeof(frames) / sizeof(*frames); i++)
		if (strcmp(s->root, frames[i]) == 0)
			return;
	KEEP(s->found->code, span_of(s->root));
}

/* A page of a proxy may break off or be no XML at all: then nothing. */
static void
from_xml(const struct buf *body, struct found *f)
{
	struct found inside = { "", "", "" };
	struct scan s = { &inside, BUF_INIT, "" };
	XML_Parser expat = XML_ParserCreate(NULL);

	must(expat != NULL);
	XML_SetUserData(expat, &s);
	XML_SetElementHandler(expat, on_start, on_end);
	XML_SetCharacterDataHandler(expat, on_text);
	if (XML_Parse(expat, body->data, (int)body->len, XML_TRUE) ==
	    XML_STATUS_OK) {
		code_from_root(&s);
		KEEP(f->code, span_of(inside.code));
		KEEP(f->message, span_of(inside.message));
		KEEP(f->request_id, span_of(inside.request_id));
	}
	XML_ParserFree(expat);
	buf_free(&s.text);
}

static const struct {
	int status;
	const char *text;
} reasons[] = {
	{ 301, "Moved Permanently" },
	{ 307, "Temporary Redirect" },
	{ 304, "Not Modified" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 409, "Conflict" },
	{ 412, "Precondition Failed" },
	{ 413, "Content Too Large" },
	{ 429, "Too Many Requests" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
};

static const char *
reason(int status)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].text;
	return "";
}

static int
fill(struct err *err, enum err_kind kind, const struct found *f, int status)
{
	err_set(err, kind, "%s%s%s (HTTP %d%s%s)", f->code,
	    *f->message != 0 ? ": " : "", f->message, status,
	    *f->request_id != 0 ? ", request " : "", f->request_id);
	err->http = status;
	memcpy(err->code, f->code, sizeof(f->code));
	memcpy(err->request_id, f->request_id, sizeof(f->request_id));
	return -1;
}

int
answer_error(
    const struct aws_operation *o, const struct aws_answer *a, struct err *err)
{
	struct found f = { "", "", "" };
	const char *body = a->body->data + strspn(a->body->data, " \t\r\n");
	enum err_kind kind;
	bool is_page;

	from_headers(o, a, &f);
	if (*body == '<')
		from_xml(a->body, &f);
	else if (*body != 0)
		from_json(a->body, &f);
	/* not of AWS: a proxy or a web server cannot know what is absent */
	is_page = f.code[0] == 0 && *body == '<';
	if (f.code[0] == 0) {
		snprintf(f.code, sizeof(f.code), "%d", a->status);
		KEEP(f.message, span_of(reason(a->status)));
	}
	kind = error_class(o, f.code, f.message, a->status);
	if (is_page && kind == ERR_ABSENT)
		kind = ERR_TRANSIENT;
	return fill(err, kind, &f, a->status);
}
