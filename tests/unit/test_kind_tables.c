/* modules: the tables of every kind are whole in themselves. */

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

static int
count_modules(void)
{
	int n = 0;

	while (modules_registry.modules[n] != NULL)
		n++;
	return n;
}

/* ---- modules ---- */

/* The alternatives of a choice and the elements of a list may be clear
 * without a word. */
static void
field_is_whole(const char *kind, const struct field *f, bool inner)
{
	ck_assert_msg(inner || (f->help != NULL && *f->help != 0),
	    "%s: %s has no help", kind, f->name);
	ck_assert_msg(
	    f->max >= f->min || f->max == 0, "%s: %s: limits", kind, f->name);
	if (f->type == F_ENUM)
		ck_assert_msg(
		    f->values != NULL, "%s: %s: values", kind, f->name);
	if (f->type == F_OBJECT || f->type == F_MAP || f->type == F_LIST ||
	    f->type == F_CHOICE)
		ck_assert_msg(f->fields != NULL && f->fields->name != NULL,
		    "%s: %s: fields", kind, f->name);
	ck_assert_msg(!(f->flags & F_REQUIRED) || f->dflt == NULL,
	    "%s: %s is required and has a default", kind, f->name);
}

static bool
default_is_good(const struct field *f)
{
	int64_t n = 0;

	switch (f->type) {
	case F_ENUM:
		return words_has(f->values, f->dflt);
	case F_BOOL:
		return words_has("true false", f->dflt);
	case F_INT:
		n = strtoll(f->dflt, NULL, 10);
		break;
	case F_DURATION:
		if (!text_duration(f->dflt, &n))
			return false;
		break;
	case F_SIZE:
		if (!text_size(f->dflt, &n))
			return false;
		break;
	default:
		return true;
	}
	return n >= f->min && (f->max == 0 || n <= f->max);
}

static void
fields_are_whole(const char *kind, const struct field *f, bool inner, int depth)
{
	/* documents hold documents */
	for (; depth < 8 && f != NULL && f->name != NULL; f++) {
		field_is_whole(kind, f, inner);
		ck_assert_msg(f->dflt == NULL || default_is_good(f),
		    "%s: default of %s", kind, f->name);
		fields_are_whole(
		    kind, f->fields, f->type != F_OBJECT, depth + 1);
	}
}

START_TEST(fields_have_help_and_good_defaults)
{
	const struct module *m = modules_registry.modules[_i];

	ck_assert_msg(m->summary && m->page && m->folder, "%s", m->kind);
	fields_are_whole(m->kind, m->spec, false, 0);
}
END_TEST

/* Somewhere in the live state of some type, or a property. */
static bool
is_attribute(const char *name)
{
	for (int i = 0; i < count_types(); i++) {
		const struct resource_type *t = type_at(i);
		const struct call *calls[] = { &t->find, &t->read, &t->more[0],
			&t->create };
		auto_free char *item = mem_fmt(
		    "%s.%s", t->list.items ? t->list.items : "-", name);

		if (property_of(t, name) != NULL ||
		    (t->list.op != NULL &&
			aws_has_member(t->service, t->list.op, true, item)))
			return true;
		for (size_t c = 0; c < 4; c++) {
			auto_free char *in = mem_fmt("%s%s%s",
			    calls[c]->take ? calls[c]->take : "",
			    calls[c]->take ? "." : "", name);

			if (calls[c]->op != NULL &&
			    aws_has_member(t->service, calls[c]->op, true, in))
				return true;
		}
	}
	return false;
}

static bool
has_output(const struct module *m, const char *name)
{
	for (const struct output *o = m->outputs; o && o->name; o++)
		if (strcmp(o->name, name) == 0)
			return true;
	return false;
}

START_TEST(outputs_are_plausible)
{
	const struct module *m = modules_registry.modules[_i];

	ck_assert_msg(has_output(m, "arn"), "%s has no arn", m->kind);
	for (const struct output *o = m->outputs; o->name != NULL; o++) {
		ck_assert_msg(o->local && o->help, "%s: %s", m->kind, o->name);
		ck_assert_msg(strcmp(o->attribute, "@arn") == 0 ||
				  is_attribute(o->attribute),
		    "%s: %s: nothing has %s", m->kind, o->name, o->attribute);
	}
}
END_TEST

/* "arn arn+/index/""*" and "TABLE=name": words that name outputs. */
static void
names_outputs(const struct module *m, const char *words, char before, char stop)
{
	words_each (words, w, n) {
		const char *start = before ? memchr(w, before, n) : w;
		auto_free char *name = NULL;

		ck_assert_ptr_nonnull(start);
		start += before != 0;
		name = mem_strn(start, (size_t)(w + n - start));
		if (stop != 0)
			name[strcspn(name, (char[]){ stop, 0 })] = 0;
		ck_assert_msg(
		    has_output(m, name), "%s has no output %s", m->kind, name);
	}
}

START_TEST(connections_name_outputs)
{
	const struct module *m = modules_registry.modules[_i];
	const struct connection *c = m->connections;

	for (; c != NULL && c->access != NULL; c++) {
		ck_assert_msg(c->help != NULL, "%s: %s", m->kind, c->access);
		words_each (c->actions, w, n)
			ck_assert_msg(memchr(w, ':', n) != NULL, "%s: %.*s",
			    m->kind, (int)n, w);
		names_outputs(m, c->resources, 0, '+');
		names_outputs(m, c->environment, '=', 0);
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
	Suite *s = suite_create("kinds");
	TCase *modules = all("modules");
	int m = count_modules();
	SRunner *runner = srunner_create(s);
	int failed;

	tcase_add_loop_test(modules, fields_have_help_and_good_defaults, 0, m);
	tcase_add_loop_test(modules, outputs_are_plausible, 0, m);
	tcase_add_loop_test(modules, connections_name_outputs, 0, m);
	suite_add_tcase(s, modules);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
