/* common/engine/pass_told.c: whether absence means "not set". Unless
 * it says so, the toy AWS is no genuine one. */

#include <check.h>
#include <string.h>

#include "common/engine/pass_private.h"
#include "tests/unit/toy_aws.h"

#define COUNT(rows) (int)(sizeof(rows) / sizeof((rows)[0]))

static const struct property shy[] = { { "Name" },
	{ "Shy", .flags = P_IF_TOLD }, { "Coy", .flags = P_IF_TOLD }, { 0 } };
static const struct property plain[] = { { "Shy" }, { 0 } };
static const struct resource_type cat = { .name = "toy.cat",
	.service = "toy",
	.properties = shy };
static const struct resource_type dog = { .name = "toy.dog",
	.service = "toy",
	.properties = plain };

/* One pass over objects; {"told": ...} of the memory is from the one before. */
static const struct row {
	const char *what, *memory;
	const char *cat, *other_cat, *dog; /* live; NULL: not there */
	bool cats, dogs;                   /* are told afterwards */
} rows[] = {
	{ "nothing is there", "{}", NULL, NULL, NULL, false, false },
	{ "not shown", "{}", "{\"Name\":\"a\"}", NULL, NULL, false, false },
	{ "shown by one", "{}", "{\"Name\":\"a\"}", "{\"Shy\":1}", NULL, true,
	    false },
	{ "any of them is enough", "{}", "{\"Coy\":null}", NULL, NULL, true,
	    false },
	{ "the word as a value", "{}", "{\"Name\":\"Shy\"}", NULL, NULL, false,
	    false },
	{ "the word deeper", "{}", "{\"Name\":{\"Shy\":1}}", NULL, NULL, false,
	    false },
	{ "part of a word", "{}", "{\"Shyness\":1}", NULL, NULL, false, false },
	{ "of a type that always tells", "{}", NULL, NULL, "{\"Shy\":1}", false,
	    false },
	{ "remembered", "{\"told\":{\"toy.cat\":true}}", "{\"Name\":\"a\"}",
	    NULL, NULL, true, false },
	{ "of another type", "{\"told\":{\"toy.dog\":true}}", "{\"Shy\":1}",
	    NULL, NULL, true, true },
};

static void
put(struct pass *p, struct node *node, const struct resource_type *type,
    const char *live)
{
	json_auto_t *x = NULL;
	struct err err;

	if (live != NULL)
		ck_assert(js_parse(live, strlen(live), &x, &err) == 0);
	*node = (struct node){
		.pass = p, .type = type, .live = live ? packed_of(x) : NULL
	};
	p->nodes[p->n++] = node;
}

static void
learn(struct pass *p, const struct row *r)
{
	struct node nodes[3], *list[3];

	p->nodes = list;
	p->n = 0;
	put(p, &nodes[0], &cat, r->cat);
	put(p, &nodes[1], &cat, r->other_cat);
	put(p, &nodes[2], &dog, r->dog);
	pass_note_told(p);
	for (size_t i = 0; i < p->n; i++)
		packed_free(nodes[i].live);
}

static void
check_told(json_t *memory, const struct row *r)
{
	struct pass p = { .realm.aws = toy_aws(), .options.memory = memory };

	learn(&p, r);
	ck_assert_msg(pass_tells(&p, &cat) == r->cats, "%s", r->what);
	ck_assert_msg(pass_tells(&p, &dog) == r->dogs, "%s", r->what);
	js_free(p.told);
}

static const struct row nothing = { "the next pass sees nothing" };

START_TEST(what_one_shows_all_show)
{
	const struct row *r = &rows[_i];
	struct row later = nothing;
	json_auto_t *memory = NULL;
	struct err err;

	ck_assert(js_parse(r->memory, strlen(r->memory), &memory, &err) == 0);
	check_told(memory, r);
	later.cats = r->cats;
	later.dogs = r->dogs;
	check_told(memory, &later);
}
END_TEST

/* A pass may be without memory: it learns for itself. */
START_TEST(without_memory)
{
	check_told(NULL, &rows[2]);
	check_told(NULL, &rows[0]);
}
END_TEST

START_TEST(at_aws_absence_tells)
{
	const struct row all = { "AWS itself", .cats = true, .dogs = true };

	toy_world("{\"genuine\":true}");
	check_told(NULL, &all);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("pass_told");
	TCase *c = tcase_create("pass_told");
	SRunner *sr = srunner_create(s);
	int failed;

	suite_add_tcase(s, c);
	tcase_add_loop_test(c, what_one_shows_all_show, 0, COUNT(rows));
	tcase_add_test(c, without_memory);
	tcase_add_test(c, at_aws_absence_tells);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
