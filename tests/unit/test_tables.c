/* modules: every resource type is true to the API models and whole. */

#include <check.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/aws/aws.h"
#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/text.h"
#include "common/engine/template.h"
#include "common/manifest/module.h"
#include "modules/modules.h"
#include "tests/unit/types.h"

static void
is_json(const char *where, const char *text)
{
	json_auto_t *x = NULL;
	struct err err;

	if (text != NULL)
		ck_assert_msg(js_parse(text, strlen(text), &x, &err) == 0,
		    "%s: %s is no JSON", where, text);
}

/* ---- templates: keys of the outermost object ---- */

static void
next_key(const char **at, char *key, size_t size, int *depth)
{
	const char *p = *at;
	size_t n = 0;

	key[0] = 0;
	for (; *p != 0 && key[0] == 0; p++) {
		if (*p == '"')
			p = strchr(p + 1, '"');
		else if (strchr("{[", *p) != NULL)
			(*depth)++;
		else if (strchr("}]", *p) != NULL)
			(*depth)--;
		else if (*depth == 1 && (isalpha((unsigned char)*p)) &&
			 strchr("{, \t\n", p[-1]) != NULL) {
			n = strcspn(p, ": ,}");
			if (p[n] == ':' && n < size) {
				memcpy(key, p, n);
				key[n] = 0;
			}
			p += n - 1;
		}
	}
	*at = p;
}

static void
members_exist(const struct resource_type *t, const char *op, const char *input)
{
	char key[128];
	int depth = 0;

	if (input == NULL)
		return;
	do {
		next_key(&input, key, sizeof(key), &depth);
		ck_assert_msg(
		    key[0] == 0 || aws_has_member(t->service, op, false, key),
		    "%s: %s has no member %s", t->name, op, key);
	} while (key[0] != 0);
}

static const char specials[] =
    "parent all rest settable changes name value tags keys token artifact arn "
    "account region partition address architecture";

struct variables {
	const struct resource_type *type;
	const char *op;
};

/* A property, or something that the live state can have. */
static void
variable_known(void *arg, const char *name, size_t len)
{
	const struct variables *v = arg;
	const struct resource_type *t = v->type;
	auto_free char *head = mem_strn(name, strcspn(name, "."));
	bool live = false;
	const struct call *calls[] = { &t->find, &t->read, &t->create };

	if (len < strlen(head))
		head[len] = 0;
	if (words_has(specials, head) || property_of(t, head) != NULL)
		return;
	for (size_t i = 0; i < 3; i++) {
		auto_free char *in = mem_fmt("%s%s%s",
		    calls[i]->take ? calls[i]->take : "",
		    calls[i]->take ? "." : "", head);

		live |= calls[i]->op != NULL &&
			aws_has_member(t->service, calls[i]->op, true, in);
	}
	if (t->list.op != NULL && !live) {
		auto_free char *in = mem_fmt("%s.%s", t->list.items, head);

		live = aws_has_member(t->service, t->list.op, true, in) ||
		       (t->list.wrap && strcmp(t->list.wrap, head) == 0);
	}
	/* the only one that a hook adds */
	live |= strcmp(head, "PresentRole") == 0;
	ck_assert_msg(live, "%s: %s: nobody knows $%s", t->name, v->op, head);
}

static void
call_exists(const struct resource_type *t, const char *op, const char *input)
{
	struct variables v = { t, op };

	ck_assert_msg(aws_has_operation(t->service, op), "%s: no operation %s",
	    t->name, op);
	members_exist(t, op, input);
	if (input != NULL)
		template_variables(input, variable_known, &v);
}

static void
answer_exists(const struct resource_type *t, const char *op, const char *path)
{
	if (path != NULL)
		ck_assert_msg(aws_has_member(t->service, op, true, path),
		    "%s: the answer of %s has no %s", t->name, op, path);
}

/* Its variables are the type's, operation and members the service's. */
static void
check_call_of(const struct resource_type *t, const struct call *c)
{
	struct variables v = { t, c->op };

	ck_assert_msg(aws_has_operation(c->service, c->op) &&
			  aws_has_member(c->service, c->op, true, c->take),
	    "%s: no operation %s, or no %s", t->name, c->op, c->take);
	template_variables(c->input, variable_known, &v);
}

static void
check_call(const struct resource_type *t, const struct call *c)
{
	if (c->op == NULL)
		return;
	if (c->service != NULL) {
		check_call_of(t, c);
	} else {
		call_exists(t, c->op, c->input);
		answer_exists(t, c->op, c->take);
	}
	if (c->if_any != NULL)
		words_each (c->if_any, w, n) {
			auto_free char *name = mem_strn(w, n);

			ck_assert_msg(property_of(t, name) != NULL,
			    "%s: if_any %s is no property", t->name, name);
		}
}

static void
check_listing(const struct resource_type *t, const struct listing *l)
{
	if (l->op == NULL)
		return;
	call_exists(t, l->op, l->input);
	answer_exists(t, l->op, l->text ? l->text : l->items);
}

/* ---- types ---- */

START_TEST(calls_are_in_the_models)
{
	const struct resource_type *t = type_at(_i);
	const struct update *u = t->updates;

	ck_assert_ptr_nonnull(t->create.op);
	ck_assert_ptr_nonnull(t->remove.op);
	ck_assert(t->read.op != NULL || t->list.op != NULL);
	check_call(t, &t->find);
	check_call(t, &t->read);
	for (int i = 0; i < 4; i++)
		check_call(t, &t->more[i]);
	check_call(t, &t->create);
	check_call(t, &t->remove);
	for (; u != NULL && u->op != NULL; u++)
		call_exists(t, u->op, u->input);
	check_listing(t, &t->list);
	check_listing(t, &t->also);
}
END_TEST

/* Words of one that stand for those of the other. */
static size_t
count_words(const char *words)
{
	size_t all = 0;

	words_each (words, w, n)
		all++;
	return all;
}

START_TEST(listings_are_whole)
{
	const struct resource_type *t = type_at(_i);
	const struct listing *l = &t->list;

	ck_assert_msg(!t->also.op || (l->full && !t->parent),
	    "%s: only full lists of roots are joined", t->name);
	ck_assert_msg((l->wide != NULL) == (l->owner != NULL), "%s", t->name);
	if (l->wide == NULL)
		return;
	ck_assert_msg(t->parent != NULL && l->from > 1,
	    "%s: one list for many parents", t->name);
	answer_exists(t, l->wide, l->items);
	ck_assert_uint_eq(count_words(l->owner), count_words(l->owner_is));
	words_each (l->owner, w, n) {
		auto_free char *in = mem_fmt("%s.%.*s", l->items, (int)n, w);

		answer_exists(t, l->wide, in);
	}
}
END_TEST

/* Each of an array that a row before it has put there. */
START_TEST(parts_are_whole)
{
	const struct resource_type *t = type_at(_i);
	bool found = true;

	for (int i = 0; i < 4 && t->more[i].op != NULL; i++) {
		const struct call *c = &t->more[i];

		if (c->each == NULL)
			continue;
		found = i > 0 && t->more[i - 1].put != NULL &&
			strcmp(t->more[i - 1].put, c->each) == 0;
		ck_assert_msg(
		    found && c->put != NULL, "%s: %s", t->name, c->op);
		ck_assert(template_mentions(c->input, "value"));
	}
}
END_TEST

START_TEST(tags_are_whole)
{
	const struct resource_type *t = type_at(_i);

	if (t->tags.shape == TAGS_NONE)
		return;
	ck_assert_msg(t->tags.at != NULL || t->tags.list.op != NULL,
	    "%s: nobody reads the tags", t->name);
	ck_assert_ptr_nonnull(t->tags.add.op);
	ck_assert_ptr_nonnull(t->tags.remove.op);
	check_call(t, &t->tags.list);
	check_call(t, &t->tags.add);
	check_call(t, &t->tags.remove);
	ck_assert_msg(
	    !t->tags.on_create || template_mentions(t->create.input, "tags"),
	    "%s: the create call has no $tags", t->name);
	ck_assert_msg(!t->tags.indexed || t->arn != NULL,
	    "%s: the index goes by ARN", t->name);
}
END_TEST

/* A crash behind the create leaves what is ours with our tags, and a second
 * create finds the first, or the engine knows that it does not. */
START_TEST(creates_survive_crashes)
{
	const struct resource_type *t = type_at(_i);

	ck_assert_msg(t->tags.shape == TAGS_NONE || t->tags.on_create,
	    "%s: made without its tags", t->name);
	ck_assert_msg(strcmp(t->key, "@address") != 0 || t->doubles ||
			  template_mentions(t->create.input, "token"),
	    "%s: what keeps it from being made twice?", t->name);
}
END_TEST

START_TEST(names_are_whole)
{
	const struct resource_type *t = type_at(_i);

	ck_assert_ptr_nonnull(t->name);
	ck_assert_msg(t->page && text_starts(t->page, "https://docs.aws."),
	    "%s has no page", t->name);
	ck_assert_msg(t->label != NULL, "%s has no label", t->name);
	ck_assert_msg(t->key != NULL, "%s has no key", t->name);
	ck_assert_msg(text_starts(t->name, t->service) ||
			  strcmp(t->service, "cloudwatch") == 0,
	    "%s is of %s", t->name, t->service);
	for (int i = 0; i < _i; i++)
		ck_assert_str_ne(type_at(i)->name, t->name);
}
END_TEST

/* The answer of the read has it; GetFunction's within its configuration. */
static bool
is_answered(const struct resource_type *t, const char *path)
{
	const char *const below[] = { t->read.take, "Configuration" };

	for (size_t i = 0; i < 2; i++) {
		auto_free char *whole = mem_fmt("%s.%s", below[i], path);

		if (below[i] != NULL &&
		    aws_has_member(t->service, t->read.op, true, whole))
			return true;
	}
	return false;
}

START_TEST(others_parts_are_answered)
{
	const struct resource_type *t = type_at(_i);

	words_each (t->beside ? t->beside : "", w, n) {
		auto_buf struct buf path = BUF_INIT;

		for (size_t i = 0; i < n; i++)
			if (strchr("[]", w[i]) == NULL)
				buf_addc(&path, w[i]);
		ck_assert_msg(
		    is_answered(t, path.data), "%s: %s", t->name, path.data);
		path.data[strcspn(path.data, ".")] = '\0';
		ck_assert_msg(property_of(t, path.data) == NULL,
		    "%s: %s is managed", t->name, path.data);
	}
}
END_TEST

/* What is made later is deleted earlier: parents come first. */
START_TEST(parents_come_first)
{
	const struct resource_type *t = type_at(_i);
	bool found = t->parent == NULL;

	for (int i = 0; i < _i && !found; i++)
		found = strcmp(type_at(i)->name, t->parent) == 0;
	ck_assert_msg(found, "%s: %s is not before it", t->name, t->parent);
	ck_assert(t->parent != NULL || strcmp(t->key, "") != 0);
	ck_assert_msg((strcmp(t->key, "@address") == 0) == (t->id != NULL),
	    "%s: an id where a name is, or none where it is missing", t->name);
	ck_assert(t->parent != NULL || !t->exclusive);
}
END_TEST

static void
words_are_properties(const struct resource_type *t, const char *words)
{
	if (words == NULL || strcmp(words, "@address") == 0)
		return;
	words_each (words, w, n) {
		auto_free char *name = mem_strn(w, n);

		ck_assert_msg(property_of(t, name) != NULL,
		    "%s: %s is no property", t->name, name);
	}
}

START_TEST(words_are_known)
{
	const struct resource_type *t = type_at(_i);
	const struct update *u = t->updates;
	const struct state *s = t->states;

	words_are_properties(t, t->key);
	words_are_properties(t, t->drain);
	for (; u != NULL && u->op != NULL; u++)
		words_are_properties(t, u->of);
	for (; s != NULL && s->path != NULL; s++)
		ck_assert_msg(s->ready != NULL, "%s: %s", t->name, s->path);
	for (const struct property *p = t->properties; p->name; p++) {
		is_json(p->name, p->dflt);
		is_json(p->name, p->unset);
		if (p->risk == NULL || strcmp(p->risk, "more") != 0)
			is_json(p->name, p->risk);
	}
}
END_TEST

/* A property, or what every template knows of the place. */
static void
place_known(void *arg, const char *name, size_t len)
{
	const struct resource_type *t = arg;
	auto_free char *head = mem_strn(name, strcspn(name, "."));

	if (len < strlen(head))
		head[len] = 0;
	ck_assert_msg(words_has("account region partition", head) ||
			  property_of(t, head) != NULL,
	    "%s: a permission on $%s", t->name, head);
}

START_TEST(permissions_are_whole)
{
	const struct resource_type *t = type_at(_i);
	const struct permission *p = t->permissions;

	for (; p != NULL && p->actions != NULL; p++) {
		words_each (p->actions, w, n) {
			const char *colon = memchr(w, ':', n);

			ck_assert_msg(
			    colon != NULL && colon > w && colon + 1 < w + n,
			    "%s: %s", t->name, p->actions);
		}
		words_are_properties(t, p->if_any);
		ck_assert_msg((p->key != NULL) == (p->value != NULL),
		    "%s: half a condition", t->name);
		if (p->on != NULL)
			template_variables(p->on, place_known, (void *)t);
	}
}
END_TEST

static bool
has_row_for(const struct resource_type *t, const char *property)
{
	const struct update *u = t->updates;

	for (; u != NULL && u->op != NULL; u++)
		if (u->of == NULL || words_has(u->of, property))
			return true;
	return false;
}

#define NEVER_UPDATED (P_FIXED | P_WRITE_ONLY | P_HANDED_OVER)

/* A difference that no call can remove would be found again for ever. */
START_TEST(every_property_can_be_changed)
{
	const struct resource_type *t = type_at(_i);

	for (const struct property *p = t->properties; p->name; p++)
		ck_assert_msg(
		    (p->flags & NEVER_UPDATED) || has_row_for(t, p->name),
		    "%s: no update for %s", t->name, p->name);
}
END_TEST

static bool
is_sent_at_creation(const struct resource_type *t, const struct property *p)
{
	const char *in = t->create.input;

	return template_mentions(in, p->name) || template_mentions(in, "all") ||
	       template_mentions(in, "rest") || has_row_for(t, p->name);
}

START_TEST(every_property_is_sent)
{
	const struct resource_type *t = type_at(_i);
	bool spread = strstr(t->create.input, "...$all") != NULL;

	for (const struct property *p = t->properties; p->name; p++) {
		ck_assert_msg((p->flags & P_OURS) || is_sent_at_creation(t, p),
		    "%s: nobody sends %s", t->name, p->name);
		if (spread && !(p->flags & P_OURS))
			ck_assert_msg(aws_has_member(t->service, t->create.op,
					  false, p->name),
			    "%s: %s has no %s", t->name, t->create.op, p->name);
	}
}
END_TEST

/* Rows that spread $changes: their operation knows each of them. */
START_TEST(changes_are_members)
{
	const struct resource_type *t = type_at(_i);
	const struct update *u = t->updates;

	for (; u != NULL && u->op != NULL; u++) {
		int depth = 0;
		char key[128];
		const char *in = u->input;

		if (strstr(in, "...$changes") == NULL)
			continue;
		next_key(&in, key, sizeof(key), &depth);
		for (const struct property *p = t->properties; p->name; p++)
			if (!(p->flags & (NEVER_UPDATED | P_OURS)) &&
			    (u->of == NULL || words_has(u->of, p->name)) &&
			    strstr(u->input, "Attributes: {") == NULL &&
			    aws_has_member(t->service, u->op, false, p->name) ==
				false)
				for (const struct update *v = t->updates;;
				     v++) {
					ck_assert_msg(v->op != NULL,
					    "%s: %s has no %s", t->name, u->op,
					    p->name);
					if (v != u && v->of != NULL &&
					    words_has(v->of, p->name))
						break;
				}
	}
}
END_TEST

static TCase *
all(const char *name)
{
	TCase *tc = tcase_create(name);

	tcase_set_timeout(tc, 30);
	return tc;
}

int
main(void)
{
	Suite *s = suite_create("tables");
	TCase *types = all("types");
	int n = count_types();
	SRunner *runner = srunner_create(s);
	int failed;

	tcase_add_loop_test(types, calls_are_in_the_models, 0, n);
	tcase_add_loop_test(types, listings_are_whole, 0, n);
	tcase_add_loop_test(types, parts_are_whole, 0, n);
	tcase_add_loop_test(types, tags_are_whole, 0, n);
	tcase_add_loop_test(types, names_are_whole, 0, n);
	tcase_add_loop_test(types, creates_survive_crashes, 0, n);
	tcase_add_loop_test(types, others_parts_are_answered, 0, n);
	tcase_add_loop_test(types, parents_come_first, 0, n);
	tcase_add_loop_test(types, words_are_known, 0, n);
	tcase_add_loop_test(types, permissions_are_whole, 0, n);
	tcase_add_loop_test(types, every_property_can_be_changed, 0, n);
	tcase_add_loop_test(types, every_property_is_sent, 0, n);
	tcase_add_loop_test(types, changes_are_members, 0, n);
	suite_add_tcase(s, types);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
