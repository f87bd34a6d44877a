/* common/engine/pass_recorded.c: what children a root says it has or had. */

#include <check.h>
#include <string.h>

#include "common/base/text.h"
#include "common/engine/pass_private.h"

#define COUNT(rows) (int)(sizeof(rows) / sizeof((rows)[0]))

static const struct resource_type house = { .name = "toy.house" },
				  room = { .name = "toy.room" },
				  cat = { .name = "toy.cat", .recorded = true },
				  cats = { .name = "toy.cats",
					  .recorded = true },
				  door = { .name = "toy.door",
					  .exclusive = true };
static const struct resource_type *const types[] = { &house, &room, &cats, &cat,
	&door, NULL };

static const struct resource_type *
type_of(const char *name)
{
	size_t i = 0;

	while (strcmp(types[i]->name + 4, name) != 0)
		i++;
	return types[i];
}

/* A house, a room in it, and below that room what the row says. */
struct family {
	struct pass pass;
	struct node root, room, child;
};

/* child: a type; "-" before it: nobody desires it; NULL: there is none. */
static void
family_init(struct family *f, const char *tags, const char *child)
{
	static const struct resource wish;
	bool extra = child != NULL && child[0] == '-';

	*f = (struct family){ .pass.options.types = types };
	f->root = (struct node){ .pass = &f->pass,
		.type = &house,
		.want = &wish,
		.tags = packed_take(
		    js_pack("{s:s}", "convergd:children", tags)),
		.first_child = &f->room };
	f->room = (struct node){
		.type = &room, .want = &wish, .parent_node = &f->root
	};
	if (child == NULL)
		return;
	f->room.first_child = &f->child;
	f->child = (struct node){ .type = type_of(child + extra),
		.want = extra ? NULL : &wish,
		.parent_node = &f->room };
}

static const struct {
	const char *tags, *child, *want;
} records[] = {
	{ "", NULL, NULL }, { "", "cat", "toy.cat" }, { "", "-cat", NULL },
	{ "", "door", NULL },                      /* always looked for */
	{ "toy.cat", NULL, "toy.cat" },            /* it stays */
	{ "toy.cat", "cat", "toy.cat" },           /* and is not doubled */
	{ "toy.cat", "cats", "toy.cats toy.cat" }, /* in the types' order */
	{ "toy.cat toy.cats", NULL, "toy.cats toy.cat" },
	{ "toy.catsup", NULL, NULL },       /* whole words */
	{ "toy.dragon", "cat", "toy.cat" }, /* of another version */
};

START_TEST(children_are_recorded)
{
	json_auto_t *tags = json_object();
	struct family f;
	const char *have;

	family_init(&f, records[_i].tags, records[_i].child);
	pass_record_children(&f.root, tags);
	have = js_str(tags, "convergd:children");
	ck_assert_pstr_eq(have, records[_i].want);
	packed_free(f.root.tags);
}
END_TEST

static const struct {
	const char *tags, *type;
	bool want;
} looks[] = {
	{ "", "cat", false }, { "toy.cat", "cat", true },
	{ "toy.cats", "cat", false }, { "toy.cats toy.cat", "cat", true },
	{ "", "door", true },
	{ "toy.room", "room", false }, /* not of those that are recorded */
};

/* The tag is the root's, however deep the parent is. */
START_TEST(recorded_ones_are_exclusive)
{
	struct family f;
	const struct resource_type *type = type_of(looks[_i].type);

	family_init(&f, looks[_i].tags, NULL);
	ck_assert_int_eq(pass_is_exclusive(type, &f.root), looks[_i].want);
	ck_assert_int_eq(pass_is_exclusive(type, &f.room), looks[_i].want);
	packed_free(f.root.tags);
}
END_TEST

/* A root that was never observed has no tags. */
START_TEST(no_tags_no_children)
{
	struct node unseen = { .type = &house };

	ck_assert(!pass_is_exclusive(&cat, &unseen));
	ck_assert(pass_is_exclusive(&door, &unseen));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("pass_recorded");
	TCase *c = tcase_create("pass_recorded");
	SRunner *sr = srunner_create(s);
	int failed;

	suite_add_tcase(s, c);
	tcase_add_loop_test(c, children_are_recorded, 0, COUNT(records));
	tcase_add_loop_test(c, recorded_ones_are_exclusive, 0, COUNT(looks));
	tcase_add_test(c, no_tags_no_children);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
