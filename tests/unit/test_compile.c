/* Compile: files of a tree to graphs, and every error with its place. */

#include "common/manifest/check.h"
#include "common/manifest/compile.h"
#include "tests/unit/toy_kinds.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

#define ARCH(name)                                                             \
	"apiVersion: convergd/v1\nkind: Architecture\n"                        \
	"metadata: { name: " name " }\nspec:\n  region: eu-west-1\n"
#define KIND(kind, name)                                                       \
	"---\napiVersion: convergd/v1\nkind: " kind                            \
	"\nmetadata: { name: " name " }\nspec:\n"

/* Files of a row: path, content; ends with NULL. */
struct one_file {
	const char *path, *text;
};

/* ---- a tree on disk ---- */

static void
write_file(const char *root, const struct one_file *f)
{
	auto_free char *path = mem_fmt("%s/%s", root, f->path);
	FILE *out;

	for (char *s = path + strlen(root) + 1; *s != 0; s++) {
		if (*s != '/')
			continue;
		*s = 0;
		ck_assert(mkdir(path, 0700) == 0 || errno == EEXIST);
		*s = '/';
	}
	out = fopen(path, "w");
	ck_assert_ptr_nonnull(out);
	ck_assert_int_ge(fputs(f->text, out), 0);
	ck_assert_int_eq(fclose(out), 0);
}

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int
compile_files(const struct one_file *files, size_t n, struct compiled *ret)
{
	char root[] = "/tmp/test_compile.XXXXXX";
	auto_of(tree_free) struct tree *tree = NULL;
	struct err err = { 0 };
	int rc;

	ck_assert_ptr_nonnull(mkdtemp(root));
	for (size_t i = 0; i < n && files[i].path != NULL; i++)
		write_file(root, &files[i]);
	ck_assert_msg(tree_of_directory(root, &tree, &err) == 0, "%s", err.msg);
	rc = compile(&toy_registry, tree, ".", ret);
	nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return rc;
}

/* ---- errors ---- */

static const struct row {
	struct one_file files[4];
	const char *errors;
	const char *graphs; /* "name directory resources" of the good ones */
} rows[] = {
	{ { { "a.yaml", ARCH("shop") KIND("Queue", "q") } }, "", "shop . 1;" },
	{ { { "x/a.yaml", ARCH("one") }, { "y/a.yml", ARCH("two") },
	      { "y/deep/er/q.json",
		  "{\"apiVersion\": \"convergd/v1\", \"kind\": \"Queue\", "
		  "\"metadata\": {\"name\": \"q\"}}" } },
	    "", "one x 0;two y 1;" },
	/* the nearest architecture is the one */
	{ { { "a.yaml", ARCH("outer") }, { "in/a.yaml", ARCH("inner") },
	      { "in/q.yaml", KIND("Queue", "q") } },
	    "", "outer . 0;inner in 1;" },
	/* one bad architecture leaves the other alone */
	{ { { "x/a.yaml", ARCH("one") KIND("Queue", "q") "  dealy: 1s\n" },
	      { "y/a.yaml", ARCH("two") KIND("Queue", "q") } },
	    "x/a.yaml:11:3: unknown field `dealy`; did you mean `delay`?\n",
	    "two y 1;" },
	{ { { "README.md", "x" } },
	    ".: no Architecture document in any *.yaml, *.yml or *.json "
	    "below it\n",
	    "" },
	{ { { "a.yaml", ARCH("shop") "---\n" ARCH("again") } },
	    "a.yaml:7:1: a second Architecture in one directory; the first is "
	    "at a.yaml:1\n",
	    "" },
	{ { { "x/a.yaml", ARCH("shop") }, { "x/b.yaml", ARCH("other") } },
	    "x/b.yaml:1:1: a second Architecture in one directory; the first "
	    "is at x/a.yaml:1\n",
	    "" },
	{ { { "x/a.yaml", ARCH("shop") }, { "y/a.yaml", ARCH("shop") } },
	    "x/a.yaml:3:19: the architecture `shop` is also defined at "
	    "y/a.yaml:3\n"
	    "y/a.yaml:3:19: the architecture `shop` is also defined at "
	    "x/a.yaml:3\n",
	    "" },
	{ { { "x/a.yaml", ARCH("shop") }, { "q.yaml", KIND("Queue", "q") } },
	    "q.yaml:2:1: belongs to no architecture: neither this directory "
	    "nor one above it has an Architecture document\n",
	    "shop x 0;" },
	/* the Architecture document */
	{ { { "a.yaml",
	      "apiVersion: convergd/v1\nkind: Architecture\n"
	      "metadata: { name: Shop }\nspec:\n  regoin: eu-west-1\n"
	      "  account: 123456789012\n  limits: { maxDeletes: -1 }\n" } },
	    "a.yaml:3:19: `name` must be lower case letters, digits and -, "
	    "with a letter or digit at both ends, is \"Shop\"\n"
	    "a.yaml:5:3: `region` is required: AWS region\n"
	    "a.yaml:5:3: unknown field `regoin`; did you mean `region`?\n"
	    "a.yaml:6:12: `account` must be an account of 12 digits, quoted, "
	    "is the number 123456789012; quote it: \"123456789012\"\n"
	    "a.yaml:7:25: `maxDeletes` must be 0 to 10000, is -1\n",
	    "" },
	{ { { "a.yaml", ARCH("shop") "  variables: { a: \"${var.b}\", b: 1 }\n"
				     "  tags: { t: \"${var.b}x\" }\n" } },
	    "a.yaml:6:20: unknown variable `b`; the Architecture's "
	    "`variables` define them\n",
	    "" },
	{ { { "a.yaml", ARCH("shop") "  tags: { 'aws:x': y }\n" KIND("Queue",
			    "q") "  tags: { 'Convergd:installation': y }\n" } },
	    "a.yaml:6:11: the name `aws:x` must be 1 to 128 characters that "
	    "do not start with aws: or convergd:\n"
	    "a.yaml:12:11: the name `Convergd:installation` must be 1 to 128 "
	    "characters that do not start with aws: or convergd:\n",
	    "" },
	/* envelopes */
	{ { { "a.yaml", ARCH("shop") KIND("Qeueu", "q") } },
	    "a.yaml:8:7: unknown kind `Qeueu`; did you mean `Queue`?\n", "" },
	{ { { "a.yaml", ARCH("shop") },
	      { "q.yaml", "apiVersion: convergd/v2\nkind: Queue\nmetadata:\n"
			  "  name: q\n  lables: {}\nspecs: {}\n" } },
	    "q.yaml:1:13: `apiVersion` must be convergd/v1, is "
	    "\"convergd/v2\"; did you mean `convergd/v1`?\n"
	    "q.yaml:5:3: unknown field `lables`; did you mean `labels`?\n"
	    "q.yaml:6:1: unknown field `specs`; did you mean `spec`?\n",
	    "" },
	{ { { "a.yaml", ARCH("shop") KIND("Queue", "q") KIND("Queue", "p")
			    KIND("Queue", "q") } },
	    "a.yaml:19:19: Queue/q is already defined at a.yaml:9\n", "" },
	{ { { "a.yaml", ARCH("shop") },
	      { "q.yaml", "kind: Queue\nmetadata: { name: q }\n" } },
	    "q.yaml:1:1: no manifest: `apiVersion: convergd/v1` is missing; "
	    "files whose name starts with _ are left out\n",
	    "" },
	{ { { "a.yaml", ARCH("shop") },
	      { "k.yaml", "apiVersion: apps/v1\nkind: Deployment\n" } },
	    "k.yaml:1:13: `apiVersion` must be convergd/v1, is \"apps/v1\"\n",
	    "" },
	/* outside of architectures other files are no concern of ours */
	{ { { "x/a.yaml", ARCH("shop") },
	      { "k.yaml", "apiVersion: apps/v1\nkind: Deployment\n" },
	      { "package.json", "{\"name\": \"x\"}" } },
	    "", "shop x 0;" },
	{ { { "x/a.yaml", ARCH("shop") },
	      { "q.yaml", "kind: Queue\nmetadata: { name: q }\n" } },
	    "q.yaml:1:1: no manifest: `apiVersion: convergd/v1` is missing; "
	    "files whose name starts with _ are left out\n",
	    "shop x 0;" },
	{ { { "x/a.yaml", ARCH("shop") }, { "y/b.yaml", "a: [\n" } },
	    "y/b.yaml:2:1: flow sequence without a closing bracket\n",
	    "shop x 0;" },
	{ { { "x/a.yaml", ARCH("shop") }, { "x/y/b.yaml", "a: [\n" } },
	    "x/y/b.yaml:2:1: flow sequence without a closing bracket\n", "" },
	{ { { "a.yaml", ARCH("shop") }, { ".ci/x.yaml", "a: [\n" },
	      { "_old/q.yaml", "a: 1\n" }, { "x/_q.yaml", "a: 1\n" } },
	    "", "shop . 0;" },
	/* what is code is no manifest */
	{ { { "a.yaml", ARCH("shop") KIND("Function", "f") "  code: ./fn/f\n" },
	      { "fn/f/config.yaml", "a: [\n" }, { "fn/f/b.json", "[1]" } },
	    "", "shop . 2;" },
	{ { { "a.yaml", ARCH("shop") KIND("Function", "f") "  code: ./fn\n" },
	      { "fn/q.yaml", KIND("Queue", "q") "  delay: 1h\n" } },
	    "fn/q.yaml:6:10: `delay` must be 0s to 15m, is 1h\n", "" },
	{ { { "a.yaml", ARCH("shop") KIND("Function",
			    "f") "  code: ./gone\n  document: ../../x\n" } },
	    "a.yaml:11:9: there is no file or directory gone in the "
	    "repository\n"
	    "a.yaml:12:13: the path ../../x leads out of the repository; it "
	    "starts at the directory of this file\n",
	    "" },
	/* references */
	{ { { "a.yaml", ARCH("shop") KIND("Queue", "orders") KIND(
			    "Function", "f") "  source: Queue/ordres\n"
					     "  environment:\n"
					     "    A: x ${Queue/orders.ulr}\n"
					     "    B: ${Queue/other.url}\n"
					     "    C: ${Queu/orders.url}\n"
					     "    D: ${Rule/r.any}\n"
					     "    E: ${var.x}\n"
					     "    F: ${Queue/orders.zzz}\n" } },
	    "a.yaml:16:11: Queue/ordres is not in this architecture; did you "
	    "mean `Queue/orders`?\n"
	    "a.yaml:18:10: Queue/orders has no output `ulr`; did you mean "
	    "`url`?\n"
	    "a.yaml:19:8: Queue/other is not in this architecture; did you "
	    "mean `Queue/orders`?\n"
	    "a.yaml:20:8: unknown kind `Queu`; did you mean `Queue`?\n"
	    "a.yaml:21:8: Rule/r is not in this architecture\n"
	    "a.yaml:22:8: unknown variable `x`; the Architecture's "
	    "`variables` define them\n"
	    "a.yaml:23:8: Queue/orders has no output `zzz`; there are: url, "
	    "arn, deadArn\n",
	    "" },
	{ { { "a.yaml", ARCH("shop") KIND("Queue", "q") KIND("Function",
			    "f") "  text: x${Queue/q.deadArn}\n" } },
	    "a.yaml:16:10: Queue/q has no deadArn: it is made without its "
	    "`dlq`\n",
	    "" },
	{ { { "a.yaml", ARCH("shop") KIND("Function", "f") "  text: '!'\n" } },
	    "a.yaml:11:9: must not start with !\n", "" },
	{ { { "a.yaml", ARCH("shop") KIND("Function",
			    "f") "  environment: { A: \"${Function/g.arn}\" "
				 "}\n" KIND("Function",
				     "g") "  environment: { A: "
					  "\"${Function/f.arn}\" }\n" } },
	    "a.yaml:1:1: these need each other in a cycle: Function/f -> "
	    "Function/g -> Function/f; remove one of the references\n",
	    "" },
	/* uses */
	{ { { "a.yaml",
	      ARCH("shop") KIND("Queue", "q")
		  KIND("Rule", "r") "  queue: Queue/q\n" KIND("Function",
		      "f") "  uses:\n"
			   "    - { target: Queue/q, access: sned }\n"
			   "    - { target: Rule/r, access: read }\n"
			   "    - { target: Queue/x, access: send }\n"
			   "    - { target: Queue/q }\n"
			   "    - { target: 'arn:aws:x', access: send }\n"
			   "    - { target: Queue/q, access: zzzz }\n" } },
	    "a.yaml:23:34: Queue has no access `sned`; did you mean `send`? "
	    "There are: send, receive, bury\n"
	    "a.yaml:24:33: Rule offers no access to others\n"
	    "a.yaml:25:17: Queue/x is not in this architecture; did you mean "
	    "`Queue/q`?\n"
	    "a.yaml:26:7: `access` is required: a word of the target's kind, "
	    "such as read or send\n"
	    "a.yaml:27:17: must be Kind/name of this architecture; for an ARN "
	    "write a statement in `policy`\n"
	    "a.yaml:28:34: Queue has no access `zzzz`; there are: send, "
	    "receive, bury\n",
	    "" },
	{ { { "a.yaml",
	      ARCH("shop") KIND("Queue", "q") KIND("Queue", "p")
		  KIND("Function",
		      "f") "  uses:\n"
			   "    - { target: Queue/q, access: send }\n"
			   "    - { target: Queue/q, access: receive }\n"
			   "    - { target: Queue/p, access: receive, "
			   "env: Q }\n"
			   "    - { target: Queue/p, access: bury }\n" } },
	    "a.yaml:24:17: the environment variable Q_QUEUE_URL is already "
	    "Queue/q.url; give another name with `env`\n",
	    "" },
	{ { { "a.yaml",
	      ARCH("shop") KIND("Queue", "q") KIND("Function",
		  "f") "  uses:\n"
		       "    - { target: Queue/q, access: bury }\n" } },
	    "a.yaml:17:17: Queue/q has no deadArn: it is made without its "
	    "`dlq`\n",
	    "" },
	{ { { "a.yaml", ARCH("shop") KIND("Function",
			    "f") "  policy:\n    - { Effect: allow, Action: "
				 "'s3:*', Resource: '*' }\n" } },
	    "a.yaml:12:17: `Effect` must be Allow or Deny, is \"allow\"; did "
	    "you mean `Allow`?\n",
	    "" },
};

static void
list_graphs(const struct compiled *compiled, struct buf *b)
{
	for (size_t i = 0; i < compiled->n; i++) {
		const struct compiled_architecture *a = &compiled->list[i];

		ck_assert_int_eq(a->graph == NULL, a->errors.n > 0);
		if (a->graph != NULL)
			buf_addf(b, "%s %s %zu;", a->name, a->directory,
			    a->graph->n);
	}
}

START_TEST(all_errors)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_buf struct buf printed = BUF_INIT, graphs = BUF_INIT;
		struct errors errors = { 0 };
		struct compiled compiled;
		int rc = compile_files(rows[i].files, 4, &compiled);

		compiled_errors(&compiled, &errors);
		errors_print(&errors, &printed);
		list_graphs(&compiled, &graphs);
		ck_assert_str_eq(printed.data, rows[i].errors);
		ck_assert_str_eq(graphs.data, rows[i].graphs);
		ck_assert_int_eq(rc, errors.n == 0 ? 0 : -1);
		errors_free(&errors);
		compiled_free(&compiled);
	}
}
END_TEST

/* Read from the listing's size alone. */
START_TEST(too_large)
{
	auto_buf struct buf text = BUF_INIT, printed = BUF_INIT;
	struct one_file files[] = { { "a.yaml", ARCH("shop") },
		{ "big.yaml", NULL } };
	struct compiled compiled;

	for (int i = 0; i < 5 << 20; i++)
		buf_addc(&text, '#');
	files[1].text = text.data;
	ck_assert_int_eq(compile_files(files, 2, &compiled), -1);
	errors_print(&compiled.list[0].errors, &printed);
	ck_assert_str_eq(printed.data,
	    "big.yaml: the file has 5242880 bytes, 4194304 are the most\n");
	compiled_free(&compiled);
}
END_TEST

/* ---- the graph ---- */

static const struct one_file shop[] = {
	{ "shop/a.yaml",
	    ARCH(
		"shop") "  account: '123456789012'\n  mode: approve\n"
			"  tags: { team: shop, stage: \"${var.stage}\" }\n"
			"  variables: { stage: prod, delay: 2m, limit: 7 }\n"
			"  limits: { maxDeletes: 3, maxDeletePercent: 20 }\n" },
	{ "shop/q.yaml",
	    "apiVersion: convergd/v1\nkind: Queue\nmetadata:\n"
	    "  name: orders-queue\n  policy: { adopt: ifExists, prune: "
	    "never }\nspec:\n  dead: true\n  delay: ${var.delay}\n"
	    "  tags: { team: other }\n" },
	{ "shop/f.yaml",
	    KIND("Function", "f") "  name: my-f\n  code: ../fn\n"
				  "  document: ./api.json\n"
				  "  source: Queue/orders-queue\n"
				  "  environment:\n"
				  "    STAGE: ${var.stage}-${aws.region}\n"
				  "    URL: https://${Queue/orders-queue.url}\n"
				  "  uses:\n"
				  "    - { target: Queue/orders-queue, access: "
				  "send }\n"
				  "    - { target: Queue/orders-queue, access: "
				  "receive, env: DLQ }\n"
				  "    - { target: Queue/orders-queue, access: "
				  "bury, env: false }\n" },
	{ "shop/r.yaml", KIND("Rule", "r") "  queue: Queue/orders-queue\n" },
	{ "shop/api.json", "{\"openapi\": {\"$ref\": \"#/x\"}}" },
	{ "fn/app.py", "pass\n" },
	{ "fn/data.yaml", "a: 1\n" },
};

static const struct {
	const char *address, *display, *pool, *parent, *artifact, *policy,
	    *tags, *needs, *props;
} wanted[] = {
	{ "shop/Function/f/function", "Function/f", "toyfunction", NULL, "fn",
	    "{\"adopt\":\"never\",\"prune\":\"auto\",\"replace\":\"auto\"}",
	    "{\"stage\":\"prod\",\"team\":\"shop\"}", "1 3 ", NULL },
	{ "shop/Function/f/role", "Function/f/role", "toyfunction", NULL, NULL,
	    "{\"adopt\":\"never\",\"prune\":\"auto\",\"replace\":\"auto\"}",
	    "{\"stage\":\"prod\",\"team\":\"shop\"}", "",
	    "{\"Statement\":[{\"Action\":[\"sqs:SendMessage\","
	    "\"sqs:GetQueueUrl\"],\"Effect\":\"Allow\",\"Resource\":[{"
	    "\"$weak\":{\"$ref\":[\"shop/Queue/orders-queue/queue\",\"@arn\"]"
	    "}},{\"$join\":[{\"$weak\":{\"$ref\":[\"shop/Queue/orders-queue/"
	    "queue\",\"@arn\"]}},\"/x/*\"]}]},{\"Action\":["
	    "\"sqs:ReceiveMessage\"],\"Effect\":\"Allow\",\"Resource\":[{"
	    "\"$weak\":{\"$ref\":[\"shop/Queue/orders-queue/queue\",\"@arn\"]"
	    "}}]},{\"Action\":[\"sqs:SendMessage\"],\"Effect\":\"Allow\","
	    "\"Resource\":[{\"$weak\":{\"$ref\":[\"shop/Queue/orders-queue/dlq"
	    "\",\"@arn\"]}}]}]}" },
	{ "shop/Queue/orders-queue/dlq", "Queue/orders-queue/dlq", "toyqueue",
	    NULL, NULL,
	    "{\"adopt\":\"ifExists\",\"prune\":\"never\",\"replace\":"
	    "\"never\"}",
	    "{\"stage\":\"prod\",\"team\":\"other\"}", "", "{}" },
	{ "shop/Queue/orders-queue/queue", "Queue/orders-queue", "toyqueue",
	    NULL, NULL,
	    "{\"adopt\":\"ifExists\",\"prune\":\"never\",\"replace\":"
	    "\"never\"}",
	    "{\"stage\":\"prod\",\"team\":\"other\"}", "2 ",
	    "{\"Dead\":{\"$ref\":[\"shop/Queue/orders-queue/dlq\",\"@arn\"]},"
	    "\"Delay\":120,\"Name\":\"shop-orders-queue\",\"Policy\":[{"
	    "\"$weak\":{\"$ref\":[\"shop/Function/f/function\",\"@arn\"]}}]}" },
	{ "shop/Rule/r/below", "Rule/r/below", "toyrule", "shop/Rule/r/rule",
	    NULL,
	    "{\"adopt\":\"never\",\"prune\":\"auto\",\"replace\":\"auto\"}",
	    "{\"stage\":\"prod\",\"team\":\"shop\"}", "5 ", "{}" },
	{ "shop/Rule/r/rule", "Rule/r", "toyrule",
	    "shop/Queue/orders-queue/queue", NULL,
	    "{\"adopt\":\"never\",\"prune\":\"auto\",\"replace\":\"auto\"}",
	    "{\"stage\":\"prod\",\"team\":\"shop\"}", "3 ",
	    "{\"Name\":\"shop-r-rule\"}" },
};

static void
check_text(const char *is, const char *want)
{
	if (want == NULL)
		ck_assert_ptr_null(is);
	else
		ck_assert_str_eq(is, want);
}

static void
check_json(const json_t *is, const char *want)
{
	auto_free char *dump = js_dump(is);

	ck_assert_str_eq(dump, want);
}

static void
check_packed(const struct packed *is, const char *want)
{
	json_auto_t *x = packed_open(is);

	check_json(x, want);
}

static void
check_resource(const struct resource *r, size_t i)
{
	auto_buf struct buf needs = BUF_INIT;

	ck_assert_str_eq(r->address, wanted[i].address);
	ck_assert_str_eq(r->display, wanted[i].display);
	ck_assert_str_eq(r->pool, wanted[i].pool);
	check_text(r->parent, wanted[i].parent);
	check_text(r->artifact, wanted[i].artifact);
	check_packed(r->policy, wanted[i].policy);
	check_packed(r->tags, wanted[i].tags);
	for (size_t j = 0; j < r->n_needs; j++)
		buf_addf(&needs, "%zu ", r->needs[j]);
	ck_assert_str_eq(needs.data, wanted[i].needs);
	if (wanted[i].props != NULL)
		check_packed(r->props, wanted[i].props);
}

static void
check_function(const struct resource *r)
{
	json_auto_t *props = packed_open(r->props);

	check_json(js_get(props, "Environment"),
	    "{\"DLQ_QUEUE_URL\":{\"$ref\":[\"shop/Queue/orders-queue/queue\","
	    "\"QueueUrl\"]},\"ORDERS_QUEUE\":{\"$ref\":[\"shop/Queue/"
	    "orders-queue/queue\",\"@arn\"]},\"ORDERS_QUEUE_QUEUE_URL\":{"
	    "\"$ref\":[\"shop/Queue/orders-queue/queue\",\"QueueUrl\"]},"
	    "\"STAGE\":\"prod-eu-west-1\",\"URL\":{\"$join\":[\"https://\",{"
	    "\"$ref\":[\"shop/Queue/orders-queue/queue\",\"QueueUrl\"]}]}}");
	check_json(js_get(props, "Source"),
	    "{\"$ref\":[\"shop/Queue/orders-queue/queue\",\"@arn\"]}");
	check_json(
	    js_get(props, "Document"), "{\"openapi\":{\"$ref\":\"#/x\"}}");
	ck_assert_uint_eq(strlen(js_str(props, "Hash")), 44);
	ck_assert_str_eq(r->file, "shop/f.yaml");
	ck_assert_int_eq(r->line, 2);
	ck_assert_str_eq(r->kind, "Function");
	ck_assert_str_eq(r->name, "f");
	ck_assert_str_eq(r->type->name, "toy.function");
}

START_TEST(graph_of_a_shop)
{
	struct compiled compiled;
	const struct graph *g;

	ck_assert_int_eq(compile_files(shop, COUNT(shop), &compiled), 0);
	ck_assert_uint_eq(compiled.n, 1);
	g = compiled.list[0].graph;
	ck_assert_uint_eq(g->n, COUNT(wanted));
	for (size_t i = 0; i < g->n; i++)
		check_resource(&g->list[i], i);
	check_function(&g->list[0]);
	ck_assert_str_eq(g->arch.name, "shop");
	ck_assert_str_eq(g->arch.directory, "shop");
	ck_assert_str_eq(g->arch.region, "eu-west-1");
	ck_assert_str_eq(g->arch.account, "123456789012");
	ck_assert_ptr_null(g->arch.assume_role);
	ck_assert_str_eq(g->arch.mode, "approve");
	ck_assert_str_eq(g->arch.revision, "worktree");
	ck_assert_int_eq(g->arch.max_deletes, 3);
	ck_assert_int_eq(g->arch.max_delete_percent, 20);
	ck_assert_int_eq(g->arch.max_missing_percent, 50);
	ck_assert(g->arch.prune && g->arch.interval_sec == 0);
	ck_assert_uint_eq(g->manifests, 3);
	compiled_free(&compiled);
}
END_TEST

/* The same tree gives the same graph. */
START_TEST(deterministic)
{
	struct compiled a, b;

	ck_assert_int_eq(compile_files(shop, COUNT(shop), &a), 0);
	ck_assert_int_eq(compile_files(shop, COUNT(shop), &b), 0);
	for (size_t i = 0; i < a.list[0].graph->n; i++)
		ck_assert_str_eq(packed_text(a.list[0].graph->list[i].props),
		    packed_text(b.list[0].graph->list[i].props));
	compiled_free(&a);
	compiled_free(&b);
}
END_TEST

START_TEST(common_fields)
{
	auto_free struct field *fields = module_fields(
	    registry_module(&toy_registry, "Rule"));

	ck_assert_str_eq(fields[0].name, "name");
	ck_assert_str_eq(fields[1].name, "tags");
	ck_assert_str_eq(fields[2].name, "queue");
	ck_assert_ptr_null(fields[3].name);
	ck_assert_ptr_null(registry_module(&toy_registry, "Nothing"));
	ck_assert_ptr_null(registry_type(&toy_registry, "nothing"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("compile");
	TCase *tc = tcase_create("compile");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tc);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, all_errors);
	tcase_add_test(tc, too_large);
	tcase_add_test(tc, graph_of_a_shop);
	tcase_add_test(tc, deterministic);
	tcase_add_test(tc, common_fields);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
