/* Graphs: what needs what, cycles, what is missing. */

#include "common/base/buf.h"
#include "common/engine/graph.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* Resources as "name: props" lines, parent as "name<parent: props". */
static const struct {
	const char *resources[5];
	const char *needs; /* "a: b c" a resource, in the order of addresses */
	const char *error;
} rows[] = {
	{ { NULL }, "", NULL },
	{ { "b: {}", "a: {}" }, "a: b: ", NULL },
	{ { "b: {'x': [{'$ref': ['c', 'Id']}, {'$ref': ['a', '@arn']}]}",
	      "a: {}", "c: {}" },
	    "a: b: a c c: ", NULL },
	{ { "a: {'x': {'$join': ['t', {'$ref': ['b', 'Id']}]}, 'y': {'$ref': "
	    "['b', 'Id']}}",
	      "b: {}" },
	    "a: b b: ", NULL },
	{ { "a<b: {}", "b: {}" }, "a: b b: ", NULL },
	{ { "a: {'x': {'$ref': ['aws', 'account']}}" }, "a: ", NULL },
	/* a plain JSON Schema is no reference */
	{ { "a: {'x': {'$ref': '#/components/x'}}" }, "a: ", NULL },
	/* weak ones may form cycles, even with oneself */
	{ { "a: {'x': {'$weak': {'$ref': ['b', '@arn']}}}",
	      "b: {'x': {'$ref': ['a', '@arn']}}" },
	    "a: b: a ", NULL },
	{ { "a: {'x': {'$weak': {'$ref': ['a', '@arn']}}}" }, "a: ", NULL },
	{ { "a: {'x': {'$ref': ['b', 'Id']}}",
	      "b: {'x': {'$ref': ['c', "
	      "'Id']}}",
	      "c: {'x': {'$ref': ['b', 'Id']}}" },
	    NULL,
	    "these need each other in a cycle: the b -> the c -> the b; "
	    "remove one of the references" },
	{ { "a: {'x': {'$ref': ['a', 'Id']}}" }, NULL,
	    "these need each other in a cycle: the a -> the a; remove one "
	    "of the references" },
	{ { "a: {'x': {'$ref': ['q', 'Id']}}" }, NULL,
	    "the a refers to q, which does not exist" },
	{ { "a: {'x': {'$weak': {'$ref': ['q', '@arn']}}}" }, NULL,
	    "the a refers to q, which does not exist" },
	{ { "a<q: {}" }, NULL, "the a refers to q, which does not exist" },
	{ { "a: {}", "a: {}" }, NULL, "a is declared twice" },
};

static void
add(struct graph *g, const char *text)
{
	size_t name = strcspn(text, "<:"), end = strcspn(text, ":");
	auto_free char *json = mem_str(text + end + 1);
	struct resource r = { .address = mem_strn(text, name), .name = "n" };
	struct err err = { 0 };
	json_t *props = NULL;

	for (char *s = json; *s != 0; s++)
		*s = *s == '\'' ? '"' : *s;
	r.display = mem_fmt("the %s", r.address);
	if (end > name)
		r.parent = mem_strn(text + name + 1, end - name - 1);
	ck_assert_int_eq(js_parse(json, strlen(json), &props, &err), 0);
	r.props = packed_take(props);
	graph_add(g, &r);
}

START_TEST(needs)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_of(graph_free) struct graph *g = graph_new();
		auto_buf struct buf b = BUF_INIT;
		struct err err = { 0 };

		for (size_t j = 0; j < 5 && rows[i].resources[j] != NULL; j++)
			add(g, rows[i].resources[j]);
		if (graph_finish(g, &err) == -1) {
			ck_assert_msg(
			    rows[i].error != NULL, "%zu: %s", i, err.msg);
			ck_assert_str_eq(err.msg, rows[i].error);
			ck_assert_int_eq(err.kind, ERR_INPUT);
			continue;
		}
		ck_assert_msg(rows[i].error == NULL, "row %zu", i);
		for (size_t j = 0; j < g->n; j++) {
			buf_addf(&b, "%s: ", g->list[j].address);
			for (size_t k = 0; k < g->list[j].n_needs; k++)
				buf_addf(&b, "%s ",
				    g->list[g->list[j].needs[k]].address);
		}
		ck_assert_str_eq(b.data, rows[i].needs);
	}
}
END_TEST

/* Texts that neighbours have in common are there once. */
START_TEST(equal_texts_are_shared)
{
	static const char *const resources[] = {
		"a: {'x': 1}",
		"b: {'x': 1}",
		"c: {'x': 2}",
		"d: {'x': 1}",
	};
	auto_of(graph_free) struct graph *g = graph_new();
	struct err err = { 0 };

	for (size_t i = 0; i < COUNT(resources); i++)
		add(g, resources[i]);
	ck_assert_int_eq(graph_finish(g, &err), 0);
	for (size_t i = 0; i < COUNT(resources); i++) {
		const struct resource *r = &g->list[i];

		ck_assert_str_eq(
		    packed_text(r->props), i == 2 ? "{\"x\":2}" : "{\"x\":1}");
		ck_assert_ptr_eq(r->name, g->list[0].name);
	}
	ck_assert_ptr_eq(g->list[0].props, g->list[1].props);
	ck_assert_ptr_ne(g->list[1].props, g->list[2].props);
}
END_TEST

/* A chain of many: neither the stack nor the time may grow with it. */
START_TEST(long_chain)
{
	auto_of(graph_free) struct graph *g = graph_new();
	struct err err = { 0 };

	for (int i = 0; i < 20000; i++) {
		auto_free char *text =
		    i == 0 ? mem_str("r00000: {}")
			   : mem_fmt("r%05d: {'x': {'$ref': ['r%05d', 'Id']}}",
				 i, i - 1);

		add(g, text);
	}
	ck_assert_int_eq(graph_finish(g, &err), 0);
	ck_assert_ptr_nonnull(graph_find(g, "r19999"));
	ck_assert_uint_eq(graph_find(g, "r19999")->needs[0], 19998);
	ck_assert_ptr_null(graph_find(g, "r2"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("graph");
	TCase *tc = tcase_create("graph");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tc);
	tcase_add_test(tc, needs);
	tcase_add_test(tc, long_chain);
	tcase_add_test(tc, equal_texts_are_shared);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
