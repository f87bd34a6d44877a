/* aws SERVICE OPERATION: one call through the daemon's own client. */

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/session.h"
#include "common/aws/aws.h"

#define INPUT_MAX ((size_t)128 << 20) /* packed code fits in */

const struct option client_options[] = {
	{ "profile", 0, "NAME", NULL, "profile of the AWS configuration" },
	{ "endpoint-url", 0, "URL", NULL, "endpoint of all services" },
	{ 0 },
};

const struct option aws_options[] = {
	{ "region", 0, "REGION", NULL, "AWS region" },
	{ "input", 'i', "JSON|@FILE|-", NULL, "members of the request" },
	{ "paginate", 0, NULL, NULL, "all pages, joined" },
	{ "print-request", 0, NULL, NULL,
	    "show the signed request as JSON; send nothing" },
	{ "query", 'q', "PATH", NULL,
	    "only this part of the answer: Queues.0.Name" },
	{ 0 },
};

struct request {
	struct session *session;
	const char *service;
	char *operation;
	json_t *in, *out;
	struct err err;
};

static int
read_all(FILE *f, const char *name, struct buf *ret, struct err *err)
{
	char chunk[65536];
	size_t n;

	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0) {
		buf_add(ret, chunk, n);
		if (ret->len > INPUT_MAX)
			return err_set(err, ERR_INPUT,
			    "%s is larger than %zu bytes", name, INPUT_MAX);
	}
	return ferror(f) ? err_errno(err, "%s", name) : 0;
}

static int
read_file(const char *path, struct buf *ret, struct err *err)
{
	FILE *f = fopen(path, "re");
	int result;

	if (f == NULL)
		return err_errno(err, "%s", path);
	result = read_all(f, path, ret, err);
	fclose(f);
	return result;
}

/* ret stays NULL without --input: a request without members. */
static int
read_input(const char *text, json_t **ret, struct err *err)
{
	auto_buf struct buf data = BUF_INIT;
	int result = 0;

	if (text == NULL)
		return 0;
	if (strcmp(text, "-") == 0)
		result = read_all(stdin, "standard input", &data, err);
	else if (text[0] == '@')
		result = read_file(text + 1, &data, err);
	else
		buf_adds(&data, text);
	if (result == -1)
		return -1;
	if (js_parse(data.data, data.len, ret, err) == -1)
		return err_wrap(err, "--input");
	if (!json_is_object(*ret))
		return err_set(
		    err, ERR_INPUT, "--input: a JSON object is expected");
	return 0;
}

static bool
same_letters(const char *a, const char *b)
{
	for (;; a++, b++) {
		while (*b == '-')
			b++;
		if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
			return false;
		if (*a == 0)
			return true;
	}
}

/* "create-queu" -> "CreateQueu", for which the nearest name is looked. */
static char *
spelled_as_api(const char *given)
{
	auto_buf struct buf name = BUF_INIT;
	bool starts = true;

	for (const char *p = given; *p != 0; p++) {
		if (*p != '-')
			buf_addc(&name,
			    starts ? (char)toupper((unsigned char)*p) : *p);
		starts = *p == '-';
	}
	return buf_take(&name);
}

/* "create-queue" -> "CreateQueue" */
static char *
operation_name(const char *service, const char *given)
{
	const char *name;

	for (size_t i = 0; (name = aws_operation_name(service, i)); i++)
		if (same_letters(name, given))
			return mem_str(name);
	return spelled_as_api(given);
}

static int
send_request(void *arg)
{
	struct request *r = arg;
	struct session *s = r->session;
	struct aws *aws;

	if (session_aws(s, args_get(s->args, "region"), &aws, &r->err) == -1)
		return -1;
	if (args_has(s->args, "print-request"))
		return aws_print(
		    aws, r->service, r->operation, r->in, &r->out, &r->err);
	if (args_has(s->args, "paginate"))
		return aws_collect(
		    aws, r->service, r->operation, r->in, &r->out, &r->err);
	return aws_call(aws, r->service, r->operation, r->in, &r->out, &r->err);
}

/* As the AWS CLI prints: nothing when there is nothing. */
static int
print_answer(const struct args *args, const json_t *out)
{
	const char *query = args_get(args, "query");
	const json_t *part = query == NULL ? out : js_path(out, query);
	json_auto_t *null = json_null();

	if (query == NULL && js_len(out) == 0)
		return EXIT_OK;
	if (part == NULL)
		part = null;
	if (json_is_string(part) && args_output_is(args, "text")) {
		auto_buf struct buf text = BUF_INIT;

		buf_addf(&text, "%s\n", js_text(part));
		return print_buf(&text);
	}
	return print_json(part, 4);
}

static int
run(struct request *r)
{
	const struct args *args = r->session->args;

	if (read_input(args_get(args, "input"), &r->in, &r->err) == -1)
		return fail_err(&r->err);
	if (session_work(r->session, send_request, r) == -1)
		return fail_err(&r->err);
	return print_answer(args, r->out);
}

int
verb_aws(const struct args *args)
{
	struct session session;
	struct request r = { .session = &session };
	int code;

	if (session_new(args, &session, &r.err) == -1)
		return fail_err(&r.err);
	r.service = args_word(args, 0);
	r.operation = operation_name(r.service, args_word(args, 1));
	code = run(&r);
	js_free(r.in);
	js_free(r.out);
	free(r.operation);
	session_free(&session);
	return code;
}
