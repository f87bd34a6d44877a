/* Connections: what `uses` of a manifest checks and becomes. See module.h. */

#include "common/base/text.h"
#include "common/manifest/unit.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- checking ---- */

static const struct connection *
find_connection(const struct module *module, const char *access)
{
	const struct connection *c = module->connections;

	for (; c != NULL && c->access != NULL; c++) {
		if (strcmp(c->access, access) == 0)
			return c;
	}
	return NULL;
}

/* "SqsQueue has no access `sned`; did you mean `send`?" */
static char *
why_no_access(const struct module *module, const char *access)
{
	const struct connection *c = module->connections;
	auto_buf struct buf words = BUF_INIT;
	struct nearest near = { 0 };

	for (; c != NULL && c->access != NULL; c++) {
		text_nearest(&near, access, c->access);
		buf_addf(&words, "%s%s", words.len > 0 ? ", " : "", c->access);
	}
	if (words.len == 0)
		return mem_fmt("%s offers no access to others", module->kind);
	if (near.best == NULL)
		return mem_fmt("%s has no access `%s`; there are: %s",
		    module->kind, access, words.data);
	return mem_fmt("%s has no access `%s`; did you mean `%s`? There are: "
		       "%s",
	    module->kind, access, near.best, words.data);
}

static void
use_error(struct manifest *m, size_t i, const char *member, const char *text)
{
	auto_free char *pointer = mem_fmt("/spec/uses/%zu/%s", i, member);

	errors_add(&m->unit->errors, m->doc->file, doc_place(m->doc, pointer),
	    "%s", text);
}

static void
use_check(struct manifest *m, size_t i, const json_t *use)
{
	const char *target = js_str(use, "target");
	const char *access = js_str(use, "access");
	auto_free char *unknown = NULL, *why = NULL;
	const struct manifest *to;

	if (text_starts(target, "arn:")) {
		use_error(m, i, "target",
		    "must be Kind/name of this architecture; for an ARN "
		    "write a statement in `policy`");
		return;
	}
	to = unit_find(m->unit, target, &unknown);
	if (to == NULL || find_connection(to->module, access) != NULL)
		return; /* an unknown one was reported by the check */
	why = why_no_access(to->module, access);
	use_error(m, i, "access", why);
}

/* Of a spec with errors, or a kind whose `uses` has another form, not. */
static bool
is_use(const json_t *use)
{
	return js_str(use, "target") != NULL && js_str(use, "access") != NULL;
}

/* ---- what they become ---- */

/* One `uses` entry with what it means; false when it is none. */
struct link {
	size_t index;
	const json_t *use;
	const struct manifest *target;
	const struct connection *connection;
};

static bool
link_of(struct manifest *m, size_t i, const json_t *use, struct link *ret)
{
	auto_free char *why = NULL;

	if (!is_use(use))
		return false;
	ret->index = i;
	ret->use = use;
	ret->target = unit_find(m->unit, js_str(use, "target"), &why);
	if (ret->target == NULL)
		return false;
	ret->connection = find_connection(
	    ret->target->module, js_str(use, "access"));
	return ret->connection != NULL;
}

/* An output of the target, for the place of this use. */
static json_t *
link_output(struct manifest *m, const struct link *l, const char *output)
{
	auto_free char *pointer = mem_fmt("/spec/uses/%zu/target", l->index);
	auto_free char *why = NULL;
	json_t *value = unit_output(m->unit, l->target->target, output,
	    m->doc->file, doc_place(m->doc, pointer), &why);

	must(value != NULL); /* the connection's table names the outputs */
	return value;
}

/* Of a policy's ARN nothing need exist yet: two may use each other. */
static bool
is_arn(const json_t *value)
{
	const char *attribute = js_text(js_at(js_get(value, "$ref"), 1));

	return attribute != NULL && strcmp(attribute, "@arn") == 0;
}

/* "arn", "arn+/index/""*" or "*". */
static json_t *
resource_of(
    struct manifest *m, const struct link *l, const char *word, size_t n)
{
	const char *plus = memchr(word, '+', n);
	size_t name = plus == NULL ? n : (size_t)(plus - word);
	auto_free char *output = mem_strn(word, name);
	json_t *value;

	if (strcmp(output, "*") == 0)
		return js_new_str("*");
	value = link_output(m, l, output);
	if (is_arn(value))
		value = expansion_weak(value);
	if (plus == NULL)
		return value;
	return js_pack(
	    "{s:[o, o]}", "$join", value, js_new_strn(plus + 1, n - name - 1));
}

static json_t *
statement_of(struct manifest *m, const struct link *l)
{
	json_t *actions = json_array(), *resources = json_array();

	words_each (l->connection->actions, w, n) {
		js_push(actions, js_new_strn(w, n));
	}
	words_each (l->connection->resources, w, n) {
		js_push(resources, resource_of(m, l, w, n));
	}
	return js_pack("{s:s, s:o, s:o}", "Effect", "Allow", "Action", actions,
	    "Resource", resources);
}

json_t *
expansion_uses_statements(struct expansion *x)
{
	struct manifest *m = x->private_;
	const json_t *uses = js_get(x->spec, "uses"), *use;
	json_t *statements = json_array();
	struct link l;
	size_t i;

	js_each (uses, i, use) {
		if (link_of(m, i, use, &l) && l.connection->actions != NULL)
			js_push(statements, statement_of(m, &l));
	}
	return statements;
}

/* orders-queue -> ORDERS_QUEUE */
static void
add_upper(struct buf *b, const char *name)
{
	for (; *name != 0; name++)
		buf_addc(b,
		    *name == '-' ? '_' : (char)toupper((unsigned char)*name));
}

/* NAME_SUFFIX of one "SUFFIX=output". */
static char *
variable_name(const struct link *l, const char *word, size_t suffix)
{
	const char *base = js_str(l->use, "env");
	auto_buf struct buf b = BUF_INIT;

	if (base != NULL)
		buf_adds(&b, base);
	else
		add_upper(&b, l->target->name);
	if (suffix > 0)
		buf_addc(&b, '_');
	buf_add(&b, word, suffix);
	return buf_take(&b);
}

/* Calls back with name and output of every variable of a use. */
static void
each_variable(struct manifest *m, const struct link *l,
    void (*each)(struct manifest *, const struct link *, const char *name,
	const char *output, json_t *into),
    json_t *into)
{
	const char *list = l->connection->environment;

	if (list == NULL || json_is_false(js_get(l->use, "env")))
		return;
	words_each (list, w, n) {
		const char *equals = memchr(w, '=', n);
		size_t suffix = equals == NULL ? n : (size_t)(equals - w);
		auto_free char *name = variable_name(l, w, suffix);
		auto_free char *output = NULL;

		must(equals != NULL);
		output = mem_strn(equals + 1, n - suffix - 1);
		each(m, l, name, output, into);
	}
}

/* The same name for another value is an error; for the same it is one. */
static void
check_variable(struct manifest *m, const struct link *l, const char *name,
    const char *output, json_t *seen)
{
	auto_free char *value = mem_fmt("%s.%s", l->target->target, output);
	auto_free char *why = NULL;
	const char *other = js_str(seen, name);

	if (other == NULL) {
		js_set_str(seen, name, value);
	} else if (strcmp(other, value) != 0) {
		why = mem_fmt("the environment variable %s is already %s; give "
			      "another name with `env`",
		    name, other);
		use_error(m, l->index, "target", why);
	}
}

static void
environment_check(struct manifest *m, const json_t *uses)
{
	const json_t *use;
	json_auto_t *seen = json_object();
	struct link l;
	size_t i;

	js_each (uses, i, use) {
		if (link_of(m, i, use, &l))
			each_variable(m, &l, check_variable, seen);
	}
}

void
uses_check(struct manifest *m, const json_t *uses)
{
	const json_t *use;
	size_t before = m->unit->errors.n, i;

	js_each (uses, i, use) {
		if (is_use(use))
			use_check(m, i, use);
	}
	if (m->unit->errors.n == before)
		environment_check(m, uses);
}

static void
set_variable(struct manifest *m, const struct link *l, const char *name,
    const char *output, json_t *environment)
{
	js_set(environment, name, link_output(m, l, output));
}

json_t *
expansion_uses_environment(struct expansion *x)
{
	struct manifest *m = x->private_;
	const json_t *uses = js_get(x->spec, "uses"), *use;
	json_t *environment = json_object();
	struct link l;
	size_t i;

	js_each (uses, i, use) {
		if (link_of(m, i, use, &l))
			each_variable(m, &l, set_variable, environment);
	}
	return environment;
}
